"""The invented people of an assessment's examples, as canonical tables that every check has passed.

A record is there if something of it is given or expected, with the records that it hangs on. What is not
said of a record is a blank. A field that is expected to leave, or not to, and that nobody gives, is filled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from canonical import ENTITIES, FRACTIONS, FieldSpec, Kind, polars_schema, spec
from sharing.document import Example
from sharing.document.examples import Given

ALWAYS = ("person", "referral")
FILLED: dict[Kind, Any] = {
    Kind.TEXT: "invented",
    Kind.CODE: "invented",
    Kind.DATE: date(2020, 1, 2),
    Kind.INSTANT: datetime.fromisoformat("2020-01-02T09:00:00+00:00"),
    Kind.BOOLEAN: True,
    Kind.INTEGER: 1,
    Kind.DECIMAL: Decimal(1),
    Kind.COORDINATE: Decimal(1),
}
TECHNICAL = {"_held": pl.Boolean(), "_held_by": pl.String()}


@dataclass(frozen=True)
class Invented:
    """One person of an example: the subject, or somebody whose danger reaches the subject through a link."""

    mark: str
    source: str
    example: int
    given: Given
    expected: tuple[str, ...] = ()
    linked_by: str = ""

    @property
    def reference(self) -> str:
        """Return the reference of the person's own record."""
        return self.of("person")

    def of(self, entity: str) -> str:
        """Return the reference of this person's record of the entity."""
        return f"{entity}-{self.mark}"

    @property
    def entities(self) -> list[str]:
        """Return the entities of which this person has a record, parents first."""
        wanted = {
            "person",
            *(name.partition(".")[0] for name in (*self.given, *self.expected) if "." in name),
        }
        while more := {parent for each in wanted for parent in spec(each).parents.values()} - wanted:
            wanted |= more
        return [entity for entity in ENTITIES if entity in wanted]


def people_of(at: int, example: Example, source: str) -> Iterator[Invented]:
    """Yield the people of the example: its subject first."""
    expected = (*example.expect.absent, *example.expect.present)
    yield Invented(f"e{at}", source, at, example.given, expected)
    for link, given in example.linked.items():
        yield Invented(f"e{at}-{link}", source, at, given, linked_by=link)


def tables_of(people: list[Invented]) -> dict[str, pl.DataFrame]:
    """Return the canonical tables of these people, as a partition looks after its checks."""
    rows: dict[str, list[dict[str, Any]]] = {entity: [] for entity in ALWAYS}
    for one in people:
        for entity in one.entities:
            rows.setdefault(entity, []).append(_row(one, entity))
    return {
        entity: pl.DataFrame(rows[entity], schema=dict(polars_schema(entity)) | TECHNICAL)
        for entity in ENTITIES
        if entity in rows
    }


def _row(one: Invented, entity: str) -> dict[str, Any]:
    own = spec(entity)
    return {name: _value(one, f"{entity}.{name}", field) for name, field in own.fields.items()} | {
        own.key[0]: one.of(entity),
        **{link: one.of(parent) for link, parent in own.parents.items()},
        "_source": one.source,
        "_reference": one.of(entity),
        "_person": one.reference if own.person_field else None,
        "_row": 1,
        "_unreadable": 0,
        "_held": False,
        "_held_by": None,
    }


def _value(one: Invented, path: str, field: FieldSpec) -> Any:
    if path in one.given:
        return _typed(field, one.given[path])
    if path not in one.expected:
        return None
    return f"{field.references or path}-{one.mark}" if field.kind is Kind.KEY else FILLED[field.kind]


def _typed(field: FieldSpec, value: str | bool | int | None) -> Any:
    """Return the value as its column holds it; the file was refused where it cannot."""
    if value is None:
        return None
    if field.kind is Kind.DATE:
        return date.fromisoformat(str(value))
    if field.kind is Kind.INSTANT:
        return datetime.fromisoformat(str(value))
    return Decimal(value) if field.kind in FRACTIONS else value
