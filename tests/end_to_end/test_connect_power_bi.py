"""The page on Power BI, done step by step: a real server shows what `feed` publishes, to one reader."""

import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from tests.end_to_end.test_how_to_commands import PAGES, told, typed
from tests.nights import NightSite
from tests.postgres import PASSWORD, PUBLISHER, Server, tool
from tests.warehouses import postgres

__all__ = ["postgres"]

PAGE = (PAGES / "connect_power_bi.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def test_a_server_shows_what_is_published_as_the_page_says(
    night: NightSite, postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings, rights and commands as printed; an account of its own then reads views, and only views."""
    grants, check, feed = told("connect_power_bi.md")
    assert typed(grants, night) == 2, "without feed.views there is nothing to print"
    settings_of_the_page(night.folder, postgres)
    capsys.readouterr()
    assert typed(grants, night) == 0
    run_as_administrator(postgres, capsys.readouterr().out)
    assert typed(check, night) in {0, 20}
    assert "views: signed in, ready to show what is published." in capsys.readouterr().err
    assert typed(feed, night) == 0
    with closing(postgres.admin("figures")) as admin:
        (grant,) = re.findall(r"```sql\n(.+?)\n```", PAGE, re.DOTALL)
        admin.execute('CREATE ROLE "their.account" LOGIN')
        admin.execute(grant)
    shown = "SELECT period, value, shown FROM published.referrals WHERE kpi = 'K01' AND breakdown = 'borough'"
    with closing(postgres.admin("figures", "their.account")) as reader:
        figures = reader.execute(f"{shown} ORDER BY 1, 2").fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT * FROM published_rows.figures")
    (python,) = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    assert shown in python
    with duckdb.connect(str(night.site.var / "feed/figures.duckdb"), read_only=True) as file:
        assert sorted(file.execute(shown).fetchall()) == sorted(figures) != []


def settings_of_the_page(folder: Path, server: Server) -> None:
    """Write the page's block into the site, with the host, the port and the database that are here."""
    (block,) = re.findall(r"```yaml\n(  views:\n.+?)```", PAGE, re.DOTALL)
    for key, value in {"host": "localhost", "port": str(server.port), "database": "figures"}.items():
        block, changed = re.subn(rf"(?m)^    {key}: \S+", f"    {key}: {value}", block)
        assert changed == 1
    path = folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    assert "\nfeed:\n" in text
    path.write_text(text.replace("\nfeed:\n", f"\nfeed:\n{block}"), encoding="utf-8")
    shutil.copyfile(server.ca_file, folder / "keys/warehouse_ca.pem")
    secret = folder / "secrets/publisher_password"
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    secret.touch(0o600)
    secret.write_text(PASSWORD + "\n")


def run_as_administrator(server: Server, statements: str) -> None:
    """Run what was printed, twice, as the page lets the administrator do it: with psql."""
    with closing(server.admin()) as admin:
        admin.execute("CREATE DATABASE figures")
    line = f"host=127.0.0.1 port={server.port} user=postgres dbname=figures sslmode=disable"
    for _ in range(2):
        done = subprocess.run(
            [tool("psql"), line, "-X", "-q", "-v", "ON_ERROR_STOP=1"],
            input=statements, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    with closing(server.admin("figures")) as admin:
        admin.execute(f"ALTER ROLE {PUBLISHER} PASSWORD '{PASSWORD}'".encode())
