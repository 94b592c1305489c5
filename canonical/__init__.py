"""What we agree a record is: the entities, their fields, and the code lists they use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from canonical.entities import (
    ABOUT_NOBODY,
    ANSWERED,
    COUNTED,
    ENTITIES,
    UNBELIEVED,
    spec,
    technical_columns,
    unreadable_bit,
)
from canonical.fields import FRACTIONS, EntitySpec, FieldSpec, Kind, Need, Sensitivity
from canonical.json_schema import json_schema
from canonical.lists import code_lists, code_rows, code_source, codes
from canonical.sql import duckdb_sql, postgres_sql, warehouse_columns

if TYPE_CHECKING:
    from canonical.tables import polars_schema, polars_type, released_type

__all__ = [
    "ABOUT_NOBODY",
    "ANSWERED",
    "COUNTED",
    "ENTITIES",
    "FRACTIONS",
    "UNBELIEVED",
    "EntitySpec",
    "FieldSpec",
    "Kind",
    "Need",
    "Sensitivity",
    "code_lists",
    "code_rows",
    "code_source",
    "codes",
    "duckdb_sql",
    "json_schema",
    "polars_schema",
    "polars_type",
    "postgres_sql",
    "released_type",
    "spec",
    "technical_columns",
    "unreadable_bit",
    "warehouse_columns",
]


def __getattr__(name: str) -> Any:
    """Return a name of `canonical.tables`; reading what is declared does not pay for importing Polars."""
    if name in {"polars_schema", "polars_type", "released_type"}:
        return getattr(import_module("canonical.tables"), name)
    raise AttributeError(name)
