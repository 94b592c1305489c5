"""A provider's drop: the one folder into which its worklist is laid, and nobody else's.

A drop is opened for one provider and takes what was made for that provider alone. It says in a file of its
own whose it is; where that file names another provider or site, nothing is laid there. Each file is written
beside, read back, and only then given its name, so whoever opens the worklist finds the old one or the new.
"""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from common.errors import ViaductError
from common.files import PART, made_folder
from connectors.drop_errors import REST_STANDS, DropFault, DropKeepsNothing, DropOfAnother, DropUnavailable
from connectors.landing_errors import LandingKeepsNothing
from connectors.landing_files import Files
from connectors.plain_files import NotPlain

OURS = "worklist"
"""How the name of everything begins that we lay into a drop."""
MARK = f"{OURS}.json"
LARGEST_MARK = 10_000
ROOT = ""


@dataclass(frozen=True)
class Owner:
    """Whose a drop is: a provider of a site."""

    provider: str
    site: str

    @property
    def mark(self) -> bytes:
        """Return what the drop says of itself."""
        return f"{json.dumps({'provider': self.provider, 'site': self.site}, sort_keys=True)}\n".encode()


@dataclass(frozen=True)
class ProviderFiles:
    """A provider's worklist as files, by name; made for that provider and laid into no other's drop."""

    provider: str
    files: dict[str, bytes] = field(repr=False)


class ProviderDrop:
    """The drop of one provider.

    Given: whose it is, the files of its place, how errors call it, and a folder that is ours to make.
    """

    def __init__(self, owner: Owner, files: Files, place: str, make: Path | None = None) -> None:
        self._owner, self._files, self._place, self._make = owner, files, place, make

    def greet(self) -> None:
        """See that we are let in, and that the drop is this provider's; change nothing. Errors: DropFault."""
        if self._make is None or self._make.exists():
            self._told(self._refuse_anothers)

    def lay(self, made: ProviderFiles, gone: Collection[str] = ()) -> None:
        """Put the files there, each whole; the same bytes again change nothing.

        Given:  the names of files of ours that are no longer wanted.
        Errors: DropFault; SecretMissing, SecretExposed, HostKeyDiffers, SftpKeyUnusable.
        """
        if made.provider != self._owner.provider:
            raise DropOfAnother(f"provider {self._owner.provider}: files of {made.provider} were to be laid.")
        self._told(lambda: self._lay(made, gone))

    def close(self) -> None:
        """Let go of the line to the drop."""
        self._files.close()

    def _lay(self, made: ProviderFiles, gone: Collection[str]) -> None:
        if self._make is not None:
            made_folder(self._make)
        self._refuse_anothers()
        for name in self._files.names(ROOT):
            if name.startswith(f".{OURS}") and name.endswith(PART):
                self._files.remove(name)
        self._files.write(MARK, self._owner.mark)
        for name, content in made.files.items():
            self._files.write(name, content)
        for name in sorted(set(gone) - set(made.files)):
            self._files.remove(name)
        self._files.settle(ROOT)

    def _refuse_anothers(self) -> None:
        if not self._files.is_folder(ROOT):
            raise DropUnavailable(f"{self._place}: the folder is not there.")
        if MARK not in self._files.names(ROOT):
            return
        if self._files.read(MARK, LARGEST_MARK) != self._owner.mark:
            raise DropOfAnother(f"{self._place}: its {MARK} names another.")

    def _told(self, step: Callable[[], None]) -> None:
        with _as_drop_fault(self._place):
            step()


@contextmanager
def _as_drop_fault(place: str) -> Iterator[None]:
    """Let what a place meets be told as a fault of this drop, in words of ours."""
    failed: ViaductError | None = None
    try:
        yield
    except DropFault as fault:
        fault.sent = REST_STANDS
        raise
    except LandingKeepsNothing:
        failed = DropKeepsNothing(f"{place}.", sent=REST_STANDS)
    except NotPlain:
        failed = DropUnavailable(f"{place}: a link or a folder stands where a file should.", sent=REST_STANDS)
    except OSError as error:
        failed = DropUnavailable(f"{place}: {type(error).__name__}.", sent=REST_STANDS)
    if failed is not None:
        raise failed
