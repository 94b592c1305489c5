"""What has expired at the recipient and is sent again, because something that stands there names it.

The recipient removes a row only when no row that stays names it. So when a record is sent that names one of
which the time was over, that one goes with it, and with a person what is about nobody but them.
"""

from collections import defaultdict

import polars as pl

from canonical import spec
from sync import memory
from sync.plan import FATE_RELEASED, HAS_EXPIRED, KEEP, SEND, Plan


def revived(plan: Plan) -> Plan:
    """Return the plan with everything sent again that a record which will stand there cannot do without."""
    rests = (pl.col("_op") == KEEP) & (pl.col("_reason") == HAS_EXPIRED)
    if not any(table.select(rests.any()).item() for table in plan.planned.values() if not table.is_empty()):
        return plan
    named: dict[str, list[pl.Series]] = defaultdict(list)
    people: pl.Series | None = None
    for entity in reversed(list(plan.planned)):
        table = _wake(plan.planned[entity], rests, named[entity])
        plan.planned[entity] = table
        if entity == "person":
            woken = (pl.col("_op") == SEND) & (pl.col("_m_batch") == memory.EXPIRED)
            people = table.filter(woken)["_key"]
        for parent, keys in _parents_of_what_stands(entity, table).items():
            named[parent].append(keys)
    if people is not None:
        _wake_what_is_theirs(plan, rests, people)
    return plan


def _wake(table: pl.DataFrame, rests: pl.Expr, keys: list[pl.Series], column: str = "_key") -> pl.DataFrame:
    wanted = [part for part in keys if not part.is_empty()]
    if not wanted or table.is_empty():
        return table
    wakes = rests & pl.col(column).is_in(pl.concat(wanted).implode()).fill_null(value=False)
    return table.with_columns(
        pl.when(wakes).then(pl.lit(SEND, pl.UInt8)).otherwise("_op").alias("_op"),
        pl.when(wakes).then(pl.lit(FATE_RELEASED, pl.UInt8)).otherwise("_fate").alias("_fate"),
        pl.when(wakes).then(pl.lit("")).otherwise("_reason").alias("_reason"),
    )


def _parents_of_what_stands(entity: str, table: pl.DataFrame) -> dict[str, pl.Series]:
    """Return, per parent entity, the keys that rows name which will stand at the recipient."""
    there = (pl.col("_op") == KEEP) & (pl.col("_m_batch") != memory.EXPIRED)
    stands = table.filter((pl.col("_op") == SEND) | there)
    parents = dict.fromkeys(spec(entity).parents.values())
    return {
        parent: stands[f"_parent_{parent}"].drop_nulls()
        for parent in parents
        if f"_parent_{parent}" in table.columns
    }


def _wake_what_is_theirs(plan: Plan, rests: pl.Expr, people: pl.Series) -> None:
    """Send again, with people, what hangs on them and on no case of theirs."""
    for entity, table in plan.planned.items():
        parents = set(spec(entity).parents.values())
        if "person" in parents and "referral" not in parents and entity != "referral":
            plan.planned[entity] = _wake(table, rests, [people], "_parent_person")
