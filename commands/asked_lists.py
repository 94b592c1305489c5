"""What one provider is asked this week: its list, the files of its worklist, and the notice of it."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from common import clock
from config.site import Site
from config.worklists import SftpDrop

if TYPE_CHECKING:
    from quality.asked import WeekList
    from reports.notice import Notice
    from reports.provider import Worklist
    from reports.worklist_lines import Line


AGEING = {"first_seen", "cause"}
"""What of a finding may read otherwise each night though nothing about it has changed."""


def burden_told(site: Site) -> list[dict[str, Any]]:
    """Return how much each provider was asked in each week, in findings and minutes, as verbs print it."""
    from quality.asked import AskedStore

    rows = AskedStore.of(site).burden().iter_rows(named=True)
    return [{**row, "day": row["day"].isoformat(), "minutes": round(row["minutes"], 1)} for row in rows]


def asks(site: Site) -> "list[Ask]":
    """Return what each provider of the site is asked, as the last run left it. Errors: FindingsUnreadable."""
    from commands.pages import site_worklists
    from scheduler import past_runs

    last = [run.summary for run in islice(past_runs(site.var / "runs"), 1)]
    return [Ask(site, whole.provider.id, whole) for whole in site_worklists(site, last)]


@dataclass
class Ask:
    """What one provider is asked. whole: the worklist of all there is, what matters most first."""

    site: Site
    provider: str
    whole: "Worklist" = field(repr=False)

    @property
    def everything(self) -> bool:
        """Return whether the provider gets all there is, every night."""
        return self.site.providers[self.provider].worklist.everything

    @cached_property
    def day(self) -> date:
        """Return the day of the list that is in force."""
        return self.site.findings.weekly.list_day(clock.today())

    @cached_property
    def week(self) -> "WeekList":
        """Return the list of this week as it stands."""
        from quality.asked import AskedStore

        return AskedStore.of(self.site).week(self.provider, self.day)

    @cached_property
    def shown(self) -> "Worklist":
        """Return what is handed to the provider: of a week's list what still stands, or all there is."""
        whole = replace(self.whole, setting=replace(self.whole.setting, stem=self._stem, forms=self._sheets))
        if self.everything:
            return whole
        codes = self.week.codes
        wanted = whole.wanted
        listed = tuple(line for line in wanted if line.finding.code in codes)
        settled = tuple(line for line in whole.resting if line.finding.code in codes)
        return replace(whole, lines=listed, left_out=len(wanted) - len(listed), settled=settled)

    @property
    def _stem(self) -> str:
        """Return what the files are called that the provider gets, without their endings."""
        return f"worklist-{self.provider}"

    @property
    def _sheets(self) -> tuple[str, ...]:
        """Return the spreadsheets that lie beside the page."""
        forms = self.site.providers[self.provider].worklist.forms
        return tuple(form for form in ("xlsx", "csv") if form in forms)

    @property
    def _told(self) -> "list[Line]":
        """Return all that stands on the page."""
        return [*self.shown.lines, *self.shown.settled]

    @property
    def listed(self) -> "list[Line]":
        """Return what the provider is asked to mend now."""
        return self.shown.wanted

    def choose(self) -> None:
        """Put on this week's list what belongs there now, and write it down."""
        from quality.asked import AskedStore
        from quality.week import Candidate, to_ask

        weekly = self.site.findings.weekly
        top = None if self.everything else weekly.top
        minutes = {line.finding.code: line.minutes for group in self.whole.groups for line in group.records}
        ranked = [
            Candidate(code, line.finding.effect, line.finding.opened_at, minutes.get(code, 0.0))
            for line in self.whole.wanted
            for code in (line.finding.code,)
        ]
        chosen = [one.wish for one in to_ask(ranked, self.week, top, weekly.held)]
        if chosen or not self.week.made_at:
            store, joined = AskedStore.of(self.site), bool(self.week.asked)
            store.ask(self.provider, self.day, chosen, clock.now(), joined=joined)
            self.__dict__.pop("week", None)

    def digest(self) -> str:
        """Return the digest of what the worklist says; that a finding grows older is no news."""
        said = [
            self.site.name,
            self.day.isoformat(),
            sorted(self.site.providers[self.provider].worklist.forms),
            self.whole.provider.model_dump(mode="json", exclude={"weeks"}),
            {line.check.id: line.check.model_dump() for line in self._told},
            [line.finding.model_dump(mode="json", exclude=AGEING) for line in self._told],
            self.shown.left_out if self.shown.left_out == 0 else "more",
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def files(self) -> dict[str, bytes]:
        """Return the worklist in the forms that the provider gets, by the names of their files."""
        made = {"html": self.shown.html, "csv": self.shown.csv, "xlsx": self.shown.xlsx}
        forms = self.site.providers[self.provider].worklist.forms
        return {f"{self._stem}.{form}": made[form]() for form in forms}

    def notice(self) -> "Notice | None":
        """Return what the provider's people are to be told; None if nothing is new."""
        from reports.notice import Addressed, notice_of

        settings = self.site.findings.notices
        assert settings is not None  # noqa: S101 - nobody is told where nobody is to be told
        name = self.whole.provider.name or self.provider
        to = Addressed(self.site.name, self.provider, name, self._where(), settings.rest_days, self._sheets)
        return notice_of(to, self.week, self.listed, clock.today())

    def told(self, notice: "Notice") -> None:
        """Note that the provider was told."""
        from quality.asked import AskedStore

        AskedStore.of(self.site).told(self.provider, self.day, notice.new, notice.overdue, clock.now())

    def _where(self) -> str:
        """Return in words where the worklist lies."""
        settings, provider = self.site.findings.notices, self.site.providers[self.provider]
        link = provider.notices.link or (settings.link if settings else None)
        if link is not None:
            return f"Your worklist: {link.replace('{provider}', self.provider)}"
        drop, first = provider.worklist.drop, provider.worklist.forms[0]
        if drop is None:
            return "Ask the council's data team for your worklist."
        place = f" on the server {drop.host}" if isinstance(drop, SftpDrop) else ""
        return f"Your worklist lies in your own folder{place}: {self._stem}.{first}"
