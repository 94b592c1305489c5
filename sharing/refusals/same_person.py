"""Who is linked to whom as the same person: by nothing less than the rules there are, and for a purpose."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.condition_words import EVERYONE
from sharing.document import FlowBlock, SamePerson
from sharing.refusals.look import Look, released
from sharing.vocabulary import LINKED, SAME_PERSON, Action, Probabilistic, WhoLearns

BLOCK = ("personLink", "samePerson")
KNOWN_RULES = " or ".join(f"[{', '.join(sorted(rule))}]" for rule in SAME_PERSON)


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with how records are linked, and with flows that rest on it."""
    said = look.file.person_link.same_person
    if said is not None:
        for at, source in enumerate(said.sources):
            yield from look.unknown("source of a party", source, look.controllers, *BLOCK, "sources", at)
        yield from _rules(look, said)
        yield from _probability(look, said)
        yield from _purpose(look, said)
        yield from _learning(look, said)
    for at, flow in enumerate(look.file.flows):
        yield from _flow(look, at, flow, said)


def _rules(look: Look, said: SamePerson) -> Iterator[Problem]:
    for at, rule in enumerate(said.deterministic):
        if frozenset(rule.agree_in) not in SAME_PERSON:
            words = (
                f"{rule.id}: records that agree in this alone are not known to be one person's. There are "
            )
            yield look.problem(f"{words}{KNOWN_RULES}.", *BLOCK, "deterministic", at, "agreeIn")


def _probability(look: Look, said: SamePerson) -> Iterator[Problem]:
    weighed = said.probabilistic is not Probabilistic.NONE
    if weighed and said.link_from is None:
        yield look.problem("linkFrom: say from which probability on records are linked.", *BLOCK)
    if not weighed and said.link_from is not None:
        yield look.problem("linkFrom: nothing is weighed, so no probability links.", *BLOCK, "linkFrom")
    if said.tell_from is None:
        return
    path = (*BLOCK, "tellFrom")
    if not weighed:
        yield look.problem("tellFrom: nothing is weighed, so no probability is told.", *path)
    elif said.link_from is not None and said.tell_from > said.link_from:
        yield look.problem("tellFrom: what links is told as well, so this is not above linkFrom.", *path)


def _purpose(look: Look, said: SamePerson) -> Iterator[Problem]:
    """Yield a problem if people are linked and neither a flow nor a provider has anything of it."""
    entity, field = LINKED
    used = any(field in released(flow, entity) for flow in look.file.flows if entity in flow.fields)
    if not used and said.who_learns is WhoLearns.NOBODY:
        words = (
            f"people are linked for nobody: no flow releases {entity}.{field}, and no provider learns of it."
        )
        yield look.problem(words, *BLOCK)


def _learning(look: Look, said: SamePerson) -> Iterator[Problem]:
    """Yield each linked source whose every person is in danger, where providers learn of links."""
    if said.who_learns is WhoLearns.NOBODY:
        return
    everyone = {
        each.source
        for each in look.file.safety_sources
        if any(str(proof.when) == EVERYONE for proof in each.proves)
    }
    for at, source in enumerate(said.sources):
        if source in everyone:
            words = (
                f"{source}: to be known there is itself the danger, so no provider may learn of a link to it."
            )
            yield look.problem(words, *BLOCK, "sources", at)


def _flow(look: Look, at: int, flow: FlowBlock, said: SamePerson | None) -> Iterator[Problem]:
    entity, field = LINKED
    action = released(flow, entity).get(field) if entity in flow.fields else None
    if action is None:
        return
    path = ("flows", at, "fields", entity, field)
    if action is not Action.PSEUDONYMISE:
        yield look.problem(f"{entity}.{field} leaves as a pseudonym or not at all.", *path)
    if said is None:
        yield look.problem(f"{entity}.{field}: personLink does not say who is the same person.", *path)
    for source in said.sources if said else ():
        if source not in flow.sources:
            words = f"{entity}.{field} is made from records of {source} too, which is not in this flow."
            yield look.problem(words, *path)
