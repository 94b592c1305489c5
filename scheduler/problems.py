"""Problems: what somebody must act on, as status, health, metrics and alerts tell it.

A problem holds codes, the names of sources and flows, instants and counts: nothing of a record can get in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common import clock
from scheduler.who_acts import Actor, who_acts

FAULT = 70


@dataclass(frozen=True)
class Kind:
    """What all problems of one code have in common. The errors of runs are problems under their own codes."""

    code: str
    title: str
    actor: Actor
    exit_code: int
    remedy: str


NOT_BEGUN = Kind(
    "H101",
    "Its slot has come and no run of it has begun.",
    Actor.IT,
    FAULT,
    "Is the scheduler there? Look at its service or timer; then: python run_sync.py run --due",
)
NOT_ENDED = Kind(
    "H102",
    "A run of it has begun and not ended.",
    Actor.IT,
    FAULT,
    "Look at logs/viaduct.jsonl of that hour, and whether the process is there; then: python run_sync.py run",
)
TOO_FAST = Kind(
    "H103",
    "It was done in far less time than usual.",
    Actor.IT,
    23,
    "Compare its counts in: python run_sync.py status. Ask the provider whether the account sees all it did.",
)
FAR_FEWER = Kind(
    "H104",
    "It gave far fewer records than is usual on that weekday.",
    Actor.PROVIDER,
    23,
    "Ask the provider. If it is so from now on: python run_sync.py run --source NAME --accept-drop",
)
DAY_PASSED = Kind(
    "H105",
    "A day has passed, or is near, after which something does not run.",
    Actor.GOVERNANCE,
    11,
    "See docs/how_to/before_something_expires.md",
)
STATE_UNREADABLE = Kind(
    "H106",
    "What the scheduler or a run wrote down cannot be read.",
    Actor.IT,
    FAULT,
    "Run on this machine, as the user of the scheduler: python run_sync.py status",
)
ALERT_NOT_SENT = Kind(
    "H107",
    "Alerts do not reach whom they are for.",
    Actor.IT,
    50,
    "Look at alerts in site.yaml and at that server; then: python run_sync.py health --alert",
)
WORKLIST_NOT_LAID = Kind(
    "H108",
    "A provider's worklist does not reach its drop.",
    Actor.IT,
    50,
    "Look at its worklist in providers.yaml and at that folder or server; the next run tries again.",
)
NOTICE_NOT_SENT = Kind(
    "H109",
    "Notices do not reach a provider.",
    Actor.IT,
    50,
    "Look at the mail server and the provider's addresses in providers.yaml; the next round tries again.",
)
NOTHING_ARRIVED = Kind(
    "H201",
    "No batch of it has arrived for too long.",
    Actor.IT,
    50,
    "Ask the sending side whether it runs: its own health tells.",
)
NOT_LOADED = Kind(
    "H202",
    "A batch of it has arrived and is not answered.",
    Actor.IT,
    50,
    "On the council side: python run_sync.py load",
)
REFUSED = Kind(
    "H203",
    "The last batch of it was refused.",
    Actor.IT,
    51,
    "See the reason in its receipt and docs/reference/batch-format.md; the sending side sends anew.",
)
KINDS = (
    NOT_BEGUN,
    NOT_ENDED,
    TOO_FAST,
    FAR_FEWER,
    DAY_PASSED,
    STATE_UNREADABLE,
    ALERT_NOT_SENT,
    WORKLIST_NOT_LAID,
    NOTICE_NOT_SENT,
    NOTHING_ARRIVED,
    NOT_LOADED,
    REFUSED,
)


@dataclass(frozen=True)
class Problem:
    """One thing that somebody must act on.

    since:    when it was first so, without a break since.
    exit_code: with what `health` ends because of it; 0 of what is only near.
    count:    how often, or how many: slots, runs, batches, as its title says.
    about:    where no source or flow is meant: a path in the assessment or below var/.
    passing:  it is tried again by itself; nobody need act yet.
    """

    code: str
    title: str
    actor: Actor
    since: datetime
    exit_code: int
    remedy: str
    count: int = 1
    source: str | None = None
    flow: str | None = None
    provider: str | None = None
    about: str | None = None
    passing: bool = False

    @classmethod
    def of(cls, kind: Kind, since: datetime, **told: Any) -> "Problem":
        """Return a problem of this kind."""
        return cls(kind.code, kind.title, kind.actor, since, kind.exit_code, kind.remedy, **told)

    @classmethod
    def met(cls, error: dict[str, Any], since: datetime, **told: Any) -> "Problem":
        """Return the problem that an error is, as the summary of a run tells it under `met`."""
        code, exit_code = str(error["code"]), int(error["exit_code"])
        said = (code, str(error["title"]), who_acts(code), since, exit_code, str(error["remedy"]))
        return cls(*said, source=error["source"], flow=error["flow"], **told)

    @property
    def key(self) -> str:
        """Return what tells this problem from every other, and stays the same while it lasts."""
        return "/".join(part for part in (self.code, self.source, self.flow, self.about) if part)

    @property
    def place(self) -> str:
        """Return where it is, for people."""
        named = (("source", self.source), ("flow", self.flow), ("", self.about))
        return ", ".join(f"{what} {name}".strip() for what, name in named if name) or "the whole run"

    def to_json(self) -> dict[str, Any]:
        """Return it as `health --json` and `status --json` print it."""
        told = {"key": self.key, "actor": self.actor.name.lower(), "since": clock.stamp(self.since)}
        return vars(self) | told
