"""How a field of a record is declared: its type, need, code list, sensitivity and standard in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What a field holds."""

    KEY = "key"
    TEXT = "text"
    CODE = "code"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    COORDINATE = "coordinate"


FRACTIONS = frozenset({Kind.DECIMAL, Kind.COORDINATE})
"""Numbers with a fixed count of decimals: pounds to the penny, degrees to a tenth of a metre."""


class Need(StrEnum):
    """Mandatory, required where known or applicable, optional, or worked out by Viaduct."""

    MANDATORY = "M"
    REQUIRED = "R"
    OPTIONAL = "O"
    DERIVED = "derived"


class Sensitivity(StrEnum):
    """Not personal, direct identifier, personal, special category, criminal offence, safeguarding."""

    NONE = "N"
    IDENTIFIER = "I"
    PERSONAL = "P"
    SPECIAL = "S9"
    OFFENCE = "C10"
    SAFEGUARDING = "SG"


@dataclass(frozen=True)
class FieldSpec:
    """One field of an entity."""

    name: str
    kind: Kind
    need: Need
    sensitivity: Sensitivity
    description: str
    codes: str | None = None
    standard: str = ""
    references: str | None = None


@dataclass(frozen=True)
class EntitySpec:
    """One entity: its fields in order, its own key, and the links a released row cannot do without."""

    name: str
    description: str
    key: tuple[str, ...]
    fields: dict[str, FieldSpec]
    parents: Mapping[str, str]
    person_field: str | None


PYTHON_TYPE: dict[Kind, type] = {
    Kind.KEY: str,
    Kind.TEXT: str,
    Kind.CODE: str,
    Kind.DATE: date,
    Kind.INSTANT: datetime,
    Kind.BOOLEAN: bool,
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.COORDINATE: Decimal,
}


class Entity(BaseModel):
    """A record as Viaduct understands it; its fields are never printed."""

    model_config = ConfigDict(defer_build=True, extra="forbid", hide_input_in_errors=True)
    key: ClassVar[tuple[str, ...]]
    parents: ClassVar[Mapping[str, str]] = MappingProxyType({})
    person_field: ClassVar[str | None] = None


def links(**parents: str) -> Mapping[str, str]:
    """Return, by field, the entities that a released row of this entity cannot do without."""
    return MappingProxyType(parents)


def field(
    kind: str,
    need: str,
    sensitivity: str,
    description: str,
    *,
    codes: str | None = None,
    standard: str = "",
    references: str | None = None,
) -> Any:
    """Return the pydantic field that carries everything we know about one field of a record."""
    said: dict[str, Any] = {
        "kind": kind,
        "need": need,
        "sensitivity": sensitivity,
        "codes": codes,
        "standard": standard,
        "references": references,
    }
    default: Any = ... if need == Need.MANDATORY else None
    return Field(default, description=description, repr=False, json_schema_extra={"viaduct": said})


def reveals_abuse_field() -> Any:
    """Return the derived field by which a row says that it alone reveals domestic abuse."""
    return field(
        "boolean",
        "derived",
        "SG",
        "Whether this row by itself reveals domestic abuse; blank where it cannot be excluded.",
        standard="Domestic Abuse Act 2021",
    )
