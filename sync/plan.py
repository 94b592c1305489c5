"""The plan: what was decided tonight against what is remembered, settled into one operation per record.

Pure functions over tables: nothing here reads, writes or asks the clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import polars as pl

from canonical import spec
from sync import memory

PERMITTED, HELD, WITHHELD = 0, 1, 2
FATES = ("withheld", "held", "unchanged", "released")
FATE_WITHHELD, FATE_HELD, FATE_UNCHANGED, FATE_RELEASED = range(4)
HAS_EXPIRED = "expired"
"""Why a record stays behind that was sent, and whose time at the recipient is over."""
NOTHING, SEND, KEEP, WITHDRAW = range(4)

OF_ONE_PERSON = ("person", "address", "characteristics")
"""What stands under a person's own reference, and goes with it when another record absorbs the person."""
Narrower = Callable[[int, int], bool]
ALWAYS = pl.lit(value=True)
CORRECTED = (
    (pl.col("_op") == SEND)
    & (pl.col("_m_batch") != memory.EXPIRED)
    & (pl.col("_m_treatment") == pl.col("_treatment_id"))
    & (pl.col("_m_fingerprint") != pl.col("_fingerprint"))
).fill_null(value=False)
"""Which planned records the recipient has, and gets again because their content is another."""
NOT_MET = (
    pl.lit(None, pl.Binary).alias("_m_fingerprint"),
    pl.lit(None, pl.UInt64).alias("_m_treatment"),
    pl.lit(None, pl.UInt32).alias("_m_batch"),
    pl.lit(value=False).alias("_sent_before"),
)
UNPLANNED = (*NOT_MET, pl.lit(None, pl.UInt8).alias("_op"))
"""What a table of no records gets instead of being met and settled."""
STRANGERS = pl.DataFrame(
    schema={
        "entity": memory.ENTITY,
        "key": pl.Binary,
        "_fate": pl.UInt8,
        "_new_treatment": pl.UInt64,
        "_new_bucket": pl.UInt16,
    }
)


@dataclass
class Plan:
    """What one partition's records need, per entity, and what memory knows that nobody claimed.

    planned:   per entity the decided table with `_fate` (index into FATES), `_reason`, `_op`.
    unclaimed: remembered rows of these buckets that no decided record matches.
    strangers: decided records that these buckets do not remember (they may have moved from another).
    """

    planned: dict[str, pl.DataFrame] = field(default_factory=dict)
    unclaimed: pl.DataFrame = field(default_factory=memory.empty)
    strangers: list[pl.DataFrame] = field(default_factory=list)


def plan_partition(
    decided: dict[str, pl.DataFrame],
    remembered: pl.DataFrame,
    narrower: Narrower,
    *,
    moved: pl.DataFrame | None = None,
    any_memory: bool = True,
    send_all: bool = False,
) -> Plan:
    """Return the plan of one partition.

    Given:   decided tables with parents before children (see sharing), `_treatment_id` UInt64 and
             `_bucket` UInt16; the remembered rows of the same buckets; those of other buckets that have
             moved here; whether any bucket remembers; whether what is permitted is sent even if it is as
             it was.
    Returns: Plan. Order of rows is kept.
    """
    known = dict(memory.in_groups(remembered)) if not remembered.is_empty() else {}
    came = dict(memory.in_groups(moved)) if moved is not None and not moved.is_empty() else {}
    plan = Plan()
    unsent: dict[str, pl.Series] = {}
    for entity, table in decided.items():
        if table.is_empty():
            plan.planned[entity] = table.with_columns(UNPLANNED)
            continue
        arrived = came.get(entity, memory.empty())
        met = _meet(table, _with_arrived(known.pop(entity, None), table, arrived), plan)
        met = hold_with_parents(entity, met, unsent)
        settled = _settle(met, narrower, send_all)
        there = arrived.filter(pl.col("batch") != memory.EXPIRED)["key"]
        sent = pl.col("_sent_before") & (pl.col("_m_batch") != memory.EXPIRED)
        sent = sent | pl.col("_key").is_in(there.implode())
        unsent[entity] = settled.filter((pl.col("_fate") == FATE_HELD) & ~sent)["_key"]
        plan.planned[entity] = settled
        if any_memory:
            plan.strangers.append(_strangers(entity, settled, arrived["key"]))
    leftover = [plan.unclaimed, *known.values()]
    plan.unclaimed = pl.concat([part for part in leftover if not part.is_empty()] or [memory.empty()])
    return plan


def _with_arrived(
    known: pl.DataFrame | None, table: pl.DataFrame, arrived: pl.DataFrame
) -> pl.DataFrame | None:
    """Return what is remembered here, and of what has moved here what is permitted.

    What is held and moved may stand on rows of several people: it is settled once, when all are planned.
    """
    permitted = table.filter(pl.col("_fate") == PERMITTED)["_key"] if not arrived.is_empty() else None
    if permitted is None:
        return known
    more = arrived.filter(pl.col("key").is_in(permitted.implode()))
    return more if known is None else pl.concat([known, more])


def _meet(table: pl.DataFrame, known: pl.DataFrame | None, plan: Plan) -> pl.DataFrame:
    """Return the decided records beside what is remembered of them."""
    if known is None:
        return table.with_columns(NOT_MET)
    remembered = known.select(
        "key",
        pl.col("fingerprint").alias("_m_fingerprint"),
        pl.col("treatment").alias("_m_treatment"),
        pl.col("batch").alias("_m_batch"),
    )
    plan.unclaimed = pl.concat(
        [plan.unclaimed, known.join(table, left_on="key", right_on="_key", how="anti")]
    )
    met = table.join(remembered, left_on="_key", right_on="key", how="left", maintain_order="left")
    return met.with_columns(pl.col("_m_batch").is_not_null().alias("_sent_before"))


def hold_with_parents(entity: str, table: pl.DataFrame, unsent: dict[str, pl.Series]) -> pl.DataFrame:
    """Hold the children of parents that are held and were never sent."""
    waits = pl.lit(value=False)
    for parent in dict.fromkeys(spec(entity).parents.values()):
        keys = unsent.get(parent)
        if keys is not None and not keys.is_empty() and f"_parent_{parent}" in table.columns:
            waits = waits | pl.col(f"_parent_{parent}").is_in(keys.implode()).fill_null(value=False)
    held = (pl.col("_fate") == PERMITTED) & waits
    return table.with_columns(
        pl.when(held).then(pl.lit(HELD, pl.UInt8)).otherwise("_fate").alias("_fate"),
        pl.when(held).then(pl.lit("parent_held")).otherwise("_reason").alias("_reason"),
    )


def _settle(table: pl.DataFrame, narrower: Narrower, send_all: bool) -> pl.DataFrame:
    """Give each record one fate and one operation (design.md, Fates).

    What has expired at the recipient rests: it stays remembered and is not sent, unless it has changed. Where
    it is treated otherwise than when it was sent, its fingerprint cannot tell, and it rests.
    """
    sent = pl.col("_sent_before")
    expired = sent & (pl.col("_m_batch") == memory.EXPIRED)
    equal = (pl.col("_m_fingerprint") == pl.col("_fingerprint")).fill_null(value=False)
    same = sent & ~expired & equal & pl.lit(not send_all)
    asleep = expired & (equal | (pl.col("_m_treatment") != pl.col("_treatment_id")))
    permitted, held = pl.col("_fate") == PERMITTED, pl.col("_fate") == HELD
    narrow = _narrowed(table.filter(sent & held), "_m_treatment", "_treatment_id", narrower)
    operation = (
        pl.when((permitted & (same | asleep)) | (expired & ~permitted))
        .then(KEEP)
        .when(permitted)
        .then(SEND)
        .when(held & sent & ~narrow)
        .then(KEEP)
        .when(sent)
        .then(WITHDRAW)
        .otherwise(NOTHING)
    )
    rests = permitted & asleep
    fate = (
        pl.when(rests)
        .then(FATE_WITHHELD)
        .when(permitted & same)
        .then(FATE_UNCHANGED)
        .when(permitted)
        .then(FATE_RELEASED)
        .when(held)
        .then(FATE_HELD)
        .otherwise(FATE_WITHHELD)
    )
    return table.with_columns(
        operation.cast(pl.UInt8).alias("_op"),
        fate.cast(pl.UInt8).alias("_fate"),
        pl.when(rests).then(pl.lit(HAS_EXPIRED)).otherwise("_reason").alias("_reason"),
    )


def _narrowed(held: pl.DataFrame, old: str, new: str, narrower: Narrower) -> pl.Expr:
    """Return whether the treatment in column `new` shares less than what was sent under `old`."""
    if held.is_empty():
        return pl.lit(value=False)
    pairs = [pair for pair in held.select(old, new).unique().iter_rows() if narrower(*pair)]
    either = [(pl.col(old) == before) & (pl.col(new) == now) for before, now in pairs]
    return pl.any_horizontal(either).fill_null(value=False) if either else pl.lit(value=False)


def _strangers(entity: str, settled: pl.DataFrame, arrived: pl.Series) -> pl.DataFrame:
    """Return the records that their buckets do not remember; of those settled here, that they were seen."""
    here = pl.col("_sent_before") & pl.col("_key").is_in(arrived.implode())
    return settled.filter(~pl.col("_sent_before") | here).select(
        pl.lit(entity).cast(memory.ENTITY).alias("entity"),
        pl.col("_key").alias("key"),
        pl.when(here).then(pl.lit(FATE_UNCHANGED, pl.UInt8)).otherwise("_fate").alias("_fate"),
        pl.col("_treatment_id").alias("_new_treatment"),
        pl.col("_bucket").alias("_new_bucket"),
    )


@dataclass
class Settlement:
    """What becomes of remembered records that nobody claimed in their own buckets.

    carried:  rows that stay in memory: their source was not pulled whole, they moved and are held, or they
              have expired, and would be sent once more if they came back and nobody remembered it.
    unseen:   how many of those that the recipient has were not seen, by source.
    withdrawn: DataFrame[source, entity, key, person, reason]; the reason is vanished, merged, withheld or
               narrowed.
    """

    carried: pl.DataFrame
    withdrawn: pl.DataFrame
    unseen: dict[str, int]


def settle_unclaimed(
    unclaimed: pl.DataFrame,
    strangers: Iterable[pl.DataFrame],
    complete_sources: list[str],
    merged_away: pl.Series,
    narrower: Narrower,
    *,
    still_asked: pl.Expr = ALWAYS,
    may_stay: pl.Expr = ALWAYS,
) -> Settlement:
    """Return the fate of unclaimed memory once every partition has been planned.

    Given:   `complete_sources` were pulled whole tonight; `merged_away` holds the released keys of people
             whom another record has absorbed, and of what stands under them; `still_asked` says whether the
             flow asks for a row, `may_stay` whether it may stay tonight: else it goes, but if expired rests.
    """
    whole = pl.col("source").is_in(complete_sources)
    there = pl.col("batch") != memory.EXPIRED
    seen = pl.concat([STRANGERS, *strangers])
    moved = unclaimed.join(seen, on=["entity", "key"], how="inner")
    unseen = unclaimed.join(seen, on=["entity", "key"], how="anti")
    gone = unseen.filter(whole & still_asked & may_stay & there)
    carried = unseen.filter(still_asked & (~there | (~whole & may_stay)))
    lost = _narrowed(moved.filter(pl.col("_fate") == FATE_HELD), "treatment", "_new_treatment", narrower)
    held, withheld = pl.col("_fate") == FATE_HELD, pl.col("_fate") == FATE_WITHHELD
    kept = moved.filter((held & ~lost) | (~there & (held | withheld)))
    kept = kept.with_columns(pl.col("_new_bucket").alias("bucket")).select(list(memory.SCHEMA))
    stopped = moved.filter(there & (withheld | (held & lost)))
    merged = pl.col("key").is_in(merged_away.implode())
    reason = pl.when(merged).then(pl.lit("merged")).otherwise(pl.lit("vanished"))
    stopped = pl.concat(
        [stopped.select(list(memory.SCHEMA)), unseen.filter(~(still_asked & may_stay) & there)]
    )
    withdrawn = pl.concat([_withdrawals(gone, reason), _withdrawals(stopped, pl.lit("withheld"))])
    unseen_by = dict(carried.filter(there).group_by("source").len().iter_rows())
    return Settlement(pl.concat([carried, kept]), withdrawn, unseen_by)


def _withdrawals(rows: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
    return rows.select("source", "entity", "key", "person", reason.alias("reason"))


def planned_withdrawals(plan: Plan) -> pl.DataFrame:
    """Return what was seen and is no longer shared: DataFrame[source, entity, key, person, reason]."""
    parts = [
        pl.DataFrame(
            schema={
                "source": pl.String,
                "entity": memory.ENTITY,
                "key": pl.Binary,
                "person": pl.UInt64,
                "reason": pl.String,
            }
        )
    ]
    for entity, table in plan.planned.items():
        gone = table if table.is_empty() else table.filter(pl.col("_op") == WITHDRAW)
        if not gone.is_empty():
            named = pl.lit(entity).cast(memory.ENTITY).alias("entity")
            reason = pl.when(pl.col("_fate") == FATE_HELD).then(pl.lit("narrowed")).otherwise("_reason")
            parts.append(
                gone.select(
                    pl.col("_source").alias("source"),
                    named,
                    pl.col("_key").alias("key"),
                    pl.col("_who").alias("person"),
                    reason.alias("reason"),
                )
            )
    return pl.concat(parts)
