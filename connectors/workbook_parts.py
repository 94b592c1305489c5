"""The parts of a workbook (.xlsx), each unpacked within bounds; what a workbook must not hold is refused.

Nothing is believed that the container says of its sizes: bytes are counted as they come out of it. No part
may declare a document type, so that no entity can grow; no program and no link to another file is followed.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, TypeVar
from xml.parsers import expat

from connectors.errors import NotTheExport
from connectors.file_errors import (
    BinaryWorkbook,
    OpenDocumentSheet,
    WorkbookDamaged,
    WorkbookLeadsAway,
    WorkbookTooLarge,
    WorkbookWithMacros,
)

MOST_PARTS = 2000
LONGEST_NAME = 512
PIECE_BYTES = 1 << 18
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml."
TYPES = "[Content_Types].xml"
PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
ENCRYPTED_FLAG = 0x1
T = TypeVar("T")
Attributes = dict[str, str]
Begin = Callable[[str, Attributes], None]
# What the standard library raises for a damaged or foreign archive; NotImplementedError is zipfile's own word
# for a way of packing that it does not know.
Unpacking = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


@dataclass
class Parts:
    """A workbook's container: its parts by name, and how many bytes may still come out of it."""

    place: str
    most_bytes: int
    _archive: zipfile.ZipFile = field(repr=False)
    _names: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, content: bytes, most_bytes: int, place: str) -> "Parts":
        """Return the container. Errors: WorkbookDamaged, WorkbookTooLarge, and those of other kinds."""
        archive: zipfile.ZipFile | None = None
        try:
            archive = zipfile.ZipFile(io.BytesIO(content))
        except Unpacking:
            archive = None
        if archive is None:
            raise WorkbookDamaged(f"{place}: its list of parts can not be read.")
        parts = cls(place, most_bytes, archive, frozenset(archive.namelist()))
        parts._refuse_bad_list(len(content))
        parts._refuse_other_kinds()
        return parts

    def has(self, name: str) -> bool:
        """Return whether the workbook has a part of this name."""
        return name in self._names

    def read(self, name: str, begin: Begin, end: Callable[[str], None], text: Callable[[str], None]) -> None:
        """Read a part as XML; names come without their namespace. Errors: WorkbookDamaged, WorkbookTooLarge.

        What the handlers themselves raise, of our own errors, comes through.
        """
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text, parser.buffer_size = True, PIECE_BYTES
        parser.StartElementHandler = lambda tag, said: begin(tag.rpartition("}")[2], said)
        parser.EndElementHandler = lambda tag: end(tag.rpartition("}")[2])
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        broken = False
        for piece in self._pieces(name):
            try:
                parser.Parse(piece, False)
            except expat.ExpatError:
                broken = True
            if broken:
                break
        try:
            parser.Parse(b"", True)
        except expat.ExpatError:
            broken = True
        if broken:
            raise WorkbookDamaged(f"{self.place}: a part of it is not well-formed XML.")

    def elements(self, name: str) -> Iterator[tuple[str, Attributes]]:
        """Return the elements of a small part, in order. Errors: as `read`."""
        found: list[tuple[str, Attributes]] = []
        self.read(name, lambda tag, said: found.append((tag, said)), lambda _: None, lambda _: None)
        return iter(found)

    def targets(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to within the workbook, by the reference's id: its kind and its name."""
        folder, file = posixpath.split(name)
        beside = posixpath.join(folder, "_rels", f"{file}.rels")
        found: dict[str, tuple[str, str]] = {}
        for tag, said in self.elements(beside) if self.has(beside) else ():
            if tag == "Relationship" and said.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/", folder, said.get("Target", "")))
                found[said.get("Id", "")] = said.get("Type", "").rpartition("/")[2], path.lstrip("/")
        return found

    def _refuse_document_type(self, *_: object) -> None:
        raise WorkbookDamaged(f"{self.place}: a part of it declares a document type.")

    def _refuse_bad_list(self, size: int) -> None:
        members = self._archive.infolist()
        if len(members) > MOST_PARTS or sum(one.file_size for one in members) > self.most_bytes:
            raise WorkbookTooLarge(f"{self.place}: nothing was unpacked.")
        odd = (
            len(self._names) != len(members)
            or sum(one.compress_size for one in members) > size
            or any(one.flag_bits & ENCRYPTED_FLAG or one.compress_type not in PACKED for one in members)
            or any(len(one.filename) > LONGEST_NAME for one in members)
        )
        if odd:
            raise WorkbookDamaged(f"{self.place}: its list of parts is not that of a workbook.")

    def _refuse_other_kinds(self) -> None:
        kind: type[NotTheExport] | None = None
        if self.has("mimetype") or self.has("content.xml"):
            kind = OpenDocumentSheet
        elif not self.has(TYPES):
            kind = WorkbookDamaged
        if kind is not None:
            raise kind(f"{self.place}.")
        said = [each for _, each in self.elements(TYPES)]
        kinds = " ".join(each.get("ContentType", "") for each in said)
        if "macroEnabled" in kinds or "vbaProject" in kinds or "macrosheet" in kinds:
            raise WorkbookWithMacros(f"{self.place}.")
        if "sheet.binary" in kinds:
            raise BinaryWorkbook(f"{self.place}.")
        if f"{MAIN}sheet.main+xml" not in kinds:
            raise WorkbookDamaged(f"{self.place}: it is a document of another kind.")
        if f"{MAIN}externalLink+xml" in kinds:
            raise WorkbookLeadsAway(f"{self.place}.")

    def _pieces(self, name: str) -> Iterator[bytes]:
        if name not in self._names:
            raise WorkbookDamaged(f"{self.place}: a part that it names is not in it.")
        stream = self._safely(lambda: self._archive.open(name))
        with stream:
            while piece := self._safely(lambda: _piece(stream)):
                self.most_bytes -= len(piece)
                if self.most_bytes < 0:
                    raise WorkbookTooLarge(f"{self.place}: unpacking stopped there.")
                yield piece

    def _safely(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except Unpacking:
            pass
        raise WorkbookDamaged(f"{self.place}: a part of it can not be unpacked.")


def _piece(stream: IO[bytes]) -> bytes:
    return stream.read(PIECE_BYTES)
