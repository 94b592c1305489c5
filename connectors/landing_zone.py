"""How every landing zone decides: names, order, what is the same, what is refused."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from common.errors import ViaductError
from connectors.landing import MANIFEST_NAME, SIGNATURE_NAME
from connectors.landing_errors import BatchDiffers, BatchNotWhole, LandingFault, LandingUnavailable
from connectors.landing_files import Files
from connectors.sftp_errors import HostKeyDiffers, SftpKeyUnusable

FLOW = re.compile(r"[a-z][a-z0-9_]{0,99}")
BATCH = re.compile(rf"(?P<flow>{FLOW.pattern})/(?P<sequence>[0-9]{{8}})-[A-Za-z0-9-]{{1,64}}")
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
ANSWER = re.compile(r"[0-9]{8}\.json")
LARGEST_WORDS = 16 << 20
# A file is sealed from at most 64 MiB; the marks of a certificate are 16 bytes a row.
LARGEST_SEALED = 80 << 20
LARGEST_MARKS = 1 << 30
ANSWERS = frozenset({"receipts", "certificates"})
STAYS = "The batch stays in the outbox; the next run finishes it."
ROOT = ""


class LandingZone:
    """A landing zone in any place that keeps files."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def close(self) -> None:
        """Let go of the line to the landing zone."""
        self._files.close()

    @property
    def may_look(self) -> bool:
        """Return whether this side may list and read batches; else it only adds to them."""
        return self._files.may_look

    def greet(self) -> None:
        """See that we are let in; move nothing. Errors: LandingFault, HostKeyDiffers, SftpKeyUnusable."""
        if self.may_look:
            self.flows()
        with _available("receipts"):
            if self._files.is_folder("receipts"):
                self._files.names("receipts")

    def publish(self, batch: str, files: Mapping[str, Path], manifest: bytes, signature: bytes) -> None:
        """Make the batch exist, the manifest last; the same bytes again change nothing.

        Errors: BatchDiffers if another batch has this name or number; LandingUnavailable.
        """
        flow, place = _named(batch)["flow"], batch
        bodies = {_known_name(name): source for name, source in files.items()}
        with _available(f"batch {batch}", STAYS):
            self._files.refuse_links(flow, place)
            if self.may_look:
                self._refuse_another(batch, manifest)
            self._files.make_folder(place)
            if self.may_look:
                self._clear_strangers(place, {*bodies, MANIFEST_NAME, SIGNATURE_NAME})
            for name, source in bodies.items():
                self._files.bring(f"{place}/{name}", source)
            self._files.write(f"{place}/{SIGNATURE_NAME}", signature)
            self._files.write(f"{place}/{MANIFEST_NAME}", manifest)
            self._files.settle(flow, ROOT)

    def lay_manifest(self, batch: str, manifest: bytes, signature: bytes) -> None:
        """Put the manifest of a batch there, and none of its files; what lies there of it stays.

        Errors: BatchDiffers if another batch has this name or number; LandingUnavailable.
        """
        flow = _named(batch)["flow"]
        with _available(f"batch {batch}", STAYS):
            self._files.refuse_links(flow, batch)
            if self.may_look:
                self._refuse_another(batch, manifest)
            self._files.make_folder(batch)
            self._files.write(f"{batch}/{SIGNATURE_NAME}", signature)
            self._files.write(f"{batch}/{MANIFEST_NAME}", manifest)
            self._files.settle(flow, ROOT)

    def flows(self) -> list[str]:
        """Return the flows that have been published to."""
        with _available("the landing zone"):
            present = self._files.names(ROOT) if self._files.is_folder(ROOT) else []
            return [name for name in present if _is_flow(name) and self._files.is_folder(name)]

    def batches(self, flow: str) -> list[str]:
        """Return the flow's batches that have a manifest, by sequence."""
        with _available(f"flow {flow}"):
            folder = _flow(flow)
            names = self._files.names(folder) if self._files.is_folder(folder) else []
            return [f"{flow}/{name}" for name in names if self._is_batch(f"{flow}/{name}")]

    def spoilt(self, flow: str) -> list[str]:
        """Return the flow's batches that are there and whose folder or manifest is no plain one."""
        with _available(f"flow {flow}"):
            folder = _flow(flow)
            names = self._files.names(folder) if self._files.is_folder(folder) else []
            return [f"{flow}/{name}" for name in names if self._is_spoilt(f"{flow}/{name}")]

    def names(self, batch: str) -> list[str]:
        """Return the names of the batch's files, manifest and signature left aside."""
        flow = _named(batch)["flow"]
        with _available(f"batch {batch}"):
            self._files.refuse_links(flow, batch)
            present = {name for name in self._files.names(batch) if FILE.fullmatch(name)}
            return sorted(present - {MANIFEST_NAME, SIGNATURE_NAME})

    def read(self, batch: str, name: str) -> bytes:
        """Return one file of a batch, its manifest or its signature. Errors: BatchNotWhole if absent."""
        _named(batch)
        most = LARGEST_WORDS if name in (MANIFEST_NAME, SIGNATURE_NAME) else LARGEST_SEALED
        with _available(f"batch {batch}"):
            content = self._content(batch, _known_name(name), most)
        if content is None:
            raise BatchNotWhole(f"batch {batch}: {name} is not there.")
        return content

    def drop_bodies(self, batch: str) -> None:
        """Remove a batch's sealed files; its manifest and signature stay. Once more changes nothing."""
        with _available(f"batch {batch}"):
            for name in self.names(batch):
                self._files.remove(f"{batch}/{name}")

    def put_receipt(self, flow: str, sequence: int, receipt: bytes) -> None:
        """Leave the council side's answer. Errors: BatchDiffers if another answer is there."""
        known = self.receipt(flow, sequence)
        if known == receipt:
            return
        if known is not None:
            raise BatchDiffers(f"flow {flow}, batch number {sequence}: it has another receipt already.")
        folder = _answers("receipts", flow)
        with _available(f"receipts of flow {flow}"):
            self._files.refuse_links("receipts", folder)
            self._files.clear_parts(folder)
            self._files.write(f"{folder}/{sequence:08d}.json", receipt)

    def receipt(self, flow: str, sequence: int) -> bytes | None:
        """Return the answer to a batch, if there is one."""
        with _available(f"receipts of flow {flow}"):
            return self._content(_answers("receipts", flow), f"{sequence:08d}.json", LARGEST_WORDS)

    def receipts(self, flow: str) -> dict[int, bytes]:
        """Return the flow's answers by sequence."""
        return self._numbered("receipts", flow)

    def put_certificate(self, flow: str, number: int, certificate: bytes, marks: bytes) -> None:
        """Leave a certificate of removal, its marks first. Errors: BatchDiffers if another is there."""
        known, folder = self.certificate(flow, number), _answers("certificates", flow)
        if known is not None and known != certificate:
            raise BatchDiffers(f"flow {flow}, certificate number {number}: there is another already.")
        with _available(f"certificates of flow {flow}"):
            self._files.refuse_links("certificates", folder)
            self._files.clear_parts(folder)
            if self._files.read(f"{folder}/{number:08d}.marks", LARGEST_MARKS) != marks:
                self._files.write(f"{folder}/{number:08d}.marks", marks)
            if known is None:
                self._files.write(f"{folder}/{number:08d}.json", certificate)

    def certificates(self, flow: str) -> dict[int, bytes]:
        """Return the flow's certificates of removal by number."""
        return self._numbered("certificates", flow)

    def marks(self, flow: str, number: int) -> bytes | None:
        """Return the marks that lie beside a certificate, if they are there."""
        with _available(f"certificates of flow {flow}"):
            return self._content(_answers("certificates", flow), f"{number:08d}.marks", LARGEST_MARKS)

    def certificate(self, flow: str, number: int) -> bytes | None:
        """Return one certificate of removal, if there is one."""
        with _available(f"certificates of flow {flow}"):
            return self._content(_answers("certificates", flow), f"{number:08d}.json", LARGEST_WORDS)

    def _content(self, folder: str, name: str, most: int) -> bytes | None:
        """Return a file's bytes; None if it, its folder or the one above is no plain one, or is too large."""
        above = folder.partition("/")[0]
        if not self._files.is_folder(above) or not self._files.is_folder(folder):
            return None
        return self._files.read(f"{folder}/{name}", most)

    def _numbered(self, kind: str, flow: str) -> dict[int, bytes]:
        """Return what lies in the flow's folder as NNNNNNNN.json, by number."""
        folder = _answers(kind, flow)
        with _available(f"{kind} of flow {flow}"):
            there = self._files.is_folder(kind) and self._files.is_folder(folder)
            found = [name for name in self._files.names(folder) if ANSWER.fullmatch(name)] if there else []
            contents = {int(name[:8]): self._files.read(f"{folder}/{name}", LARGEST_WORDS) for name in found}
        return {number: content for number, content in contents.items() if content is not None}

    def _is_batch(self, batch: str) -> bool:
        named = BATCH.fullmatch(batch) is not None
        return named and self._files.is_folder(batch) and self._files.is_file(f"{batch}/{MANIFEST_NAME}")

    def _is_spoilt(self, batch: str) -> bool:
        """Return whether it is a batch by its name alone; what is still on its way has no manifest yet."""
        if BATCH.fullmatch(batch) is None or self._is_batch(batch):
            return False
        return not self._files.is_folder(batch) or MANIFEST_NAME in self._files.names(batch)

    def _refuse_another(self, batch: str, manifest: bytes) -> None:
        """Refuse a number that is taken: by another run, or under this name by another manifest."""
        flow, _, name = batch.partition("/")
        number = name.partition("-")[0]
        there = self._files.names(flow) if self._files.is_folder(flow) else []
        others = [f"{flow}/{one}" for one in there if one.startswith(f"{number}-") and one != name]
        taken = [known for known in others if self._is_batch(known)]
        if taken or (self._is_batch(batch) and self.read(batch, MANIFEST_NAME) != manifest):
            where = f"batch {batch}: the landing zone holds {(taken or [batch])[0]} with other content."
            raise BatchDiffers(where, sent="This batch was not sent; it stays in the outbox.")

    def _clear_strangers(self, place: str, ours: set[str]) -> None:
        """Remove what a killed publication left behind."""
        for name in self._files.names(place):
            if name not in ours:
                self._files.remove(f"{place}/{name}")


def _is_flow(name: str) -> bool:
    return name not in ANSWERS and FLOW.fullmatch(name) is not None


def _flow(flow: str) -> str:
    if not _is_flow(flow):
        raise BatchNotWhole("a flow's name is not one of ours.")
    return flow


def _answers(kind: str, flow: str) -> str:
    return f"{kind}/{_flow(flow)}"


def _named(batch: str) -> re.Match[str]:
    """Return the parts of a batch's name. Errors: BatchNotWhole, if it is not one of ours."""
    named = BATCH.fullmatch(batch)
    if named is None:
        raise BatchNotWhole("a batch's name is not FLOW/NNNNNNNN-RUNID.")
    _flow(named["flow"])
    return named


def _known_name(name: str) -> str:
    if not FILE.fullmatch(name):
        raise BatchNotWhole("a file's name in a batch is not one of ours.")
    return name


@contextmanager
def _available(where: str, sent: str = "Nothing was sent.") -> Iterator[None]:
    """Tell what the place met as an error of the landing zone: where, and whether anything was sent."""
    try:
        yield
    except (LandingFault, HostKeyDiffers, SftpKeyUnusable) as known:
        fault: ViaductError = type(known)(f"{where}: {known.where}", sent=sent)
    except OSError as error:
        fault = LandingUnavailable(f"{where}: {type(error).__name__}", sent=sent)
    else:
        return
    raise fault from None
