"""The certificate of removal: the council side says, signed, what it no longer keeps: its time is over.

It counts, and names nobody. Beside it lie marks: one per row removed, SHA-256 over the certificate's salt and
the row's released key. Only who already knows a key can tell its mark, so the sender learns which of its
records have gone, and a bystander learns how many.
"""

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Literal

import polars as pl
import rfc8785
from pydantic import Field, ValidationError

from sealing.digests import sha256
from sealing.errors import CertificateUnreadable, SignatureRefused
from sealing.manifest import (
    Count,
    DpiaReference,
    FlowName,
    Instant,
    Name,
    Period,
    RunId,
    Sequence,
    Sha256,
    Wire,
    Word,
    from_base64,
)
from sealing.signing import Purpose, Signer, Verifier

if TYPE_CHECKING:
    from sealing.earlier import Earlier

MARK_BYTES = 16
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class Removal(Wire):
    """What became of the rows of one entity.

    rows:     how many there were. Each is one of the following, or its time is not over yet.
    expired:  removed, because their time is over.
    blocked:  their time is over, and a legal hold keeps them.
    waiting:  their time is over, and rows that stay still name them.
    no_clock: what their time is counted from has not happened, or is not known to the recipient.
    """

    entity: Name
    period: Period | None
    since: Literal["case_closed", "disclosure"] | None
    rows: Count
    expired: Count
    blocked: Count
    waiting: Count
    no_clock: Count


class Marks(Wire):
    """How many marks lie beside the certificate, the salt they were made with, and their digest."""

    count: Count
    salt: Sha256
    sha256: Sha256


class Certificate(Wire):
    """What the council side certifies of one flow: after which batch, by whose terms, on which day."""

    format: Literal["viaduct-certificate/1"] = "viaduct-certificate/1"
    flow: FlowName
    number: Sequence
    previous_certificate_sha256: Sha256 | None
    at: Instant
    as_of: Day
    dpia: DpiaReference
    after_sequence: Sequence
    after_run: RunId
    manifest_sha256: Sha256
    entities: list[Removal]
    holds: list[Word]
    marks: Marks


def marks_of(keys: pl.Series, salt: str) -> pl.Series:
    """Return the mark of each released key (16 bytes each). Given: the certificate's salt, hexadecimal."""
    salted = pl.DataFrame({"key": keys}).select(pl.lit(bytes.fromhex(salt)) + pl.col("key")).to_series()
    return sha256(salted).bin.slice(0, MARK_BYTES).alias("mark")


def pack_marks(marks: pl.Series) -> bytes:
    """Return the bytes of certificates/FLOW/NNNNNNNN.marks: the marks in order, one after the other."""
    return b"".join(marks.sort().to_list())


def sign_certificate(certificate: Certificate, signer: Signer) -> bytes:
    """Return the bytes of certificates/FLOW/NNNNNNNN.json."""
    signature = base64.b64encode(signer.sign(Purpose.CERTIFICATE, certificate.canonical_bytes())).decode()
    return rfc8785.dumps({"certificate": certificate.model_dump(mode="json"), "signature": signature})


def open_certificate(content: bytes, verifier: Verifier, before: "tuple[Earlier, ...]" = ()) -> Certificate:
    """Return the certificate that the trusted key signed, or one of before in its time.

    Errors:  CertificateUnreadable, SignatureRefused.
    """
    certificate, signature = _parsed(content)
    if certificate is None or signature is None:
        raise CertificateUnreadable("A certificate is not in our format.")
    where = f"Certificate {certificate.number} of {certificate.flow}."
    keys = (verifier, *(key.verifier for key in before if key.counts_at(certificate.at)))
    if not any(key.accepts(Purpose.CERTIFICATE, certificate.canonical_bytes(), signature) for key in keys):
        raise SignatureRefused(where)
    return certificate


def open_marks(content: bytes | None, certificate: Certificate) -> pl.Series:
    """Return the marks that belong to the certificate. Errors: CertificateUnreadable."""
    said, there = certificate.marks, content or b""
    if len(there) != said.count * MARK_BYTES or hashlib.sha256(there).hexdigest() != said.sha256:
        where = f"Certificate {certificate.number} of {certificate.flow}: its marks are missing or others."
        raise CertificateUnreadable(where)
    pieces = [there[at : at + MARK_BYTES] for at in range(0, len(there), MARK_BYTES)]
    return pl.Series("mark", pieces, dtype=pl.Binary)


def _parsed(content: bytes) -> tuple[Certificate | None, bytes | None]:
    try:
        document = json.loads(content)
        certificate = Certificate.model_validate(document["certificate"])
        signature = from_base64(document["signature"])
    except (ValidationError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return None, None
    return certificate, signature if set(document) == {"certificate", "signature"} else None
