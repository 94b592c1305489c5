"""Flows: known sources, recipient, purpose, and a ground in law for everyone who takes part."""

from collections.abc import Iterator

from canonical import ENTITIES, spec
from config.documents import Problem
from sharing.compiled import EVERYONE, askable
from sharing.condition_names import read_condition
from sharing.document import FlowBlock
from sharing.refusals.look import Look


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with each flow as a whole."""
    for at, flow in enumerate(look.file.flows):
        yield from _ends(look, at, flow)
        yield from _bases(look, at, flow)
        yield from _conditions(look, at, flow)
        yield from _links(look, at, flow)


def _ends(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    for number, source in enumerate(flow.sources):
        path = ("flows", at, "from", number)
        yield from look.unknown("source of a party", source, look.controllers, *path)
        if source not in {each.source for each in look.file.safety_sources}:
            yield look.problem(f"{source}: safetySources does not say what proves its safety flag.", *path)
    yield from look.unknown("party", flow.to.party, look.parties, "flows", at, "to", "party")
    yield from look.unknown("purpose", flow.purpose, look.purposes, "flows", at, "purpose")


def _bases(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    involved = look.involved(flow)
    for number, basis in enumerate(flow.basis):
        path = ("flows", at, "basis", number)
        yield from look.unknown("legal basis", basis, look.bases, *path)
        if basis in look.bases and look.bases[basis].party not in involved:
            yield look.problem(f"{basis} belongs to {look.bases[basis].party}, who takes no part.", *path)
    grounded = {look.bases[basis].party for basis in flow.basis if basis in look.bases}
    for party in sorted(involved - grounded):
        yield look.problem(f"{party} takes part without a legal basis of its own.", "flows", at, "basis")


def _conditions(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    if flow.cohort != EVERYONE:
        for text in read_condition(flow.cohort, {"person": spec("person").fields})[1]:
            yield look.problem(f"cohort: {text}", "flows", at, "cohort")
    for entity, condition in flow.where.items():
        path = ("flows", at, "where", entity)
        if entity not in flow.fields:
            yield from look.unknown("entity in this flow", entity, flow.fields, *path)
        elif entity in ENTITIES:
            for text in read_condition(condition, askable(entity))[1]:
                yield look.problem(f"{entity}: {text}", *path)


def _links(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    for entity in flow.fields:
        yield from look.unknown("entity", entity, ENTITIES, "flows", at, "fields", entity)
        if entity not in ENTITIES:
            continue
        needed = set(spec(entity).parents.values()) | ({"person"} if spec(entity).person_field else set())
        for parent in sorted(needed - set(flow.fields)):
            words = f"{entity} cannot leave without its {parent}, which is not in this flow."
            yield look.problem(words, "flows", at, "fields", entity)
    for entity in flow.drop:
        yield from look.unknown("entity in this flow", entity, flow.fields, "flows", at, "drop", entity)
