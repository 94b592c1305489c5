"""Time to mend: who mended when, who is still waited for, and an own estimate beside ours."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from common.clock import stamp
from quality import EVENTS
from quality.mending_times import times_to_mend

START = datetime(2026, 1, 1, 3, tzinfo=UTC)
Turn = tuple[int, str, str]


def events(*findings: list[Turn], severity: str = "error") -> pl.DataFrame:
    """Return the events of findings. Given: of each its turns: day, from, to."""
    rows = [
        (f"F{number}", "hub", "person", "PER-04", "birth_date", severity, at(day), "run", *turn, "", "")
        for number, turns in enumerate(findings)
        for day, *turn in turns
    ]
    return pl.DataFrame(rows, schema=EVENTS, orient="row").sort("at", maintain_order=True)


def at(day: int) -> str:
    return stamp(START + timedelta(days=day))


def of_all(told: pl.DataFrame, days: int) -> dict[str, object]:
    table = times_to_mend(told, {"hub": "hub"}, START + timedelta(days=days))
    assert table.filter(provider="hub").drop("provider").equals(table.filter(provider="").drop("provider"))
    return table.filter(provider="").row(0, named=True)


OPEN = (0, "", "open")


def test_what_is_still_open_counts_as_long_as_it_has_stood() -> None:
    """Three mended on days 2, 4 and 6; five open for 20 days: half are not mended yet, nobody says six."""
    mended = [[OPEN, (day, "open", "mended"), (day + 1, "mended", "closed")] for day in (2, 4, 6)]
    row = of_all(events(*mended, *([OPEN] for _ in range(5))), 20)
    assert (row["spells"], row["mended"], row["still_open"]) == (8, 3, 5)
    assert (row["median_days"], row["ninth_decile_days"]) == (None, None)
    assert (row["median_days_open"], row["oldest_days_open"]) == (20.0, 20)


def test_a_finding_that_comes_back_before_it_closed_goes_on_and_after_it_begins_anew() -> None:
    """Passed on day 2, failed on day 3, passed on day 9: nine days. Closed and back later: two spells."""
    goes_on = [
        OPEN,
        (2, "open", "mended"),
        (3, "mended", "open"),
        (9, "open", "mended"),
        (10, "mended", "closed"),
    ]
    row = of_all(events(goes_on), 30)
    assert (row["spells"], row["mended"], row["median_days"]) == (1, 1, 9)
    anew = [OPEN, (2, "open", "mended"), (3, "mended", "closed"), (20, "closed", "open")]
    row = of_all(events(anew), 30)
    assert (row["spells"], row["mended"], row["still_open"], row["oldest_days_open"]) == (2, 1, 1, 10)


@pytest.mark.parametrize("state", ["accepted", "disputed", "withdrawn"])
def test_what_ends_otherwise_is_not_called_mended(state: str) -> None:
    """It is looked at until that day and counted apart."""
    row = of_all(events([OPEN, (5, "open", state)], [OPEN, (8, "open", "mended")]), 30)
    assert (row["mended"], row["left_otherwise"], row["still_open"]) == (1, 1, 0)
    assert row["median_days"] == 8


def test_the_estimate_is_kaplan_and_meiers() -> None:
    """Against an own count, day by day, over random lives."""
    draw = random.Random(5)
    lives = [(draw.randrange(0, 40), draw.random() < 0.7) for _ in range(200)]
    turns = [[OPEN, (day, "open", "mended" if mended else "accepted")] for day, mended in lives]
    row = of_all(events(*turns), 60)
    left, done = Counter(day for day, _ in lives), Counter(day for day, mended in lives if mended)
    stays, risk, when = 1.0, len(lives), {}
    for day in sorted(left):
        stays *= 1 - done[day] / risk
        risk -= left[day]
        when.update({limit: day for limit in (0.5, 0.1) if stays <= limit and limit not in when})
    assert (row["median_days"], row["ninth_decile_days"]) == (when.get(0.5), when.get(0.1))


def test_a_source_that_is_not_told_of_stays_out() -> None:
    """Its findings are in nobody's numbers, not even in those of all."""
    assert times_to_mend(events([OPEN]), {"far": "far"}, START).is_empty()
    assert times_to_mend(EVENTS.to_frame(), {"hub": "hub"}, START).is_empty()
