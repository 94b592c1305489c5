"""An export that repeats a case for each assessment: one case, each assessment, every row counted."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from connectors.spool import Spool
from mappings import Compiled, MappingRefused, load_mapping
from sync import people
from sync.gather import ExportCounts, Gathering
from sync.store import Store
from sync.view import View

Compile = Callable[[str], Compiled]
Write = Callable[[str], Path]
TEXT = """
repeated_for: [Day, Total]
entities:
  - entity: referral
    fields:
      person_id: {column: P, converter: reference}
  - entity: outcome_measure
    when: {not_blank: [Day]}
    reference: "{Ref}/{Day}"
    fields:
      person_id: {column: P, converter: reference}
      referral_id: {column: Ref, converter: reference}
      completed_on: {column: Day, converter: date, format: dd/mm/yyyy}
      raw_total: {column: Total, converter: integer}
"""
ROWS = [
    ("R1", "P1", "01/04/2022", "40"),
    ("R1", "P1", "01/06/2022", "50"),
    ("R1", "P1", "01/06/2022", "50"),
    ("R2", "P2", "", ""),
    ("R2", "P3", "01/06/2022", "30"),
    ("R3", "P4", "01/04/2022", "20"),
    ("R3", "P4", "01/04/2022", "21"),
    ("R4", "P5", "", ""),
]


@pytest.fixture
def gathering(tmp_path: Path) -> Iterator[Gathering]:
    key = b"k" * 32
    with Spool(tmp_path) as spool:
        yield Gathering("hub", people.Digest.under(key), {}, Store(1, spool), View(key))


def test_each_row_is_a_case_or_a_repeat_of_one_and_no_assessment_is_lost(
    compiled: Compile, gathering: Gathering
) -> None:
    """Rows that differ in the assessment alone are one case; those that differ otherwise, and two assessments
    of one day that differ, are in conflict and say so.
    """
    ready = compiled(TEXT)
    batch = pl.DataFrame(ROWS, schema=["Ref", "P", "Day", "Total"], orient="row")
    batch = batch.with_row_index("_row", offset=1)
    for part in (batch.head(2), batch.tail(-2)):
        gathering.take("cases", part, ready.apply(part))
    gathering.close_export("cases", len(ROWS))
    assert gathering.counts["cases"] == ExportCounts(rows=8, read=5, repeated=3)
    gathering.store.close()
    made = [gathering.parts(number) for number in range(2)]
    found = {
        entity: sorted(
            row
            for parts in made
            for table in parts.get(entity, [])
            for row in table.select("_reference", value, "_reference_repeated").rows()
        )
        for entity, value in (("referral", "person_id"), ("outcome_measure", "raw_total"))
    }
    assert found["referral"] == [
        ("R1", "P1", False), ("R2", "P2", True), ("R2", "P3", True), ("R3", "P4", False), ("R4", "P5", False),
    ]  # fmt: skip
    assert found["outcome_measure"] == [
        ("R1/01/04/2022", 40, False), ("R1/01/06/2022", 50, False), ("R2/01/06/2022", 30, True),
        ("R3/01/04/2022", 20, True), ("R3/01/04/2022", 21, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[Day, Total]", "[Day, Ttoal]", "Ttoal: no field is made of this column"),
        ("[Day, Total]", "[Ref]", "Ref: no field is made of this column"),
        ('    reference: "{Ref}/{Day}"\n', "", "its reference must name a column of repeated_for"),
        ("[Day, Total]", "[P]", "the first entity is made once"),
    ],
)
def test_a_mapping_that_could_not_tell_its_records_apart_is_refused(
    write: Write, old: str, new: str, says: str
) -> None:
    """What is repeated must make records of its own, and nothing of the case."""
    with pytest.raises(MappingRefused) as refused:
        load_mapping(write(TEXT.replace(old, new)))
    assert says in str(refused.value)


def test_references_that_become_one_are_held_and_never_merged(
    compiled: Compile, gathering: Gathering
) -> None:
    """Two people whose references differ in case or in blanks are in conflict, be all else of them equal; a
    row that comes again to the letter is one row.
    """
    ready = compiled(TEXT)
    rows = [("r1", "P1"), ("R1", "P1"), (" R2", "P2"), ("R2", "P3"), ("R3", "P4"), ("R3", "P4")]
    batch = pl.DataFrame(rows, schema=["Ref", "P"], orient="row").with_row_index("_row")
    batch = batch.with_columns(Day=pl.lit(""), Total=pl.lit(""))
    evidence = ready.evidence(("Ref", "P", "Day", "Total"), "one")
    gathering.take("cases", batch, ready.apply(batch, evidence))
    gathering.close_export("cases", len(rows))
    gathering.store.close()
    table = pl.concat([t for number in (0, 1) for t in gathering.parts(number).get("referral", [])])
    marked = table.sort("_row").select("_reference", "_reference_repeated").rows()
    assert marked == [("R1", True), ("R1", True), ("R2", True), ("R2", True), ("R3", False)]
    assert gathering.counts["cases"] == ExportCounts(rows=6, read=5, repeated=1)
    assert evidence.told.normalised == {"Ref": 2}
