"""Of each recorded choice: which batch took the rows back, flow by flow, and whether it was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sharing import Dpia
from sharing.choices import Choice
from sync.governance.answered import Answered, Sent, Telling, withdrawn_for
from sync.standing import COMPELLING, governed

Runs = Sequence[Mapping[str, Any]]


def choices_told(telling: Telling, runs: Runs, whole_from: date | None) -> tuple[list[dict[str, Any]], int]:
    """Return a line per kind, day and flow of the choices received, and how many are older than can be told.

    Given: run summaries, the newest first; the day from which on every run's is here, None if all are.
    """
    latest = next((run for run in runs if run["choices"]), None)
    lines: list[dict[str, Any]] = []
    earlier = 0
    for said in latest["choices"] if latest else ():
        if said["choice"] == Choice.FORGOTTEN:
            continue
        flows = [*said["flows"], *_resting(telling, said["choice"]), *_gone(telling, said["choice"], runs)]
        for day, number in said.get("received", {}).items():
            recorded_on = date.fromisoformat(day)
            if whole_from is not None and recorded_on < whole_from:
                earlier += number
                continue
            aside = said.get("set_aside_of", {}).get(day, 0)
            nobody = _never_known(said["choice"], day, number, runs)
            one = _Recorded(said["choice"], recorded_on, number, nobody, aside)
            lines += [one.line(flow, telling, runs) for flow in flows]
    return lines, earlier


@dataclass
class _Traced:
    """What became of a day's choices in one flow: how many a run relied on, and the batches that told."""

    relied_on: int = 0
    pending: bool = False
    refused: Sent | None = None
    told: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Recorded:
    """The choices of one kind that were recorded on one day."""

    choice: str
    recorded_on: date
    number: int
    nobody: int = 0
    aside: int = 0

    def line(self, flow: str, telling: Telling, runs: Runs) -> dict[str, Any]:
        """Return how far the flow's recipient was told of them."""
        traced = self._trace(flow, telling.answered, runs)
        last = telling.answered.of(flow, traced.told[-1][0]) if traced.told else None
        last = traced.refused or last
        state = self._state(flow, traced, last, telling, runs)
        aside = self.aside if _may_be_set_aside(telling.dpia, self.choice, flow) else 0
        if traced.relied_on >= self.number == self.nobody + aside:
            state, last, traced = "nothing", None, _Traced()
        said = {
            "choice": self.choice,
            "recorded_on": self.recorded_on.isoformat(),
            "choices": self.number,
            "nobody": self.nobody,
            "set_aside": aside,
        }
        records = sum(number for _, number in traced.told) if traced.told else None
        return said | {"records": records} | telling.line(flow, self.recorded_on, state, last)

    def _trace(self, flow: str, answered: Answered, runs: Runs) -> _Traced:
        """Follow them through the runs, the oldest first; a batch that was refused told nothing."""
        traced = _Traced()
        for run in reversed(runs):
            relied_on = self._relied_on(run)
            if relied_on > traced.relied_on:
                traced.relied_on, traced.pending = relied_on, True
            settled = _settled(run, flow) if traced.pending else None
            if settled is not None:
                records = withdrawn_for(settled, self.choice)
                sent = answered.of(flow, run["run_id"])
                traced.refused = sent if records and sent and sent.refused else None
                traced.pending = traced.refused is not None
                traced.told += [(run["run_id"], records)] if records and not traced.pending else []
        return traced

    def _relied_on(self, run: Mapping[str, Any]) -> int:
        """Return how many of them stood in the register that the run relied on."""
        for said in run["choices"]:
            if said["choice"] == self.choice and said["state"] == "in_force":
                return int(said.get("received", {}).get(self.recorded_on.isoformat(), 0))
        return 0

    def _state(self, flow: str, traced: _Traced, last: Sent | None, telling: Telling, runs: Runs) -> str:
        if traced.refused:
            return "refused"
        if traced.pending or traced.relied_on < self.number:
            return "resting" if _rests(telling.dpia, flow) else "not_applied"
        if traced.told:
            return last.state if last else "waiting"
        known = {run["run_id"] for run in runs}
        unknown = [
            sent
            for sent in telling.answered.of_flow(flow)
            if sent.withdrawn and sent.sealed_on >= self.recorded_on and sent.run not in known
        ]
        return "not_known" if unknown else "nothing"


def _settled(run: Mapping[str, Any], flow: str) -> Mapping[str, Any] | None:
    """Return what the run did in the flow, if it came to an end there: a batch sealed, or nothing to send."""
    said: Mapping[str, Any] | None = next((one for one in run["flows"] if one["flow"] == flow), None)
    if said is None and any(_had_nothing(one, flow) for one in run.get("resting", ())):
        return {"entities": {}}
    if said is None or (said.get("batch_id") is None and said["error"]):
        return None
    return said


def _had_nothing(rested: Mapping[str, Any], flow: str) -> bool:
    """Return whether the run asked this flow, which rests, and found no row there to take back."""
    return bool(rested["flow"] == flow and rested["reached"] and not rested["rows"])


def _never_known(choice: str, day: str, number: int, runs: Runs) -> int:
    """Return how many of a day's choices matched nobody in any run: who was told of may be gone by now."""
    matched = [
        said["nobody_of"].get(day, 0)
        for run in runs
        for said in run["choices"]
        if said["choice"] == choice and "nobody_of" in said and said.get("received", {}).get(day, 0) >= number
    ]
    return min(matched, default=0)


def _may_be_set_aside(dpia: Dpia | None, choice: str, flow: str) -> bool:
    """Return whether a decision may set such a choice aside in the flow, by today's assessment."""
    if dpia is None or flow not in {one.id for one in dpia.flows}:
        return False
    excepted = any(COMPELLING in stop.excepted for stop in dpia.person_stops if stop.type == choice)
    return excepted and dpia.flow(flow).options.objection == "honour_unless_compelling"


def _rests(dpia: Dpia | None, flow: str) -> bool:
    return dpia is not None and flow not in dpia.active_flows


def _resting(telling: Telling, choice: str) -> list[str]:
    """Return the flows that rest, that the choice would govern, and that have sent something."""
    if telling.dpia is None:
        return []
    resting = [one.id for one in telling.dpia.flows if _rests(telling.dpia, one.id)]
    sent = [flow for flow in resting if telling.answered.of_flow(flow)]
    stops = [stop for stop in telling.dpia.person_stops if stop.type == choice]
    return [flow for stop in stops for flow in governed(telling.dpia, stop, sent)]


def _gone(telling: Telling, choice: str, runs: Runs) -> list[str]:
    """Return the flows that are in no assessment any more and took rows back because of such a choice."""
    known = {one.id for one in telling.dpia.flows} if telling.dpia else set()
    told = [flow for run in runs for flow in run["flows"] if flow.get("rests") and flow["flow"] not in known]
    return sorted({flow["flow"] for flow in told if withdrawn_for(flow, choice)})
