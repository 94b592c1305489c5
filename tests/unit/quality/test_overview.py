"""The tables about the data's quality: what they count, whom they leave out, how their page names them."""

import re
from datetime import UTC, date, datetime

import polars as pl
import pytest

from quality import ANSWERS, EVENTS, FRAME
from quality.asked import BURDENS
from quality.check_counts import TUNINGS, per_cent
from quality.field_counts import COUNTED, FIELD_COUNTS
from quality.overview import Told, quality_tables
from quality.weeks import WEEKS
from tests.front_door import ROOT

NOW = datetime(2022, 12, 1, 6, tzinfo=UTC)
PAGE = (ROOT / "docs" / "reference" / "data-quality-tables.md").read_text(encoding="utf-8")
TYPES = {
    "String": "text",
    "Date": "day",
    "UInt32": "count",
    "Int64": "days",
    "Float64": "number",
    "Boolean": "yes or no",
}


def fields(source: str, month: date, **counts: int) -> tuple[object, ...]:
    return (source, "referral", "priority", month, *(counts.get(name, 0) for name in COUNTED))


def finding(source: str, record: str, state: str = "open") -> dict[str, object]:
    text = dict.fromkeys((name for name, kind in FRAME.items() if kind == pl.String()), "")
    own = {"source": source, "record": record, "check": "REF-16", "entity": "referral", "state": state}
    return {**text, **own, "field": "parent_referral_id", "times_opened": 1, "baseline": False}


MONTHS = [
    fields("hub", date(2022, 5, 1), valid=50, blank=50),
    fields("hub", date(2022, 8, 1), valid=80, refused=10, blank=10, not_applicable=7),
    fields("hub", date(2022, 11, 1), valid=9, invalid=1),
    fields("kept_apart", date(2022, 8, 1), valid=3),
]
ASKED = [("hub", "referral", "REF-04", 90, 8, 2, 0), ("kept_apart", "referral", "REF-04", 3, 0, 0, 0)]
FOUND = [
    finding("hub", "R1"),
    finding("hub", "R2", "mended"),
    finding("far", "R3"),
    finding("kept_apart", "R4"),
]


def event(source: str, begins: str, to: str, reason: str) -> tuple[str, ...]:
    at = "2022-11-20T03:00:00Z"
    return ("F1", source, "referral", "REF-04", "referrer_type", "error", at, "", begins, to, "Team", reason)


EVENTS_OF_DISPUTES = [
    event("hub", "disputed", "accepted", "check_is_wrong"),
    event("hub", "disputed", "open", "dispute_rejected"),
    event("hub", "disputed", "open", ""),
    event("kept_apart", "disputed", "accepted", "check_is_wrong"),
]
SPRING = date(2023, 3, 31)
TUNED = [
    ("hub", "REF-04", "info", None, SPRING, "Known and looked at"),
    ("community", "PER-05", "off", None, SPRING, "Known and looked at"),
    ("kept_apart", "PER-06", "off", None, SPRING, "Known and looked at"),
]
BURDEN = [
    ("hub", "2022-W48", date(2022, 11, 28), 20, 75.5),
    ("kept_apart", "2022-W48", date(2022, 11, 28), 9, 30.0),
]
STOOD = [
    ("hub", date(2022, 11, 21), date(2022, 11, 24), 200, 120, 100, 99, 5, 1, 0),
    ("kept_apart", date(2022, 11, 21), date(2022, 11, 24), 200, 120, 100, 99, 5, 1, 0),
]


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    told = Told(
        {"hub": "hub", "far": "community"},
        "hub",
        pl.DataFrame(MONTHS, schema=FIELD_COUNTS, orient="row"),
        pl.DataFrame(ASKED, schema=ANSWERS, orient="row"),
        pl.DataFrame(FOUND, schema=FRAME, orient="row"),
        pl.DataFrame(EVENTS_OF_DISPUTES, schema=EVENTS, orient="row"),
        pl.DataFrame(TUNED, schema=TUNINGS, orient="row"),
        pl.DataFrame(BURDEN, schema=BURDENS, orient="row"),
        pl.DataFrame(STOOD, schema=WEEKS, orient="row"),
    )
    return quality_tables(told, NOW)


def test_a_source_that_is_not_told_of_is_in_no_table(tables: dict[str, pl.DataFrame]) -> None:
    """What the assessment keeps apart has no row, and no share in anybody else's."""
    for name, table in tables.items():
        assert "kept_apart" not in str(table.to_dicts()), name


def test_shares_count_answers_and_round_down(tables: dict[str, pl.DataFrame]) -> None:
    """A refusal is an answer; what does not apply counts for nothing; 89.99 is not 90."""
    august = tables["completeness"].filter(month=date(2022, 8, 1)).row(0, named=True)
    assert (august["records"], august["applies"], august["complete_percent"]) == (107, 100, 90.0)
    november = tables["completeness"].filter(month=date(2022, 11, 1)).row(0, named=True)
    assert (november["complete_percent"], november["valid_percent"]) == (100.0, 90.0)


def test_the_trend_compares_three_months_with_the_three_before(tables: dict[str, pl.DataFrame]) -> None:
    """November may not be over: August to October against May to July, in percentage points."""
    (row,) = tables["trend"].rows(named=True)
    assert (row["complete_percent"], row["complete_percent_before"], row["complete_change"]) == (
        90.0,
        50.0,
        40.0,
    )


def test_a_figure_of_the_hub_loses_no_record_of_others(tables: dict[str, pl.DataFrame]) -> None:
    """A held referral of the hub is missing from the referrals received; one that passes again is not."""
    received = tables["figures"].filter(figure="K01", way="missing")
    assert received.select("provider", "records").rows() == [("hub", 1)]
    assert set(tables["figures"]["provider"]) == {"hub", "community"}


def test_a_share_has_one_decimal_and_no_more_however_it_is_written() -> None:
    """A spreadsheet shows 96.8 and not 96.80000000000001; 999 of 1000 are not all."""
    counts = pl.DataFrame({"part": range(1001)}).with_columns(whole=1000)
    shares = counts.select(per_cent(pl.col("part"), pl.col("whole"))).to_series()
    assert [str(share) for share in shares] == [f"{part / 10:.1f}" for part in range(1001)]
    many = pl.DataFrame(
        {"part": [6_000_000], "whole": [8_000_000]}, schema=dict.fromkeys(counts.columns, pl.UInt32)
    )
    assert many.select(per_cent(pl.col("part"), pl.col("whole"))).item() == 75.0


def test_every_check_has_a_row_asked_or_not(tables: dict[str, pl.DataFrame]) -> None:
    """How often one fired, and that one was asked nowhere."""
    fired = tables["checks"].filter(check="REF-04").row(0, named=True)
    assert (fired["provider"], fired["failed"], fired["unknown"], fired["failed_percent"]) == (
        "hub",
        8,
        2,
        8.1,
    )
    assert tables["checks"].filter(check="PER-06")["provider"].to_list() == [None]


def test_a_check_says_how_disputes_were_answered(tables: dict[str, pl.DataFrame]) -> None:
    """One was right and one was not; one that the provider took back is neither."""
    asked = tables["checks"].filter(check="REF-04", provider="hub")
    assert asked.select("disputed", "upheld", "rejected").rows() == [(0, 1, 1)]


def test_a_check_says_of_whom_it_is_asked_in_another_way(tables: dict[str, pl.DataFrame]) -> None:
    """How, why and until when, also where it was asked of no record yet; of nobody else."""
    tuned = tables["checks"].filter(pl.col("until").is_not_null())
    assert tuned.select("check", "provider", "told_as", "threshold", "until", "reason", "passed").rows() == [
        ("PER-05", "community", "off", None, SPRING, "Known and looked at", 0),
        ("REF-04", "hub", "info", None, SPRING, "Known and looked at", 90),
    ]


def test_what_a_provider_was_asked_and_how_it_stood_is_told_by_week(tables: dict[str, pl.DataFrame]) -> None:
    """Findings and minutes as they stand in its lists, and the shares as that week's night found them."""
    assert tables["burden"].rows() == [("hub", "2022-W48", date(2022, 11, 28), 20, 75.5)]
    told = tables["weeks"].select("provider", "week", "complete_percent", "valid_percent")
    assert told.rows() == [("hub", date(2022, 11, 21), 60.0, 99.0)]


def test_the_page_names_every_column_with_its_kind(tables: dict[str, pl.DataFrame]) -> None:
    """In their order, and no other."""
    for name, table in tables.items():
        (part,) = re.findall(rf"^## `{name}`$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
        told = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", part, re.MULTILINE)
        assert told == [(column, TYPES[str(kind)]) for column, kind in table.schema.items()], name
