"""A provider's own weeks, and its place among the others."""

from datetime import date

import polars as pl

from reports.peers import FEWEST, standing_of
from reports.trend import chart_of, trend_of

TODAY = date(2022, 12, 1)


def events(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    """Return changes as the store tells them: source, at, from, to."""
    shape = dict.fromkeys(("source", "at", "from", "to"), pl.String())
    return pl.DataFrame(list(rows), schema=shape, orient="row")


def test_a_week_has_what_was_opened_what_was_closed_and_what_was_left() -> None:
    """What changes hands without ending is neither new nor closed; what comes back is new."""
    told = events(
        ("hub", "2022-11-10T02:00:00Z", "", "open"),
        ("hub", "2022-11-10T02:00:00Z", "", "open"),
        ("hub", "2022-11-18T02:00:00Z", "open", "acknowledged"),
        ("hub", "2022-11-19T02:00:00Z", "acknowledged", "mended"),
        ("hub", "2022-11-20T02:00:00Z", "mended", "closed"),
        ("hub", "2022-11-29T02:00:00Z", "closed", "open"),
        ("hub", "2022-11-30T02:00:00Z", "open", "withdrawn"),
        ("other", "2022-11-30T02:00:00Z", "", "open"),
    )
    weeks = [
        (str(week.ends_on), week.opened, week.closed, week.open) for week in trend_of(told, ["hub"], TODAY)
    ]
    assert weeks == [
        ("2022-11-10", 2, 0, 2),
        ("2022-11-17", 0, 0, 2),
        ("2022-11-24", 0, 1, 1),
        ("2022-12-01", 1, 1, 1),
    ]


def test_only_the_last_weeks_are_shown_and_what_was_open_before_them_counts() -> None:
    """A finding of a year ago that is still open is open in every week."""
    told = events(("hub", "2021-12-01T02:00:00Z", "", "open"))
    weeks = trend_of(told, ["hub"], TODAY)
    assert [(week.opened, week.open) for week in weeks] == [(0, 1)] * 12
    assert [row[0] for row in chart_of(weeks).rows][-1] == "1 December 2022"


def test_before_the_first_finding_there_is_no_trend() -> None:
    """A store without changes has no weeks."""
    assert trend_of(events(), ["hub"], TODAY) == []


def test_the_range_is_shown_only_among_enough_providers() -> None:
    """With four others a provider learns where the middle half lies; with three it would learn too much."""
    records = {f"p{n}": 200 for n in range(FEWEST)}
    findings = {f"p{n}": 2 * n for n in range(FEWEST)}
    told = standing_of("p4", findings, records)
    assert told is not None
    assert (told.own, told.low, told.high, told.providers) == (4.0, 1.0, 3.0, 5)
    assert standing_of("p4", findings, {name: many for name, many in records.items() if name != "p0"}) is None
    assert standing_of("p4", findings, records | {"p4": 0}) is None
