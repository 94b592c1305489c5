"""Whose record has absorbed that of somebody who chose: remembered while the choice stands, and no longer."""

from pathlib import Path

import polars as pl
import pytest

from sync.absorbed import keep_pairs, read_pairs

CHOSE, SURVIVOR = b"c" * 16, b"s" * 16
NOBODY = pl.DataFrame(schema={"person": pl.UInt64, "digest": pl.Binary})


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return the folder of a state that knows of one merge."""
    found = pl.DataFrame({"person": [1, 2], "digest": [CHOSE, CHOSE]}, schema=NOBODY.schema)
    own = pl.DataFrame({"person": [1, 2], "digest": [CHOSE, SURVIVOR]}, schema=NOBODY.schema)
    keep_pairs(tmp_path, [(found, own)], digests(CHOSE))
    assert read_pairs(tmp_path).rows() == [(SURVIVOR, CHOSE)]
    return tmp_path


def digests(*some: bytes) -> pl.Series:
    return pl.Series("digest", some, dtype=pl.Binary)


@pytest.mark.parametrize(("stand", "left"), [(digests(CHOSE), 1), (None, 1), (digests(), 0)])
def test_a_night_that_meets_nobody_forgets_no_choice_that_stands(
    state: Path, stand: pl.Series | None, left: int
) -> None:
    """The source was down, or a register could not be read; only a choice that has ended is forgotten."""
    keep_pairs(state, [(NOBODY, NOBODY)], stand)
    assert read_pairs(state).height == left
