"""The examples of an assessment, asked of the very code that decides a night.

Whom the rules endanger, link and stop is worked out by the run's own index, registers and flows, under keys
of the moment: nothing of the site is needed, and nothing is kept.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from canonical import Kind, spec
from config.documents import Place, read_tree
from sharing import Dpia, Flow, FlowKeys, Treatment, compile_flow
from sharing.deciding import HELD, PERMITTED
from sharing.document import Example
from sharing.errors import ExamplesFail, ExamplesRefused
from sharing.vocabulary import Action
from sync.example_people import Invented, people_of
from sync.example_stage import Stage, stage_of
from sync.standing import FoundBy, stops_of

STRICTEST_LAST = ("PERMIT", "TRANSFORM", "REDACT", "REVIEW", "WITHHOLD", "DENY")
"""Outcomes; of several records of one example the strictest is the example's."""
ELSEWHERE = "source_not_in_flow"
Row = dict[str, Any]


@dataclass(frozen=True)
class Fate:
    """What became of one record of an example, and which of its columns left filled."""

    entity: str
    outcome: str
    reason: str
    filled: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """What became of one example.

    outcome: as dpia.md names them; None where its flow does not run, and so nothing was asked.
    wrong:   each way in which it is not what was expected.
    """

    at: int
    example: Example
    outcome: str | None = None
    reasons: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return how the example is called: by its id, else by its number in the file."""
        return f"example {self.example.id or self.at + 1}"

    def to_json(self) -> dict[str, Any]:
        """Return the answer as one JSON object; it holds no value that was given."""
        return {
            "example": self.example.id or self.at + 1,
            "flow": self.example.flow,
            "title": self.example.title,
            "expected": self.example.expect.outcome,
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "wrong": list(self.wrong),
        }


def answers(dpia: Dpia) -> list[Answer]:
    """Return what becomes of every example today, in the order of the file."""
    active = [each for each in enumerate(dpia.examples) if each[1].flow in dpia.active_flows]
    found = _asked(dpia, active) if active else {}
    return [found.get(at) or Answer(at, example) for at, example in enumerate(dpia.examples)]


def require_examples(dpia: Dpia) -> None:
    """Errors: ExamplesFail (exit 30), naming each example that came out otherwise than was written."""
    failing = [answer for answer in answers(dpia) if answer.wrong]
    if failing:
        raise ExamplesFail("\n".join(str(problem) for problem in _problems(dpia, failing)))


def refused_examples(dpia: Dpia, found: Iterable[Answer]) -> ExamplesRefused | None:
    """Return the failing examples as what is wrong with a declared file (exit 10), or nothing."""
    failing = [answer for answer in found if answer.wrong]
    return ExamplesRefused(_problems(dpia, failing)) if failing else None


def _problems(dpia: Dpia, failing: list[Answer]) -> list[Any]:
    place = Place(dpia.path, read_tree(dpia.path))
    return [
        place.problem(f"{each.name}, flow {each.example.flow}: {'; '.join(each.wrong)}.", "examples", each.at)
        for each in failing
    ]


def _asked(dpia: Dpia, active: list[tuple[int, Example]]) -> dict[int, Answer]:
    people = [
        one
        for at, example in active
        for one in people_of(at, example, example.recorded_by or dpia.flow(example.flow).sources[0])
    ]
    stage = stage_of(dpia, people)
    fates: dict[int, list[Fate]] = {at: [] for at, _ in active}
    for flow_id in dict.fromkeys(example.flow for _, example in active):
        own = {at for at, example in active if example.flow == flow_id}
        subjects = [one for one in people if one.example in own and not one.linked_by]
        for one, fate in _decided(dpia, flow_id, stage, subjects):
            fates[one.example].append(fate)
    return {at: _answer(at, example, fates[at]) for at, example in active}


def _decided(
    dpia: Dpia, flow_id: str, stage: Stage, subjects: list[Invented]
) -> Iterator[tuple[Invented, Fate]]:
    """Yield the fate of each record of these people that the flow asks for."""
    flow = compile_flow(dpia, flow_id, FlowKeys(secrets.token_bytes(32), secrets.token_bytes(32)))
    stops = stops_of(dpia, flow_id, stage.standings, FoundBy(stage.digest, stage.key))
    of_mark = {one.mark: one for one in subjects}
    decided = flow.decide(stops.beside(_of_people(stage.tables, list(of_mark))))
    for entity in flow.released_columns.keys() & decided.keys():
        for row in decided[entity].iter_rows(named=True):
            one = of_mark[str(row["_reference"]).removeprefix(f"{entity}-")]
            yield one, _fate(flow, entity, row)


def _of_people(tables: dict[str, pl.DataFrame], marks: list[str]) -> dict[str, pl.DataFrame]:
    """Return the records of these people alone, without the entities of which they have none."""
    kept = {
        name: table.filter(pl.col("_reference").is_in([f"{name}-{mark}" for mark in marks]))
        for name, table in tables.items()
    }
    return {name: table for name, table in kept.items() if not table.is_empty()}


def _fate(flow: Flow, entity: str, row: Row) -> Fate:
    reason = str(row["_reason"])
    if row["_fate"] == HELD:
        return Fate(entity, "REVIEW", reason)
    if row["_fate"] != PERMITTED:
        return Fate(entity, "DENY" if reason == ELSEWHERE else "WITHHOLD", reason)
    filled = frozenset(name for name in flow.released_columns[entity] if row[name] is not None)
    return Fate(entity, _shown(flow.treatments[row["_treatment"]]), reason, filled)


def _shown(treatment: Treatment) -> str:
    if treatment.redacted():
        return "REDACT"
    fields = spec(treatment.entity).fields
    keyed = {
        name
        for name, action in treatment.fields.items()
        if action is Action.PSEUDONYMISE and fields[name].kind is not Kind.KEY
    }
    return "TRANSFORM" if keyed or Action.GENERALISE in treatment.fields.values() else "PERMIT"


def _answer(at: int, example: Example, fates: list[Fate]) -> Answer:
    outcome = max((fate.outcome for fate in fates), key=STRICTEST_LAST.index, default="DENY")
    reasons = sorted({fate.reason for fate in fates if fate.outcome == outcome and fate.reason})
    left = {f"{fate.entity}.{name}" for fate in fates for name in fate.filled}
    wrong = list(_wrong(example, outcome, reasons, left))
    return Answer(at, example, outcome, tuple(reasons), tuple(wrong))


def _wrong(example: Example, outcome: str, reasons: list[str], left: set[str]) -> Iterator[str]:
    expect = example.expect
    why = f" ({', '.join(reasons)})" if reasons else ""
    if outcome != expect.outcome:
        yield f"expected {expect.outcome}, came {outcome}{why}"
    known = {*reasons, *(reason.partition(":")[2] for reason in reasons)}
    if expect.reason is not None and expect.reason not in known:
        yield f"expected for the reason {expect.reason}, came {outcome}{why}"
    for name in expect.absent:
        if name in left:
            yield f"{name} leaves, and must not"
    for name in expect.present:
        if name not in left:
            yield f"{name} does not leave, and must"


__all__ = ["Answer", "answers", "refused_examples", "require_examples"]
