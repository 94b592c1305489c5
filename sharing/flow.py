"""A flow, compiled: what it decides of every record, and the only door through which rows leave."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from canonical import ENTITIES, polars_type, released_type, spec
from sharing import deciding
from sharing.choices import STOP, stop_words
from sharing.compiled import Column, Compiled, EntityPlan, exported_by
from sharing.deciding import FATES, PERMITTED, REASONS, Why
from sharing.errors import ReleaseRefused
from sharing.fingerprints import fingerprints
from sharing.references import Keyring
from sharing.release import Released, release
from sharing.reread import require_as_declared
from sharing.scope import with_flags
from sharing.vocabulary import Action
from sharing.withdrawing_flow import WithdrawingFlow

SOURCE_COLUMN = "source_system"
"""Which of the site's sources a row came from; it leaves beside the released columns."""
STATE = ("_source", "_reference", "_person", "_key", "_fate", "_reason", "_treatment", "_fingerprint")


class Flow(WithdrawingFlow):
    """One flow of a DPIA. Pure: the same tables give the same answer, whatever the day or the machine."""

    def __init__(self, compiled: Compiled, keyring: Keyring) -> None:
        super().__init__(compiled, keyring)
        self.treatments = compiled.treatments
        self._exported = exported_by(compiled.plans)
        self._digests = pl.Series("digest", [one.digest[:16] for one in self.treatments])

    def nullable(self, entity: str) -> dict[str, bool]:
        """Return, per released column, whether the recipient must expect nulls."""
        return {column.name: column.nullable for column in self._plans[entity].columns}

    def decide(self, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Return one row per canonical record: its fate, its reason, its treatment and what leaves of it.

        Given:   inspected canonical tables of whole people (`_held`, and `_held_by` if known; `_stop` where
                 a person's choice stops a record, see sharing.choices).
        Returns: parents before children, rows in the order given: _source, _reference, _person, _key,
                 _parent_ENTITY.., _fate (0 permitted, 1 held, 2 withheld), _reason, _treatment (index
                 into `treatments`), _fingerprint, then `released_columns`, null unless permitted.
        Errors:  ReleaseRefused for tables that were not inspected, or are not canonical.
        """
        strangers = set(tables) - set(ENTITIES)
        if strangers:
            raise ReleaseRefused(f"no such entity: {', '.join(sorted(strangers))}.")
        seen: dict[tuple[str, str], pl.DataFrame] = {}
        try:
            return {name: self._entity(name, tables[name], seen) for name in ENTITIES if name in tables}
        except pl.exceptions.PolarsError:
            pass
        # Said outside the handler: what was caught may hold a value.
        raise ReleaseRefused(f"flow {self.id}: a rule could not be asked, so nothing is decided.")

    def released(self, entity: str, rows: pl.DataFrame) -> Released:
        """Return decided rows as Released, in the order of their keys, which tells nothing.

        Errors:  ReleaseRefused unless this flow decided each of them.
        """
        columns = self.released_columns.get(entity)
        if columns is None:
            raise ReleaseRefused(f"flow {self.id} releases no {entity}.")
        expected = self._schema(self._plans[entity])
        differing = [name for name, kind in expected.items() if rows.schema.get(name) != kind]
        if differing:
            raise ReleaseRefused(f"flow {self.id}, {entity}: these rows were not decided by a flow.")
        self._look_again(entity, rows)
        shuffled = rows.sort("_key")
        return release(self.id, entity, shuffled.select(*columns, pl.col("_source").alias(SOURCE_COLUMN)))

    def as_file(self, released: Released) -> bytes:
        """Return the Parquet file that is sealed, once it was read again and holds what this flow declares.

        Errors: ReleaseRefused.
        """
        if released.columns == [spec(released.entity).key[0]]:
            return super().as_file(released)
        kinds = {column.name: column.kind for column in self._plans[released.entity].columns}
        declared = {name: released_type(kind) for name, kind in kinds.items()}
        plain = released.to_parquet()
        require_as_declared(plain, released, {**declared, SOURCE_COLUMN: pl.String()})
        return plain

    def _look_again(self, entity: str, rows: pl.DataFrame) -> None:
        """Refuse rows with a reason, another entity's treatment, or a value that their treatment hides."""
        wrong = rows.filter(
            (pl.col("_reason") != "") | pl.col("_fingerprint").is_null() | pl.col("_key").is_null()
        )
        allowed = {number for number, one in enumerate(self.treatments) if one.entity == entity}
        leaking = [
            rows.filter(
                (pl.col("_treatment") == number) & pl.any_horizontal(pl.col(redacted).is_not_null())
            ).height
            for number in rows["_treatment"].unique()
            if number in allowed and (redacted := self.treatments[number].redacted())
        ]
        if wrong.height or any(leaking) or not set(rows["_treatment"].unique()) <= allowed:
            raise ReleaseRefused(f"flow {self.id}, {entity}: rows that may not leave were handed over.")

    def _entity(
        self, entity: str, given: pl.DataFrame, seen: dict[tuple[str, str], pl.DataFrame]
    ) -> pl.DataFrame:
        plan = self._plans[entity]
        if given.is_empty():
            return self._schema(plan).to_frame()
        numbered = given.with_row_index("_order")
        parts = [self._of_source(plan, source, part, seen) for source, part in _by_source(numbered)]
        whole = parts[0] if len(parts) == 1 else pl.concat(parts)
        ordered = whole if whole["_order"].is_sorted() else whole.sort("_order")
        return ordered.select(list(self._schema(plan)))

    def _of_source(
        self, plan: EntityPlan, source: str, given: pl.DataFrame, seen: dict[tuple[str, str], pl.DataFrame]
    ) -> pl.DataFrame:
        table = deciding.known_columns(plan.name, given)
        if plan.name == "person":
            table = with_flags(table, [rule.flag for rule in self._compiled.person.rules])
        keys = self._keyring.keys(source, plan.name, table[plan.key]).alias("_key")
        keyed = table.with_columns(keys)
        if plan.in_flow and source in self.sources:
            beside = {entity: known for (name, entity), known in seen.items() if name == source}
            work = self._judged(plan, deciding.beside_parents(plan, keyed, beside), source)
        else:
            work = keyed.with_columns(deciding.untouched(plan))
        exported = self._exported.get(plan.name, frozenset())
        blanks = self._compiled.blanks.get(source, {})
        seen[source, plan.name] = deciding.remembered_for_children(plan, work, exported, blanks)
        return self._with_values(plan, source, work)

    def _judged(self, plan: EntityPlan, work: pl.DataFrame, source: str) -> pl.DataFrame:
        person, blanks = self._compiled.person, self._compiled.blanks.get(source, {})
        judged = work.with_columns(
            deciding.reason(plan, person, blanks).alias("_why"),
            deciding.rules_set(plan, person, blanks).alias("_rules"),
        ).with_columns(pl.lit(FATES).gather(pl.col("_why")).alias("_fate"))
        return judged.with_columns(
            deciding.treatment(plan).alias("_treatment"),
            self._reason_words(plan, judged).alias("_reason"),
            *[_parent_key(parent, work) for parent in dict.fromkeys(plan.spec.parents.values())],
        )

    def _reason_words(self, plan: EntityPlan, judged: pl.DataFrame) -> pl.Expr:
        words = pl.lit(REASONS).gather(pl.col("_why"))
        by_rule = (
            pl.when(pl.col("_why") == int(Why.WHERE)).then(pl.lit(f"rule:where.{plan.name}")).otherwise(words)
        )
        by_choice = pl.col("_why").is_in([int(Why.STOPPED), int(Why.UNSURE)])
        by_rule = pl.when(by_choice).then(stop_words(pl.col(STOP))).otherwise(by_rule)
        if "_held_by" not in judged.columns:
            return by_rule
        named = pl.lit("check:") + pl.col("_held_by").fill_null("unnamed")
        return pl.when(pl.col("_why") == int(Why.HELD)).then(named).otherwise(by_rule)

    def _with_values(self, plan: EntityPlan, source: str, work: pl.DataFrame) -> pl.DataFrame:
        permitted = work["_fate"] == PERMITTED
        if not permitted.any():
            kinds = {"_fingerprint": pl.Binary, **{c.name: released_type(c.kind) for c in plan.columns}}
            return _beside(plan, work, _nulls(kinds, work.height))
        needed = work.select(_needed(plan, work))
        kept = needed if permitted.all() else needed.filter(permitted)
        values = self._values(plan, source, kept)
        if kept.height < work.height:
            place = pl.select(pl.when(permitted).then(permitted.cum_sum() - 1).cast(pl.UInt32)).to_series()
            values = values.select(pl.all().gather(place))
        return _beside(plan, work, values)

    def _values(self, plan: EntityPlan, source: str, kept: pl.DataFrame) -> pl.DataFrame:
        """Return the fingerprint and the released columns of the permitted records."""
        keyed = {c.name: self._key_column(plan, source, c, kept) for c in plan.columns if c.is_key}
        shown = kept.with_columns([series.alias(f"key.{name}") for name, series in keyed.items()])
        rows = shown.select([expr for column in plan.columns for expr in _shown(column)])
        digests = self._digests.gather(kept["_treatment"])
        prints = fingerprints(rows, plan.columns, digests, self._keyring.fingerprint_key)
        return rows.select([c.name for c in plan.columns]).insert_column(0, prints.alias("_fingerprint"))

    def _key_column(self, plan: EntityPlan, source: str, column: Column, kept: pl.DataFrame) -> pl.Series:
        if column.name == plan.key:
            return kept["_key"]
        if (
            plan.spec.parents.get(column.name) == column.linked_to
            and f"{column.linked_to}.key" in kept.columns
        ):
            return kept[f"{column.linked_to}.key"]
        references = kept[column.origin]
        return self._keyring.linked(source, plan.name, column.name, column.linked_to, references)

    def _schema(self, plan: EntityPlan) -> pl.Schema:
        state = {
            "_source": pl.String, "_reference": pl.String, "_person": pl.String, "_key": pl.Binary,
            **dict.fromkeys(_parents(plan), pl.Binary), "_fate": pl.UInt8, "_reason": pl.String,
            "_treatment": pl.UInt32, "_fingerprint": pl.Binary,
        }  # fmt: skip
        return pl.Schema(state | {c.name: released_type(c.kind) for c in plan.columns})


def _by_source(table: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    if table["_source"].n_unique() == 1:
        return [(str(table["_source"][0]), table)]
    parts = table.partition_by("_source", as_dict=True, maintain_order=True)
    return [(str(source), part) for (source,), part in parts.items()]


def _parents(plan: EntityPlan) -> list[str]:
    return list(dict.fromkeys(f"_parent_{parent}" for parent in plan.spec.parents.values()))


def _parent_key(parent: str, work: pl.DataFrame) -> pl.Expr:
    found = pl.col(f"{parent}.key") if f"{parent}.key" in work.columns else pl.lit(None, pl.Binary)
    return found.alias(f"_parent_{parent}")


def _needed(plan: EntityPlan, work: pl.DataFrame) -> list[str]:
    """Return the columns that the released values are made of."""
    parents = [name for parent in plan.spec.parents.values() if (name := f"{parent}.key") in work.columns]
    origins = [
        column.name if column.action is Action.GENERALISE else column.origin for column in plan.columns
    ]
    return list(dict.fromkeys([*origins, *parents, "_key", "_rules", "_treatment"]))


def _shown(column: Column) -> list[pl.Expr]:
    """Return the column as the recipient sees it, and for a key what its fingerprint is taken of."""
    source = f"key.{column.name}" if column.is_key else (column.name)
    found = [(pl.col(source), column.name)]
    if column.is_key:
        found.append((pl.col(column.origin).cast(polars_type(column.kind)), f"ref.{column.name}"))
    open_to_all = (pl.col("_rules") & column.rules) == 0
    return [(pl.when(open_to_all).then(expr) if column.rules else expr).alias(name) for expr, name in found]


def _beside(plan: EntityPlan, work: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    return work.select(["_order", *STATE[:-1], *_parents(plan)]).hstack(values)


def _nulls(kinds: Mapping[str, Any], height: int) -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series(name, [None] * height, dtype=kind) for name, kind in kinds.items()})
