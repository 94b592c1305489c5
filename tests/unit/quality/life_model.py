"""An independent model of the life of findings: one at a time, in plain words; it knows of no store."""

from dataclasses import dataclass, field
from datetime import date, timedelta

OVER = ("closed", "withdrawn")
DAYS = {"error": 14, "warning": 28, "info": None}
LEADS = {
    "acknowledge": (("open",), "acknowledged"),
    "accept": (("open", "acknowledged", "accepted"), "accepted"),
    "dispute": (("open", "acknowledged"), "disputed"),
    "uphold": (("disputed",), "accepted"),
    "reject": (("disputed",), "open"),
    "take_back": (("acknowledged", "accepted", "disputed"), "open"),
}
Change = tuple[date, str, str, str]


def due(severity: str, day: date) -> str:
    """Return the day by which it is to be mended."""
    days = DAYS[severity]
    return "" if days is None else str(day + timedelta(days=days))


@dataclass(frozen=True)
class Look:
    """What a night could see of one finding's record.

    whole: the source was pulled whole; tells: what is not in it has vanished; there: the record was in it;
    answer: fails, passes, or unsure; gone: why nobody is to mend it any more; off: the site does not ask the
    check; severity: what the check says tonight, "" where it is as ever; vanishes: the word for its going;
    retired: this release no longer knows the check; over: its month is one that is no longer judged.
    """

    whole: bool
    tells: bool
    there: bool
    answer: str
    gone: str = ""
    off: bool = False
    severity: str = ""
    vanishes: str = "vanished"
    retired: bool = False
    over: bool = False

    @property
    def found(self) -> bool:
        """Return whether the night tells of the finding; of the anonymised, what is asked still."""
        asked = self.gone in ("", "anonymised") and not self.off and not self.over
        return asked and self.there and self.answer == "fails"


@dataclass
class Life:
    """One finding."""

    severity: str
    born: date
    baseline: bool
    state: str = "open"
    opened: date = field(init=False)
    seen: date = field(init=False)
    due: str = field(init=False)
    times: int = 1
    until: date | None = None
    reason: str = ""
    by: str = ""
    acted: date | None = None
    passed_tonight: bool = False
    ended: date | None = None
    told: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.opened, self.seen, self.due = self.born, self.born, due(self.severity, self.born)
        self.told.append((self.born, "", "open", ""))

    def night(self, day: date, look: Look) -> None:
        """Go through one night."""
        self.passed_tonight = False
        if look.found:
            self._found(day, look.severity or self.severity)
        elif self.state in OVER:
            return
        elif look.gone:
            self._over(day, "withdrawn", look.gone)
        elif look.retired and look.whole:
            self._over(day, "withdrawn", "check_retired")
        elif look.off:
            self._over(day, "withdrawn", "switched_off")
        elif look.over:
            self._over(day, "withdrawn", "period_over")
        elif look.tells and not look.there:
            self._over(day, "withdrawn", look.vanishes)
        elif look.whole and look.there and look.answer == "passes":
            self._change(day, "mended", "passes")
            self.passed_tonight = True
        else:
            self._expire(day)

    def arrived(self, day: date, why: str) -> None:
        """Close it, if tonight's pull passed the check."""
        if self.state == "mended" and self.passed_tonight:
            self._over(day, "closed", why)

    def act(self, day: date, action: str, by: str, reason: str, until: date | None) -> str:
        """Do what somebody says; return what became of it."""
        leads, to = LEADS[action]
        if (self.state, self.reason, self.until) == (to, reason, until):
            return "already"
        if self.state not in leads:
            return "not_from_here"
        if to == "open" and self.state in ("accepted", "disputed"):
            self.due = due(self.severity, day)
        self.told.append((day, self.state, to, reason))
        self.state, self.reason, self.by, self.acted, self.until = to, reason, by, day, until
        return "changed"

    def _found(self, day: date, severity: str) -> None:
        if severity != self.severity:
            self.severity, self.due = severity, due(severity, day)
        self.seen = day
        if self.state in ("mended", *OVER):
            self._change(day, "open", "found_again")
            self.opened, self.due, self.times = day, due(self.severity, day), self.times + 1
            self.by, self.acted, self.until, self.ended = "", None, None, None
        else:
            self._expire(day)

    def _expire(self, day: date) -> None:
        if self.state == "accepted" and self.until is not None and day > self.until:
            self._change(day, "open", "expired")
            self.due, self.until = due(self.severity, day), None

    def _over(self, day: date, state: str, why: str) -> None:
        self._change(day, state, why)
        self.ended = day

    def _change(self, day: date, to: str, why: str) -> None:
        if to != self.state:
            self.told.append((day, self.state, to, why))
            self.state, self.reason = to, why
