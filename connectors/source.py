"""The promise of every source: sign in, give one snapshot of its exports, leave nothing behind.

A source gives all the exports asked for or none: they are one snapshot, of one instant. Bodies wait only in
the spool it is handed. Whatever goes wrong is an error of `connectors.errors`: no library's, without a value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from connectors.settings import Layout
from connectors.spool import Spool
from connectors.visibility import Visibility


class Body(Protocol):
    """Bytes that can be read again and again."""

    def open(self) -> BinaryIO:
        """Return a new stream of the bytes, from their beginning."""
        ...

    def discard(self) -> None:
        """Let go of the bytes; they can not be read again."""
        ...


@dataclass(frozen=True)
class Export:
    """One file another system gave, received whole.

    expected_rows: how many rows the source itself counts, if it says; reading the export holds it to that.
    size, sha256:  of the bytes that were served; the body is their text, which may be longer or shorter.
    encoding:      what the body's bytes are: "utf-8" (a byte order mark is passed over) or "cp1252".
    layout:        what is declared of its delimiter, of rows before the header and after the last row.
    broken_lines:  whether a cell may hold a line break.
    quoted:        whether it holds a quotation mark.
    most_columns:  an export that is wider is refused.
    body_size:     bytes of the body; as `size` if not said.
    closing:       the last bytes of the body: closing rows stand there, if there are any.
    arrived:       how it came, for the report of the run: its kind and encoding, never a word of it.
    """

    source: str
    name: str
    expected_rows: int | None
    size: int
    sha256: str
    body: Body = field(repr=False)
    encoding: str = "utf-8"
    layout: Layout = field(default_factory=Layout)
    broken_lines: bool = True
    quoted: bool = True
    most_columns: int = 1000
    body_size: int | None = None
    closing: bytes = field(default=b"", repr=False)
    arrived: Mapping[str, str | int | bool] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Return how errors name this export."""
        return f"source {self.source}, export {self.name}"

    def open(self) -> BinaryIO:
        """Return a new stream of the export's bytes, from their beginning."""
        return self.body.open()


@dataclass(frozen=True)
class Snapshot:
    """What a source held at one instant, by export name, and what it says that the account can see.

    complete: whether it holds every record; else it holds whole people, and of others nothing can be said.
    """

    source: str
    extracted_at: datetime
    exports: Mapping[str, Export]
    visibility: Visibility | None = None
    complete: bool = True


@dataclass(frozen=True)
class Earlier:
    """Of when the data of a source were that every flow has settled last, and those that were complete.

    A flow has settled a pull once what it sent of it has its receipt, and nothing of it waits for a person.
    """

    settled_at: datetime | None = None
    complete_at: datetime | None = None


class Source(Protocol):
    """A system that records come from."""

    @property
    def name(self) -> str:
        """Return the source's name in the site."""
        ...

    def check(self) -> None:
        """Sign in and see that every extract is there; move nothing. Errors: as `pull`."""
        ...

    def pull(self, spool: Spool, exports: Sequence[str]) -> Snapshot:
        """Return the exports asked for, received whole into the spool.

        Errors: SourceUnavailable (exit 20), CredentialsRefused (21), NotTheExport (22), and their kinds.
        """
        ...
