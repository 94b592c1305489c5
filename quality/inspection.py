"""Every check asked of every record of a partition, by columns; findings name records, never values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from canonical import ENTITIES
from quality.answers import ANSWERS, count_answers, record_name, sum_of_answers, undecided_records
from quality.asking import UNREADABLE, Asking, ask
from quality.checks import Check, Effect, Severity, checks_of
from quality.facts import Facts
from quality.field_counts import FIELD_COUNTS, count_fields, sum_of_fields
from quality.records import Records
from quality.shared_traits import TRAIT_COUNTS, TraitCounting, sum_of_traits
from quality.tallies import TALLIES, added_up, tally

FINDINGS = pl.Schema(
    {
        "source": pl.String(),
        "entity": pl.String(),
        "reference": pl.String(),
        "row": pl.UInt32(),
        "check": pl.String(),
        "field": pl.String(),
        "severity": pl.String(),
        "effect": pl.String(),
        "other": pl.String(),
    }
)
UNDECIDED = pl.Schema(
    {
        "source": pl.String(),
        "entity": pl.String(),
        "record": pl.String(),
        "check": pl.String(),
    }
)


@dataclass(frozen=True)
class Inspected:
    """What the checks said of one partition.

    tables:    as given, with `_failed` (a bit per check of the entity), `_held`, `_held_by`; fields blanked.
    findings:  one row per record, check and field, in a settled order.
    answers:   of how many records of a source each check passed, failed, is unknown or does not apply.
    undecided: which are unknown; a null record stands for every record of the source.
    traits:    how many were asked and failed, by what they have in common.
    fields:    how many records stand how in each measured field, by month.
    tallies:   what is counted for the checks of a whole provider.
    """

    tables: dict[str, pl.DataFrame]
    findings: pl.DataFrame
    answers: pl.DataFrame
    undecided: pl.DataFrame
    traits: pl.DataFrame = field(default_factory=TRAIT_COUNTS.to_frame)
    fields: pl.DataFrame = field(default_factory=FIELD_COUNTS.to_frame)
    tallies: pl.DataFrame = field(default_factory=TALLIES.to_frame)

    @property
    def unknown(self) -> pl.DataFrame:
        """Return how many records of a source a check could not be answered for."""
        unsure = self.answers.filter(pl.col("unknown") > 0)
        return unsure.select("source", "entity", "check", records="unknown")


def inspect(tables: Mapping[str, pl.DataFrame], facts: Facts) -> Inspected:
    """Return the tables with every check's answer, the findings, and what could not be answered.

    Given:   canonical tables of whole people with their technical columns; entities may be absent or empty.
    Returns: an answer that does not depend on the order of rows or on how people were put into partitions.
    """
    first = Records("", tables, facts)
    here = [replace(first, entity=name) for name in ENTITIES if name in tables]
    counting = TraitCounting()
    parts = [_inspect_entity(records, counting) for records in here]
    inspected = {name: table for part in parts for name, table in part.tables.items()}
    every = {name: inspected.get(name, table) for name, table in tables.items()}
    counted = {"traits": sum_of_traits([counting.counts()]), "tallies": tally(first)}
    return replace(gather(parts), tables=every, **counted)


def gather(parts: list[Inspected]) -> Inspected:
    """Return what was found in several partitions as one, in a settled order, without their tables."""
    findings = pl.concat([FINDINGS.to_frame(), *(part.findings for part in parts)])
    undecided = pl.concat([UNDECIDED.to_frame(), *(part.undecided for part in parts)])
    return Inspected(
        {},
        findings.sort("source", "entity", "reference", "row", "check", "field"),
        sum_of_answers([part.answers for part in parts]),
        undecided.unique().sort("source", "entity", "check", "record"),
        sum_of_traits([part.traits for part in parts]),
        sum_of_fields([part.fields for part in parts]),
        added_up([part.tallies for part in parts]),
    )


def _inspect_entity(records: Records, counting: TraitCounting) -> Inspected:
    if records.table.is_empty():
        return Inspected({records.entity: _untouched(records.table)}, *_nothing())
    checks = checks_of(records.entity)
    asking = ask(records, checks)
    table = records.table.with_columns(asking.verdicts.select(_bits(asking.verdicts.columns)).to_series())
    failing = table.with_row_index("_at").filter(pl.col("_failed") != 0)
    placed = pl.Schema(FINDINGS | {"_at": pl.UInt32()}).to_frame()
    failed = list(_findings(records.entity, checks, asking, failing))
    found = pl.concat([placed, *(_with_other(part, asking, table) for part in failed)])
    named = found.select("_at", "check", "field", record=record_name("reference", "row"))
    counting.take(records, asking, named)
    grave = found.filter(pl.col("severity") != Severity.INFO.value).select("_at", "field")
    answers = count_answers(records, asking)
    undecided = undecided_records(records, asking, UNDECIDED)
    marked = {records.entity: _marked(checks, asking, table, failing)}
    fields = count_fields(records, grave)
    return Inspected(marked, found.drop("_at"), answers, undecided, fields=fields)


def _nothing() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return FINDINGS.to_frame(), ANSWERS.to_frame(), UNDECIDED.to_frame()


def _untouched(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table of no rows with the columns that the others get."""
    marks = {"_failed": pl.UInt64, "_held_by": pl.String, "_held": pl.Boolean}
    return table.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in marks.items())


def _bits(columns: list[str]) -> pl.Expr:
    bits = (
        pl.col(name).fill_null(value=False).cast(pl.UInt64) * (1 << bit) for bit, name in enumerate(columns)
    )
    return pl.sum_horizontal(pl.lit(0, pl.UInt64), *bits).alias("_failed")


def _failed(bit: int) -> pl.Expr:
    return (pl.col("_failed") & pl.lit(1 << bit, pl.UInt64)) != 0


def _findings(
    entity: str, checks: tuple[Check, ...], asking: Asking, failing: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    failed = int(failing.select(pl.col("_failed").bitwise_or()).item() or 0)
    for bit, check in enumerate(checks):
        if not failed >> bit & 1:
            continue
        rows = failing.filter(_failed(bit))
        several = asking.fields.get(check.id)
        if several is None:
            yield _named(rows, entity, check, check.field_of(entity))
            continue
        for name, fails in several.items():
            yield _named(rows.filter(fails), entity, check, name)


def _named(rows: pl.DataFrame, entity: str, check: Check, field: str) -> pl.DataFrame:
    return rows.select(
        source=pl.col("_source"),
        entity=pl.lit(entity),
        reference=pl.col("_reference"),
        row=pl.col("_row"),
        check=pl.lit(check.id),
        field=pl.lit(field),
        severity=pl.lit(check.severity.value),
        effect=pl.lit(check.effect.value),
        other=pl.col(check.other).fill_null("") if check.other else pl.lit(""),
        _at=pl.col("_at"),
    )


def _with_other(found: pl.DataFrame, asking: Asking, table: pl.DataFrame) -> pl.DataFrame:
    """Return one check's findings with the reference of the second record, where the check found one."""
    places = asking.others.get(found["check"][0]) if found.height else None
    if places is None:
        return found
    named = table["_reference"].gather(places.gather(found["_at"])).fill_null("")
    return found.with_columns(named.alias("other"))


def _marked(
    checks: tuple[Check, ...], asking: Asking, table: pl.DataFrame, failing: pl.DataFrame
) -> pl.DataFrame:
    """Return the table with `_held` and `_held_by`, and the fields emptied that failed checks blank."""
    hit: Any = failing["_failed"].bitwise_or() or 0
    failed = [(bit, check) for bit, check in enumerate(checks) if hit & 1 << bit]
    by = [
        pl.when(_failed(bit)).then(pl.lit(check.id))
        for bit, check in failed
        if check.effect is Effect.HOLD_RECORD
    ]
    held_by = pl.coalesce(by) if by else pl.lit(None, pl.String)
    blanked: dict[str, pl.Expr] = {}
    for bit, check in failed:
        several = asking.fields.get(check.id, {})
        for name in filter(table.columns.__contains__, check.blanks):
            wrong = _failed(bit) & several[name] if name in several else _failed(bit)
            blanked[name] = pl.when(~wrong).then(blanked.get(name, pl.col(name)))
    marked = table.with_columns(held_by.alias("_held_by"), **blanked)
    return marked.with_columns(_held=pl.col("_held_by").is_not_null())


__all__ = ["ANSWERS", "FINDINGS", "UNDECIDED", "UNREADABLE", "Inspected", "gather", "inspect"]
