"""Worked examples of the checks: small tables that are run as tests and printed in the reference."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from canonical import polars_schema, polars_type, spec
from canonical.entities import unreadable_bit
from config.documents import read_document
from quality.asking import Asking, ask
from quality.checks import EVERY, SUBMISSION, check_named
from quality.expressions.submission import SUBMITTED
from quality.facts import INSTANT, Facts
from quality.records import Records
from quality.submitted import EXPORTS, Submitted
from quality.tallies import TALLIES

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "spec" / "quality"
SOURCE, REFERENCE = "hub", "R1"
EXTRACTED_AT = datetime(2022, 12, 1, 6, tzinfo=UTC)
TOLD: dict[str, pl.DataType] = {
    "_reference_repeated": pl.Boolean(),
    "_nhs_shared": pl.Boolean(),
    "_recognised": pl.Boolean(),
    "_row_person": pl.String(),
    "_person": pl.String(),
    "_parent_known": pl.Boolean(),
    "_parent_received_at": INSTANT,
    "_parent_other_person": pl.Boolean(),
    "_alike": pl.String(),
    "_alike_unsure": pl.Boolean(),
    "_alike_linked": pl.Boolean(),
    "_nhs_other": pl.String(),
    "_learns": pl.Boolean(),
    "_elsewhere": pl.Boolean(),
    "_has_receiver": pl.Boolean(),
    "_asked_there_on": pl.Date(),
    "_due_there": pl.Date(),
    "_received_there": pl.Date(),
}
Answer = Literal["passes", "fails", "unknown", "does not apply"]
Row = dict[str, str | int | bool | None]


class Example(BaseModel):
    """One record, what lies beside it, and what the check answers.

    Of a check of a whole provider: how often each kind of event happened by month (what is known of clients
    by quarter), which exports lost rows, the provider's own threshold, and what is asked about.
    Of a check of two records of one provider: which other one a failure names.
    Of a check that the mapping answers: the export as it comes, which row of it is asked about, whether its
    cells come by name, and the error by which it is refused; then nothing is said of any row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: str
    entity: str | None = None
    record: Row = {}
    unreadable: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    beside: dict[str, list[Row]] = {}
    test_ranges: tuple[str, ...] = ()
    postcode_lookup: bool = True
    district: str | None = None
    counts: dict[str, dict[str, int]] = {}
    lost: dict[str, bool | None] = {}
    percent: float | None = None
    about: str = ""
    export: str = ""
    row: int = 1
    by_name: bool = False
    refused: str = ""
    answer: Answer
    names: str = ""


class Examples(BaseModel):
    """The file of one check; with the mapping of their exports, if it is the mapping that answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: str
    mapping: str = ""
    examples: tuple[Example, ...]


def read_examples(folder: Path = FOLDER) -> list[Examples]:
    """Return the examples of every check, in the order of their names. Errors: DocumentRefused."""
    return [read_document(path, Examples) for path in sorted(folder.glob("*.yaml"))]


def applies_to_all(check_id: str, example: Example) -> bool:
    """Return whether the check is asked of every record of the example's entity."""
    if check_named(check_id).told_by_mapping:
        return False
    if check_named(check_id).entity == SUBMISSION:
        return check_id == "SUB-04"
    return check_id not in _asked(check_id, example).spared.columns


def _judged(check_id: str, example: Example) -> Answer:
    """Return what a check of a whole provider answers about the month, quarter or export."""
    given = [] if "characteristics.ethnicity_2021" in example.without else ["ethnicity_2021"]
    percents = {SOURCE: {check_id: example.percent}} if example.percent is not None else {}
    filled = {SOURCE: {"characteristics": given}}
    facts = Facts({SOURCE: EXTRACTED_AT}, filled=filled, percents=percents)
    rows = [
        (SOURCE, kind, date.fromisoformat(f"{month}-01"), number)
        for month, kinds in example.counts.items()
        for kind, number in kinds.items()
    ]
    exports = [(SOURCE, export, lost) for export, lost in example.lost.items()]
    counts = pl.DataFrame(rows, schema=TALLIES, orient="row")
    submitted = Submitted(counts, facts, pl.DataFrame(exports, schema=EXPORTS, orient="row"))
    told = SUBMITTED[check_id](submitted).filter(record=example.about)
    ((applies, failed),) = told.select("applies", failed=pl.col("applies") & pl.col("fails")).iter_rows()
    if failed is None:
        return "unknown"
    return "fails" if failed else ("passes" if applies else "does not apply")


def _asked(check_id: str, example: Example) -> Asking:
    entity = entity_of(check_id, example)
    return ask(Records(entity, _tables(entity, example), _facts(example)), (check_named(check_id),))


def answer(check_id: str, example: Example) -> Answer:
    """Return what the check answers when it is asked of the example."""
    if check_named(check_id).entity == SUBMISSION:
        return _judged(check_id, example)
    asking = _asked(check_id, example)
    failed = asking.verdicts[check_id][0]
    if failed is None:
        return "unknown"
    spared = check_id in asking.spared.columns and asking.spared[check_id][0]
    return "fails" if failed else ("does not apply" if spared else "passes")


def named(check_id: str, example: Example) -> str:
    """Return which other record the check names when it is asked of the example; nothing of most checks."""
    asking, table = _asked(check_id, example), _tables(entity_of(check_id, example), example)
    other = check_named(check_id).other
    if other is not None:
        return table[entity_of(check_id, example)][other][0] or ""
    place = asking.others[check_id][0] if check_id in asking.others else None
    return "" if place is None else str(table[entity_of(check_id, example)]["_reference"][place])


def entity_of(check_id: str, example: Example) -> str:
    """Return the entity of the example: its own, or the check's."""
    entity = example.entity or check_named(check_id).entity
    if entity == EVERY:
        raise ValueError(check_id)
    return entity


def _facts(example: Example) -> Facts:
    return Facts({SOURCE: EXTRACTED_AT}, example.test_ranges, example.postcode_lookup, example.district)


def _tables(entity: str, example: Example) -> dict[str, pl.DataFrame]:
    """Return the tables of the example: its own record first, then what lies beside it."""
    tables = {name: _table(name, rows) for name, rows in example.beside.items()}
    unreadable = sum(1 << unreadable_bit(entity, name) for name in example.unreadable)
    own = _table(entity, [example.record]).with_columns(_unreadable=pl.lit(unreadable, pl.UInt64))
    others = [tables[entity]] if entity in tables else []
    tables[entity] = pl.concat([own, *others]).drop(name for name in example.without if "." not in name)
    return tables


def _table(entity: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    key = spec(entity).key[0]
    technical = {"_source": SOURCE, "_row": 1, "_unreadable": 0, key: REFERENCE}
    read = [
        technical
        | {"_reference": row.get(key, REFERENCE), "_person": row.get("person_id")}
        | {name: value_of(entity, name, value) for name, value in row.items()}
        for row in rows
    ]
    return pl.DataFrame(read, schema=polars_schema(entity) | TOLD, orient="row")


def value_of(entity: str, name: str, value: Any) -> Any:
    """Return the example's word as the value the column holds."""
    field = spec(entity).fields.get(name)
    dtype = polars_type(field.kind) if field else TOLD[name]
    if value is None or dtype == pl.Boolean:
        return value if value is None else bool(value)
    if dtype == INSTANT:
        return datetime.fromisoformat(value)
    if dtype.is_decimal():
        return Decimal(str(value))
    return date.fromisoformat(value) if dtype == pl.Date else value
