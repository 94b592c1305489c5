"""Which fields are measured, and how each record stands: does the field apply, and is it valid."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from canonical import ENTITIES, codes, spec
from config.documents import read_document
from quality.records import Records

DECLARED = Path(__file__).with_name("measured.yaml")


class Standing(StrEnum):
    """How one field of one record stands; every record has exactly one for each measured field."""

    NOT_GIVEN = "not_given"
    NOT_APPLICABLE = "not_applicable"
    UNDECIDED = "undecided"
    UNREADABLE = "unreadable"
    BLANK = "blank"
    REFUSED = "refused"
    NOT_KNOWN = "not_known"
    INVALID = "invalid"
    VALID = "valid"


Holds = Annotated[list[str], Field(min_length=1)] | Literal["filled", "blank", "true"]
Condition = dict[str, Holds]


class Measured(BaseModel):
    """One field, to which records it applies, and which of its words are answers and no gap."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    when: Condition = {}
    unless: Condition = {}
    refused: Condition = {}
    not_known: Condition = {}

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        known = spec(self.entity).fields if self.entity in ENTITIES else {}
        conditions = (self.when, self.unless, self.refused, self.not_known)
        for name in (self.name, *(name for condition in conditions for name in condition)):
            if name not in known:
                raise ValueError(f"{name} is no field of {self.entity}")
        for condition in conditions:
            for name, holds in condition.items():
                listed = known[name].codes
                strange = {*holds} - {*codes(listed)} if isinstance(holds, list) and listed else set()
                if strange:
                    raise ValueError(f"{name}: {min(strange)} is no code of {listed}")
        return self

    @property
    def entity(self) -> str:
        """Return the entity whose records have the field."""
        return self.field.partition(".")[0]

    @property
    def name(self) -> str:
        """Return the field's name within its entity."""
        return self.field.partition(".")[2]

    @property
    def may_stand(self) -> tuple[Standing, ...]:
        """Return how it may stand besides being valid."""
        never = {Standing.VALID}
        never |= set() if self.refused else {Standing.REFUSED}
        return tuple(kind for kind in Standing if kind not in never)

    def standing(self, records: Records, sources: list[str], wrong: pl.Series | None) -> pl.Expr:
        """Return how the field stands in each record.

        Given: the sources of the records; wrong: the records in which a check failed that names the field, if
               there are any.
        """
        given = [name for name in sources if self._given(records, name)]
        unsure = records.unbelieved() | records.ticked("_reference_repeated")
        applies = _holds(records, self.when) & ~(
            _holds(records, self.unless) if self.unless else pl.lit(False)
        )
        invalid = pl.lit(value=False) if wrong is None else pl.lit(wrong)
        asked = (
            pl.when(~pl.col("_source").is_in(given)).then(_lit(Standing.NOT_GIVEN))
            .when(unsure).then(_lit(Standing.UNDECIDED))
            .when(~applies).then(_lit(Standing.NOT_APPLICABLE))
            .when(records.unreadable(self.name)).then(_lit(Standing.UNREADABLE))
        )  # fmt: skip
        if self.refused:
            asked = asked.when(_holds(records, self.refused)).then(_lit(Standing.REFUSED))
        asked = asked.when(records.answered(self.name)).then(_lit(Standing.NOT_KNOWN))
        if self.not_known:
            asked = asked.when(_holds(records, self.not_known)).then(_lit(Standing.NOT_KNOWN))
        return (
            asked.when(pl.col(self.name).is_null()).then(_lit(Standing.BLANK))
            .when(invalid).then(_lit(Standing.INVALID))
            .otherwise(_lit(Standing.VALID))
        )  # fmt: skip

    def _given(self, records: Records, source: str) -> bool:
        present = self.name in records.table.columns
        return present and records.facts.fills(source, records.entity, self.name)


class MeasuredFields(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    months: dict[str, str]
    fields: tuple[Measured, ...]


@cache
def declared() -> MeasuredFields:
    """Return the declaration. Errors: DocumentRefused."""
    return read_document(DECLARED, MeasuredFields)


@cache
def measured_of(entity: str) -> tuple[Measured, ...]:
    """Return the measured fields of the entity, in their order."""
    return tuple(one for one in declared().fields if one.entity == entity)


ORDER: Mapping[Standing, int] = {standing: at for at, standing in enumerate(Standing)}


def _lit(standing: Standing) -> pl.Expr:
    return pl.lit(ORDER[standing], pl.UInt8)


def _holds(records: Records, condition: Condition) -> pl.Expr:
    """Return whether all of the condition holds; what cannot be told does not hold."""
    parts = [_one(records, name, holds) for name, holds in condition.items()]
    return pl.all_horizontal(parts) if parts else pl.lit(value=True)


def _one(records: Records, name: str, holds: Holds) -> pl.Expr:
    if name not in records.table.columns:
        return pl.lit(holds == "blank")
    if holds == "true":
        return pl.col(name).cast(pl.Boolean).fill_null(value=False)
    if isinstance(holds, list):
        return pl.col(name).is_in(holds).fill_null(value=False)
    return pl.col(name).is_not_null() if holds == "filled" else pl.col(name).is_null()
