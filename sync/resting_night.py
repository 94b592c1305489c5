"""A flow that rests, during one run: what choices take back from its recipient, and nothing else.

It has rows there, so whoever chooses must still be withdrawn (UK GDPR Art. 19). No record is decided for it:
it is only noted whose rows are to go, and its flow can seal keys alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from canonical import spec
from sharing.choices import STOP, stop_words
from sync.batch_night import BatchNight
from sync.choices import Choices
from sync.chosen import BY_CHOICE, Chosen
from sync.errors import RecipientOutOfReach
from sync.expiry import learn_expiries
from sync.memory import Memory
from sync.night import UnderWay
from sync.place import Workplace
from sync.reach import Reach, reach
from sync.resting import Resting, resting_flows, stops_in
from sync.run_leaves import named
from sync.standing import FoundBy
from sync.steps import Steps
from sync.stopped import require_sure
from sync.stops import Stops
from sync.summary import FlowSummary
from sync.told import Told
from sync.withdrawing import NOTHING, demanded, holding


@dataclass
class RestingNight:
    """The state of one flow that rests while a run goes through the partitions.

    reach: None where its recipient cannot be told; then `problem` says why.
    """

    place: Workplace = field(repr=False)
    resting: Resting
    stops: Stops = field(repr=False)
    reach: Reach | None = None
    problem: RecipientOutOfReach | None = None
    chosen: Chosen = field(default_factory=Chosen, repr=False)
    due: pl.DataFrame = field(default_factory=NOTHING.clone, repr=False)

    @property
    def flow(self) -> str:
        """Return the flow's name."""
        return self.resting.flow

    def note(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Take note of the records of one partition that a choice keeps out, whoever else they name.

        Given: inspected tables of whole people.
        """
        if self.reach is None:
            return
        for entity, table in self.stops.beside(dict(tables)).items():
            if STOP in table.columns:
                self._note(entity, table.filter(pl.col(STOP).is_in(BY_CHOICE)), self.reach)

    def _note(self, entity: str, rows: pl.DataFrame, reached: Reach) -> None:
        for (source,), part in rows.partition_by("_source", as_dict=True).items():
            keys = reached.flow.keys(entity, str(source), part[spec(entity).key[0]])
            told = part.select(keys.alias("key"), stop_words(pl.col(STOP)).alias("choice"))
            self.chosen.add(told)

    def settle(self) -> bool:
        """Return whether its recipient has rows that choices take back; what they are stands in `due`."""
        self.due = demanded(self._memory, self.chosen, self.stops)
        return not self.due.is_empty()

    def summary(self) -> FlowSummary:
        """Return the summary of the flow, in which nothing is told yet."""
        dpia = self.reach.dpia if self.reach else self.place.dpia
        said = self.reach.flow.describe() if self.reach else {}
        return FlowSummary(self.flow, named(dpia), describe=said, rests=self.resting.status)

    def take_back(self, steps: Steps, summary: FlowSummary, forgotten: pl.Series) -> BatchNight | None:
        """Return the batch that takes back what is due, ready to be published; None where nothing is left.

        Errors: RecipientOutOfReach; those of `require_sure`; StateLost; CertificateUnusable.
        """
        place = self.place
        if self.reach is None:
            raise self.problem or RecipientOutOfReach(self.flow)
        require_sure(place, steps)
        outbox = self.reach.outbox
        outbox.require_whole(place.last_logged(self.flow))
        learn_expiries(place, outbox, summary)
        if not self.settle():
            return None
        batch = f"{self.flow}/{outbox.chain().sequence + 1:08d}-{place.run_id}"
        secrets = None if place.dry_run else place.log_secrets
        told = Told(secrets, place.digest, batch, forgotten)
        alone = BatchNight(self.reach.flow, outbox, place.sender, place.run_id, summary, steps, told)
        return holding(alone, self.due)

    def to_json(self) -> dict[str, Any]:
        """Return what the run's summary says of it: how it stands, and how many rows choices take back."""
        status, reached = self.resting.status, self.reach is not None
        return {"flow": self.flow, "status": status, "reached": reached, "rows": self.due.height}

    @property
    def _memory(self) -> Memory:
        return Memory(self.place.state / "memory" / f"{self.flow}.parquet")


def open_resting(run: UnderWay, choices: Choices, waiting: Collection[str]) -> list[RestingNight]:
    """Return a night for each flow that rests and whose recipient has rows; none where nobody has chosen.

    Given:  flows with a batch on its way, which take nothing back tonight.
    Errors: StateUnreadable.
    """
    found = resting_flows(run.place.state, run.place.dpia) if choices.standings else []
    wanted = [one for one in found if run.wish.flows is None or one.flow in run.wish.flows]
    return [_opened(run.place, choices, one) for one in wanted if one.flow not in waiting]


def _opened(place: Workplace, choices: Choices, resting: Resting) -> RestingNight:
    reached: Reach | None = None
    problem: RecipientOutOfReach | None = None
    try:
        reached = reach(place, resting.flow)
    except RecipientOutOfReach as error:
        problem = error
    said = reached.dpia if reached else None
    found_by = FoundBy(place.digest, choices.key, choices.numbered)
    stops = stops_in(place, said, resting.flow, choices.standings, found_by)
    return RestingNight(place, resting, stops, reached, problem)
