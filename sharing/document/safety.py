"""What proves danger, and the rules that no flow can waive (block 6)."""

from typing import Literal

from pydantic import Field

from sharing.document.block import Block, FieldPath, Id, Words
from sharing.vocabulary import Scope


class Proof(Block):
    """A condition that sets the safety flag."""

    when: Words
    why: Words


class Blank(Block):
    """What a blank cell of one provider means, where IG has found out; without it a blank counts as set."""

    means: bool | str
    why: Words


class SafetySource(Block):
    """What, in one source, proves the safety flag set, and what its blanks mean."""

    source: Id
    proves: list[Proof] = Field(min_length=1)
    blanks: dict[FieldPath, Blank] = Field(default={})


class Effect(Block):
    """The fields, per entity, that leave as null."""

    redact: dict[str, list[str]]


class SafetyRule(Block):
    """A rule that runs before any permit and that no flow can waive."""

    id: Id
    title: Words
    when: Words
    scope: list[Scope] = Field(min_length=1)
    flows: list[Id] | None = None
    effect: Effect
    why: Words


class SafetyDefaults(Block):
    """What becomes of what cannot be known: the stricter answer, and nothing else may be said here."""

    on_unknown: Literal["WITHHOLD"]
    on_rule_error: Literal["WITHHOLD"]
