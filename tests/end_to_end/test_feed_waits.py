"""Waits and movement of the sample are counted twice, and so is what the sync side told of them."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from feed.counting import RawCounts, count_all
from feed.facts import facts_of
from feed.model import Area
from feed.periods import parse
from tests.end_to_end.conftest import PortalNights
from tests.feed_rows import SCHEMA
from tests.independent.waits_and_moves import COUNTS, SPREADS, Counter, PeriodDays, counted, spread

ENTITIES = ("person", "address", "referral", "contact", "service_episode")
WITHHELD = {"work_reviewed", "work_due_review"}
"""The flow does not release the day of a case review."""
Rows = dict[str, list[dict[str, Any]]]


def periods() -> dict[str, PeriodDays]:
    """Return the eight months, their two whole quarters and each month, with their days."""
    firsts = [date(2022, month, 1) for month in range(4, 13)]
    months = {
        f"{first:%Y-%m}": (first, after - timedelta(days=1), False) for first, after in pairwise(firsts)
    }
    return months | {
        "2022-04..2022-11": (date(2022, 4, 1), date(2022, 11, 30), True),
        "2022-23-Q1": (date(2022, 4, 1), date(2022, 6, 30), True),
        "2022-23-Q2": (date(2022, 7, 1), date(2022, 9, 30), True),
    }


@pytest.fixture(scope="module")
def rows(portal_nights: PortalNights) -> Rows:
    """Return the released rows that waits and movement are counted from."""
    with duckdb.connect(str(portal_nights.night.site.warehouse), read_only=True) as connection:
        return {
            entity: connection.execute(f"SELECT * FROM {SCHEMA}.{entity}").pl().to_dicts()
            for entity in ENTITIES
        }


@pytest.fixture(scope="module")
def raw(portal_nights: PortalNights) -> RawCounts:
    """Return the exact counts of the feed."""
    with facts_of(portal_nights.night.site.warehouse, Area()) as facts:
        return count_all(facts, parse("2022-04..2022-11"))


def test_waits_and_movement_of_the_sample_are_counted_twice(raw: RawCounts, rows: Rows) -> None:
    """Every cell, its people, every median, percentile and what eight reach; only K25 is not available."""
    counter = Counter(rows)
    told = {
        tuple(row[:4]): (row[4], row[5])
        for row in raw.counts.iter_rows()
        if row[0] in COUNTS and row[0] not in WITHHELD and row[4]
    }
    assert told == {
        cell: number for cell, number in counted(counter, periods()).items() if cell[0] not in WITHHELD
    }
    keys = ("kpi", "statistic", "period", "breakdown", "category")
    spreads = {
        tuple(row[key] for key in keys): (row["n"], row["people"], row["beside"], pytest.approx(row["value"]))
        for row in raw.spreads.iter_rows(named=True)
        if row["kpi"] in SPREADS
    }
    assert spread(counter, periods()) == spreads
    assert len(spreads) > 500
    assert raw.missing["K25"] == ["service_episode.case_review_on"]


def test_the_wait_that_is_told_is_that_of_its_days(rows: Rows) -> None:
    """Of work that is linked; where the safety flag keeps it unlinked the number is told alone."""
    received = {row["referral_id"]: row["received_on"] for row in rows["referral"]}
    linked = [row for row in rows["service_episode"] if row["referral_id"] and row["started_on"]]
    assert len(linked) > 1000
    for row in linked:
        days = (row["started_on"] - received[row["referral_id"]]).days
        assert row["wait_days"] == (days if days >= 0 else None)


def test_who_came_back_is_found_again_from_the_days(rows: Rows) -> None:
    """A closure of the same service and person at most 183 days before; one withheld cannot be found."""
    cases = [row for row in rows["referral"] if row["re_referral"] is not None]
    closures: dict[Any, list[date]] = {}
    for row in cases:
        if row["closed_at"] and row["closed_at"] >= row["received_on"]:
            closures.setdefault((row["person_id"], row["target_service_id"]), []).append(row["closed_at"])
    found = {
        row["referral_id"]
        for row in cases
        for closed in closures.get((row["person_id"], row["target_service_id"]), [])
        if 0 < (row["received_on"] - closed).days <= 183
    }
    told = {row["referral_id"] for row in cases if row["re_referral"]}
    assert found <= told
    assert len(found) > 300
    assert len(told - found) <= len(told) // 20
