"""Asking every check of whole tables: what follows, what is blanked, and what does not matter."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from canonical import polars_schema
from quality import FINDINGS, Effect, Facts, Inspected, catalogue, checks_of, gather, inspect
from quality.examples import TOLD
from tests.unit.quality.records import FACTS, Tables, made

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
    """The record goes without the field; every other cell is as it came."""
    tables, answer = inspected()
    for entity, before in tables.items():
        after = answer.tables[entity]
        blanks = {name for check in checks_of(entity) for name in check.blanks} & set(before.columns)
        same = [name for name in before.columns if name not in blanks]
        assert_frame_equal(after.select(same), before.select(same))
        for name in blanks:
            bits = sum(2**bit for bit, check in enumerate(checks_of(entity)) if name in check.blanks)
            hit = pl.lit(bits, pl.UInt64) & pl.col("_failed") != 0
            expected = after.select("_failed").with_columns(before[name]).select(pl.when(~hit).then(name))
            assert after[name].to_list() == expected.to_series().to_list()


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


@pytest.mark.parametrize("parts", [2, 7, 40])
def test_partitions_of_whole_people_find_exactly_what_one_finds(parts: int) -> None:
    """Cut by the referral each row belongs to, orphans together, services handed whole."""
    tables, whole = inspected(seed=3)
    services = tables.pop("service")
    facts = Facts(FACTS.extracted_at, FACTS.test_ranges, FACTS.postcode_lookup, whole={"service": services})
    cut = [inspect(_part(tables, number, parts), facts) for number in range(parts)]
    cut.append(inspect({"service": services}, facts))
    together = gather(cut)
    assert_frame_equal(together.findings, whole.findings)
    assert_frame_equal(together.unknown, whole.unknown)
    assert_frame_equal(together.undecided, whole.undecided)


def _part(tables: Tables, number: int, parts: int) -> Tables:
    """Return the rows whose referral, or own number, falls into the part; rows without one go first."""
    part = {}
    for entity, table in tables.items():
        place = pl.col("referral_id") if "referral_id" in table.columns else pl.col("_reference")
        count = place.str.extract(r"-(\d+)$").cast(pl.Int64).fill_null(0)
        part[entity] = table.filter(count % parts == number)
    return part


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
    assert unknown["records"].to_list() == [50]
    assert answer.undecided.filter(check="REF-15", source="hub")["record"].to_list() == [None]
    assert set(answer.findings.filter(check="REF-15")["source"]) == {"far"}


def test_needs_that_a_source_gives_but_this_person_has_none_of_are_missing_not_unknown() -> None:
    """A partition without any need table still answers, when the source is known to export needs."""
    tables = {"referral": made(4, 40)["referral"].with_columns(status=pl.lit("in_service"))}
    filled = {"referral": {"status"}, "need": {"is_primary"}}
    answer = inspect(tables, Facts(FACTS.extracted_at, filled={"hub": filled, "far": filled}))
    assert answer.findings.filter(check="REF-15").height == 40


def test_a_source_without_an_instant_of_its_pull_leaves_the_future_unknown() -> None:
    """A date that may lie in the future is neither right nor wrong until we know when it was pulled."""
    tables = made(6, 60)
    answer = inspect(tables, Facts({}, postcode_lookup=True))
    assert answer.unknown.filter(check="REF-01")["records"].sum() > 0


def test_findings_hold_no_value_of_any_field() -> None:
    """Whatever the records say, a finding says which record, which check and which field."""
    canary = person(nhs_number="CANARYWORD", given_name="CANARYWORD", role_type="client")
    answer = inspect(canary, FACTS)
    assert answer.findings.height == 2
    assert "CANARYWORD" not in answer.findings.write_csv()
    assert answer.findings.columns == FINDINGS.names()
