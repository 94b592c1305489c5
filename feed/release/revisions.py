"""Revisions: which published figures an edition changes, from what, to what, and why."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from feed.release.observed import KEY, MEASURES, OPEN, SHOWN
from feed.release.sheet import Column, Kind, Sheet, empty


class Reason(StrEnum):
    """Why a published figure is another now: a closed list."""

    LATE = "late_records"
    MENDED = "mended_records"
    WITHDRAWN = "withdrawn_records"
    RECEIVED = "received_counts"
    DEFINITION = "definition_changed"
    DISCLOSURE = "disclosure_control"
    METHOD = "method_changed"


REASON_MEANS = {
    Reason.LATE: "records of the period reached the warehouse after the edition before",
    Reason.MENDED: "records that were there were mended by their provider",
    Reason.WITHDRAWN: "records that were counted are shared no longer",
    Reason.RECEIVED: "the number came as a count, and its sender counted again",
    Reason.DEFINITION: "the figure is defined otherwise, is new, or is published no longer",
    Reason.DISCLOSURE: "what may be shown changed, though its own records did not, or beside what they did",
    Reason.METHOD: "neither records nor definition changed; Viaduct itself computes it otherwise",
}
COLUMNS = (
    Column("edition", Kind.WHOLE, "The edition that changed the figure."),
    *(Column(name, Kind.TEXT, "Names the figure, as in its table.") for name in KEY),
    Column("measure", Kind.TEXT, "Which number of the row.", codes=MEASURES),
    Column("from_value", Kind.NUMBER, "What it was.", required=False),
    Column("from_shown", Kind.TEXT, "How it was shown; empty where it was not published.", False, SHOWN),
    Column("to_value", Kind.NUMBER, "What it is.", required=False),
    Column("to_shown", Kind.TEXT, "How it is shown; empty where it is not published.", False, SHOWN),
    Column("because", Kind.TEXT, "Why: one or more of the reasons, by comma."),
)
NAME = "revisions"
MovedBy = Callable[[str, str], Iterable[Iterable[str]]]
"""Tells of a figure and a breakdown which kinds of record can have moved it, the likeliest first."""
NOT_HIDDEN = (*OPEN, "not_available")


@dataclass(frozen=True)
class Change:
    """What happened since the edition before.

    records:   by kind of record, why figures that are counted from it move.
    redefined: the figures that are defined otherwise.
    moved_by:  the kinds of record that a figure is counted from, then those it is told with.
    received:  the figures that came as counts.
    """

    records: Mapping[str, frozenset[Reason]]
    redefined: frozenset[str]
    moved_by: MovedBy
    received: frozenset[str] = frozenset()


def revisions_sheet(rows: pl.DataFrame) -> Sheet:
    """Return the table of all revisions of a period, the latest edition's among them."""
    reasons = "; ".join(f"{reason} ({means})" for reason, means in REASON_MEANS.items())
    meaning = f"Every figure that an edition of this period changed, from what, to what, and why: {reasons}"
    key = ("edition", *KEY, "measure")
    return Sheet.of(rows, Sheet(NAME, "Revisions", f"{meaning}.", COLUMNS, key, rows))


def none_yet() -> pl.DataFrame:
    """Return the revisions of a first edition: none."""
    return empty(COLUMNS)


def changed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers that differ between two editions' observations, a row each, reasons not yet said.

    A row whose number stays and which is shown otherwise stands with its value.
    """
    wanted = (*KEY, "shown", *MEASURES)
    joined = before.select(wanted).join(
        after.select(wanted), on=KEY, how="full", coalesce=True, suffix="_after"
    )
    return pl.concat(_differing(joined, measure) for measure in MEASURES)


def explained(differing: pl.DataFrame, change: Change, edition: int) -> pl.DataFrame:
    """Return the differing numbers as revisions of the edition, each with its reasons."""
    which = differing.select("kpi", "breakdown").unique()
    why = [_reasons(kpi, breakdown, change) for kpi, breakdown in which.iter_rows()]
    differing = differing.join(
        which.with_columns(pl.Series("told", why, pl.String)), on=which.columns, maintain_order="left"
    )
    before, after = pl.col("from_shown"), pl.col("to_shown")
    hidden = (each.is_in(NOT_HIDDEN).not_() for each in (before, after))
    otherwise = before.is_in(OPEN) & after.is_in(OPEN) & (before != after)
    shown = pl.when(pl.any_horizontal(otherwise, *hidden)).then(pl.lit(str(Reason.DISCLOSURE)))
    published = before.is_not_null() & after.is_not_null()
    because = pl.concat_str("told", shown, separator=", ", ignore_nulls=True).str.strip_chars_start(", ")
    alone = pl.when(published).then(pl.lit(str(Reason.METHOD))).otherwise(pl.lit(str(Reason.DEFINITION)))
    return differing.with_columns(
        pl.lit(edition, pl.Int64).alias("edition"),
        pl.when(because != "").then(because).otherwise(alone).alias("because"),
    ).select(column.name for column in COLUMNS)


def _reasons(kpi: str, breakdown: str, change: Change) -> str:
    """Return every reason there is: what is defined otherwise may have been counted of other records too."""
    told = {Reason.DEFINITION} if kpi in change.redefined else set[Reason]()
    return ", ".join(sorted(told | _moved(kpi, breakdown, change)))


def _moved(kpi: str, breakdown: str, change: Change) -> set[Reason]:
    """Return what happened to the records that can have moved a figure; of one that came as a count, that."""
    if kpi in change.received:
        return {Reason.RECEIVED}
    for kinds in change.moved_by(kpi, breakdown):
        if told := {reason for kind in kinds for reason in change.records.get(kind, frozenset())}:
            return told
    return set()


def _differing(joined: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Return where this number of a row differs, or, of its value, how it is shown."""
    differs = pl.col(measure).ne_missing(pl.col(f"{measure}_after"))
    if measure == MEASURES[0]:
        differs |= pl.col("shown").ne_missing(pl.col("shown_after"))
    return joined.filter(differs).select(
        *KEY,
        pl.lit(measure).alias("measure"),
        pl.col(measure).cast(pl.Float64).alias("from_value"),
        pl.col("shown").alias("from_shown"),
        pl.col(f"{measure}_after").cast(pl.Float64).alias("to_value"),
        pl.col("shown_after").alias("to_shown"),
    )
