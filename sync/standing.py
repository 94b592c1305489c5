"""A register of choices as it stands in an assessment: what it governs, who is in it, whom it stops."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from common import clock
from common.errors import ViaductError
from sharing import Dpia
from sharing.choices import Choice, not_checked, register_stop, stop_of
from sharing.document import PersonStop
from sharing.registers import Entry, Register, RegisterKey
from sync.digests import Digest
from sync.numbers import NUMBERED, opted_out
from sync.stops import NUMBERS, PEOPLE, Stops

KNOWN = pl.DataFrame(schema={"person": pl.UInt64, "digest": pl.Binary})
COMPELLING = "compelling_grounds_ref"


@dataclass(frozen=True)
class Standing:
    """One register as it stands: what it governs, what is in it, and why it may not be relied on.

    holds_if_stale: whether all it governs is only held while it cannot be relied on; else it is withheld.
    known: DataFrame[person, digest] of the people in it whom tonight's exports or the memory know, and of
           those whose record has absorbed theirs; `own` is the same people, each by their own digest.
    """

    choice: Choice
    name: str
    flows: tuple[str, ...]
    holds: bool = False
    holds_if_stale: bool = True
    excepting: bool = False
    max_age_days: int | None = None
    register: Register | None = None
    problem: ViaductError | None = None
    known: pl.DataFrame = field(default_factory=KNOWN.clone, repr=False)
    own: pl.DataFrame = field(default_factory=KNOWN.clone, repr=False)

    @property
    def age_days(self) -> int | None:
        """Return how many days ago the register was confirmed."""
        return (clock.today() - self.register.as_of).days if self.register else None

    def entries(self, dpia: Dpia, flow: str) -> tuple[Entry, ...]:
        """Return the entries that stop their people in the flow."""
        if self.register is None or flow not in self.flows:
            return ()
        if self.choice is Choice.FORGOTTEN:
            return tuple(e for e in self.register.standing if flow not in e.decision.split("/")[1:])
        overridden = self.excepting and dpia.flow(flow).options.objection == "honour_unless_compelling"
        return self.register.in_force if overridden else self.register.standing

    def to_json(self) -> dict[str, Any]:
        """Return what the run's summary says of the register: counts, days, never a digest."""
        register = self.register
        said: dict[str, Any] = {
            "choice": self.choice.value,
            "register": self.name,
            "flows": list(self.flows),
            "effect": "hold" if self.holds else "withhold",
            "on_stale": "hold" if self.holds_if_stale else "withhold",
            "state": self.problem.code if self.problem else "in_force",
            "as_of": register.as_of.isoformat() if register else None,
            "age_days": self.age_days,
            "max_age_days": self.max_age_days,
        }
        if register is None:
            return said
        received: dict[str, int] = {}
        for entry in register.entries:
            received[entry.recorded_on.isoformat()] = received.get(entry.recorded_on.isoformat(), 0) + 1
        standing = len(register.standing)
        counted = {
            "entries": len(register.entries),
            "standing": standing,
            "set_aside": standing - len(register.in_force),
            "ended": len(register.entries) - standing,
            "received": dict(sorted(received.items())),
        }
        found = {} if self.choice.by_number else {"found": self.known["digest"].n_unique()}
        return said | counted | found | self._who_are_not_stopped(register)

    def _who_are_not_stopped(self, register: Register) -> dict[str, dict[str, int]]:
        """Return, by day received, how many standing choices match nobody known, and how many are set aside.

        A register of NHS numbers is not asked: whom it names is told by no digest of a person.
        """
        if self.choice.by_number:
            return {}
        known = {digest.hex() for digest in self.known["digest"]}
        holding = {entry.digest for entry in register.in_force}
        nobody = Counter(e.recorded_on.isoformat() for e in register.standing if e.digest not in known)
        aside = Counter(
            e.recorded_on.isoformat()
            for e in register.standing
            if e.digest in known and e.digest not in holding
        )
        return {"nobody_of": dict(sorted(nobody.items())), "set_aside_of": dict(sorted(aside.items()))}


def standing_of(
    dpia: Dpia,
    stop: PersonStop,
    register: Register | None,
    known: pl.DataFrame = KNOWN,
    *,
    problem: ViaductError | None = None,
) -> Standing:
    """Return a register as it stands in the assessment.

    Given: DataFrame[person, digest] of the people in it, if they have been looked for.
    """
    return Standing(
        Choice(stop.type),
        stop.register_file,
        governed(dpia, stop),
        holds=stop.effect == "REVIEW",
        holds_if_stale=stop.on_stale == "HOLD",
        excepting=COMPELLING in stop.excepted,
        max_age_days=stop.max_age_days,
        register=register,
        problem=problem,
        known=known,
    )


def governed(dpia: Dpia, stop: PersonStop, flows: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return which flows (the active) a register governs: those named, in which there is such a right."""
    among = dpia.active_flows if flows is None else flows
    named = [flow for flow in among if stop.flows is None or flow in stop.flows]
    choice = Choice(stop.type)
    if choice.by_number:
        answers = {flow: dpia.flow(flow).options.national_data_opt_out for flow in named}
        return tuple(flow for flow in named if (answer := answers[flow]) is not None and answer.applies)
    if choice is Choice.OBJECTION:
        return tuple(flow for flow in named if dpia.flow(flow).options.objection != "no_right")
    return tuple(named)


@dataclass(frozen=True)
class FoundBy:
    """By what people are found in registers: the index's digest, the registers' key, everybody's numbers.

    numbered: DataFrame[person, number], see sync.numbers.
    """

    digest: Digest = field(repr=False)
    key: RegisterKey | None = field(default=None, repr=False)
    numbered: pl.DataFrame = field(default_factory=NUMBERED.clone, repr=False)


def stops_of(dpia: Dpia, flow: str, standings: Iterable[Standing], found_by: FoundBy) -> Stops:
    """Return whom these registers keep out of the flow."""
    governing = [standing for standing in standings if flow in standing.flows]
    people, numbers, unnumbered = [PEOPLE], [NUMBERS], 0
    for standing in governing:
        number = stop_of(standing.choice, holds=standing.holds)
        digests = digests_of(standing.entries(dpia, flow))
        if standing.choice.by_number:
            numbers.append(digests.to_frame().with_columns(pl.lit(number, pl.UInt8).alias("stop")))
            unnumbered = not_checked(holds=_reviewed(dpia, flow))
            people.append(opted_out(found_by.numbered, digests, number, unnumbered))
        elif not standing.known.is_empty():
            stopped = standing.known.filter(pl.col("digest").is_in(digests.implode()))
            people.append(stopped.select("person", pl.lit(number, pl.UInt8).alias("stop")))
    doubts = (register_stop(one.choice, holds=one.holds_if_stale) for one in governing if one.problem)
    least = pl.concat(people).group_by("person").agg(pl.col("stop").min())
    return Stops(found_by.digest, found_by.key, least, pl.concat(numbers), unnumbered, min(doubts, default=0))


def digests_of(entries: Iterable[Entry]) -> pl.Series:
    """Return the digests of these choices, as their register keeps them."""
    return pl.Series("digest", [bytes.fromhex(entry.digest) for entry in entries], dtype=pl.Binary)


def _reviewed(dpia: Dpia, flow: str) -> bool:
    answer = dpia.flow(flow).options.national_data_opt_out
    return answer is not None and answer.could_not_be_checked == "REVIEW"
