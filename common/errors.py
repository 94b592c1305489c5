"""Errors about us, never about the data: a code, an exit number, and four lines a person can act on."""

import errno
import os
import traceback
from enum import StrEnum
from pathlib import Path, PurePath
from typing import ClassVar

ROOT = Path(__file__).parent.parent

MOST_PLACES = 3
MAYBE_SENT = "What was sent, if anything, stands in the disclosure log."
# What a disk answers that is full, over its quota, broken, gone, or not ours to write to.
DISK_ANSWERS = ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS", "EACCES", "EPERM", "ESTALE", "ENODEV", "ENXIO")
DISK = {getattr(errno, name) for name in DISK_ANSWERS if hasattr(errno, name)}
# What SQLite says of one: no rights, not to be written to, an error of its own, full, not to be opened.
SQLITE = {3: errno.EACCES, 8: errno.EROFS, 10: errno.EIO, 13: errno.ENOSPC, 14: errno.EACCES}


class Answer(StrEnum):
    """What the reader should do first."""

    TRY_AGAIN = "try again"
    PUT_RIGHT = "put right first"
    STOP = "stop everything"


class Failure(StrEnum):
    """The kind of failure, as logs and metrics name it."""

    CONFIG = "config"
    TRANSIENT = "transient"
    SYSTEM = "system"
    DATA = "data"
    POLICY = "policy"


class ViaductError(Exception):
    """An error about us.

    Given:   `where` names file, line, source or step; `remedy` says what to type or whom to ask;
             `sent` says what left before it happened. None of them may hold a value from a record.
             Many places stand on lines of their own: they are told as one line, the first few and how many
             more; a class that `lists_places` (a declared file: all its problems at once) tells each.
    """

    code: ClassVar[str] = "E900"
    exit_code: ClassVar[int] = 70
    title: ClassVar[str] = "Viaduct met a fault of its own."
    answer: ClassVar[Answer] = Answer.STOP
    failure: ClassVar[Failure] = Failure.SYSTEM
    remedy: ClassVar[str] = "Keep the log of this run and report the code to the Viaduct team."
    lists_places: ClassVar[bool] = False
    registry: ClassVar[dict[str, type["ViaductError"]]] = {}

    def __init_subclass__(cls) -> None:
        """Register the class under its code; two classes may not share one."""
        known = ViaductError.registry.get(cls.code)
        if "code" not in cls.__dict__:
            return
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.__qualname__} repeats {cls.code} of {known.__qualname__}")
        ViaductError.registry[cls.code] = cls

    def __init__(
        self, where: str = "", *, sent: str = "Nothing was sent.", remedy: str | None = None
    ) -> None:
        super().__init__(self.code)
        self.where = where
        self.sent = sent
        self.next_step = remedy or self.remedy

    def lines(self) -> list[str]:
        """Return the four lines: what happened, where, was anything sent, what to do."""
        indent = " " * 6
        places = self.places or ["No place is known."]
        where = f"\n{indent}".join(places) if self.lists_places else _in_one_line(places)
        rest = (where, self.sent, self.next_step)
        return [f"{self.code}  {self.title}", *(f"{indent}{line}" for line in rest)]

    @property
    def passes(self) -> bool:
        """Return whether a later run of the same night may go through, with nothing put right by a person.

        What came wrong may come right later in the night; a refused key or password will not.
        """
        again = self.answer is Answer.TRY_AGAIN and self.failure is Failure.DATA
        return again or self.failure is Failure.TRANSIENT

    @property
    def places(self) -> list[str]:
        """Return all that is told of where, line by line, however few of them a reader is shown."""
        return self.where.splitlines()

    def __str__(self) -> str:
        return "\n".join(self.lines())


ViaductError.registry[ViaductError.code] = ViaductError


def _in_one_line(places: list[str]) -> str:
    """Return the first few places and how many more there are; a line that ends in a colon heads the rest."""
    heads, rest = (places[:1], places[1:]) if places[0].endswith(":") else ([], places)
    mark = " " if all(place.endswith(".") for place in rest) else ", "
    more = len(rest) - MOST_PLACES
    shown = [mark.join(rest[:MOST_PLACES]), f"and {more} more." if more > 0 else ""]
    return " ".join(filter(None, [*heads, *shown]))


class DiskRefuses(ViaductError):
    """The site's disk is full, broken, or not to be written to by this user."""

    code = "E902"
    exit_code = 50
    title = "The disk refuses a file of this site."
    answer = Answer.PUT_RIGHT
    failure = Failure.TRANSIENT
    remedy = "Make room, or let this user write there; then run again: it goes on where it stopped."

    @classmethod
    def of(cls, error: Exception, name: str = "a file") -> "DiskRefuses | None":
        """Return the refusal that an error of the system or of SQLite tells of; None if it is no disk's.

        Of a path the last two names are told, which are ours; `name` where the error tells of none.
        """
        code = SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, getattr(error, "errno", None))
        if code is None or code not in DISK:
            return None
        path = getattr(error, "filename", None)
        told = "/".join(PurePath(path).parts[-2:]) if isinstance(path, str) else name
        return cls(f"{told}: {os.strerror(code)}", sent=MAYBE_SENT)


def met(error: BaseException, place: str = "", *, sent: str = MAYBE_SENT) -> ViaductError:
    """Return an error of ours for any that was met: itself, the disk's refusal, or a fault with its place.

    Given: `place`, the source or step, which may hold no value; of a fault its class and line are added.
    """
    if isinstance(error, ViaductError):
        return error
    refused = DiskRefuses.of(error) if isinstance(error, Exception) else None
    return refused or ViaductError(f"{place}: {place_of(error)}" if place else place_of(error), sent=sent)


def place_of(error: BaseException) -> str:
    """Return the class of the error and where in our own code it was met; not a word of its message."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _in_our_code(frame.filename)]
    name = type(error).__name__
    if not frames:
        return f"{name}, outside Viaduct's own code."
    last = frames[-1]
    return f"{name} in {Path(last.filename).relative_to(ROOT).as_posix()}, line {last.lineno}."


def _in_our_code(file: str) -> bool:
    path = Path(file)
    return path.is_relative_to(ROOT) and "site-packages" not in path.parts
