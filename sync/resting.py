"""Flows that are paused, ended or gone from the assessment, and whose recipient still has rows.

A run tells such a recipient nothing but what choices take back (sync/resting_night.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from sharing import Dpia
from sharing.choices import Choice
from sync.memory import Memory
from sync.outbox import Outbox
from sync.place import Workplace
from sync.standing import COMPELLING, FoundBy, Standing, governed, stops_of
from sync.stops import Stops

GONE = "no longer in the assessment"


@dataclass(frozen=True)
class Resting:
    """One such flow: how it stands, and the digests of the people of whom its recipient has rows."""

    flow: str
    status: str
    people: pl.Series = field(repr=False)

    def holds(self, people: pl.Series) -> int:
        """Return of how many of these people the recipient has rows."""
        return int(people.is_in(self.people.implode()).sum())

    def __str__(self) -> str:
        """Return the flow and how it stands, as a sentence begins."""
        return f"Flow {self.flow} is {self.status}"


def resting_flows(state: Path, dpia: Dpia) -> list[Resting]:
    """Return the flows that rest beside a memory of anybody. Errors: StateUnreadable."""
    found = []
    for path in sorted((state / "memory").glob("*.parquet")):
        if path.stem not in dpia.active_flows:
            people = Memory(path).people_there()
            if len(people):
                found.append(Resting(path.stem, status_of(dpia, path.stem), people))
    return found


def status_of(dpia: Dpia, flow: str) -> str:
    """Return how the flow stands in the assessment: active, paused, ended, or gone from it."""
    return next((one.status.value for one in dpia.flows if one.id == flow), GONE)


def resting_boxes(place: Workplace) -> list[Outbox]:
    """Return the outbox of every flow that once had one and is not active."""
    names = sorted(path.name for path in (place.state / "outbox").glob("*") if path.is_dir())
    return [Outbox(place.state, name) for name in names if name not in place.outboxes]


def unfinished(place: Workplace) -> list[str]:
    """Return the flows that are not active and have a sealed batch whose receipt nobody has taken in."""
    return [outbox.flow for outbox in resting_boxes(place) if outbox.waiting()]


def stops_in(
    place: Workplace, said: Dpia | None, flow: str, standings: Iterable[Standing], found_by: FoundBy
) -> Stops:
    """Return whom registers keep out of a flow that rests.

    Where a register cannot be relied on, it takes nothing back here but whoever is known to stand in it: the
    flow sends nothing that it could withhold, and no run could give back what it took.
    Given: the version that speaks for it (sync.reach); None where none can be relied on: then whoever stands
           in a register is kept out, but for opt-outs, which only an assessment says to ask for.
    """
    if said is None:
        named = [replace(one, flows=(flow,), excepting=False) for one in standings if _by_person(one)]
        return replace(stops_of(place.dpia, flow, named, found_by), everybody=0)
    named = [replace(one, flows=(flow,)) for one in standings if governs(place.dpia, said, one.choice, flow)]
    return replace(stops_of(said, flow, named, found_by), everybody=0)


def governs(dpia: Dpia, said: Dpia, choice: Choice, flow: str) -> bool:
    """Return whether a register of this kind governs the flow, were it active.

    Given: tonight's assessment and the version that speaks for the flow. A register that governs by either
           governs; whether there is such a right in the flow, the version that speaks for it says.
    """
    if choice is Choice.FORGOTTEN:
        return True
    stops = [stop for one in (dpia, said) for stop in one.person_stops if Choice(stop.type) is choice]
    return any(flow in governed(said, stop, [flow]) for stop in stops)


def may_be_set_aside(dpia: Dpia, said: Dpia, choice: Choice, flow: str) -> bool:
    """Return whether a decision sets a choice of this kind aside in the flow; given as to `governs`."""
    excepted = any(COMPELLING in one.excepted for one in dpia.person_stops if Choice(one.type) is choice)
    return excepted and said.flow(flow).options.objection == "honour_unless_compelling"


def _by_person(standing: Standing) -> bool:
    return not standing.choice.by_number
