"""Data sets: every field of an entity described, and none more loosely than the canonical schema."""

from collections.abc import Iterator

from canonical import ENTITIES, FieldSpec, Kind, Need, Sensitivity, code_lists, spec
from config.documents import Problem
from sharing.document import DataSet, FieldDescription
from sharing.refusals.look import Look, Path
from sharing.vocabulary import LEAST_CLASSIFICATION, Classification, Directness


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
    yield from _special(look, path, said)
    if _own_words(data_set.id, known) and not said.free_text:
        yield look.problem(f"{data_set.id}.{known.name} holds what people typed: say freeText: true.", *path)
    for origin in said.derived_from:
        entity, field = origin.split(".")
        if entity not in ENTITIES:
            yield from look.unknown("entity", entity, ENTITIES, *path, "derivedFrom")
        else:
            yield from look.unknown(f"field of {entity}", field, spec(entity).fields, *path, "derivedFrom")


def _special(look: Look, path: Path, said: FieldDescription) -> Iterator[Problem]:
    if said.sensitivity is Classification.SPECIAL and not said.special_category:
        yield look.problem("say which specialCategory it is (UK GDPR Article 9(1)).", *path)
    if said.special_category and said.sensitivity in {Classification.NONE, Classification.PERSONAL}:
        words = f"it is a special category (UK GDPR Article 9(1)); {said.sensitivity} is looser."
        yield look.problem(words, *path, "sensitivity")


def _own_words(entity: str, known: FieldSpec) -> bool:
    """Return whether the field holds words of a source's own about a person, under no standard."""
    if spec(entity).person_field is None or known.sensitivity is Sensitivity.IDENTIFIER:
        return False
    open_words = known.kind in {Kind.TEXT, Kind.CODE} and known.codes not in code_lists()
    own = not known.standard or known.standard.startswith("Charitylog")
    return open_words and own and known.need is not Need.DERIVED
