"""What findings may share, as declared: codes, the CRM's own numbers of services and organisations, weeks."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from canonical import Kind, code_lists, codes, spec
from config.documents import read_document

DECLARED = Path(__file__).with_name("traits.yaml")
PLACES = ("service", "organisation")


class TraitKind(StrEnum):
    """What a trait's value is."""

    CODE = "code"
    ID = "id"
    WEEK = "week"


class Trait(BaseModel):
    """Something that records have in common and that says nothing about a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")]
    of: dict[str, str]
    kind: TraitKind
    list: str = ""
    says: Annotated[str, StringConstraints(pattern=r"^[^{}]*\{value\}[^{}]*$")]

    @model_validator(mode="after")
    def _is_of_a_closed_kind(self) -> Self:
        if (self.kind is TraitKind.CODE) != (self.list in code_lists()):
            raise ValueError(f"{self.name}: a code, and nothing else, names one of our code lists")
        for entity, column in self.of.items():
            if not self._may_be(entity, column):
                raise ValueError(f"{entity}.{column} is no {self.kind} that may be a trait")
        return self

    def _may_be(self, entity: str, column: str) -> bool:
        """Return whether the column can tell of nobody: our codes, a service or organisation, a day."""
        if column.startswith("_"):
            return self.kind is TraitKind.CODE
        field = spec(entity).fields.get(column)
        if field is None:
            return False
        if self.kind is TraitKind.CODE:
            return field.codes == self.list
        return field.kind is Kind.DATE if self.kind is TraitKind.WEEK else field.references in PLACES

    @property
    def is_of_service(self) -> bool:
        """Return whether its values are numbers of services."""
        fields = [spec(entity).fields.get(column) for entity, column in self.of.items()]
        return any(field is not None and field.references == "service" for field in fields)

    def speaks_of(self, entity: str, field: str) -> bool:
        """Return whether the finding's field is the trait itself: that explains nothing."""
        own = self.of.get(entity, "")
        return bool(own) and field in (own, f"{own.removesuffix('_on')}_at")

    def label(self, value: str) -> str:
        """Return the value as people read it."""
        return codes(self.list).get(value, value) if self.kind is TraitKind.CODE else value


class Traits(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    traits: tuple[Trait, ...]


@cache
def traits() -> tuple[Trait, ...]:
    """Return the declared traits in their order. Errors: DocumentRefused."""
    return read_document(DECLARED, Traits).traits
