"""Our fields as columns of Polars tables; the one module of this room that imports Polars."""

from functools import cache

import polars as pl

from canonical.entities import spec
from canonical.fields import Kind

CANONICAL: dict[Kind, pl.DataType] = {
    Kind.KEY: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.CODE: pl.String(),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INTEGER: pl.Int32(),
    Kind.DECIMAL: pl.Decimal(12, 2),
    Kind.COORDINATE: pl.Decimal(9, 6),
}
TECHNICAL: dict[str, pl.DataType] = {
    "_source": pl.String(),
    "_reference": pl.String(),
    "_person": pl.String(),
    "_row": pl.UInt32(),
    "_unreadable": pl.UInt64(),
}


def polars_type(kind: Kind) -> pl.DataType:
    """Return the type of such a field in a canonical table, where keys are the source's own references."""
    return CANONICAL[kind]


def released_type(kind: Kind) -> pl.DataType:
    """Return the type of such a field in a released table, where keys are 16 keyed bytes."""
    return pl.Binary() if kind is Kind.KEY else CANONICAL[kind]


@cache
def polars_schema(entity: str, *, technical: bool = True) -> pl.Schema:
    """Return the columns of the entity's canonical table, in field order, technical columns last.

    It is made once: to be read, and not changed.
    """
    columns = {name: CANONICAL[field.kind] for name, field in spec(entity).fields.items()}
    return pl.Schema(columns | TECHNICAL if technical else columns)
