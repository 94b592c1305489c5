"""The same checks written a second time, in SQL for DuckDB: both engines agree on every record."""

from collections.abc import Iterator
from functools import cache

import duckdb
import polars as pl
import pytest

from canonical import spec
from quality import Inspected, catalogue, checks_of, inspect
from tests.unit.quality.records import EXTRACTED_AT, FACTS, SEMANTIC, made

ITEMS = [f"item_{number:02}" for number in range(1, 15)]
SHORT = [f"item_{number:02}" for number in (1, 2, 3, 6, 7, 9, 11)]
VALID = """(len(nhs_number) = 10 AND regexp_full_match(nhs_number, '[0-9]+') AND
  (list_sum([ascii(nhs_number[i]) * (11 - i) for i in range(1, 11)]) - 48 * 55) % 11 = 0)"""
FAKE = """(nhs_number[1] || nhs_number = nhs_number || nhs_number[1] OR nhs_number[1:3] = '999'
  OR nhs_number IN ('0123456789', '9876543210'))"""
FORMED = r"""(regexp_full_match(postcode, 'GIR 0AA|ZZ99 [0-9][A-Z][A-Z]') OR
  regexp_full_match(postcode, '[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z][ABD-HJLNP-UW-Z]'))"""


def unread(entity: str, *fields: str) -> str:
    """Return SQL for: one of these fields could not be read."""
    mask = sum(1 << list(spec(entity).fields).index(name) for name in fields)
    return f"(_unreadable & {mask}::UBIGINT <> 0)"


def blank(entity: str, field: str) -> str:
    """Return SQL for: nothing was entered, null if it could not be read."""
    return f"(CASE WHEN NOT {unread(entity, field)} THEN {field} IS NULL END)"


def gaps(items: list[str]) -> str:
    """Return SQL for: an answer was left out."""
    missing = " + ".join(f"({item} IS NULL)::INT" for item in items)
    unreadable = [unread("outcome_measure", item) for item in items]
    left_out = " + ".join(f"({i} IS NULL AND NOT {u})::INT" for i, u in zip(items, unreadable, strict=True))
    return f"(CASE WHEN ({missing}) = 0 THEN false WHEN ({left_out}) > 0 THEN true END)"


def by_tool(asked: str) -> str:
    """Return SQL that asks it of the items of each tool."""
    both = {"WEMWBS": ITEMS, "SWEMWBS": SHORT}
    whens = (f"WHEN '{tool}' THEN {asked.format(gaps=gaps(items), total=' + '.join(items))}"
             for tool, items in both.items())
    return f"CASE tool {' '.join(whens)} END"


def day(instant: str) -> str:
    """Return SQL for the day in London."""
    return f"timezone('Europe/London', {instant})::DATE"


CLOSED = f"(NOT {blank('referral', 'closed_at')})"
REASON = f"(NOT {blank('referral', 'closure_reason')})"
ENDED = "(status IN ('rejected', 'withdrawn', 'completed', 'closed_other', 'duplicate'))"
SQL = {
    "PER-04": f"role_type = 'client' AND NOT coalesce(anonymous, false) AND NOT coalesce(anonymised, false)"
              f" AND {blank('person', 'birth_date')}",
    "PER-05": f"{unread('person', 'nhs_number')} OR (nhs_number IS NOT NULL AND NOT {VALID})",
    "PER-06": f"nhs_number IS NOT NULL AND {VALID} AND {FAKE}",
    "PER-07": f"nhs_number IS NOT NULL AND {VALID} AND NOT {FAKE} AND _nhs_shared",
    "PER-12": "_reference_repeated",
    "ADR-01": f"{unread('address', 'postcode')} OR (postcode IS NOT NULL AND NOT {FORMED}"
              " AND coalesce(postcode_status, '') NOT IN ('nonuk', 'refused'))",
    "ADR-02": f"postcode IS NOT NULL AND {FORMED} AND postcode[1:4] <> 'ZZ99'"
              " AND lsoa21 IS NULL AND lad IS NULL AND"
              " coalesce(postcode_status, '') NOT IN ('nonuk', 'refused', 'pseudo')",
    "CHR-02": unread("characteristics", "ethnicity_2021"),
    "REF-01": """received_at IS NULL
        OR received_at > $at::TIMESTAMPTZ - CASE _source WHEN 'far' THEN 30 ELSE 0 END * INTERVAL 1 DAY
        OR (SELECT CASE WHEN s.lot_code IS NULL THEN false
            ELSE timezone('Europe/London', received_at)::DATE < s.valid_from END
            FROM service s WHERE s._source = r._source AND s.service_id = r.target_service_id)""",
    "REF-02": "_reference_repeated",
    "REF-05": f"referrer_type NOT IN ('02', '03') AND {blank('referral', 'referrer_org_id')}",
    "REF-10": f"{CLOSED} <> {REASON} OR {CLOSED} <> {ENDED} OR {REASON} <> {ENDED}",
    "REF-15": """status NOT IN ('rejected', 'duplicate') AND (SELECT CASE
            WHEN count(*) FILTER (is_primary) > 1 THEN true
            WHEN count(*) FILTER (is_primary IS NULL) > 0 THEN null
            ELSE count(*) FILTER (is_primary) <> 1 END
        FROM need n WHERE n._source = r._source AND n.referral_id = r.referral_id)""",
    "REF-16": f"""parent_referral_id IS NOT NULL AND CASE WHEN NOT _parent_known THEN true
        WHEN _parent_known AND coalesce(received_time_known, true) THEN received_at < _parent_received_at
        WHEN _parent_known THEN {day("received_at")} < {day("_parent_received_at")} END""",
    "CON-01": """CASE
        WHEN NOT EXISTS (FROM referral f WHERE f._source = r._source AND f.referral_id = r.referral_id)
        THEN true WHEN _row_person IS NULL THEN false
        ELSE (SELECT CASE WHEN NOT coalesce(f._reference_repeated, false)
                     THEN f.person_id <> r._row_person END
              FROM referral f WHERE f._source = r._source AND f.referral_id = r.referral_id) END""",
    "CON-03": f"attendance IN ('2', '3', '4', '7') AND (CASE WHEN NOT {unread('contact', 'duration_min')}"
              " THEN coalesce(duration_min, 0) > 0 END)",
    "OUT-02": by_tool("(NOT {gaps}) AND (CASE WHEN NOT " + unread("outcome_measure", "raw_total") +
                      " THEN raw_total IS NOT NULL AND raw_total <> {total} END)"),
    "OUT-03": by_tool("{gaps} AND NOT " + blank("outcome_measure", "raw_total")),
    "ENT-01": "_reference_repeated",
    "LNK-01": "NOT EXISTS (FROM person p WHERE p._source = r._source AND p.person_id = r._person)",
}


@cache
def asked(seed: int) -> tuple[dict[str, pl.DataFrame], Inspected]:
    """Return invented tables and what our checks say of them."""
    tables = made(seed, 600)
    return tables, inspect(tables, FACTS)


def told_by_duckdb(tables: dict[str, pl.DataFrame], entity: str, check: str) -> dict[str, bool | None]:
    """Return DuckDB's answer per record."""
    with duckdb.connect() as engine:
        for name, table in tables.items():
            engine.register(name, table.to_arrow())
        given = {"at": EXTRACTED_AT} if "$at" in SQL[check] else None
        return dict(engine.execute(f"SELECT _reference, ({SQL[check]}) FROM {entity} r", given).fetchall())


def told_by_us(inspected: Inspected, entity: str, check: str) -> dict[str, bool | None]:
    """Return our answer per record, from the bitmask and the undecided records."""
    bit = [one.id for one in checks_of(entity)].index(check)
    failed = inspected.tables[entity].select("_reference", (pl.col("_failed") // 2**bit % 2) == 1)
    answers: dict[str, bool | None] = dict(failed.iter_rows())
    unsure = inspected.undecided.filter(entity=entity, check=check)["record"]
    return answers | dict.fromkeys(unsure.to_list(), None)


def cases() -> Iterator[tuple[str, str]]:
    """Yield every check that has an expression, with an entity it is asked of."""
    for check in catalogue():
        if check.id in SQL:
            yield (check.entity if check.entity != "every" else "consent"), check.id


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("entity", "check"), list(cases()))
def test_both_engines_give_every_record_the_same_answer(entity: str, check: str, seed: int) -> None:
    """Failed, passed and unknown agree record by record, and each of them occurs."""
    tables, inspected = asked(seed)
    ours = told_by_us(inspected, entity, check)
    assert ours == told_by_duckdb(tables, entity, check)
    assert {True, False} <= set(ours.values())


def test_every_expression_is_written_a_second_time() -> None:
    """No check is without its counterpart in SQL, but the one about unreadable words."""
    assert set(SQL) == {check.id for check in catalogue()} - {"MAP-01", "MAP-02", "MAP-03"}


def test_unreadable_words_are_found_field_by_field() -> None:
    """MAP-01 names each unreadable field once, and leaves to other checks what they speak for."""
    tables = made(5, 400)
    spoken = {"nhs_number", "postcode", "ethnicity_2021", "received_at"}
    expected = set()
    with duckdb.connect() as engine:
        for entity, fields in SEMANTIC.items():
            engine.register(entity, tables[entity].to_arrow())
            for field in sorted(set(fields) - spoken):
                rows = engine.execute(f"SELECT _reference FROM {entity} WHERE {unread(entity, field)}")
                expected |= {(entity, reference, field) for (reference,) in rows.fetchall()}
    found = inspect(tables, FACTS).findings.filter(check="MAP-01").select("entity", "reference", "field")
    assert set(found.iter_rows()) == expected
    assert found.height == len(expected)
