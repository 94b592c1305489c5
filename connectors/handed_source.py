"""A provider's exports as files that are handed over: which file is which export, received like any other.

A file is an export by the name that the source's file declares for it, or by EXPORT.csv; else by its header,
where the columns of one mapping alone are in it. Not every export need be there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from config.settings import LaidDown, SourceSettings
from connectors.errors import NotTheExport
from connectors.folder import pattern_of
from connectors.handed import ASK_ANEW, Handed
from connectors.opening import read_opening
from connectors.reception import Reception
from connectors.registry import ceilings, file_layout
from connectors.settings import Layout
from connectors.source import Export, Snapshot
from connectors.spool import Spool

ENDINGS = (".csv", ".xlsx")
NO_NAME = "not known by the name of the file"


class ExportNotKnown(NotTheExport):
    """A file is by its name and by its header none of the source's exports, or may be several."""

    code = "E398"
    title = "It is not clear which export a file is."
    remedy = "Name it after its export, as in people.csv, or take the extract again, and type it once more."


class ExportHandedTwice(NotTheExport):
    """Two files are the same export; which of them is meant, nobody has said."""

    code = "E399"
    title = "Two of the files are the same export."
    remedy = ASK_ANEW


@dataclass(frozen=True)
class Columns:
    """What a mapping says of the header of its export: the columns it reads, and those it passes over."""

    read: tuple[str, ...]
    ignored: tuple[str, ...] = ()


@dataclass
class HandedSource:
    """A source of which somebody hands the exports over.

    passed_over: names of files of a folder or an archive that are no export.
    """

    declared: SourceSettings = field(repr=False)
    files: Sequence[Handed] = field(repr=False)
    columns: Mapping[str, Columns] = field(repr=False)
    passed_over: list[str] = field(default_factory=list)

    def pull(self, spool: Spool) -> Snapshot:
        """Return the exports that were handed over, by the time of the oldest file.

        Errors: ExportNotKnown, ExportHandedTwice, HandedUnreadable; NotTheExport and its kinds.
        """
        found: dict[str, Export] = {}
        written = []
        for file in self.files:
            received = self._received(file, spool)
            if received is None:
                self.passed_over.append(file.name)
                continue
            if received.name in found:
                raise ExportHandedTwice(f"source {self.declared.name}: {file.name} is {received.name} again.")
            found[received.name] = received
            written.append(file.written_at)
        if not found:
            raise self._unknown("what was named holds no export.")
        return Snapshot(self.declared.name, min(written), found, complete=len(found) == len(self.columns))

    def _received(self, file: Handed, spool: Spool) -> Export | None:
        """Return the file as its export; None for a file of a folder that is none."""
        named = self._by_name(file.name)
        if named is not None:
            return self._receive(named, file, spool)
        whole = self._tried(file, spool)
        found = self._by_header(whole) if whole is not None else []
        if whole is not None and len(found) == 1:
            return replace(whole, name=found[0])
        if found:
            raise ExportNotKnown(f"{file.name}: by its header it may be {' or '.join(found)}.")
        if file.named:
            raise self._unknown(f"{file.name}: neither its name nor its header is that of an export.")
        if whole is not None:
            whole.body.discard()
        return None

    def _tried(self, file: Handed, spool: Spool) -> Export | None:
        """Return the file received under no export's name; None for one of a folder that cannot be."""
        try:
            return self._receive(NO_NAME, file, spool)
        except NotTheExport:
            if file.named:
                raise
        return None

    def _unknown(self, where: str) -> ExportNotKnown:
        names = "; ".join(f"{export} ({self._pattern(export)})" for export in self.columns)
        return ExportNotKnown(f"source {self.declared.name}, {where} Expected: {names}.")

    def _pattern(self, export: str) -> str:
        """Return the file name that is declared for the export, or EXPORT.csv."""
        patterns = getattr(self.declared, "files", {})
        return str(patterns.get(export, f"{export}{ENDINGS[0]}"))

    def _by_name(self, name: str) -> str | None:
        for export in self.columns:
            if name.casefold() in {f"{export}{ending}" for ending in ENDINGS}:
                return export
        fitting = [export for export in self.columns if pattern_of(self._pattern(export)).fullmatch(name)]
        return fitting[0] if len(fitting) == 1 else None

    def _by_header(self, export: Export) -> list[str]:
        """Return the exports whose columns are all in the header; of several those that know most of it."""
        unknown = dict(self._unknown_columns(export))
        fewest = min(unknown.values(), default=0)
        return [name for name, count in unknown.items() if count == fewest]

    def _unknown_columns(self, export: Export) -> Iterator[tuple[str, int]]:
        """Yield each export that the file may be, and how many columns of its header are not known there."""
        for name, columns in self.columns.items():
            known = {*columns.read, *columns.ignored}
            try:
                header = read_opening(export, list(columns.read), known).header
            except NotTheExport:
                continue
            yield name, len({*header} - known)

    def _receive(self, export: str, file: Handed, spool: Spool) -> Export:
        layout, most = layout_of(self.declared), ceilings(self.declared.limits)
        with Reception(self.declared.name, export, spool, layout, most) as reception:
            for piece in file.pieces():
                reception.take(piece)
            return reception.close()


def layout_of(declared: SourceSettings) -> Layout:
    """Return how a file of the source is read: as its connector reads what it pulls."""
    if isinstance(declared, LaidDown):
        return file_layout(declared.layout, declared.encoding)
    return Layout((declared.encoding,))
