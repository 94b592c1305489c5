"""The end of a run: what each flow has is sealed and sent, or it is written down that nothing was."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from common import clock
from sync.batch_night import BatchNight
from sync.deliver import deliver
from sync.flow_night import FlowNight
from sync.outbox import Batch, Outbox
from sync.place import Workplace
from sync.resting_night import RestingNight
from sync.run_leaves import nothing_sent_leaf
from sync.steps import Steps
from sync.stopped import (
    kept,
    kept_beside,
    require_flow,
    require_resting,
    require_withdrawing,
    stopped_leaf,
)
from sync.summary import FlowSummary
from sync.withdrawing import demanded_of, told_of, withdrawn_alone


@dataclass
class HandingOver:
    """What hands over the flows of one run, each on its own."""

    place: Workplace = field(repr=False)
    steps: Steps = field(repr=False)
    dry_run: bool = False

    def all(self, nights: Iterable[FlowNight], unread: list[str]) -> None:
        """Hand over every flow. Given: the sources that were not read tonight."""
        for night in nights:
            if not self.dry_run:
                night.fates.settle(unread)
            if night.summary.error:
                self._stopped(night)
            elif not night.has_something:
                self._log(nothing_sent_leaf(night, self.place.run_id, clock.stamp(clock.now())))
            elif self.dry_run:
                night.summary.state = "dry_run"
            else:
                self.steps.reached("planned")
                self._publish(night)

    def send(self, batch: Batch, summary: FlowSummary) -> bool:
        """Take the batch as far as it will go; return whether its flow goes on from it.

        So it does once the batch is remembered, or was given up and has its refusal.

        Whenever its bytes would go to the landing zone it is asked once more whether it may leave.
        """
        with kept(summary):
            self._deliver(batch, summary)
        if summary.error is not None:
            summary.state = "refused" if summary.error.exit_code == 51 else batch.state
        return summary.error is None and summary.state in {"remembered", "refused"}

    def _deliver(self, batch: Batch, summary: FlowSummary) -> None:
        outbox = self.place.outboxes.get(batch.flow) or Outbox(self.place.state, batch.flow)
        delivered = deliver(batch, outbox, self.place.way(self.steps), self._require_may_leave)
        summary.state, summary.receipt = delivered.state, delivered.receipt

    def _require_may_leave(self, batch: Batch) -> None:
        if batch.flow not in self.place.outboxes:
            require_resting(self.place, batch, self.steps)
        elif batch.note.get("withdraws_alone", False):
            require_withdrawing(self.place, batch.flow, self.steps)
        else:
            require_flow(self.place, batch.flow, self.steps)

    def rests(self, batch: Batch) -> bool:
        """Return whether the batch holds rows of a flow that is not active, and has not left."""
        active = batch.flow in self.place.outboxes
        return not active and not batch.has("delivered") and not batch.takes_back_alone

    def at_rest(self, nights: Iterable[RestingNight], forgotten: pl.Series, told: list[FlowSummary]) -> None:
        """Take back what is due of each flow that rests; what stands in the way is kept in its summary.

        Given: the people who are forgotten everywhere; where the summaries go.
        """
        for night in nights:
            summary, alone = night.summary(), None
            told.append(summary)
            with kept(summary):
                alone = night.take_back(self.steps, summary, forgotten)
            if alone is not None:
                self._withdraw(alone)

    def _publish(self, night: FlowNight) -> None:
        """Seal and send what the flow has, if all that governs it still holds at this moment."""
        with kept(night.summary):
            require_flow(self.place, night.flow.id, self.steps)
        if night.summary.error:
            self._stopped(night)
            return
        batch = night.publish(clock.stamp(clock.now()))
        self.steps.reached("sealed")
        self.send(batch, night.summary)

    def _stopped(self, night: FlowNight) -> None:
        """Log what stopped the flow; what people's choices demand leaves all the same."""
        if night.summary.error is not None:
            night.summary.hold_the_rest(night.summary.error.code)
        alone = None
        if not (demanded := demanded_of(night)).is_empty():
            with kept_beside(night.summary):
                require_withdrawing(self.place, night.flow.id, self.steps)
                alone = withdrawn_alone(night, demanded)
        at = clock.stamp(clock.now())
        self._log(stopped_leaf(night, self.place.run_id, at, whatever=alone is not None))
        if alone is not None:
            self._withdraw(alone)

    def _withdraw(self, alone: BatchNight) -> None:
        """Send the batch that takes back alone, as any batch; what stopped the flow stays its error."""
        summary = alone.summary
        if self.dry_run:
            summary.state = "dry_run"
            alone.discard()
        else:
            self.steps.reached("planned")
            batch = alone.publish(clock.stamp(clock.now()))
            self.steps.reached("sealed")
            with kept_beside(summary):
                self._deliver(batch, summary)
            if summary.batch_error is not None:
                summary.state = "refused" if summary.batch_error.exit_code == 51 else batch.state
        if summary.error is not None:
            summary.error.sent = told_of(summary)

    def _log(self, leaf: dict[str, Any] | None) -> None:
        if leaf is not None and not self.dry_run:
            with self.steps.stage("log"):
                self.place.log.append_once(leaf["identity"], [leaf])
