"""Conservation, counted from the bytes that were served: one fate for each row, a place for each cell."""

import os
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any

import polars as pl
import pytest

from sync import gather, kernel
from tests.conservation.nights import LargeNights

SEED = "VIADUCT_SEED"
SMALL, LARGE = 150, 11_500
NIGHTS, LARGE_NIGHTS = 2, 9
A_MILLION = 1_000_000


def test_every_row_and_cell_of_a_few_thousand_is_accounted_for(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Nights with faults: no row without a fate, none with two, no cell out of place; then idle ones."""
    with LargeNights(tmp_path, SMALL, seed=7) as nights:
        for number in range(NIGHTS):
            nights.night(number, faults=number > 0)
        nights.idle(times=1)
    assert_conserved(nights, say)
    assert nights.told.counts.rows > 3 * SMALL * 10
    assert nights.told.accepted > nights.told.refused > 0


@pytest.mark.soak
def test_every_row_and_cell_of_a_million_is_accounted_for(tmp_path: Path, say: Callable[[str], None]) -> None:
    """A million rows in many nights, faults switched on at random; VIADUCT_SEED plays the same ones again."""
    seed = int(os.environ.get(SEED, SystemRandom().randrange(1 << 32)))
    say(f"seed {seed}")
    with LargeNights(tmp_path, LARGE, seed) as nights:
        for number in range(LARGE_NIGHTS):
            nights.night(number, faults=number > 0)
        nights.idle(times=2)
    assert_conserved(nights, say)
    assert nights.told.counts.rows >= A_MILLION


def assert_conserved(nights: LargeNights, say: Callable[[str], None]) -> None:
    """0 rows with no fate, 0 with two, 0 cells out of place; the counts stand at the end of the run."""
    told, counts = nights.told, nights.told.counts
    say(f"{counts.rows} rows in {told.nights} nights, {told.accepted} pulls accepted, {told.refused} refused")
    say(f"rows with no fate {counts.no_fate}, with two {counts.two_fates}; fates {dict(counts.fates)}")
    say(f"cells {counts.cells.total()}: {dict(counts.cells)}; columns by their alphabet {told.alphabets}")
    say(f"faults {dict(told.faults)}")
    assert (counts.no_fate, counts.two_fates, counts.wrong) == (0, 0, [])


def losing_a_row(patch: pytest.MonkeyPatch) -> None:
    """One contact of every batch is forgotten once it has been counted."""
    keep = gather.Gathering._keep

    def forgetful(self: gather.Gathering, entity: str, rows: pl.DataFrame, primary: bool) -> None:
        keep(self, entity, rows[1:] if entity == "contact" else rows, primary)

    patch.setattr(gather.Gathering, "_keep", forgetful)


def mixing_columns(patch: pytest.MonkeyPatch) -> None:
    """Two text columns of the people change places."""
    complete = kernel.derive.complete

    def mixed(tables: dict[str, pl.DataFrame], directory: Any) -> dict[str, pl.DataFrame]:
        whole = complete(tables, directory)
        swapped = whole["person"].with_columns(family_name="preferred_name", preferred_name="family_name")
        return {**whole, "person": swapped}

    patch.setattr(kernel.derive, "complete", mixed)


def test_the_oracle_sees_what_was_planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row lost after it was counted, two columns mixed up: neither balance of the program tells it."""
    losing_a_row(monkeypatch)
    mixing_columns(monkeypatch)
    with LargeNights(tmp_path, 12, seed=1) as nights:
        nights.night(0, faults=False, alphabets=False)
    counts = nights.told.counts
    assert counts.no_fate == 3 * 2, "a contact of each provider, in each flow"
    assert "early_help: person.family_name of CP000000 is not its cell" in counts.wrong
