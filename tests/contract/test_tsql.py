"""The statements for SQL Server, Synapse and Fabric: they parse, and what they do is done right elsewhere.

No such server runs here. Another library reads every statement in the dialect of T-SQL, and the procedure's
own statements, translated by it, are carried out in DuckDB on real copies of a lake.
"""

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from canonical import ENTITIES, spec
from config.lake import LakePlace
from tests.batches import SOURCE, Change, Parties, parties, row
from tests.lakes import Rows, in_order, read_lake
from warehouse.duckdb_file import DuckDatabase
from warehouse.lake import publish_lake
from warehouse.lake_tables import LakeTable, flows_now, lake_tables
from warehouse.load import load_landing
from warehouse.tsql import WORDS, TsqlServer, take_over, tsql
from warehouse.working_copy import published

RAISING = sqlglot.ErrorLevel.RAISE
GUARD = re.compile(
    r"IF (SCHEMA_ID|DATABASE_PRINCIPAL_ID|OBJECT_ID|COL_LENGTH)\(N'[\w.\[\]]+'(, N'\w+')?\) IS (NOT )?NULL\s"
)
INNER = re.compile(r"EXEC\(N'([^']+)'\);")
ONLY_TEXT = re.compile(
    r"CREATE SCHEMA \[\w+\] AUTHORIZATION \[dbo\]|CREATE ROLE \[\w+\]"
    r"|GRANT [A-Z, ]+ ON SCHEMA::\[\w+_(stage|read)\] TO \[\w+_(copier|reader)\]"
)
"""What the library keeps as text: the owner of a schema, roles, rights."""
LIVE = "VIADUCT_TEST_TSQL"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Parties:
    """Parties of two flows, loaded and published: one with every entity and field, one with people alone."""
    both = parties(tmp_path_factory.mktemp("whole"))
    changes = [
        Change(entity, [row(entity, 1)], columns=[*spec(entity).fields, SOURCE]) for entity in ENTITIES
    ]
    both.sender().publish(*changes)
    both.sender("commissioning").publish(people(1, 2, 3))
    load(both)
    return both


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def load(both: Parties) -> None:
    publish = partial(publish_lake, both.warehouse, lake_of(both))
    answers = load_landing(both.zone, both.warehouse, both.council, publish=publish)
    assert {answer.outcome for answer in answers} == {"loaded"}


def lake_of(both: Parties) -> LakePlace:
    return LakePlace("parquet", both.landing.parent / "lake")


def shown(both: Parties) -> dict[str, list[LakeTable]]:
    with published(both.warehouse) as connection:
        database = DuckDatabase(connection)
        return {now.flow: lake_tables(database, now.flow) for now in flows_now(database)}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The library warns of what it keeps as text; here that is asserted instead."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    yield
    logging.getLogger("sqlglot").setLevel(logging.NOTSET)


def parsed(script: str) -> list[exp.Expression]:
    """Return every statement of the script. Errors: those of the library, which takes nothing half.

    What only asks whether something is there is taken off first, and a schema is made as its text says: the
    library is lenient within an IF.
    """
    batches = (GUARD.sub("", batch.strip(), count=1) for batch in re.split(r"(?m)^GO$", script))
    return [
        each
        for batch in batches
        for each in sqlglot.parse(INNER.sub(r"\1", batch), dialect="tsql", error_level=RAISING)
        if each is not None
    ]


@pytest.mark.parametrize("server", WORDS)
def test_every_statement_parses_and_only_owners_roles_and_rights_are_kept_as_text(
    whole: Parties, server: TsqlServer
) -> None:
    """Tables with every field, views, procedures: the whole script, in words that each server has."""
    script = tsql(shown(whole), server)
    statements = parsed(script)
    kept = [str(each) for each in statements if isinstance(each, exp.Command)]
    assert len(kept) == 2 * (3 + 2 * 2)
    assert [text for text in kept if not ONLY_TEXT.fullmatch(text)] == []
    made = [each.kind for each in statements if isinstance(each, exp.Create)]
    tables = len(ENTITIES) + 2 + 1 + 2
    counts = [made.count(kind) for kind in ("TABLE", "VIEW", "PROCEDURE")]
    assert counts == [2 * tables, tables, 2]
    assert ("NVARCHAR" in script) == (server != "fabric"), "Fabric has text of one kind"
    assert ("PRIMARY KEY" in script) == (server == "sqlserver"), "the others enforce none"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (" NULL,\n", " NULL\n"),
        ("INSERT INTO [commissioning].[person] (", "INSERT INTO [commissioning].[person] "),
        (
            "[commissioning_read].[person] AS SELECT [",
            "[commissioning_read].[person] AS [",
        ),
    ],
)
def test_the_parser_refuses_what_is_no_statement(whole: Parties, right: str, wrong: str) -> None:
    """A comma lost in a table, a bracket lost in a procedure, a word lost in a view."""
    script = tsql({"commissioning": shown(whole)["commissioning"]}, "sqlserver")
    assert right in script
    with pytest.raises(sqlglot.errors.SqlglotError):
        parsed(script.replace(right, wrong, 1))


def test_a_role_has_its_own_schema_and_nothing_more(whole: Parties) -> None:
    """The copying tool writes staging and calls the procedure there; readers see views; nobody the tables."""
    rights = re.findall(r"GRANT (.+) ON SCHEMA::\[(\w+)\] TO \[(\w+)\];", tsql(shown(whole), "sqlserver"))
    assert [right for right in rights if "early" in right[1]] == [
        ("SELECT, INSERT, DELETE, EXECUTE", "early_help_stage", "early_help_copier"),
        ("SELECT", "early_help_read", "early_help_reader"),
    ]
    assert len(rights) == 4


def test_a_copy_that_is_not_whole_is_asked_about_before_anything_is_done(whole: Parties) -> None:
    """For each table the procedure compares what was copied with what it was told; unsaid is wrong too."""
    script = tsql(shown(whole), "sqlserver")
    body = script.partition("CREATE PROCEDURE [commissioning_stage].[take_over]")[2].partition("\nGO\n")[0]
    checks = re.findall(r"IF (@\w+) IS NULL OR (@\w+) <> \(SELECT COUNT_BIG\(\*\) FROM (\S+)\)", body)
    names = [table.name for table in shown(whole)["commissioning"]]
    assert set(names) == {"person", "withdrawn_records", "batches"}
    assert checks == [(f"@{name}_rows", f"@{name}_rows", f"[commissioning_stage].[{name}]") for name in names]
    assert body.count("RETURN;") == 3
    assert body.rindex("RETURN;") < body.index("BEGIN TRANSACTION;") < body.index("DELETE FROM")


def test_taking_a_copy_over_makes_the_tables_what_the_lake_shows(tmp_path: Path) -> None:
    """First every row, then without the withdrawn one and with the changed one; no copy stays in staging."""
    both = parties(tmp_path)
    sender = both.sender()
    with closing(duckdb.connect()) as server:
        server.execute("SET TimeZone = 'UTC'")
        withdrawn = Change("person", [row("person", 1)], "withdraw")
        for changes in ([people(1, 2, 3)], [people(2, name="Bea"), withdrawn]):
            sender.publish(*changes)
            load(both)
            made_tables(server, tsql(shown(both), "sqlserver"))
            take(server, both)
            assert held(server, both) == read_lake(lake_of(both).folder)
        assert [values[1] for values in held(server, both)["early_help.person"]] == ["Ann", "Bea"]
        copies = [each for each in tables_of(server) if each.startswith("early_help_stage")]
        assert len(copies) == 3
        assert all(server.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,) for name in copies)


def made_tables(server: duckdb.DuckDBPyConnection, script: str) -> None:
    """Make the script's tables in DuckDB, each as the library translates it."""
    for statement in parsed(script):
        if isinstance(statement, exp.Create) and statement.kind == "TABLE":
            table = statement.find(exp.Table)
            assert table is not None
            server.execute(f'CREATE SCHEMA IF NOT EXISTS "{table.db}"')
            words = statement.sql("duckdb").replace(" NULLS FIRST", "").replace("(MAX)", "")
            server.execute(words.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))


def take(server: duckdb.DuckDBPyConnection, both: Parties) -> None:
    """Copy what the pointer names into staging, then do what the procedure does, in one transaction."""
    pointer = json.loads((lake_of(both).folder / "current.json").read_text())
    tables = shown(both)
    for flow, state in pointer["flows"].items():
        for name, table in state["tables"].items():
            file, columns = lake_of(both).folder / table["path"], ", ".join(table["columns"])
            server.execute(
                f'INSERT INTO {flow}_stage."{name}" ({columns}) SELECT {columns} FROM read_parquet(?)',
                [file.as_posix()],
            )
        server.execute("BEGIN")
        for statement in take_over(flow, tables[flow]):
            (read,) = sqlglot.parse(statement, dialect="tsql")
            assert isinstance(read, exp.Delete | exp.Insert)
            assert statement in tsql(tables, "sqlserver")
            server.execute(read.sql("duckdb"))
        server.execute("COMMIT")


def tables_of(server: duckdb.DuckDBPyConnection) -> list[str]:
    asked = "SELECT table_schema || '.\"' || table_name || '\"' FROM information_schema.tables"
    return [name for (name,) in server.execute(asked).fetchall()]


def held(server: Any, both: Parties) -> dict[str, Rows]:
    """Return what the tables hold, in the words of a lake."""
    return {
        f"{flow}.{table.name}": in_order(
            server.execute(f'SELECT {", ".join(table.columns)} FROM {flow}."{table.name}"').fetchall()
        )
        for flow, tables in shown(both).items()
        for table in tables
    }


@pytest.mark.skipif(not os.environ.get(LIVE), reason=f"No real server was tried: {LIVE} holds no ODBC line.")
def test_a_real_server_takes_the_script_and_the_copies(whole: Parties) -> None:
    """On an empty database of its own: the script twice, two copies taken over, a half one refused."""
    import pyodbc  # type: ignore[import-not-found]

    kind: TsqlServer = next(each for each in WORDS if each == os.environ.get(f"{LIVE}_KIND", "sqlserver"))
    script = tsql(shown(whole), kind)
    with closing(pyodbc.connect(os.environ[LIVE], autocommit=True)) as server:
        for _ in range(2):
            for batch in re.split(r"(?m)^GO$", script):
                if batch.strip():
                    server.execute(batch)
        pointer = json.loads((lake_of(whole).folder / "current.json").read_text())
        for flow, state in pointer["flows"].items():
            copy_by_hand(server, whole, flow, state)
            counts = ", ".join(f"@{name}_rows = {table['rows']}" for name, table in state["tables"].items())
            with pytest.raises(pyodbc.Error):
                server.execute(f"EXEC [{flow}_stage].[take_over] {counts.replace('= ', '= 1', 1)}")
            server.execute(f"EXEC [{flow}_stage].[take_over] {counts}")
            for name, table in state["tables"].items():
                (rows,) = server.execute(f"SELECT COUNT(*) FROM [{flow}_read].[{name}]").fetchone()
                assert rows == table["rows"]
                (rows,) = server.execute(f"SELECT COUNT(*) FROM [{flow}_stage].[{name}]").fetchone()
                assert rows == 0


def copy_by_hand(server: Any, both: Parties, flow: str, state: dict[str, Any]) -> None:
    """Fill the staging tables row by row, as a copying tool does by the thousand."""
    import pyarrow.parquet as pq

    for name, table in state["tables"].items():
        columns = ", ".join(f"[{column}]" for column in table["columns"])
        places = ", ".join("?" * len(table["columns"]))
        for values in pq.read_table(lake_of(both).folder / table["path"]).to_pylist():
            server.execute(
                f"INSERT INTO [{flow}_stage].[{name}] ({columns}) VALUES ({places})", list(values.values())
            )
