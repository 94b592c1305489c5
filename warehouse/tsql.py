"""The statements by which an administrator makes SQL Server, Synapse or Fabric ready for copies of a lake.

Per flow: staging tables that a copying tool fills, a procedure that takes a whole copy over in one
transaction, the tables themselves, views for readers, and a role for each of the two. No such server has run
them yet; they are parsed, and what the procedure does is carried out elsewhere, by tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from canonical import ENTITIES, Kind, spec
from warehouse import tables
from warehouse.lake_tables import LakeTable

TsqlServer = Literal["sqlserver", "synapse", "fabric"]
KEYS = {"withdrawn_records": ("entity", "key"), tables.BATCHES: ("sequence",)}
SHORT = frozenset(
    {"source_system", "run_id", "batch_id", "dpia_id", "dpia_version", "entity", "reason"}
)  # fmt: skip
HEAD = """\
-- Viaduct: schemas, tables, views, roles and rights for copies of the lake. Run in the database itself, by
-- its administrator, and again when a flow or a field was added: what is there stays.
-- No value and no password stands here. None of it has met a real server yet: read it before you run it."""


@dataclass(frozen=True)
class _Words:
    """What one server calls things, and how a table is made there."""

    text: str
    short: str
    instant: str
    table_end: str
    has_keys: bool


WORDS: dict[TsqlServer, _Words] = {
    "sqlserver": _Words("NVARCHAR(MAX)", "NVARCHAR(200)", "DATETIMEOFFSET(6)", "", has_keys=True),
    "synapse": _Words(
        "NVARCHAR(MAX)", "NVARCHAR(200)", "DATETIMEOFFSET(6)", " WITH (HEAP, DISTRIBUTION = ROUND_ROBIN)",
        has_keys=False,
    ),
    "fabric": _Words("VARCHAR(MAX)", "VARCHAR(800)", "DATETIME2(6)", "", has_keys=False),
}  # fmt: skip
TYPES = {
    "DATE": "DATE",
    "BOOLEAN": "BIT",
    "INTEGER": "INT",
    "BIGINT": "BIGINT",
    "DECIMAL(12,2)": "DECIMAL(12,2)",
    "DECIMAL(9,6)": "DECIMAL(9,6)",
}


def tsql(flows: Mapping[str, Sequence[LakeTable]], server: TsqlServer) -> str:
    """Return the script, its batches parted by GO, for these tables of each flow."""
    batches = [batch for flow, shown in flows.items() for batch in _of_flow(flow, shown, server)]
    return "\nGO\n".join([HEAD, *batches]) + "\nGO\n"


def take_over(flow: str, shown: Sequence[LakeTable]) -> list[str]:
    """Return the statements of the procedure's transaction: each table becomes its copy, and no copy stays.

    A row that changed is deleted and inserted like one that is new: a comparison would miss what the server's
    collation takes for equal, such as a name whose capitals were put right.
    """
    statements: list[str] = []
    for table in shown:
        columns = ", ".join(f"[{column}]" for column in table.columns)
        copy, target = f"[{flow}_stage].[{table.name}]", f"[{flow}].[{table.name}]"
        statements += [
            f"DELETE FROM {target};",
            f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {copy};",
            f"DELETE FROM {copy};",
        ]
    return statements


def _of_flow(flow: str, shown: Sequence[LakeTable], server: TsqlServer) -> Iterator[str]:
    for schema in (flow, f"{flow}_stage", f"{flow}_read"):
        yield f"IF SCHEMA_ID(N'{schema}') IS NULL EXEC(N'CREATE SCHEMA [{schema}] AUTHORIZATION [dbo]');"
    for table in shown:
        yield from _table(flow, table, WORDS[server])
        yield from _copy(flow, table, WORDS[server])
        yield from _view(flow, table)
    yield from _procedure(flow, shown, server)
    yield from _role(f"{flow}_copier", f"SELECT, INSERT, DELETE, EXECUTE ON SCHEMA::[{flow}_stage]")
    yield from _role(f"{flow}_reader", f"SELECT ON SCHEMA::[{flow}_read]")


def _table(flow: str, table: LakeTable, words: _Words) -> Iterator[str]:
    """Yield the statements that make the table, and the columns that it does not have yet."""
    name, key = f"[{flow}].[{table.name}]", _key(table.name)
    end = ""
    if words.has_keys:
        named = ", ".join(f"[{column}]" for column in key)
        end = f",\n    CONSTRAINT [{flow}_{table.name}_key] PRIMARY KEY ({named})"
    body = f"{_columns(table, words)}{end}\n){words.table_end}"
    yield f"IF OBJECT_ID(N'{name}', N'U') IS NULL\nCREATE TABLE {name} (\n{body};"
    for column in (column for column in table.columns if column not in key):
        added = f"[{column}] {_type(table, column, words)} NULL"
        yield f"IF COL_LENGTH(N'{name}', N'{column}') IS NULL ALTER TABLE {name} ADD {added};"


def _copy(flow: str, table: LakeTable, words: _Words) -> Iterator[str]:
    """Yield the statements that make the table of copies anew; between copies it is empty."""
    name = f"[{flow}_stage].[{table.name}]"
    yield f"IF OBJECT_ID(N'{name}', N'U') IS NOT NULL DROP TABLE {name};"
    yield f"CREATE TABLE {name} (\n{_columns(table, words)}\n){words.table_end};"


def _columns(table: LakeTable, words: _Words) -> str:
    key = _key(table.name)
    return ",\n".join(
        f"    [{column}] {_type(table, column, words)} {'NOT NULL' if column in key else 'NULL'}"
        for column in table.columns
    )


def _view(flow: str, table: LakeTable) -> Iterator[str]:
    name, columns = f"[{flow}_read].[{table.name}]", ", ".join(f"[{column}]" for column in table.columns)
    yield f"IF OBJECT_ID(N'{name}', N'V') IS NOT NULL DROP VIEW {name};"
    yield f"CREATE VIEW {name} AS SELECT {columns} FROM [{flow}].[{table.name}];"


def _procedure(flow: str, shown: Sequence[LakeTable], server: TsqlServer) -> Iterator[str]:
    """Yield the procedure; who calls it says how many rows each copy must have, so no half copy is taken."""
    name = f"[{flow}_stage].[take_over]"
    yield f"IF OBJECT_ID(N'{name}', N'P') IS NOT NULL DROP PROCEDURE {name};"
    counts = ", ".join(f"@{table.name}_rows BIGINT" for table in shown)
    lines = ["SET NOCOUNT ON;", *(["SET XACT_ABORT ON;"] if server == "sqlserver" else [])]
    for table in shown:
        given, held = f"@{table.name}_rows", f"(SELECT COUNT_BIG(*) FROM [{flow}_stage].[{table.name}])"
        lines += [
            f"IF {given} IS NULL OR {given} <> {held}",
            "BEGIN",
            f"    RAISERROR(N'The copy of {flow}.{table.name} is not whole: nothing was done.', 16, 1);",
            "    RETURN;",
            "END;",
        ]
    lines += ["BEGIN TRANSACTION;", *take_over(flow, shown), "COMMIT TRANSACTION;"]
    body = "\n".join(f"    {line}" for line in lines)
    yield f"CREATE PROCEDURE {name} {counts} AS\nBEGIN\n{body}\nEND;"


def _role(name: str, rights: str) -> Iterator[str]:
    yield f"IF DATABASE_PRINCIPAL_ID(N'{name}') IS NULL CREATE ROLE [{name}];"
    yield f"GRANT {rights} TO [{name}];"


def _type(table: LakeTable, column: str, words: _Words) -> str:
    kind = table.columns[column]
    if column in table.keys:
        return "CHAR(36)"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return words.instant
    if kind != "VARCHAR":
        return TYPES[kind]
    fields = spec(table.name).fields if table.name in ENTITIES else {}
    is_code = column in fields and fields[column].kind is Kind.CODE
    return words.short if is_code or (column in SHORT and column not in fields) else words.text


def _key(table: str) -> tuple[str, ...]:
    return KEYS[table] if table in KEYS else spec(table).key
