"""Read a mapping file and hold it against our entities; all that is wrong is said at once, with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from canonical import COUNTED, ENTITIES
from config.documents import DocumentRefused, Place, Problem, read_as_far, suggest
from mappings.errors import MappingRefused
from mappings.fields import FieldPlan, plan_field, regex_holds
from mappings.model import EntityMapping, MappingFile

COLUMN_MARK = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class EntityPlan:
    """The records of one entity that an export's rows make, checked."""

    entity: str
    declared: EntityMapping
    fields: tuple[FieldPlan, ...]


@dataclass(frozen=True)
class Mapping:
    """A mapping file that holds."""

    path: Path
    declared: MappingFile = field(repr=False)
    entities: tuple[EntityPlan, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """Return the mapping's own name."""
        return self.declared.name

    @property
    def version(self) -> int:
        """Return the mapping's version."""
        return self.declared.version

    @cached_property
    def patterns(self) -> dict[str, str]:
        """Return the pattern of references by column: what one field says of a column holds for all."""
        said = [field.declared for entity in self.entities for field in entity.fields]
        found = {
            str(each.column): each.pattern
            for each in said
            if each.converter == "reference" and each.splitter is None and each.pattern is not None
        }
        own = self.declared.reference
        return found | ({own.column: own.pattern} if own.pattern is not None else {})

    @property
    def export(self) -> str:
        """Return the name of the export it reads."""
        return self.declared.export


def load_mapping(path: Path) -> Mapping:
    """Return the mapping.

    Errors: DocumentRefused for its form, MappingRefused for what it says, each with every line.
    """
    declared, place, form = read_as_far(path, MappingFile)
    if declared is None:
        raise DocumentRefused(form)
    problems = list(_whole_file(declared, place))
    plans = tuple(_plan_entity(place, at, entity, problems) for at, entity in enumerate(declared.entities))
    if problems:
        raise MappingRefused(sorted([*form, *problems], key=lambda problem: problem.line))
    if form:
        raise DocumentRefused(form)
    return Mapping(path, declared, plans)


def _plan_entity(place: Place, at: int, entity: EntityMapping, problems: list[Problem]) -> EntityPlan:
    if entity.entity not in ENTITIES:
        text = f"{entity.entity}: no such entity.{suggest(entity.entity, list(ENTITIES))}"
        problems.append(place.problem(text, "entities", at, "entity"))
        return EntityPlan(entity.entity, entity, ())
    if entity.entity == COUNTED:
        text = f"{COUNTED}: Viaduct counts it itself; no export gives it."
        problems.append(place.problem(text, "entities", at, "entity"))
        return EntityPlan(entity.entity, entity, ())
    plans = []
    for name, declared in entity.fields.items():

        def say(text: str, *keys: str, name: str = name) -> None:
            problems.append(place.problem(text, "entities", at, "fields", name, *keys))

        plans.append(plan_field(entity.entity, name, declared, place.file.parent, say))
    return EntityPlan(entity.entity, entity, tuple(plan for plan in plans if plan is not None))


def _whole_file(declared: MappingFile, place: Place) -> Iterator[Problem]:
    used = set(columns(declared))
    for at, ignored in enumerate(declared.ignore):
        if ignored.column in used:
            yield place.problem(f"{ignored.column}: this column is both taken and ignored.", "ignore", at)
        if any(ignored.column == other.column for other in declared.ignore[:at]):
            yield place.problem(f"{ignored.column}: this column is ignored twice.", "ignore", at)
    if declared.reference.pattern is not None and not regex_holds(declared.reference.pattern):
        yield place.problem("reference.pattern: not a regular expression.", "reference", "pattern")
    yield from _repeated(declared, place)
    for at, entity in enumerate(declared.entities):
        yield from _conditions(declared, at, entity, place)
    if not _covers_every_row(declared):
        first = declared.entities[0].entity
        text = f"{first}: every row must make the first entity: give no `when`, or the rest by `not_in`."
        yield place.problem(text, "entities", 0)


def _conditions(declared: MappingFile, at: int, entity: EntityMapping, place: Place) -> Iterator[Problem]:
    when = entity.when
    if when is not None:
        by_word = when.within is not None or when.without is not None
        if (when.not_blank is None) == (when.within is None and when.without is None):
            yield place.problem(
                "when: say either column with in or not_in, or not_blank.", "entities", at, "when"
            )
        elif by_word and when.column is None:
            yield place.problem("when: name the column.", "entities", at, "when")
    kinds = declared.row_kinds
    if kinds is not None and when is not None and when.column == kinds.column:
        for word in set(when.within or []) - set(kinds.known):
            yield place.problem(f"when: {word} is not among row_kinds.", "entities", at, "when", "in")
    if entity.reference is not None and not COLUMN_MARK.findall(entity.reference):
        yield place.problem(
            "reference: write columns in braces, such as {Org Person ID}.", "entities", at, "reference"
        )
    if entity.reference_pattern is not None and not regex_holds(entity.reference_pattern):
        yield place.problem(
            "reference_pattern: not a regular expression.", "entities", at, "reference_pattern"
        )


def _covers_every_row(declared: MappingFile) -> bool:
    first = [entity for entity in declared.entities if entity.entity == declared.entities[0].entity]
    if any(entity.reference is not None for entity in first):
        return False
    whens = [entity.when for entity in first]
    if len(whens) == 1:
        return whens[0] is None
    within = [when for when in whens if when is not None and when.within]
    without = [when for when in whens if when is not None and when.without]
    if len(without) != 1 or len(within) + 1 != len(whens):
        return False
    words = [word for when in within if when.column == without[0].column for word in when.within or []]
    return sorted(words) == sorted(without[0].without or [])


def _repeated(declared: MappingFile, place: Place) -> Iterator[Problem]:
    """Yield what is wrong with the columns for which the export repeats rows."""
    wanted, used = set(declared.repeated_for), set(columns(declared))
    for at, name in enumerate(declared.repeated_for):
        if name not in used or name == declared.reference.column:
            yield place.problem(f"{name}: no field is made of this column.", "repeated_for", at)
    for at, entity in enumerate(declared.entities):
        if not wanted & set(columns_of(entity)):
            continue
        if at == 0 or entity.entity == declared.entities[0].entity:
            text = f"{entity.entity}: the first entity is made once, of columns that are not repeated."
            yield place.problem(text, "entities", at)
        elif not wanted & set(COLUMN_MARK.findall(entity.reference or "")):
            text = f"{entity.entity}: its reference must name a column of repeated_for."
            yield place.problem(text, "entities", at, "reference")


def columns(declared: MappingFile) -> Iterator[str]:
    """Yield every column the mapping takes, as often as it takes it."""
    yield declared.reference.column
    if declared.row_kinds is not None:
        yield declared.row_kinds.column
    yield from declared.view.values()
    for entity in declared.entities:
        yield from columns_of(entity)


def columns_of(entity: EntityMapping) -> Iterator[str]:
    """Yield every column that an entity is made of."""
    if entity.when is not None:
        yield from [entity.when.column] if entity.when.column else []
        yield from entity.when.not_blank or []
    yield from COLUMN_MARK.findall(entity.reference or "")
    yield from [entity.person] if entity.person else []
    for field_mapping in entity.fields.values():
        yield from [name for name in (field_mapping.column, field_mapping.time_column) if name]
