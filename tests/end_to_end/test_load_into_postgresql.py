"""The page on PostgreSQL, done step by step: the same batches make the same warehouse as in a file."""

import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import psycopg
import pytest

from tests.contracts_asked import Job, asked
from tests.front_door import Said, verb
from tests.nights import NightSite
from tests.postgres import PASSWORD, Server, tool
from tests.warehouse_faults import FOUND, LOOSENED, plant
from tests.warehouses import postgres

__all__ = ["postgres"]

PERIOD = "2022-23-Q1"
PAGE = (Path(__file__).parents[2] / "docs/how_to/load_into_postgresql.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python run_sync\.py (.+)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def test_the_page_s_steps_make_the_warehouse_that_the_file_is(
    again: Callable[[], NightSite], postgres: Server
) -> None:
    """Settings, rights and commands as the page prints them; then every row of every table is the same."""
    assert COMMANDS == ["load --print-grants", "check --connect", "load"]
    night = again()
    wanted = rows_of_the_file(night.site.warehouse)
    assert len(wanted["early_help.person"]) > 1
    assert typed(night, "feed", "--period", PERIOD).code == 0
    counted, of_the_file = figures_of(night), contract_of(night, "file")
    shutil.rmtree(night.site.landing / "receipts")
    settings_of_the_page(night.folder, postgres)
    grants, checked, loaded = (words.split() for words in COMMANDS)
    printed = typed(night, *grants)
    assert printed.code == 0, printed.err
    run_as_administrator(postgres, printed.out)
    said = typed(night, *checked)
    assert (said.code, "warehouse: signed in, ready to be loaded into." in said.err) == (0, True), said.err
    done = typed(night, *loaded)
    assert done.code == 0, done.err
    with closing(postgres.admin("council")) as admin:
        assert rows_of_the_server(admin, wanted) == wanted
        (people,) = admin.execute("SELECT count(*) FROM early_help.person").fetchone() or (0,)
        (grant,) = re.findall(r'GRANT early_help_reader TO "their\.account"', PAGE)
        admin.execute('CREATE ROLE "their.account" LOGIN')
        admin.execute(grant)
    with closing(postgres.admin("council", "their.account")) as reader:
        assert reader.execute("SELECT count(*) FROM early_help_read.person").fetchall() == [(people,)]
    figures = typed(night, "feed", "--period", PERIOD)
    assert figures.code == 0, figures.err
    assert figures_of(night) == counted
    of_the_server = contract_of(night, "server")
    retained = typed(night, "retention", "apply", "--dry-run")
    assert retained.code == 0, retained.err
    assert all(PASSWORD.encode() not in run.words for run in (printed, done, figures, retained))
    with_faults = [faults_in_a_copy(of_the_file), faults_on_the_server(of_the_server, postgres)]
    told, _ = asked([Job(path, "warehouse") for path in (of_the_file, of_the_server, *with_faults)])
    assert [(answer.result, answer.findings) for answer in told[:2]] == [("passed", [])] * 2
    assert all(answer.passed > 300 for answer in told[:2])
    for answer, type_of in zip(told[2:], ("field_type", "field_physical_type"), strict=True):
        found = {
            (each.kind.replace(type_of, "field_type"), each.table, each.column) for each in answer.findings
        }
        assert found >= FOUND


def contract_of(night: NightSite, name: str) -> Path:
    """Return the contract of the commissioning tables, as the verb prints it."""
    said = typed(night, "feed", "contract")
    assert said.code == 0, said.err
    path = night.folder.parent / f"{name}.odcs.yaml"
    path.write_text(said.out, encoding="utf-8")
    return path


def faults_in_a_copy(contract: Path) -> Path:
    """Return the contract asked of a copy of the file into which every fault was planted."""
    text = contract.read_text(encoding="utf-8")
    (file,) = re.findall(r"(?m)^  database: (.+)$", text)
    spoilt = contract.with_name("spoilt.duckdb")
    shutil.copyfile(file, spoilt)
    with duckdb.connect(str(spoilt)) as database:
        plant(database.execute, "commissioning", LOOSENED["duckdb"])
    return _of_another(contract, text.replace(file, str(spoilt)))


def faults_on_the_server(contract: Path, server: Server) -> Path:
    """Return the contract asked of a copy of the server's database, with every fault."""
    with closing(server.admin()) as admin:
        admin.execute("CREATE DATABASE spoilt TEMPLATE council")
    with closing(server.admin("spoilt")) as admin:
        plant(lambda statement: admin.execute(statement.encode()), "commissioning", LOOSENED["postgres"])
    text = contract.read_text(encoding="utf-8")
    return _of_another(contract, text.replace("database: council", "database: spoilt"))


def _of_another(contract: Path, text: str) -> Path:
    path = contract.with_name(f"spoilt-{contract.name}")
    path.write_text(text, encoding="utf-8")
    return path


def typed(night: NightSite, *words: str) -> Said:
    """Return what the verb said of this site."""
    return verb("--site", str(night.folder), *words, temporary=night.folder.parent / "temporary")


def settings_of_the_page(folder: Path, server: Server) -> None:
    """Write the page's block into the site, with the host, the port and the database that are here."""
    (block,) = re.findall(r"```yaml\n(warehouse:\n.+?)```", PAGE, re.DOTALL)
    here = {"host": "localhost", "port": str(server.port), "database": "council"}
    for key, value in here.items():
        block, changed = re.subn(rf"(?m)^  {key}: \S+", f"  {key}: {value}", block)
        assert changed == 1
    path = folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    assert "warehouse: var/warehouse.duckdb\n" in text
    path.write_text(text.replace("warehouse: var/warehouse.duckdb\n", block), encoding="utf-8")
    shutil.copyfile(server.ca_file, folder / "keys/warehouse_ca.pem")
    secret = folder / "secrets/warehouse_password"
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    secret.touch(0o600)
    secret.write_text(PASSWORD + "\n")


def run_as_administrator(server: Server, statements: str) -> None:
    """Run what was printed, twice, as the page lets the administrator do it: with psql."""
    with server.admin() as admin:
        admin.execute("CREATE DATABASE council")
    line = f"host=127.0.0.1 port={server.port} user=postgres dbname=council sslmode=disable"
    for _ in range(2):
        done = subprocess.run(
            [tool("psql"), line, "-X", "-q", "-v", "ON_ERROR_STOP=1"],
            input=statements, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    with server.admin("council") as admin:
        admin.execute(f"ALTER ROLE viaduct_loader PASSWORD '{PASSWORD}'")


def rows_of_the_file(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of the flows."""
    tables = (
        "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema <> 'main'"
    )
    with closing(duckdb.connect(path, read_only=True)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        names = [name for (name,) in connection.execute(tables).fetchall()]
        return {name: in_order(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in names}


def rows_of_the_server(admin: psycopg.Connection, tables: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of these tables."""
    return {name: in_order(admin.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}


def figures_of(night: NightSite) -> dict[str, bytes]:
    """Return the tables of figures that were published, byte for byte."""
    tables = sorted((night.site.var / "feed" / PERIOD).glob("*.parquet"))
    assert pl.read_parquet(night.site.var / "feed" / PERIOD / "referrals.parquet")["value"].sum() > 0
    return {table.name: table.read_bytes() for table in tables}


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=str)
