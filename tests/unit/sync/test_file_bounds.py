"""The bounds of how many people a file is about hold however the rows lie, and some way meets each."""

from itertools import combinations, product

import polars as pl
import pytest

from sync.incident.file_bounds import bounds_of
from sync.incident.scope import Part


def part(meant: dict[str, int], others: dict[str, int], operation: str = "upsert") -> Part:
    """Return a batch of these files by entity and rows, of which the first ones are meant."""
    files = [
        {"entity": entity, "operation": operation, "rows": rows}
        for entity, rows in [*meant.items(), *others.items()]
    ]
    return Part({"files": files}, tuple(files[: len(meant)]))


@pytest.mark.parametrize("rows", [[1], [2, 1], [1, 1, 1], [3, 1, 1], [4, 4, 1], [5], [2, 2, 2, 1]])
@pytest.mark.parametrize("of_nobody", [0, 2])
def test_the_bounds_are_the_fewest_and_the_most_of_all_ways_in_which_rows_can_lie(
    rows: list[int], of_nobody: int
) -> None:
    """Each row of each person, and rows of nobody, in this file or another: all ways are tried."""
    owners = [person for person, number in enumerate(rows) for _ in range(number)] + [-1] * of_nobody
    for meant in range(1, len(owners)):
        ways = {
            len({owners[at] for at in chosen} - {-1}) for chosen in combinations(range(len(owners)), meant)
        }
        one = part({"need": meant}, {"contact": len(owners) - meant})
        assert bounds_of(one, "upsert", pl.Series(rows, dtype=pl.UInt32)) == (min(ways), max(ways))


def test_a_person_has_one_row_in_a_file_of_persons() -> None:
    """Of a file of persons the number is exact; and in another file are all whose rows no such file can take.

    All ways are tried in which three people with 2, 3 and 1 rows, two of them with a row of the person, lie.
    """
    rows = pl.Series([2, 3, 1], dtype=pl.UInt32)
    assert bounds_of(part({"person": 2}, {"need": 4}), "upsert", rows) == (2, 2)
    each_has_one = pl.Series([2, 2, 2], dtype=pl.UInt32)
    assert bounds_of(part({"need": 3}, {"person": 3}), "upsert", each_has_one) == (3, 3)
    seen = set()
    for persons in combinations(range(3), 2):
        left = [number - (person in persons) for person, number in enumerate(rows.to_list())]
        for here in product(*(range(number + 1) for number in left)):
            if sum(here) == 3:
                seen.add(sum(number > 0 for number in here))
    assert bounds_of(part({"need": 3}, {"person": 2, "contact": 1}), "upsert", rows) == (min(seen), max(seen))


def test_of_rows_taken_back_a_file_of_persons_says_no_more_than_another() -> None:
    """Whose row of a person was taken back may since be somebody else's: nothing is taken as said."""
    rows = pl.Series([3, 3], dtype=pl.UInt32)
    assert bounds_of(part({"person": 3}, {"need": 3}, "withdraw"), "withdraw", rows) == (1, 2)
    assert bounds_of(part({"person": 3}, {"need": 3}), "withdraw", rows) == (0, 0)
