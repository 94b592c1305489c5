"""The contract of a release: what every table promises, checkable by machines that know nothing of Viaduct.

Source:  Open Data Contract Standard 3.1 (Bitol, Linux Foundation).
"""

import uuid
from collections.abc import Sequence
from typing import Any

import yaml

from feed.release.sheet import Column, Kind, Rule, Sheet
from feed.release.words import AsOf, Publisher

NAME = "contract.odcs.yaml"
API_VERSION = "v3.1.0"
VERSION = "1.0.0"
LOGICAL = {Kind.TEXT: "string", Kind.DATE: "date", Kind.WHOLE: "integer", Kind.NUMBER: "number"}
PHYSICAL = {Kind.TEXT: "VARCHAR", Kind.DATE: "DATE", Kind.WHOLE: "BIGINT", Kind.NUMBER: "DOUBLE"}
SPACE = uuid.UUID("7c0a4b53-5d4c-5e1c-9b6e-7f3d5f9f6a10")
SERVERS = (
    {"server": "csv", "type": "local", "path": "./{model}.csv", "format": "csv"},
    {"server": "parquet", "type": "local", "path": "./{model}.parquet", "format": "parquet"},
)


def contract(title: str, sheets: Sequence[Sheet], publisher: Publisher, as_of: AsOf) -> bytes:
    """Return the contract of the release in YAML; its servers are the files beside it."""
    about = {
        "purpose": "Figures that commissioners can quote, of the work of the services that they commission.",
        "usage": publisher.usage,
        "limitations": publisher.limitations,
    }
    said = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": str(uuid.uuid5(SPACE, publisher.name)),
        "name": title,
        "version": VERSION,
        "status": "active",
        "domain": "commissioning",
        "dataProduct": "commissioner-feed",
        "description": {key: text for key, text in about.items() if text},
        "servers": [dict(server) for server in SERVERS],
        "schema": [table(sheet) for sheet in sheets],
        **support(publisher),
        "slaProperties": _promises(publisher),
        "customProperties": _terms(publisher),
        "contractCreatedTs": as_of.released_at,
    }
    return in_yaml(said)


def in_yaml(said: dict[str, Any]) -> bytes:
    """Return the contract as YAML: what is said, in the order in which it is said."""
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=110).encode()


def table(sheet: Sheet) -> dict[str, Any]:
    """Return what the contract promises of one table."""
    return {
        "name": sheet.name,
        "physicalType": "file",
        "businessName": sheet.title,
        "description": sheet.meaning,
        "dataGranularityDescription": f"One row for each {', '.join(sheet.key)}.",
        "properties": [_property(column, sheet.key) for column in sheet.columns],
        "quality": [_quality(rule) for rule in sheet.rules],
    }


def support(publisher: Publisher) -> dict[str, Any]:
    """Return where readers ask and answer; nothing where the site names no address."""
    named = {"Questions": publisher.contact, "What readers would like": publisher.feedback}
    channels = [
        {"channel": channel, "url": _link(address), "tool": "email" if "@" in address else "other"}
        for channel, address in named.items()
        if address
    ]
    return {"support": channels} if channels else {}


def valid_values(codes: Sequence[str]) -> dict[str, Any]:
    """Return the rule that nothing but these codes stands in a column."""
    return {
        "type": "library",
        "name": "only codes of the list",
        "metric": "invalidValues",
        "arguments": {"validValues": list(codes)},
        "mustBe": 0,
        "dimension": "conformity",
    }


def _property(column: Column, key: Sequence[str]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": column.name,
        "logicalType": LOGICAL[column.kind],
        "physicalType": PHYSICAL[column.kind],
        "description": column.meaning,
        "required": column.required,
        "classification": "public",
    }
    if column.name in key and column.required:
        said |= {"primaryKey": True, "primaryKeyPosition": key.index(column.name) + 1}
    if column.codes:
        said["quality"] = [valid_values(column.codes)]
    return said


def _quality(rule: Rule) -> dict[str, Any]:
    return {
        "type": "sql",
        "name": rule.name,
        "description": rule.says,
        "query": f"SELECT count(*) FROM {{object}} WHERE {rule.broken}",
        "mustBe": 0,
        "dimension": "consistency",
    }


def _promises(publisher: Publisher) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = [
        {
            "property": "frequency",
            "value": 1,
            "unit": "quarter",
            "description": "Each financial quarter is published once it is over; a changed figure makes "
            "a new edition with its revisions.",
        }
    ]
    if publisher.published_within_days is not None:
        told.append(
            {
                "property": "latency",
                "value": publisher.published_within_days,
                "unit": "d",
                "description": "Days from the end of the period to the first edition.",
            }
        )
    if publisher.kept_for:
        words = "How long every edition stays as it was."
        told.append({"property": "editionsKept", "value": publisher.kept_for, "description": words})
    return told


def _terms(publisher: Publisher) -> list[dict[str, Any]]:
    told = {"licence": publisher.licence, "licenceUrl": publisher.licence_url, "publisher": publisher.name}
    return [{"property": name, "value": text} for name, text in told.items() if text]


def _link(address: str) -> str:
    return f"mailto:{address}" if "@" in address and "://" not in address else address
