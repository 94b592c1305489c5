"""The rows of docs/reliability.md: what each fault does, committed beside the tests that see it happen.

A test that plays a fault says what it saw; the book compares that with the row that is committed. With
VIADUCT_ROWS=write (`make reliability`) the book is written anew from what was seen instead.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

FOLDER = Path(__file__).parent / "rows"
WRITE = "VIADUCT_ROWS"
Access = Literal["portal", "rest", "folder", "machine", "postgresql", "landing", "blob", "batch"]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Row:
    """What one fault at one place led to.

    fault, place:    in plain words, never a value, a path or anything that differs from run to run.
    exit_code:       of the run; None where the process was killed and has none.
    error_code:      of the refusal; of a batch, the reason in the council's answer; None where it was borne.
    unchanged:       warehouse, disclosure log, memory and landing zone hold what they held before of this
                     source; False where the fault was borne and the night went on as any other.
    note:            what else the reader should know, in a few words.
    """

    fault: str
    access: Access
    place: str
    exit_code: int | None
    error_code: str | None
    unchanged: bool
    note: str = ""

    @property
    def key(self) -> Key:
        """Return what there may be only one row of in a book."""
        return self.access, self.fault, self.place


@dataclass
class RowBook:
    """The rows of one test module, tests/reliability/rows/NAME.json; a context manager, one a module.

    Every test calls `saw`; one test of the module compares `keys` with the cases that the module plays, so
    that no row outlives its case.
    """

    name: str
    _seen: dict[Key, Row] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if writing() and self._seen:
            write(self.name, self._seen.values())

    def saw(self, row: Row) -> None:
        """Compare what was seen with the committed row; writing, keep it for the new book."""
        assert row.key not in self._seen or self._seen[row.key] == row, f"two rows differ for {row.key}"
        self._seen[row.key] = row
        if not writing():
            assert committed(self.name).get(row.key) == row, f"{row}: `make reliability` if this is right"

    def keys(self) -> set[Key]:
        """Return the keys of the committed rows; writing, of those seen so far."""
        return set(self._seen if writing() else committed(self.name))


def writing() -> bool:
    """Return whether rows are written rather than compared."""
    return os.environ.get(WRITE) == "write"


def committed(name: str) -> dict[Key, Row]:
    """Return the committed rows of a book; none where there is no book yet."""
    path = FOLDER / f"{name}.json"
    rows = [Row(**said) for said in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []
    return {row.key: row for row in rows}


def write(name: str, rows: Iterable[Row]) -> None:
    """Write a book, one row a line, in the order of the keys."""
    lines = [json.dumps(asdict(row), ensure_ascii=False) for row in sorted(rows, key=lambda row: row.key)]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8", newline="\n")


def every_row() -> list[Row]:
    """Return the rows of every book, by access, fault and place."""
    books = [committed(path.stem) for path in sorted(FOLDER.glob("*.json"))]
    return sorted((row for book in books for row in book.values()), key=lambda row: row.key)
