"""A provider's worklist: which record, which field, why it matters, how and by when to mend it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from common import clock
from feed.model import Area
from quality.life import State
from reports.pages import render
from reports.peers import Standing
from reports.readings import RunSummary
from reports.trend import chart_of
from reports.worklist_files import csv_of, example_day, xlsx_of
from reports.worklist_groups import MOST_SHOWN, Group, groups_of
from reports.worklist_lines import Line, lines_of
from reports.worklist_readings import CheckWords, FindingRow, ProviderWords
from reports.worklist_words import STATES, age_of, due_of, reasons_of, state_of, working_time

SOON_DAYS = 7
FIRST = 5
"""How many checks stand on the short list of what to mend first."""


@dataclass(frozen=True)
class Setting:
    """What stands around a worklist: the site, its latest run, how the provider fares, files beside it.

    stem:  what the files beside the page are called, without their endings; else as the provider.
    close: what becomes of a record that is mended.
    """

    site: str = ""
    run: RunSummary | None = None
    sample: bool = False
    standing: Standing | None = None
    forms: tuple[str, ...] = ("xlsx", "csv")
    stem: str = ""
    close: str = (
        "Mend a record in your own system and it leaves this list by itself, "
        "once it has passed the check and has been delivered."
    )
    ask: str = "Ask the council’s data team for the whole list."


@dataclass(frozen=True)
class Worklist:
    """A provider's worklist, ready as a page, as CSV and as a workbook, all of the same lines.

    `lines` are those that are handed out; `left_out` counts what a short list leaves for another week;
    `settled` is what has left a short list, told on the page alone.
    """

    provider: ProviderWords
    lines: tuple[Line, ...]
    left_out: int
    today: date
    setting: Setting = Setting()
    settled: tuple[Line, ...] = ()

    @property
    def wanted(self) -> list[Line]:
        """Return what the provider is asked to mend, what matters most first."""
        return [line for line in self.lines if line.wanted]

    @property
    def minutes(self) -> float:
        """Return how long mending takes, by our estimate."""
        return sum(line.minutes for group in self.groups for line in group.records)

    @cached_property
    def groups(self) -> list[Group]:
        """Return what there is to mend, by check and field."""
        hub = Area().hub_source in (self.provider.sources or (self.provider.id,))
        return groups_of(self.wanted, hub=hub)

    @property
    def resting(self) -> list[Line]:
        """Return what needs nothing of the provider now: mended, accepted or disputed."""
        order = list(State)
        return sorted(
            (line for line in (*self.lines, *self.settled) if not line.wanted),
            key=lambda line: order.index(line.state),
        )

    @property
    def total(self) -> int:
        """Return how many entries of the page are to be mended."""
        return sum(len(group.records) for group in self.groups)

    def short(self, top: int) -> "Worklist":
        """Return what matters most, no more than so many findings and nothing that rests: for one week."""
        wanted = self.wanted
        return replace(self, lines=tuple(wanted[:top]), left_out=self.left_out + len(wanted[top:]))

    def html(self) -> bytes:
        """Return the page: self-contained, read without a script, filtered with one."""
        around = self.setting
        return render(
            "worklist.html",
            sheets=("govuk-frontend.css", "worklist.css"),
            script="worklist.js",
            site=around.site,
            sample=around.sample,
            run=around.run,
            worklist=self,
            provider=self.provider,
            name=self.provider.name or self.provider.id,
            counts=self._counts(),
            chart=chart_of(self.provider.weeks) if len(self.provider.weeks) > 1 else None,
            standing=around.standing,
            states=self._states(),
            checks=self._checks(),
            most_shown=MOST_SHOWN,
            first=FIRST,
            files=tuple(f"{around.stem or self.provider.id}.{form}" for form in around.forms),
            reasons_of=reasons_of,
            example_day=example_day(self.today),
            work=working_time(self.minutes),
            due_of=due_of,
            age_of=age_of,
            state_of=state_of,
        )

    def csv(self) -> bytes:
        """Return the lines as CSV."""
        return csv_of(self.lines)

    def xlsx(self) -> bytes:
        """Return the lines as a workbook."""
        return xlsx_of(self.lines, self.today)

    def _counts(self) -> dict[str, int]:
        entries = [line for group in self.groups for line in group.records]
        ahead = [(line.finding.due - self.today).days for line in entries if line.finding.due]
        severities = Counter(line.finding.severity for line in entries)
        return {
            "overdue": sum(line.overdue_days > 0 for line in entries),
            "soon": sum(0 <= days <= SOON_DAYS for days in ahead),
            "baseline": sum(line.finding.baseline for line in entries),
            **{severity: severities[severity] for severity in ("error", "warning", "info")},
        }

    def _checks(self) -> list[CheckWords]:
        there = {line.check.id: line.check for line in (*self.lines, *self.settled)}
        return [there[name] for name in sorted(there)]

    def _states(self) -> list[tuple[str, str]]:
        there = {line.finding.state for line in (*self.lines, *self.settled)}
        return [(state.value, STATES[state]) for state in State if state in STATES and state.value in there]


def worklist(
    provider: ProviderWords,
    findings: Iterable[FindingRow],
    checks: Mapping[str, CheckWords],
    *,
    top: int | None = None,
    today: date | None = None,
    setting: Setting | None = None,
) -> Worklist:
    """Return the worklist of a provider.

    Given:  the living findings about its sources; the checks with their words; top: no more than so many
            findings to mend, those that matter most, and nothing that rests (a short list for one week).
    """
    day = today or clock.today()
    lines = tuple(lines_of(provider, findings, checks, day))
    whole = Worklist(provider, lines, 0, day, setting or Setting())
    return whole if top is None else whole.short(top)
