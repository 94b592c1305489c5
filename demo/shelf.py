"""The extracts that the portal can give: read from a folder each time they change, or held in memory."""

import csv
import io
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

from demo.sample import ABOUT, EXTRACTED_AT, Sample, csv_text
from demo.words import EXPORTS


@dataclass(frozen=True)
class Extract:
    """One saved extract: its bytes, how many rows it has, and the instant its data are as at."""

    export: str
    body: bytes = field(repr=False)
    rows: int
    as_at: str


class Shelf(ABC):
    """Where the portal takes its extracts from."""

    @abstractmethod
    def extract(self, source: str, export: str) -> Extract:
        """Return the extract of the system as it is now."""

    def mark(self, source: str) -> object:
        """Return what differs as soon as the system's extracts do."""
        return [(extract.body, extract.as_at) for extract in self.extracts(source)]

    def extracts(self, source: str) -> list[Extract]:
        """Return every extract of the system, in the order of the list."""
        return [self.extract(source, export) for export in EXPORTS]


class SampleShelf(Shelf):
    """Extracts of a sample, held in memory and never written anywhere."""

    def __init__(self, sample: Sample) -> None:
        as_at = sample.extracted_at.isoformat()
        self._extracts = {
            (source, export): Extract(export, csv_text(export, rows).encode(), len(rows), as_at)
            for source, tables in sample.sources.items()
            for export, rows in tables.items()
        }

    def extract(self, source: str, export: str) -> Extract:
        """Return the extract of the system."""
        return self._extracts[source, export]


class FolderShelf(Shelf):
    """Extracts of a folder, FOLDER/SOURCE/EXPORT.csv, read anew whenever a file has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[tuple[int, int], Extract]] = {}

    def extract(self, source: str, export: str) -> Extract:
        """Return the extract of the system as the folder has it now."""
        path = self._folder / source / f"{export}.csv"
        state = path.stat()
        stamp = (state.st_mtime_ns, state.st_size)
        known = self._read.get(path)
        if known is None or known[0] != stamp:
            body = path.read_bytes()
            known = (stamp, Extract(export, body, count_rows(body), ""))
            self._read[path] = known
        return Extract(export, known[1].body, known[1].rows, self._as_at())

    def _as_at(self) -> str:
        about = self._folder / ABOUT
        if not about.exists():
            return EXTRACTED_AT.isoformat()
        return str(json.loads(about.read_text(encoding="utf-8"))["data_as_at"])


def count_rows(body: bytes) -> int:
    """Return how many rows the export has below its header; a line end within quotes starts no row."""
    return max(0, sum(1 for _ in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))) - 1)
