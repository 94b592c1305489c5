"""Who is behind each published number, counted from the rows of a warehouse: rows and people, cell by cell.

Put together from the second computations of the figures; nothing here is read from the feed, and nothing of
what it published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from tests.independent import feed_money, feed_wellbeing, waits_and_moves
from tests.independent.feed_kpis import Behind, Counter, Key, figures, rows_of
from tests.independent.waits_and_moves import PeriodDays

BOROUGH_ONLY = ("L1-ASM", "L7-CAR")
SHARES = {
    "K15.within28": ("responses_within_28", "responses"),
    "K15.within30": ("responses_within_30", "responses"),
    "K15.hub_within28": ("responses_passed_on_within_28", "responses_passed_on"),
    "K15.hub_within30": ("responses_passed_on_within_30", "responses_passed_on"),
    "K16.within28": ("starts_within_28", "starts_timed"),
    "K16.within30": ("starts_within_30", "starts_timed"),
    "K16.hub_within28": ("starts_passed_on_within_28", "starts_passed_on"),
    "K16.hub_within30": ("starts_passed_on_within_30", "starts_passed_on"),
    "K16.chosen": ("starts_chosen_later", "starts_offered"),
    "K22": ("services_returned", "services_told_of_return"),
    "K23": ("referrals_stepped_up", "referrals_closed"),
}
COUNTS = {"K17": "waiting", "K24.open": "work_open_long"}
BY_ONE = {
    "K17.bands": ("waiting", "wait_band"),
    "K23.step": ("work_ended", "step"),
    "K23.moves": ("steps", "move"),
    "K24.bands": ("work_open", "length_band"),
}
LENGTHS = [("length_band", band) for band in ("000-090", "091-183", "184+")]
COMPLETE = {
    "K16": ("starts_timed", "starts"),
    "K16.offered": ("starts_offered", "starts"),
    "K22": ("services_told_of_return", "services_received"),
    "K23": ("closed_for_a_reason", "referrals_closed"),
    "K23.step": ("steps_known", "work_ended"),
    "K24": ("work_ended_timed", "work_ended"),
}


@dataclass(frozen=True)
class Span:
    """The months of a release, first and last, and its label."""

    first: tuple[int, int]
    last: tuple[int, int]
    label: str

    def periods(self) -> dict[str, PeriodDays]:
        """Return the days of the release, its quarters and its months."""
        counter = Counter({}, self.first, self.last, self.label)
        whole = {label for label, _ in counter.periods(months=False)}
        return {
            label: (date(*min(months), 1), _last_day(*max(months)), label in whole)
            for label, months in counter.periods(months=True)
        }


def people_behind(warehouse: Path, span: Span) -> dict[Key, Behind]:
    """Return who is behind each number that a release may tell; what is not named has nobody."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = rows_of(connection)
    counter = Counter(tables, span.first, span.last, span.label, borough_only=BOROUGH_ONLY)
    figures(counter)
    _places(counter)
    feed_wellbeing.figures(counter)
    feed_money.figures(counter)
    return counter.behind | _waits(tables, span)


def _places(counter: Counter) -> None:
    hub = [
        thing for thing in counter.referrals()
        if thing.row["lot_code"] in counter.hub_lots and thing.row["parent_referral_id"] is None
    ]  # fmt: skip
    counter.count("K29", hub, "area_kind", "ward", "neighbourhood", "lsoa21", "imd_decile")
    counter.complete("K29", hub, lambda thing: thing.splits["area_kind"] != "unknown")
    for kpi, kind in (("K29.outside", "outside"), ("K29.nfa", "no_fixed_abode")):
        counter.category_share(kpi, hub, "area_kind", kind)


def _waits(tables: Mapping[str, list[dict[str, object]]], span: Span) -> dict[Key, Behind]:
    """Return the same of waits and movement."""
    apart = waits_and_moves.Counter(tables, BOROUGH_ONLY)
    counts = waits_and_moves.COUNTS | waits_and_moves.BASES
    told = waits_and_moves.counted(apart, span.periods(), counts)
    bands = [*(("wait_band", band) for band in waits_and_moves.WAITING_BANDS), *LENGTHS]
    places = {*bands, *(cell[2:] for cell in told)}
    cells = {(period, *place) for period in span.periods() for place in places}
    found: dict[Key, Behind] = {}

    def tell(kpi: str, statistic: str, part: str, whole: str | None, where: str = "") -> None:
        for period, breakdown, category in cells:
            if where and where != breakdown:
                continue
            mine = told.get((part, period, breakdown, category), (0, 0))
            cell = ("borough", "all") if where else (breakdown, category)
            below = told.get((whole, period, *cell), (0, 0)) if whole else (None, None)
            found[kpi, statistic, period, breakdown, category] = (*mine, *below)

    for kpi, (part, whole) in SHARES.items():
        tell(kpi, "percent", part, whole)
    for kpi, (part, whole) in COMPLETE.items():
        tell(kpi, "completeness", part, whole, "borough")
    for kpi, count in COUNTS.items():
        tell(kpi, "count", count, None)
    for kpi, (count, split) in BY_ONE.items():
        tell(kpi, "count", count, None, split)
        tell(kpi, "percent", count, count, split)
    for kpi, (count, _, statistics, _) in waits_and_moves.SPREADS.items():
        for statistic in statistics.split():
            tell(kpi, statistic, count, count)
    return found


def _last_day(year: int, month: int) -> date:
    after = date(year + month // 12, month % 12 + 1, 1)
    return after - timedelta(days=1)
