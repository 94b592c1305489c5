"""The quality sheet: how complete, how fresh, what is held or withheld, and what cannot be compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from feed.periods import parse
from feed.release.sheet import Column, Kind, Sheet, empty
from feed.release.words import Break, not_over

PARTS = ("completeness", "freshness", "withheld", "held", "comparability")
COMPLETENESS = "completeness"
"""The statistic that says in how many of the rows of a figure the field is known that it rests on."""
SHOWN = ("exact", "rounded", "suppressed", "not_told")
COLUMNS = (
    Column("part", Kind.TEXT, "Which question the row answers.", codes=PARTS),
    Column("subject", Kind.TEXT, "A figure, a provider, a kind of record, or what cannot be compared."),
    Column("item", Kind.TEXT, "The field, or the measure."),
    Column("value", Kind.NUMBER, "The number; empty where it is not shown or not told.", required=False),
    Column("unit", Kind.TEXT, "What the number is of.", required=False),
    Column("day", Kind.DATE, "The day that it is about.", required=False),
    Column("shown", Kind.TEXT, "How the number may be read.", codes=SHOWN),
    Column("note", Kind.TEXT, "What a reader must know of it.", required=False),
)
NOT_TOLD = "The council's side is not told: the counts stand in the sender's own reports."


@dataclass(frozen=True)
class Fresh:
    """The last batch in which anything of a provider changed."""

    provider: str
    batch: int
    released_on: date


@dataclass(frozen=True)
class Fate:
    """How many records of a kind a night withheld or held; None: this side is not told."""

    entity: str
    withheld: int | None
    held: int | None


@dataclass(frozen=True)
class Quality:
    """What stands in the quality sheet, counted but not yet protected, and the profile that protects it.

    Records that are held or withheld are counted over the whole flow; they stand beside figures of a borough,
    and may be of few people, so they are hidden and rounded like any cell of a breakdown.
    """

    fresh: tuple[Fresh, ...] = ()
    fates: tuple[Fate, ...] = ()
    suppress_to: int = 7
    round_to: int = 5


Row = tuple[str, str, str, float | None, str | None, date | None, str, str | None]


def quality_sheet(
    observations: pl.DataFrame, period: str, quality: Quality, breaks: Sequence[Break], as_of: date
) -> Sheet:
    """Return the quality sheet of a release that has seen the warehouse as of the day.

    Completeness stands as disclosure control lets it out; counts of records that are held or withheld are
    protected here, by the same profile.
    """
    rows = [
        *_completeness(observations, period),
        *(row for fresh in quality.fresh for row in _fresh(fresh, as_of)),
        *_fates(quality),
        *_not_over(period, as_of),
        *(_break(each) for each in breaks),
    ]
    frame = pl.DataFrame(rows, schema=empty(COLUMNS).schema, orient="row")
    meaning = "How complete and how fresh the data behind the figures are, and what cannot be compared."
    key = ("part", "subject", "item")
    return Sheet.of(frame, Sheet("quality_sheet", "Quality of the data", meaning, COLUMNS, key, frame))


def rounded(count: int, base: int) -> int:
    """Return the count to the nearest multiple, a half upwards."""
    return (count + base // 2) // base * base


def _completeness(observations: pl.DataFrame, period: str) -> Iterable[Row]:
    """Yield how complete the field of each figure is, in the whole borough and period."""
    told = observations.filter(pl.col("statistic") == COMPLETENESS, pl.col("period") == period)
    for kpi, value, shown, note in told.select("kpi", "value", "shown", "note").sort("kpi").iter_rows():
        how = shown if shown in SHOWN else "suppressed"
        yield ("completeness", kpi, "the field it rests on", value, "percent", None, how, note or None)


def _fresh(fresh: Fresh, as_of: date) -> Iterable[Row]:
    days = float((as_of - fresh.released_on).days)
    note = "The last batch that changed anything of this provider; with no change there is nothing to send."
    yield (
        "freshness",
        fresh.provider,
        "last batch",
        float(fresh.batch),
        None,
        fresh.released_on,
        "exact",
        note,
    )
    yield ("freshness", fresh.provider, "days since", days, "days", fresh.released_on, "exact", None)


def _fates(quality: Quality) -> Iterable[Row]:
    if not quality.fates:
        yield from (("withheld", "all", "records", None, None, None, "not_told", NOT_TOLD),)
        yield from (("held", "all", "records", None, None, None, "not_told", NOT_TOLD),)
    for fate in quality.fates:
        yield _count("withheld", fate.entity, fate.withheld, quality)
        yield _count("held", fate.entity, fate.held, quality)


def _count(part: str, entity: str, count: int | None, by: Quality) -> Row:
    if count is None:
        return (part, entity, "records", None, "records", None, "not_told", NOT_TOLD)
    if 1 <= count <= by.suppress_to:
        return (part, entity, "records", None, "records", None, "suppressed", None)
    shown = "rounded" if by.round_to > 1 else "exact"
    return (part, entity, "records", float(rounded(count, by.round_to)), "records", None, shown, None)


def _not_over(period: str, seen: date) -> Iterable[Row]:
    end = parse(period).end
    if words := not_over(end, seen):
        yield ("comparability", "every figure", "period not over", None, None, end, "exact", words)


def _break(each: Break) -> Row:
    item = f"not comparable before {each.before}"
    return ("comparability", each.of, item, None, None, each.before, "exact", each.words)
