"""The data team's page: how complete and valid the data are, the figures they distort, how fast they mend."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from common import clock
from common.files import write_atomic
from feed.spreadsheet import csv_bytes
from reports import charts, trend
from reports.front import DATA_QUALITY
from reports.pages import render
from reports.quality_weeks import asked_by_week, chart_of_weeks

FEWEST_SHOWN = 10
"""Of fewer records the page says no share: one record more or less would turn it."""
MOST_FIELDS, MOST_CHECKS, MOST_MONTHS, MOST_LINES = 40, 10, 12, 8
Row = dict[str, Any]


@dataclass(frozen=True)
class QualityReading:
    """What the page is made from.

    tables: as `quality.overview.quality_tables` gives them; names: each provider's name.
    apart:  providers that the assessment keeps out of a flow, with their open findings: a total and no more.
    causes: provider, what is wrong, and the sentence; weeks: how findings came and went.
    """

    site: str
    tables: Mapping[str, pl.DataFrame]
    names: Mapping[str, str]
    apart: Mapping[str, int] = field(default_factory=dict)
    causes: Sequence[tuple[str, str, str]] = ()
    weeks: Sequence[trend.Week] = ()
    sample: bool = False


def write_data_quality(out: Path, told: QualityReading) -> list[Path]:
    """Write the page and its tables, for the data team's eyes alone, and return the files."""
    folder = out / DATA_QUALITY
    files = {"index.html": data_quality_page(told)}
    for name, table in told.tables.items():
        files[f"{name}.csv"] = csv_bytes(table.columns, _cells(table))
        files[f"{name}.parquet"] = _parquet(table)
    for name, content in files.items():
        write_atomic(folder / name, content, private=True)
    return [folder / name for name in files]


def data_quality_page(told: QualityReading) -> bytes:
    """Return the page."""
    complete, checks = told.tables["completeness"], told.tables["checks"]
    asked = checks.filter(pl.col("provider").is_not_null())
    fires = pl.max_horizontal("failed", "living").alias("fired")
    fired = (
        asked.with_columns(fires)
        .group_by("check", "severity", "message")
        .agg(
            pl.col("passed", "fired", "unknown", "not_applicable").sum(),
            pl.col("provider").filter(pl.col("fired") > 0),
        )
    )
    most = fired.filter(pl.col("fired") > 0).sort(["fired", "check"], descending=[True, False])
    quiet = fired.filter(pl.col("fired") == 0)
    asked_in, asking = asked_by_week(told.tables["burden"], told.names)
    return render(
        "data_quality.html",
        site=told.site,
        sample=told.sample,
        providers=_providers(complete, checks, told.names),
        apart=[(told.names.get(name, name), number) for name, number in sorted(told.apart.items())],
        chart=_by_month(complete, told.names),
        by_week=chart_of_weeks(told.tables["weeks"], told.names),
        findings_by_week=trend.chart_of(told.weeks) if told.weeks else None,
        asked_in=asked_in,
        asking=asking,
        tuned=_tuned(checks, told.names),
        disputes=_disputes(checks),
        fields=_fields(complete, told.tables["trend"], told.names),
        most_fields=MOST_FIELDS,
        figures=_figures(told.tables["figures"], told.names),
        times=_times(told.tables["time_to_mend"], told.names),
        causes=told.causes,
        most=most.head(MOST_CHECKS).to_dicts(),
        never=_quiet(quiet.filter(pl.col("passed") > 0)),
        unanswered=_quiet(quiet.filter(pl.col("passed") == 0, pl.col("unknown") > 0)),
        unasked=_quiet(
            pl.concat(
                [
                    quiet.filter(pl.col("passed") == 0, pl.col("unknown") == 0).select("check", "message"),
                    checks.filter(pl.col("provider").is_null()).select("check", "message"),
                ]
            )
        ),
        tables=list(told.tables),
        fewest=FEWEST_SHOWN,
    )


def _tuned(checks: pl.DataFrame, names: Mapping[str, str]) -> list[Row]:
    """Return what is asked of a provider in another way today."""
    otherwise = checks.filter(pl.col("until").is_not_null()).sort("provider", "check")
    return [{**row, "name": names.get(row["provider"], row["provider"])} for row in otherwise.to_dicts()]


def _disputes(checks: pl.DataFrame) -> list[Row]:
    """Return the checks that providers dispute or disputed, those that wait for an answer first."""
    numbers = ("disputed", "upheld", "rejected")
    summed = checks.group_by("check", "message").agg(pl.col(numbers).sum())
    some = summed.filter(pl.sum_horizontal(numbers) > 0)
    return some.sort("disputed", "upheld", "check", descending=[True, True, False]).to_dicts()


def _quiet(checks: pl.DataFrame) -> list[tuple[str, str]]:
    return checks.select("check", "message").unique().sort("check").rows()


def _providers(complete: pl.DataFrame, checks: pl.DataFrame, names: Mapping[str, str]) -> list[Row]:
    summed = _shares(complete, ["provider"])
    living = checks.group_by("provider").agg(
        pl.col("living").sum(), errors=pl.col("living").filter(pl.col("severity") == "error").sum()
    )
    met = summed.join(living, on="provider", how="left").sort("provider")
    return [{**row, "name": names.get(row["provider"], row["provider"])} for row in met.to_dicts()]


def _shares(complete: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Return both shares over the rows of each group; none of fewer than ten records."""
    parts = ("applies", "refused", "not_known", "invalid", "valid", "unreadable", "blank")
    summed = complete.group_by(by).agg(pl.col(parts).sum())
    answered, entered = ("refused", "not_known", "invalid", "valid"), ("valid", "invalid", "unreadable")
    return summed.with_columns(
        complete=_share(pl.sum_horizontal(answered), pl.col("applies")),
        valid_share=_share(pl.col("valid"), pl.sum_horizontal(entered)),
    )


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole >= FEWEST_SHOWN).then((part * 1000 // whole) / 10)


def _by_month(complete: pl.DataFrame, names: Mapping[str, str]) -> charts.Chart | None:
    """Return how complete each provider's records of the last twelve months are."""
    today = clock.today()
    known = complete.filter(pl.col("month") <= today, pl.col("applies") > 0)
    months: list[date] = known["month"].unique().sort().to_list()[-MOST_MONTHS:]
    shown = known["provider"].unique().sort().to_list()[:MOST_LINES]
    if not months or not shown:
        return None
    shares = {
        (row["provider"], row["month"]): row["complete"]
        for row in _shares(known, ["provider", "month"]).iter_rows(named=True)
    }
    series = [
        (names.get(provider, provider), [_point(month, shares.get((provider, month))) for month in months])
        for provider in shown
    ]
    return charts.lines("by-month", "How complete records are, by their month", "per cent", series)


def _point(month: date, value: float | None) -> charts.Point:
    return charts.Point(f"{month:%b %Y}", value, "too few" if value is None else f"{value:g}%")


def _fields(complete: pl.DataFrame, trend: pl.DataFrame, names: Mapping[str, str]) -> list[Row]:
    """Return the least complete fields, with what changed of late."""
    by = ["provider", "entity", "field"]
    changes = (
        trend.filter(pl.col("applies") >= FEWEST_SHOWN)
        .group_by(by)
        .agg(pl.col("complete_change").first().alias("change"), pl.len().alias("sources"))
    )
    one_source = pl.when(pl.col("sources") == 1).then("change").alias("change")
    met = _shares(complete, by).filter(pl.col("complete").is_not_null()).join(changes, on=by, how="left")
    worst = met.with_columns(one_source).sort("complete", *by).head(MOST_FIELDS)
    return [{**row, "name": names.get(row["provider"], row["provider"])} for row in worst.to_dicts()]


def _figures(figures: pl.DataFrame, names: Mapping[str, str]) -> list[Row]:
    by = ["figure", "figure_words", "published", "way"]
    every = figures.group_by(by).agg(
        records=pl.col("records").sum(),
        providers=pl.col("provider").unique().sort(),
    )
    ordered = every.sort(["published", "records", "figure", "way"], descending=[True, True, False, False])
    return [
        {**row, "providers": [names.get(name, name) for name in row["providers"]]}
        for row in ordered.iter_rows(named=True)
    ]


def _times(times: pl.DataFrame, names: Mapping[str, str]) -> list[Row]:
    rank = pl.col("severity").replace_strict({"error": 0, "warning": 1, "info": 2}, default=3)
    every = {"": "All providers", **names}
    ordered = times.sort("provider", rank)
    return [{**row, "name": every.get(row["provider"], row["provider"])} for row in ordered.to_dicts()]


def _cells(table: pl.DataFrame) -> Iterable[Iterable[Any]]:
    text = table.with_columns(
        pl.col(pl.Date).cast(pl.String),
        pl.col(pl.Boolean).replace_strict({True: "yes", False: "no"}, return_dtype=pl.String),
    )
    return text.iter_rows()


def _parquet(table: pl.DataFrame) -> bytes:
    content = BytesIO()
    table.write_parquet(content)
    return content.getvalue()
