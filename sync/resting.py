"""Flows that are paused, ended or gone from the assessment, and whose recipient still has rows.

No run tells such a recipient anything: no choice and no erasure reaches it until the flow is active again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from sharing import Dpia
from sharing.choices import Choice
from sharing.registers import Entry
from sync.memory import Memory
from sync.outbox import Outbox
from sync.place import Workplace
from sync.standing import Standing, digests_of, governed

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
    asleep = {flow.id: flow.status.value for flow in dpia.flows}
    found = []
    for path in sorted((state / "memory").glob("*.parquet")):
        if path.stem not in dpia.active_flows:
            people = Memory(path).people_there()
            if len(people):
                found.append(Resting(path.stem, asleep.get(path.stem, GONE), people))
    return found


def unfinished(place: Workplace) -> list[str]:
    """Return the flows that are not active and have a sealed batch whose receipt nobody has taken in."""
    folder = place.state / "outbox"
    names = sorted({path.parent.parent.name for path in folder.glob("*/*/manifest.json")})
    return [flow for flow in names if flow not in place.outboxes and Outbox(place.state, flow).waiting()]


def untold(place: Workplace, standings: Iterable[Standing]) -> Iterator[str]:
    """Yield, per flow that rests, how many people its recipient still has whom a register keeps out of it.

    Given: registers as `read_choices` finds them. Of opt-outs nothing is remembered by which to ask.
    """
    registers = [one for one in standings if not one.choice.by_number and not one.known.is_empty()]
    for resting in resting_flows(place.state, place.dpia) if registers else ():
        stopped = [pl.Series("person", [], dtype=pl.UInt64)]
        for standing in registers:
            wanted = digests_of(_entries(place.dpia, standing, resting.flow))
            stopped.append(standing.known.filter(pl.col("digest").is_in(wanted.implode()))["person"])
        number = resting.holds(pl.concat(stopped).unique())
        if number:
            yield not_told(resting, number)


def not_told(resting: Resting, number: int) -> str:
    """Return that the recipient has rows of so many people who are to be kept out, and was not told."""
    people = "1 person" if number == 1 else f"{number:,} people"
    return f"{resting}: its recipient still has rows of {people} whom a register stops, and was not told"


def governs(dpia: Dpia, choice: Choice, flow: str) -> bool:
    """Return whether a register of this kind would govern the flow, were it active."""
    if choice is Choice.FORGOTTEN or flow not in {each.id for each in dpia.flows}:
        return True
    stops = [stop for stop in dpia.person_stops if Choice(stop.type) is choice]
    return any(flow in governed(dpia, stop, [flow]) for stop in stops)


def _entries(dpia: Dpia, standing: Standing, flow: str) -> tuple[Entry, ...]:
    if standing.register is None or not governs(dpia, standing.choice, flow):
        return ()
    if flow not in {each.id for each in dpia.flows}:
        return standing.register.standing
    return replace(standing, flows=(flow,)).entries(dpia, flow)
