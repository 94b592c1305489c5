"""A flow put together for one entity: its columns, its conditions, its rules, its treatments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from canonical import EntitySpec, FieldSpec, Kind, Need, spec
from sharing.condition_names import Fields, read_condition
from sharing.conditions import Node, names
from sharing.document import Decision, FlowBlock, SafetyRule
from sharing.dpia import Dpia
from sharing.scope import FLAG, flag_column
from sharing.treatment import Treatment, nothing_of
from sharing.vocabulary import Action

RECORD = "record"
EVERYONE = "everyone"
Blanks = Mapping[str, bool | str]
"""What a blank of one source means, by `entity.field`."""


@dataclass(frozen=True)
class Column:
    """A released column: the canonical field it is, where it comes from, and how."""

    name: str
    origin: str
    action: Action
    kind: Kind
    linked_to: str
    nullable: bool
    why: str
    rules: int = 0

    @property
    def is_key(self) -> bool:
        """Return whether the column holds 16 keyed bytes."""
        return self.kind is Kind.KEY


@dataclass(frozen=True)
class Rule:
    """A safety rule within a flow: its bit, and its condition."""

    id: str
    bit: int
    node: Node
    of_person: bool
    redacts: Mapping[str, frozenset[str]]
    flag: str = FLAG


@dataclass(frozen=True)
class PersonRules:
    """What is asked of the person, for all of their records."""

    cohort: Node | None
    refuse_anonymised: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class EntityPlan:
    """All that is decided about one entity before any record is seen."""

    spec: EntitySpec
    in_flow: bool
    columns: tuple[Column, ...] = ()
    where: Node | None = None
    rules: tuple[Rule, ...] = ()
    asked: tuple[Rule, ...] = ()
    context: Mapping[str, frozenset[str]] = field(default_factory=dict)
    first_treatment: int = 0
    nothing: int = 0

    @property
    def name(self) -> str:
        """Return the entity's name."""
        return self.spec.name

    @property
    def key(self) -> str:
        """Return the field that names the record."""
        return self.spec.key[0]

    @property
    def fields(self) -> Fields:
        """Return what a condition on a record of this entity may name."""
        return askable(self.name)


@dataclass(frozen=True)
class Compiled:
    """A flow before it has keys: what is said of it, and all that is decided beforehand."""

    said: dict[str, Any]
    plans: Mapping[str, EntityPlan]
    person: PersonRules
    blanks: Mapping[str, Blanks]
    treatments: list[Treatment]


def askable(entity: str) -> dict[str, Mapping[str, FieldSpec]]:
    """Return the names a condition on the entity's records may use: its own, `record`, and its parents'."""
    own = spec(entity)
    known = {entity: own.fields, RECORD: own.fields}
    return known | {parent: spec(parent).fields for parent in own.parents.values()} | owner_of(own)


def owner_of(own: EntitySpec) -> dict[str, Mapping[str, FieldSpec]]:
    """Return the fields of the person who owns the entity's records, if a person does."""
    return {"person": spec("person").fields} if own.person_field else {}


def rules_of(dpia: Dpia, flow: FlowBlock) -> list[Rule]:
    """Return the safety rules that govern the flow, a bit each."""
    governing = [rule for rule in dpia.safety if rule.flows is None or flow.id in rule.flows]
    return [_rule(rule, number) for number, rule in enumerate(governing)]


def _rule(rule: SafetyRule, number: int) -> Rule:
    redacts = {entity: frozenset(fields) for entity, fields in rule.effect.redact.items()}
    node = next(
        node for entity in redacts for node, _ in [read_condition(rule.when, askable(entity))] if node
    )
    of_person = is_of_person(node)
    asks_flag = any(name.field == FLAG for name in names(node))
    flag = flag_column(rule.scope) if of_person and asks_flag else FLAG
    return Rule(rule.id, 1 << number, node, of_person, redacts, flag)


def is_of_person(node: Node) -> bool:
    """Return whether the condition is about the person alone, so that it reaches all of their records."""
    return {name.entity for name in names(node)} == {"person"}


def columns_of(flow: FlowBlock, entity: str, rules: list[Rule]) -> tuple[Column, ...]:
    """Return the entity's released columns, in the order of the canonical schema."""
    made = {}
    for name, decision in flow.decisions(entity).items():
        if decision.action is not Action.DROP:
            column = _column(entity, name, decision, rules)
            made[column.name] = column
    return tuple(made[name] for name in spec(entity).fields if name in made)


def _column(entity: str, origin: str, decision: Decision, rules: list[Rule]) -> Column:
    name = str(decision.to) if decision.action is Action.GENERALISE else origin
    own = spec(entity)
    field_spec = own.fields[name]
    keyed = decision.action is Action.PSEUDONYMISE
    redacting = sum(rule.bit for rule in rules if name in rule.redacts.get(entity, ()))
    mandatory = field_spec.need is Need.MANDATORY and not redacting
    return Column(
        name=name,
        origin=origin,
        action=decision.action,
        kind=Kind.KEY if keyed else field_spec.kind,
        linked_to=_linked_to(own, field_spec) if keyed else "",
        nullable=not mandatory and name not in own.key,
        why=decision.why,
        rules=redacting,
    )


def _linked_to(own: EntitySpec, field_spec: FieldSpec) -> str:
    """Return whose reference the field holds: this entity's, another's, or a number of its own kind."""
    if field_spec.name in own.key:
        return own.name
    return field_spec.references or f"{own.name}.{field_spec.name}"


def treatments_of(entity: str, columns: tuple[Column, ...], rules: tuple[Rule, ...]) -> Iterator[Treatment]:
    """Yield the treatment of each combination of the rules, counted up bit by bit; the last sees nothing."""
    for combination in range(1 << len(rules)):
        set_bits = sum(rule.bit for place, rule in enumerate(rules) if combination >> place & 1)
        yield Treatment(entity, {c.name: Action.REDACT if c.rules & set_bits else c.action for c in columns})
    yield nothing_of(entity, tuple(column.name for column in columns))


def context_of(entity: str, nodes: list[Node]) -> dict[str, frozenset[str]]:
    """Return the parents' fields that the conditions on this entity's records need, by parent."""
    needed: dict[str, set[str]] = {}
    for name in (name for node in nodes for name in names(node)):
        if name.entity not in {entity, RECORD}:
            needed.setdefault(name.entity, set()).add(name.field)
    return {parent: frozenset(fields) for parent, fields in needed.items()}


def exported_by(plans: Mapping[str, EntityPlan]) -> dict[str, frozenset[str]]:
    """Return, per entity, the fields that conditions on its children ask for."""
    found: dict[str, frozenset[str]] = {}
    for plan in plans.values():
        for parent, fields in plan.context.items():
            found[parent] = found.get(parent, frozenset()) | fields
    return found
