"""Looking for what must not be there: the sample's personal values in bytes of any kind, however written.

Canary stems are looked for anywhere; NHS numbers, birth dates, postcodes and property numbers by their shape
and then by name. Text in UTF-16, hexadecimal, base64, a compressed column file or a workbook is read before
it is judged.
"""

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import polars as pl

from demo.sample import CANARIES, Sample

STEMS = re.compile(b"zq(?:" + b"|".join(stem[2:].lower().encode() for stem in CANARIES) + b")")
POSTCODE = re.compile(rb"zq[0-9]{1,2} {0,2}[0-9][a-z]{2}")
SHAPES = re.compile(
    rb"[0-9]{2}(?:[0-9] ?[0-9]{3} ?[0-9]{4}|[0-9]{10}"
    rb"|[/.-][0-9]{2}[/.-][0-9]{4}|[0-9]{2}[/.-][0-9]{2}[/.-][0-9]{2}|(?<=19|20)[0-9]{6})(?![0-9])"
)
HEXADECIMAL = re.compile(rb"(?:[0-9a-fA-F]{2}){6,}")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
PARQUET = b"PAR1"


@dataclass(frozen=True)
class SecretWords:
    """The personal values of a sample, ready to be looked for."""

    numbers: frozenset[bytes]
    dates: frozenset[bytes]
    postcodes: frozenset[bytes]
    _known: dict[bytes, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, sample: Sample) -> "SecretWords":
        """Return the values of every person of every provider."""
        people = [row for tables in sample.sources.values() for row in tables["people"]]
        numbers = {row[column].replace(" ", "") for row in people for column in ("NHS Number", "UPRN")}
        dates = {form for row in people for form in _forms(row["Date of Birth"])}
        postcodes = {row["Postcode"].replace(" ", "").lower() for row in people}
        return cls(
            *(
                frozenset(one.encode() for one in found if len(one) > 5)
                for found in (numbers, dates, postcodes)
            )
        )

    def within(self, data: bytes) -> set[str]:
        """Return what is found in the bytes: stems and values, as they stand or after reading them.

        The same bytes are looked through once: sites are copied, and most of their files stay as they are.
        """
        digest = blake2b(data, digest_size=32).digest()
        if digest not in self._known:
            self._known[digest] = frozenset(self._looked_through(data))
        return set(self._known[digest])

    def _looked_through(self, data: bytes) -> set[str]:
        found = set(self._plain(data))
        for read in (_narrowed, _unhexed, _unbased, _uncompressed, _unzipped):
            found.update(
                f"{hit} ({read.__name__.strip('_')})" for part in read(data) for hit in self._plain(part)
            )
        return found

    def _plain(self, data: bytes) -> Iterator[str]:
        text = data.lower()
        for hit in STEMS.finditer(text):
            yield hit[0].decode()
        for hit in POSTCODE.finditer(text):
            if hit[0].replace(b" ", b"") in self.postcodes:
                yield hit[0].decode()
        for hit in SHAPES.finditer(text):
            if self._is_ours(hit[0], text[hit.start() - 1 : hit.start()], text[hit.end() : hit.end() + 1]):
                yield hit[0].decode()

    def _is_ours(self, found: bytes, before: bytes, after: bytes) -> bool:
        """Return whether digits are one of our values; eight in a row are not, within a digest."""
        if before.isdigit() or (len(found) == 8 and (before + after).isalnum()):
            return False
        return found.replace(b" ", b"") in self.numbers or found in self.dates

    def under(self, folder: Path, leave_out: Callable[[Path], bool] = lambda _: False) -> dict[str, set[str]]:
        """Return what is found in the files under the folder and in their names, by path."""
        found = {}
        for path in sorted(folder.rglob("*")):
            if leave_out(path):
                continue
            hits = self.within(path.relative_to(folder).as_posix().encode())
            if path.is_file() and not path.is_symlink():
                hits |= self.within(path.read_bytes())
            if hits:
                found[path.relative_to(folder).as_posix()] = hits
        return found

    def in_nameless_files(self) -> tuple[int, set[str]]:
        """Return how many bytes this process holds in files without a name, and what is found in them."""
        size, found = 0, set()
        for handle in Path("/proc/self/fd").iterdir():
            try:
                deleted = str(handle.readlink()).endswith("(deleted)")
                data = handle.read_bytes() if deleted else b""
            except OSError:
                continue
            size += len(data)
            found |= self.within(data)
        return size, found


def _forms(day: str) -> list[str]:
    """Return a birth date as it may be written; the export writes dd/mm/yyyy."""
    parts = day.split("/")
    if len(parts) != 3:
        return []
    dd, mm, yyyy = parts
    return [f"{yyyy}{mm}{dd}"] + [
        form for mark in "/-." for form in (f"{dd}{mark}{mm}{mark}{yyyy}", f"{yyyy}{mark}{mm}{mark}{dd}")
    ]


def _narrowed(data: bytes) -> Iterator[bytes]:
    if b"\0" in data:
        yield data.replace(b"\0", b"")


def _unhexed(data: bytes) -> Iterator[bytes]:
    for hit in HEXADECIMAL.finditer(data):
        yield bytes.fromhex(hit[0].decode())


def _unbased(data: bytes) -> Iterator[bytes]:
    for hit in BASE64.finditer(data):
        text = hit[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):
            part = text[start : start + (len(text) - start) // 4 * 4]
            try:
                yield base64.b64decode(part)
            except binascii.Error:
                continue


def _unzipped(data: bytes) -> Iterator[bytes]:
    """Return the parts of a workbook, if it is one."""
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            yield from map(book.read, book.namelist())


def _uncompressed(data: bytes) -> Iterator[bytes]:
    if data.startswith(PARQUET) and data.endswith(PARQUET):
        try:
            table = pl.read_parquet(io.BytesIO(data))
        except pl.exceptions.PolarsError:
            return  # still being written: it is read when it is finished
        for column in table:
            yield b"\n".join(
                cell if isinstance(cell, bytes) else str(cell).encode()
                for cell in column.to_list()
                if cell is not None
            )
