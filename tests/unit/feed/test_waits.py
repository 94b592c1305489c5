"""When a wait begins, what ends it, and who still waits on a period's last day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import quantiles
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from feed.counting import count_all
from feed.facts import facts_of
from feed.model import Area
from feed.periods import parse
from feed.spread import statistics_of
from tests.feed_rows import key, write_rows
from tests.independent.waits_and_moves import percentile

APRIL = date(2022, 4, 1)
Row = dict[str, Any]
Told = dict[str, tuple[Any, ...]]


def days(number: int, since: date = APRIL) -> date:
    return since + timedelta(days=number)


def told(path: Path, columns: str, fact: str, tables: Mapping[str, Sequence[Row]]) -> Told:
    """Return the columns of the fact by the word that stands for the person of each row."""
    whole = {"person": [], "address": [], "contact": [], "service_episode": [], **tables}
    words = {str(key(row["person_id"])): row["person_id"] for row in whole["referral"]}
    with facts_of(write_rows(path / "w.duckdb", whole), Area()) as facts:
        rows = facts.rows(f"SELECT person::VARCHAR, {columns} FROM fact_{fact} ORDER BY ALL")
    return {words[row[0]]: row[1:] for row in rows}


def referral(name: str, **more: Any) -> Row:
    """Return a referral to the hub of the person of this name, received on 1 April."""
    whole = {"referral_id": name, "person_id": name, "received_on": APRIL, "lot_code": "L3-SSH"}
    return {**whole, "status": "completed", **more}


def contact(name: str, number: int, **more: Any) -> Row:
    """Return a contact in the referral of this name, so many days after 1 April."""
    whole = {"referral_id": name, "contact_on": days(number), "is_administrative": False, "attendance": "5"}
    return {**whole, **more}


def episode(name: str, **more: Any) -> Row:
    return {"referral_id": name, "person_id": name, "lot_code": "L4-CS", **more}


def test_the_first_contact_that_took_place_and_was_no_paperwork_ends_the_wait(tmp_path: Path) -> None:
    """Paperwork, appointments missed or cancelled, contacts before the referral, unknown ones end nothing."""
    names = [
        "plain",
        "paper",
        "missed",
        "cancelled",
        "before",
        "unknown",
        "no_day",
        "call",
        "copy",
        "same_day",
    ]
    contacts = [
        contact("plain", 9), contact("plain", 4),
        contact("paper", 1, is_administrative=True), contact("paper", 6),
        contact("missed", 1, attendance="3"), contact("missed", 2, attendance="7"),
        contact("missed", 8, attendance="6"), contact("cancelled", 1, attendance="2"),
        contact("cancelled", 1, attendance="4"), contact("cancelled", 3, attendance="0"),
        contact("before", -2), contact("before", 5),
        contact("unknown", 1, is_administrative=None),
        {"referral_id": "no_day", "is_administrative": False},
        contact("call", 3, attendance=None),
        contact("copy", 1),
        contact("same_day", 0),
    ]  # fmt: skip
    referrals = [referral(name, status="duplicate" if name == "copy" else "completed") for name in names]
    found = told(tmp_path, "wait_days", "first_response", {"referral": referrals, "contact": contacts})
    assert found == {
        "plain": (4,),
        "paper": (6,),
        "missed": (8,),
        "before": (5,),
        "call": (3,),
        "same_day": (0,),
    }


def test_each_wait_has_two_clocks_where_the_hub_passed_the_person_on(tmp_path: Path) -> None:
    """From the service's own receipt, and from the hub's; without a portal link there is the first alone."""
    referrals = [
        referral("asked", received_on=days(-10)),
        referral("linked", source_system="community_support", parent_referral_id="asked"),
        referral("direct", source_system="community_support"),
        referral("lost", source_system="community_support", parent_referral_id="gone"),
        referral(
            "reversed", source_system="community_support", parent_referral_id="direct", received_on=days(-3)
        ),
    ]
    contacts = [contact("linked", 5), contact("direct", 5), contact("lost", 5), contact("reversed", -1)]
    found = told(
        tmp_path, "wait_days, hub_wait_days", "first_response", {"referral": referrals, "contact": contacts}
    )
    assert found == {"linked": (5, 15), "direct": (5, None), "lost": (5, None), "reversed": (2, None)}


def test_a_wait_is_counted_in_calendar_days_whatever_the_clock_and_the_calendar_do(tmp_path: Path) -> None:
    """Over the night without a 01:30, the night with two, 29 February, and the turn of the year."""
    ends = {
        "spring": (date(2022, 3, 26), date(2022, 3, 28), 2),
        "autumn": (date(2022, 10, 29), date(2022, 10, 31), 2),
        "leap": (date(2024, 2, 28), date(2024, 3, 1), 2),
        "common": (date(2023, 2, 28), date(2023, 3, 1), 1),
        "century": (date(1999, 12, 31), date(2000, 3, 1), 61),
    }
    tables = {
        "referral": [referral(name, received_on=first) for name, (first, _, _) in ends.items()],
        "contact": [contact(name, 0, contact_on=last) for name, (_, last, _) in ends.items()],
    }
    found = told(tmp_path, "wait_days", "first_response", tables)
    assert found == {name: (wait,) for name, (_, _, wait) in ends.items()}


def test_the_first_start_of_a_referral_counts_and_a_start_before_it_has_no_wait(tmp_path: Path) -> None:
    """What the flow says of the wait stands; later work in the same referral is no first service."""
    tables = {
        "referral": [referral("twice"), referral("early"), referral("copy", status="duplicate")],
        "service_episode": [
            episode("twice", started_on=days(30), wait_days=30),
            episode("twice", started_on=days(7), wait_days=7, offered_start_on=days(3)),
            episode("early", started_on=days(-1), offered_start_on=days(-1)),
            episode("copy", started_on=days(1), wait_days=1),
        ],
    }
    found = told(tmp_path, "wait_days, offer_days, chose_later", "first_service", tables)
    assert found == {"twice": (7, 3, True), "early": (None, None, False)}


def waiting(path: Path, last: date, tables: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """Return who waits at the end of the day, and in which band."""
    whole = {"person": [], "address": [], "contact": [], "service_episode": [], **tables}
    words = {str(key(row["person_id"])): row["person_id"] for row in whole["referral"]}
    with facts_of(write_rows(path / f"{last}.duckdb", whole), Area()) as facts:
        rows = facts.rows(
            "SELECT person::VARCHAR, wait_band FROM fact_waiting "
            f"WHERE day <= DATE '{last}' AND (until IS NULL OR until > DATE '{last}')"
        )
    assert len(rows) == len({row[0] for row in rows})
    return {words[person]: band for person, band in rows}


def test_who_waits_stands_in_one_band_by_days_since_the_service_received_the_referral(tmp_path: Path) -> None:
    """Seven days are in the first band, eight in the second, and so on to 57 and more."""
    bands = {"00-07": (0, 7), "08-14": (8, 14), "15-28": (15, 28), "29-56": (29, 56), "57+": (57, 400)}
    ages = {age: band for band, both in bands.items() for age in both}
    tables = {
        "referral": [
            referral(str(age), received_on=days(-age), status="triaged", triage_outcome="accept")
            for age in ages
        ]
    }
    assert waiting(tmp_path, APRIL, tables) == {str(age): band for age, band in ages.items()}


def test_nobody_waits_who_was_not_taken_on_or_whose_wait_is_over(tmp_path: Path) -> None:
    """Started, ended or closed by that day ends it; whose is over without a day is left out."""
    day = days(10)
    accepted: Row = {"status": "triaged", "triage_outcome": "accept"}
    cases: dict[str, tuple[Row, list[Row]]] = {
        "waits": (accepted, []),
        "starts_tomorrow": (accepted, [{"started_on": days(11)}]),
        "started_today": (accepted, [{"started_on": day}]),
        "taken_on_by_a_day": ({"status": "triaged"}, [{"accepted_on": days(10)}]),
        "taken_on_tomorrow": ({"status": "triaged"}, [{"accepted_on": days(11)}]),
        "triaged_tomorrow": (accepted | {"triage_days": 11}, []),
        "says_it_waits": ({"status": "waiting"}, []),
        "was_signposted": ({"status": "waiting", "triage_outcome": "signpost"}, []),
        "closed": (accepted | {"closed_at": day}, []),
        "closed_tomorrow": (accepted | {"closed_at": days(11), "status": "completed"}, []),
        "ended_unstarted": (accepted, [{"accepted_on": APRIL, "ended_on": days(9)}]),
        "one_of_two_ended": (
            accepted,
            [{"accepted_on": APRIL, "ended_on": days(9)}, {"accepted_on": APRIL}],
        ),
        "withdrew_some_day": (accepted | {"status": "withdrawn"}, []),
        "in_service_since_some_day": (accepted | {"status": "in_service"}, []),
        "withheld": ({"status": None}, []),
        "copy": (accepted | {"status": "duplicate"}, []),
    }
    tables = {
        "referral": [referral(name, **more) for name, (more, _) in cases.items()],
        "service_episode": [episode(name, **row) for name, (_, rows) in cases.items() for row in rows],
    }
    assert set(waiting(tmp_path, day, tables)) == {
        "waits", "starts_tomorrow", "taken_on_by_a_day", "says_it_waits", "closed_tomorrow",
        "one_of_two_ended",
    }  # fmt: skip


def test_twenty_eight_days_are_within_28_and_thirty_within_30(tmp_path: Path) -> None:
    """Of each wait, by either clock."""
    lengths = (28, 29, 30, 31)
    asked = [referral(f"asked{length}", status="waiting") for length in lengths]
    passed = [
        referral(
            str(length),
            lot_code="L4-CS",
            source_system="community_support",
            parent_referral_id=f"asked{length}",
        )
        for length in lengths
    ]
    tables = {
        "person": [], "address": [], "referral": asked + passed,
        "contact": [contact(str(length), length) for length in lengths],
        "service_episode": [
            episode(str(length), started_on=days(length), wait_days=length) for length in lengths
        ],
    }  # fmt: skip
    with facts_of(write_rows(tmp_path / "w.duckdb", tables), Area()) as facts:
        counts = count_all(facts, parse("2022-23-Q1")).counts
    whole = counts.filter((pl.col("period") == "2022-23-Q1") & (pl.col("breakdown") == "borough"))
    number = dict(whole.select("count_id", "count").iter_rows())
    for of in ("responses", "responses_passed_on", "starts", "starts_passed_on"):
        assert (number[of], number[f"{of}_within_28"], number[f"{of}_within_30"]) == (4, 1, 3), of


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_percentiles_lie_on_the_line_between_two_waits(waits: list[int]) -> None:
    """As a computation in fractions has them, and the standard library's inclusive quantiles."""
    cells = [("2022-04", "all", float(wait), many) for wait, many in Counter(waits).items()]
    histogram = pl.DataFrame(cells, schema=["period", "category", "value", "many"], orient="row")
    people = histogram.select("period", "category", lowest="value", highest="value", people="many")
    names = ("median", "p90")
    told = dict(statistics_of(histogram, people, names).select("statistic", "value").iter_rows())
    rows = [told[name] for name in names]
    expected = (percentile(waits, Fraction(1, 2)), percentile(waits, Fraction(9, 10)))
    assert [round(value, 9) for value in rows] == [round(float(value), 9) for value in expected]
    if len(waits) > 1:
        tenths = quantiles(waits, n=10, method="inclusive")
        assert abs(tenths[4] - rows[0]) < 1e-9
        assert abs(tenths[8] - rows[1]) < 1e-9
    assert min(waits) <= rows[0] <= rows[1] <= max(waits)
