"""A day that a workbook knows to be one is read by its number, whatever format the mapping declares."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import polars as pl
import pytest

from common.marks import TYPED_DAY as T
from mappings import Compiled

Compile = Callable[[str], Compiled]
TEXT = """
entities:
  - entity: referral
    fields:
      received_at: {{column: Day, converter: instant, format: {form}, time_column: Hour}}
      received_time_known: {{column: Hour, converter: time_known}}
      triaged_at: {{column: Both, converter: instant, format: "{form} HH:MM"}}
      referrer_name: {{column: Name, converter: text}}
"""


def record(ready: Compiled, *, typed: bool, **cells: str) -> dict[str, object]:
    header = ("Ref", "Day", "Hour", "Both", "Name")
    row = dict.fromkeys(header, "") | {"Ref": "R1"} | cells
    evidence = ready.evidence(header, "one", typed=typed, may_shift=False)
    batch = pl.DataFrame([row]).with_row_index("_row")
    return ready.apply(batch, evidence).entities["referral"].to_dicts()[0]


@pytest.mark.parametrize("form", ["dd/mm/yyyy", "mm/dd/yyyy", "d.m.yyyy", "yyyy-mm-dd"])
def test_a_typed_day_is_the_same_in_every_format(compiled: Compile, form: str) -> None:
    """The fourth of March is never the third of April: no text of it is read the other way round."""
    found = record(
        compiled(TEXT.format(form=form)),
        typed=True,
        Day=f"{T}2022-03-04",
        Hour=f"{T}10:15:00",
        Both=f"{T}2022-03-04 17:30:00",
    )
    assert found["received_on"] == date(2022, 3, 4)
    assert found["received_at"] == datetime(2022, 3, 4, 10, 15, tzinfo=UTC)
    assert found["received_time_known"] is True
    assert found["triaged_at"] == datetime(2022, 3, 4, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "cells",
    [
        {"Day": f"{T}2022-03-04 10:15:00"},
        {"Hour": f"{T}10:15:30", "Day": f"{T}2022-03-04"},
        {"Day": "2022-03-04"},
        {"Day": "44624"},
    ],
)
def test_what_the_format_cannot_say_is_not_read(compiled: Compile, cells: dict[str, str]) -> None:
    """An hour in a column of days, seconds in one of minutes, words like a day: a finding, never a guess."""
    found = record(compiled(TEXT.format(form="dd/mm/yyyy")), typed=True, **cells)
    assert found["_unreadable"] != 0


def test_a_typed_day_in_free_text_is_its_own_words(compiled: Compile) -> None:
    """Nothing of our mark is left; in a CSV file a mark of ours is no text at all."""
    ready = compiled(TEXT.format(form="dd/mm/yyyy"))
    assert record(ready, typed=True, Name=f"{T}2022-03-04")["referrer_name"] == "2022-03-04"
    assert record(ready, typed=False, Name=f"{T}2022-03-04")["referrer_name"] is None


@pytest.mark.parametrize(
    ("day", "hour", "triaged", "days"),
    [
        ("03/06/2022", "23:50", "04/06/2022 00:10", 1),  # one day of UTC, two of London
        ("04/06/2022", "00:05", "04/06/2022 23:55", 0),  # two days of UTC, one of London
        ("26/03/2022", "23:59", "27/03/2022 03:00", 1),  # the clocks went forward in between
        ("30/10/2022", "00:30", "30/10/2022 23:30", 0),  # a day of twenty-five hours
        ("04/06/2022", "", "05/06/2022 09:00", 1),  # no hour is known: the day is enough
        ("05/06/2022", "09:00", "04/06/2022 17:00", None),  # triaged before it came
    ],
)
def test_triage_is_counted_in_days_of_london(
    compiled: Compile, day: str, hour: str, triaged: str, days: int | None
) -> None:
    """Same-day triage is of the calendar day that the hub's people lived in, whatever the day of UTC."""
    ready = compiled(TEXT.format(form="dd/mm/yyyy"))
    found = record(ready, typed=False, Day=day, Hour=hour, Both=triaged)
    assert found["triage_days"] == days
