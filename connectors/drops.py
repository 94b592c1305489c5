"""What a source of dropped files asks of the place they lie in; what it decides stands in folder, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from connectors.reception import Reception

OUTSIDE = "a file in the drop folder is a link, or no file at all; it was not opened."
PIECE_BYTES = 1 << 20


class Unreadable(Exception):
    """The folder, or a file in it, can not be read now."""


class Changed(Exception):
    """What is read is no longer the file that was found."""


@dataclass(frozen=True)
class Dropped:
    """One name in the folder as it stood when looked at.

    is_plain: whether it is a plain file: no link, no folder, no pipe.
    more:     what else the place tells of a change: of this machine the time of its last write, its inode.
    """

    name: str = field(repr=False)
    is_plain: bool
    size: int
    mtime_ns: int
    more: tuple[int, ...] = ()


class Drops(Protocol):
    """A folder that others lay files into, on this machine or on a server.

    Errors: Unreadable; of a link, or anything else that is no plain file, FileOutsideFolder where it is
            opened; of a server also those of its line.
    """

    place: str

    def listing(self) -> Mapping[str, Dropped]:
        """Return everything in the folder, by name."""
        ...

    def look(self, name: str) -> Dropped:
        """Return how one name stands now."""
        ...

    def may_still_grow(self, file: Dropped, seconds: float) -> bool:
        """Return whether the file has not certainly lain still for so long."""
        ...

    def words(self, name: str, most: int) -> bytes | None:
        """Return the first bytes of a plain file, None if nothing has this name."""
        ...

    def bring(self, file: Dropped, begin: Callable[[], Reception]) -> Reception:
        """Return a reception that took the whole file; it is begun anew where the line was cut.

        Errors: Changed, when it is not the file that was found, from its first byte to its last.
        """
        ...

    def close(self) -> None:
        """Let go of the line to the folder, if there is one."""
        ...
