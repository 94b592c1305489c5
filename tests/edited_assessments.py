"""Single-token edits of an assessment's text, and what a world of awkward people releases under each."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl

from canonical import ENTITIES, spec
from sharing import Dpia, Flow, compile_flow, own_flag
from tests.unit.sharing.records import SECRETS, together, whole_person

Cells = frozenset[tuple[str, str, str, str, str]]
SWAPS: list[tuple[str, tuple[str, ...]]] = [
    (r"\btrue\b", ("false",)),
    (r"\bfalse\b", ("true",)),
    (r"\baction: disclose\b", ("action: pseudonymise", "action: drop")),
    (r"\baction: pseudonymise\b", ("action: disclose", "action: drop")),
    (r"\baction: generalise, to: [a-z_]+", ("action: disclose", "action: drop")),
    (r"\baction: drop\b", ("action: disclose",)),
    (r" = ", (" != ",)),
    (r" != ", (" = ",)),
    (r" is not ", (" is ",)),
    (r" and ", (" or ",)),
    (r" or ", (" and ",)),
    (r"'L8-DA'", ("'L4-CS'",)),
    (r"'given'", ("'refused'", "'withdrawn'")),
    (r"\bpseudonymised\b", ("identified",)),
    (r"\bidentified\b", ("pseudonymised",)),
    (r"\bactive\b", ("paused", "ended")),
    (r"\bapproved\b", ("draft", "suspended")),
    (r"\bWITHHOLD\b", ("REVIEW", "PERMIT")),
    (r"\bhousehold\b", ("record", "person")),
    (r"\bsame_address\b", ("household",)),
    (r"\bP([0-9]+)([YMD])", (r"P9\1\2", r"P1D")),
    (r"\b2026-(..)-(..)", (r"2027-\1-\2", r"2025-\1-\2")),
    (r"\b2027-(..)-(..)", (r"2029-\1-\2", r"2026-\1-\2")),
    (r"sensitivity: [a-z_]+", ("sensitivity: none", "sensitivity: personal", "sensitivity: safety_critical")),
    (r"identifiability: (none|quasi|direct)", ("identifiability: none", "identifiability: direct")),
    (r"\[([a-z_0-9]+), ", ("[",)),
    (r", ([a-z_0-9]+)\]", ("]",)),
    (r", ([a-z_0-9]+),", (",",)),
    (r"\[(hub), (community_support)", (r"[\2",)),
    (r"means: [^,]+", ("means: true", "means: false")),
    (r"why: \"([A-Z])", (r'why: "Truly: \1',)),
    (r"title: ([A-Z])", (r"title: Really \1",)),
    (r"gdpr:A9-2-h", ("gdpr:A9-2-g", "gdpr:A9-2-a")),
    (r"sch1/para2\b", ("sch1/para18", "sch1/para1")),
    (r"uk:6-1-e\b", ("uk:6-1-f", "uk:6-1-c")),
    (r"party: smbc", ("party: hub",)),
    (r"keyId: [a-z0-9-]+", ("keyId: other-2026",)),
]
PROSE = re.compile(r"Truly: |Really ")


@dataclass(frozen=True)
class Edit:
    """One token, at one place, written otherwise."""

    line: int
    before: str
    after: str
    text: str


def edits(text: str, count: int, seed: int) -> list[Edit]:
    """Return so many edits, drawn alike from every kind of token; comments are left alone."""
    drawn = random.Random(seed)
    kinds = [list(_of_kind(text, pattern, words)) for pattern, words in SWAPS]
    for kind in kinds:
        drawn.shuffle(kind)
    spread = [
        edit
        for turn in range(max(map(len, kinds)))
        for kind in kinds
        if turn < len(kind)
        for edit in [kind[turn]]
    ]
    return spread[:count]


def _of_kind(text: str, pattern: str, words: tuple[str, ...]) -> Iterator[Edit]:
    for met in re.finditer(pattern, text):
        line = text.count("\n", 0, met.start()) + 1
        if text.rfind("#", text.rfind("\n", 0, met.start()) + 1, met.start()) >= 0:
            continue
        for word in words:
            after = met.expand(word)
            if after != met[0]:
                yield Edit(line, met[0], after, text[: met.start()] + after + text[met.end() :])


@cache
def world() -> dict[str, dict[str, pl.DataFrame]]:
    """Return per source a world of people, one for each thing that an assessment asks of anybody."""
    said: list[dict[str, object]] = [
        {},
        {"person__share_council": "refused"},
        {"person__share_council": None},
        {"person__anonymised": True},
        {"person__safe_to_contact": "no"},
        {"person__safe_to_contact": None},
        {"address__address_type": "refuge"},
        {"address__sensitive_location": None},
        {"address__sensitive_location": True},
        {"risk__risk_code": "domestic_abuse"},
        {"risk__reveals_abuse": True},
        {"referral__lot_code": "L8-DA"},
        {"referral__lot_code": "L4-CS"},
        *(
            {f"{entity}__reveals_abuse": True}
            for entity in ENTITIES
            if "reveals_abuse" in spec(entity).fields
        ),
    ]
    return {
        source: together(
            *(
                whole_person(source, f"{source}-{number}", **each)  # type: ignore[arg-type]
                for number, each in enumerate(said if source == "hub" else said[:4])
            )
        )
        for source in ("hub", "community_support", "domestic_abuse_support")
    }


@dataclass
class Deciding:
    """The world of awkward people decided under one assessment after another.

    Each flow of each assessment is compiled anew. `Flow.decide` is a function of what was compiled and of the
    tables alone, so where all of that is as it was once before, the cells of that time are the answer.
    """

    sources: tuple[str, ...] = ("hub",)
    decided: int = 0
    as_before: int = 0
    _known: dict[tuple[str, str], list[tuple[Any, Cells]]] = field(default_factory=dict)
    _flagged: dict[str, list[tuple[Any, dict[str, pl.DataFrame]]]] = field(default_factory=dict)

    def released(self, dpia: Dpia) -> Cells:
        """Return every cell that leaves: flow, entity, record, field, "there", its value if no key."""
        return frozenset().union(*(self._of_flow(dpia, name) for name in dpia.active_flows))

    def _of_flow(self, dpia: Dpia, name: str) -> Cells:
        flow = compile_flow(dpia, name, SECRETS)
        taken = [source for source in self.sources if source in dpia.flow(name).sources]
        return frozenset().union(*(self._of_source(dpia, flow, source) for source in taken))

    def _of_source(self, dpia: Dpia, flow: Flow, source: str) -> Cells:
        compiled = flow._compiled
        proofs = next((each for each in dpia.safety_sources if each.source == source), None)
        owners = [party.id for party in dpia.parties if source in party.sources]
        asked = (compiled.plans, compiled.person, compiled.blanks, compiled.treatments, proofs, owners)
        known = self._known.setdefault((flow.id, source), [])
        for before, cells in known:
            if before == asked:
                self.as_before += 1
                return cells
        self.decided += 1
        known.append((asked, _cells(flow, flow.decide(self._with_flags(dpia, source, proofs)))))
        return known[-1][1]

    def _with_flags(self, dpia: Dpia, source: str, proofs: Any) -> dict[str, pl.DataFrame]:
        known = self._flagged.setdefault(source, [])
        for before, tables in known:
            if before == proofs:
                return tables
        known.append((proofs, _flagged(dpia, source, world()[source])))
        return known[-1][1]


def _cells(flow: Flow, decided: dict[str, pl.DataFrame]) -> Cells:
    cells: set[tuple[str, str, str, str, str]] = set()
    for entity, columns in flow.released_columns.items():
        rows = decided[entity].filter(pl.col("_fate") == 0)
        for column in columns:
            values = rows.select("_reference", pl.col(column)).drop_nulls().rows()
            cells |= {(flow.id, entity, reference, column, "there") for reference, _ in values}
            if decided[entity].schema[column] != pl.Binary:
                cells |= {(flow.id, entity, reference, column, str(value)) for reference, value in values}
    return frozenset(cells)


def _flagged(dpia: Dpia, source: str, tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables, the safety flag of each person set by what the assessment says proves it."""
    proofs = own_flag(dpia, source)
    persons = [
        tables[entity]
        .filter(proof)
        .select(pl.col("_reference" if entity == "person" else "_person").alias("who"))
        for entity, proof in proofs.items()
    ]
    owner = pl.col("_person") if "_person" in tables["person"].columns else pl.col("_reference")
    who = pl.concat(persons)["who"].unique() if persons else pl.Series("who", [], dtype=pl.String)
    person = tables["person"].with_columns(
        safety_flag=owner.is_in(who.implode()) | pl.col("_reference").is_in(who.implode())
    )
    return tables | {"person": person}
