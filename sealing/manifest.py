"""The manifest of a batch: what is in it, sealed under which assessment, next after which batch."""

import base64
import binascii
import hashlib
import json
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sealing.envelope import LARGEST_PLAIN_BYTES
from sealing.errors import ManifestUnreadable
from sealing.signing import Purpose, Signer, Verifier

MANIFEST_NAME = "manifest.json"
SIGNATURE_NAME = "manifest.json.sig"
LARGEST_MANIFEST_BYTES = 16 * 1024 * 1024

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
RESERVED = frozenset(
    {
        *("main", "temp", "system", "pg_catalog", "information_schema", "public"),
        *("receipts", "certificates"),
    }
)


def _not_reserved(flow: str) -> str:
    if flow in RESERVED:
        raise ValueError("a flow may not be named as a schema of a database or a room of the landing zone")
    return flow


FlowName = Annotated[Name, AfterValidator(_not_reserved)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
RunId = Annotated[str, Field(pattern=r"^\d{8}T\d{6}Z-[0-9a-f]{6}$")]
Sequence = Annotated[int, Field(ge=1, le=99_999_999)]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,79}$")]
Period = Annotated[str, Field(pattern=r"^P[0-9]+(Y([0-9]+M)?([0-9]+D)?|M([0-9]+D)?|W|D)$", max_length=12)]
Recipient = Annotated[str, Field(pattern=r"^age1[02-9ac-hj-np-z]{58}$")]


class Wire(BaseModel):
    """A form that crosses the line between two parties: closed, exact, and printed without its values."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", frozen=True, strict=True, hide_input_in_errors=True
    )

    def canonical_bytes(self) -> bytes:
        """Return the one way of writing it down (RFC 8785)."""
        return rfc8785.dumps(self.model_dump(mode="json"))


class DpiaReference(Wire):
    """The assessment in force when the batch was sealed."""

    id: Word
    version: Word
    sha256: Sha256


class EntityShape(Wire):
    """The key and the columns, in order, of one entity's upsert files."""

    key: Annotated[list[Name], Field(min_length=1)]
    columns: Annotated[list[Name], Field(min_length=1)]

    @model_validator(mode="after")
    def _key_is_released(self) -> Self:
        if len(set(self.columns)) != len(self.columns) or not set(self.key) <= set(self.columns):
            raise ValueError("columns must be distinct and hold the key")
        return self


class FileEntry(Wire):
    """One sealed file."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}-\d{4}\.parquet\.age$")]
    entity: Name
    operation: Literal["upsert", "withdraw"]
    rows: Count
    plain_bytes: Annotated[int, Field(ge=0, le=LARGEST_PLAIN_BYTES)]
    plain_sha256: Sha256
    sealed_bytes: Annotated[int, Field(ge=0, le=LARGEST_PLAIN_BYTES + 1024 * 1024)]
    sealed_sha256: Sha256


class RetentionTerm(Wire):
    """How long the recipient may keep the rows of one entity, and from when on that is counted."""

    entity: Name
    period: Period
    since: Literal["case_closed", "disclosure"]


class DisclosureTerms(Wire):
    """How small counts are hidden in figures made of the rows: the profile of the assessment.

    profile:                its name there.
    suppress_to:            counts, and people behind a count, of 1 to this are hidden.
    round_to:               to what multiple the cells of a breakdown are rounded; 1: not at all.
    least_width:            how many steps lie at least between the ends of the range of a hidden number.
    borough_only_lots:      lots that are counted for the borough only.
    borough_only_threshold: a count of such a lot is hidden below this.
    memory_months:          for how long what was published counts as known.
    calendar:               how often what was published of a period may be published with other numbers.
    """

    profile: Word
    suppress_to: Annotated[int, Field(ge=1, le=99)]
    round_to: Annotated[int, Field(ge=1, le=99)]
    least_width: Annotated[int, Field(ge=0, le=98)]
    borough_only_lots: list[Word]
    borough_only_threshold: Annotated[int, Field(ge=1, le=999)]
    memory_months: Annotated[int, Field(ge=1, le=1200)]
    calendar: Literal["monthly", "quarterly"]

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.least_width >= self.suppress_to:
            raise ValueError("no hidden number could have a range so wide")
        return self


class Manifest(Wire):
    """What a batch says of itself; nothing in it is about a person.

    retention:          the terms of the assessment under which its rows were sent; left out where there are
                        none.
    disclosure_control: how figures made of the rows hide small counts; left out where none may be made.
    """

    format: Literal["viaduct-batch/1"] = "viaduct-batch/1"
    flow: FlowName
    sequence: Sequence
    run_id: RunId
    created_at: Instant
    previous_manifest_sha256: Sha256 | None
    dpia: DpiaReference
    schema_version: Word
    recipient: Recipient
    entities: dict[Name, EntityShape]
    files: list[FileEntry]
    retention: list[RetentionTerm] = Field(default_factory=list)
    disclosure_control: DisclosureTerms | None = None

    def canonical_bytes(self) -> bytes:
        """Return the one way of writing it down (RFC 8785); no terms, no key for them."""
        said = self.model_dump(mode="json")
        unsaid = {name for name in ("retention", "disclosure_control") if not said[name]}
        return rfc8785.dumps({name: value for name, value in said.items() if name not in unsaid})

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        names = [file.name for file in self.files]
        if len(set(names)) != len(names):
            raise ValueError("two files have one name")
        for file in self.files:
            if file.entity not in self.entities or file.name[: -len("-0000.parquet.age")] != file.entity:
                raise ValueError("a file is not of the entity it names")
        if (self.sequence == 1) != (self.previous_manifest_sha256 is None):
            raise ValueError("the first batch, and only the first, has no batch before it")
        if len({term.entity for term in self.retention}) != len(self.retention):
            raise ValueError("an entity has two terms of retention")
        return self

    @property
    def batch_id(self) -> str:
        """FLOW/NNNNNNNN-RUNID, which is also the folder in the landing zone."""
        return f"{self.flow}/{self.sequence:08d}-{self.run_id}"

    @property
    def sha256(self) -> str:
        """Digest of the canonical bytes; the next batch names it."""
        return hashlib.sha256(self.canonical_bytes()).hexdigest()


def read_manifest(content: bytes) -> Manifest:
    """Return the manifest in the bytes of manifest.json. Errors: ManifestUnreadable."""
    manifest = _parsed(content) if len(content) <= LARGEST_MANIFEST_BYTES else None
    if manifest is None or manifest.canonical_bytes() != content:
        raise ManifestUnreadable(f"{MANIFEST_NAME} is not in our format, or not written canonically.")
    return manifest


def _parsed(content: bytes) -> Manifest | None:
    try:
        return Manifest.model_validate(json.loads(content))
    except (ValidationError, ValueError, RecursionError):
        return None


def sign_manifest(manifest: Manifest, signer: Signer) -> bytes:
    """Return the bytes of manifest.json.sig: the signature in base64, one line."""
    return base64.b64encode(signer.sign(Purpose.MANIFEST, manifest.canonical_bytes())) + b"\n"


def manifest_is_signed(content: bytes, signature: bytes, verifier: Verifier) -> bool:
    """Return whether the trusted key signed exactly these bytes of manifest.json."""
    raw = from_base64(signature.removesuffix(b"\n"))
    return raw is not None and verifier.accepts(Purpose.MANIFEST, content, raw)


def from_base64(text: bytes | str) -> bytes | None:
    """Return the bytes, or None where the text is not base64 written the one canonical way."""
    try:
        raw = base64.b64decode(text, validate=True)
        given = text.encode("ascii") if isinstance(text, str) else text
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw) == given else None
