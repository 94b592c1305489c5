"""What the doctor says: one line per thing it asked, good or not; codes, names of ours, days and sizes."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from common.errors import ViaductError

SOON_DAYS = 30
"""From how many days before its end on something is told."""


class State(StrEnum):
    """How one thing stands."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Kind:
    """What all lines of one code have in common; the errors that the doctor meets keep their own codes."""

    code: str
    state: State
    exit_code: int
    title: str
    remedy: str


CLOCK_BEHIND = Kind(
    "D101",
    State.FAIL,
    11,
    "The clock is behind what was already written.",
    "Let this machine keep time by the network, and run nothing before it does.",
)
CLOCK_DIFFERS = Kind(
    "D102",
    State.FAIL,
    11,
    "The clock differs from that of a server by five minutes or more.",
    "See what the time is. If it is this machine, let it keep time by the network.",
)
ZONE_UNKNOWN = Kind(
    "D103",
    State.FAIL,
    11,
    "The rules of Europe/London are not known to this machine, or are wrong.",
    "Install the requirements anew, tzdata among them: make test",
)
DISK_FULL = Kind(
    "D201",
    State.FAIL,
    50,
    "The disk has less free room than a run must have.",
    "Make room on the disk of var/ (free_megabytes in site.yaml).",
)
DISK_LOW = Kind(
    "D202",
    State.WARN,
    50,
    "The disk has less free room than the largest of the last nights would need.",
    "Make room on the disk of var/ before the next large night.",
)
NOT_WRITABLE = Kind(
    "D301",
    State.FAIL,
    50,
    "A folder that a run writes to may not be written to by this user.",
    "Let the doctor be asked by the user of the scheduler; else give the folder back to that user.",
)
FOLDER_OPEN = Kind(
    "D302",
    State.WARN,
    40,
    "A folder of what Viaduct keeps is open to other accounts of this machine.",
    "Take the rights away (chmod 700).",
)
KEY_OLD = Kind(
    "D401",
    State.WARN,
    11,
    "A key is older than the site says is usual.",
    "See docs/how_to/rotate_batch_keys.md",
)
KEY_MISSING = Kind(
    "D402",
    State.FAIL,
    40,
    "A key that a run, or on the council's host a load, needs is not here.",
    "Was there one? Then put its sealed copy back. Else: python run_sync.py check says what to type.",
)
ACCESS_ENDS = Kind(
    "D403",
    State.WARN,
    50,
    "A key that lets us into the landing zone ends within 30 days.",
    "Make new ones before that day: docs/how_to/azure_landing.md",
)
ACCESS_OVER = Kind(
    "D404",
    State.FAIL,
    50,
    "A key that lets us into the landing zone has ended.",
    "Make new ones: docs/how_to/azure_landing.md",
)
CERTIFICATE_ENDS = Kind(
    "D501",
    State.WARN,
    20,
    "A certificate runs out within 30 days.",
    "Ask whoever runs that server to renew it; an authority's own goes into ca_file.",
)
CERTIFICATE_OVER = Kind(
    "D502",
    State.FAIL,
    20,
    "A certificate has run out.",
    "Ask whoever runs that server to renew it; an authority's own goes into ca_file.",
)
NOT_REACHED = Kind(
    "D601",
    State.FAIL,
    20,
    "A server is not reached, or does not prove who it is.",
    "Look at the network, the firewall and the server; then: python run_sync.py check --connect",
)
TOO_SLOW = Kind(
    "D602",
    State.FAIL,
    50,
    "A server or a folder did not answer in the time the doctor gives it.",
    "Ask again with a longer --seconds; if it stays so, ask whoever runs it.",
)
LOCK_LONG = Kind(
    "D701",
    State.WARN,
    75,
    "A process has held the lock for longer than a run may last.",
    "Look whether it still works (its log, its load). Stop it only then: a run goes on where it stopped.",
)
NO_LOG = Kind(
    "D801",
    State.WARN,
    60,
    "There is no disclosure log, though runs have been.",
    "Restore var/log from the copy that information governance keeps: docs/how_to/restore.md",
)
KINDS = (
    CLOCK_BEHIND, CLOCK_DIFFERS, ZONE_UNKNOWN, DISK_FULL, DISK_LOW, NOT_WRITABLE, FOLDER_OPEN, KEY_OLD,
    KEY_MISSING, ACCESS_ENDS, ACCESS_OVER, CERTIFICATE_ENDS, CERTIFICATE_OVER, NOT_REACHED, TOO_SLOW,
    LOCK_LONG, NO_LOG,
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One thing that was asked. `code` is empty where all is well; `exit_code` counts of a FAIL only."""

    check: str
    about: str
    state: State
    says: str
    code: str = ""
    remedy: str = ""
    exit_code: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as `doctor --json` prints it."""
        return asdict(self)


def good(check: str, about: str, says: str) -> Line:
    """Return that all is well."""
    return Line(check, about, State.OK, says)


def bad(kind: Kind, check: str, about: str, says: str) -> Line:
    """Return that it is not, and of which kind."""
    said = f"{kind.title} {says}".strip()
    return Line(check, about, kind.state, said, kind.code, kind.remedy, kind.exit_code)


def met(error: ViaductError, check: str, about: str) -> Line:
    """Return the line of an error that was met: its code, its title, its first place; no word of a server."""
    said = f"{error.title} {''.join(error.places[:1])}".strip()
    return Line(check, about, State.FAIL, said, error.code, error.next_step, error.exit_code)
