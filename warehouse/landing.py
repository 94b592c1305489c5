"""What the council's side needs of a landing zone, whatever it is made of."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from common.errors import Failure, ViaductError


def says_absent(error: ViaductError) -> bool:
    """Return whether the error tells of the file, and not of a landing zone that cannot be asked."""
    return error.failure is Failure.SYSTEM


class Landing(Protocol):
    """Where batches arrive and receipts are left."""

    def flows(self) -> Sequence[str]:
        """Return the flows that have batches."""
        ...

    def batches(self, flow: str) -> Sequence[str]:
        """Return the flow's batches (FLOW/NNNNNNNN-RUNID) that have a manifest, by sequence."""
        ...

    def spoilt(self, flow: str) -> Sequence[str]:
        """Return the flow's batches that are there and whose folder or manifest is no plain one."""
        ...

    def names(self, batch: str) -> Sequence[str]:
        """Return the names of the batch's files, manifest and signature left aside."""
        ...

    def read(self, batch: str, name: str) -> bytes:
        """Return the bytes of one file of the batch.

        Errors: a ViaductError of the kind "system" if the file is absent or no plain file; of another kind
        if the landing zone is away, lets nobody in or is not the one it should be.
        """
        ...

    def put_receipt(self, flow: str, sequence: int, receipt: bytes) -> None:
        """Leave the answer to a batch; the same answer again changes nothing."""
        ...

    def receipts(self, flow: str) -> Mapping[int, bytes]:
        """Return the answers that were left, by sequence."""
        ...

    def put_certificate(self, flow: str, number: int, certificate: bytes, marks: bytes) -> None:
        """Leave a certificate of removal, its marks first; the same again changes nothing.

        Errors: BatchDiffers if another is there.
        """
        ...

    def certificates(self, flow: str) -> Mapping[int, bytes]:
        """Return the flow's certificates of removal by number."""
        ...
