"""One line of totals a week: what it adds up, what it replaces, how long it stays."""

from datetime import date
from pathlib import Path

import polars as pl

from quality import ANSWERS, CountStore
from quality.field_counts import COUNTED, FIELD_COUNTS

TUESDAY, FRIDAY, NEXT_MONDAY = date(2022, 11, 22), date(2022, 11, 25), date(2022, 11, 28)
LONG_AGO = date(2020, 1, 1)
ANSWERED = pl.DataFrame(
    [("hub", "referral", "REF-04", 90, 8, 2, 0), ("hub", "submission", "SUB-04", 12, 0, 1, 0)],
    schema=ANSWERS,
    orient="row",
)


def fields(**counts: int) -> pl.DataFrame:
    row = ("hub", "referral", "priority", None, *(counts.get(name, 0) for name in COUNTED))
    return pl.DataFrame([row], schema=FIELD_COUNTS, orient="row")


def test_a_week_holds_what_its_last_night_found(tmp_path: Path) -> None:
    """Friday stands in place of Tuesday; next Monday begins a line of its own, and the first one stays."""
    store = CountStore(tmp_path)
    for day, valid in ((TUESDAY, 10), (FRIDAY, 20), (NEXT_MONDAY, 30)):
        counts = fields(valid=valid, refused=1, blank=4, unreadable=2, not_applicable=50)
        store.keep_week("hub", counts, ANSWERED, day, LONG_AGO)
    assert store.weeks(["hub"]).rows() == [
        ("hub", date(2022, 11, 21), FRIDAY, 27, 21, 22, 20, 102, 8, 3),
        ("hub", NEXT_MONDAY, NEXT_MONDAY, 37, 31, 32, 30, 102, 8, 3),
    ]


def test_lines_go_when_their_time_is_over(tmp_path: Path) -> None:
    """A line is kept as long as closed findings are; those of another source are its own affair."""
    store = CountStore(tmp_path)
    store.keep_week("far", fields(valid=1), ANSWERED, TUESDAY, LONG_AGO)
    store.keep_week("hub", fields(valid=1), ANSWERED, TUESDAY, LONG_AGO)
    store.keep_week("hub", fields(valid=1), ANSWERED, NEXT_MONDAY, FRIDAY)
    assert store.weeks(["far", "hub"]).select("source", "counted_on").rows() == [
        ("far", TUESDAY),
        ("hub", NEXT_MONDAY),
    ]


def test_weeks_that_cannot_be_read_begin_anew(tmp_path: Path) -> None:
    """They are for a page: no night fails for them."""
    store = CountStore(tmp_path)
    (tmp_path / "hub.weeks.parquet").write_bytes(b"PAR1")
    store.keep_week("hub", fields(valid=1), ANSWERED, FRIDAY, LONG_AGO)
    assert store.weeks(["hub"])["counted_on"].to_list() == [FRIDAY]
