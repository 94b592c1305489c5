"""An invented provider's quarter: figures, two targets, one unknown, gaps and completeness."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from config.targets import Target
from feed.observations import OBSERVATIONS
from feed.periods import parse
from reports.monitoring import Monitored, monitoring_page, together
from tests.golden.reports import sample_release

QUARTER = "2022-23-Q2"
OWN = {"breakdown": "provider", "category": "community_support"}
TARGETS = {
    "K16": Target(statistic="p90", at_most=15),
    "K13": Target(at_least=95),
    "K99": Target(at_least=1),
}
RECEIVED = {"2022-07": 75, "2022-08": 65, "2022-09": "suppressed", "2022-23-Q1": 230, QUARTER: 205}
GAPS = (
    ("K16", "the waits for a service to start", "missing", 41),
    ("K16", "the waits for a service to start", "twice", 3),
    ("K18", "the referrals by status", "doubtful", 8),
)


def rows() -> Iterator[dict[str, Any]]:
    """Yield the published numbers of the provider, and of all services."""
    for period, value in RECEIVED.items():
        yield sample_release.row("K01", value, period=period, **OWN)
    yield sample_release.row("K01", 1627, period=QUARTER)
    for period, value in {"2022-23-Q1": 14, QUARTER: 20.5}.items():
        yield sample_release.row("K16", value, statistic="p90", unit="days", period=period, **OWN)
    yield sample_release.row("K13", 97, statistic="percent", unit="percent", period=QUARTER, **OWN)


def monitored(**more: Any) -> Monitored:
    """Return the invented quarter."""
    counts = ["valid", "invalid", "refused", "not_known"]
    complete = pl.DataFrame(
        [("referral", "referrer_org_id", date(2022, 8, 1), 100, 82, 1, 0, 0)],
        schema=["entity", "field", "month", "applies", *counts],
        orient="row",
    )
    told = Monitored(
        id="community_support",
        name="Community Support",
        sources=("community_support",),
        quarter=parse(QUARTER),
        targets=TARGETS,
        figures=together([("2022-04..2022-11", 3, pl.DataFrame(list(rows()), schema=OBSERVATIONS))]),
        declared=sample_release.declared(),
        completeness=complete,
        gaps=pl.DataFrame(GAPS, schema=["figure", "figure_words", "way", "records"], orient="row"),
        releases=("2022-04..2022-11 (edition 1)",),
        site="Stockport (sample)",
        sample=True,
    )
    return replace(told, **more)


def page(**more: Any) -> bytes:
    """Return the page of the invented quarter."""
    return monitoring_page(monitored(**more))
