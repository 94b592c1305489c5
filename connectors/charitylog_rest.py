"""A Charitylog-style REST API, version 2: lists of records by three keys, read only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from connectors.errors import SourceChanged
from connectors.folder import DropFolder
from connectors.rest_errors import FieldNotOffered, ListNotOffered, ListNotRead
from connectors.rest_lists import read_names, read_words
from connectors.rest_parts import of_people, people_since, rows_of, scopes_of, since_when
from connectors.rest_reading import Asked, Reading
from connectors.rest_settings import Request, RestSettings
from connectors.rest_visit import Visit
from connectors.source import Earlier, Export, Snapshot
from connectors.spool import Spool
from connectors.visibility import Visibility

CONFIGURATION = "business/configuration"
Words = dict[str, dict[str, str]]
Names = dict[str, tuple[str, ...]]


NEVER = Earlier()


@dataclass(frozen=True)
class Tonight:
    """The source's own day, and the ids of the clients who are read; None for everybody."""

    today: date
    people: list[str] | None


class CharitylogRest:
    """A source that reads the lists of an API, and what the API does not give from a folder."""

    def __init__(self, settings: RestSettings, earlier: Earlier = NEVER) -> None:
        self._settings, self._earlier = settings, earlier
        self.name = settings.name
        self._files = DropFolder(settings.files) if settings.files is not None else None

    def check(self) -> None:
        """See that the keys are good and that every list and field is offered; move nothing."""
        visit = Visit(self._settings)
        try:
            visit.ask(CONFIGURATION, "its configuration")
            self._offered(visit, list(self._settings.requests))
            self._dictionaries(visit, list(self._settings.requests))
        finally:
            visit.leave()
        if self._files is not None:
            self._files.check()

    def pull(self, spool: Spool, exports: Sequence[str]) -> Snapshot:
        """Return the exports asked for, received whole into the spool.

        Errors: SourceUnavailable (exit 20), CredentialsRefused (21), NotTheExport (22), and their kinds;
        SourceChanged if fields or options are not the same after the last record as before the first.
        """
        asked = [export for export in exports if export in self._settings.requests]
        beside = [export for export in exports if export not in self._settings.requests]
        files = self._files.pull(spool, beside).exports if self._files is not None and beside else {}
        visit = Visit(self._settings)
        try:
            visit.ask(CONFIGURATION, "its configuration")
            names, words = self._offered(visit, asked), self._dictionaries(visit, asked)
            tonight = self._tonight(visit)
            received = {export: self._read(visit, export, words, tonight, spool) for export in asked}
            if (self._offered(visit, asked), self._dictionaries(visit, asked)) != (names, words):
                raise SourceChanged(f"source {self.name}: its fields or options.")
            visit.refuse_stale()
        finally:
            visit.leave()
        together = {**received, **{name: self._of(tonight, export, spool) for name, export in files.items()}}
        ordered = {export: together[export] for export in exports}
        seen, complete = self._visibility(names, words), tonight.people is None
        return Snapshot(self.name, visit.extracted_at, ordered, seen, complete)

    def _tonight(self, visit: Visit) -> Tonight:
        """Return the source's day, and the clients who are read tonight if not everybody is."""
        today = visit.extracted_at.date()
        since = since_when(self._settings, self._earlier, today)
        return Tonight(today, None if since is None else people_since(visit, self._settings, since))

    def _read(self, visit: Visit, export: str, words: Words, tonight: Tonight, spool: Spool) -> Export:
        request = self._settings.requests[export]
        theirs = {field: words[path] for field, path in request.dictionaries.items()}
        asked = Asked(self.name, export, request, theirs, tonight.today)
        if tonight.people is not None:
            asked = replace(asked, request=of_people(request), scopes=scopes_of(request, tonight.people))
        return Reading(visit, asked, spool, self._settings.limits.ceilings).export()

    def _of(self, tonight: Tonight, export: Export, spool: Spool) -> Export:
        """Return a file's export, only what is about tonight's clients where the file is about clients."""
        owners = self._settings.owners.get(export.name)
        if tonight.people is None or not owners:
            return export
        return rows_of(export, owners, tonight.people, spool, self._settings.limits.ceilings)

    def _offered(self, visit: Visit, exports: Iterable[str]) -> Names:
        """Return the fields that the account may select, per list. Errors: FieldNotOffered."""
        found: Names = {}
        for export in exports:
            request = self._settings.requests[export]
            if request.path not in found:
                found[request.path] = self._selectable(visit, export, request)
            lacking = [name for name in request.fields if name not in found[request.path]]
            if lacking:
                raise FieldNotOffered(f"source {self.name}, export {export}: {', '.join(lacking)}.")
        return found

    def _selectable(self, visit: Visit, export: str, request: Request) -> tuple[str, ...]:
        """Return the fields of a list; an extension database does not tell them, its records must."""
        step = f"export {export}, its fields"
        try:
            said = visit.ask(f"{request.path}/selectable_fields", step)
        except ListNotOffered:
            if not request.path.startswith("extension_database/"):
                raise
            return request.fields
        names = read_names(said)
        if names is None:
            raise ListNotRead(f"{visit.place(step)}.")
        return tuple(sorted(names))

    def _dictionaries(self, visit: Visit, exports: Iterable[str]) -> Words:
        """Return the words of every dictionary that these exports need, by id. Errors: ListNotRead."""
        wanted = {
            path for export in exports for path in self._settings.requests[export].dictionaries.values()
        }
        wanted |= {path for path in (self._settings.projects, self._settings.branches) if path is not None}
        found: Words = {}
        for path in sorted(wanted):
            said: Any = visit.ask(f"dictionary/{path}", f"dictionary {path}")
            words = read_words(said)
            if words is None:
                raise ListNotRead(f"source {self.name}, dictionary {path}.")
            found[path] = words
        return found

    def _visibility(self, names: Names, words: Words) -> Visibility:
        """Return what the account can see, as the API itself lists it."""
        projects, branches = self._settings.projects, self._settings.branches
        listed = {
            path: tuple(f"{number} {word}" for number, word in said.items()) for path, said in words.items()
        }
        seen: dict[str, Names] = {"fields": names, "dictionary": listed}
        seen["projects"] = {projects: listed[projects]} if projects is not None else {}
        seen["branches"] = {branches: listed[branches]} if branches is not None else {}
        return Visibility(seen)
