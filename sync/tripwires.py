"""The tripwires of an assessment: more rows, more people never sent before, or sooner than was agreed.

What the assessment's `schedule` says is information governance's own word, so it is apart from the site's
brakes: nothing but a person by name lets one night through, and only that night. What leaves without a name
is added up over the runs of a day, so that no night can be cut into smaller ones.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from common import clock
from sealing import periods
from sharing.document.flows import Schedule
from sync.errors import TripwireMet, nothing_of
from sync.outbox import Chain
from sync.rekeying import Rekeying
from sync.summary import FlowSummary


@dataclass(frozen=True)
class Sent:
    """What left without a name on one calendar day (Europe/London): rows, and people first seen in them."""

    on: str = ""
    rows: int = 0
    people: int = 0

    @classmethod
    def so_far(cls, day: Mapping[str, Any] | None, today: date) -> "Sent":
        """Return what had left on this day; what a clock that has gone back calls a later day counts too."""
        earlier = cls(**day) if day else cls()
        return earlier if earlier.on >= str(today) else cls(str(today))


@dataclass
class Tripwires:
    """What one flow may send in one night, and what it is about to send.

    accepted_by: who lets through, by name, what would stop tonight; None for nobody.
    rows:        how many rows it is about to send, and of these `resent`, which only change their key.
    people:      how many people of whom nothing was sent before; counted where the assessment limits them.
    """

    flow: str = ""
    schedule: Schedule | None = None
    accepted_by: str | None = None
    rows: int = 0
    resent: int = 0
    people: int = 0
    _people: list[pl.Series] = field(default_factory=list, repr=False)
    _accepted: set[str] = field(default_factory=set, repr=False)

    def note(self, sent: Mapping[str, pl.DataFrame], rekeying: Rekeying | None = None) -> None:
        """Take note of the rows of one partition that are about to be sent, and of whom they are about."""
        self.rows += sum(rows.height for rows in sent.values())
        if rekeying is not None:
            self.resent += sum(rekeying.as_they_were(entity, rows) for entity, rows in sent.items())
        if self._most_people is not None:
            self._people += [rows["_who"].drop_nulls().unique() for rows in sent.values()]

    def require(self, known: Callable[[], pl.Series], previous: Chain, summary: FlowSummary) -> None:
        """Say in the flow's summary what was met, and who let it through.

        Given:  what returns the digests of the people the recipient knows; the flow's chain: when it last
                sent, and what has left today.
        Errors: TripwireMet, if something was met and nobody has accepted it.
        """
        self._count_people(known)
        earlier = Sent.so_far(previous.day, clock.today())
        stopping = dict(self._volume(earlier)) if self.rows else {}
        met = [*stopping.values(), *(self._frequency(previous.sent_on) if self.rows else ())]
        if met and self.accepted_by is None:
            summary.held_back = {"rows": self.rows}
            where = "\n".join(f"flow {self.flow}: {words}." for words in met)
            raise TripwireMet(where, sent=nothing_of(self.flow))
        if met:
            self._accepted = set(stopping)
            summary.volume_accepted = {"by": self.accepted_by, "on": str(clock.today()), "met": met}

    def day_after(
        self, previous: Chain, created_at: str, files: Iterable[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return what has left without a name on the day of a batch of these files, the batch counted in.

        A batch of withdrawals alone adds nothing, and what a person has let through by name is theirs.
        """
        earlier = Sent.so_far(previous.day, clock.day_of(created_at))
        sends = any(file["operation"] == "upsert" for file in files)
        rows = self.rows - self.resent if sends and "maxRows" not in self._accepted else 0
        people = self.people if sends and "maxFirstSeenSubjects" not in self._accepted else 0
        return {"on": earlier.on, "rows": earlier.rows + rows, "people": earlier.people + people}

    @property
    def _most_people(self) -> int | None:
        return self.schedule.max_first_seen_subjects if self.schedule is not None else None

    def _count_people(self, known: Callable[[], pl.Series]) -> None:
        people = pl.concat(self._people).unique() if self._people else pl.Series([], dtype=pl.UInt64)
        if not people.is_empty():
            self.people = people.filter(~people.is_in(known().implode())).len()

    def _volume(self, earlier: Sent) -> Iterator[tuple[str, str]]:
        """Yield what is more than the day allows, by the name of its limit: only what adds to the day."""
        rows = self.rows - self.resent
        most = self.schedule.max_rows if self.schedule is not None else None
        if most is not None and rows and rows + earlier.rows > most:
            words = f"{rows} rows{_added(rows, earlier.rows)}, and the assessment allows {most} a night"
            yield "maxRows", f"{words} (maxRows)"
        most = self._most_people
        if most is not None and self.people and self.people + earlier.people > most:
            words = (
                f"{self.people} people of whom nothing was sent before{_added(self.people, earlier.people)}"
            )
            yield "maxFirstSeenSubjects", f"{words}, and it allows {most} a night (maxFirstSeenSubjects)"

    def _frequency(self, sent_on: str | None) -> Iterator[str]:
        """Yield that it is too soon; runs of one day are one sending."""
        if self.schedule is None or sent_on is None:
            return
        last = date.fromisoformat(sent_on)
        due = periods.after(last, self.schedule.frequency)
        if last < clock.today() < due:
            yield f"it sent on {last}, and by its frequency it sends next on {due} (frequency)"


def _added(now: int, earlier: int) -> str:
    """Return in words what earlier runs of the day add; nothing, where none did."""
    return f", {now + earlier} with the {earlier} of earlier runs this day" if earlier else ""
