"""How long mending takes, by severity: those still open counted with the days they have stood."""

from datetime import datetime

import polars as pl

from quality.life import WANTED, State

ANEW = ("", State.CLOSED.value, State.WITHDRAWN.value)
"""From which states a finding that is open begins a new spell; elsewhere the same one goes on."""
TIMES = pl.Schema(
    {
        "provider": pl.String(),
        "severity": pl.String(),
        "spells": pl.UInt32(),
        "mended": pl.UInt32(),
        "left_otherwise": pl.UInt32(),
        "still_open": pl.UInt32(),
        "median_days": pl.Int64(),
        "ninth_decile_days": pl.Int64(),
        "median_days_open": pl.Float64(),
        "oldest_days_open": pl.Int64(),
    }
)
ALL = ""


def times_to_mend(events: pl.DataFrame, providers: dict[str, str], now: datetime) -> pl.DataFrame:
    """Return TIMES: one row per provider and severity, and one per severity for all together.

    Given:   the changes of findings (EVENTS), and the provider of each source; other sources are left out.
    Returns: a spell begins when a finding opens, and is mended when it first passes for good at its source.
             One that stands open, or was accepted, disputed or withdrawn, counts for as long as it was
             looked at: by the Kaplan-Meier estimate half of all are mended within the median, nine tenths
             within the ninth decile. Null where so many have not been mended yet.
    Units:   whole days of 24 hours.
    """
    spells = _spells(events, now).filter(pl.col("source").is_in(list(providers)))
    owned = spells.with_columns(provider=pl.col("source").replace_strict(providers, return_dtype=pl.String))
    every = pl.concat([owned, owned.with_columns(provider=pl.lit(ALL))])
    by = ["provider", "severity"]
    counts = every.group_by(by).agg(
        spells=pl.len(),
        mended=(pl.col("end") == "mended").sum(),
        left_otherwise=(pl.col("end") == "left").sum(),
        still_open=(pl.col("end") == "open").sum(),
        median_days_open=pl.col("days").filter(pl.col("end") == "open").median(),
        oldest_days_open=pl.col("days").filter(pl.col("end") == "open").max(),
    )
    told = counts.join(_survival(every, by), on=by, how="left").sort(by)
    return told.select(pl.col(name).cast(kind) for name, kind in TIMES.items())


def _spells(events: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return each spell: its source and severity, how it ended, and after how many days."""
    begins = (pl.col("to") == State.OPEN.value) & pl.col("from").is_in(ANEW)
    turns = events.with_columns(at=pl.col("at").str.to_datetime("%+", time_unit="us", time_zone="UTC"))
    numbered = turns.with_columns(spell=begins.cast(pl.Int32).cum_sum().over("code"))
    ends = numbered.group_by("code", "spell", maintain_order=True).agg(
        pl.col("source", "severity").first(),
        begun=pl.col("at").first(),
        state=pl.col("to").last(),
        last=pl.col("at").last(),
        mended=pl.col("at").filter(pl.col("to") == State.MENDED.value).last(),
    )
    passed = pl.col("state").is_in([State.MENDED.value, State.CLOSED.value])
    wanted = pl.col("state").is_in([state.value for state in WANTED])
    end = pl.when(passed).then(pl.lit("mended")).when(wanted).then(pl.lit("open")).otherwise(pl.lit("left"))
    today = pl.lit(now, pl.Datetime("us", "UTC"))
    until = pl.when(passed).then(pl.coalesce("mended", "last")).when(wanted).then(today).otherwise("last")
    days = (until - pl.col("begun")).dt.total_days()
    return ends.select("source", "severity", end=end, days=pl.max_horizontal(days, 0))


def _survival(spells: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Return by when half and nine tenths are mended, as Kaplan and Meier estimate it."""
    by_day = (
        spells.group_by(*by, "days")
        .agg(left=pl.len(), mended=(pl.col("end") == "mended").sum())
        .sort(*by, "days")
    )
    at_risk = pl.col("left").sum().over(by) - pl.col("left").cum_sum().over(by) + pl.col("left")
    stays = (1 - pl.col("mended") / at_risk).cum_prod().over(by)
    told = by_day.with_columns(stays=stays.round(12))
    return told.group_by(by).agg(
        median_days=pl.col("days").filter(pl.col("stays") <= 0.5).min(),
        ninth_decile_days=pl.col("days").filter(pl.col("stays") <= 0.1).min(),
    )
