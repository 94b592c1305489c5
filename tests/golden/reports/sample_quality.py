"""Fixed counts for the data team's page: two providers that are told of, and one that is kept apart."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from common.clock import stamp
from quality import ANSWERS, EVENTS, FRAME, Cause
from quality.asked import BURDENS
from quality.check_counts import TUNINGS
from quality.field_counts import COUNTED, FIELD_COUNTS
from quality.overview import Told, quality_tables
from quality.weeks import COUNTS, WEEKS
from reports.data_quality import QualityReading, write_data_quality
from reports.trend import trend_of

APART = "domestic_abuse_support"
NAMES = {"hub": "Support Hub", "community": "Community Support", APART: "Domestic Abuse Support"}
PROVIDERS = {"hub": "hub", "community_support": "community"}
CAUSE = Cause("hub", "address", "ADR-01", "postcode", "referral_method", "web form", 83, 91, 120, 400)
FIELDS = {"referral": ("referrer_type", "closure_reason"), "characteristics": ("ethnicity_2021",)}


def reading(site: str, now: datetime) -> QualityReading:
    """Return what the page is made from."""
    events = _events()
    counts = _fields(), _answers(), _findings(), events, _tunings(), _burden(), _weeks()
    tables = quality_tables(Told(PROVIDERS, "hub", *counts), now)
    # Of the catalogue, which grows, two checks stand for all that nobody was asked.
    told_of = pl.col("provider").is_not_null() | pl.col("check").is_in(["PER-01", "PER-02"])
    tables["checks"] = tables["checks"].filter(told_of)
    causes = [("Support Hub", "The postcode is not in United Kingdom format.", CAUSE.sentence)]
    weeks = trend_of(events, PROVIDERS, now.date(), 4)
    return QualityReading(site, tables, NAMES, {APART: 17}, causes, weeks, sample=True)


def written(out: Path, site: str, now: datetime) -> None:
    """Write the page and its tables below the folder of reports."""
    write_data_quality(out, reading(site, now))


def _fields() -> pl.DataFrame:
    rows = []
    for source in PROVIDERS:
        for entity, names in FIELDS.items():
            for place, name in enumerate(names):
                for month in range(3, 12):
                    counts = {
                        "valid": 40 + 3 * month,
                        "blank": 30 - 2 * month - place,
                        "not_known": 2 + place,
                    }
                    counts |= {"refused": place, "invalid": month % 3, "not_applicable": 5}
                    told = (counts.get(kind, 0) for kind in COUNTED)
                    rows.append((source, entity, name, date(2022, month, 1), *told))
    few = (3 if kind == "valid" else 0 for kind in COUNTED)
    rows.append(("hub", "child_review", "completed_on", None, *few))
    return pl.DataFrame(rows, schema=FIELD_COUNTS, orient="row")


def _answers() -> pl.DataFrame:
    rows = [
        ("hub", "referral", "REF-04", 380, 20, 2, 0),
        ("community_support", "referral", "REF-04", 90, 1, 0, 0),
        ("hub", "address", "ADR-01", 309, 91, 0, 12),
        ("hub", "person", "PER-05", 350, 0, 0, 50),
        ("hub", "address", "ADR-02", 0, 0, 400, 0),
        ("hub", "submission", "SUB-05", 3, 1, 0, 0),
        ("hub", "submission", "CHR-01", 2, 0, 1, 0),
    ]
    return pl.DataFrame(rows, schema=ANSWERS, orient="row")


def _findings() -> pl.DataFrame:
    text = dict.fromkeys((name for name, kind in FRAME.items() if kind == pl.String()), "")
    kinds = [
        ("REF-04", "referral", "referrer_type", "error", 20),
        ("REF-16", "referral", "parent_referral_id", "error", 4),
        ("ADR-01", "address", "postcode", "warning", 91),
    ]
    rows = [
        {**text, "source": "hub", "record": f"R{number}", "check": check, "entity": entity, "field": field}
        | {"severity": severity, "state": "open", "times_opened": 1, "baseline": False}
        for check, entity, field, severity, many in kinds
        for number in range(many)
    ]
    return pl.DataFrame(rows, schema=FRAME)


def _events() -> pl.DataFrame:
    rows = []
    for number in range(60):
        severity, source = ("error", "hub") if number % 3 else ("warning", "community_support")
        name = (f"F{number}", source, "referral", "REF-04", "referrer_type", severity)
        rows.append((*name, _at(10, 1 + number % 5), "run", "", "open", "", ""))
        if number % 4:
            rows.append((*name, _at(10, 8 + number % 20), "run", "open", "mended", "", "passes"))
    name = ("F90", "hub", "address", "ADR-01", "postcode", "warning")
    rows += [
        (*name, _at(11, 20), "run", "", "open", "", ""),
        (*name, _at(11, 21), "", "open", "disputed", "Somebody", "check_is_wrong"),
        (*name, _at(11, 22), "", "disputed", "accepted", "Data team", "check_is_wrong"),
    ]
    return pl.DataFrame(rows, schema=EVENTS, orient="row").sort("at", maintain_order=True)


def _tunings() -> pl.DataFrame:
    rows = [
        ("hub", "PER-05", "off", None, date(2023, 3, 31), "Forms are filled in with a worker"),
        ("community", "SUB-05", "info", 60.0, date(2023, 3, 31), "A seasonal service"),
        (APART, "PER-05", "off", None, date(2023, 3, 31), "Nobody is told of this"),
    ]
    return pl.DataFrame(rows, schema=TUNINGS, orient="row")


def _burden() -> pl.DataFrame:
    rows = [
        ("hub", "2022-W47", date(2022, 11, 21), 20, 95.0),
        ("hub", "2022-W48", date(2022, 11, 28), 18, 64.0),
        ("community", "2022-W48", date(2022, 11, 28), 0, 0.0),
        (APART, "2022-W48", date(2022, 11, 28), 20, 70.0),
    ]
    return pl.DataFrame(rows, schema=BURDENS, orient="row")


def _weeks() -> pl.DataFrame:
    rows = []
    for source in PROVIDERS:
        for ago in range(4):
            monday = date(2022, 11, 28) - timedelta(weeks=ago)
            counts = (1000, 900 - 20 * ago, 880 - 20 * ago, 850 - 25 * ago, 5000, 100 + 10 * ago, 40)
            rows.append((source, monday, monday + timedelta(days=2), *counts))
    return pl.DataFrame(rows, schema=["source", "week", "counted_on", *COUNTS], orient="row").cast(WEEKS)


def _at(month: int, day: int) -> str:
    return stamp(datetime(2022, month, day, 3, tzinfo=UTC))
