"""Every check asked of every record of a partition, by columns; findings name records, never values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from canonical import ENTITIES, spec
from quality.checks import Check, Effect, checks_of
from quality.expressions import VERDICTS
from quality.facts import Facts, Records

UNREADABLE = "MAP-01"
FINDINGS = pl.Schema({
    "source": pl.String(), "entity": pl.String(), "reference": pl.String(), "row": pl.UInt32(),
    "check": pl.String(), "field": pl.String(), "severity": pl.String(), "effect": pl.String(),
})
UNKNOWN = pl.Schema({
    "source": pl.String(), "entity": pl.String(), "check": pl.String(), "records": pl.UInt32(),
})
UNDECIDED = pl.Schema({
    "source": pl.String(), "entity": pl.String(), "record": pl.String(), "check": pl.String(),
})


@dataclass(frozen=True)
class Inspected:
    """What the checks said of one partition.

    tables:    as given, with `_failed` (a bit per check of the entity), `_held`, `_held_by`; fields blanked.
    findings:  one row per record, check and field, in a settled order.
    unknown:   how many records of a source a check could not be answered for.
    undecided: which they were; a null record stands for every record of the source.
    """

    tables: dict[str, pl.DataFrame]
    findings: pl.DataFrame
    unknown: pl.DataFrame
    undecided: pl.DataFrame


def inspect(tables: Mapping[str, pl.DataFrame], facts: Facts) -> Inspected:
    """Return the tables with every check's answer, the findings, and what could not be answered.

    Given:   canonical tables of whole people with their technical columns; entities may be absent or empty.
    Returns: an answer that does not depend on the order of rows or on how people were put into partitions.
    """
    parts = [_inspect_entity(Records(name, tables, facts)) for name in ENTITIES if name in tables]
    inspected = {name: table for part in parts for name, table in part.tables.items()}
    return replace(gather(parts), tables={name: inspected.get(name, table) for name, table in tables.items()})


def gather(parts: list[Inspected]) -> Inspected:
    """Return what was found in several partitions as one, in a settled order, without their tables."""
    findings = pl.concat([part.findings for part in parts]) if parts else FINDINGS.to_frame()
    unknown = pl.concat([part.unknown for part in parts]) if parts else UNKNOWN.to_frame()
    undecided = pl.concat([part.undecided for part in parts]) if parts else UNDECIDED.to_frame()
    counted = unknown.group_by("source", "entity", "check").agg(pl.col("records").sum())
    return Inspected(
        {},
        findings.sort("source", "entity", "reference", "row", "check", "field"),
        counted.sort("source", "entity", "check"),
        undecided.unique().sort("source", "entity", "check", "record"),
    )


def _inspect_entity(records: Records) -> Inspected:
    checks = checks_of(records.entity)
    sources: list[str] = records.table["_source"].unique().to_list()
    unasked = {check.id: [source for source in sources if _lacks(records, source, check)] for check in checks}
    verdicts = _verdicts(records, checks, sources, unasked)
    failed = verdicts.select(_bits(verdicts.columns)).to_series()
    table = records.table.with_columns(failed.alias("_failed"))
    failing = table.filter(pl.col("_failed") != 0)
    findings = pl.concat([FINDINGS.to_frame(), *_findings(records, checks, failing)])
    unknown, undecided = _unknown(records, verdicts, unasked)
    return Inspected({records.entity: _marked(checks, table, failing)}, findings, unknown, undecided)


def _lacks(records: Records, source: str, check: Check) -> bool:
    """Return whether the source does not give something that the check needs."""
    return not all(_gives(records, source, name) for name in check.inputs)


def _gives(records: Records, source: str, name: str) -> bool:
    owner, _, field = name.rpartition(".")
    if not owner:
        present = field in records.table.columns
        return present and records.facts.fills(source, records.entity, field)
    if records.facts.filled is not None:
        return records.facts.fills(source, owner, field)
    return owner in records.tables and field in ("*", *records.tables[owner].columns)


def _verdicts(
    records: Records, checks: tuple[Check, ...], sources: list[str], unasked: dict[str, list[str]],
) -> pl.DataFrame:
    """Return one Boolean column per check, named by it: true failed, false passed, null unknown."""
    answers: dict[str, pl.Expr] = {}
    for check in checks:
        missing = unasked[check.id]
        verdict = None if len(missing) == len(sources) else _ask(records, check)
        if verdict is None:
            unasked[check.id] = sources
            answers[check.id] = pl.lit(None, pl.Boolean)
        elif missing:
            answers[check.id] = pl.when(~pl.col("_source").is_in(missing)).then(verdict)
        else:
            answers[check.id] = verdict
    rows = records.table.lazy().select(pl.col("_source"), **_of_believed(records, answers))
    return rows.drop("_source").collect()


def _of_believed(records: Records, answers: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    """Return the answers, unknown for records whose row is not believed."""
    if not records.table.select(records.unbelieved().any()).item():
        return answers
    return {name: pl.when(~records.unbelieved()).then(verdict) for name, verdict in answers.items()}


def _ask(records: Records, check: Check) -> pl.Expr | None:
    if check.id == UNREADABLE:
        return records.unreadable(*_left_to_mapping(records.entity))
    return VERDICTS[check.id](records)


def _left_to_mapping(entity: str) -> list[str]:
    """Return the fields for which no more precise check speaks when their words cannot be read."""
    spoken = {check.field for check in checks_of(entity) if check.speaks_for_unreadable}
    return [name for name in spec(entity).fields if name not in spoken]


def _bits(columns: list[str]) -> pl.Expr:
    return pl.sum_horizontal(
        pl.lit(0, pl.UInt64),
        *(pl.col(name).fill_null(False).cast(pl.UInt64) * (1 << bit) for bit, name in enumerate(columns)),
    )


def _findings(records: Records, checks: tuple[Check, ...], failing: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for bit, check in enumerate(checks):
        rows = failing.filter((pl.col("_failed") & pl.lit(1 << bit, pl.UInt64)) != 0)
        if rows.is_empty():
            continue
        if check.id != UNREADABLE:
            yield _named(rows, records.entity, check, check.field_of(records.entity))
            continue
        for field in _left_to_mapping(records.entity):
            yield _named(rows.filter(records.unreadable(field)), records.entity, check, field)


def _named(rows: pl.DataFrame, entity: str, check: Check, field: str) -> pl.DataFrame:
    return rows.select(
        source=pl.col("_source"), entity=pl.lit(entity), reference=pl.col("_reference"), row=pl.col("_row"),
        check=pl.lit(check.id), field=pl.lit(field),
        severity=pl.lit(check.severity.value), effect=pl.lit(check.effect.value),
    )


def _unknown(
    records: Records, verdicts: pl.DataFrame, unasked: dict[str, list[str]],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    counts, undecided = [UNKNOWN.to_frame()], [UNDECIDED.to_frame()]
    for check in verdicts.columns:
        if not verdicts[check].null_count():
            continue
        rows = records.table.filter(verdicts[check].is_null()).select("_source", "_reference", "_row")
        counts.append(rows.group_by(source="_source").agg(
            entity=pl.lit(records.entity), check=pl.lit(check), records=pl.len().cast(pl.UInt32),
        ))
        asked = rows.filter(~pl.col("_source").is_in(unasked[check])).select("_source", record=record_name())
        whole = pl.DataFrame({"_source": unasked[check]}, schema={"_source": pl.String}).with_columns(
            record=pl.lit(None, pl.String)
        )
        undecided.append(pl.concat([asked, whole]).select(
            source="_source", entity=pl.lit(records.entity), record="record", check=pl.lit(check),
        ))
    return pl.concat(counts), pl.concat(undecided)


def record_name(reference: str = "_reference", row: str = "_row") -> pl.Expr:
    """Return the record's CRM reference, or its row in the export where it has none."""
    # pl.format panics on a column with an empty chunk (Polars 1.44).
    return pl.coalesce(reference, pl.lit("row ") + pl.col(row).cast(pl.String))


def _marked(checks: tuple[Check, ...], table: pl.DataFrame, failing: pl.DataFrame) -> pl.DataFrame:
    """Return the table with `_held` and `_held_by`, and the fields emptied that failed checks blank."""
    hit: Any = failing["_failed"].bitwise_or() or 0
    failed = [(check, pl.lit(1 << bit, pl.UInt64)) for bit, check in enumerate(checks) if hit & 1 << bit]
    by = [pl.when(pl.col("_failed") & bit != 0).then(pl.lit(check.id)) for check, bit in failed
          if check.effect is Effect.HOLD_RECORD]
    held_by = pl.coalesce(by) if by else pl.lit(None, pl.String)
    blanked: dict[str, pl.Expr] = {}
    for check, bit in failed:
        for name in filter(table.columns.__contains__, check.blanks):
            blanked[name] = pl.when(pl.col("_failed") & bit == 0).then(blanked.get(name, pl.col(name)))
    marked = table.with_columns(_held_by=held_by, **blanked)
    return marked.with_columns(_held=pl.col("_held_by").is_not_null())
