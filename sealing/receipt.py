"""The receipt of a batch: the council side says, signed, that it was loaded, or why it was refused."""

import base64
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal, Self

import rfc8785
from pydantic import Field, ValidationError, model_validator

from sealing.errors import ReceiptUnreadable, SignatureRefused
from sealing.manifest import Count, Instant, Name, Sha256, Wire, from_base64
from sealing.signing import Purpose, Signer, Verifier

if TYPE_CHECKING:
    from sealing.earlier import Earlier


class Refusal(StrEnum):
    """Why a batch was refused; a closed list, in the order in which it is asked.

    The first five do not use up the number: the batch is not the sender's, or not the next, so the number
    stays free for the one that belongs there and no receipt is left in the landing zone. All others do: the
    batch is the sender's and the next, it will never be loaded, and the next one names its digest.
    """

    MANIFEST_SIGNATURE = "manifest_signature"
    MANIFEST_UNREADABLE = "manifest_unreadable"
    BATCH_RENAMED = "batch_renamed"
    SEQUENCE_USED = "sequence_used"
    SEQUENCE_GAP = "sequence_gap"
    CHAIN_BROKEN = "chain_broken"
    OTHER_RECIPIENT = "other_recipient"
    FILE_MISSING = "file_missing"
    FILE_EXTRA = "file_extra"
    ENTITY_UNKNOWN = "entity_unknown"
    COLUMNS = "columns"
    SEALED_DIGEST = "sealed_digest"
    ENVELOPE = "envelope"
    PLAIN_DIGEST = "plain_digest"
    NOT_PARQUET = "not_parquet"
    ROW_COUNT = "row_count"
    COLUMN_TYPES = "column_types"
    KEY_EMPTY = "key_empty"
    SOURCE_EMPTY = "source_empty"
    KEY_REPEATED = "key_repeated"

    @property
    def uses_number(self) -> bool:
        """Whether the batch keeps its number, so that the chain goes on after it."""
        return self not in NUMBER_STAYS_FREE


NUMBER_STAYS_FREE = frozenset(
    {
        Refusal.MANIFEST_UNREADABLE,
        Refusal.MANIFEST_SIGNATURE,
        Refusal.BATCH_RENAMED,
        Refusal.SEQUENCE_USED,
        Refusal.SEQUENCE_GAP,
    }
)


class Loaded(Wire):
    """How many rows of one entity a batch brought and took away."""

    upserted: Count
    withdrawn: Count


class Receipt(Wire):
    """What the council side answers about one batch. It answers for the manifest whose digest it names."""

    format: Literal["viaduct-receipt/1"] = "viaduct-receipt/1"
    flow: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=200)]
    sequence: Annotated[int, Field(ge=0, le=99_999_999)]
    batch_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*/[A-Za-z0-9_.-]+$", max_length=300)]
    manifest_sha256: Sha256
    outcome: Literal["loaded", "refused"]
    reason: Annotated[Refusal | None, Field(strict=False)]
    entities: dict[Name, Loaded]
    at: Instant

    @model_validator(mode="after")
    def _refused_for_a_reason(self) -> Self:
        if (self.outcome == "refused") != (self.reason is not None):
            raise ValueError("a refusal, and only a refusal, has a reason")
        return self

    @property
    def uses_number(self) -> bool:
        """Whether the sender's next batch takes the next number (else it sends this one again)."""
        return self.reason is None or self.reason.uses_number


def sign_receipt(receipt: Receipt, signer: Signer) -> bytes:
    """Return the bytes of receipts/FLOW/NNNNNNNN.json."""
    signature = signer.sign(Purpose.RECEIPT, receipt.canonical_bytes())
    signed = base64.b64encode(signature).decode()
    return rfc8785.dumps({"receipt": receipt.model_dump(mode="json"), "signature": signed})


def open_receipt(content: bytes, verifier: Verifier, before: "tuple[Earlier, ...]" = ()) -> Receipt:
    """Return the receipt that the trusted key signed, or one of before in its time.

    Errors:  ReceiptUnreadable, SignatureRefused.
    """
    receipt, signature = _parsed(content)
    if receipt is None or signature is None:
        raise ReceiptUnreadable("A receipt is not in our format.")
    keys = (verifier, *(key.verifier for key in before if key.counts_at(receipt.at)))
    if not any(key.accepts(Purpose.RECEIPT, receipt.canonical_bytes(), signature) for key in keys):
        raise SignatureRefused(f"Receipt of {receipt.batch_id}.")
    return receipt


def _parsed(content: bytes) -> tuple[Receipt | None, bytes | None]:
    try:
        document = json.loads(content)
        receipt = Receipt.model_validate(document["receipt"])
        signature = from_base64(document["signature"])
    except (ValidationError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return None, None
    return receipt, signature if set(document) == {"receipt", "signature"} else None
