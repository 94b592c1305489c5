"""A field of which most cells cannot be read, or far more than last time, stops its source."""

import polars as pl
import pytest

from canonical import unreadable_bit
from sync.brakes import Brake
from sync.errors import CellsEmptied, CellsUnreadable
from sync.readable import Readable, Unread

BRAKE = Brake(drop_percent=20, growth_percent=50, at_least=50)
LEVEL = "export risks: risk.level"


def counted(read: int, unread: int, blank: int = 0) -> Readable:
    """Return the counts of two batches of risks with so many levels read, not read and blank."""
    bit = 1 << unreadable_bit("risk", "level")
    values = ["high"] * read + [None] * (unread + blank)
    marks = [0] * read + [bit] * unread + [0] * blank
    table = pl.DataFrame(
        {"level": values, "risk_code": ["x"] * len(values), "_unreadable": marks},
        schema_overrides={"_unreadable": pl.UInt64, "level": pl.String},
    )
    readable = Readable("hub")
    readable.take("risks", {"risk": table.head(7)})
    readable.take("risks", {"risk": table.slice(7)})
    return readable


def test_cells_are_counted_by_field_over_all_batches() -> None:
    """Blank cells are neither read nor unread; a field that was read whole has no entry among the unread."""
    readable = counted(read=20, unread=5, blank=30)
    assert readable.filled[LEVEL] == 25
    assert readable.unread == {LEVEL: 5}
    assert readable.filled["export risks: risk.risk_code"] == 55


@pytest.mark.parametrize(
    ("read", "unread", "before", "refused"),
    [
        (9, 9, None, False),
        (9, 10, None, True),
        (10, 10, None, False),
        (0, 9, None, False),
        (0, 10, None, True),
        (940, 60, None, False),
        (700, 300, None, True),
        (700, 300, {}, True),
        (700, 300, {LEVEL: 101}, False),
        (700, 300, {LEVEL: 99}, True),
        (850, 150, {}, False),
        (0, 500, {LEVEL: 500}, False),
        (0, 500, {LEVEL: 491}, False),
        (0, 500, {LEVEL: 490}, True),
    ],
)
def test_most_cells_or_far_more_than_last_time_refuse_the_source(
    read: int, unread: int, before: Unread | None, refused: bool
) -> None:
    """More than half, ten at the least; or more new ones than the source's brake allows to be lost."""
    readable = counted(read, unread)
    if not refused:
        readable.refuse(before, BRAKE)
        return
    with pytest.raises(CellsUnreadable) as found:
        readable.refuse(before, BRAKE)
    assert found.value.exit_code == 22
    assert f"{LEVEL}: {unread} of {read + unread} cells" in str(found.value)
    assert "high" not in str(found.value)


@pytest.mark.parametrize(
    ("before", "now", "rows_gone", "refused"),
    [
        (4, 0, 0, False),
        (5, 0, 0, True),
        (5, 0, 1, False),
        (9, 1, 0, False),
        (12, 2, 0, True),
        (12, 2, 3, False),
        (100, 80, 0, False),
        (100, 79, 0, True),
        (100, 79, 1, False),
        (100, 79, -30, True),
        (100, 120, 0, False),
    ],
)
def test_a_field_that_was_filled_and_is_blank_now_refuses_the_source(
    before: int, now: int, rows_gone: int, refused: bool
) -> None:
    """All of five, or more than the brake lets go of ten and more; cells that went with their rows are no
    blanks, and rows that came in make up for none.
    """
    readable = counted(read=now, unread=0, blank=max(0, before - now))
    if not refused:
        readable.refuse_emptied({LEVEL: before}, {"risks": rows_gone}, BRAKE)
        return
    with pytest.raises(CellsEmptied) as found:
        readable.refuse_emptied({LEVEL: before}, {"risks": rows_gone}, BRAKE)
    assert found.value.exit_code == 23
    assert f"{LEVEL}: {before} cells held something last time, {now} now" in str(found.value)
    assert len(str(found.value).splitlines()) == 4


def test_of_many_emptied_fields_three_are_named_and_the_others_counted() -> None:
    """Four lines are four lines, however much of an extract went blank."""
    places = {f"export risks: risk.field_{number}": 50 for number in range(9)}
    with pytest.raises(CellsEmptied) as found:
        counted(read=1, unread=0).refuse_emptied(places, {}, BRAKE)
    assert str(found.value).count("held something last time") == 3
    assert "and 6 more" in str(found.value)
