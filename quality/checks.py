"""The check catalogue: what is asked of every record, in words, and what follows from a failure."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from canonical import ENTITIES, spec
from config.documents import DocumentRefused, Problem, read_with_place

CATALOGUE = Path(__file__).with_name("catalogue.yaml")
EVERY = "every"
SUBMISSION = "submission"
"""What a provider gave as a whole; it has no records, so a finding names a month, a quarter or an export."""
OF_A_SUBMISSION = ("period", "rows", "referrals", "ethnicity_2021")
MOST_CHECKS = 64
Words = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^{}]*$")]


class Severity(StrEnum):
    """How loudly the provider is told."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Effect(StrEnum):
    """What a failure does to the record."""

    HOLD_RECORD = "hold_record"
    BLANK_FIELD = "blank_field"
    NONE = "none"


class Check(BaseModel):
    """One question asked of every record of an entity; its words hold no value of a record."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}-[0-9]{2}$")]
    entity: str
    only: tuple[str, ...] = ()
    field: str | None = None
    fields: tuple[str, ...] = ()
    also_blanks: tuple[str, ...] = ()
    other: str | None = None
    percent: float | None = None
    severity: Severity
    effect: Effect
    inputs: tuple[str, ...]
    speaks_for_unreadable: bool = False
    told_by_mapping: bool = False
    applies: Words
    message: Words
    mend: Words
    why: Words
    standard: str
    source: Words

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        if self.entity == SUBMISSION:
            return self._of_a_submission()
        names = (*self.only, *(() if self.entity == EVERY else (self.entity,)))
        unknown = [name for name in names if name not in ENTITIES]
        if unknown:
            raise ValueError(f"{unknown[0]} is no entity")
        for entity in names if self.only else filter(EVERY.__ne__, [self.entity]):
            own = (*self.inputs, *self.also_blanks, *self.named)
            missing = [name for name in own if not _is_known(entity, name)]
            if missing:
                raise ValueError(f"{missing[0]} is no field of {entity}")
        return self

    def _of_a_submission(self) -> Self:
        """Errors: ValueError, where it names or does what can only be asked of a record."""
        if self.field not in OF_A_SUBMISSION:
            raise ValueError(f"{self.field} is nothing that a whole submission has")
        if self.only or self.fields or self.also_blanks or self.inputs or self.effect is not Effect.NONE:
            raise ValueError("a check of a whole submission names one field and has no effect on a record")
        return self

    def asks(self, entity: str) -> bool:
        """Return whether the check is asked of this entity's records."""
        every = self.entity == EVERY and entity != SUBMISSION and (not self.only or entity in self.only)
        return not self.told_by_mapping and (self.entity == entity or every)

    def field_of(self, entity: str) -> str:
        """Return the field a finding names, where it is always the same: the check's, else the own key."""
        return self.field or spec(entity).key[0]

    @property
    def named(self) -> tuple[str, ...]:
        """Return the fields that a finding may name, but for a record's own key."""
        return self.fields or ((self.field,) if self.field else ())

    @property
    def blanks(self) -> tuple[str, ...]:
        """Return the fields a failure may leave empty; of several, those that fail."""
        return (*self.named, *self.also_blanks) if self.effect is Effect.BLANK_FIELD else ()


class Catalogue(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    checks: tuple[Check, ...]


def _is_known(entity: str, name: str) -> bool:
    owner, _, field = name.rpartition(".")
    known = ("*", *spec(owner or entity).fields) if (owner or entity) in ENTITIES else ()
    return field.startswith("_") or field in known


@cache
def catalogue() -> tuple[Check, ...]:
    """Return every check in the order in which it is asked. Errors: DocumentRefused."""
    return load_catalogue(CATALOGUE)


def load_catalogue(path: Path) -> tuple[Check, ...]:
    """Return the checks of the file. Errors: DocumentRefused, also for an id given twice."""
    found, place = read_with_place(path, Catalogue)
    seen: set[str] = set()
    problems: list[Problem] = []
    for position, check in enumerate(found.checks):
        if check.id in seen:
            problems.append(place.problem(f"{check.id} is given twice.", "checks", position, "id"))
        seen.add(check.id)
    crowded = [name for name in ENTITIES if sum(check.asks(name) for check in found.checks) > MOST_CHECKS]
    problems += [place.problem(f"{name} has more than {MOST_CHECKS} checks.", "checks") for name in crowded]
    if problems:
        raise DocumentRefused(problems)
    return found.checks


@cache
def checks_of(entity: str) -> tuple[Check, ...]:
    """Return the checks asked of the entity; the position of each is its bit in `_failed`."""
    return tuple(check for check in catalogue() if check.asks(entity))


@cache
def check_named(check_id: str) -> Check:
    """Return the check. Errors: KeyError for an id that is not in the catalogue."""
    by_id: Mapping[str, Check] = {check.id: check for check in catalogue()}
    return by_id[check_id]
