"""A night whose exports lie on an SFTP server: what a folder would have given, over a line that is cut."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.test_how_to_commands import told, typed
from tests.sftp_servers import HOST, Account, SftpServer, private, public
from tests.tiny.assessment import SOURCES
from tests.tiny.site import TinySite
from tests.tiny.start import settled

SAID = """connector: sftp
host: {host}
port: {port}
user: {user}
folder: {user}
host_keys: ["{host_key}"]
client_key: file:{user}.key
limits: {{first_wait_seconds: 0.01}}
"""


@pytest.fixture
def site(tmp_path: Path) -> TinySite:
    """Return the tiny site after its first nights; its exports lie in folders of its own."""
    return settled().site.copy(tmp_path / "site")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    accounts = {source: Account(writes=()) for source in SOURCES}
    with SftpServer(tmp_path / "server", accounts) as server:
        yield server


def move_to(server: SftpServer, site: TinySite) -> None:
    """Let both sources read what they read before from the server, each under its own account."""
    for source in SOURCES:
        (site.folder / "drop" / source).rename(server.root / source)
        key_file = site.folder / f"{source}.key"
        key_file.touch(mode=0o600)
        key_file.write_text(private(server.accounts[source].key), encoding="ascii")
        said = {"host": HOST, "port": server.port, "user": source, "host_key": public(server.host_key)}
        path = site.folder / "sources" / f"{source}.yaml"
        text = path.read_text(encoding="utf-8").replace(f"folder: drop/{source}\n", "")
        path.write_text(text.replace("connector: folder\n", SAID.format(**said)), encoding="utf-8")


def told_of(night: Any) -> tuple[Any, ...]:
    """Return what a night says of rows, of records and of how they came."""
    said = night.to_json()
    sources = [
        (one["source"], one["outcome"], one["exports"], one["entities"], one["arrived"])
        for one in said["sources"]
    ]
    return said["exit_code"], said["extracted_at"], sources, [flow["entities"] for flow in said["flows"]]


def test_a_night_over_sftp_says_what_a_night_from_a_folder_says(site: TinySite, server: SftpServer) -> None:
    """The same records with the same fates, nothing sent twice, though the line is cut in the middle."""
    usual = told_of(site.night())
    move_to(server, site)
    server.does.cut_at = 12
    assert told_of(site.night()) == usual
    assert server.does.requests > 12
    assert set(server.does.done) <= {"scandir", "lstat", "open", "fstat", "read", "close"}


def test_one_server_that_is_away_or_another_fails_one_source_only(site: TinySite, server: SftpServer) -> None:
    """The other source's night goes on; the largest code of the night is the host key's, 40."""
    move_to(server, site)
    path = site.folder / "sources" / "community_support.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(public(server.host_key), public(Account().key)), encoding="utf-8")
    said = site.night().to_json()
    assert {one["source"]: one["error_code"] for one in said["sources"]} == {
        "hub": None,
        "community_support": "E391",
    }
    assert said["exit_code"] == 40


def test_the_page_lets_us_see_that_we_are_let_in(
    site: TinySite, server: SftpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check --connect` finds the complete set; a refused account ends it with 21, a lack with 20."""
    move_to(server, site)
    (check,) = told("sftp_source.md")
    assert typed(check, site) == 0  # type: ignore[arg-type]
    assert "hub: signed in, every extract is there." in capsys.readouterr().err
    next((server.root / "hub").glob("people*")).unlink()
    assert typed(check, site) == 20  # type: ignore[arg-type]
    assert "E305" in capsys.readouterr().err
    server.accounts["community_support"].key = Account().key
    assert typed(check, site) == 21  # type: ignore[arg-type]
    assert "E311" in capsys.readouterr().err
