"""The same checks written a second time, in SQL for DuckDB: both engines agree on every record."""

from collections.abc import Iterator
from functools import cache

import duckdb
import polars as pl
import pytest

from quality import catalogue, check_named, checks_of, inspect
from quality.asking import Asking, ask
from quality.checks import SUBMISSION
from quality.records import Records
from tests.unit.quality import sql_forms, sql_people, sql_referrals, sql_work
from tests.unit.quality.records import EXTRACTED_AT, FACTS, UNREADABLE, Tables, made
from tests.unit.quality.sql import Sql, unread

LEAST_SEEDS, MOST_SEEDS = 3, 9
OTHERS = sql_referrals.OTHERS | sql_work.OTHERS
SQL: dict[str, Sql] = sql_people.SQL | sql_referrals.SQL | sql_work.SQL | sql_forms.SQL
ALSO = {"LNK-01": ("referral", "consent", "need", "signposting"), "LNK-02": ("need", "outcome_measure"),
        "ENT-01": ("consent", "child_score"), "ADR-06": ("address", "person")}  # fmt: skip
WITHOUT_SQL = {"MAP-01", "MAP-02", "MAP-03"}
# A broken link or a repeated reference need not be unknown of anybody; all other answers must occur.
Answer = tuple[bool | None, bool]


@cache
def tables(seed: int) -> Tables:
    """Return invented tables, a few references in them on two rows."""
    return made(seed, 400, repeated=True)


@cache
def engine(seed: int) -> duckdb.DuckDBPyConnection:
    """Return DuckDB with the same tables."""
    connection = duckdb.connect()
    for name, table in tables(seed).items():
        connection.register(name, table.to_arrow())
    return connection


@cache
def asked(seed: int, entity: str) -> Asking:
    """Return what our checks say of the entity's records."""
    return ask(Records(entity, tables(seed), FACTS), checks_of(entity))


def sql_of(entity: str, check: str) -> Sql:
    """Return the check in SQL; some differ by entity."""
    if check == "LNK-01":
        return sql_work.leads_nowhere(entity)
    return sql_people.uprn(entity) if check == "ADR-06" else SQL[check]


def told_by_duckdb(seed: int, entity: str, check: str) -> list[Answer]:
    """Return DuckDB's answer per row: failed, passed or unknown, and whether it need not be asked."""
    sql = sql_of(entity, check)
    applies, fails = (believed(check, told) for told in (sql.applies, sql.fails))
    query = f"SELECT {applies} AND {fails}, coalesce(NOT {applies}, false) FROM {entity} r ORDER BY r._row"
    return engine(seed).execute(query, {"at": EXTRACTED_AT} if "$at" in query else None).fetchall()


def believed(check: str, told: str) -> str:
    """Return SQL for what is told of a record, unknown where its reference stands on several rows."""
    if check in {"PER-12", "REF-02", "ENT-01"}:
        return f"({told})"
    return f"(CASE WHEN NOT coalesce(r._reference_repeated, false) THEN ({told}) END)"


def told_by_us(seed: int, entity: str, check: str) -> list[Answer]:
    """Return our answer per row."""
    asking, table = asked(seed, entity), tables(seed)[entity]
    spared = asking.spared[check] if check in asking.spared.columns else pl.lit(None, pl.Boolean)
    answers = table.select("_row", asking.verdicts[check].alias("failed"), spared=spared)
    return answers.sort("_row").select("failed", pl.col("spared").fill_null(value=False)).rows()


def cases() -> Iterator[tuple[str, str]]:
    """Yield every check of a record that has an expression, with the entities it is asked of."""
    for check in catalogue():
        if check.id not in WITHOUT_SQL and check.entity != SUBMISSION:
            entities = ALSO.get(check.id, (check.entity,))
            yield from ((entity, check.id) for entity in entities)


@pytest.mark.parametrize(("entity", "check"), list(cases()))
def test_both_engines_give_every_record_the_same_answer(entity: str, check: str) -> None:
    """Failed, passed, unknown and not asked agree record by record, and each that can be is there."""
    applies = check in asked(0, entity).spared.columns
    wanted = {"True", "False", *(["spared"] if applies else [])}
    seen: set[str] = set()
    for seed in range(MOST_SEEDS):
        if seed >= LEAST_SEEDS and wanted <= seen:
            break
        ours = told_by_us(seed, entity, check)
        assert ours == told_by_duckdb(seed, entity, check)
        seen |= {"spared" if spared else str(failed) for failed, spared in ours}
    assert wanted <= seen


@pytest.mark.parametrize("check", OTHERS)
def test_both_engines_name_the_same_second_record(check: str) -> None:
    """A finding about two records of one provider names the other: the one that came first, and no third."""
    entity, named = check_named(check).entity, 0
    for seed in range(LEAST_SEEDS):
        found = inspect(tables(seed), FACTS).findings.filter(check=check)
        rows = ", ".join(str(row) for row in found["row"])
        query = f"SELECT r._row, {OTHERS[check]} FROM {entity} r WHERE r._row IN ({rows}) ORDER BY r._row"
        told = engine(seed).execute(query).fetchall() if rows else []
        assert found.sort("row").select("row", "other").rows() == told
        assert found.filter((pl.col("other") == "") | (pl.col("other") == pl.col("reference"))).is_empty()
        named += found.height
    assert named


def test_every_expression_is_written_a_second_time() -> None:
    """No check is without its counterpart in SQL, but the ones about unreadable words and rows.

    Those of a whole provider are in test_second_engine_of_submissions.
    """
    of_records = {check.id for check in catalogue() if check.entity != SUBMISSION}
    assert {*SQL, "LNK-01", "ADR-06"} == of_records - WITHOUT_SQL


def test_unreadable_words_are_found_field_by_field() -> None:
    """MAP-01 names each unreadable field once, and leaves to other checks what they speak for."""
    invented = made(5, 300)
    spoken = {name for check in catalogue() if check.speaks_for_unreadable for name in check.named}
    expected = set()
    with duckdb.connect() as connection:
        for entity, fields in UNREADABLE.items():
            connection.register(entity, invented[entity].to_arrow())
            for field in sorted(set(fields) - spoken):
                where = f"{unread(entity, field)} AND NOT coalesce(r._reference_repeated, false)"
                rows = connection.execute(f"SELECT _reference FROM {entity} r WHERE {where}")
                expected |= {(entity, reference, field) for (reference,) in rows.fetchall()}
    found = inspect(invented, FACTS).findings.filter(check="MAP-01").select("entity", "reference", "field")
    assert set(found.iter_rows()) == expected
    assert found.height == len(expected)
