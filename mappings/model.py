"""The shape of a mapping file, read strictly: what an export's columns are called, and what they become."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

ConverterName = Literal[
    "text",
    "date",
    "instant",
    "time_known",
    "boolean",
    "integer",
    "decimal",
    "coordinate",
    "code",
    "code_as_is",
    "nhs_number",
    "postcode",
    "uprn",
    "reference",
    "parent_reference",
    "references",
]
Name = Annotated[str, StringConstraints(min_length=1, pattern=r"^[a-z][a-z0-9_]*$")]
Said = Annotated[str, StringConstraints(min_length=1)]


class Declared(BaseModel):
    """A part of a mapping file; a key it does not know is refused."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class Ignored(Declared):
    """A column that is never taken, and why."""

    column: Said
    why: Said


class Reference(Declared):
    """The column that holds the source's own reference of each row."""

    column: Said
    pattern: Said | None = None


class RowKinds(Declared):
    """The column that says which records a row makes, and the words known there."""

    column: Said
    known: Annotated[list[Said], Field(min_length=1)]


class When(Declared):
    """Which rows make a record of the entity."""

    column: Said | None = None
    within: list[Said] | None = Field(default=None, alias="in")
    without: list[Said] | None = Field(default=None, alias="not_in")
    not_blank: list[Said] | None = None


Formats = Annotated[list[Said], Field(min_length=1)]


class FieldMapping(Declared):
    """Where one field comes from: a column through a converter, or one word for every row."""

    column: Said | None = None
    converter: ConverterName | None = None
    constant: Said | None = None
    format: Said | Formats | None = None
    years_from: int | None = None
    time_column: Said | None = None
    time_format: Said = "HH:MM"
    words: dict[str, str | bool] = Field(default_factory=dict)
    words_file: Said | None = None
    list: Name | None = None
    other: bool | None = None
    blank: bool | None = None
    pattern: Said | None = None
    looks_like: Said | None = None
    least: int | None = None
    most: int | None = None
    separator: Said = ";"
    splitter: Literal["comma", "name"] | None = None
    part: int | Said | None = None


class EntityMapping(Declared):
    """The records of one entity that the export's rows make."""

    entity: Name
    when: When | None = None
    reference: Said | None = None
    reference_pattern: Said | None = None
    person: Said | None = None
    fields: dict[str, FieldMapping]


class MappingFile(Declared):
    """One export: its columns, and the records they make."""

    name: Name
    version: Annotated[int, Field(ge=1)]
    export: Name
    about: str = ""
    reference: Reference
    null_words: list[Said] = Field(default_factory=list)
    ignore: list[Ignored] = Field(default_factory=list)
    row_kinds: RowKinds | None = None
    repeated_for: list[Said] = Field(default_factory=list)
    view: dict[Literal["projects", "branches", "dictionary"], Said] = Field(default_factory=dict)
    entities: Annotated[list[EntityMapping], Field(min_length=1)]
