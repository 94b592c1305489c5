"""The figures of wellbeing worked out a second time, in plain Python over rows, exactly.

Nothing here is read from the feed: not its declarations, its views, its thresholds or its intervals.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from math import sqrt
from statistics import NormalDist
from typing import Any

from scipy.stats import t as student

from tests.independent.feed_kpis import Counter, Key, Row, Thing
from tests.independent.feed_money import without_months

Z = NormalDist().inv_cdf(0.975)
TENTH = Decimal("0.1")
Ends = tuple[float | None, float | None]


@dataclass(frozen=True)
class Change:
    """What the forms of one tool tell of one episode."""

    first: Decimal
    first_on: date
    last: Decimal | None = None
    last_on: date | None = None

    @property
    def points(self) -> Decimal | None:
        is_later = self.last_on is not None and self.last_on > self.first_on
        return self.last - self.first if self.last is not None and is_later else None


def score_of(form: Row) -> Decimal | None:
    """Return the score that counts; a raw total of SWEMWBS is none, nor is what lies off the scale."""
    if form["tool"] == "WEMWBS" and form["raw_total"] is not None and 14 <= form["raw_total"] <= 70:
        return Decimal(form["raw_total"])
    if form["tool"] == "SWEMWBS" and form["metric_score"] is not None and 7 <= form["metric_score"] <= 35:
        return Decimal(form["metric_score"])
    return None


def changes(forms: Iterable[Row]) -> dict[tuple[Any, str], Change]:
    """Return by episode and tool the first start and the last exit."""
    days: dict[Any, dict[str, dict[date, set[Decimal]]]] = defaultdict(
        lambda: {"baseline": defaultdict(set), "exit": defaultdict(set)}
    )
    for form in forms:
        score = score_of(form)
        known = form["episode_id"] is not None and form["completed_on"] is not None
        if known and score is not None and form["timepoint"] in {"baseline", "exit"}:
            days[form["episode_id"], form["tool"]][form["timepoint"]][form["completed_on"]].add(score)
    found = {}
    for key, told in days.items():
        agreed = {
            point: {day: next(iter(scores)) for day, scores in by_day.items() if len(scores) == 1}
            for point, by_day in told.items()
        }
        starts, exits = agreed["baseline"], agreed["exit"]
        if starts:
            first, last = min(starts), max(exits, default=None)
            found[key] = Change(starts[first], first, None if last is None else exits[last], last)
    return found


def figures(c: Counter) -> tuple[dict[Key, Any], dict[Key, Ends]]:
    """Return every figure of the two tables, and the ends of the interval of each that has one."""
    told = changes(c.tables.get("outcome_measure", []))
    ended = [_episode(c, row, row["ended_on"]) for row in c.tables.get("service_episode", [])]
    ends: dict[Key, Ends] = {}

    def change(thing: Thing, tool: str) -> Change | None:
        return told.get((thing.row["episode_id"], tool))

    for kpi, tool in (("K30", "WEMWBS"), ("K30.swemwbs", "SWEMWBS")):
        c.share(
            kpi,
            ended,
            lambda t, tool=tool: bool((found := change(t, tool)) and found.points is not None),
            lambda _: True,
            "provider",
        )
    c.share(
        "K30.start",
        ended,
        lambda t: bool(change(t, "WEMWBS") or change(t, "SWEMWBS")),
        lambda _: True,
        "provider",
    )
    for tool in ("WEMWBS", "SWEMWBS"):
        pairs = [
            Thing(t.day, t.person, t.row | {"points": found.points}, t.splits)
            for t in ended
            if (found := change(t, tool)) and found.points is not None
        ]
        _mean(c, ends, f"K31.{tool.lower()}", pairs)
        _thresholds(c, tool.lower(), pairs)
    _starts(c, told)
    figures_told = without_months(c)
    for key, (value, n, d) in figures_told.items():
        if key[1] == "percent":
            ends[key] = (None, None) if value is None else _wilson(n, d)  # type: ignore[arg-type]
    return figures_told, ends


def _episode(c: Counter, row: Row, day: date | None) -> Thing:
    case = c.cases.get(row["referral_id"], {})
    return c.thing(row, day, {**case, "lot_code": row["lot_code"]})


def _mean(c: Counter, ends: dict[Key, Ends], kpi: str, pairs: list[Thing]) -> None:
    groups = dict(c.cells(pairs, ("provider",)))
    long = [period for period, _ in c.periods(months=False)]
    for (period, breakdown, category), group in groups.items():
        points = [thing.row["points"] for thing in group]
        if not points or period not in long:
            continue
        key = (kpi, "mean", period, breakdown, category)
        c.note(key, group, group)
        of_few = len(points) < 30 or len({thing.person for thing in group}) < 8
        if of_few or not _stands(c, {k: g for k, g in groups.items() if k[1] == breakdown}, period, long):
            c.told[key], ends[key] = (None, None, None), (None, None)
            continue
        n = len(points)
        mean = sum(points, Decimal()) / n
        spread = sqrt(sum((point - mean) ** 2 for point in points) / (n - 1) / n)
        lower, upper = student.interval(0.95, n - 1, float(mean), spread) if spread else (mean, mean)
        parts = 10 if n >= 200 else 2 if n >= 40 else 1
        c.told[key] = (float((mean * parts).quantize(Decimal(1), ROUND_HALF_UP)) / parts, None, n)
        ends[key] = (
            _outwards(parts * lower, ROUND_FLOOR, Decimal(1)) / parts,
            _outwards(parts * upper, ROUND_CEILING, Decimal(1)) / parts,
        )


def _stands(
    c: Counter, groups: dict[tuple[str, str, str], list[Thing]], period: str, long: list[str]
) -> bool:
    """Return whether a mean of the period leaves no handful of people beside those told of."""
    quarters = [each for each in dict.fromkeys(long) if "-Q" in each]

    def many(group: list[Thing]) -> bool:
        return len(group) >= 30 and len({thing.person for thing in group}) >= 8

    def stands_alone(label: str) -> bool:
        small = [g for key, g in groups.items() if key[0] == label and key[1] != "borough" and not many(g)]
        rows = sum(map(len, small))
        people = sum(len({thing.person for thing in group}) for group in small)
        return not (0 < rows < 8 or 0 < people < 8)

    if not stands_alone(period):
        return False
    if period in quarters:
        return True
    told = [quarter for quarter in quarters if stands_alone(quarter)]
    for (label, _, category), group in groups.items():
        if label == period:
            large = [g for key, g in groups.items() if key[0] in told and key[2] == category and many(g)]
            left = len(group) - sum(map(len, large))
            if 0 < left < 8 or 0 < len({thing.person for thing in group}) < 8:
                return False
    return True


def _thresholds(c: Counter, tool: str, pairs: list[Thing]) -> None:
    names = {
        ("wemwbs", 3): "K32", ("wemwbs", 9): "K33",
        ("swemwbs", 1): "K32.swemwbs1", ("swemwbs", 2): "K32.swemwbs2", ("swemwbs", 3): "K33.swemwbs",
    }  # fmt: skip
    long = {period for period, _ in c.periods(months=False)}
    for (scale, points), better in names.items():
        if scale != tool:
            continue
        for (period, breakdown, category), group in c.cells(pairs, ()):
            if period not in long:
                continue
            up = [thing for thing in group if thing.row["points"] >= points]
            down = [thing for thing in group if thing.row["points"] <= -points]
            for kpi, met in ((better, up), (f"K34.{scale}{points}", down)):
                key, n = (kpi, "percent", period, breakdown, category), len(met)
                c.note(key, met, group)
                c.told[key] = (_percent(n, len(group)), n, len(group)) if len(group) >= 30 else (None,) * 3


def _starts(c: Counter, told: dict[tuple[Any, str], Change]) -> None:
    bands = {
        "WEMWBS": (("14-40", "40"), ("41-44", "44"), ("45-70", "70")),
        "SWEMWBS": (("low", "19.59"), ("average", "27.49"), ("high", "35")),
    }
    for tool, kpi in (("WEMWBS", "K35"), ("SWEMWBS", "K35.swemwbs")):
        name = f"{tool.lower()}_at_start"
        things = []
        for row in c.tables.get("service_episode", []):
            if change := told.get((row["episode_id"], tool)):
                thing = _episode(c, row, change.first_on)
                band = next(code for code, up_to in bands[tool] if change.first <= Decimal(up_to))
                things.append(Thing(thing.day, thing.person, row, {**thing.splits, name: band}))
        c.distribution(kpi, things, name)


def _percent(n: int, d: int) -> float:
    return float((Decimal(100 * n) / d).quantize(Decimal(1) if d < 4000 else TENTH, ROUND_HALF_UP))


def _wilson(n: int, d: int) -> Ends:
    """Return the ends in per cent, by the formula as Wilson wrote it: centre and half of a share."""
    share = n / d
    centre = (share + Z * Z / (2 * d)) / (1 + Z * Z / d)
    half = Z / (1 + Z * Z / d) * sqrt(share * (1 - share) / d + Z * Z / (4 * d * d))
    step = Decimal(1) if d < 4000 else TENTH
    lower = 0.0 if n == 0 else 100 * (centre - half)
    upper = 100.0 if n == d else 100 * (centre + half)
    return _outwards(lower, ROUND_FLOOR, step), _outwards(upper, ROUND_CEILING, step)


def _outwards(end: float | Decimal, how: str, step: Decimal) -> float:
    return float(Decimal(end).quantize(Decimal("1e-6"), ROUND_HALF_UP).quantize(step, how))
