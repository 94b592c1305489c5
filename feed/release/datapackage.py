"""The descriptor of a release: every file with its size and digest, every table with its columns.

Source:  Data Package, version 2 (datapackage.org); what is ours alone stands under `viaduct`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feed.release.files import sha256
from feed.release.sheet import Column, Kind, Sheet
from feed.release.words import AsOf, Publisher

NAME = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE = "https://datapackage.org/profiles/2.0/dataresource.json"
SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"
DIALECT = "https://datapackage.org/profiles/2.0/tabledialect.json"
FORMAT = "viaduct-feed/1"
TYPES = {Kind.TEXT: "string", Kind.DATE: "date", Kind.WHOLE: "integer", Kind.NUMBER: "number"}
MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "md": "text/markdown",
    "yaml": "application/yaml",
    "html": "text/html",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Edition:
    """Which edition of which period this is, and what it takes the place of."""

    period: str
    number: int
    as_of: AsOf
    definitions_sha256: str
    replaces_sha256: str | None = None


def descriptor(
    title: str,
    edition: Edition,
    sheets: Sequence[Sheet],
    files: Mapping[str, bytes],
    publisher: Publisher,
    *,
    sample: bool = False,
) -> bytes:
    """Return datapackage.json: every file of the release by name, size and digest."""
    tables = {sheet.name: sheet for sheet in sheets}
    said = {
        "$schema": PROFILE,
        "name": f"viaduct-feed-{edition.period.lower().replace('..', '-to-')}",
        "title": title,
        "description": _about(publisher, sample=sample),
        "version": f"1.{edition.number}.0",
        "created": edition.as_of.released_at,
        "contributors": [{"title": publisher.name, "roles": ["publisher"], **_mail(publisher)}],
        **_licences(publisher),
        "resources": [_resource(name, content, tables) for name, content in sorted(files.items())],
        "viaduct": {
            "format": FORMAT,
            "period": edition.period,
            "edition": edition.number,
            "as_of_batch": edition.as_of.batch,
            "as_of": edition.as_of.released_at,
            "definitions": edition.definitions_sha256,
            "replaces": edition.replaces_sha256,
            "sample": sample,
        },
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _about(publisher: Publisher, *, sample: bool) -> str:
    told = ["The people in this sample are invented."] if sample else []
    return " ".join([*told, *filter(None, (publisher.usage, publisher.limitations))])


def _mail(publisher: Publisher) -> dict[str, str]:
    return {"email": publisher.contact} if publisher.contact else {}


def _licences(publisher: Publisher) -> dict[str, Any]:
    if not publisher.licence:
        return {}
    path = {"path": publisher.licence_url} if publisher.licence_url else {}
    return {"licenses": [{"name": publisher.licence, **path}]}


def _resource(name: str, content: bytes, tables: Mapping[str, Sheet]) -> dict[str, Any]:
    stem, _, form = name.rpartition(".")
    sheet = tables.get(stem) if form in {"csv", "parquet"} else None
    said: dict[str, Any] = {
        "$schema": RESOURCE,
        "name": name.lower().replace(".", "-").replace("_", "-"),
        "path": name,
        "format": form,
        "mediatype": MEDIA.get(form, "application/octet-stream"),
        **({"encoding": "utf-8"} if form not in {"parquet", "xlsx"} else {}),
        "bytes": len(content),
        "hash": sha256(content),
    }
    if sheet is None:
        return said
    dialect = {"dialect": {"$schema": DIALECT, "lineTerminator": "\r\n"}} if form == "csv" else {}
    about = {"type": "table", "title": sheet.title, "description": sheet.meaning}
    return {**said, **about, **dialect, "schema": _schema(sheet)}


def _schema(sheet: Sheet) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "fields": [_field(column) for column in sheet.columns],
        "primaryKey": list(sheet.key),
        "missingValues": [""],
    }


def _field(column: Column) -> dict[str, Any]:
    limits: dict[str, Any] = {"required": True} if column.required else {}
    if column.codes:
        limits["enum"] = list(column.codes)
    said = {"name": column.name, "type": TYPES[column.kind], "description": column.meaning}
    return {**said, "constraints": limits} if limits else said
