"""The rules that were proposed for this data, and where each is asked; none is lost silently."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from config.documents import read_document

RULES = Path(__file__).with_name("rules.yaml")


class Place(StrEnum):
    """Who asks a rule."""

    CHECK = "check"
    MAPPING = "mapping"
    PULL = "pull"
    RELEASE = "release"
    FIGURE = "figure"
    NOWHERE = "nowhere"


class Rule(BaseModel):
    """One proposed rule: who asks it, which checks or which file, and what was mended."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}-[0-9]{2}$")]
    asked: Place
    by: str = ""
    why: str = ""


class Rules(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rules: tuple[Rule, ...]


@cache
def rules() -> tuple[Rule, ...]:
    """Return every proposed rule, in its order. Errors: DocumentRefused."""
    return read_document(RULES, Rules).rules
