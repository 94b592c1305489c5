"""Faults that can be switched on: what networks, portals and their administrators do to an export.

None is claimed to be the vendor's own behaviour. Each strikes one place (an export, `listing`, `sign-in`, or
one level of it, `sign-in/user`; nothing said means every download) a given number of times, after letting a
given number pass, or until it is healed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from demo.spoilt import BYTES, CONTENT, WORLD
from demo.troubles import TROUBLES

# Answers that come in place of the portal's own. `value` is the Retry-After of 429 and 503 (a word `date` for
# an instant two seconds from now, `none` for no such header), and where `redirect_away` leads.
ANSWERS = frozenset(
    {
        "login_page_200",
        "session_expired",
        "html_200",
        "html_as_csv",
        "error_text_200",
        "error_as_csv",
        "status_403",
        "status_404",
        "status_429",
        "status_500",
        "status_502",
        "status_503",
        "redirect_loop",
        "redirect_away",
        "wrong_password",
        "locked_account",
        "pin_demanded",
        "password_expired",
        "no_seat",
    }
)
# A download that gives the content of another export, `value`; one after which the list is an hour later.
DOWNLOADS = frozenset({"other_export", "moved_on"})
# What the list says: more rows than there are; data of yesterday, or an hour later; an extract's name twice.
LISTING = frozenset({"wrong_count", "stale", "later", "listed_twice"})
FAULTS: frozenset[str] = (
    frozenset(CONTENT) | frozenset(WORLD) | BYTES | ANSWERS | DOWNLOADS | LISTING | frozenset(TROUBLES)
)
OTHER_PLACES = ("listing", "sign-in")


@dataclass
class Fault:
    """One fault: where it strikes, in which system, how often yet (None: for ever), after how many passes."""

    name: str
    place: str = ""
    source: str = ""
    times: int | None = None
    skip: int = 0
    value: str = ""

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise ValueError(f"{self.name} is no fault; there are {', '.join(sorted(FAULTS))}")
        if self.name in LISTING:
            self.place = "listing"

    def strikes(self, source: str, place: str) -> bool:
        """Return whether the fault is for this place of this system."""
        level = place.partition("/")[0]
        here = self.place in {place, level} if self.place else level not in OTHER_PLACES
        return here and self.source in {"", source} and self.times != 0

    def strike(self) -> bool:
        """Return whether it strikes now rather than letting this one pass; either is counted."""
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


def read_fault(words: str) -> Fault:
    """Return the fault that the command line names as NAME, NAME:PLACE or NAME:PLACE:VALUE."""
    name, _, rest = words.partition(":")
    place, _, value = rest.partition(":")
    return Fault(name, place, value=value)


@dataclass
class Switchboard:
    """The faults that are switched on."""

    faults: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def switch_on(self, fault: Fault) -> None:
        """Let the fault strike from now on."""
        with self._lock:
            self.faults.append(fault)

    def heal(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self.faults.clear()

    def take(self, source: str, place: str, kinds: Iterable[str]) -> list[Fault]:
        """Return the faults of these kinds that strike now, each counted as one stroke."""
        wanted = frozenset(kinds)
        with self._lock:
            here = [fault for fault in self.faults if fault.name in wanted and fault.strikes(source, place)]
            return [fault for fault in here if fault.strike()]

    def stand(self, source: str, place: str, kinds: Iterable[str]) -> list[str]:
        """Return the names of the faults of these kinds that are on here; nothing is counted."""
        wanted = frozenset(kinds)
        with self._lock:
            return [
                fault.name for fault in self.faults if fault.name in wanted and fault.strikes(source, place)
            ]
