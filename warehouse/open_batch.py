"""Verify a batch before any of it is believed: who signed it, is it the next, what is in each file."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from canonical import ENTITIES, Kind, spec
from common import clock
from common.errors import ViaductError
from sealing.earlier import Earlier, identity_of
from sealing.envelope import Identity, is_to_one_only, open_sealed
from sealing.errors import EnvelopeDoesNotOpen, ManifestUnreadable
from sealing.manifest import (
    SIGNATURE_NAME,
    FileEntry,
    Manifest,
    manifest_is_signed,
    read_manifest,
)
from sealing.receipt import Refusal
from sealing.signing import Signer, Verifier
from warehouse import unpacking
from warehouse.errors import NOTHING_LOADED, TooLittleMemory
from warehouse.landing import Landing, says_absent
from warehouse.unpacking import TEXTS

SOURCE = "source_system"
ARROW: dict[Kind, tuple[pa.DataType, ...]] = {
    Kind.KEY: (pa.uuid(),),
    Kind.TEXT: TEXTS,
    Kind.CODE: TEXTS,
    Kind.DATE: (pa.date32(),),
    Kind.INSTANT: (pa.timestamp("us", "UTC"),),
    Kind.BOOLEAN: (pa.bool_(),),
    Kind.INTEGER: (pa.int32(),),
    Kind.DECIMAL: (pa.decimal128(12, 2),),
    Kind.COORDINATE: (pa.decimal128(9, 6),),
}


class Refused(Exception):
    """The batch is not loaded, for this reason; an answer to its sender, not an error of ours."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Council:
    """What the council's side holds: its identity, the sender's public key, and its own receipt key.

    Of keys that were changed: its own identities of before, the sender's, each with its last day, and those
    with which it answered before, for receipts in its own books.
    """

    identity: Identity
    sender: Verifier
    receipts: Signer
    identities_before: tuple[Identity, ...] = ()
    senders_before: tuple[Earlier, ...] = ()
    receipts_before: tuple[Earlier, ...] = ()

    def opener(self, recipient: str) -> Identity | None:
        """Return what opens batches sealed to the recipient; None if it is nobody here."""
        return identity_of(recipient, (self.identity, *self.identities_before))


@dataclass(frozen=True)
class Arrived:
    """A batch in the landing zone that has no answer yet; `sequence` is what its folder's name claims."""

    batch: str
    flow: str
    sequence: int
    content: bytes

    @property
    def manifest_sha256(self) -> str:
        """Digest of the manifest as it lies there."""
        return _sha256(self.content)


@dataclass(frozen=True)
class Head:
    """The last settled batch of a flow, and its answer; the next one must follow it."""

    sequence: int = 0
    manifest_sha256: str | None = None
    receipt: bytes | None = None

    def answered_by(self, day: date) -> bool:
        """Return whether the flow has no answer later than the day."""
        if self.receipt is None:
            return True
        return clock.day_of(json.loads(self.receipt)["receipt"]["at"]) <= day


def read_or_refuse(landing: Landing, batch: str, name: str, reason: Refusal) -> bytes:
    """Return the bytes of a file of the batch; absent or no plain file: Refused for the reason."""
    try:
        return landing.read(batch, name)
    except ViaductError as error:
        if not says_absent(error):
            raise
    raise Refused(reason)


def admit(landing: Landing, arrived: Arrived, council: Council, head: Head) -> Manifest:
    """Return the manifest of a batch that is its sender's, is the next, and is there whole.

    Errors:  Refused with the first reason that holds.
    """
    signature = read_or_refuse(landing, arrived.batch, SIGNATURE_NAME, Refusal.MANIFEST_SIGNATURE)
    if not _is_the_senders(arrived.content, signature, council, head):
        raise Refused(Refusal.MANIFEST_SIGNATURE)
    manifest = _manifest(arrived.content)
    _follows(manifest, arrived.batch, head)
    if council.opener(manifest.recipient) is None:
        raise Refused(Refusal.OTHER_RECIPIENT)
    listed, present = {file.name for file in manifest.files}, set(landing.names(arrived.batch))
    for name in sorted(listed - present):  # a landing zone may list late: what can be read is there
        read_or_refuse(landing, arrived.batch, name, Refusal.FILE_MISSING)
    if present - listed:
        raise Refused(Refusal.FILE_EXTRA)
    _agreed(manifest)
    return manifest


def open_file(landing: Landing, manifest: Manifest, file: FileEntry, identity: Identity) -> pa.Table:
    """Return the rows of one file, opened whole, verified to the last byte and checked column by column.

    Errors:  Refused with the first reason that holds. TooLittleMemory, which is no answer to the sender.
    """
    try:
        return _opened_whole(landing, manifest, file, identity)
    except MemoryError:
        pass
    raise TooLittleMemory(f"{manifest.batch_id}, {file.name}.", sent=NOTHING_LOADED)


def _opened_whole(landing: Landing, manifest: Manifest, file: FileEntry, identity: Identity) -> pa.Table:
    sealed = read_or_refuse(landing, manifest.batch_id, file.name, Refusal.FILE_MISSING)
    if len(sealed) != file.sealed_bytes or _sha256(sealed) != file.sealed_sha256:
        raise Refused(Refusal.SEALED_DIGEST)
    plain = _opened(sealed, identity)
    if len(plain) != file.plain_bytes or _sha256(plain) != file.plain_sha256:
        raise Refused(Refusal.PLAIN_DIGEST)
    return _rows(plain, manifest, file)


def _is_the_senders(content: bytes, signature: bytes, council: Council, head: Head) -> bool:
    """Return whether the sender signed the manifest, by the key in force, or by one of before in its time.

    A key of before counts for what was on its way when it was changed: for a batch made no later than that
    day, of a flow that has had no answer since. After that nothing new is believed under it.
    """
    if manifest_is_signed(content, signature, council.sender):
        return True
    for key in council.senders_before:
        if manifest_is_signed(content, signature, key.verifier):
            made_on = clock.day_of(_manifest(content).created_at)
            return made_on <= key.until and head.answered_by(key.until)
    return False


def _follows(manifest: Manifest, batch: str, head: Head) -> None:
    if manifest.batch_id != batch:
        raise Refused(Refusal.BATCH_RENAMED)
    if manifest.sequence <= head.sequence:
        raise Refused(Refusal.SEQUENCE_USED)
    if manifest.sequence > head.sequence + 1:
        raise Refused(Refusal.SEQUENCE_GAP)
    if manifest.previous_manifest_sha256 != head.manifest_sha256:
        raise Refused(Refusal.CHAIN_BROKEN)


def _agreed(manifest: Manifest) -> None:
    """Refuse an entity, key or column that is not in the agreed schema."""
    for name, shape in manifest.entities.items():
        if name not in ENTITIES:
            raise Refused(Refusal.ENTITY_UNKNOWN)
        known = spec(name)
        strange = set(shape.columns) - {*known.fields, SOURCE}
        if strange or tuple(shape.key) != known.key or SOURCE not in shape.columns:
            raise Refused(Refusal.COLUMNS)


def _manifest(content: bytes) -> Manifest:
    try:
        return read_manifest(content)
    except ManifestUnreadable:
        pass
    raise Refused(Refusal.MANIFEST_UNREADABLE)


def _opened(sealed: bytes, identity: Identity) -> bytes:
    """Return what is in the envelope. Errors: Refused, where another could open it too."""
    try:
        plain = open_sealed(sealed, identity)
    except EnvelopeDoesNotOpen:
        pass
    else:
        if is_to_one_only(sealed):
            return plain
        raise Refused(Refusal.OTHER_RECIPIENT)
    raise Refused(Refusal.ENVELOPE)


def _rows(plain: bytes, manifest: Manifest, file: FileEntry) -> pa.Table:
    shape = manifest.entities[file.entity]
    wanted = shape.columns if file.operation == "upsert" else shape.key
    parquet = unpacking.parquet_file(plain)
    if parquet is None or not unpacking.says_it_is_bounded(parquet.metadata):
        raise Refused(Refusal.NOT_PARQUET)
    if parquet.metadata.num_rows != file.rows:
        raise Refused(Refusal.ROW_COUNT)
    if parquet.schema_arrow.names != wanted:
        raise Refused(Refusal.COLUMNS)
    if not all(_fits(file.entity, column) for column in parquet.schema_arrow):
        raise Refused(Refusal.COLUMN_TYPES)
    table = unpacking.unpacked(plain, parquet)
    if table is None:
        raise Refused(Refusal.NOT_PARQUET)
    _filled(table, shape.key, Refusal.KEY_EMPTY)
    _filled(table, [SOURCE] if SOURCE in wanted else [], Refusal.SOURCE_EMPTY)
    return table


def _fits(entity: str, column: pa.Field) -> bool:
    if column.name == SOURCE:
        return column.type in TEXTS
    return column.type in ARROW[spec(entity).fields[column.name].kind]


def _filled(table: pa.Table, columns: list[str], reason: Refusal) -> None:
    if any(table.column(name).null_count for name in columns):
        raise Refused(reason)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
