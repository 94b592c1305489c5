"""An invented release: a few figures of two tables, some hidden, in the shape in which they are published."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from feed.release.build import Before, Keys, Pages, Published, build_release
from feed.release.contents import Contents
from feed.release.observed import COLUMNS
from feed.release.quality import Fate, Fresh, Quality
from feed.release.revisions import Change, Reason
from feed.release.sheet import empty
from feed.release.words import AsOf, Break, Definition, Publisher, Table
from sealing.signing import Signer

START, END = date(2022, 10, 1), date(2022, 12, 31)
SIGNER = Signer(bytes(range(32)))
KEYS = Keys(SIGNER, (SIGNER.verifier,))
TABLES = (
    Table("referrals", "Referrals", "Referrals received by the hub."),
    Table("waits", "Waits", "How long people waited."),
)
PUBLISHER = Publisher(
    "Stockport Council (invented)",
    contact="feed@example.org",
    feedback="https://example.org/feedback",
    licence="OGL-UK-3.0",
    usage="For planning and contract monitoring.",
    limitations="Not to be used to find out about single people.",
    kept_for="6 years",
    published_within_days=28,
)
DEFINITIONS = (
    Definition(
        "K01", "Referrals received", "referrals", "count", "referrals", "Referrals received in the period.",
        numerator="referrals_received", statistics=("count",), breakdowns=("lot", "ward"),
        source="award entry", entities=("referral",),
    ),
    Definition("K16", "Wait", "waits", "spread", "days", "Days to the start.", entities=("contact",)),
)  # fmt: skip


def row(kpi: str, category: str = "all", value: float | None = None, **more: Any) -> dict[str, Any]:
    """Return one observation."""
    shown = more.get("shown") or ("exact" if category == "all" else "rounded")
    told = {
        "table": "waits" if kpi == "K16" else "referrals",
        "kpi": kpi,
        "statistic": "count",
        "period": "2022-23-Q3",
        "period_start": START,
        "period_end": END,
        "breakdown": "borough" if category == "all" else "lot",
        "category": category,
        "label": f"Lot {category}" if category != "all" else "All",
        "value": value,
        "unit": "referrals",
        "numerator": None,
        "denominator": None,
        "lower": None,
        "upper": None,
        "note": "",
    }
    return told | more | {"shown": shown}


ROWS = (
    row("K01", value=3663),
    row("K01", "L3", 3100, label="=HYPERLINK(x)"),
    row("K01", "L4", 560, label="Community, support"),
    row("K01", "L7", shown="suppressed"),
    row(
        "K01", value=98, statistic="completeness", unit="%", numerator=3590, denominator=3665, shown="rounded"
    ),
    row("K16", value=12.5, statistic="median", unit="days"),
    row("K16", value=9.25, statistic="mean", unit="days", lower=8.5, upper=10.0),
)


def contents(rows: Sequence[dict[str, Any]] = ROWS, **more: Any) -> Contents:
    """Return what the invented release tells, changed where it is said."""
    told: dict[str, Any] = {
        "period": "2022-23-Q3",
        "start": START,
        "end": END,
        "title": "Figures for Stockport, October to December 2022",
        "tables": TABLES,
        "definitions": DEFINITIONS,
        "observations": pl.DataFrame(list(rows), schema=empty(COLUMNS).schema),
        "quality": Quality((Fresh("hub", 3, date(2023, 1, 2)),), (Fate("referral", 4, 12),)),
        "publisher": PUBLISHER,
        "as_of": AsOf(3, "2023-01-04T03:00:00Z"),
        "breaks": (Break(date(2023, 5, 4), "ward", "The wards of Stockport were drawn anew."),),
        "sample": True,
    }
    return Contents(**(told | more))


def changed_with(replaced: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows with one of them, told by its key, replaced."""
    names = ("kpi", "statistic", "category")
    return [replaced if all(each[n] == replaced[n] for n in names) else each for each in ROWS]


def why(_: Before) -> Change:
    """Return that referrals came late, and that nothing else happened."""
    entities = {each.id: each.entities for each in DEFINITIONS}
    late = {"referral": frozenset({Reason.LATE})}
    return Change(late, frozenset(), lambda kpi, _: (entities.get(kpi, ()),))


def build(feed: Path, told: Contents | None = None, pages: Pages | None = None) -> Published:
    """Build the invented release into the folder."""
    return build_release(told or contents(), feed, KEYS, why, pages)


def bytes_in(folder: Path) -> dict[str, bytes]:
    """Return every file under the folder by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
