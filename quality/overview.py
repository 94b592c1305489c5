"""The tables about the data's quality: completeness by month, effects, checks; counts of records only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from quality.answers import ANSWERS
from quality.asked import BURDENS
from quality.check_counts import TUNINGS, how_checks_fire, per_cent
from quality.effects import Distortion, figures_of
from quality.field_counts import COUNTED, FIELD_COUNTS
from quality.findings import EVENTS, FRAME
from quality.life import FAILING
from quality.mending_times import times_to_mend
from quality.weeks import WEEKS

ANSWERED = ("refused", "not_known", "invalid", "valid")
APPLIES = ("unreadable", "blank", *ANSWERED)
MONTHS_COMPARED = 3


@dataclass(frozen=True)
class Told:
    """What the tables are made from.

    providers: the provider of each source that is told of; what other sources hold stays out.
    hub:       the source that some figures count alone.
    fields:    FIELD_COUNTS of their last nights; answers: ANSWERS of the same nights.
    findings:  FRAME, events: EVENTS, of all sources.
    tunings:   TUNINGS that hold today; burden: BURDENS, of all providers.
    weeks:     WEEKS, of all sources.
    """

    providers: Mapping[str, str]
    hub: str = ""
    fields: pl.DataFrame = field(default_factory=FIELD_COUNTS.to_frame)
    answers: pl.DataFrame = field(default_factory=ANSWERS.to_frame)
    findings: pl.DataFrame = field(default_factory=FRAME.to_frame)
    events: pl.DataFrame = field(default_factory=EVENTS.to_frame)
    tunings: pl.DataFrame = field(default_factory=TUNINGS.to_frame)
    burden: pl.DataFrame = field(default_factory=BURDENS.to_frame)
    weeks: pl.DataFrame = field(default_factory=WEEKS.to_frame)

    def owned(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of the sources that are told of, with their provider first."""
        known = table.filter(pl.col("source").is_in(list(self.providers)))
        provider = pl.col("source").replace_strict(dict(self.providers), return_dtype=pl.String)
        return known.select(provider.alias("provider"), pl.all())


def quality_tables(told: Told, now: datetime) -> dict[str, pl.DataFrame]:
    """Return every table by its name; docs/reference/data-quality-tables.md says what stands in each."""
    complete = completeness(told)
    return {
        "completeness": complete,
        "trend": trend(complete),
        "figures": effects_on_figures(told),
        "time_to_mend": times_to_mend(told.events, dict(told.providers), now),
        "checks": how_checks_fire(told),
        "weeks": week_by_week(told),
        "burden": what_was_asked(told),
    }


def completeness(told: Told) -> pl.DataFrame:
    """Return how the records of each month stand in each measured field, and both shares in per cent."""
    counts = told.owned(told.fields).with_columns(
        records=pl.sum_horizontal(COUNTED), applies=pl.sum_horizontal(APPLIES)
    )
    names = ["provider", "source", "entity", "field", "month", "records", "applies", *COUNTED]
    shares = counts.with_columns(complete_percent=complete_share(), valid_percent=valid_share())
    return shares.select(*names, "complete_percent", "valid_percent").sort(names[:5], nulls_last=True)


def complete_share() -> pl.Expr:
    """Return which part of the fields that apply was answered, refusals and `not known` included."""
    return per_cent(pl.sum_horizontal(ANSWERED), pl.sum_horizontal(APPLIES))


def valid_share() -> pl.Expr:
    """Return which part of what was entered as a value is valid."""
    return per_cent(pl.col("valid"), pl.sum_horizontal("valid", "invalid", "unreadable"))


def trend(complete: pl.DataFrame) -> pl.DataFrame:
    """Return each field's shares in the last three full months and in the three before, and the change.

    The latest month that the source has records of may not be over: the three before it count.
    """
    by = ["provider", "source", "entity", "field"]
    latest = pl.col("month").filter(pl.col("applies") > 0).max().over("source")
    ago = (latest.dt.year().cast(pl.Int32) - pl.col("month").dt.year()) * 12 + (
        latest.dt.month().cast(pl.Int32) - pl.col("month").dt.month().cast(pl.Int32)
    )
    placed = complete.with_columns(ago=ago)
    now, before = (_shares(placed, by, first) for first in (1, 1 + MONTHS_COMPARED))
    met = now.join(before, on=by, how="left", suffix="_before").sort(by)
    return met.with_columns(
        complete_change=(pl.col("complete_percent") - pl.col("complete_percent_before")).round(1),
        valid_change=(pl.col("valid_percent") - pl.col("valid_percent_before")).round(1),
    )


def _shares(placed: pl.DataFrame, by: list[str], first: int) -> pl.DataFrame:
    months = placed.filter(pl.col("ago").is_between(first, first + MONTHS_COMPARED - 1))
    summed = months.group_by(by).agg(pl.col("applies", *COUNTED).sum())
    return summed.select(*by, "applies", complete_percent=complete_share(), valid_percent=valid_share())


def effects_on_figures(told: Told) -> pl.DataFrame:
    """Return how many records each figure is without, counts twice or cannot rely on, by provider."""
    failing = told.owned(told.findings).filter(pl.col("state").is_in([state.value for state in FAILING]))
    kinds = failing.select("check", "entity", "field").unique().rows()
    rows = [(*kind, *_said(each)) for kind in kinds for each in figures_of(*kind)]
    shape: dict[str, pl.DataType] = dict.fromkeys(
        ("check", "entity", "field", "figure", "figure_words"), pl.String()
    )
    shape |= {"published": pl.Boolean(), "way": pl.String(), "hub_only": pl.Boolean()}
    named = pl.DataFrame(rows, schema=shape, orient="row")
    counted = ~pl.col("hub_only") | (pl.col("source") == told.hub)
    met = failing.join(named, on=["check", "entity", "field"]).filter(counted)
    by = ["figure", "figure_words", "published", "way", "provider", "entity"]
    counts = met.group_by(by).agg(records=pl.struct("source", "record").n_unique(), findings=pl.len())
    return counts.sort(by)


def _said(each: Distortion) -> tuple[str, str, bool, str, bool]:
    figure = each.figure
    return figure.id, figure.spoken, bool(figure.published), each.way.value, figure.hub_only


def week_by_week(told: Told) -> pl.DataFrame:
    """Return how the records of each source stood in each week, as its last whole night then found them."""
    weeks = told.owned(told.weeks).with_columns(
        complete_percent=per_cent(pl.col("answered"), pl.col("applies")),
        valid_percent=per_cent(pl.col("valid"), pl.col("entered")),
    )
    return weeks.sort("provider", "source", "week")


def what_was_asked(told: Told) -> pl.DataFrame:
    """Return how many findings each provider was asked to mend in each week, and how long that takes."""
    shown = told.burden.filter(pl.col("provider").is_in(list(told.providers.values())))
    return shown.with_columns(pl.col("findings").cast(pl.UInt32)).sort("provider", "day")
