"""A night over SFTP: each side by its own account, with its own keys only, the line cut on the way."""

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.site import load_site
from sync.council import load_council_side
from tests.end_to_end.test_how_to_commands import told, typed
from tests.nights import NightSite
from tests.sftp_servers import HOST, Account, SftpServer, private, public
from tests.small_sample import a_day_later

FLOWS = ("early_help", "commissioning")
COUNCILS = ("council", "receipt")
LANDING = """landing:
  connector: sftp
  host: {host}
  port: {port}
  user: {user}
  folder: /landing
  host_keys:
    - {host_key}
  client_key: file:{key_file}
  limits: {{first_wait_seconds: 0.01}}
"""


@dataclass
class TwoHosts:
    """The sync side and the council side, each on its own site, and the server where they meet."""

    sync: NightSite
    council: NightSite
    server: SftpServer
    writers: dict[str, set[str]]


def use_sftp(site: Path, server: SftpServer, user: str) -> None:
    """Let a site's landing zone be the server, under this account."""
    key_file = site / "landing.key"
    key_file.touch(mode=0o600)
    key_file.write_text(private(server.accounts[user].key), encoding="ascii")
    said = {"host": HOST, "port": server.port, "user": user, "host_key": public(server.host_key)}
    path = site / "site.yaml"
    text = path.read_text(encoding="utf-8")
    assert "landing: var/landing\n" in text
    path.write_text(
        text.replace("landing: var/landing\n", LANDING.format(**said, key_file=key_file.name)).replace(
            "council_side: embedded", "council_side: elsewhere"
        ),
        encoding="utf-8",
    )


@pytest.fixture
def hosts(again: Callable[[], NightSite], tmp_path: Path) -> Iterator[TwoHosts]:
    """Yield the site after its first night, parted in two; what has landed lies on the server."""
    accounts = {
        "sync": Account(writes=tuple(f"/landing/{flow}" for flow in FLOWS)),
        "council": Account(writes=("/landing/receipts", "/landing/certificates")),
    }
    sync, council = again(), again()
    with SftpServer(tmp_path / "server", accounts) as server:
        shutil.move(sync.folder / "var" / "landing", tmp_path / "server" / "landing")
        shutil.rmtree(council.folder / "var" / "landing")
        for role in COUNCILS:
            (sync.folder / "var" / "keys" / f"{role}.key").unlink()
        for path in (council.folder / "var" / "keys").rglob("*.key"):
            if path.stem not in COUNCILS:
                path.unlink()
        (sync.folder / "var" / "warehouse.duckdb").unlink()
        for room in ("state", "log", "runs"):
            shutil.rmtree(council.folder / "var" / room)
        use_sftp(sync.folder, server, "sync")
        use_sftp(council.folder, server, "council")
        writers: dict[str, set[str]] = {}
        server.does.before = lambda operation, user, of: noted(writers, operation, user, of)
        yield TwoHosts(sync, council, server, writers)


def noted(writers: dict[str, set[str]], operation: str, user: str, of: tuple[Any, ...]) -> None:
    if operation == "posix_rename":
        writers.setdefault(user, set()).add(of[1].decode().split("/")[2])


def but_for_the_hour(night: NightSite) -> dict[str, set[tuple[Any, ...]]]:
    """Return every row of the warehouse, the instants at which rows were withdrawn left aside."""
    rows = night.canonical_rows()
    gone = {
        name: {row[:2] for row in found} for name, found in rows.items() if name.endswith("withdrawn_records")
    }
    assert any(gone.values())
    return rows | gone


def test_a_night_over_sftp_ends_in_the_warehouse_that_a_folder_would_have(
    hosts: TwoHosts, two_nights: NightSite, say: Callable[[str], None]
) -> None:
    """Delivered under one account, loaded under another, remembered when the receipt has come back.

    The line is cut once while the batch is put there, at a request that a seed chooses.
    """
    hosts.sync.drop(a_day_later())
    seed = datetime.now(UTC).date().toordinal()
    hosts.server.does.cut_at = random.Random(seed).randrange(20, 120)
    say(f"seed {seed}: cut at request {hosts.server.does.cut_at}")
    night = hosts.sync.night().to_json()
    assert {flow["state"] for flow in night["flows"]} == {"delivered"}
    assert hosts.server.does.requests > hosts.server.does.cut_at
    receipts = load_council_side(load_site(hosts.council.folder))
    assert sorted((receipt.flow, receipt.outcome) for receipt in receipts) == [
        (flow, "loaded") for flow in sorted(FLOWS)
    ]
    _, load = told("sftp_landing.md")
    assert typed(load, hosts.council) == 0
    collected = hosts.sync.night().to_json()
    assert collected["exit_code"] in (0, 1), collected
    assert but_for_the_hour(hosts.council) == but_for_the_hour(two_nights)
    assert hosts.writers == {"sync": set(FLOWS), "council": {"receipts"}}


def test_the_page_lets_both_sides_see_that_they_are_let_in(
    hosts: TwoHosts, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check --connect` signs in and moves nothing; an account that is refused is said, exit 50."""
    check, _ = told("sftp_landing.md")
    assert typed(check, hosts.sync) == 0
    assert "landing: signed in, its folder can be read." in capsys.readouterr().err
    hosts.server.accounts["sync"].key = Account().key
    assert typed(check, hosts.sync) == 50
    said = capsys.readouterr().err
    assert "E504" in said
    assert "landing: refused." in said
    (hosts.sync.folder / "landing.key").chmod(0o644)
    assert typed(check[:1], hosts.sync) == 10
    assert "landing, client_key: file:" in capsys.readouterr().err
    assert hosts.writers == {}


def test_a_night_to_a_server_with_another_key_ends_with_40_and_nothing_landed(hosts: TwoHosts) -> None:
    """The batch stays in the outbox, sealed and logged, for the day on which somebody has asked."""
    before = sorted(path.name for path in (hosts.server.root / "landing").rglob("*"))
    site = hosts.sync.folder / "site.yaml"
    text = site.read_text(encoding="utf-8").replace(public(hosts.server.host_key), public(Account().key))
    site.write_text(text, encoding="utf-8")
    hosts.sync.drop(a_day_later())
    night = hosts.sync.night().to_json()
    assert night["exit_code"] == 40
    assert "E391" in str(night)
    assert sorted(path.name for path in (hosts.server.root / "landing").rglob("*")) == before
