"""Where people and cases live, by digest."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sync.homes import Homes

MARKS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5))


@given(st.lists(MARKS), MARKS)
def test_a_digest_is_found_where_it_was_noted_first_or_not_at_all(
    batches: list[list[int]], asked: list[int]
) -> None:
    """Homes answer as a dictionary would that never overwrites."""
    homes, known = Homes(), dict[int, int]()
    for marks in batches:
        buckets = [len(known) + place for place in range(len(marks))]
        homes.note(pl.Series(marks, dtype=pl.UInt64), pl.Series(buckets, dtype=pl.UInt16))
        for mark, bucket in zip(marks, buckets, strict=True):
            known.setdefault(mark, bucket)
        found = homes.of(pl.Series([*asked, *marks], dtype=pl.UInt64)).to_list()
        assert found == [known.get(mark) for mark in [*asked, *marks]]


def test_what_is_not_named_lives_nowhere() -> None:
    """A null digest has no home, noted or asked."""
    homes = Homes()
    assert homes.of(pl.Series([1, None], dtype=pl.UInt64)).to_list() == [None, None]
    homes.note(pl.Series([0, None], dtype=pl.UInt64), pl.Series([7, 8], dtype=pl.UInt16))
    assert homes.of(pl.Series([0, None, 9], dtype=pl.UInt64)).to_list() == [7, None, None]
