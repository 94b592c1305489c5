"""Counting for a flow of counts: records in, sums out, and nothing of a record is kept.

A record is counted where a flow with the count's condition would let it out: its person's choices, the
checks that hold a record, and the cohort are asked first, and what cannot be answered is not counted.
Answers in open words are told apart by a number that stands for the words, and no word is kept.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from canonical import ENTITIES, spec
from sharing import deciding
from sharing.compiled import EVERYONE, EntityPlan, PersonRules, askable, context_of, exported_by
from sharing.condition_names import read_condition
from sharing.conditions import Name, Node
from sharing.deciding import Why
from sharing.document import Aggregate, Count, FlowBlock
from sharing.dpia import Dpia
from sharing.errors import ReleaseRefused

CELL = ("count_id", "start")
SUMS = pl.Schema(
    {
        "count_id": pl.String(),
        "start": pl.Date(),
        "records": pl.Int64(),
        "people": pl.Int64(),
        "answers": pl.Int64(),
    }
)
PARTS = pl.Schema({**SUMS, "answers": pl.UInt64()})
"""As sums, by answer: null where a count is not of answers."""
ANSWER_SEEDS = tuple(secrets.randbits(64) for _ in range(4))
"""Drawn anew in each process: what stands for an answer tonight stands for nothing tomorrow."""
LeftOut = Mapping[str, tuple[str, ...]]
"""People who are not counted, by source and the source's own reference: invented ones."""


class Counter:
    """What was counted of one flow so far. Whole people come together, so that sums of parts are the sum."""

    def __init__(self, dpia: Dpia, flow: FlowBlock, left_out: LeftOut | None = None) -> None:
        """Begin. Errors: ReleaseRefused, for a flow that counts nothing."""
        if flow.aggregate is None:
            raise ReleaseRefused(f"flow {flow.id} has no counts.")
        self.said: Aggregate = flow.aggregate
        self._flow, self._left_out = flow.id, left_out or {}
        self._conditions = {one.id: _condition(one) for one in self.said.counts}
        self._plans = _plans(self.said, self._conditions)
        self._exported = exported_by(self._plans)
        self._blanks = {
            each.source: {field: blank.means for field, blank in each.blanks.items()}
            for each in dpia.safety_sources
        }
        cohort = None if flow.cohort == EVERYONE else read_condition(flow.cohort, askable("person"))[0]
        self._person = PersonRules(cohort, refuse_anonymised=False, rules=())
        self._parts: list[pl.DataFrame] = []

    def note(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Count one partition.

        Given:  inspected canonical tables of whole people, `_stop` beside whom a choice stops.
        Errors: ReleaseRefused, without a value, where a condition could not be asked.
        """
        try:
            self._note(tables)
        except pl.exceptions.PolarsError:
            pass
        else:
            return
        # Said outside the handler: what was caught may hold a value.
        raise ReleaseRefused(f"flow {self._flow}: a count could not be made, so nothing is counted.")

    def sums(self) -> pl.DataFrame:
        """Return DataFrame of SUMS by first day of the quarter: unprotected.

        Of answers: how many were given by enough people, and what stands behind the rarest of them.
        """
        apart = pl.concat([PARTS.to_frame(), *self._parts]).group_by(*CELL, "answers")
        every = apart.agg(pl.col("records", "people").sum())
        enough = pl.min_horizontal("records", "people") >= self.said.suppress_below
        by_answer = every.filter(pl.col("answers").is_not_null() & enough).group_by(CELL)
        answers = by_answer.agg(pl.col("records", "people").min(), answers=pl.len().cast(pl.Int64))
        others = every.filter(pl.col("answers").is_null()).with_columns(pl.col("answers").cast(pl.Int64))
        return pl.concat([others.select(SUMS.names()), answers.select(SUMS.names())])

    def _note(self, tables: Mapping[str, pl.DataFrame]) -> None:
        seen: dict[tuple[str, str], pl.DataFrame] = {}
        for entity in (name for name in ENTITIES if name in self._plans and name in tables):
            for (source,), part in tables[entity].partition_by("_source", as_dict=True).items():
                self._note_source(self._plans[entity], str(source), part, seen)

    def _note_source(
        self, plan: EntityPlan, source: str, part: pl.DataFrame, seen: dict[tuple[str, str], pl.DataFrame]
    ) -> None:
        beside = {entity: known for (name, entity), known in seen.items() if name == source}
        known = deciding.known_columns(plan.name, part).with_columns(pl.lit(None, pl.Binary).alias("_key"))
        work = deciding.beside_parents(plan, known, beside)
        blanks = self._blanks.get(source, {})
        judged = work.with_columns(
            deciding.reason(plan, self._person, blanks).alias("_why"),
            pl.lit(0, pl.UInt32).alias("_rules"),
        )
        exported = self._exported.get(plan.name, frozenset())
        seen[source, plan.name] = deciding.remembered_for_children(plan, judged, exported, blanks)
        for count in self.said.counts:
            if count.entity == plan.name and source in count.sources:
                asked = replace(plan, where=self._conditions[count.id])
                why = deciding.reason(asked, self._person, blanks)
                self._parts.append(self._counted(count, judged.filter(why == int(Why.PERMITTED)), source))

    def _counted(self, count: Count, rows: pl.DataFrame, source: str) -> pl.DataFrame:
        """Return the sums of permitted rows; one without its day is in no quarter."""
        who = "_reference" if count.entity == "person" else "_person"
        invented = pl.col(who).is_in(list(self._left_out.get(source, ())))
        entity, _, field = count.by.partition(".")
        day = pl.col(field if entity == count.entity else count.by)
        of = count.of.partition(".")[2] if count.of else None
        answer = answered(pl.col(of)) if of else pl.lit(None, pl.UInt64)
        given = rows.filter(~invented & pl.col(of).is_not_null()) if of else rows.filter(~invented)
        kept = given.select(start=day.dt.truncate("1q"), who=who, answers=answer).drop_nulls(["start", "who"])
        sums = kept.group_by("start", "answers").agg(
            records=pl.len().cast(pl.Int64), people=pl.col("who").n_unique().cast(pl.Int64)
        )
        return sums.select(pl.lit(count.id).alias("count_id"), *PARTS.names()[1:])


def answered(words: pl.Expr) -> pl.Expr:
    """Return a number for each answer: the same however it is spaced and whatever letters are capital."""
    plain = words.str.normalize("NFKC").str.replace_all(r"\s+", " ").str.strip_chars().str.to_lowercase()
    return plain.hash(*ANSWER_SEEDS)


def lineage(entity: str) -> frozenset[str]:
    """Return the entity, its parents and theirs, and the person whose record it is."""
    own = spec(entity)
    above = {*own.parents.values(), *(["person"] if own.person_field else [])} - {entity}
    return frozenset({entity}).union(*(lineage(parent) for parent in above))


def _condition(count: Count) -> Node | None:
    return read_condition(count.where, askable(count.entity))[0] if count.where else None


def _plans(said: Aggregate, conditions: Mapping[str, Node | None]) -> dict[str, EntityPlan]:
    """Return a plan for each entity that is counted or that a counted one hangs on."""
    needed = frozenset[str]().union(*(lineage(count.entity) for count in said.counts))
    asked: dict[str, list[Node]] = {}
    days: dict[str, list[str]] = {}
    for count in said.counts:
        node = conditions[count.id]
        asked.setdefault(count.entity, []).extend([node] if node is not None else [])
        days.setdefault(count.entity, []).append(count.by)
    return {
        entity: EntityPlan(
            spec(entity),
            in_flow=True,
            context=_context(entity, asked.get(entity, []), days.get(entity, [])),
        )
        for entity in needed
    }


def _context(entity: str, nodes: list[Node], days: list[str]) -> dict[str, frozenset[str]]:
    """Return the parents' fields that conditions and days need, by parent."""
    found = context_of(entity, nodes)
    for name in (Name(*day.split(".")) for day in days):
        if name.entity != entity:
            found[name.entity] = found.get(name.entity, frozenset()) | {name.field}
    return found
