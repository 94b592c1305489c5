"""Lots that are counted for the borough only: by no provider, and hidden below their threshold everywhere."""

from datetime import date

import polars as pl
import pytest

from feed.counting import count_all
from feed.disclosure.gate import exposures
from feed.disclosure.profile import Profile
from feed.disclosure.protect import protect
from feed.disclosure.shapes import structure_of
from feed.facts import facts_of
from feed.model import Area
from feed.periods import parse
from tests.feed_rows import Row, write_rows

APART = "L7-CAR"
PROFILE = Profile(borough_only_lots=(APART,))
QUARTER = "2022-23-Q1"


def episodes(count: int, lot: str, source: str, day: int) -> list[Row]:
    """Return as many pieces of work, each with somebody else."""
    return [
        {
            "episode_id": f"{lot}{day}-{place}",
            "person_id": f"{source[:2]}{place}",
            "lot_code": lot,
            "source_system": source,
            "started_on": date(2022, 5, day),
        }
        for place in range(count)
    ]


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Return what is published of thirty people, of whom nine became carers, and nine carers elsewhere."""
    work = [*episodes(30, "L4-CS", "one", 2), *episodes(9, APART, "seven", 3), *episodes(9, APART, "one", 9)]
    work += episodes(30, "L6-HS", "one", 20)
    path = write_rows(tmp_path_factory.mktemp("apart") / "w.duckdb", {"service_episode": work, "person": []})
    with facts_of(path, Area(), (APART,)) as facts:
        raw = count_all(facts, parse(QUARTER))
        structure = structure_of(facts, raw.period)
    kept = protect(raw.counts, structure, PROFILE)
    assert exposures(kept.reasons, raw.counts, structure, PROFILE)[0] == []
    return kept.published.join(raw.counts, on=["count_id", "period", "breakdown", "category"], how="right")


def of(cells: pl.DataFrame, count: str, breakdown: str) -> dict[str, tuple[int, str | None]]:
    """Return by category the exact number and how it is shown."""
    mine = cells.filter(
        pl.col("count_id") == count, pl.col("breakdown") == breakdown, pl.col("period") == QUARTER
    )
    return {row["category"]: (row["count"], row["shown"]) for row in mine.iter_rows(named=True)}


def test_rows_of_such_a_lot_are_of_no_provider(cells: pl.DataFrame) -> None:
    """As in every geography they have one category; the provider that has nothing else has none."""
    assert of(cells, "work_begun", "provider") == {
        "borough_only": (18, "borough_only"),
        "one": (60, "rounded"),
    }


def test_nine_who_moved_to_such_a_lot_are_hidden_and_the_threshold_is_the_profile_s(
    cells: pl.DataFrame,
) -> None:
    """Nine are shown of any other lot."""
    steps = of(cells, "steps", "move")
    assert steps[f"L4-CS>{APART}"] == steps[f"{APART}>L6-HS"] == (9, "suppressed")
    assert steps["L4-CS>L6-HS"][0] == 21


def test_eighteen_of_such_a_lot_are_told_for_the_borough(cells: pl.DataFrame) -> None:
    """A count that is of the lot by its declaration, and the lot's own row."""
    assert of(cells, "carers_work_begun", "borough") == {"all": (18, "exact")}
    assert of(cells, "work_begun", "lot")[APART] == (18, "rounded")
