"""The contract of a flow's tables in the warehouse, made from what the canonical schema says of each field.

Source:  Open Data Contract Standard 3.1 (Bitol, Linux Foundation).
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from canonical import ENTITIES, Kind, spec
from canonical.fields import EntitySpec, FieldSpec, Need, Sensitivity
from canonical.lists import codes
from canonical.sql import DUCKDB, POSTGRES
from feed.release.contract import API_VERSION, SPACE, VERSION, in_yaml, support, valid_values
from feed.release.words import Publisher

LOGICAL = {
    Kind.KEY: "string",
    Kind.TEXT: "string",
    Kind.CODE: "string",
    Kind.DATE: "date",
    Kind.INSTANT: "timestamp",
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "number",
    Kind.COORDINATE: "number",
}
CLASSIFIED = {
    Sensitivity.NONE: "not personal",
    Sensitivity.IDENTIFIER: "direct identifier",
    Sensitivity.PERSONAL: "personal",
    Sensitivity.SPECIAL: "special category",
    Sensitivity.OFFENCE: "criminal offence",
    Sensitivity.SAFEGUARDING: "safeguarding",
}
TYPES = {"duckdb": DUCKDB, "postgres": POSTGRES}
PROVENANCE = (
    ("source_system", Kind.TEXT, "The source that the row came from."),
    ("batch_sequence", None, "The batch that brought the row as it is now."),
    ("run_id", Kind.TEXT, "The run that sealed that batch."),
    ("released_at", Kind.INSTANT, "When that batch was sealed."),
)


def warehouse_contract(
    flow: str, columns: Mapping[str, Sequence[str]], server: Mapping[str, Any], publisher: Publisher
) -> bytes:
    """Return the contract of a flow's tables in YAML.

    Given:   by entity the columns that the flow releases; the server as the standard writes one, of the type
             `duckdb` or `postgres`.
    """
    types = TYPES[str(server["type"])]
    said = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": str(uuid.uuid5(SPACE, f"{publisher.name}/{flow}")),
        "name": f"Warehouse tables of the flow {flow}",
        "version": VERSION,
        "status": "active",
        "domain": "commissioning",
        "dataProduct": f"warehouse-{flow}",
        "description": {"purpose": "The records that the flow's assessment lets its recipient have."},
        "servers": [dict(server)],
        "schema": [_table(spec(entity), columns, types) for entity in ENTITIES if entity in columns],
        **support(publisher),
        "slaProperties": [{"property": "frequency", "value": 1, "unit": "d"}],
    }
    return in_yaml(said)


def _table(
    entity: EntitySpec, columns: Mapping[str, Sequence[str]], types: Mapping[Kind, str]
) -> dict[str, Any]:
    there = columns[entity.name]
    fields = [_field(entity, entity.fields[name], columns, types) for name in there if name in entity.fields]
    return {
        "name": entity.name,
        "physicalType": "table",
        "description": entity.description.strip(),
        "dataGranularityDescription": f"One row for each {', '.join(entity.key)}.",
        "properties": [
            *fields,
            *(_provenance(name, kind, says, types) for name, kind, says in PROVENANCE if name in there),
        ],
    }


def _field(
    entity: EntitySpec, field: FieldSpec, columns: Mapping[str, Sequence[str]], types: Mapping[Kind, str]
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": field.name,
        "logicalType": LOGICAL[field.kind],
        "physicalType": types[field.kind],
        "description": field.description,
        "required": field.name in entity.key,
        "classification": CLASSIFIED[field.sensitivity],
    }
    if field.name in entity.key:
        said |= {"unique": True, "primaryKey": True, "primaryKeyPosition": entity.key.index(field.name) + 1}
    if field.codes:
        said["quality"] = [valid_values(list(codes(field.codes)))]
    parent = entity.parents.get(field.name)
    if parent and set(spec(parent).key) <= set(columns.get(parent, ())):
        said["relationships"] = [{"type": "foreignKey", "to": f"{parent}.{spec(parent).key[0]}"}]
    if field.need is Need.DERIVED:
        said["transformDescription"] = "Worked out by Viaduct."
    return said


def _provenance(name: str, kind: Kind | None, meaning: str, types: Mapping[Kind, str]) -> dict[str, Any]:
    return {
        "name": name,
        "logicalType": LOGICAL[kind] if kind else "integer",
        "physicalType": types[kind] if kind else "BIGINT",
        "description": meaning,
        "required": True,
        "classification": CLASSIFIED[Sensitivity.NONE],
    }
