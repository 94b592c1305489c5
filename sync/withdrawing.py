"""What a flow that is stopped sends all the same: it takes back what choices and registers demand, no more.

A brake, a tripwire or a day that has passed holds up what is new. Somebody who has objected does not wait
for that: to withdraw discloses nothing, for its batch holds keys alone. All else stays as it was.
"""

from collections.abc import Iterator

import polars as pl

from sharing.choices import REGISTER
from sharing.errors import DpiaNotInForce
from sync.batch_night import BatchNight
from sync.buckets import BUCKETS, bucket_range
from sync.chosen import Chosen, people_who_chose
from sync.errors import BrakeDrop, BrakeFlagged, BrakeGrowth, CertificateUnusable, TripwireMet
from sync.flow_night import FlowNight
from sync.memory import Memory
from sync.plan import Plan, planned_withdrawals
from sync.stops import Stops
from sync.summary import FlowSummary
from sync.told import Told

STOPS = (BrakeDrop, BrakeGrowth, BrakeFlagged, TripwireMet, DpiaNotInForce, CertificateUnusable)
"""What stops a flow and not its withdrawals. A key, the log, the clock or a torn state is not among them."""
NOTHING = planned_withdrawals(Plan())
ROWS_AT_ONCE = 1_000_000


def demanded_of(night: FlowNight) -> pl.DataFrame:
    """Return what choices take back from the recipient of a flow that something stopped tonight.

    Returns: DataFrame[source, entity, key, person, reason]; no row where what stopped it stops this as well.
    Errors:  StateUnreadable.
    """
    if not isinstance(night.summary.error, STOPS):
        return NOTHING
    return demanded(night.memory, night.chosen, night.stops)


def demanded(memory: Memory, chosen: Chosen, stops: Stops) -> pl.DataFrame:
    """Return what is to be taken back of what the recipient has, by whom choices keep out and by their keys.

    Where a register that withholds all it governs cannot be relied on, it is all that is about people.

    Returns: DataFrame[source, entity, key, person, reason]. Errors: StateUnreadable.
    """
    by_key, by_person = chosen.keys(), people_who_chose(stops)
    there = memory.there_of(by_key["key"], by_person["person"])
    if stops.takes_all_back:
        there = pl.concat([there, memory.there_of_anybody()]).unique(["entity", "key"], maintain_order=True)
    met = there.join(by_person, on="person", how="left").join(
        by_key.rename({"choice": "of_row"}), on="key", how="left"
    )
    why = (
        pl.coalesce("choice", "of_row", stops.doubt)
        if stops.takes_all_back
        else pl.coalesce("choice", "of_row")
    )
    return met.select(*NOTHING.columns[:-1], why.alias("reason"))


def withdrawn_alone(night: FlowNight, demanded: pl.DataFrame) -> BatchNight:
    """Return the flow's night anew, holding these withdrawals and nothing else, ready to be published.

    Given:   a night that something stopped; its own draft is dropped.
    Returns: a night with the same summary, which counts what was to be sent as held already.
    Errors:  StateUnreadable.
    """
    night.discard()
    flow = night.rekeying.earlier if night.rekeying else night.flow
    told = Told(night.told.secrets, night.told.digest, night.told.batch, night.told.forgotten)
    alone = BatchNight(flow, night.outbox, night.sender, night.run_id, night.summary, night.steps, told)
    return holding(alone, demanded)


def holding(alone: BatchNight, demanded: pl.DataFrame) -> BatchNight:
    """Return the batch, holding these withdrawals and nothing else. Errors: StateUnreadable."""
    alone.also = {"withdraws_alone": True, "sent_on": alone.previous.sent_on}
    for kept in _all_but(demanded, alone.memory):
        alone.next_memory.add(alone.treatments.narrowed(kept, alone.flow))
    alone.seal_withdrawals(demanded)
    alone.next_memory.close()
    alone.summary.withdrawn_alone = demanded.height
    alone.summary.check()
    return alone


def told_of(summary: FlowSummary) -> str:
    """Return in words what of a stopped flow has left, or would leave."""
    rows = f"{summary.withdrawn_alone:,} row{'' if summary.withdrawn_alone == 1 else 's'}"
    why = _why(summary)
    if summary.batch_id is None:
        return f"Nothing new of flow {summary.flow} would leave; {rows} would be withdrawn {why}."
    how = {"remembered": "withdrawn", "delivered": "withdrawn (no receipt yet)"}.get(summary.state)
    told = f"{rows} {'was' if summary.withdrawn_alone == 1 else 'were'} {how}" if how else ""
    waits = f"the batch that withdraws {rows} is {summary.state}"
    return f"Nothing new of flow {summary.flow} left; {told or waits}, {why} ({summary.batch_id})."


def _why(summary: FlowSummary) -> str:
    """Return in words what took the rows back: choices, or a register that cannot be relied on."""
    reasons = {name for counts in summary.entities.values() for name in counts["withdrawn_reasons"]}
    if any(name.startswith(REGISTER) for name in reasons):
        return "because a register of people's choices cannot be relied on"
    return "because of people's choices"


def _all_but(demanded: pl.DataFrame, memory: Memory) -> Iterator[pl.DataFrame]:
    """Yield what else is remembered, in parts of whole buckets."""
    parts = min(BUCKETS, 1 + memory.count() // ROWS_AT_ONCE)
    for part in range(parts + 1):
        rows = memory.buckets(*bucket_range(part, parts))
        yield rows.join(demanded, on=["entity", "key"], how="anti")
