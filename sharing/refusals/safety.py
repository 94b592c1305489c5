"""Safety: proofs that can be asked, rules that reach what they must, and nothing derived left standing."""

from collections.abc import Iterator

from canonical import ENTITIES, Kind, Need, code_lists, codes, spec
from config.documents import Problem
from sharing.compiled import EVERYONE, RECORD, askable, is_of_person
from sharing.condition_names import Fields, read_condition
from sharing.conditions import ConditionFault, Name, Node, names, parse
from sharing.document import Blank, FlowBlock, SafetyRule, SafetySource
from sharing.places import places
from sharing.refusals.answers import answers
from sharing.refusals.look import Look, released
from sharing.vocabulary import Scope

MOST_RULES = 8
LOCATING = frozenset({"uk:cat/home-address", "uk:cat/area"})
FLAG = "person.safety_flag"
OF_PERSONS = frozenset({"person_id", "referral_id", "contact_id", "parent_referral_id"})
"""Links of a row by which the person it is about is known."""


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with the safety sources and the safety rules."""
    for at, source in enumerate(look.file.safety_sources):
        yield from look.unknown(
            "source of a party", source.source, look.controllers, "safetySources", at, "source"
        )
        for number, proof in enumerate(source.proves):
            for text in _faults_of_proof(proof.when):
                yield look.problem(text, "safetySources", at, "proves", number, "when")
        for path, blank in source.blanks.items():
            yield from _blank(look, at, path, blank)
    for at, rule in enumerate(look.file.safety):
        yield from _rule(look, at, rule)
    for at, flow in enumerate(look.file.flows):
        yield from _reach(look, at, flow)


def _faults_of_proof(text: str) -> Iterator[str]:
    if text == EVERYONE:
        return
    try:
        asked = sorted({name.entity for name in names(parse(text))})
    except ConditionFault as fault:
        yield f"the condition {fault}"
        return
    if len(asked) > 1:
        yield f"a proof is about one entity, not {' and '.join(asked)}"
    else:
        yield from read_condition(
            text, {asked[0]: spec(asked[0]).fields} if asked[0] in ENTITIES else every()
        )[1]


def every() -> Fields:
    """Return the fields of every entity."""
    return {entity: spec(entity).fields for entity in ENTITIES}


def _blank(look: Look, at: int, path: str, blank: Blank) -> Iterator[Problem]:
    entity, field = path.split(".")
    where = ("safetySources", at, "blanks", path)
    if entity not in ENTITIES:
        yield from look.unknown("entity", entity, ENTITIES, *where)
        return
    if field not in spec(entity).fields:
        yield from look.unknown(f"field of {entity}", field, spec(entity).fields, *where)
        return
    known = spec(entity).fields[field]
    allowed = list(codes(known.codes)) if known.codes in code_lists() else []
    fits = isinstance(blank.means, bool) if known.kind is Kind.BOOLEAN else blank.means in allowed
    if not fits:
        yield look.problem(f"{path}: {blank.means!r} can never be its value.", *where, "means")
    if known.need is Need.DERIVED:
        yield look.problem(
            f"{path} is worked out by Viaduct: no provider can say what its blank means.", *where
        )
    elif fits and _sets_the_flag(look.file.safety_sources[at], Name(entity, field), blank):
        words = f"{path}: {blank.means!r} sets the flag itself; leave the line out, a blank sets it already."
        yield look.problem(words, *where, "means")


def _sets_the_flag(said: SafetySource, name: Name, blank: Blank) -> bool:
    return any(answers(node, {name: blank.means}) == {True} for node in asked_of(said, name.entity))


def asked_of(said: SafetySource, entity: str) -> list[Node]:
    """Return the proofs of the source that can be asked of the entity: they name its own fields alone."""
    named = [proof.when for proof in said.proves if f"{entity}." in proof.when]
    nodes = [read_condition(text, {entity: spec(entity).fields})[0] for text in named]
    return [node for node in nodes if node is not None]


def _rule(look: Look, at: int, rule: SafetyRule) -> Iterator[Problem]:
    for number, flow in enumerate(rule.flows or []):
        yield from look.unknown("flow", flow, [f.id for f in look.file.flows], "safety", at, "flows", number)
    for entity, fields in rule.effect.redact.items():
        path = ("safety", at, "effect", "redact", entity)
        if entity not in ENTITIES:
            yield from look.unknown("entity", entity, ENTITIES, *path)
            continue
        for field in fields:
            yield from look.unknown(f"field of {entity}", field, spec(entity).fields, *path)
            if field in spec(entity).key:
                yield look.problem(f"{entity}.{field}: a row without its own key cannot be sent.", *path)
    if not rule.effect.redact:
        yield look.problem(f"{rule.id} redacts nothing.", "safety", at, "effect")
    yield from _condition(look, at, rule)


def _condition(look: Look, at: int, rule: SafetyRule) -> Iterator[Problem]:
    entities = [entity for entity in rule.effect.redact if entity in ENTITIES]
    answers = {entity: read_condition(rule.when, askable(entity)) for entity in entities}
    reached = {entity for entity, (node, _) in answers.items() if node is not None}
    for entity, (node, faults) in answers.items():
        if node is None and not (reached & set(spec(entity).parents.values())):
            yield from (look.problem(f"{rule.id}, {entity}: {text}", "safety", at, "when") for text in faults)
    nodes = [node for node, _ in answers.values() if node is not None]
    if nodes:
        yield from _scope(look, at, rule, nodes[0])


def _scope(look: Look, at: int, rule: SafetyRule, node: Node) -> Iterator[Problem]:
    scope = set(rule.scope)
    path = ("safety", at, "scope")
    asks_flag = any(str(name) == FLAG for name in names(node))
    if is_of_person(node) and Scope.PERSON not in scope:
        yield look.problem(f"{rule.id} asks about the person, so it reaches the person: say so.", *path)
    if not is_of_person(node) and scope != {Scope.RECORD}:
        yield look.problem(f"{rule.id} asks about a {RECORD}, so its scope is [{RECORD}].", *path)
    if scope - {Scope.RECORD, Scope.PERSON} and not asks_flag:
        yield look.problem(f"{rule.id}: only {FLAG} spreads to the household, or to anybody else.", *path)


def _reach(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    """Yield released fields that a safety rule should have reached and did not."""
    rules = look.rules_of(flow)
    redacting = [(rule, _redacted(rule)) for rule in rules]
    guarded = {
        (e, f) for rule in rules if guards(rule) for e, fields in rule.effect.redact.items() for f in fields
    }
    for entity in (entity for entity in flow.fields if entity in ENTITIES):
        if len([rule for rule in rules if entity in rule.effect.redact]) > MOST_RULES:
            yield look.problem(f"more than {MOST_RULES} safety rules reach {entity}.", "flows", at)
        for field in released(flow, entity):
            said = look.described(entity, field)
            if said is None:
                continue
            path = ("flows", at, "fields", entity, field)
            if _unguarded(flow, entity, field, guarded, located=said.category in LOCATING):
                words = (
                    f"{entity}.{field} tells where somebody lives or is seen, and no safety rule over {FLAG} "
                    "that reaches whoever shares the address redacts it, null included."
                )
                yield look.problem(words, *path)
            yield from _derived(look, redacting, entity, field, path)


def guards(rule: SafetyRule) -> bool:
    """Return whether the rule reaches whoever is under the flag, or may be, and those at the same address."""
    node, _ = read_condition(rule.when, {"person": spec("person").fields})
    reaches = {Scope.HOUSEHOLD, Scope.SAME_ADDRESS} & set(rule.scope)
    asked = Name(*FLAG.split("."))
    return (
        bool(reaches) and node is not None and all(answers(node, {asked: v}) == {True} for v in (True, None))
    )


def _unguarded(
    flow: FlowBlock, entity: str, field: str, guarded: set[tuple[str, str]], *, located: bool
) -> bool:
    """Return whether the field tells a place and stays, beside a link by which the person is known."""
    if (entity, field) in guarded:
        return False
    if located or field in places().home.get(entity, ()):
        return True
    if field not in places().visit.get(entity, ()):
        return False
    links = {name for name in released(flow, entity) if name in OF_PERSONS and name not in spec(entity).key}
    return not all((entity, name) in guarded for name in links)


def _redacted(rule: SafetyRule) -> frozenset[str]:
    return frozenset(f"{entity}.{field}" for entity, fields in rule.effect.redact.items() for field in fields)


def _derived(
    look: Look,
    rules: list[tuple[SafetyRule, frozenset[str]]],
    entity: str,
    field: str,
    path: tuple[str | int, ...],
) -> Iterator[Problem]:
    """Yield each rule that redacts a field and leaves what is derived from it; given: what each redacts."""
    sources = origins(look, entity, field)
    for rule, redacted in rules if sources else ():
        for origin in sources if f"{entity}.{field}" not in redacted else ():
            if origin in redacted:
                words = f"{rule.id} redacts {origin} but not {entity}.{field}, which is derived from it."
                yield look.problem(words, *path)


def origins(look: Look, entity: str, field: str) -> set[str]:
    """Return all the fields that a field is derived from, however far back."""
    found: set[str] = set()
    waiting = [f"{entity}.{field}"]
    while waiting:
        said = look.described(*waiting.pop().split(".", 1))
        fresh = [origin for origin in (said.derived_from if said else []) if origin not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return found
