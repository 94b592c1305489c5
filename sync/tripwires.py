"""The tripwires of an assessment: more rows, more people never sent before, or sooner than was agreed.

What the assessment's `schedule` says is information governance's own word, so it is apart from the site's
brakes: nothing but a person by name lets one night through, and only that night.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from common import clock
from sealing import periods
from sharing.document.flows import Schedule
from sync.errors import TripwireMet
from sync.summary import FlowSummary


@dataclass
class Tripwires:
    """What one flow may send in one night, and what it is about to send.

    accepted_by: who lets through, by name, what would stop tonight; None for nobody.
    """

    flow: str = ""
    schedule: Schedule | None = None
    accepted_by: str | None = None
    rows: int = 0
    _people: list[pl.Series] = field(default_factory=list, repr=False)

    def note(self, sent: Mapping[str, pl.DataFrame]) -> None:
        """Take note of the rows of one partition that are about to be sent, and of whom they are about."""
        self.rows += sum(rows.height for rows in sent.values())
        if self.schedule is not None and self.schedule.max_first_seen_subjects is not None:
            self._people += [rows["_who"].drop_nulls().unique() for rows in sent.values()]

    def require(
        self, known: Callable[[], pl.Series], resent: int, sent_on: str | None, summary: FlowSummary
    ) -> None:
        """Say in the flow's summary what was met, and who let it through.

        Given:  what returns the digests of the people the recipient knows; how many rows only change their
                key tonight; the day on which the flow last sent.
        Errors: TripwireMet, if something was met and nobody has accepted it.
        """
        met = [*self._volume(self.rows - resent, known), *self._frequency(sent_on)] if self.rows else []
        if met and self.accepted_by is None:
            summary.held_back = {"rows": self.rows}
            raise TripwireMet("\n".join(f"flow {self.flow}: {words}." for words in met))
        if met:
            summary.volume_accepted = {"by": self.accepted_by, "on": str(clock.today()), "met": met}

    def _volume(self, rows: int, known: Callable[[], pl.Series]) -> Iterator[str]:
        said = self.schedule
        if said is not None and said.max_rows is not None and rows > said.max_rows:
            yield f"{rows} rows, and the assessment allows {said.max_rows} a night (maxRows)"
        allowed = said.max_first_seen_subjects if said is not None else None
        people = pl.concat(self._people).unique() if self._people else pl.Series([], dtype=pl.UInt64)
        if allowed is not None and people.len() > allowed:
            new = people.filter(~people.is_in(known().implode())).len()
            if new > allowed:
                words = f"{new} people of whom nothing was sent before, and it allows {allowed} a night"
                yield f"{words} (maxFirstSeenSubjects)"

    def _frequency(self, sent_on: str | None) -> Iterator[str]:
        """Yield that it is too soon; runs of one day are one sending."""
        if self.schedule is None or sent_on is None:
            return
        last = date.fromisoformat(sent_on)
        due = periods.after(last, self.schedule.frequency)
        if last < clock.today() < due:
            yield f"it sent on {last}, and by its frequency it sends next on {due} (frequency)"
