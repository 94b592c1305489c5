"""Our entities as JSON Schema, as they are released: keys are UUIDs, days and instants are text."""

from typing import Any

from canonical.entities import spec
from canonical.fields import FieldSpec, Kind, Need
from canonical.lists import codes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LISTED_AT_MOST = 60
TYPES: dict[Kind, dict[str, Any]] = {
    Kind.KEY: {"type": "string", "format": "uuid"},
    Kind.TEXT: {"type": "string"},
    Kind.CODE: {"type": "string"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.INTEGER: {"type": "integer"},
    Kind.DECIMAL: {"type": "string", "pattern": r"^-?\d{1,10}\.\d{2}$"},
    Kind.COORDINATE: {"type": "string", "pattern": r"^-?\d{1,3}\.\d{6}$"},
}


def json_schema(entity: str) -> dict[str, Any]:
    """Return the JSON Schema of the entity's released records. Errors: KeyError for an unknown name."""
    declared = spec(entity)
    return {
        "$schema": DIALECT,
        "title": entity,
        "description": declared.description,
        "type": "object",
        "additionalProperties": False,
        "required": list(declared.key),
        "properties": {
            name: _property(field, name in declared.key) for name, field in declared.fields.items()
        },
    }


def _property(field: FieldSpec, is_key: bool) -> dict[str, Any]:
    described = {"description": field.description, **TYPES[field.kind]}
    values: list[str | None] = list(codes(field.codes)) if field.codes else []
    if not is_key:
        described["type"] = [described["type"], "null"]
    if values and len(values) <= LISTED_AT_MOST:
        described["enum"] = values if is_key else [*values, None]
    said = {
        "x-sensitivity": field.sensitivity.value,
        "x-need": Need(field.need).value,
        "x-codes": field.codes,
        "x-standard": field.standard or None,
        "x-references": field.references,
    }
    return described | {name: value for name, value in said.items() if value is not None}
