"""Asking every check of whole tables: what follows, what is blanked, and what does not matter."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from canonical import polars_schema
from quality import FINDINGS, Effect, Facts, Inspected, catalogue, checks_of, gather, inspect
from quality.examples import TOLD
from tests.reliability.places import in_turn
from tests.unit.quality.records import FACTS, WHOLE, Tables, made, part_of

DECIDED = ["_failed", "_held", "_held_by"]


def inspected(seed: int = 1, count: int = 300) -> tuple[Tables, Inspected]:
    """Return invented tables and what the checks say of them."""
    tables = made(seed, count)
    return tables, inspect(tables, FACTS)


def person(**fields: object) -> Tables:
    """Return one person."""
    row = {"_source": "hub", "_reference": "P1", "_row": 1, "_unreadable": 0, "person_id": "P1", **fields}
    return {"person": pl.DataFrame([row], schema=polars_schema("person") | TOLD, orient="row")}


def test_every_failing_bit_has_its_finding_and_every_finding_its_bit() -> None:
    """The bitmask and the findings tell the same."""
    _, answer = inspected()
    for entity, table in answer.tables.items():
        for bit, check in enumerate(checks_of(entity)):
            failing = table.filter(pl.col("_failed") // 2**bit % 2 == 1)["_reference"]
            found = answer.findings.filter(entity=entity, check=check.id)["reference"]
            assert set(failing) == set(found), (entity, check.id)


def test_a_record_is_held_by_the_first_failing_check_that_holds() -> None:
    """A record without such a check is not held, whatever else failed."""
    _, answer = inspected()
    holding = {check.id for check in catalogue() if check.effect is Effect.HOLD_RECORD}
    for entity, table in answer.tables.items():
        order = [check.id for check in checks_of(entity)]
        found = answer.findings.filter(pl.col("entity") == entity, pl.col("check").is_in(holding))
        first: dict[str, str] = {}
        for check in order:
            for reference in found.filter(check=check)["reference"]:
                first.setdefault(reference, check)
        held = table.filter("_held").select("_reference", "_held_by")
        assert dict(held.iter_rows()) == first
        assert table["_held"].null_count() == 0


def test_a_blanked_field_is_empty_exactly_where_its_check_failed_and_nothing_else_changes() -> None:
    """The record goes without the field that a finding names, or that hangs on it; every other cell stays."""
    tables, answer = inspected()
    for entity, before in tables.items():
        after, found = answer.tables[entity], answer.findings.filter(entity=entity)
        emptied: dict[str, set[str]] = {name: set() for name in before.columns}
        for check in checks_of(entity):
            for name in set(check.blanks) & emptied.keys():
                named = (pl.col("field") == name) | pl.lit(name in check.also_blanks)
                emptied[name] |= set(found.filter(named, check=check.id)["reference"])
        for name, gone in emptied.items():
            hit = before["_reference"].is_in(gone)
            expected = before.select(pl.when(~hit).then(name).alias(name)).to_series()
            assert after[name].to_list() == expected.to_list(), (entity, name)


def test_of_several_fields_only_those_that_fail_are_named_and_blanked() -> None:
    """A form with one answer out of range loses that answer and its total, and no other answer."""
    items = {f"item_{number:02}": 3 for number in range(1, 15)}
    row = {"_source": "hub", "_reference": "F1", "_row": 1, "_unreadable": 0, "measure_id": "F1", **items}
    row |= {"tool": "WEMWBS", "item_02": 7, "item_05": 0, "raw_total": 43}
    table = pl.DataFrame([row], schema=polars_schema("outcome_measure") | TOLD, orient="row")
    answer = inspect({"outcome_measure": table}, FACTS)
    told = answer.findings.filter(check="OUT-01").select("field", "effect").rows()
    assert told == [("item_02", "blank_field"), ("item_05", "blank_field")]
    after = answer.tables["outcome_measure"].row(0, named=True)
    assert [name for name in (*items, "raw_total") if after[name] is None] == [
        "item_02",
        "item_05",
        "raw_total",
    ]


def test_a_malformed_postcode_takes_its_district_along() -> None:
    """What was derived from a value that is not sent is not sent either."""
    _, answer = inspected()
    wrong = answer.findings.filter(check="ADR-01")["reference"]
    blanked = answer.tables["address"].filter(pl.col("_reference").is_in(wrong.implode()))
    assert blanked.height > 0
    assert blanked.select(pl.col("postcode", "postcode_district").is_null().all()).row(0) == (True, True)


def test_checks_see_a_field_before_another_check_blanks_it() -> None:
    """A number that PER-05 blanks is still there for the checks after it."""
    answer = inspect(person(nhs_number="9999999999", _nhs_shared=True), FACTS)
    assert answer.findings["check"].to_list() == ["PER-06"]
    assert answer.tables["person"]["nhs_number"].to_list() == [None]


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled exports give the same findings in the same order, and each record the same fate."""
    tables, answer = inspected()
    mixed = {entity: table.sample(fraction=1.0, shuffle=True, seed=9) for entity, table in tables.items()}
    again = inspect(mixed, FACTS)
    assert_frame_equal(again.findings, answer.findings)
    assert_frame_equal(again.unknown, answer.unknown)
    assert_frame_equal(again.undecided, answer.undecided)
    for entity, table in answer.tables.items():
        columns = ["_reference", *DECIDED]
        assert_frame_equal(
            again.tables[entity].select(columns).sort("_reference"), table.select(columns).sort("_reference")
        )


@pytest.mark.parametrize("parts", in_turn("2", "7", "40"))
def test_partitions_of_whole_people_find_exactly_what_one_finds(parts: str) -> None:
    """Cut by circles of people who hang together; organisations and services handed whole."""
    count, (tables, whole) = int(parts), inspected(seed=3)
    apart = {name: tables[name] for name in WHOLE}
    facts = replace(FACTS, whole=apart)
    cut = [inspect(part_of(tables, number, count), facts) for number in range(count)]
    cut.append(inspect(apart, facts))
    together = gather(cut)
    assert_frame_equal(together.findings, whole.findings)
    assert_frame_equal(together.unknown, whole.unknown)
    assert_frame_equal(together.undecided, whole.undecided)
    assert_frame_equal(together.traits, whole.traits)
    assert_frame_equal(together.fields, whole.fields)


def test_nothing_to_inspect_is_no_trouble() -> None:
    """No tables, or empty ones, give empty answers of the usual shape."""
    assert inspect({}, Facts()).findings.schema == FINDINGS
    empty = {entity: table.clear() for entity, table in made(1, 5).items()}
    answer = inspect(empty, FACTS)
    assert answer.findings.is_empty()
    assert answer.unknown.is_empty()
    assert set(DECIDED) <= set(answer.tables["person"].columns)


def test_a_source_that_does_not_give_an_input_makes_the_check_unknown_for_its_records_only() -> None:
    """One source exports needs and the other does not."""
    tables = made(4, 100)
    everything = {entity: set(polars_schema(entity)) for entity in tables}
    without = {entity: names for entity, names in everything.items() if entity != "need"}
    answer = inspect(tables, Facts(FACTS.extracted_at, filled={"hub": without, "far": everything}))
    unknown = answer.unknown.filter(check="REF-15", source="hub")
    asked = tables["referral"].filter(_source="hub")
    assert unknown["records"].to_list() == [asked.height]
    assert answer.undecided.filter(check="REF-15", source="hub")["record"].to_list() == [None]
    assert set(answer.findings.filter(check="REF-15")["source"]) == {"far"}


def test_needs_that_a_source_gives_but_this_person_has_none_of_are_missing_not_unknown() -> None:
    """A partition without any need table still answers, when the source is known to export needs."""
    certain = {"status": pl.lit("in_service"), "_reference_repeated": pl.lit(value=False)}
    tables = {"referral": made(4, 40)["referral"].with_columns(**certain)}
    filled = {"referral": {"status"}, "need": {"is_primary"}}
    answer = inspect(tables, Facts(FACTS.extracted_at, filled={"hub": filled, "far": filled}))
    assert answer.findings.filter(check="REF-15").height == tables["referral"].height > 0


def test_every_answer_is_counted_once() -> None:
    """Per source, entity and check: passed, failed, unknown and not applicable add up to the records."""
    tables, answer = inspected()
    four = pl.sum_horizontal("passed", "failed", "unknown", "not_applicable")
    for entity, table in tables.items():
        records = dict(table.group_by("_source").len().iter_rows())
        counts = answer.answers.filter(entity=entity).select("source", "check", four)
        assert {check for _, check, _ in counts.rows()} == {check.id for check in checks_of(entity)}
        assert all(number == records[source] for source, _, number in counts.rows()), entity
        failed = answer.tables[entity].select(pl.col("_failed").bitwise_count_ones().sum()).item()
        assert answer.answers.filter(entity=entity)["failed"].sum() == failed
