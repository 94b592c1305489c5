"""What there is: every field of every data set, before anybody shares it (block 4)."""

from typing import Annotated, Literal

from pydantic import Field

from sharing.document.block import Block, Code, FieldPath, Id, Words
from sharing.vocabulary import Classification, Directness

Category = Annotated[str, Field(pattern=r"^(dpv:[A-Z][A-Za-z]+|uk:cat/[a-z-]+)$")]


class FieldDescription(Block):
    """What a field is, before anybody shares it."""

    category: Category
    identifiability: Directness
    sensitivity: Classification
    special_category: list[Code] = Field(default=[])
    derived_from: list[FieldPath] = Field(default=[])
    free_text: bool = False
    assertion: Literal["fact", "opinion", "derived"] | None = None


class DataSet(Block):
    """One canonical entity: whom it is about, and each of its fields."""

    id: Id
    label: Words
    subjects: list[Words] = Field(min_length=1)
    fields: dict[str, FieldDescription]
