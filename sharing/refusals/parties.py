"""Parties, operators, dates and ids: who is who, and that nobody is two things at once."""

from collections import Counter
from collections.abc import Iterator

from config.documents import Problem
from sharing.document import Operator
from sharing.refusals.look import Look
from sharing.refusals.waivers import normalised
from sharing.vocabulary import Role

KEYS = "UK GDPR Article 32"
HOSTS = ("sync", "landing", "council")
LISTS = (
    "parties",
    "operators",
    "agreements",
    "purposes",
    "legalBases",
    "dataSets",
    "safety",
    "flows",
    "risks",
    "measures",
)


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with the parties and operators."""
    yield from _given_twice(look)
    yield from _dates(look)
    yield from _sources(look)
    yield from _operators(look)


def _given_twice(look: Look) -> Iterator[Problem]:
    said = look.file.model_dump(by_alias=True)
    for block, key in [*((name, "id") for name in LISTS), ("safetySources", "source")]:
        ids = [item[key] for item in said[block]]
        for name, count in Counter(ids).items():
            if count > 1:
                second = [at for at, each in enumerate(ids) if each == name][1]
                yield look.problem(f"{name}: this {key} is given twice.", block, second, key)


def _dates(look: Look) -> Iterator[Problem]:
    valid = look.file.validity
    if valid.expires_on < valid.effective_from:
        yield look.problem("expiresOn lies before effectiveFrom.", "validity", "expiresOn")
    elif not valid.effective_from <= valid.review_by <= valid.expires_on:
        yield look.problem("reviewBy lies outside effectiveFrom to expiresOn.", "validity", "reviewBy")


def _sources(look: Look) -> Iterator[Problem]:
    claimed: dict[str, str] = {}
    for at, party in enumerate(look.file.parties):
        for number, source in enumerate(party.sources):
            path = ("parties", at, "sources", number)
            if source in claimed:
                yield look.problem(f"{source}: {claimed[source]} is already its controller.", *path)
            claimed[source] = party.id
            if look.site_sources is not None:
                yield from look.unknown("source of this site", source, look.site_sources, *path)
        if party.sources and party.role not in {Role.CONTROLLER, Role.JOINT_CONTROLLER}:
            yield look.problem(f"{party.id}: only a controller has sources.", "parties", at, "role")


def _operators(look: Look) -> Iterator[Problem]:
    run = {part for operator in look.file.operators for part in operator.does}
    for part in HOSTS:
        if part not in run:
            words = f"No operator runs the {part} side: every host has one (UK GDPR Articles 28 and 30)."
            yield look.problem(words, "operators")
    for at, operator in enumerate(look.file.operators):
        for number, party in enumerate(operator.on_behalf_of):
            yield from look.unknown("party", party, look.parties, "operators", at, "onBehalfOf", number)
        if operator.role is Role.PROCESSOR and operator.article28 is None:
            yield look.problem(f"{operator.id}: a processor needs its Article 28 contract.", "operators", at)
        yield from _named(look, at, operator)
    yield from _custody(look)


def _named(look: Look, at: int, operator: Operator) -> Iterator[Problem]:
    """Yield whom the operator of a side must name, and does not."""
    if "sync" in operator.does and not normalised(operator.key_custodian or ""):
        words = f"{operator.id} runs the sync side: name its keyCustodian, who keeps the keys ({KEYS})."
        yield look.problem(words, "operators", at, "does")
    if "council" in operator.does and not any(map(normalised, operator.warehouse_readers)):
        words = f"{operator.id} runs the council side: name its warehouseReaders ({KEYS})."
        yield look.problem(words, "operators", at, "does")


def _custody(look: Look) -> Iterator[Problem]:
    """Yield who keeps keys and may read the warehouse: as one of its readers, or as who runs it."""
    readers = {normalised(reader) for each in look.file.operators for reader in each.warehouse_readers}
    readers |= {normalised(each.name) for each in look.file.operators if "council" in each.does}
    for at, each in enumerate(look.file.operators):
        if each.key_custodian is not None and normalised(each.key_custodian) in readers:
            words = (
                f"{each.key_custodian}: who keeps the keys of the pseudonyms may not read the warehouse "
                "(UK GDPR Article 4(5))."
            )
            yield look.problem(words, "operators", at, "keyCustodian")
