"""The decision itself, by columns: a fate, a reason and a treatment for every record of one source."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import polars as pl

from canonical import polars_schema, unreadable_bit
from sharing.choices import HOLDS, STOP
from sharing.compiled import RECORD, Blanks, EntityPlan, PersonRules
from sharing.condition_columns import compile_condition
from sharing.conditions import Name, Node
from sharing.errors import ReleaseRefused
from sharing.scope import FLAG

PERMITTED, HELD, WITHHELD = 0, 1, 2
ALL_RULES = 0xFFFFFFFF
NEEDED = ("_reference", "_person", "_unreadable", "_held")


class Why(IntEnum):
    """Why a record does not leave, in the order in which it is asked."""

    PERMITTED = 0
    NOT_IN_FLOW = 1
    SOURCE_NOT_IN_FLOW = 2
    STOPPED = 3
    COHORT = 4
    ANONYMISED = 5
    WHERE = 6
    PARENT_WITHHELD = 7
    HELD = 8
    UNSURE = 9
    NO_PERSON = 10
    NO_PARENT = 11
    PERSON_MISMATCH = 12
    NO_KEY = 13


NOT_WITHHELD = (Why.PERMITTED, Why.HELD, Why.UNSURE)
REASONS = pl.Series(
    [
        "",
        "not_in_flow",
        "source_not_in_flow",
        "choice",
        "cohort",
        "anonymised",
        "rule:where",
        "parent_withheld",
        "check:unnamed",
        "register",
        "no_person",
        "no_parent",
        "person_mismatch",
        "no_key",
    ]
)
FATES = pl.Series(
    [WITHHELD if why not in NOT_WITHHELD else int(why != Why.PERMITTED) for why in Why],
    dtype=pl.UInt8,
)


def known_columns(entity: str, table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with every canonical field; one that is absent is empty. Errors: ReleaseRefused."""
    lacking = [name for name in NEEDED if name not in table.columns]
    if lacking:
        raise ReleaseRefused(
            f"{entity}: {', '.join(lacking)} is missing; only inspected tables can be decided."
        )
    given, schema = table.schema, polars_schema(entity, technical=False)
    for name, kind in schema.items():
        if given.get(name, pl.Null()) not in (kind, pl.Null()):
            raise ReleaseRefused(f"{entity}.{name} is {given[name]}, not {kind}.")
    empty = [name for name in schema if given.get(name, pl.Null()) == pl.Null()]
    added = [pl.lit(None, schema[name]).alias(name) for name in empty]
    if STOP not in table.columns:
        added.append(pl.lit(0, pl.UInt8).alias(STOP))
    return table.with_columns(added) if added else table


def beside_parents(plan: EntityPlan, table: pl.DataFrame, seen: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the table with what was decided of each record's owner and parents, as `parent.column`."""
    links = {"person": "_person"} if plan.spec.person_field and plan.name != "person" else {}
    links |= {parent: link for link, parent in plan.spec.parents.items() if parent != "person"}
    beside = table
    for parent, link in links.items():
        known = seen.get(parent)
        if known is None:
            known = nobody(plan.context.get(parent, frozenset()), parent)
        met = table.select(pl.col(link).alias("reference")).join(
            known, on="reference", how="left", maintain_order="left"
        )
        beside = beside.hstack(met.drop("reference").select(pl.all().name.prefix(f"{parent}.")))
    return beside


def nobody(fields: frozenset[str], entity: str) -> pl.DataFrame:
    """Return what is known of an entity of which no record was given."""
    schema = polars_schema(entity, technical=False)
    return pl.DataFrame(
        schema={"reference": pl.String, "why": pl.UInt8, "rules": pl.UInt32, "key": pl.Binary}
        | {name: schema[name] for name in fields}
    )


def reason(plan: EntityPlan, person: PersonRules, blanks: Blanks) -> pl.Expr:
    """Return the first reason that keeps each record, as Why."""
    stopped = pl.col(STOP).is_between(1, HOLDS - 1)
    asked = [(Why.STOPPED, stopped), *_of_owner(plan, person, blanks), *_of_record(plan, blanks)]
    chain: pl.Expr = pl.lit(int(Why.PERMITTED), pl.UInt8)
    for why, condition in reversed(asked):
        chain = pl.when(condition.fill_null(value=True)).then(pl.lit(int(why), pl.UInt8)).otherwise(chain)
    return chain


def _of_owner(plan: EntityPlan, person: PersonRules, blanks: Blanks) -> list[tuple[Why, pl.Expr]]:
    if plan.name == "person":
        found = []
        if person.cohort is not None:
            found.append((Why.COHORT, ~_met(plan, person.cohort, blanks)))
        if person.refuse_anonymised:
            found.append(
                (Why.ANONYMISED, read("person", "anonymised", blanks).ne_missing(pl.lit(value=False)))
            )
        return found
    if not plan.spec.person_field:
        return []
    why = pl.col("person.why")
    return [(reason, (why == int(reason)).fill_null(value=False)) for reason in (Why.COHORT, Why.ANONYMISED)]


def _of_record(plan: EntityPlan, blanks: Blanks) -> list[tuple[Why, pl.Expr]]:
    """Return the questions about the record and its parents; null counts as a reason to keep it.

    The flow's condition is asked of records whose parents are there; of the others it is not known, and a
    check that holds them says so first.
    """
    parents = set(plan.spec.parents.values()) | ({"person"} if plan.spec.person_field else set())
    others = sorted(parents - {plan.name})
    found: list[tuple[Why, pl.Expr]] = []
    if plan.where is not None:
        in_tables = [pl.col(f"{parent}.why").is_not_null() for parent in others]
        found.append((Why.WHERE, pl.all_horizontal([~_met(plan, plan.where, blanks), *in_tables])))
    withheld = [_withheld(parent).fill_null(value=False) for parent in others]
    if withheld:
        found.append((Why.PARENT_WITHHELD, pl.any_horizontal(withheld)))
    found.append((Why.HELD, pl.col("_held")))
    found.append((Why.UNSURE, pl.col(STOP) > HOLDS))
    for parent in others:
        missing = Why.NO_PERSON if parent == "person" else Why.NO_PARENT
        found.append((missing, pl.col(f"{parent}.why").is_null()))
    if "person_id" in plan.spec.parents:
        found.append((Why.PERSON_MISMATCH, pl.col("person_id") != pl.col("_person")))
    found.append((Why.NO_KEY, pl.col(plan.key).is_null()))
    return sorted(found, key=lambda item: item[0])


def _withheld(parent: str) -> pl.Expr:
    return ~pl.col(f"{parent}.why").is_in([int(why) for why in NOT_WITHHELD])


def _met(plan: EntityPlan, node: Node, blanks: Blanks) -> pl.Expr:
    """Return whether the condition is met; a null answer is not."""
    return compile_condition(node, plan.fields, Columns(plan.name, blanks)).fill_null(value=False)


@dataclass(frozen=True)
class Columns:
    """Where a condition finds a name: the record's own column, or one fetched from a parent."""

    entity: str
    blanks: Blanks
    flag: str = FLAG

    def __call__(self, name: Name) -> pl.Expr:
        """Return the column that the name stands for."""
        if name.entity not in {self.entity, RECORD}:
            return pl.col(f"{name.entity}.{name.field}")
        if self.entity == "person" and name.field == FLAG:
            return pl.col(self.flag)
        return read(self.entity, name.field, self.blanks)


def read(entity: str, field: str, blanks: Blanks) -> pl.Expr:
    """Return the field, a blank read as the DPIA says; words that could not be read are no blank."""
    means = blanks.get(f"{entity}.{field}")
    if means is None:
        return pl.col(field)
    readable = (pl.col("_unreadable") & (1 << unreadable_bit(entity, field))) == 0
    return pl.when(pl.col(field).is_null() & readable).then(pl.lit(means)).otherwise(pl.col(field))


def untouched(plan: EntityPlan) -> list[pl.Expr]:
    """Return the answer for records that the flow does not ask for: withheld, and nothing is seen."""
    why = Why.SOURCE_NOT_IN_FLOW if plan.in_flow else Why.NOT_IN_FLOW
    return [
        pl.lit(int(why), pl.UInt8).alias("_why"),
        pl.lit(ALL_RULES, pl.UInt32).alias("_rules"),
        pl.lit(WITHHELD, pl.UInt8).alias("_fate"),
        pl.lit(plan.nothing, pl.UInt32).alias("_treatment"),
        pl.lit(REASONS[int(why)]).alias("_reason"),
        *[pl.lit(None, pl.Binary).alias(f"_parent_{parent}") for parent in set(plan.spec.parents.values())],
    ]


def rules_set(plan: EntityPlan, person: PersonRules, blanks: Blanks) -> pl.Expr:
    """Return the bits of the safety rules that reach each record; what cannot be answered is set."""
    asked = [rule for rule in plan.asked if not rule.of_person]
    if plan.name == "person":
        asked += person.rules
        bits: pl.Expr = pl.lit(0, pl.UInt32)
    elif plan.spec.person_field:
        bits = pl.col("person.rules").fill_null(ALL_RULES)
        for parent in sorted(set(plan.spec.parents.values()) - {"person"}):
            bits = bits | pl.col(f"{parent}.rules").fill_null(0)
    else:
        bits = pl.lit(0, pl.UInt32)
    for rule in asked:
        columns = Columns(plan.name, blanks, rule.flag)
        met = compile_condition(rule.node, plan.fields, columns).fill_null(value=True)
        bits = bits | pl.when(met).then(pl.lit(rule.bit, pl.UInt32)).otherwise(pl.lit(0, pl.UInt32))
    return bits


def treatment(plan: EntityPlan) -> pl.Expr:
    """Return the index of each record's treatment; what is withheld, or hangs in the air, sees nothing."""
    combination: pl.Expr = pl.lit(plan.first_treatment, pl.UInt32)
    for place, rule in enumerate(plan.rules):
        is_set = (pl.col("_rules") & rule.bit) != 0
        combination = combination + pl.when(is_set).then(pl.lit(1 << place, pl.UInt32)).otherwise(
            pl.lit(0, pl.UInt32)
        )
    shared = pl.col("_fate") != WITHHELD
    for parent in sorted(
        (set(plan.spec.parents.values()) | ({"person"} if plan.spec.person_field else set())) - {plan.name}
    ):
        shared = shared & pl.col(f"{parent}.why").is_not_null()
    return pl.when(shared).then(combination).otherwise(pl.lit(plan.nothing, pl.UInt32)).cast(pl.UInt32)


def remembered_for_children(
    plan: EntityPlan, decided: pl.DataFrame, exported: frozenset[str], blanks: Blanks
) -> pl.DataFrame:
    """Return what children need to know of these records; of a reference met twice, the stricter answer.

    A blank that the DPIA gives a meaning to has it in the children's conditions too.
    """
    known = decided.select(
        pl.col(plan.key).alias("reference"),
        pl.col("_why").alias("why"),
        pl.col("_rules").alias("rules"),
        pl.col("_key").alias("key"),
        *[read(plan.name, name, blanks).alias(name) for name in sorted(exported)],
    ).filter(pl.col("reference").is_not_null())
    if known["reference"].n_unique() == known.height:
        return known
    strictest = pl.col("why").filter(~pl.col("why").is_in([int(why) for why in NOT_WITHHELD])).first()
    return known.group_by("reference", maintain_order=True).agg(
        pl.coalesce(strictest, pl.col("why").max()).alias("why"),
        pl.col("rules").bitwise_or(),
        pl.col("key").first(),
        *[pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()) for name in sorted(exported)],
    )
