"""A sender for tests: it seals real batches with real keys and puts them into a real landing zone."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from canonical import spec
from connectors.landing_folder import LandingFolder
from sealing.envelope import Identity, new_identity, seal
from sealing.manifest import DpiaReference, EntityShape, FileEntry, Manifest, sign_manifest
from sealing.signing import Signer
from warehouse.open_batch import ARROW, SOURCE, Council

SENDER = Signer(b"\x01" * 32)
RECEIPTS = Signer(b"\x02" * 32)
COLUMNS = {
    "person": ["person_id", "given_name", "birth_date", "safety_flag", SOURCE],
    "referral": ["referral_id", "person_id", "received_at", "triage_days", "priority", SOURCE],
    "outcome": ["outcome_id", "person_id", "money_gained_gbp", SOURCE],
}


def key_of(entity: str, number: int) -> bytes:
    """Return the released key of an invented record."""
    return hashlib.sha256(f"{entity} {number}".encode()).digest()[:16]


def uuid_of(entity: str, number: int) -> uuid.UUID:
    """Return the key as the warehouse shows it."""
    return uuid.UUID(bytes=key_of(entity, number))


def row(entity: str, number: int, **values: Any) -> dict[str, Any]:
    """Return an invented row: its key, its source, and what is given."""
    return {spec(entity).key[0]: key_of(entity, number), SOURCE: "hub", **values}


def parquet(entity: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> bytes:
    """Return the rows as the sender writes them."""
    return write(pa.table({name: _column(entity, name, rows) for name in columns}))


def write(table: pa.Table) -> bytes:
    """Return a table as Parquet."""
    content = BytesIO()
    pq.write_table(table, content, compression="zstd")
    return content.getvalue()


def _column(entity: str, name: str, rows: Sequence[dict[str, Any]]) -> pa.Array:
    kind = pa.large_string() if name == SOURCE else ARROW[spec(entity).fields[name].kind][0]
    values = [given.get(name) for given in rows]
    if kind != pa.uuid():
        return pa.array(values, kind)
    return pa.ExtensionArray.from_storage(kind, pa.array(values, pa.binary(16)))


@dataclass
class Change:
    """One file to be: the rows to bring, or the keys to take away."""

    entity: str
    rows: list[dict[str, Any]]
    operation: str = "upsert"
    columns: list[str] | None = None
    content: bytes | None = None

    def shape(self) -> list[str]:
        """Return the columns its entity releases."""
        return self.columns or COLUMNS[self.entity]

    def plain(self) -> bytes:
        """Return the file before sealing."""
        if self.content is not None:
            return self.content
        wanted = self.shape() if self.operation == "upsert" else list(spec(self.entity).key)
        return parquet(self.entity, wanted, self.rows)


@dataclass
class Sealed:
    """A batch before it is published."""

    manifest: Manifest
    files: dict[str, bytes]
    signer: Signer = SENDER

    def put(self, landing: Path, folder: str | None = None) -> Path:
        """Write it as a landing zone holds it; return its folder."""
        place = landing / (folder or self.manifest.batch_id)
        place.mkdir(parents=True)
        for name, content in self.files.items():
            (place / name).write_bytes(content)
        (place / "manifest.json.sig").write_bytes(sign_manifest(self.manifest, self.signer))
        (place / "manifest.json").write_bytes(self.manifest.canonical_bytes())
        return place

    def changed(self, **values: Any) -> "Sealed":
        """Return the batch with another manifest, signed anew."""
        return Sealed(self.manifest.model_copy(update=values), self.files, self.signer)

    def with_file(self, index: int, **values: Any) -> "Sealed":
        """Return the batch with one entry of its manifest changed, signed anew."""
        files = list(self.manifest.files)
        files[index] = files[index].model_copy(update=values)
        return self.changed(files=files)


@dataclass
class Sender:
    """One flow's sending side."""

    landing: Path
    recipient: str
    flow: str = "early_help"
    sequence: int = 0
    previous: str | None = None
    history: list[Sealed] = field(default_factory=list)

    def build(self, *changes: Change, **values: Any) -> Sealed:
        """Return the next batch; nothing is published, and the chain does not move."""
        files, entries = {}, []
        for number, change in enumerate(changes, start=1):
            plain = change.plain()
            name = f"{change.entity}-{number:04d}.parquet.age"
            files[name] = sealed = seal(plain, self.recipient)
            entries.append(
                FileEntry(
                    name=name,
                    entity=change.entity,
                    operation=change.operation,
                    rows=len(change.rows),
                    plain_bytes=len(plain),
                    plain_sha256=hashlib.sha256(plain).hexdigest(),
                    sealed_bytes=len(sealed),
                    sealed_sha256=hashlib.sha256(sealed).hexdigest(),
                )
            )
        shapes = {
            change.entity: EntityShape(key=list(spec(change.entity).key), columns=change.shape())
            for change in changes
        }
        number = self.sequence + 1
        stated = {
            "flow": self.flow,
            "sequence": number,
            "run_id": f"202212{number % 28 + 1:02d}T020000Z-{number:06x}",
            "created_at": f"2022-12-{number % 28 + 1:02d}T02:00:00Z",
            "previous_manifest_sha256": self.previous,
            "dpia": DpiaReference(id="DPIA-1", version="1.0", sha256="0" * 64),
            "schema_version": "1",
            "recipient": self.recipient,
            "entities": shapes,
            "files": entries,
        }
        return Sealed(Manifest(**(stated | values)), files)

    def settle(self, batch: Sealed) -> Sealed:
        """Let the chain go on after this batch."""
        self.sequence, self.previous = batch.manifest.sequence, batch.manifest.sha256
        self.history.append(batch)
        return batch

    def publish(self, *changes: Change, **values: Any) -> Sealed:
        """Build the next batch, put it into the landing zone, and let the chain go on."""
        batch = self.settle(self.build(*changes, **values))
        batch.put(self.landing)
        return batch


@dataclass
class Parties:
    """Both sides, with their own keys each, and the landing zone between them."""

    landing: Path
    warehouse: Any
    council: Council

    @property
    def zone(self) -> LandingFolder:
        """The landing zone as the council's side sees it."""
        return LandingFolder(self.landing)

    def sender(self, flow: str = "early_help") -> Sender:
        """Return a new sender of the flow."""
        return Sender(self.landing, self.council.identity.recipient, flow)


def parties(folder: Path, warehouse: Any = None) -> Parties:
    """Return two parties that never met; their warehouse is a new file where none is given."""
    council = Council(Identity(new_identity()), SENDER.verifier, RECEIPTS)
    landing = folder / "landing"
    landing.mkdir()
    return Parties(landing, warehouse or folder / "warehouse.duckdb", council)
