"""A small council warehouse with the hub's published figures, made in SQL by hand: no loader, no sync."""

from pathlib import Path

import duckdb

LOADED = "1 AS batch_sequence, 'RUN' AS run_id, TIMESTAMPTZ '2022-12-01 06:00:00Z' AS released_at"
TAIL = f"'hub' AS source_system, {LOADED}"
TO_HUB = "'HS1', 'L3-SSH', NULL"
DAY = "DATE '2022-04-01' + (i * 7919 % 244)::INTEGER"

STATEMENTS = [
    "CREATE SCHEMA commissioning",
    f"""CREATE TABLE commissioning.organisation AS
        SELECT i AS org_id, 'Organisation ' || i AS name, {TAIL} FROM range(400) t(i)""",
    f"""CREATE TABLE commissioning.service AS SELECT *, {TAIL} FROM (VALUES
        ('HS1', 'Stockport Support Hub', 'L3-SSH'), ('CS1', 'Community Support', 'L4-CS'),
        ('HM1', 'Home Support', 'L6-HS'),
        ('CA1', '=Carers <b>Support</b>', 'L7-CAR')) v(service_id, name, lot_code)""",
    f"""CREATE TABLE commissioning.referral AS
        SELECT i AS referral_id, i % 2400 AS person_id, {DAY} AS received_on,
               CASE WHEN i % 40 = 0 THEN NULL WHEN i % 50 = 7 THEN 1 ELSE 0 END AS triage_days,
               CASE WHEN i % 5 = 4 THEN NULL ELSE i % 118 END AS referrer_org_id,
               CASE WHEN i % 5 = 4 THEN '02' WHEN i = 1 THEN '12' WHEN i % 3 = 0 THEN '01' ELSE '20' END
                   AS referrer_type,
               'HS1' AS target_service_id, 'L3-SSH' AS lot_code, NULL::BIGINT AS parent_referral_id,
               'completed' AS status, {TAIL} FROM range(3663) t(i)
        UNION ALL SELECT 10000 + i, 1, DATE '2022-05-05', 0, 300, '01', {TO_HUB}, 'duplicate', {TAIL}
        FROM range(4) t(i)
        UNION ALL SELECT 30000 + i, i, DATE '2022-06-06', 0, 300, '20', 'CS1', 'L4-CS', i, 'in_service',
               'community_support', {LOADED} FROM range(429) t(i)
        UNION ALL SELECT 40000, 1, DATE '2022-12-01', 0, 302, '20', {TO_HUB}, 'received', {TAIL}
        UNION ALL SELECT 40001, 1, NULL, 0, 302, '20', {TO_HUB}, 'received', {TAIL}""",
    f"""CREATE TABLE commissioning.advice AS
        SELECT i AS advice_id,
               CASE WHEN i < 1106 THEN i WHEN i % 20 = 0 THEN NULL ELSE i % 553 END AS person_id,
               CASE WHEN i < 1322 THEN 'ECON' WHEN i < 1777 THEN 'HW' WHEN i < 1994 THEN 'HOUS'
                    WHEN i < 2124 THEN 'SOC' ELSE 'EST' END AS category,
               {DAY} AS given_on, CASE WHEN i % 100 = 99 THEN NULL WHEN i % 60 = 3 THEN 4 ELSE i % 3 END
                   AS wait_working_days, {TAIL} FROM range(2167) t(i)
        UNION ALL SELECT 5000 + i, 9000 + i, 'SOC', DATE '2022-06-06', 1,
               'community_support', {LOADED} FROM range(50) t(i)""",
    f"""CREATE TABLE commissioning.signposting AS
        SELECT i AS signposting_id, i % 172 AS to_org_id, {DAY} AS signposted_on, {TAIL}
        FROM range(1283) t(i)""",
    f"""CREATE TABLE commissioning.onward_referral AS
        SELECT i AS onward_referral_id, CASE WHEN i < 429 THEN 0 ELSE 1 + i % 65 END AS to_org_id,
               CASE WHEN i < 429 THEN 'CS1' WHEN i < 432 THEN 'CA1' END AS to_service_id,
               CASE WHEN i < 429 THEN 'L4-CS' WHEN i < 432 THEN 'L7-CAR' END AS lot_code,
               {DAY} AS made_on, {TAIL} FROM range(1194) t(i)""",
    f"""CREATE TABLE commissioning.service_episode AS
        SELECT i AS episode_id, i AS referral_id,
               CASE WHEN i < 300 THEN 'CS1' WHEN i < 405 THEN 'HM1' ELSE 'CA1' END AS service_id,
               CASE WHEN i < 300 THEN 'L4-CS' WHEN i < 405 THEN 'L6-HS' ELSE 'L7-CAR' END AS lot_code,
               5 + i % 24 + CASE WHEN i % 31 = 0 THEN 20 ELSE 0 END AS wait_days,
               {DAY} AS started_on, NULL::DATE AS ended_on, {TAIL} FROM range(410) t(i)""",
]


def write_warehouse(path: Path, extra: tuple[str, ...] = ()) -> Path:
    """Return a warehouse file whose hub figures are the published ones of 2022-04-01 to 2022-11-30."""
    with duckdb.connect(str(path)) as connection:
        for statement in (*STATEMENTS, *extra):
            connection.execute(statement)
    return path
