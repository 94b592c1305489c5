"""Who steps from one service to another, how long services work with people, whether a review was held."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from feed.facts import facts_of
from feed.model import Area
from tests.feed_rows import write_rows

DAY = date(2022, 6, 30)
Row = dict[str, Any]


def begun(days_before: int, name: str = "ann", **more: Any) -> Row:
    """Return work that began so many days before 30 June, in a referral of its own."""
    told = {"person_id": name, "referral_id": name, "started_on": DAY - timedelta(days=days_before)}
    return {"lot_code": "L4-CS", **told, **more}


def asked(path: Path, episodes: Sequence[Row], sql: str, people: Sequence[Row] = ()) -> list[tuple[Any, ...]]:
    tables = {"service_episode": episodes, "person": people, "address": [], "referral": []}
    with facts_of(write_rows(path / "w.duckdb", tables), Area()) as facts:
        return facts.rows(sql)


def on_the_day(fact: str, column: str = "count(*)") -> str:
    then = f"day <= DATE '{DAY}' AND (until IS NULL OR until > DATE '{DAY}')"
    return f"SELECT {column} FROM fact_{fact} WHERE {then}"


def test_open_work_stands_in_one_band_by_days_since_it_began(tmp_path: Path) -> None:
    """More than 90 days are 91, more than 183 are 184; what ends today is open no longer."""
    ages = (0, 90, 91, 183, 184, 2000)
    episodes = [begun(age, f"p{age}") for age in ages]
    episodes += [
        begun(40, "ended", ended_on=DAY),
        begun(400, "ends_tomorrow", ended_on=DAY + timedelta(days=1)),
    ]
    episodes += [begun(9, "reversed", ended_on=DAY - timedelta(days=10)), {"referral_id": "no_day"}]
    found = asked(
        tmp_path, episodes, on_the_day("open_work", "length_band, count(*)") + " GROUP BY 1 ORDER BY 1"
    )
    assert found == [("000-090", 2), ("091-183", 2), ("184+", 3)]


def test_work_whose_end_is_withheld_does_not_go_on_for_ever(tmp_path: Path) -> None:
    """A safety rule keeps a row unlinked and its end empty: it is neither open nor due for a review."""
    withheld = {"started_on": DAY - timedelta(days=500), "lot_code": "L4-CS"}
    assert asked(tmp_path, [withheld, begun(500)], on_the_day("open_work")) == [(1,)]


def test_a_review_counts_for_31_days_of_work_that_has_gone_on_for_more_than_90(tmp_path: Path) -> None:
    """Work of 91 days reviewed today or 31 days ago is reviewed; 32 days ago, of 90 days, or never is not."""

    def reviewed(age: int, ago: int, name: str, **more: Any) -> Row:
        return begun(age, name, case_review_on=DAY - timedelta(days=ago), **more)

    episodes = [
        reviewed(91, 0, "today"), reviewed(200, 31, "last"), reviewed(200, 32, "old"),
        reviewed(90, 3, "short"), reviewed(200, -1, "tomorrow"),
        begun(300, "never"), reviewed(300, 3, "ended", ended_on=DAY),
    ]  # fmt: skip
    assert asked(tmp_path, episodes, on_the_day("reviewed_work")) == [(2,)]


def test_an_episode_that_ends_before_it_begins_has_no_length(tmp_path: Path) -> None:
    """It ended all the same, and is counted among those."""
    episodes = [
        begun(30, "month", ended_on=DAY), begun(0, "day", ended_on=DAY),
        begun(0, "reversed", ended_on=DAY - timedelta(days=1)),
        {"ended_on": DAY, "lot_code": "L4-CS"}, begun(3, "open"),
    ]  # fmt: skip
    found = asked(
        tmp_path,
        episodes,
        "SELECT length_days FROM fact_ended_work WHERE day IS NOT NULL ORDER BY 1 NULLS LAST",
    )
    assert found == [(0,), (30,), (None,), (None,)]


def test_a_step_leads_from_the_latest_work_before_to_work_of_another_lot(tmp_path: Path) -> None:
    """At whichever provider, of one person by the link; the same lot is no step, nor is nobody's work."""
    episodes = [
        begun(90, "ann", lot_code="L3-SSH"), begun(60, "anne", source_system="community_support"),
        begun(50, "ann"), begun(10, "ann", lot_code="L6-HS"),
        begun(90, "bob"), begun(20, "bob", lot_code=None), begun(10, "bob"),
        {"started_on": DAY, "lot_code": "L3-SSH"}, {"started_on": DAY, "lot_code": "L4-CS"},
    ]  # fmt: skip
    people = [{"person_id": name, "linked_person_id": "one"} for name in ("ann", "anne")]
    sql = "SELECT move FROM fact_step ORDER BY day"
    assert asked(tmp_path, episodes, sql, people) == [("L3-SSH>L4-CS",), ("L4-CS>L6-HS",)]
