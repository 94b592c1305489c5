"""The chain of a batch: rows released, sealed, landed, opened and loaded are the same, digest for digest."""

import base64
import hashlib
import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pyrage


def check_batches(site: Path, told: dict[str, int]) -> None:
    """Follow every batch that has landed since the last look; `told` says how many of each flow were seen.

    A batch's rows are counted in its manifest, in its opened files, in the log's leaf, in the receipt, and in
    the warehouse as long as no later batch has replaced them.
    """
    for folder in sorted((site / "var/landing").glob("*/*/manifest.json")):
        flow, number = folder.parent.parent.name, int(folder.parent.name[:8])
        if number <= told.get(flow, 0):
            continue
        told[flow] = number
        manifest = json.loads(folder.read_bytes())
        _opened(site, folder.parent, manifest)
        _logged(site, manifest, hashlib.sha256(folder.read_bytes()).hexdigest())
        rows = {operation: _rows(manifest, operation) for operation in ("upsert", "withdraw")}
        said = json.loads((site / f"var/landing/receipts/{flow}/{number:08d}.json").read_bytes())["receipt"]
        for entity, loaded in said["entities"].items():
            assert loaded["upserted"] == rows["upsert"].get(entity, 0)
            assert loaded["withdrawn"] == rows["withdraw"].get(entity, 0)
        _loaded(site, flow, number, rows["upsert"])


def _rows(manifest: dict[str, Any], operation: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for file in manifest["files"]:
        if file["operation"] == operation:
            found[file["entity"]] = found.get(file["entity"], 0) + file["rows"]
    return found


def _opened(site: Path, folder: Path, manifest: dict[str, Any]) -> None:
    secret = (site / "var/keys/council.key").read_text(encoding="ascii").splitlines()[1]
    identity = pyrage.x25519.Identity.from_str(secret)
    for file in manifest["files"]:
        sealed = (folder / file["name"]).read_bytes()
        plain = bytes(pyrage.decrypt(sealed, [identity]))
        digests = hashlib.sha256(plain).hexdigest(), hashlib.sha256(sealed).hexdigest()
        assert digests == (file["plain_sha256"], file["sealed_sha256"])
        assert pq.ParquetFile(io.BytesIO(plain)).metadata.num_rows == file["rows"]


def _logged(site: Path, manifest: dict[str, Any], digest: str) -> None:
    leaves = [json.loads(line) for line in (site / "var/log/leaves.jsonl").read_bytes().splitlines()]
    (leaf,) = (one for one in leaves if one.get("manifest_sha256") == digest and one["kind"] == "batch")
    named = ("entity", "operation", "rows", "plain_sha256")
    assert leaf["files"] == [{name: file[name] for name in named} for file in manifest["files"]]
    released = {entity: counts["released"] for entity, counts in leaf["counts"].items() if counts["released"]}
    assert released == _rows(manifest, "upsert")
    assert base64.b64decode((site / "var/log/checkpoint").read_bytes().split(b"\n")[2])


def _loaded(site: Path, flow: str, number: int, rows: dict[str, int]) -> None:
    with closing(duckdb.connect(str(site / "var/warehouse.duckdb"), read_only=True)) as warehouse:
        for entity, sent in rows.items():
            asked = f"select count(*) from {flow}.{entity} where batch_sequence = ?"
            assert warehouse.execute(asked, [number]).fetchone() == (sent,)
