"""Inspected canonical tables for tests: one person with a record of every kind, and the example's flows."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from canonical import ENTITIES, FieldSpec, Kind, polars_schema, spec
from sharing import Dpia, Flow, FlowKeys, compile_flow, load_dpia

EXAMPLE = Path("config/example/dpia/charity-crm-to-warehouse.yaml")
SECRETS = FlowKeys(pseudonym=b"\xaa" * 32, memory=b"\xbb" * 32)
PLAIN: dict[Kind, Any] = {
    Kind.DATE: date(2022, 5, 4),
    Kind.INSTANT: datetime(2022, 5, 4, 9, 30, tzinfo=UTC),
    Kind.BOOLEAN: False,
    Kind.INTEGER: 3,
    Kind.DECIMAL: Decimal("12.50"),
    Kind.COORDINATE: Decimal("53.410600"),
}
QUIET: dict[str, Any] = {
    "person.role_type": "client",
    "person.share_council": "given",
    "person.safe_to_contact": "yes",
    "person.merged_into": None,
    "person.household_id": "hub:P1",
    "person.birth_year_month": "1950-02",
    "address.address_type": "main",
    "risk.risk_code": "fire",
    "referral.lot_code": "L3-SSH",
    "referral.parent_referral_id": None,
    "onward_referral.resulting_referral_id": None,
    "onward_referral.lot_code": "L4-CS",
    "service.lot_code": "L3-SSH",
    "service_episode.lot_code": "L3-SSH",
    "need.need_code": "ECON.BEN",
}


@cache
def example() -> Dpia:
    """Return the example site's DPIA."""
    return load_dpia(EXAMPLE)


@cache
def flow(name: str) -> Flow:
    """Return a flow of the example, under fixed secrets."""
    return compile_flow(example(), name, SECRETS)


def whole_person(source: str = "hub", mark: str = "1", **changes: Any) -> dict[str, pl.DataFrame]:
    """Return one person with one record of every kind.

    Given: `changes` as `entity__field`, a technical column among them (`referral___held`).
    """
    said = {name.replace("__", ".", 1): value for name, value in changes.items()}
    return {entity: _row(entity, source, mark, said) for entity in ENTITIES}


def together(*people: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables of several people as one."""
    return {entity: pl.concat([tables[entity] for tables in people]) for entity in people[0]}


def _row(entity: str, source: str, mark: str, said: Mapping[str, Any]) -> pl.DataFrame:
    own = spec(entity)
    values = {name: _value(entity, field, mark) for name, field in own.fields.items()}
    technical = {
        "_source": source,
        "_reference": f"{entity}-{mark}",
        "_person": f"person-{mark}" if own.person_field else None,
        "_row": 1,
        "_unreadable": 0,
        "_held": False,
        "_held_by": None,
    }
    changed = {
        name.split(".", 1)[1]: value for name, value in said.items() if name.split(".", 1)[0] == entity
    }
    types = dict(polars_schema(entity)) | {"_held": pl.Boolean(), "_held_by": pl.String()}
    assert set(changed) <= set(types), f"no such column: {set(changed) - set(types)}"
    row = values | technical | changed
    return pl.DataFrame([pl.Series(name, [row[name]], dtype=kind) for name, kind in types.items()])


def _value(entity: str, field: FieldSpec, mark: str) -> Any:
    path = f"{entity}.{field.name}"
    if path in QUIET:
        return QUIET[path]
    if field.kind is Kind.KEY:
        return f"{field.references or entity}-{mark}"
    return PLAIN.get(field.kind, f"CANARY {path}")
