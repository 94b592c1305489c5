"""Flows, field by field: each decided once, and no more closely than the kind of the flow allows."""

from collections import Counter
from collections.abc import Iterator

from canonical import ENTITIES, FieldSpec, Kind, Need, Sensitivity, spec
from config.documents import Problem
from sharing.document import Decision, FieldDescription, FlowBlock
from sharing.refusals.look import Look, released
from sharing.refusals.safety import origins
from sharing.vocabulary import LINKED, Action, Classification, Directness, Identifiability

Path = tuple[str | int, ...]


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with the decisions of each flow."""
    for at, flow in enumerate(look.file.flows):
        for entity in (entity for entity in flow.fields if entity in ENTITIES):
            yield from _each_decided_once(look, at, flow, entity)
            yield from _decisions(look, at, flow, entity)


def _each_decided_once(look: Look, at: int, flow: FlowBlock, entity: str) -> Iterator[Problem]:
    path = ("flows", at, "fields", entity)
    dropped = [name for group in flow.drop.get(entity, []) for name in group.fields]
    targets = [d.to for d in flow.fields[entity].values() if d.action is Action.GENERALISE and d.to]
    known = spec(entity).fields
    said = Counter([*flow.fields[entity], *dropped, *targets])
    for name, count in said.items():
        where = path if name in flow.fields[entity] else ("flows", at, "drop", entity)
        if name not in known:
            yield from look.unknown(f"field of {entity}", name, known, *where, name)
        elif count > 1:
            yield look.problem(f"{entity}.{name} is decided {count} times.", *where, name)
    for name in known:
        if name not in said:
            yield look.problem(
                f"{entity}.{name} has no decision; say drop, and why, to leave it behind.", *path
            )
    if entity not in look.data_sets:
        yield look.problem(f"{entity} is described in no data set.", *path)


def _decisions(look: Look, at: int, flow: FlowBlock, entity: str) -> Iterator[Problem]:
    known = spec(entity).fields
    for name, decision in flow.fields[entity].items():
        path = ("flows", at, "fields", entity, name)
        if name not in known or decision.action is Action.DROP:
            continue
        yield from _shape(look, path, entity, known[name], decision)
        yield from _closeness(look, path, flow, entity, name)
    decided, leaving = flow.decisions(entity), released(flow, entity)
    for name in [*spec(entity).key, *spec(entity).parents]:
        if name in decided and leaving.get(name) is not Action.PSEUDONYMISE:
            yield look.problem(
                f"{entity}.{name} is needed to place the row: pseudonymise it.", "flows", at, "fields", entity
            )


def _shape(look: Look, path: Path, entity: str, known: FieldSpec, decision: Decision) -> Iterator[Problem]:
    action = decision.action
    if decision.to is not None and action is not Action.GENERALISE:
        yield look.problem(f"{entity}.{known.name}: 'to' belongs to generalise only.", *path)
    if action is Action.GENERALISE:
        yield from _target(look, path, entity, known.name, decision.to)
    if known.kind is Kind.KEY and action is not Action.PSEUDONYMISE:
        yield look.problem(f"{entity}.{known.name} is a key: it leaves pseudonymised or not at all.", *path)
    if action is Action.PSEUDONYMISE and known.kind not in {Kind.KEY, Kind.TEXT}:
        yield look.problem(
            f"{entity}.{known.name} is {known.kind}: only a key or a text has a pseudonym.", *path
        )
    linked = known.references
    flow_entities = look.file.flows[int(path[1])].fields
    if known.kind is Kind.KEY and linked and linked not in flow_entities:
        yield look.problem(
            f"{entity}.{known.name} names a {linked}, which is not in this flow: drop it.", *path
        )


def _target(look: Look, path: Path, entity: str, name: str, target: str | None) -> Iterator[Problem]:
    known = spec(entity).fields
    if target is None:
        yield look.problem(f"{entity}.{name}: generalise needs 'to', a field of {entity}.", *path)
    elif target not in known:
        yield from look.unknown(f"field of {entity}", target, known, *path, "to")
    elif known[target].need is not Need.DERIVED:
        yield look.problem(
            f"{entity}.{target} is no derived field: nothing can be generalised to it.", *path, "to"
        )
    elif f"{entity}.{name}" not in origins(look, entity, target):
        yield look.problem(f"{entity}.{target} does not say that it is derived from {name}.", *path, "to")


def _closeness(look: Look, path: Path, flow: FlowBlock, entity: str, name: str) -> Iterator[Problem]:
    """Yield what a recipient would see too closely."""
    decision = flow.fields[entity][name]
    shown = decision.to if decision.action is Action.GENERALISE and decision.to else name
    known, said = spec(entity).fields.get(shown), look.described(entity, shown)
    if known is None or said is None:
        return
    if decision.action is not Action.PSEUDONYMISE:
        yield from _seen(look, path, flow, known, said)
    yield from _typed(look, path, decision, said)
    yield from _looser_than_parent(look, path, flow, entity, shown)


def _seen(
    look: Look, path: Path, flow: FlowBlock, known: FieldSpec, said: FieldDescription
) -> Iterator[Problem]:
    name = ".".join(map(str, path[-2:]))
    if said.sensitivity is Classification.SAFETY:
        yield look.problem(f"{name} is safety-critical: it is never disclosed.", *path)
    if flow.identifiability is Identifiability.IDENTIFIED:
        return
    if known.sensitivity is Sensitivity.IDENTIFIER or said.identifiability is Directness.DIRECT:
        yield look.problem(f"{name} identifies a person, and this flow is pseudonymised.", *path)
    if known.kind is Kind.INSTANT:
        yield look.problem(
            f"{name} is an exact instant, and this flow is pseudonymised: give the day.", *path
        )


def _typed(look: Look, path: Path, decision: Decision, said: FieldDescription) -> Iterator[Problem]:
    """Yield words that somebody typed and nobody reads before they leave."""
    allowed = decision.review is not None and "human_reviewed" in look.file.free_text.allow_if
    if said.free_text and not allowed:
        name = ".".join(map(str, path[-2:]))
        words = f"{name} is free text: it leaves only with a review, and freeText allowing it."
        yield look.problem(words, *path)


def _looser_than_parent(
    look: Look, path: Path, flow: FlowBlock, entity: str, shown: str
) -> Iterator[Problem]:
    """Yield a derived field that is shared more closely than a field as identifying as itself.

    A link's pseudonym holds nothing of what it was made from: it tells that two records are one person's.
    """
    if (entity, shown) == LINKED and released(flow, entity).get(shown) is Action.PSEUDONYMISE:
        return
    said = look.described(entity, shown)
    for origin in said.derived_from if said else []:
        parent_entity, parent = origin.split(".", 1)
        parent_said = look.described(parent_entity, parent)
        if said is None or parent_said is None or parent_entity not in flow.fields:
            continue
        if not said.identifiability.rank >= parent_said.identifiability.rank > 0:
            continue
        action = released(flow, entity).get(shown, Action.DROP)
        parent_action = released(flow, parent_entity).get(parent, Action.DROP)
        if action.precision > parent_action.precision:
            yield look.problem(f"{entity}.{shown} is looser than {origin}, from which it is derived.", *path)
