"""The names of ours that providers.yaml uses: entities and fields, held to the canonical schema."""

from collections.abc import Iterator
from pathlib import Path

from config.documents import DocumentRefused, Place, Problem, read_with_place, suggest
from config.providers import Provider, Providers


def misnamed(folder: Path) -> DocumentRefused | None:
    """Return what providers.yaml calls by a name that we do not have; None where it has no such name.

    A file that does not load says nothing here: its own errors are told when it is read.
    """
    try:
        read, place = read_with_place(folder / "providers.yaml", Providers)
    except DocumentRefused:
        return None
    problems = [each for name, told in read.providers.items() for each in _strange(name, told, place)]
    return DocumentRefused(problems) if problems else None


def _strange(provider: str, told: Provider, place: Place) -> Iterator[Problem]:
    from canonical import ENTITIES, spec

    for entity in told.links:
        if entity not in ENTITIES:
            hint = suggest(entity, sorted(ENTITIES))
            yield place.problem(
                f"links: {entity} is no entity.{hint}", "providers", provider, "links", entity
            )
    for label in told.labels:
        entity, _, field = label.partition(".")
        if entity not in ENTITIES or field not in spec(entity).fields:
            known = [f"{name}.{each}" for name in ENTITIES for each in spec(name).fields]
            hint = suggest(label, known)
            yield place.problem(f"labels: {label} is no field.{hint}", "providers", provider, "labels", label)
