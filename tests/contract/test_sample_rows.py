"""The sample's exports, free text with line breaks included, are read with every line counted."""

from pathlib import Path

import pytest

from connectors.errors import RowsJoined
from connectors.reception import Reception
from connectors.row_starts import RowStart
from connectors.settings import Ceilings, Layout
from connectors.source import Export
from connectors.spool import Spool
from connectors.tables import read_batches
from demo.sample import csv_text
from demo.words import EXPORTS, SOURCES
from mappings import compile_mapping, load_mapping
from tests.small_sample import whole_sample

MAPPINGS = Path(__file__).parents[2] / "config/example/mappings"


def received(spool: Spool, source: str, export: str, content: str) -> Export:
    reception = Reception(source, export, spool, Layout(("utf-8",)), Ceilings())
    reception.take(content.encode())
    return reception.close()


def read(export: Export) -> int:
    compiled = compile_mapping(
        load_mapping(MAPPINGS / f"charitylog_{export.name}.yaml"), source=export.source
    )
    reference = compiled.mapping.declared.reference
    starts = RowStart(reference.column, reference.pattern)
    batches = read_batches(export, compiled.columns, compiled.ignored, row_starts=starts)
    return sum(batch.height for batch in batches) + batches.furniture


def test_every_row_of_the_sample_is_counted_twice_and_agrees(spool: Spool) -> None:
    """Some exports hold line breaks in free text; all are read, each row once."""
    broken = 0
    for source in SOURCES:
        for export in EXPORTS:
            rows = whole_sample().table(source, export)
            came = received(spool, source, export, csv_text(export, rows))
            assert read(came) == len(rows)
            broken += came.broken_lines
    assert broken


def plain_pair(lines: list[str]) -> int:
    """Return the number of the first of two lines without a quotation mark, as wide as the header."""
    width = len(EXPORTS["people"])
    plain = ['"' not in line and len(line.split(",")) == width for line in lines]
    return next(at for at in range(20, len(lines)) if plain[at] and plain[at + 1])


@pytest.mark.parametrize("column", EXPORTS["people"])
def test_two_stray_marks_in_any_column_of_the_people_refuse_the_export(spool: Spool, column: str) -> None:
    """Before a cell of a row and after that of the next: nobody's record becomes another's cell."""
    lines = csv_text("people", whole_sample().table("hub", "people")).split("\r\n")
    place = EXPORTS["people"].index(column)
    first = plain_pair(lines)
    for number, mark in ((first, '"{}'), (first + 1, '{}"')):
        cells = lines[number].split(",")
        cells[place] = mark.format(cells[place])
        lines[number] = ",".join(cells)
    with pytest.raises(RowsJoined) as refused:
        read(received(spool, "hub", "people", "\r\n".join(lines)))
    assert len(str(refused.value).splitlines()) == 4
    assert not any(secret in str(refused.value) for secret in whole_sample().secrets())
