"""What a batch says of itself: columns in the manifest, treatments in the log, digests of its files."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from canonical import spec
from sharing import WithdrawingFlow
from sharing.flow import SOURCE_COLUMN


def shapes(flow: WithdrawingFlow, files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the key and columns of every entity the flow releases, whether or not rows are sent.

    Given: the batch's files. Of an entity that is withdrawn because the flow no longer releases it there is
           nothing but the key.
    """
    left = {file["entity"]: spec(file["entity"]).key for file in files}
    return {
        entity: {"key": list(spec(entity).key), "columns": [*columns, SOURCE_COLUMN]}
        for entity, columns in {**left, **flow.released_columns}.items()
    }


def field_actions(flow: WithdrawingFlow) -> dict[str, dict[str, str]]:
    """Return the treatment of every field the flow names, by entity."""
    said = flow.describe()["fields"]
    return {entity: {one["field"]: one["treatment"] for one in fields} for entity, fields in said.items()}


def digests(plain: bytes, sealed: bytes) -> dict[str, Any]:
    """Return what the manifest says of one file's bytes, before and after sealing."""
    return {
        "plain_bytes": len(plain),
        "plain_sha256": hashlib.sha256(plain).hexdigest(),
        "sealed_bytes": len(sealed),
        "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
    }
