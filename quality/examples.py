"""Worked examples of the checks: small tables that are run as tests and printed in the reference."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from canonical import polars_schema, polars_type, spec
from canonical.entities import unreadable_bit
from config.documents import read_document
from quality.checks import EVERY, check_named
from quality.facts import INSTANT, Facts
from quality.inspection import inspect

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "spec" / "quality"
SOURCE, REFERENCE = "hub", "R1"
EXTRACTED_AT = datetime(2022, 12, 1, 6, tzinfo=UTC)
TOLD: dict[str, pl.DataType] = {
    "_reference_repeated": pl.Boolean(), "_nhs_shared": pl.Boolean(), "_row_person": pl.String(),
    "_person": pl.String(),
    "_parent_known": pl.Boolean(), "_parent_received_at": INSTANT,
}
Answer = Literal["passes", "fails", "unknown"]
Row = dict[str, str | int | bool | None]


class Example(BaseModel):
    """One record, what lies beside it, and what the check answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: str
    entity: str | None = None
    record: Row = {}
    unreadable: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    beside: dict[str, list[Row]] = {}
    test_ranges: tuple[str, ...] = ()
    postcode_lookup: bool = True
    answer: Answer


class Examples(BaseModel):
    """The file of one check."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: str
    examples: tuple[Example, ...]


def read_examples(folder: Path = FOLDER) -> list[Examples]:
    """Return the examples of every check, in the order of their names. Errors: DocumentRefused."""
    return [read_document(path, Examples) for path in sorted(folder.glob("*.yaml"))]


def answer(check_id: str, example: Example) -> Answer:
    """Return what the check answers when the whole catalogue is asked of the example."""
    entity = entity_of(check_id, example)
    inspected = inspect(_tables(entity, example), _facts(example))
    if check_id in inspected.findings.filter(entity=entity)["check"]:
        return "fails"
    return "unknown" if check_id in inspected.unknown.filter(entity=entity)["check"] else "passes"


def entity_of(check_id: str, example: Example) -> str:
    """Return the entity of the example: its own, or the check's."""
    entity = example.entity or check_named(check_id).entity
    if entity == EVERY:
        raise ValueError(check_id)
    return entity


def _facts(example: Example) -> Facts:
    return Facts({SOURCE: EXTRACTED_AT}, example.test_ranges, example.postcode_lookup)


def _tables(entity: str, example: Example) -> dict[str, pl.DataFrame]:
    tables = {name: _table(name, rows) for name, rows in example.beside.items()}
    unreadable = sum(1 << unreadable_bit(entity, name) for name in example.unreadable)
    own = _table(entity, [example.record]).with_columns(_unreadable=pl.lit(unreadable, pl.UInt64))
    tables[entity] = own.drop(name for name in example.without if "." not in name)
    return tables


def _table(entity: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    key = spec(entity).key[0]
    technical = {"_source": SOURCE, "_reference": REFERENCE, "_row": 1, "_unreadable": 0, key: REFERENCE}
    read = [technical | {name: value_of(entity, name, value) for name, value in row.items()} for row in rows]
    return pl.DataFrame(read, schema=polars_schema(entity) | TOLD, orient="row")


def value_of(entity: str, name: str, value: Any) -> Any:
    """Return the example's word as the value the column holds."""
    field = spec(entity).fields.get(name)
    dtype = polars_type(field.kind) if field else TOLD[name]
    if value is None or dtype == pl.Boolean:
        return value if value is None else bool(value)
    if dtype == INSTANT:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if dtype == pl.Date else value
