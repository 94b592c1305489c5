"""One pull, decided under two assessments: like a dry run, nothing is written, logged, remembered or sent."""

from dataclasses import dataclass, field

import polars as pl

from canonical import ABOUT_NOBODY
from common import clock
from common.errors import ViaductError
from config.site import Site
from connectors.budget import RunBudget
from sharing import Dpia, FlowKeys
from sync.errors import RunOutOfTime
from sync.examine import Examination
from sync.place import Workplace, prepare
from sync.pull import Asked, gather_sources
from sync.replay.counting import Tally, Who
from sync.replay.side import Side, Tables, Way, noting, side_of, under
from sync.steps import Steps, Watcher
from sync.summary import Summary
from sync.whole_state import require_whole_state
from sync.window import Window

TRIED = "Nothing was sent or withdrawn: both assessments were only tried."


@dataclass
class Replay:
    """What would change, counted.

    tallies: per way what its recipient would see more and less of; ways in neither assessment are not there.
    flagged: how many of the people read are under the safety flag before, and after.
    """

    before: Dpia
    after: Dpia
    summary: Summary
    tallies: dict[Way, Tally] = field(default_factory=dict)
    people: int = 0
    flagged: tuple[int, int] = (0, 0)

    @property
    def errors(self) -> list[ViaductError]:
        """Return what kept sources and registers from being used, each once."""
        return list({str(error): error for error in self.summary.errors}.values())

    @property
    def exit_code(self) -> int:
        """Return the largest code of the errors, 0 without any: what a run under OLD would end with."""
        return max((error.exit_code for error in self.errors), default=0)


def replay(site: Site, before: Dpia, after: Dpia, watcher: Watcher | None = None) -> Replay:
    """Return what the second assessment would change of tonight's exports.

    Errors: RunHoldsLock, RunOutOfTime, and whatever stops a whole run; those of one source are in the result.
    """
    steps = Steps(watcher, site.limits.run_minutes * 60.0)
    with prepare(site, dry_run=True) as place:
        place.budget = RunBudget(site.limits.retries, steps.ends_at)
        waiting = {flow for flow, outbox in place.outboxes.items() if outbox.waiting()}
        require_whole_state(place, waiting)
        return Replaying(place, steps).of(before, after)


@dataclass
class Replaying:
    """The state of one replay."""

    place: Workplace
    steps: Steps

    def of(self, before: Dpia, after: Dpia) -> Replay:
        """Return what changes from one assessment to the other."""
        first, second = (under(self.place, dpia) for dpia in (before, after))
        summary = Summary(self.place.run_id, clock.now(), sample=self.place.sample, dry_run=True)
        beside = noting(second)
        each = {source: [reading] for source, reading in beside.items()}
        asked = Asked(None, accept_drop=False, accept_growth=False, whole=True, beside=each)
        gathered = gather_sources(first, asked, self.steps, summary)
        keys: dict[str, FlowKeys] = {}
        with self.steps.stage("index"):
            own = {source: part.notes for source, part in gathered.items()}
            tried = {source: beside[source].notes for source in gathered}
            sides = [side_of(first, gathered, own, keys), side_of(second, gathered, tried, keys)]
        summary.registers = [error for side in sides for error in side.choices.errors]
        for error in summary.registers:
            error.sent = TRIED
        told = Replay(before, after, summary)
        told.tallies = {way: Tally() for side in sides for way in side.flows}
        examination = Examination(
            first, gathered, sides[0].index, steps=self.steps, summary=summary, window=Window()
        )
        for _, tables in examination.partitions():
            if self.steps.out_of_time:
                raise RunOutOfTime("between two partitions")
            with self.steps.stage("decide"):
                _take(told, sides, tables)
            del tables
        return told


def _take(told: Replay, sides: list[Side], tables: Tables) -> None:
    """Decide a partition under both, and count what differs."""
    seen = [tables | {"person": side.seen(tables["person"])} for side in sides]
    before, after = (side.decide(each) for side, each in zip(sides, seen, strict=True))
    persons = [each["person"]["safety_flag"] for each in seen]
    who = _who(sides[0], tables, persons[0] | persons[1])
    told.people += who.owners["person"].n_unique()
    told.flagged = (
        told.flagged[0] + who.owners["person"].filter(persons[0]).n_unique(),
        told.flagged[1] + who.owners["person"].filter(persons[1]).n_unique(),
    )
    for way, tally in told.tallies.items():
        tally.take(before.get(way, {}), after.get(way, {}), who)


def _who(side: Side, tables: Tables, flagged: pl.Series) -> Who:
    digest = side.place.digest
    owners = {
        entity: table.select(who=digest.person("_reference" if entity == "person" else "_person")).to_series()
        if entity not in ABOUT_NOBODY
        else pl.Series("who", [None] * table.height, dtype=pl.UInt64)
        for entity, table in tables.items()
    }
    return Who(owners, owners["person"].filter(flagged))
