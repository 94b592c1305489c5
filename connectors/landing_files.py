"""What a landing zone asks of the place it lies in; what it decides stands in landing_zone, once."""

from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Plain files in plain folders below one folder; what is neither of the two is not there.

    A place is the names from that folder down, with / between them. No link below it is followed.
    may_look: whether this side may list and read what it lays down; else it only adds to it.
    Errors:   OSError, or a ViaductError that says already what is wrong.
    """

    may_look: bool

    def is_file(self, place: str) -> bool:
        """Return whether a plain file has this name."""
        ...

    def is_folder(self, place: str) -> bool:
        """Return whether a folder, and no link to one, has this name."""
        ...

    def names(self, folder: str) -> list[str]:
        """Return every name in the folder, sorted."""
        ...

    def read(self, place: str, most: int) -> bytes | None:
        """Return a plain file's bytes; None if it is absent, of another kind, or larger than the most."""
        ...

    def refuse_links(self, *folders: str) -> None:
        """Errors: NotPlain, when a link or a file stands where one of these folders should."""
        ...

    def make_folder(self, folder: str) -> None:
        """Make the folder and those above it, where they are absent."""
        ...

    def bring(self, place: str, source: Path) -> None:
        """Put a file of ours there whole, unless the same bytes are there already."""
        ...

    def write(self, place: str, content: bytes) -> None:
        """Put these bytes there whole: a reader finds what was there before, or all of them."""
        ...

    def remove(self, place: str) -> None:
        """Remove a file, a link or a pipe; a folder stays, for nobody of ours makes one there."""
        ...

    def clear_parts(self, folder: str) -> None:
        """Remove what a killed writer left unfinished in the folder."""
        ...

    def settle(self, *folders: str) -> None:
        """Make the names in these folders durable."""
        ...

    def close(self) -> None:
        """Let go of the line to the place, if there is one."""
        ...
