"""What a finding does to the figures, and how long mending takes: the order of a worklist and its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from config.documents import read_document
from quality.checks import Effect, catalogue

EFFECTS = Path(__file__).with_name("effects.yaml")
USUAL = "record"
"""How a check that nobody weighed is mended: in the record itself."""
Weight = Annotated[float, Field(ge=0, le=10)]
CheckId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}-[0-9]{2}$")]
Figures = tuple[str, ...]


class Way(StrEnum):
    """What a failure does to a figure."""

    MISSING = "missing"
    TWICE = "twice"
    DOUBTFUL = "doubtful"


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Declared):
    """A number the council publishes, or works out from the warehouse besides."""

    id: str
    spoken: str
    hub_only: bool
    published: Figures


class OfCheck(_Declared):
    """What failing one check does, and how much work mending is."""

    mending: str
    missing: Figures = ()
    twice: Figures = ()
    doubtful: Figures = ()


class Effects(_Declared):
    """The whole file."""

    weights: Mapping[str, Weight]
    minutes: Mapping[str, Annotated[float, Field(gt=0, le=120)]]
    safety: tuple[CheckId, ...]
    figures: tuple[Figure, ...]
    counts_in: Mapping[str, Figures]
    fields: Mapping[str, Figures]
    checks: Mapping[CheckId, OfCheck]

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        known = {figure.id for figure in self.figures}
        told = [*self.counts_in.values(), *self.fields.values()]
        told += [
            each for check in self.checks.values() for each in (check.missing, check.twice, check.doubtful)
        ]
        strange = {name for names in told for name in names} - known
        work = {check.mending for check in self.checks.values()} - set(self.minutes)
        if strange or work or set(self.weights) != {*Way, "unpublished"}:
            raise ValueError(f"not declared: {', '.join(sorted(strange | work)) or 'a weight'}")
        return self


@dataclass(frozen=True)
class Distortion:
    """One figure that a finding distorts, and how."""

    figure: Figure
    way: Way
    weight: float


def figures_of(check_id: str, entity: str = "", field: str = "") -> tuple[Distortion, ...]:
    """Return the figures that a finding of this check distorts, as declared; none where nothing is told.

    Given:  the entity and field of the finding, for checks that are asked of every record.
    """
    declared = effects().checks.get(check_id)
    named = (
        [(way, getattr(declared, way.value)) for way in Way]
        if declared is not None and any(getattr(declared, way.value) for way in Way)
        else [_derived(check_id, entity, field)]
    )
    return tuple(_distortion(name, way) for way, names in named for name in names)


def weight_of(check_id: str, entity: str = "", field: str = "", *, hub: bool = True) -> float:
    """Return how much one such finding distorts the figures; hub: whether it is the hub's own."""
    told = figures_of(check_id, entity, field)
    return sum(each.weight for each in told if hub or not each.figure.hub_only)


def minutes_of(check_id: str) -> float:
    """Return how many minutes mending one record takes, by our estimate."""
    declared = effects().checks.get(check_id)
    return effects().minutes[declared.mending if declared else USUAL]


def concerns_safety(check_id: str) -> bool:
    """Return whether somebody's safety may hang on it, so that it is mended before any figure."""
    return check_id in effects().safety


@cache
def effects() -> Effects:
    """Return the declared effects. Errors: DocumentRefused."""
    return read_document(EFFECTS, Effects)


def _derived(check_id: str, entity: str, field: str) -> tuple[Way, Figures]:
    """Return what follows of itself: a held record is missing, and so is one whose field is sent empty."""
    check = next((each for each in catalogue() if each.id == check_id), None)
    place = entity or (check.entity if check else "")
    if check is not None and check.effect is Effect.HOLD_RECORD:
        return Way.MISSING, effects().counts_in.get(place, ())
    if check is not None and check_id in effects().checks and check.effect is Effect.NONE:
        return Way.DOUBTFUL, ()
    way = Way.MISSING if check is not None and check.effect is Effect.BLANK_FIELD else Way.DOUBTFUL
    name = field or (check.field or "" if check else "")
    return way, effects().fields.get(name if "." in name else f"{place}.{name}", ())


def _distortion(name: str, way: Way) -> Distortion:
    figure = _figures()[name]
    share = 1.0 if figure.published else effects().weights["unpublished"]
    return Distortion(figure, way, effects().weights[way.value] * share)


@cache
def _figures() -> Mapping[str, Figure]:
    return {figure.id: figure for figure in effects().figures}
