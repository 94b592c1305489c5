"""What the council's side and the disclosure log hold, read from outside: own SQL, own keys, own hashing.

Of the program it takes nothing but files. Formats: docs/reference/{batch-format,warehouse,disclosure-log}.md
"""

import base64
import hashlib
import hmac
import io
import json
import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow.parquet as pq
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.tiny.ledger import was
from tests.tiny.records import Key, Shared
from tests.tiny.world import FLOWS

PROVENANCE = {"batch_sequence", "run_id", "released_at"}
KEY_COLUMNS = {"organisation": "org_id"}
ENTITIES = ("organisation", "service", "person", "address", "referral", "need", "contact")
LINKED = {
    "org_id": "organisation",
    "person_id": "person",
    "referral_id": "referral",
    "parent_referral_id": "referral",
}


@dataclass(frozen=True)
class Batch:
    """A batch as it landed: what it says, and its opened files."""

    name: str
    manifest: dict[str, Any]
    upserts: dict[UUID, dict[str, Any]]
    withdrawn: set[tuple[str, UUID]]
    sizes: dict[str, int]


class CouncilSide:
    """The landing zone, the warehouse and the log of one site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, dict[UUID, tuple[Key, int]]] = {flow: {} for flow in FLOWS}

    # -- names ---------------------------------------------------------------------------------------------

    def learn(self, keys: Iterable[Key]) -> None:
        """Work out under which key each flow releases these records, by every version of it there is."""
        keys = list(keys)
        for flow, names in self.names.items():
            known = set(names.values())
            for version, text in self._secrets(f"pseudonym-{flow}").items():
                secret = _record_key(text, flow, version)
                for entity, source, reference in keys:
                    if ((entity, source, reference), version) not in known:
                        message = f"{source}\x1f{source}\x1f{entity}\x1f{reference}".encode()
                        digest = hmac.digest(secret, message, "sha256")[:16]
                        names[UUID(bytes=digest)] = (entity, source, reference), version

    def _secrets(self, role: str) -> dict[int, str]:
        """Return the role's private part by its version: the one in force, and those kept aside."""
        keys = self.folder / "var/keys"
        found = [keys / f"{role}.key", *keys.glob(f"retired/v*/{role}.key")]
        told = [path.read_text(encoding="ascii").splitlines() for path in found]
        return {int(re.findall(r"version (\d+)", header)[0]): secret for header, secret in told}

    def name(self, flow: str, key: Any, version: int) -> Key:
        """Return what a key stands for where that version of the flow's key names; KeyError for no record."""
        known, of = self.names[flow][_uuid(key)]
        return known if of == version else was(known, of)

    def named(self, flow: str, entity: str, row: dict[str, Any], version: int) -> tuple[Key, Shared]:
        """Return the row with every key as the record it stands for. Errors: KeyError for an unknown key."""
        own = KEY_COLUMNS.get(entity, f"{entity}_id")
        shared = {
            column: self.name(flow, value, version) if column == own or column in LINKED else value
            for column, value in row.items()
            if value is not None and column not in PROVENANCE
        }
        return shared[own], shared

    # -- warehouse -----------------------------------------------------------------------------------------

    def warehouse(self, flow: str, version: int = 1) -> tuple[dict[Key, Shared], set[Key]]:
        """Return every row the flow's schema holds, nulls left out, and what its tombstones stand for.

        Given: the version of the flow's key by which rows are named there.
        """
        path = self.folder / "var/warehouse.duckdb"
        if not path.exists():
            return {}, set()
        rows: dict[Key, Shared] = {}
        with closing(duckdb.connect(str(path), read_only=True)) as warehouse:
            asked = "select table_name from information_schema.tables where table_schema = ?"
            tables = {name for (name,) in warehouse.execute(asked, [flow]).fetchall()}
            for entity in sorted(tables - {"withdrawn_records"}):
                for row in _select(warehouse, flow, entity):
                    key, shared = self.named(flow, entity, row, version)
                    assert key not in rows, f"{key} stands twice in {flow}"
                    rows[key] = shared
            stones = _select(warehouse, flow, "withdrawn_records") if tables else []
        return rows, {self.name(flow, stone["key"], version) for stone in stones}

    # -- landing zone --------------------------------------------------------------------------------------

    def batches(self, flow: str) -> list[str]:
        """Return the names of the flow's batches, oldest first."""
        return sorted(
            path.parent.name for path in (self.folder / "var/landing" / flow).glob("*/manifest.json")
        )

    def open(self, flow: str, name: str) -> Batch:
        """Return a batch, each file opened with the council's key and held against its digests."""
        folder = self.folder / "var/landing" / flow / name
        manifest = json.loads((folder / "manifest.json").read_bytes())
        identities = [pyrage.x25519.Identity.from_str(one) for one in self._secrets("council").values()]
        upserts: dict[UUID, dict[str, Any]] = {}
        withdrawn: set[tuple[str, UUID]] = set()
        sizes: dict[str, int] = {}
        for file in manifest["files"]:
            sealed = (folder / file["name"]).read_bytes()
            plain = bytes(pyrage.decrypt(sealed, identities))
            digests = hashlib.sha256(plain).hexdigest(), hashlib.sha256(sealed).hexdigest()
            assert digests == (file["plain_sha256"], file["sealed_sha256"])
            rows = pq.read_table(io.BytesIO(plain)).to_pylist()
            assert len(rows) == file["rows"]
            own, entity = KEY_COLUMNS.get(file["entity"], f"{file['entity']}_id"), file["entity"]
            sizes[file["name"]] = len(rows)
            if file["operation"] == "withdraw":
                withdrawn |= {(entity, _uuid(row[own])) for row in rows}
                continue
            for row in rows:
                assert _uuid(row[own]) not in upserts, f"{flow}/{name} holds a key twice"
                upserts[_uuid(row[own])] = {"entity": entity, **row}
        return Batch(name, manifest, upserts, withdrawn, sizes)

    def told(self, flow: str, name: str, version: int = 1) -> tuple[dict[Key, Shared], set[Key]]:
        """Return what a batch, whose rows that version of the flow's key names, upserts and withdraws."""
        batch = self.open(flow, name)
        rows = dict(self.named(flow, row.pop("entity"), row, version) for row in batch.upserts.values())
        return rows, {self.name(flow, key, version) for _, key in batch.withdrawn}

    def receipt(self, flow: str, number: int) -> dict[str, Any] | None:
        """Return the receipt of a batch, its signature held against the council's public key."""
        path = self.folder / "var/landing/receipts" / flow / f"{number:08d}.json"
        if not path.exists():
            return None
        said = json.loads(path.read_bytes())
        body = json.dumps(said["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        key = Ed25519PublicKey.from_public_bytes(self._public("receipt"))
        key.verify(base64.b64decode(said["signature"]), b"viaduct receipt v1\n" + body.encode())
        return dict(said["receipt"])

    def check_receipt(self, flow: str, name: str) -> None:
        """Find in the receipt, if there is one, what the batch holds, and the batch's own digest."""
        said, batch = self.receipt(flow, int(name[:8])), self.open(flow, name)
        if said is None:
            return
        content = (self.folder / "var/landing" / flow / name / "manifest.json").read_bytes()
        assert (said["batch_id"], said["manifest_sha256"]) == (
            f"{flow}/{name}",
            hashlib.sha256(content).hexdigest(),
        )
        for entity in batch.manifest["entities"] if said["outcome"] == "loaded" else ():
            rows: dict[str, int] = {"upsert": 0, "withdraw": 0}
            for file in batch.manifest["files"]:
                rows[file["operation"]] += file["rows"] if file["entity"] == entity else 0
            assert said["entities"][entity] == {"upserted": rows["upsert"], "withdrawn": rows["withdraw"]}

    def _public(self, role: str) -> bytes:
        return base64.b64decode(
            (self.folder / "keys" / f"{role}.pub").read_text(encoding="ascii").splitlines()[1]
        )

    # -- disclosure log ------------------------------------------------------------------------------------

    def log(self) -> bytes:
        """Return the leaves, once their signed checkpoint has been found to cover all of them."""
        folder = self.folder / "var/log"
        leaves = (folder / "leaves.jsonl").read_bytes()
        text, _, signature = (folder / "checkpoint").read_bytes().partition(b"\n\n")
        _, size, root = text.decode().split("\n")
        lines = leaves.splitlines()
        assert (int(size), base64.b64decode(root)) == (len(lines), _root(lines))
        key = Ed25519PublicKey.from_public_bytes(self._public("log"))
        key.verify(base64.b64decode(signature.split()[-1])[4:], text + b"\n")
        return leaves


def _select(warehouse: duckdb.DuckDBPyConnection, flow: str, table: str) -> list[dict[str, Any]]:
    found = warehouse.execute(f'select * from {flow}."{table}"')
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _record_key(secret: str, flow: str, version: int) -> bytes:
    """Return the working key of a flow's row keys: derived from its secret, used as hexadecimal text."""
    said = f"viaduct/1\x1frecord\x1f{flow}\x1f{version}".encode()
    return hmac.digest(bytes.fromhex(secret), said, "sha256").hex().encode()


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(bytes=bytes(value))


def _root(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash of RFC 9162, section 2.1.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()
