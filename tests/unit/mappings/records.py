"""Canonical tables for tests: what is not said is null."""

from typing import Any

import polars as pl

from canonical import polars_schema, spec
from mappings.compile import OWN_TYPES
from mappings.fields import OWN_FIELDS


def table(entity: str, *rows: dict[str, Any], source: str = "hub") -> pl.DataFrame:
    """Return rows of the entity; the key is its reference, the source the same unless a row says so."""
    own = {name: OWN_TYPES[name] for name in OWN_FIELDS.get(entity, {})}
    schema = dict(polars_schema(entity)) | own
    key = spec(entity).key[0]
    full = [{"_source": source, "_unreadable": 0, "_reference": row.get(key)} | row for row in rows]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in full], schema=schema)
