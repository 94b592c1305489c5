"""The promise of every landing zone: a batch is there whole or not at all.

A batch is the folder `FLOW/NNNNNNNN-RUNID`. Its manifest is written last, after its files and its signature:
a folder without a manifest is not a batch. Receipts come back beside them. All is bytes; nothing is opened.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

MANIFEST_NAME = "manifest.json"
SIGNATURE_NAME = "manifest.json.sig"


class Landing(Protocol):
    """Where sealed batches go, and receipts come from."""

    @property
    def may_look(self) -> bool:
        """Return whether this side may list and read batches; else it only adds to them."""
        ...

    def greet(self) -> None:
        """See that we are let in; move nothing. Errors: those of the place."""
        ...

    def close(self) -> None:
        """Let go of the line to the landing zone, if there is one; asking again opens it anew."""
        ...

    def publish(self, batch: str, files: Mapping[str, Path], manifest: bytes, signature: bytes) -> None:
        """Make the batch exist, the manifest last; the same bytes again change nothing.

        Errors: BatchDiffers if another batch has this name or number; LandingUnavailable.
        """
        ...

    def lay_manifest(self, batch: str, manifest: bytes, signature: bytes) -> None:
        """Put the manifest of a batch there, and none of its files; what lies there of it stays.

        Errors: BatchDiffers if another batch has this name or number; LandingUnavailable.
        """
        ...

    def flows(self) -> list[str]:
        """Return the flows that have been published to."""
        ...

    def batches(self, flow: str) -> list[str]:
        """Return the flow's batches that have a manifest, by sequence."""
        ...

    def spoilt(self, flow: str) -> list[str]:
        """Return the flow's batches that are there and whose folder or manifest is no plain one."""
        ...

    def names(self, batch: str) -> list[str]:
        """Return the names of the batch's files, manifest and signature left aside."""
        ...

    def read(self, batch: str, name: str) -> bytes:
        """Return one file of a batch, its manifest or its signature. Errors: BatchNotWhole if absent."""
        ...

    def drop_bodies(self, batch: str) -> None:
        """Remove a batch's sealed files; its manifest and signature stay. Once more changes nothing."""
        ...

    def put_receipt(self, flow: str, sequence: int, receipt: bytes) -> None:
        """Leave the council side's answer. Errors: BatchDiffers if another answer is there."""
        ...

    def receipt(self, flow: str, sequence: int) -> bytes | None:
        """Return the answer to a batch, if there is one."""
        ...

    def receipts(self, flow: str) -> dict[int, bytes]:
        """Return the flow's answers by sequence."""
        ...

    def put_certificate(self, flow: str, number: int, certificate: bytes, marks: bytes) -> None:
        """Leave a certificate of removal, its marks first; the same again changes nothing.

        Errors: BatchDiffers if another is there.
        """
        ...

    def certificates(self, flow: str) -> dict[int, bytes]:
        """Return the flow's certificates of removal by number."""
        ...

    def certificate(self, flow: str, number: int) -> bytes | None:
        """Return one certificate of removal, if there is one."""
        ...

    def marks(self, flow: str, number: int) -> bytes | None:
        """Return the marks that lie beside a certificate, if they are there."""
        ...
