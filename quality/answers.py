"""Counting what the checks answered: passed, failed, unknown, not asked."""

import polars as pl

from quality.asking import Asking
from quality.records import Records

ANSWERS = pl.Schema(
    {
        "source": pl.String(),
        "entity": pl.String(),
        "check": pl.String(),
        "passed": pl.UInt32(),
        "failed": pl.UInt32(),
        "unknown": pl.UInt32(),
        "not_applicable": pl.UInt32(),
    }
)


def count_answers(records: Records, asking: Asking) -> pl.DataFrame:
    """Return of how many records of each source each check passed, failed, is unknown or does not apply."""
    told = asking.verdicts.with_columns(asking.spared.select(pl.all().name.suffix(" spared")))
    sources = records.table["_source"]
    if sources.n_unique() == 1:
        return _counted(records.entity, sources[0], told, asking)
    parts = told.with_columns(sources).partition_by("_source", as_dict=True, include_key=False)
    return pl.concat(_counted(records.entity, str(key[0]), part, asking) for key, part in parts.items())


def _counted(entity: str, source: str, told: pl.DataFrame, asking: Asking) -> pl.DataFrame:
    rows = []
    for check in asking.verdicts.columns:
        failed, unknown = int(told[check].sum()), told[check].null_count()
        spared = int(told[f"{check} spared"].sum()) if check in asking.spared.columns else 0
        rows.append((source, entity, check, told.height - failed - unknown - spared, failed, unknown, spared))
    return pl.DataFrame(rows, schema=ANSWERS, orient="row")


def sum_of_answers(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the answers of several partitions as one, in a settled order."""
    stacked = pl.concat([ANSWERS.to_frame(), *parts])
    by = ["source", "entity", "check"]
    return stacked.group_by(by).agg(pl.all().sum()).sort(by)


def undecided_records(records: Records, asking: Asking, shape: pl.Schema) -> pl.DataFrame:
    """Return which records could not be answered for; a null record stands for all of the source."""
    found = [check for check in asking.verdicts.get_columns() if check.null_count()]
    if not found:
        return shape.to_frame()
    named = records.table.select(source="_source", entity=pl.lit(records.entity), record=record_name())
    undecided = [shape.to_frame()]
    for check in found:
        sources, rows = asking.unasked[check.name], check.is_null()
        if sources:
            rows &= ~named["source"].is_in(sources)
        asked = named.filter(rows).with_columns(check=pl.lit(check.name))
        whole = [(source, records.entity, None, check.name) for source in sources]
        undecided += [asked, pl.DataFrame(whole, schema=shape, orient="row")] if sources else [asked]
    return pl.concat(undecided)


def record_name(reference: str = "_reference", row: str = "_row") -> pl.Expr:
    """Return the record's CRM reference, or its row in the export where it has none."""
    # pl.format panics on a column with an empty chunk (Polars 1.44).
    return pl.coalesce(reference, pl.lit("row ") + pl.col(row).cast(pl.String))
