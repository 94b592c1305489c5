"""From a flow of the DPIA to a Flow that decides."""

from collections.abc import Mapping

from canonical import ENTITIES, spec
from sharing.aggregate_flow import AggregateFlow
from sharing.compiled import (
    EVERYONE,
    Compiled,
    EntityPlan,
    PersonRules,
    Rule,
    askable,
    columns_of,
    context_of,
    rules_of,
    treatments_of,
)
from sharing.condition_names import read_condition
from sharing.conditions import Node, names
from sharing.document import FlowBlock
from sharing.dpia import Dpia
from sharing.errors import DpiaNotInForce
from sharing.flow import Flow
from sharing.references import FlowKeys, Keyring
from sharing.treatment import Treatment, nothing_of
from sharing.vocabulary import FlowStatus, Identifiability
from sharing.withdrawing_flow import WithdrawingFlow
from sharing.words import describe


def compile_flow(
    dpia: Dpia, flow_id: str, keys: FlowKeys, providers: Mapping[str, str] | None = None
) -> Flow:
    """Return the flow, ready to decide.

    Given:   the flow's secrets, and the provider of each source (the DPIA's own parties if not stated).
    Errors:  DpiaNotInForce for a flow that is paused, ended or unknown.
    """
    block = dpia.flow(flow_id)
    if block.status is not FlowStatus.ACTIVE:
        raise DpiaNotInForce(f"{dpia.path.as_posix()}: flow {flow_id} is {block.status}.")
    compiled, keyring = _put_together(dpia, block, keys, providers)
    if block.aggregate is not None:
        return AggregateFlow(compiled, keyring, dpia, block)
    return Flow(compiled, keyring)


def compile_withdrawing(
    dpia: Dpia, flow_id: str, keys: FlowKeys, providers: Mapping[str, str] | None = None
) -> WithdrawingFlow:
    """Return the flow, ready to take back and able to do nothing else, whatever its status.

    Given, Errors: as `compile_flow`, but that only an unknown flow is refused.
    """
    return WithdrawingFlow(*_put_together(dpia, dpia.flow(flow_id), keys, providers))


def _put_together(
    dpia: Dpia, block: FlowBlock, keys: FlowKeys, providers: Mapping[str, str] | None
) -> tuple[Compiled, Keyring]:
    rules = rules_of(dpia, block)
    treatments: list[Treatment] = []
    plans = {entity: _plan(block, entity, rules, treatments) for entity in ENTITIES}
    owners = dict(providers) if providers is not None else _controllers(dpia)
    person = PersonRules(
        cohort=_asked(block.cohort, "person") if block.cohort != EVERYONE else None,
        refuse_anonymised=block.identifiability is Identifiability.IDENTIFIED,
        rules=tuple(rule for rule in rules if rule.of_person),
    )
    blanks = {
        each.source: {field: blank.means for field, blank in each.blanks.items()}
        for each in dpia.safety_sources
    }
    compiled = Compiled(describe(dpia, block), plans, person, blanks, treatments)
    return compiled, Keyring(block.id, owners, keys)


def _controllers(dpia: Dpia) -> dict[str, str]:
    return {source: party.id for party in dpia.parties for source in party.sources}


def _plan(block: FlowBlock, entity: str, rules: list[Rule], treatments: list[Treatment]) -> EntityPlan:
    if entity not in block.fields:
        treatments.append(nothing_of(entity))
        return EntityPlan(
            spec(entity), in_flow=False, nothing=len(treatments) - 1, first_treatment=len(treatments) - 1
        )
    columns = columns_of(block, entity, rules)
    told = {column.rules for column in columns}
    reaching = tuple(rule for rule in rules if any(bits & rule.bit for bits in told))
    where = _asked(block.where[entity], entity) if entity in block.where else None
    asked = tuple(rule for rule in rules if _can_ask(rule, entity))
    first = len(treatments)
    treatments.extend(treatments_of(entity, columns, reaching))
    return EntityPlan(
        spec=spec(entity),
        in_flow=True,
        columns=columns,
        where=where,
        rules=reaching,
        asked=asked,
        context=context_of(
            entity, [*([where] if where else []), *[rule.node for rule in asked if not rule.of_person]]
        ),
        first_treatment=first,
        nothing=len(treatments) - 1,
    )


def _can_ask(rule: Rule, entity: str) -> bool:
    """Return whether the rule redacts the entity and its condition can be put to the entity's records."""
    fields = askable(entity)
    return entity in rule.redacts and all(
        name.entity in fields and name.field in fields[name.entity] for name in names(rule.node)
    )


def _asked(text: str, entity: str) -> Node | None:
    return read_condition(text, askable(entity))[0]
