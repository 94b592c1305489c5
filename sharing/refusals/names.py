"""Names that point elsewhere in the file, and fields named outside the data sets: each must exist."""

from collections.abc import Iterator

from canonical import ENTITIES, spec
from config.documents import Problem
from sharing.refusals.look import Look, Path
from sharing.vocabulary import PERSON_LINK


def refusals(look: Look) -> Iterator[Problem]:
    """Yield names of parties, flows, purposes and fields that nothing bears."""
    yield from _parties(look)
    yield from _linked(look)
    yield from _constraints(look)


def _parties(look: Look) -> Iterator[Problem]:
    for at, party in enumerate(look.file.parties):
        if party.commissioned_by is not None:
            path: Path = ("parties", at, "commissionedBy", "party")
            yield from look.unknown("party", party.commissioned_by.party, look.parties, *path)


def _linked(look: Look) -> Iterator[Problem]:
    """Yield each field by which records are said to be linked and are not, or are and are not said to be."""
    said = look.file.person_link.by
    for at, path in enumerate(said):
        yield from look.unknown(
            "field by which records are linked", path, PERSON_LINK, "personLink", "by", at
        )
    for path in sorted(PERSON_LINK - set(said)):
        words = f"{path}: records are linked by this as well, in every flow. Say so."
        yield look.problem(words, "personLink", "by")


def _constraints(look: Look) -> Iterator[Problem]:
    for at, flow in enumerate(look.file.flows):
        path: Path = ("flows", at, "constraints", "useOnlyFor")
        for number, purpose in enumerate(flow.constraints.use_only_for):
            yield from look.unknown("purpose", purpose, look.purposes, *path, number)
        if set(flow.constraints.use_only_for) - {flow.purpose}:
            words = f"{flow.id} is for {flow.purpose}: another use needs a flow of its own (Article 5(1)(b))."
            yield look.problem(words, *path)


def field_named(look: Look, name: str, *path: str | int) -> Iterator[Problem]:
    """Yield a problem if no entity has a field of this name, written ENTITY.FIELD."""
    entity, _, field = name.partition(".")
    yield from look.unknown("entity", entity, ENTITIES, *path)
    if entity in ENTITIES:
        yield from look.unknown(f"field of {entity}", field, spec(entity).fields, *path)
