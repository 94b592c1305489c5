"""Every row of a fact falls in one category of each breakdown and in one month; people are told apart."""

from datetime import date
from pathlib import Path

import polars as pl

from feed.counting import RawCounts, count_all
from feed.declared import declarations
from feed.facts import facts_of
from feed.model import Area
from feed.observations import observe
from feed.periods import parse
from tests.feed_rows import write_rows

HUB = {"lot_code": "L3-SSH", "status": "completed"}
APRIL, JULY = date(2022, 4, 3), date(2022, 7, 9)
TABLES = {
    "referral": [
        {**HUB, "referral_id": "a", "person_id": "ann", "received_on": APRIL, "referrer_type": "01"},
        {**HUB, "referral_id": "b", "person_id": "ann", "received_on": JULY, "referrer_type": "02"},
        {**HUB, "referral_id": "c", "person_id": "bob", "received_on": APRIL, "referrer_type": "nonsense"},
        {**HUB, "referral_id": "d", "received_on": APRIL},
        {**HUB, "referral_id": "e", "received_on": APRIL, "status": None},
        {**HUB, "referral_id": "f", "person_id": "bob", "received_on": APRIL, "status": "duplicate"},
        {**HUB, "referral_id": "g", "person_id": "bob", "received_on": APRIL, "parent_referral_id": "a"},
        {**HUB, "referral_id": "h", "person_id": "bob"},
        {**HUB, "referral_id": "i", "person_id": "bob", "received_on": date(2022, 12, 1)},
        {"referral_id": "j", "person_id": "bob", "received_on": APRIL, "lot_code": "L4-CS",
         "source_system": "community_support", "parent_referral_id": "a"},
    ],
    "person": [{"person_id": "ann", "linked_person_id": "one"}, {"person_id": "bob"}],
    "address": [{"person_id": "ann", "lsoa21": "E01005899", "ward": "E05000796"}, {"person_id": "bob"}],
}  # fmt: skip


def counted(path: Path, label: str, borough_only: tuple[str, ...] = ()) -> RawCounts:
    with facts_of(write_rows(path / "w.duckdb", TABLES), Area(), borough_only) as facts:
        return count_all(facts, parse(label))


def cells(raw: RawCounts, breakdown: str, period: str) -> dict[str, tuple[int, int]]:
    """Return the referrals received, and the people, by category."""
    found = raw.counts.filter(
        (pl.col("count_id") == "referrals_received")
        & (pl.col("breakdown") == breakdown)
        & (pl.col("period") == period)
    )
    return {row["category"]: (row["count"], row["people"]) for row in found.iter_rows(named=True)}


def test_duplicates_copies_and_rows_without_a_day_are_not_received(tmp_path: Path) -> None:
    """Five referrals of ann, bob and somebody unlinked; rows nobody is named in stand for one person."""
    raw = counted(tmp_path, "2022-04..2022-11")
    assert cells(raw, "borough", "2022-04..2022-11") == {"all": (5, 3)}
    assert cells(raw, "borough", "2022-04") == {"all": (4, 3)}
    assert cells(raw, "borough", "2022-05") == {"all": (0, 0)}


def test_what_no_list_knows_is_not_known(tmp_path: Path) -> None:
    """A code that is in no list, and one that is missing, fall in one category, which is never left out."""
    raw = counted(tmp_path, "2022-04..2022-11")
    assert cells(raw, "source_type", "2022-04..2022-11") == {"01": (1, 1), "02": (1, 1), "unknown": (3, 2)}
    assert cells(raw, "ward", "2022-23-Q1") == {"E05000796": (1, 1), "unknown": (3, 2)}


def test_a_lot_that_is_counted_for_the_borough_only_has_no_place(tmp_path: Path) -> None:
    """Its rows are all in one category of every geography, and in their lot elsewhere."""
    raw = counted(tmp_path, "2022-04..2022-11", ("L3-SSH",))
    assert cells(raw, "ward", "2022-04..2022-11") == {"borough_only": (5, 3)}
    assert cells(raw, "lot", "2022-04") == {"L3-SSH": (4, 3)}


def test_every_breakdown_adds_to_the_borough(tmp_path: Path) -> None:
    """Of every count of rows, in every period; months add to their quarter."""
    raw = counted(tmp_path, "2022-04..2022-11").counts
    keys = ["count_id", "period"]
    of_rows = [count.id for count in declarations().counts.values() if count.additive]
    sums = (
        raw.filter(pl.col("count_id").is_in(of_rows)).group_by(*keys, "breakdown").agg(pl.col("count").sum())
    )
    assert (sums.group_by(keys).agg(pl.col("count").n_unique())["count"] == 1).all()


def test_a_period_that_holds_nothing_is_zero(tmp_path: Path) -> None:
    """A quarter before the service began."""
    raw = counted(tmp_path, "2020-21-Q1")
    assert cells(raw, "borough", "2020-21-Q1") == {"all": (0, 0)}
    assert raw.counts["count"].sum() == 0


def test_what_is_hidden_in_a_count_is_hidden_in_each_figure(tmp_path: Path) -> None:
    """Figures are worked out from published counts, never from the raw ones."""
    raw = counted(tmp_path, "2022-04..2022-11")
    hidden = raw.counts.select(
        "count_id",
        "period",
        "breakdown",
        "category",
        value=pl.lit(None, dtype=pl.Int64),
        shown=pl.lit("suppressed"),
    )
    told = observe(hidden, raw).filter(pl.col("shown") != "not_available")
    assert told.drop_nulls("value").is_empty()
    assert told.drop_nulls("numerator").is_empty()
    assert set(told["shown"]) == {"suppressed"}
