"""Counting for a flow of counts: records in, sums out, and nothing of a record is kept.

A record is counted where a flow with the count's condition would let it out: its person's choices, the
checks that hold a record, and the cohort are asked first, and what cannot be answered is not counted.
"""

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

SUMS = pl.Schema({"count_id": pl.String(), "start": pl.Date(), "records": pl.Int64(), "people": pl.Int64()})
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
        """Return DataFrame[count_id, start, records, people] by first day of the quarter: unprotected."""
        every = pl.concat([SUMS.to_frame(), *self._parts])
        return every.group_by("count_id", "start").agg(pl.col("records", "people").sum())

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
        kept = rows.filter(~invented).select(start=day.dt.truncate("1q"), who=who).drop_nulls()
        sums = kept.group_by("start").agg(
            records=pl.len().cast(pl.Int64), people=pl.col("who").n_unique().cast(pl.Int64)
        )
        return sums.select(count_id=pl.lit(count.id), start="start", records="records", people="people")


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
