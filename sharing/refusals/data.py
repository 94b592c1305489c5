"""Data sets: every field of an entity described, and none more loosely than the canonical schema."""

from collections.abc import Iterator

from canonical import ENTITIES, FieldSpec, Sensitivity, spec
from config.documents import Problem
from sharing.document import DataSet, FieldDescription
from sharing.refusals.look import Look
from sharing.vocabulary import LEAST_CLASSIFICATION, Directness


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with the data sets."""
    for at, data_set in enumerate(look.file.data_sets):
        if data_set.id not in ENTITIES:
            yield from look.unknown("entity", data_set.id, ENTITIES, "dataSets", at, "id")
            continue
        known = spec(data_set.id).fields
        for name in known:
            if name not in data_set.fields:
                yield look.problem(f"{data_set.id}.{name} is not described.", "dataSets", at, "fields")
        for name in data_set.fields:
            yield from look.unknown(f"field of {data_set.id}", name, known, "dataSets", at, "fields", name)
            if name in known:
                yield from _field(look, at, data_set, known[name])


def _field(look: Look, at: int, data_set: DataSet, known: FieldSpec) -> Iterator[Problem]:
    said: FieldDescription = data_set.fields[known.name]
    path = ("dataSets", at, "fields", known.name)
    if said.sensitivity not in LEAST_CLASSIFICATION[known.sensitivity]:
        words = (
            f"{data_set.id}.{known.name} is {known.sensitivity} in the schema; {said.sensitivity} is looser."
        )
        yield look.problem(words, *path)
    if known.sensitivity is Sensitivity.IDENTIFIER and said.identifiability is not Directness.DIRECT:
        yield look.problem(f"{data_set.id}.{known.name} identifies a person directly.", *path)
    for origin in said.derived_from:
        entity, field = origin.split(".")
        if entity not in ENTITIES:
            yield from look.unknown("entity", entity, ENTITIES, *path, "derivedFrom")
        else:
            yield from look.unknown(f"field of {entity}", field, spec(entity).fields, *path, "derivedFrom")
