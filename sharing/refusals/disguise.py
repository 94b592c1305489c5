"""What a pseudonym does not cover: rows that tell of abuse and still lead to somebody, lot 8, open words."""

from collections.abc import Iterator

from canonical import ENTITIES, FieldSpec, Kind, Need, code_lists, codes, spec
from config.documents import Problem
from sharing.compiled import EVERYONE, RECORD, askable
from sharing.condition_names import read_condition
from sharing.conditions import Name, Node
from sharing.document import FlowBlock, SafetyRule, SafetySource
from sharing.refusals.answers import Known, answers
from sharing.refusals.look import Look, released
from sharing.refusals.safety import asked_of
from sharing.safety import own_fields
from sharing.vocabulary import Action, Gateway, Identifiability

TELLS = "reveals_abuse"
UNSAFE = (True, None)
LOT, LOT_8 = "lot_code", "L8-DA"
ANSWER, YES = Name("person", "share_council"), "given"
NAMES_NOBODY = frozenset({"organisation", "service"})
"""Entities about which no person can be known from a key alone."""


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what would let somebody be known in spite of a pseudonym, or shared without an answer."""
    for at, flow in enumerate(look.file.flows):
        known = [entity for entity in flow.fields if entity in ENTITIES]
        if flow.identifiability is Identifiability.PSEUDONYMISED:
            for entity in known:
                yield from _links(look, at, flow, entity)
                yield from _lot_8(look, at, flow, entity)
                yield from _open_words(look, at, flow, entity)
        else:
            yield from _consent(look, at, flow)
    yield from _proofs(look)


def telling(entity: str) -> list[str]:
    """Return the entities whose `reveals_abuse` reaches the entity's rows: itself, or else its parents."""
    own = spec(entity)
    if TELLS in own.fields:
        return [entity]
    return [parent for parent in own.parents.values() if TELLS in spec(parent).fields]


def _links(look: Look, at: int, flow: FlowBlock, entity: str) -> Iterator[Problem]:
    """Yield the links that rows which tell of abuse keep."""
    tellers = telling(entity)
    if not tellers or _left_out(flow, entity, [{Name(t, TELLS): v} for t in tellers for v in UNSAFE]):
        return
    own, emptied = spec(entity), _emptied(look, flow, entity, tellers[0])
    for name in released(flow, entity):
        linked = own.fields[name].references if name in own.fields else None
        if linked and name not in own.key and linked not in NAMES_NOBODY and name not in emptied:
            words = (
                f"{entity}.{name} links a row that tells of abuse to a {linked}: a safety rule over "
                f"{RECORD}.{TELLS} must redact it, null included."
            )
            yield look.problem(words, "flows", at, "fields", entity, name)


def _emptied(look: Look, flow: FlowBlock, entity: str, teller: str) -> frozenset[str]:
    """Return the fields of the entity that rules empty wherever a row tells of abuse, or may."""
    found: set[str] = set()
    for rule in look.rules_of(flow):
        if entity in rule.effect.redact and teller in {*rule.effect.redact} and _reaches(rule, teller):
            found |= set(rule.effect.redact[entity])
    return frozenset(found)


def _reaches(rule: SafetyRule, teller: str) -> bool:
    node = read_condition(rule.when, askable(teller))[0]
    if node is None:
        return False
    said = [{Name(RECORD, TELLS): value, Name(teller, TELLS): value} for value in UNSAFE]
    return all(False not in answers(node, each) for each in said)


def _lot_8(look: Look, at: int, flow: FlowBlock, entity: str) -> Iterator[Problem]:
    """Yield entities of which rows of lot 8 would leave, or whose lot would be seen."""
    if LOT not in spec(entity).fields or LOT_8 not in codes(spec(entity).fields[LOT].codes or ""):
        return
    if _left_out(flow, entity, [{Name(entity, LOT): LOT_8, Name(RECORD, LOT): LOT_8}]):
        return
    hangs = "referral" in spec(entity).parents.values()
    if hangs and TELLS in spec(entity).fields and LOT in _emptied(look, flow, entity, entity):
        return
    words = f"{entity}: rows of lot 8 would leave; say under where that {entity}.{LOT} != '{LOT_8}'."
    yield look.problem(words, "flows", at, "fields", entity)


def _left_out(flow: FlowBlock, entity: str, cases: list[Known]) -> bool:
    """Return whether the flow's condition keeps every such row behind."""
    node: Node | None = None
    if entity in flow.where:
        node = read_condition(flow.where[entity], askable(entity))[0]
    return node is not None and all(True not in answers(node, case) for case in cases)


def _open_words(look: Look, at: int, flow: FlowBlock, entity: str) -> Iterator[Problem]:
    if not spec(entity).person_field:
        return
    for name, action in released(flow, entity).items():
        known = spec(entity).fields.get(name)
        if known is not None and action is not Action.PSEUDONYMISE and _is_open(known):
            words = (
                f"{entity}.{name} has no closed list of codes: what somebody typed would leave, and this "
                "flow is pseudonymised."
            )
            yield look.problem(words, "flows", at, "fields", entity, name)


def _is_open(known: FieldSpec) -> bool:
    """Return whether the field holds words of the source's own; what Viaduct works out does not."""
    words = known.kind in {Kind.TEXT, Kind.CODE} and known.codes not in code_lists()
    return words and known.need is not Need.DERIVED


def _consent(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    """Yield a flow that stands on the person's answer and does not ask for it."""
    relying = [
        name
        for name in flow.basis
        if name in look.bases and look.bases[name].confidentiality.gateway is Gateway.CONSENT
    ]
    if not relying:
        return
    node = None if flow.cohort == EVERYONE else read_condition(flow.cohort, own_fields("person"))[0]
    others = [*codes(spec(ANSWER.entity).fields[ANSWER.field].codes or ""), None]
    if node is None or any(True in answers(node, {ANSWER: said}) for said in others if said != YES):
        words = f"{relying[0]} relies on consent: the cohort must ask that {ANSWER} = '{YES}'."
        yield look.problem(words, "flows", at, "cohort")


def _proofs(look: Look) -> Iterator[Problem]:
    """Yield the entities whose telling rows would not set the flag in a source of a flow."""
    shared = {source for flow in look.file.flows for source in flow.sources}
    for number, said in enumerate(look.file.safety_sources):
        if said.source not in shared or any(proof.when == EVERYONE for proof in said.proves):
            continue
        for entity in ENTITIES:
            if TELLS in spec(entity).fields and not _proves(said, entity):
                words = f"{said.source}: nothing proves the flag where {entity}.{TELLS} is not false."
                yield look.problem(words, "safetySources", number, "proves")


def _proves(said: SafetySource, entity: str) -> bool:
    cases = [{Name(entity, TELLS): value} for value in UNSAFE]
    nodes = asked_of(said, entity)
    return any(all(False not in answers(node, case) for case in cases) for node in nodes)
