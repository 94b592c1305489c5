"""Figures about how long people waited for a service to start."""

from typing import Any

from canonical.lists import codes
from feed.measure import Band, Counted, Measure, banded, statistics_of
from feed.model import Breakdown, ServiceWait
from feed.released import SCHEMA, Released
from feed.suppression import cells, hidden_cells, whole_percent

LIMIT_DAYS = 30
BANDS: list[Band] = [
    ("Up to 7 days", 0, 7),
    ("8 to 14 days", 8, 14),
    ("15 to 30 days", 15, 30),
    ("31 to 60 days", 31, 60),
    ("More than 60 days", 61, None),
]


def _waits(tables: Released) -> Counted:
    """Return the share of services that started within a month, with the spread of waits and each service."""
    counted = tables.rows("SELECT wait_days, count(*) FROM episode WHERE wait_days IS NOT NULL GROUP BY 1")
    known = sum(many for _, many in counted)
    within = sum(many for days, many in counted if days <= LIMIT_DAYS)
    return Counted(
        whole_percent(within, known) if known else None,
        numerator=within,
        denominator=known,
        completeness=tables.completeness("episode", "wait_days"),
        statistics=statistics_of(tables, "episode", "wait_days", "days"),
        breakdowns=[
            Breakdown(
                id="episode.wait",
                title="Days from referral to the start of the service",
                unit="services started",
                kind="bars",
                cells=cells(banded(counted, BANDS), groups=[{0, 1, 2}, {3, 4}]),
            )
        ],
        services=_by_service(tables),
    )


def _by_service(tables: Released) -> list[ServiceWait]:
    if tables.missing({"service": ("service_id", "name"), "service_episode": ("service_id", "lot_code")}):
        return []
    rows = tables.rows(
        "SELECT coalesce(s.name, 'Service not named'), e.lot_code, count(e.wait_days), "
        "quantile_cont(e.wait_days, 0.5), quantile_cont(e.wait_days, 0.9), max(e.wait_days), "
        f"count(*) FILTER (e.wait_days <= {LIMIT_DAYS}) "
        f"FROM episode e LEFT JOIN {SCHEMA}.service s ON s.service_id = e.service_id "
        "WHERE e.wait_days IS NOT NULL GROUP BY ALL ORDER BY 3 DESC, 1"
    )
    few = hidden_cells([row[2] for row in rows])
    shares = hidden_cells([row[6] for row in rows]) | hidden_cells([row[2] - row[6] for row in rows])
    return [
        _service(row, hidden=place in few, share_hidden=place in shares) for place, row in enumerate(rows)
    ]


def _service(row: tuple[Any, ...], *, hidden: bool, share_hidden: bool) -> ServiceWait:
    """Return one service's line; a share is hidden too where few people are on either side of the limit."""
    name, lot, started, median, p90, longest, within = row
    label = codes("stockport_lots").get(lot, lot) if lot else "No lot"
    if hidden:
        return ServiceWait(
            service=name,
            lot=label,
            started=None,
            median_days=None,
            p90_days=None,
            longest_days=None,
            within=None,
            within_share=None,
            hidden=True,
        )
    return ServiceWait(
        service=name,
        lot=label,
        started=started,
        median_days=round(median, 1),
        p90_days=round(p90, 1),
        longest_days=longest,
        within=None if share_hidden else within,
        within_share=None if share_hidden else whole_percent(within, started),
    )


MEASURES = [
    Measure(
        "K16",
        "Services started within 30 days",
        "Share of services that started in the period at most 30 calendar days after the referral was "
        "received; all providers whose rows this flow carries, save those a safety rule keeps unlinked, "
        "which have no day; percentiles by linear interpolation, whole "
        "per cent, a half rounded up.",
        {"service_episode": ("wait_days",)},
        _waits,
        "%",
    ),
]
