"""Records of a row that is not believed: nothing of it is taken but whose it is and what it hangs on.

Every other field is empty and counts as not readable, so that whatever it may have said is taken at its
strictest; a mark on the whole row lets the checks hold each of its records and say why once.
"""

import polars as pl

from canonical import UNBELIEVED, Kind, spec, unreadable_bit
from mappings.fields import OWN_FIELDS


def disbelieve(entity: str, table: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Return the table with the records of these rows (a mask) emptied and marked."""
    if not rows.any():
        return table
    fields = spec(entity).fields
    links = {name for name, field in fields.items() if field.kind is Kind.KEY}
    emptied = [name for name in fields if name not in links] + list(OWN_FIELDS.get(entity, {}))
    bits = sum(1 << unreadable_bit(entity, name) for name in fields if name not in links)
    out = pl.lit(rows)
    return table.with_columns(
        pl.when(~out).then(pl.col(name)).alias(name) for name in emptied if name in table.columns
    ).with_columns(
        pl.when(out).then(pl.lit(bits | UNBELIEVED, pl.UInt64)).otherwise("_unreadable").alias("_unreadable")
    )
