"""The memory as it will be once tonight's batch is received."""

import polars as pl

from sync import memory
from sync.plan import FATE_HELD, FATE_WITHHELD, HAS_EXPIRED, KEEP, SEND, Plan


def remembered_after(plan: Plan, sequence: int) -> pl.DataFrame:
    """Return the memory rows these records will have once the batch is received."""
    rows = [memory.empty()]
    for entity, table in plan.planned.items():
        if table.is_empty():
            continue
        send = pl.col("_op") == SEND
        withheld = (pl.col("_fate") == FATE_WITHHELD) & (pl.col("_reason") != HAS_EXPIRED)
        held = (pl.col("_fate") == FATE_HELD) | withheld
        kept = _once(table.filter(send | (pl.col("_op") == KEEP)), held)
        rows.append(
            kept.select(
                pl.col("_bucket").alias("bucket"),
                pl.col("_source").alias("source"),
                pl.lit(entity).cast(memory.ENTITY).alias("entity"),
                pl.col("_key").alias("key"),
                pl.when(held).then("_m_fingerprint").otherwise("_fingerprint").alias("fingerprint"),
                pl.when(held).then("_m_treatment").otherwise("_treatment_id").alias("treatment"),
                pl.when(send).then(pl.lit(sequence, pl.UInt32)).otherwise("_m_batch").alias("batch"),
                pl.col("_who").alias("person"),
            )
        )
    return pl.concat(rows)


def _once(kept: pl.DataFrame, held: pl.Expr) -> pl.DataFrame:
    """Return the rows with each held key once: a reference on two rows is one thing that was sent."""
    stays = kept.filter(held)
    if not stays["_key"].is_duplicated().any():
        return kept
    return pl.concat([kept.filter(~held), stays.unique("_key", keep="first", maintain_order=True)])
