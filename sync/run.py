"""One run, in order. This is the only place that knows it."""

from dataclasses import dataclass, field

from common import clock, log
from common.ending import go_on
from common.errors import met
from config.site import Site
from connectors.budget import RunBudget
from sharing import Dpia
from sync import people
from sync.best_fates import BestFates
from sync.brakes import Brakes
from sync.choices import Choices, read_choices
from sync.days import tell_of_days
from sync.errors import RunOutOfTime
from sync.examine import Examination
from sync.examples import require_examples
from sync.faults import ANY_FAULT
from sync.flow_night import FlowNight
from sync.forgetting import destroy_again, finish_forgetting
from sync.gather import Gathering
from sync.going_live import GoingLive
from sync.handing_over import HandingOver
from sync.index import index_of, remember_danger, remember_people
from sync.learning import with_learned
from sync.mending import Mending
from sync.night import open_night
from sync.obeyed import require_reliable
from sync.outbox import Batch
from sync.place import Workplace, prepare
from sync.proof_notes import Kept
from sync.pull import Asked, Pulls, gather_sources
from sync.resting import resting_boxes
from sync.resting_night import RestingNight, open_resting
from sync.run_leaves import log_run
from sync.settled import is_done, settled_sources
from sync.stating import state_what_left
from sync.steps import Steps, Watcher
from sync.stopped import MOST_SECONDS, kept
from sync.summary import FlowSummary, Summary
from sync.sweep import sweep
from sync.vanished import hold_vanished, shared_by_others
from sync.view import Seen
from sync.whole_state import require_whole_state
from sync.window import Window
from sync.wish import Wish

__all__ = ["Run", "Wish", "run_sync"]

LOG = log.get("sync")


def run_sync(site: Site, wish: Wish | None = None, watcher: Watcher | None = None) -> Summary:
    """Carry one night's exports across, and return what happened.

    Returns: a Summary; its exit code tells whether it worked. Errors of a source or flow are in it.
    Errors:  RunHoldsLock, what the wish's choice raises; every other is in the summary, written in any case.
    """
    wish = wish or Wish()
    steps = Steps(watcher, wish.timeout or site.limits.run_minutes * 60.0)
    with prepare(site, wish.dry_run) as place:
        wish = wish.chosen()
        place.budget = RunBudget(site.limits.retries, steps.ends_at)
        with wish.attended(place.run_id, site.sources):
            return Run(place, wish, steps).go()


@dataclass
class Run:
    """The state of one run."""

    place: Workplace
    wish: Wish
    steps: Steps
    summary: Summary = field(init=False)
    gate: GoingLive = field(init=False, repr=False)
    ending: HandingOver = field(init=False, repr=False)
    mending: Mending = field(init=False, repr=False)
    kept: Kept = field(default_factory=Kept, repr=False)
    fates: BestFates = field(default_factory=BestFates, repr=False)

    def __post_init__(self) -> None:
        place, wish = self.place, self.wish
        self.summary = Summary(
            place.run_id, clock.now(), sample=place.sample, dry_run=wish.dry_run, accepted=wish.accepted
        )
        self.ending = HandingOver(place, self.steps, wish.dry_run)
        self.summary.asked = wish.asked_of(place.site.sources)

    def go(self) -> Summary:
        """Return the summary of the run, written down; an error that stopped the whole run is in it."""
        LOG.info("run_started", run_id=self.place.run_id)
        try:
            self._work()
        except ANY_FAULT as error:
            go_on()  # other people's code reports a wish to end as a fault of its own
            self._stopped(error)
        return self._close()

    def _stopped(self, error: BaseException) -> None:
        """Keep what stopped the run, in our words: the summary is written whatever it was."""
        self.summary.error = told = met(error)
        code, failure = told.code, told.failure
        self._hold_what_did_not_leave(code)
        LOG.error("run_stopped", run_id=self.place.run_id, error=error, error_code=code, failure=failure)

    def _hold_what_did_not_leave(self, code: str) -> None:
        """Count as held what the flows were to send when the run stopped, and no batch holds."""
        held = [flow for flow in self.summary.flows if flow.batch_id is None and flow.state == "nothing_sent"]
        for flow in held:
            flow.hold_the_rest(code)
        self.fates.tell(self.summary.sources, [flow in held for flow in self.summary.flows])

    def _work(self) -> None:
        """Do the run's steps in their order."""
        tell_of_days(self.place, self.summary)
        dpia, self.summary.unsigned = require_reliable(self.place)
        require_examples(dpia)
        self.gate = GoingLive(self.place, self.wish.accept_flagged)
        waiting = self._finish_outstanding()
        require_whole_state(self.place, waiting)
        asked = Asked(
            self._wanted_sources(dpia), self.wish.accept_drop, self.wish.accept_growth, self.wish.whole
        )
        gathered = gather_sources(self.place, asked, self.steps, self.summary)
        index = self._index(gathered)
        choices = self._choices(dpia, gathered)
        index = with_learned(index, dpia, gathered, choices)
        self.mending = Mending.of(self.place, gathered.values(), choices.forgotten)
        limited = Window(self.wish.since, self.wish.until).limits
        whole = [] if limited else [name for name, part in gathered.items() if part.tells_what_vanished]
        nights = [open_night(self, choices, flow, whole) for flow in self._wanted_flows(dpia, waiting)]
        resting = open_resting(self, choices, waiting)
        for night in nights:
            night.fates.in_part = [name for name, part in gathered.items() if not part.complete]
        try:
            self._go_through(gathered, index, nights, resting)
            require_reliable(self.place)
            due = [one for one in resting if one.settle()]
            self.summary.resting = [one.to_json() for one in resting]
            begun = [night.flow.id for night in nights] + [one.flow for one in due]
            self._log_run(begun, sorted(gathered))
            narrowed = {source for source, part in gathered.items() if not part.tells_what_vanished}
            self._remember_danger(gathered, index, add_to=narrowed)
            self.gate.keep(dry_run=self.wish.dry_run)
            if not self.wish.dry_run:
                drafts = [night.draft.memory for night in nights if not night.summary.error]
                remember_people(self.place, gathered, index, choices, drafts)
            unread = [name for name in self.place.site.sources if name not in gathered]
            self.ending.all(nights, unread)
            self.ending.at_rest(due, choices.forgotten, self.summary.flows)
            self.fates.tell(self.summary.sources, [night.summary.is_held for night in nights])
            self.summary.check()
        finally:
            for night in nights:
                night.discard()
        if not self.wish.dry_run:
            views = self._views_to_keep(gathered)
            done = set() if limited else settled_sources(nights, self.place.outboxes, self.summary.sources)
            if settled := narrowed & views.keys():
                self._remember_danger(gathered, index, add_to=narrowed - settled)
            Pulls(self.place.pulls_path).accept(self.summary.sources, views, done)
            unasked = shared_by_others(self.place.shared, {night.flow.id for night in nights})
            self.summary.findings = self.mending.close([is_done(night) for night in nights], unasked)
            if abs(self.steps.clock_moved_seconds) <= MOST_SECONDS:
                self.summary.swept = sweep(self.place)

    def _remember_danger(
        self, gathered: dict[str, Gathering], index: people.PeopleIndex, add_to: set[str]
    ) -> None:
        """Remember who is in danger, before anything is shown: the next night may lack the source that told.

        Given: of the sources in `add_to` what was remembered before stays.
        """
        if not self.wish.dry_run:
            remember_danger(self.place, gathered, index, self.kept, add_to)

    def _finish_outstanding(self) -> set[str]:
        """Finish what an earlier run sealed; return the flows that still wait for a receipt."""
        waiting = set()
        for outbox in [*self.place.outboxes.values(), *resting_boxes(self.place)]:
            if not self.wish.dry_run:
                outbox.clear_unfinished()
            for batch in outbox.waiting():
                if self.wish.dry_run or self._waits(batch):
                    waiting.add(outbox.flow)
        return waiting

    def _waits(self, batch: Batch) -> bool:
        """Return whether the batch waits still; rows of a flow that rests do, until it is active again."""
        return self.ending.rests(batch) or not self.ending.send(batch, self._earlier(batch))

    def _earlier(self, batch: Batch) -> FlowSummary:
        summary = FlowSummary(batch.flow, {}, batch_id=batch.id, sequence=batch.sequence, state="sealed")
        self.summary.earlier.append(summary)
        return summary

    def _index(self, gathered: dict[str, Gathering]) -> people.PeopleIndex:
        with self.steps.stage("index"):
            index, self.kept = index_of(self.place, gathered, accept_drop=self.wish.accept_drop)
            self.kept.tell(self.summary.sources)
            self.summary.linking = index.linked.counts
            self.gate.look(gathered, index, self.summary.sources)
        self.steps.reached("indexed")
        return index

    def _wanted_flows(self, dpia: Dpia, waiting: set[str]) -> list[str]:
        wanted = [flow for flow in dpia.active_flows if self.wish.flows is None or flow in self.wish.flows]
        return [flow for flow in wanted if flow not in waiting]

    def _wanted_sources(self, dpia: Dpia) -> tuple[str, ...] | None:
        """Return the sources to ask, None for all: none where nothing that they give could leave today."""
        return () if dpia.why_not_in_force(clock.today()) else self.wish.sources

    def _choices(self, dpia: Dpia, gathered: dict[str, Gathering]) -> Choices:
        with self.steps.stage("index"):
            if not self.wish.dry_run:
                finish_forgetting(self.place)
            choices = read_choices(self.place, dpia, {name: part.notes for name, part in gathered.items()})
            if not self.wish.dry_run:
                destroy_again(self.place, choices.forgotten)
        self.summary.choices = [standing.to_json() for standing in choices.standings]
        self.summary.registers = choices.errors
        return choices

    def _go_through(
        self,
        gathered: dict[str, Gathering],
        index: people.PeopleIndex,
        nights: list[FlowNight],
        resting: list[RestingNight],
    ) -> None:
        window = Window(self.wish.since, self.wish.until)
        examination = Examination(
            self.place, gathered, index, steps=self.steps, summary=self.summary, window=window
        )
        for buckets, tables in examination.partitions():
            if self.steps.out_of_time:
                raise RunOutOfTime("between two partitions")
            fated = [night.decide(tables, buckets) for night in nights]
            self.fates.note(tables, fated)
            self.mending.note(tables, fated)
            for one in resting:
                one.note(tables)
            # The next partition is examined while this name would still hold the last.
            del tables, fated
        self.fates.tell(self.summary.sources)
        vanishing = self._settle(gathered, nights, window)
        self.summary.check()
        examination.record_findings(self.mending, vanishing)

    def _settle(self, gathered: dict[str, Gathering], nights: list[FlowNight], window: Window) -> list[str]:
        """Settle every flow; return the sources whose absent records are gone."""
        whole = sorted(name for name, part in gathered.items() if part.tells_what_vanished)
        whole = [] if window.limits else whole
        merged = {source: part.merged for source, part in gathered.items() if not part.merged.is_empty()}
        brakes = Brakes(
            self.place.site_brake, self.place.source_brakes, self.wish.accept_drop, self.wish.accept_growth
        )
        for night in nights:
            with self.steps.stage("plan"), kept(night.summary):
                night.summary.flagged_accepted = self.gate.require(night.flow.id, night.flow.sources)
                night.settle(whole, merged, brakes)
        if not window.limits:
            hold_vanished(self.summary.sources, gathered, nights)
        believed = {night.flow.id for night in nights if night.vanished_is_believed}
        return sorted({*whole}.difference(shared_by_others(self.place.shared, believed)))

    def _views_to_keep(self, gathered: dict[str, Gathering]) -> dict[str, Seen]:
        """Return tonight's views, but for a narrower one that not every flow has been settled under."""
        settled = [flow.flow for flow in self.summary.flows if not flow.error and not flow.rests]
        every = (
            set(settled) == set(self.place.outboxes) and not Window(self.wish.since, self.wish.until).limits
        )
        kept = {told.source for told in self.summary.sources if not told.waits and every}
        whole = {source: part for source, part in gathered.items() if part.complete}
        return {
            source: part.view.seen for source, part in whole.items() if not part.narrowed or source in kept
        }

    def _log_run(self, flows: list[str], sources: list[str]) -> None:
        if self.wish.dry_run:
            return
        with self.steps.stage("log"):
            log_run(self.place, flows, sources, self.summary.accepted)

    def _close(self) -> Summary:
        self.summary.log = self.place.log_head()
        self.summary.durations = dict(self.steps.durations)
        self.summary.source_seconds = dict(self.steps.of_sources)
        self.summary.ended_at = clock.now()
        try:
            if not self.wish.dry_run:
                self.place.write_summary(self.summary.to_json())
        except OSError as error:  # what the run met before is told all the same
            self.summary.error = self.summary.error or met(error)
        state_what_left(self.place, self.summary)
        LOG.info("run_ended", run_id=self.place.run_id, records=self.summary.records)
        return self.summary
