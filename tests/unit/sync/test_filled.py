"""A batch says which columns held a value, and of an entity that few people are in it says nothing."""

import polars as pl
import pytest

from sharing.release import release
from sync.filled import FEWEST, Filled

EMPTY = {"given_name": [None, None], "surname": ["a", None], "source_system": ["hub", "hub"]}


def filled(*people: list[int | None]) -> Filled:
    """Return what was noted of a person's columns, the rows of each partition being about these people."""
    found = Filled()
    for part in people:
        found.note_people("person", pl.Series(part, dtype=pl.UInt64))
    found.note(release("f", "person", pl.DataFrame(EMPTY, schema=dict.fromkeys(EMPTY, pl.String))))
    return found


def test_a_column_that_is_empty_in_every_row_is_not_named() -> None:
    """Only what held a value is said; the name of the source is no field of ours."""
    assert filled(list(range(FEWEST))).said() == {"person": ["surname"]}


@pytest.mark.parametrize("people", [[[1] * 40], [[1, 2], [3, 4, None]], [list(range(FEWEST - 1))]])
def test_of_few_people_nothing_is_said_however_many_rows_they_have(people: list[list[int | None]]) -> None:
    """A column named of one person's rows would tell of that person."""
    assert filled(*people).said() == {}


def test_people_of_several_partitions_count_together() -> None:
    """Nobody is in two partitions, and a row about nobody counts for one."""
    assert filled([1, 2, 3, 4, 5], [6, 7, 8, 9, None]).said() == {"person": ["surname"]}
