"""How many records stand how in each measured field, by the month of the record; counts only."""

import polars as pl

from quality.measured import ORDER, Measured, Standing, declared, measured_of
from quality.records import Records

COUNTED = tuple(standing.value for standing in Standing)
FIELD_COUNTS = pl.Schema(
    {
        "source": pl.String(),
        "entity": pl.String(),
        "field": pl.String(),
        "month": pl.Date(),
        **dict.fromkeys(COUNTED, pl.UInt32()),
    }
)
NAMED = FIELD_COUNTS.names()[:4]


def count_fields(records: Records, failing: pl.DataFrame) -> pl.DataFrame:
    """Return FIELD_COUNTS of one entity: how many records of each source and month stand how.

    Given: failing: the `field` of each failure of a check that is no mere information, and its place (`_at`).
    """
    fields = measured_of(records.entity)
    if not fields:
        return FIELD_COUNTS.to_frame()
    sources: list[str] = records.table["_source"].unique().to_list()
    wrong = failing.partition_by("field", as_dict=True)
    standing = {}
    for one in fields:
        places = wrong.get((one.name,))
        failed = None if places is None else _at(places["_at"], records.table.height)
        standing[one.name] = one.standing(records, sources, failed)
    told = records.table.lazy().select("_source", pl.lit(month_of(records)).alias("month"), **standing)
    counted = told.group_by("_source", "month").agg(
        pl.len().cast(pl.UInt32),
        *(
            (pl.col(one.name) == ORDER[kind]).sum().cast(pl.UInt32).alias(f"{one.name} {kind}")
            for one in fields
            for kind in one.may_stand
        ),
    )
    wide = counted.collect()
    return pl.concat(_of_field(wide, records.entity, one) for one in fields)


def _of_field(wide: pl.DataFrame, entity: str, one: Measured) -> pl.DataFrame:
    known = {kind: pl.col(f"{one.name} {kind}") for kind in one.may_stand}
    valid = pl.col("len") - pl.sum_horizontal(known.values())
    counts = {kind: known.get(kind, pl.lit(0, pl.UInt32)) for kind in Standing} | {Standing.VALID: valid}
    return wide.select(
        pl.col("_source").alias("source"),
        pl.lit(entity).alias("entity"),
        pl.lit(one.name).alias("field"),
        "month",
        *(count.cast(pl.UInt32).alias(kind.value) for kind, count in counts.items()),
    )


def _at(places: pl.Series, height: int) -> pl.Series:
    return pl.repeat(False, height, eager=True).scatter(places, True)


def sum_of_fields(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the counts of several partitions as one, in a settled order."""
    stacked = pl.concat([FIELD_COUNTS.to_frame(), *parts])
    return stacked.group_by(NAMED).agg(pl.col(COUNTED).sum()).sort(NAMED)


def month_of(records: Records) -> pl.Series:
    """Return the first day of the month that each record belongs to; null where no day is known.

    Its own day, else its referral's, else that of the person's first referral; none after the extract.
    """
    day = _own(records, records.entity)
    if records.entity == "referral":
        return day
    if "referral_id" in records.table.columns:
        day = _else(day, _own(records, "referral").gather(records.to("referral_id", "referral").row))
    if records.entity == "person":
        return _else(day, _first(records))
    if "_person" in records.table.columns:
        day = _else(day, _first(records).gather(records.to("_person", "person").row))
    return day


def _own(records: Records, entity: str) -> pl.Series:
    table = records.table if entity == records.entity else records.other(entity)
    column = declared().months.get(entity)
    if column not in table.columns:
        return pl.repeat(None, table.height, dtype=pl.Date, eager=True)
    day = pl.col(column or "")
    known = pl.when(day <= records.extracted_on(None if entity == records.entity else entity)).then(day)
    work = table.lazy().select(month=known.dt.truncate("1mo"))
    return records.once(f"months of {entity}", work.collect).to_series()


def _first(records: Records) -> pl.Series:
    """Return the month of each person's first referral."""

    def work() -> pl.DataFrame:
        return records.along("referral", "_person", "person").span(_own(records, "referral"))

    return records.once("months of first referrals", work)["first"]


def _else(own: pl.Series, other: pl.Series) -> pl.Series:
    return own.zip_with(own.is_not_null(), other) if own.null_count() else own
