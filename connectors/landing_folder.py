"""The landing zone as a folder: the embedded default, or a share that both sides mount.

Below that folder no link is followed: what is not a plain file in a plain folder is not there.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from common.files import clear_parts, fsync_folder, made_folder, whole_file, write_atomic
from connectors.landing import MANIFEST_NAME, SIGNATURE_NAME
from connectors.landing_errors import BatchDiffers, BatchNotWhole, LandingUnavailable
from connectors.plain_files import NotPlain, is_plain_file, is_plain_folder, open_plain_file

FLOW = re.compile(r"[a-z][a-z0-9_]{0,99}")
BATCH = re.compile(rf"(?P<flow>{FLOW.pattern})/(?P<sequence>[0-9]{{8}})-[A-Za-z0-9-]{{1,64}}")
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
LARGEST_WORDS = 16 << 20
ANSWERS = frozenset({"receipts", "certificates"})
STAYS = "The batch stays in the outbox; the next run finishes it."


class LandingFolder:
    """A landing zone in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def publish(self, batch: str, files: Mapping[str, Path], manifest: bytes, signature: bytes) -> None:
        """Make the batch exist, the manifest last; the same bytes again change nothing.

        Errors: BatchDiffers if another batch has this name or number; LandingUnavailable.
        """
        place = self._place(batch)
        with _available(f"batch {batch}", STAYS):
            _refuse_links(place.parent, place)
            self._refuse_another(batch, manifest)
            made_folder(place)
            _clear_strangers(place, {*files, MANIFEST_NAME, SIGNATURE_NAME})
            for name, source in files.items():
                _copy(source, place / _known_name(name))
            write_atomic(place / SIGNATURE_NAME, signature, private=False)
            write_atomic(place / MANIFEST_NAME, manifest, private=False)
            fsync_folder(place.parent)
            fsync_folder(self._folder)

    def flows(self) -> list[str]:
        """Return the flows that have been published to."""
        with _available("the landing zone"):
            present = self._folder.iterdir() if self._folder.is_dir() else iter(())
            return sorted(path.name for path in present if _is_flow(path.name) and is_plain_folder(path))

    def batches(self, flow: str) -> list[str]:
        """Return the flow's batches that have a manifest, by sequence."""
        with _available(f"flow {flow}"):
            folder = self._flow(flow)
            names = sorted(path.name for path in folder.iterdir()) if is_plain_folder(folder) else []
            return [f"{flow}/{name}" for name in names if self._is_batch(f"{flow}/{name}")]

    def names(self, batch: str) -> list[str]:
        """Return the names of the batch's files, manifest and signature left aside."""
        place = self._place(batch)
        with _available(f"batch {batch}"):
            _refuse_links(place.parent, place)
            present = {path.name for path in place.iterdir() if FILE.fullmatch(path.name)}
            return sorted(present - {MANIFEST_NAME, SIGNATURE_NAME})

    def read(self, batch: str, name: str) -> bytes:
        """Return one file of a batch, its manifest or its signature. Errors: BatchNotWhole if absent."""
        place, most = self._place(batch), LARGEST_WORDS if name in (MANIFEST_NAME, SIGNATURE_NAME) else None
        path = place / _known_name(name)
        content: bytes | None = None
        with _available(f"batch {batch}"):
            if is_plain_folder(place.parent) and is_plain_folder(place):
                content = _content(path, most)
        if content is None:
            raise BatchNotWhole(f"batch {batch}: {name} is not there.")
        return content

    def drop_bodies(self, batch: str) -> None:
        """Remove a batch's sealed files; its manifest and signature stay. Once more changes nothing."""
        with _available(f"batch {batch}"):
            for name in self.names(batch):
                _unlink(self._place(batch) / name)

    def put_receipt(self, flow: str, sequence: int, receipt: bytes) -> None:
        """Leave the council side's answer. Errors: BatchDiffers if another answer is there."""
        known = self.receipt(flow, sequence)
        if known == receipt:
            return
        if known is not None:
            raise BatchDiffers(f"flow {flow}, batch number {sequence}: it has another receipt already.")
        path = self._receipt(flow, sequence)
        with _available(f"receipts of flow {flow}"):
            _refuse_links(path.parent.parent, path.parent)
            clear_parts(path.parent)
            write_atomic(path, receipt, private=False)

    def receipt(self, flow: str, sequence: int) -> bytes | None:
        """Return the answer to a batch, if there is one."""
        path = self._receipt(flow, sequence)
        with _available(f"receipts of flow {flow}"):
            there = is_plain_folder(path.parent.parent) and is_plain_folder(path.parent)
            return _content(path, LARGEST_WORDS) if there else None

    def receipts(self, flow: str) -> dict[int, bytes]:
        """Return the flow's answers by sequence."""
        return self._numbered(self._receipt(flow, 0).parent, f"receipts of flow {flow}")

    def _numbered(self, folder: Path, where: str) -> dict[int, bytes]:
        """Return what lies in the folder as NNNNNNNN.json, by number."""
        with _available(where):
            there = is_plain_folder(folder.parent) and is_plain_folder(folder)
            found = sorted(folder.glob("[0-9]" * 8 + ".json")) if there else []
            contents = {int(path.stem): _content(path, LARGEST_WORDS) for path in found}
        return {number: content for number, content in contents.items() if content is not None}

    def put_certificate(self, flow: str, number: int, certificate: bytes, marks: bytes) -> None:
        """Leave a certificate of removal, its marks first. Errors: BatchDiffers if another is there."""
        place = self._certificates(flow)
        known = self.certificates(flow).get(number)
        if known is not None and known != certificate:
            raise BatchDiffers(f"flow {flow}, certificate number {number}: there is another already.")
        with _available(f"certificates of flow {flow}"):
            _refuse_links(place.parent, place)
            clear_parts(place)
            if _content(place / f"{number:08d}.marks", None) != marks:
                write_atomic(place / f"{number:08d}.marks", marks, private=False)
            if known is None:
                write_atomic(place / f"{number:08d}.json", certificate, private=False)

    def certificates(self, flow: str) -> dict[int, bytes]:
        """Return the flow's certificates of removal by number."""
        return self._numbered(self._certificates(flow), f"certificates of flow {flow}")

    def marks(self, flow: str, number: int) -> bytes | None:
        """Return the marks that lie beside a certificate, if they are there."""
        return self._of_certificates(flow, f"{number:08d}.marks", None)

    def certificate(self, flow: str, number: int) -> bytes | None:
        """Return one certificate of removal, if there is one."""
        return self._of_certificates(flow, f"{number:08d}.json", LARGEST_WORDS)

    def _of_certificates(self, flow: str, name: str, most: int | None) -> bytes | None:
        place = self._certificates(flow)
        with _available(f"certificates of flow {flow}"):
            there = is_plain_folder(place.parent) and is_plain_folder(place)
            return _content(place / name, most) if there else None

    def _certificates(self, flow: str) -> Path:
        return self._folder / "certificates" / self._flow(flow).name

    def _flow(self, flow: str) -> Path:
        if not _is_flow(flow):
            raise BatchNotWhole("a flow's name is not one of ours.")
        return self._folder / flow

    def _place(self, batch: str) -> Path:
        named = BATCH.fullmatch(batch)
        if named is None:
            raise BatchNotWhole("a batch's name is not FLOW/NNNNNNNN-RUNID.")
        return self._flow(named["flow"]) / batch.partition("/")[2]

    def _receipt(self, flow: str, sequence: int) -> Path:
        return self._folder / "receipts" / self._flow(flow).name / f"{sequence:08d}.json"

    def _is_batch(self, batch: str) -> bool:
        place = self._place(batch) if BATCH.fullmatch(batch) else None
        return place is not None and is_plain_folder(place) and is_plain_file(place / MANIFEST_NAME)

    def _refuse_another(self, batch: str, manifest: bytes) -> None:
        """Refuse a number that is taken: by another run, or under this name by another manifest."""
        flow, _, name = batch.partition("/")
        number = name.partition("-")[0]
        others = [known for known in self.batches(flow) if known.startswith(f"{flow}/{number}-")]
        taken = [known for known in others if known != batch]
        if taken or (others and self.read(batch, MANIFEST_NAME) != manifest):
            where = f"batch {batch}: the landing zone holds {(taken or others)[0]} with other content."
            raise BatchDiffers(where, sent="This batch was not sent; it stays in the outbox.")


def _is_flow(name: str) -> bool:
    return name not in ANSWERS and FLOW.fullmatch(name) is not None


def _copy(source: Path, final: Path) -> None:
    """Put the file there whole, unless the same bytes are there already."""
    if is_plain_file(final) and _same(source, final):
        return
    with whole_file(final, private=False) as temporary:
        shutil.copyfile(source, temporary)


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while piece := left.read(1 << 20):
            if piece != right.read(1 << 20):
                return False
    return True


def _clear_strangers(place: Path, ours: set[str]) -> None:
    """Remove what a killed publication left behind."""
    for path in place.iterdir():
        if path.name not in ours:
            _unlink(path)


def _unlink(path: Path) -> None:
    """Remove a file, a link or a pipe; a folder stays, for nobody of ours makes one there."""
    if not is_plain_folder(path):
        path.unlink(missing_ok=True)


def _content(path: Path, most: int | None) -> bytes | None:
    """Return a plain file's bytes; None if it is absent, of another kind, or larger than the most."""
    try:
        with open_plain_file(path) as stream:
            content = stream.read(-1 if most is None else most + 1)
    except (FileNotFoundError, NotPlain):
        return None
    return content if most is None or len(content) <= most else None


def _refuse_links(*folders: Path) -> None:
    """Errors: NotPlain, when a link or a file stands where a folder of the landing zone should."""
    for folder in folders:
        if os.path.lexists(folder) and not is_plain_folder(folder):
            raise NotPlain


def _known_name(name: str) -> str:
    if not FILE.fullmatch(name):
        raise BatchNotWhole("a file's name in a batch is not one of ours.")
    return name


@contextmanager
def _available(where: str, sent: str = "Nothing was sent.") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fault = LandingUnavailable(f"{where}: {type(error).__name__}", sent=sent)
    else:
        return
    raise fault from None
