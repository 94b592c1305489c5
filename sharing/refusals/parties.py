"""Parties, dates and ids: who is who, and that nobody is two things at once."""

from collections import Counter
from collections.abc import Iterator

from pydantic.alias_generators import to_camel

from config.documents import Problem
from sharing.refusals.look import Look
from sharing.vocabulary import Role

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
    """Yield what is wrong with the parties."""
    yield from _given_twice(look)
    yield from _dates(look)
    yield from _sources(look)


def _given_twice(look: Look) -> Iterator[Problem]:
    blocks = {to_camel(name): getattr(look.file, name) for name in type(look.file).model_fields}
    for block, key in [*((name, "id") for name in LISTS), ("safetySources", "source")]:
        ids = [getattr(item, key) for item in blocks[block]]
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
