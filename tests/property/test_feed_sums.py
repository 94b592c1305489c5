"""Sums, shares and medians of the feed, whatever the rows are."""

import tempfile
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median, stdev
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.counting import RawCounts, count_all
from feed.declared import Declarations, declarations
from feed.facts import facts_of
from feed.model import Area
from feed.periods import parse
from feed.shares import share
from feed.spread import statistics_of
from tests.feed_rows import write_rows

PERIOD = parse("2022-04..2022-11")
ASKED = Declarations(
    topics=tuple(topic for topic in declarations().topics if topic.topic in {"people", "referrals", "triage"})
)
REFERRALS = st.lists(
    st.fixed_dictionaries(
        {
            "person_id": st.sampled_from([None, "ann", "bob", "cat"]),
            "source_system": st.sampled_from(["hub", "community_support", "Not A Name!"]),
            "lot_code": st.sampled_from(["L3-SSH", "L4-CS", "L7-CAR", None]),
            "referrer_type": st.sampled_from(["01", "02", "words", None]),
            "status": st.sampled_from(["completed", "rejected", "duplicate", None]),
            "closure_reason": st.sampled_from(["NEEDS_MET", "words", None]),
            "parent_referral_id": st.sampled_from([None, None, None, "parent"]),
            "triage_days": st.sampled_from([None, 0, 0, 2]),
            "received_on": st.none() | st.dates(date(2022, 3, 1), date(2022, 12, 31)),
            "closed_at": st.none() | st.dates(date(2022, 3, 1), date(2022, 12, 31)),
        }
    ),
    max_size=25,
)
PEOPLE = [
    {"person_id": "ann", "linked_person_id": "one"},
    {"person_id": "bob", "linked_person_id": "one"},
    {"person_id": "cat"},
]
CELL = ["count_id", "period", "breakdown", "category"]


def counted(referrals: list[dict[str, Any]]) -> RawCounts:
    with tempfile.TemporaryDirectory() as folder:
        rows = {"referral": referrals, "person": PEOPLE, "address": [], "characteristics": []}
        warehouse = write_rows(Path(folder) / "w.duckdb", rows)
        with facts_of(warehouse, Area(), ("L7-CAR",)) as facts:
            return count_all(facts, PERIOD, ASKED)


def of(raw: RawCounts, **wanted: Any) -> int:
    """Return the one count of the cell."""
    frame = raw.counts
    for name, value in wanted.items():
        frame = frame.filter(pl.col(name) == value)
    return int(frame["count"].sum())


@settings(max_examples=8, deadline=None)
@given(REFERRALS)
def test_sums_hold_whatever_the_rows_are(referrals: list[dict[str, Any]]) -> None:
    """Categories add to the borough, months to the whole; no part exceeds its whole, people their rows."""
    raw = counted(referrals)
    additive = [name for name, count in ASKED.counts.items() if count.additive]
    rows = raw.counts.filter(pl.col("count_id").is_in(additive))
    whole = rows.filter(pl.col("breakdown") == "borough").select("count_id", "period", whole="count")
    sums = rows.group_by("count_id", "period", "breakdown").agg(pl.col("count").sum())
    assert sums.join(whole, on=["count_id", "period"]).filter(pl.col("count") != pl.col("whole")).is_empty()
    months = rows.filter(pl.col("period").str.contains(r"^\d{4}-\d{2}$"))
    tiled = months.group_by("count_id", "breakdown", "category").agg(months=pl.col("count").sum())
    release = rows.filter(pl.col("period") == PERIOD.label)
    joined = tiled.join(release, on=["count_id", "breakdown", "category"])
    assert joined.filter(pl.col("months") != pl.col("count")).is_empty()
    assert rows.filter(pl.col("people") > pl.col("count")).is_empty()
    assert rows.filter((pl.col("people") == 0) != (pl.col("count") == 0)).is_empty()
    assert not raw.counts.select(pl.struct(CELL).is_duplicated().any()).item()
    for name, count in ASKED.counts.items():
        if count.part_of:
            part, larger = (
                raw.counts.filter(pl.col("count_id") == each).drop("count_id", "people")
                for each in (name, count.part_of)
            )
            both = part.join(larger, on=["period", "breakdown", "category"], suffix="_of_whole")
            assert both.filter(pl.col("count") > pl.col("count_of_whole")).is_empty(), name


@settings(max_examples=3, deadline=None)
@given(REFERRALS)
def test_rows_in_another_order_give_the_same_figures(referrals: list[dict[str, Any]]) -> None:
    """Nothing rests on the order in which rows stand in the warehouse."""
    named = [{**row, "referral_id": f"r{number}"} for number, row in enumerate(referrals)]
    first, second = counted(named), counted(named[::-1])
    assert first.counts.equals(second.counts)
    assert first.spreads.equals(second.spreads)


NUMBERS = st.integers(0, 10**7)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS).map(sorted), min_size=1, max_size=50))
def test_a_share_is_rounded_half_up_and_stays_between_none_and_all(pairs: list[list[int]]) -> None:
    """To the whole per cent; to one decimal of 4,000 or more; of none there is no share."""
    part, whole = (
        pl.DataFrame([(f"{at}", "all", each[place], "rounded") for at, each in enumerate(pairs)],
                     schema=["period", "category", "value", "shown"], orient="row")
        for place in (0, 1)
    )  # fmt: skip
    told = share(part, whole).rows(named=True)
    for row, (numerator, denominator) in zip(told, pairs, strict=True):
        assert (row["numerator"], row["denominator"], row["shown"]) == (numerator, denominator, "rounded")
        if denominator == 0:
            assert row["value"] is None
            continue
        places = Decimal("0.1") if denominator >= 4000 else Decimal(1)
        exact = (Decimal(100 * numerator) / denominator).quantize(places, ROUND_HALF_UP)
        assert Decimal(str(row["value"])) == exact
        assert 0 <= row["value"] <= 100


@settings(max_examples=100, deadline=None)
@given(st.lists(NUMBERS, min_size=2, max_size=12), st.data())
def test_what_is_hidden_of_either_count_hides_the_share(numbers: list[int], data: st.DataObject) -> None:
    """Neither number nor share is told where one of the two may not be seen."""
    ways = st.sampled_from(["exact", "rounded", "suppressed", "secondary", "borough_only", "withheld"])
    part, whole = (
        pl.DataFrame([(f"{at}", "all", number, data.draw(ways)) for at, number in enumerate(numbers)],
                     schema=["period", "category", "value", "shown"], orient="row")
        for _ in (0, 1)
    )  # fmt: skip
    for row, one, other in zip(
        share(part, whole).rows(named=True), part["shown"], whole["shown"], strict=True
    ):
        is_open = {one, other} <= {"exact", "rounded"}
        assert (row["shown"] in {"exact", "rounded"}) == is_open
        if not is_open:
            assert [row[name] for name in ("value", "numerator", "denominator", "lower", "upper")] == [
                None
            ] * 5


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-400, 400), min_size=1, max_size=60))
def test_a_median_and_a_percentile_are_interpolated(numbers: list[int]) -> None:
    """As `statistics.median` has the one; the other lies on the line between its neighbours."""
    counted = Counter(numbers)
    histogram = pl.DataFrame(
        [("2022-04", "all", float(value), many) for value, many in counted.items()],
        schema=["period", "category", "value", "many"],
        orient="row",
    )
    people = histogram.select("period", "category", lowest="value", highest="value", people="many")
    told = statistics_of(histogram, people, ["median", "p90", "reached_by_eight", "mean"])
    found = dict(told.select("statistic", "value").iter_rows())
    assert told["n"].unique().to_list() == [len(numbers)]
    ordered = sorted(numbers)
    place = Fraction(9, 10) * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    p90 = ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    assert found["median"] == median(numbers)
    assert abs(found["p90"] - float(p90)) < 1e-9
    assert found["reached_by_eight"] == (ordered[-8] if len(numbers) >= 8 else None)
    assert abs(found["mean"] - float(Fraction(sum(numbers), len(numbers)))) < 1e-9
    deviation = told["deviation"].to_list()[0]
    assert deviation is None if len(numbers) == 1 else abs(deviation - stdev(numbers)) < 1e-9
