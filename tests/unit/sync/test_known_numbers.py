"""The NHS numbers by which opt-outs find people who are not told of tonight: what replaces what."""

from pathlib import Path

import polars as pl
import pytest

from sync.errors import StateUnreadable
from sync.known_numbers import drop_numbers, keep_numbers, numbers_path, read_numbers, with_kept
from sync.numbers import NUMBERED, opted_out

OLD, NEW = b"o" * 16, b"n" * 16
WITHHOLDS, NOT_CHECKED = 5, 7


def numbers(*some: tuple[int, bytes | None]) -> pl.DataFrame:
    return pl.DataFrame(some, schema=NUMBERED.schema, orient="row")


def people(*some: int) -> pl.Series:
    return pl.Series("person", some, dtype=pl.UInt64)


@pytest.mark.parametrize(
    ("tonight", "opted", "stopped"),
    [
        (numbers(), OLD, {1: WITHHOLDS}),
        (numbers((2, NEW)), OLD, {1: WITHHOLDS}),
        (numbers((1, NEW)), NEW, {1: WITHHOLDS}),
        (numbers((1, NEW)), OLD, {}),
        (numbers((1, None)), OLD, {1: WITHHOLDS}),
        (numbers((1, None)), NEW, {1: NOT_CHECKED}),
        (numbers((1, None), (1, NEW)), OLD, {1: NOT_CHECKED}),
    ],
)
def test_a_usable_number_that_is_told_replaces_the_one_that_was_kept(
    tonight: pl.DataFrame, opted: bytes, stopped: dict[int, int]
) -> None:
    """Not told of, or told of without one, a person is found by the number of before; else by tonight's."""
    register = pl.Series("digest", [opted], dtype=pl.Binary)
    found = opted_out(with_kept(tonight, numbers((1, OLD))), register, WITHHOLDS, NOT_CHECKED)
    assert dict(found.group_by("person").agg(pl.col("stop").min()).iter_rows()) == stopped


def test_of_whoever_is_at_no_recipient_or_forgotten_no_number_is_kept(tmp_path: Path) -> None:
    """Neither is who has no number; the file is there all the same, and says so."""
    keep_numbers(tmp_path, numbers((2, NEW), (1, OLD), (1, OLD), (3, OLD), (4, None)), people(1, 2, 4))
    assert read_numbers(tmp_path).rows() == [(1, OLD), (2, NEW)]
    drop_numbers(tmp_path, 1)
    assert read_numbers(tmp_path).rows() == [(2, NEW)]
    keep_numbers(tmp_path, numbers(), people())
    assert numbers_path(tmp_path).exists()
    assert read_numbers(tmp_path).is_empty()


def test_numbers_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path) -> None:
    """Cut, or another table: the run stops and says which file, rather than find nobody."""
    keep_numbers(tmp_path, numbers((1, OLD)), people(1))
    path = numbers_path(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StateUnreadable, match=r"state/numbers\.parquet"):
        read_numbers(tmp_path)
    pl.DataFrame({"person": [1]}).write_parquet(path)
    with pytest.raises(StateUnreadable):
        drop_numbers(tmp_path, 1)
