"""Many rows are written in the words in which few are: a list of days and of seconds changes no letter."""

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing import written as written_words
from sharing.written import written

at = datetime.fromisoformat
# Years that any date of a record may have been mistyped into: each is written with four digits.
INSTANTS = st.datetimes(at("0001-01-01"), at("9999-12-31"))
SECONDS = INSTANTS.map(lambda moment: moment.replace(microsecond=0))
NEAR = st.datetimes(at("1969-12-01"), at("2022-12-01")).map(lambda each: each.replace(microsecond=0))


def both(table: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> tuple[list[object], list[object]]:
    """Return the rows as they are written when they are many, and when they are few."""
    with monkeypatch.context() as many:
        many.setattr(written_words, "FEW_ROWS", 0)
        listed = table.select(written(table)).rows()
    return listed, table.select(written(table)).rows()


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.lists(NEAR | st.none(), min_size=2, max_size=30),
        st.lists(SECONDS | st.none(), min_size=2, max_size=30),
        st.lists(INSTANTS | st.none(), min_size=2, max_size=30),
    )
)
def test_days_and_instants_are_written_alike_whether_they_are_many_or_few(
    moments: list[datetime | None],
) -> None:
    """Whatever the year, before 1970 too, with and without parts of a second, null or not."""
    instants = pl.Series("at", moments, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
    table = pl.DataFrame({"at": instants, "on": instants.dt.date()})
    with pytest.MonkeyPatch.context() as patch:
        listed, one_by_one = both(table, patch)
    assert listed == one_by_one
    assert [row[0] for row in listed] == [
        None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27) for moment in moments
    ]


def test_the_lists_are_what_many_rows_are_written_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with a list that says something else, many rows say it and few do not."""
    table = pl.DataFrame({"at": [at("2022-12-01T09:00"), at("2022-12-02T09:00")]})
    wrong = pl.Series(["Tplanted"] * written_words.SECONDS)
    monkeypatch.setattr(written_words, "_clock", lambda: wrong)
    listed, one_by_one = both(table, monkeypatch)
    assert listed == [("2022-12-01Tplanted",), ("2022-12-02Tplanted",)]
    assert one_by_one == [("2022-12-01T09:00:00.000000Z",), ("2022-12-02T09:00:00.000000Z",)]
