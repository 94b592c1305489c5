"""What the sample API answers: one request in, one answer out; knows nothing of sockets.

It follows the vendor's public manual: three key headers, filters as path pairs, lists of fields,
dictionaries, counts by dimension, extension databases, bare JSON strings for errors. Where the manual is
silent (the shape of an answer, an unknown filter) it does what is plainest.
"""

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo import api_spoil
from demo.api_faults import (
    ANSWERS,
    BODIES,
    BUSY,
    CONTENT,
    HOLDS,
    LISTS,
    REFUSALS,
    RETRY_AFTER,
    ApiFault,
    Switchboard,
)
from demo.api_fields import LISTS as LISTED
from demo.api_keys import HEADERS, ApiKeys
from demo.api_paths import Asked, NotUnderstood, read_address
from demo.api_world import TREE_ROOT, Dictionary, Record, System, system
from demo.shelf import Shelf
from demo.words import TITLES

JSON = "application/json"
BY_PATH = {listed.path: listed for listed in LISTED}
SHOWN_UNASKED = 6


@dataclass(frozen=True)
class Answer:
    """One answer; `trouble` names the faults that the socket is to play."""

    body: bytes = field(repr=False)
    status: int = 200
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    trouble: tuple[str, ...] = ()
    source: str = ""


def said(value: Any, status: int = 200, **more: Any) -> Answer:
    """Return the value as JSON; an error is a bare string."""
    return Answer(json.dumps(value).encode(), status, **more)


class ApiDesk:
    """The answers of every charity's system; the Org key tells which."""

    def __init__(self, keys: Mapping[str, ApiKeys], shelf: Shelf, faults: Switchboard) -> None:
        self._keys, self._shelf, self._faults = dict(keys), shelf, faults
        self._systems: dict[str, tuple[object, System]] = {}
        self._earlier: dict[str, System] = {}
        self.asked: list[str] = []

    def answer(self, method: str, address: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer, faults that are switched on included."""
        self.asked.append(f"{method} {address}")
        source = self._system_of(headers)
        if source is None:
            return self._refused("key_wrong")
        try:
            asked = read_address(address, frozenset(BY_PATH))
        except NotUnderstood as error:
            return said(str(error), 400)
        place = _place(asked)
        struck = self._faults.take(source, place, ANSWERS)
        if struck:
            return self._played(struck[0], source, address)
        if method != "GET":
            return said("This key may only read", 405)
        try:
            answer = self._read(asked, source, place)
        except NotUnderstood as error:
            return said(str(error), 400)
        trouble = tuple(fault.name for fault in self._faults.take(source, place, BODIES))
        return Answer(
            api_spoil.body(answer.body, trouble), answer.status, answer.kind, answer.headers, trouble, source
        )

    def rotate(self, source: str) -> None:
        """Give the system's user a new key, as un-ticking and ticking a third party again does."""
        known = self._keys[source]
        self._keys[source] = ApiKeys(known.source, known.org, secrets.token_urlsafe(24))

    def give_back(self, source: str, keys: ApiKeys) -> None:
        """Let these keys be the system's again."""
        self._keys[source] = keys

    def as_at(self, source: str) -> str:
        """Return the instant the system's data are of."""
        return self._now(source or next(iter(self._keys))).as_at

    def _system_of(self, headers: Mapping[str, str]) -> str | None:
        given = [headers.get(name, "") for name in HEADERS]
        for source, keys in self._keys.items():
            wanted = list(keys.headers().values())
            if all(secrets.compare_digest(*pair) for pair in zip(given, wanted, strict=True)):
                return source
        return None

    def _refused(self, name: str) -> Answer:
        return said(REFUSALS[name], 401, headers={"WWW-Authenticate": "API-Key"})

    def _played(self, fault: ApiFault, source: str, address: str) -> Answer:
        name = fault.name
        if name == "redirect_loop":
            return Answer(b"", 302, headers={"Location": address})
        if name in REFUSALS:
            return self._refused(name)
        if name == "key_rotated":
            self.rotate(source)
            return self._refused("key_wrong")
        if name in BUSY:
            status, how = BUSY[name]
            after = (
                {
                    "Retry-After": api_spoil.a_second_after(self.as_at(source))
                    if how == "date"
                    else RETRY_AFTER[how]
                }
                if how
                else {}
            )
            return said("Too many requests" if status == 429 else "Unavailable", status, headers=after)
        spoilt: Answer = api_spoil.ANSWER[name](Answer)
        return spoilt

    def _now(self, source: str) -> System:
        mark = self._shelf.mark(source)
        known = self._systems.get(source)
        if known is None or known[0] != mark:
            if known is not None:
                self._earlier[source] = known[1]
            before = known[1] if known is not None else None
            self._systems[source] = known = (mark, system(self._shelf, source, before))
        return known[1]

    def _read(self, asked: Asked, source: str, place: str) -> Answer:
        now = self._now(source)
        if place == "configuration":
            return said({"name": TITLES[source], "version": "sample"})
        path = asked.path.removeprefix("dictionary").strip("/") if place == "dictionary" else ""
        changed = self._faults.take(source, place, LISTS, path)
        if place == "dictionary":
            return said(self._dictionary(path, now, changed))
        if place == "fields":
            return said(self._fields(asked.path, changed))
        if asked.path not in BY_PATH:
            raise NotUnderstood("Not found")
        if place == "counts":
            return self._counts(asked, now, changed, source)
        return self._records(asked, now, source)

    def _records(self, asked: Asked, now: System, source: str) -> Answer:
        faults = self._faults.take(source, asked.path, CONTENT)
        if any(fault.name == "stale_answer" for fault in faults):
            now = self._earlier.get(source, now)
        listed = BY_PATH[asked.path]
        names = asked.chosen or listed.names[:SHOWN_UNASKED]
        unknown = [name for name in names if name not in listed.names]
        if unknown:
            raise NotUnderstood("Unknown field")
        rows = self._chosen(asked, now, faults)
        shown = [{name: row[name] for name in names} for row in rows]
        for each in listed.fields:
            if each.dictionary and each.name in names and asked.resolved & {each.name, "ALL"}:
                _resolve(shown, each.name, now.dictionaries[each.dictionary])
        headers = {"Date": api_spoil.http_date(now.as_at)}
        return Answer(json.dumps(api_spoil.content(shown, faults)).encode(), headers=headers)

    def _chosen(self, asked: Asked, now: System, faults: list[ApiFault]) -> list[Record]:
        """Return the records that the account may see and that every filter lets through."""
        rows = api_spoil.holds(now.records[asked.path], asked.path, faults)
        for name, value in asked.filters:
            rows = _filtered(rows, asked.path, name, value, now)
        return rows

    def _counts(self, asked: Asked, now: System, changed: list[ApiFault], source: str) -> Answer:
        if any(fault.name == "no_counts" for fault in changed):
            raise NotUnderstood("Not found")
        if asked.dimension not in BY_PATH[asked.path].names:
            raise NotUnderstood("Unknown dimension")
        holds = [fault for fault in self._faults.faults if fault.name in HOLDS]
        holds = [fault for fault in holds if fault.strikes(source, asked.path)]
        counted = Counter(row[asked.dimension] for row in self._chosen(asked, now, holds))
        if any(fault.name == "low_count" for fault in changed):
            counted = Counter(dict(list(counted.items())[1:]))
        more = 7 if any(fault.name == "wrong_count" for fault in changed) else 0
        rows = [{asked.dimension: value, "count": number} for value, number in counted.items()]
        return said([*rows, {asked.dimension: 0, "count": more}] if more else rows)

    def _fields(self, path: str, changed: list[ApiFault]) -> list[str]:
        name, _, which = path.rpartition("/")
        listed = BY_PATH[name]
        if which == "metrics":
            return [each.name for each in listed.fields if each.dictionary]
        if which == "filterable_fields":
            return [*listed.names, "date", "date_active"] if listed.by_day else list(listed.names)
        hidden = {fault.about for fault in changed if fault.name == "field_hidden"}
        more = [] if name.startswith("extension_database/") else ["website_photo_consent"]
        return [each for each in (*listed.names, *more) if each not in hidden]

    def _dictionary(self, path: str, now: System, changed: list[ApiFault]) -> Any:
        if not path:
            return {name: options.names() for name, options in now.dictionaries.items()}
        if path == "classification_codes_groups":
            return {"1": "Advice and needs"}
        if path not in now.dictionaries:
            raise NotUnderstood("Not found")
        options = now.dictionaries[path]
        if path.startswith("classification_codes_tree/"):
            return _tree(options)
        return api_spoil.options(options.names(), changed)


def _place(asked: Asked) -> str:
    first, _, rest = asked.path.partition("/")
    if first == "dictionary":
        return "dictionary"
    if asked.path == "business/configuration":
        return "configuration"
    if rest.rpartition("/")[2] in {"selectable_fields", "filterable_fields", "metrics"}:
        return "fields"
    return "counts" if asked.dimension else asked.path


def _filtered(rows: list[Record], path: str, name: str, value: str, now: System) -> list[Record]:
    """Return the records that one filter lets through: values joined by `;`, a range of days by `,`."""
    listed = BY_PATH[path]
    if name in {"date", "date_active"} and listed.by_day:
        first, _, last = value.partition(",")
        days = [(row, row[listed.by_day[0]][:10]) for row in rows]
        active = _active(now, first, last) if name == "date_active" and path == "referrals" else set()
        return [row for row, day in days if first <= day <= (last or first) or row["id"] in active]
    if name not in listed.names:
        raise NotUnderstood("Unknown filter")
    wanted = set(value.split(";"))
    return [row for row in rows if str(row[name]) in wanted]


def _active(now: System, first: str, last: str) -> set[int]:
    """Return the referrals with a contact in the range."""
    contacts = now.records["done_contacts"]
    return {row["referral"] for row in contacts if first <= row["start_date"][:10] <= last}


def _resolve(rows: list[Record], name: str, options: Dictionary) -> None:
    words = {number: word for word, number in options.numbers.items()}
    for row in rows:
        if isinstance(row[name], int):
            row[name] = words[row[name]]


def _tree(options: Dictionary) -> list[dict[str, Any]]:
    """Return the codes as a tree: ECON.DEBT is below ECON."""
    branches: dict[str, list[dict[str, Any]]] = {}
    for word, number in options.numbers.items():
        branches.setdefault(word.split(".", maxsplit=1)[0], []).append(
            {"id": TREE_ROOT + number, "name": word}
        )
    return [
        {"id": number, "name": name, "children": children}
        for number, (name, children) in enumerate(branches.items(), start=1)
    ]
