"""Rows whose cells have shifted, and what a mapping makes of them beside what the true row makes.

A delimiter is lost or gained at one place of a row, and the row is then filled up with blank cells, or cut,
to its width, as a spreadsheet does when it saves a file anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from canonical import UNBELIEVED
from mappings import Compiled
from mappings.evidence import Evidence

Row = tuple[str, ...]
BEYOND = ("_row", "_unreadable", "_source", "_reference", "_person", "_export")


@dataclass(frozen=True)
class Shifted:
    """A row that went wrong: how, at which cell, and from which true row (its number)."""

    way: str
    at: int
    of: int
    cells: Row


def lost(row: Row, at: int) -> Row:
    """Return the row with the delimiter after this cell lost, and a blank cell at the end."""
    return (*row[:at], row[at] + row[at + 1], *row[at + 2 :], "")


def gained(row: Row, at: int) -> Row:
    """Return the row with a delimiter gained before this cell, and the last cell cut off."""
    return (*row[:at], "", *row[at:-1])


def torn(row: Row, at: int) -> Row:
    """Return the row with a delimiter gained in the middle of this cell, and the last cell cut off."""
    half = len(row[at]) // 2
    return (*row[:at], row[at][:half], row[at][half:], *row[at + 1 :])[: len(row)]


WAYS = {"lost": lost, "gained": gained, "torn": torn}


def shifted(rows: list[Row]) -> Iterator[Shifted]:
    """Yield every row gone wrong at every place in every way, where that changes anything at all.

    A row is cut only where its last cell is blank: a spreadsheet throws no filled cell away, and the row is
    then too wide, which is refused.
    """
    for number, row in enumerate(rows):
        for way, change in WAYS.items():
            for at in range(len(row) - (way == "lost")):
                cells = change(row, at)
                if cells != row and (way == "lost" or not row[-1]):
                    yield Shifted(way, at, number, cells)


def outcomes(compiled: Compiled, header: Row, rows: list[Row], wrong: list[Shifted]) -> list[str]:
    """Return for each wrong row what became of it.

    "rejected": it makes no record. "held": its records are marked as not believed. "lost": values of it are
    gone, none is wrong. "same": nothing was changed. "wrong": a value came out that the true row has not.
    """
    true = records(compiled, header, rows, None)
    evidence = compiled.evidence(header, "source hub, export one")
    made = records(compiled, header, [each.cells for each in wrong], evidence)
    found = [_outcome(true.get(each.of, {}), made.get(number, {})) for number, each in enumerate(wrong)]
    return [
        "held" if said == "wrong" and _settled(compiled, header, rows, each) else said
        for said, each in zip(found, wrong, strict=True)
    ]


def _settled(compiled: Compiled, header: Row, rows: list[Row], wrong: Shifted) -> bool:
    """Return whether the row is held once its whole export is known, in which it alone is wrong."""
    evidence = compiled.evidence(header, "source hub, export one")
    records(compiled, header, [*rows[: wrong.of], wrong.cells, *rows[wrong.of + 1 :]], evidence)
    return wrong.of in evidence.settle()["_row"]


Fields = dict[tuple[str, str], object]


def records(compiled: Compiled, header: Row, rows: list[Row], evidence: Evidence | None) -> dict[int, Fields]:
    """Return per row the fields of all records that it makes, and whether they are believed."""
    whole = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row")
    batch = whole.select(list(compiled.columns)).with_row_index("_row")
    found: dict[int, Fields] = {}
    for entity, table in compiled.apply(batch, evidence).entities.items():
        for row in table.to_dicts():
            fields = found.setdefault(row["_row"], {})
            fields["", "held"] = bool(row["_unreadable"] & UNBELIEVED)
            fields |= {(entity, name): said for name, said in row.items() if name not in BEYOND}
    return found


def _outcome(true: Fields, made: Fields) -> str:
    if not made:
        return "rejected"
    if made.pop(("", "held")):
        return "held"
    if any(said is not None and said != true.get(name) for name, said in made.items()):
        return "wrong"
    return (
        "same" if all(made.get(name) == said for name, said in true.items() if name[1] != "held") else "lost"
    )
