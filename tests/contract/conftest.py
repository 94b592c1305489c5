"""Every source and every landing that the suites run over."""

import codecs
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.charitylog_portal import CharitylogPortal
from connectors.charitylog_rest import CharitylogRest
from connectors.drops import Drops
from connectors.drops_folder import FolderDrops
from connectors.drops_sftp import SftpDrops
from connectors.folder import DropFolder
from connectors.landing import Landing
from connectors.landing_blob import LandingBlob
from connectors.landing_folder import LandingFolder
from connectors.landing_sftp import LandingSftp
from connectors.rest_settings import Request, RestSettings
from connectors.settings import Ceilings, FolderSettings, Limits, PortalSettings
from connectors.source import Source
from connectors.spool import Spool
from tests.azure_blob import BadLine, BlobAccount, azurite, bad_line
from tests.contract.api_server import API_KEYS, COLUMNS, SmallApi, start_api
from tests.contract.portal_server import BASIS, ORGANISATION, PEOPLE, REFERRALS, USER, Portal, start
from tests.sftp_servers import DebianServer, SftpServer, debian_server
from tests.warehouses import both, postgres

__all__ = ["both", "postgres"]

EXTRACTS = {"people": "Viaduct people", "referrals": "Viaduct referrals"}
QUICK = Limits(
    connect_seconds=2,
    read_seconds=2,
    first_wait_seconds=0.005,
    longest_wait_seconds=3,
    attempts=4,
    retries_per_run=8,
    ceilings=Ceilings(largest_bytes=1 << 20),
)


@dataclass
class Served:
    """A source, and a way to change what stands behind it: export name, bytes, the count it claims.

    arrives: what served bytes are when they have come; an API gives records, of which we write the CSV.
    """

    source: Source
    serve: Callable[[str, bytes | None, int | None], None]
    arrives: Callable[[bytes], bytes] = bytes


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "spool", in_memory_bytes=0) as open_spool:
        yield open_spool


@pytest.fixture
def portal() -> Iterator[Portal]:
    state = Portal()
    server = start(state)
    yield state
    server.shutdown()
    server.server_close()


def portal_settings(portal: Portal, **more: object) -> PortalSettings:
    said: dict[str, object] = {
        "name": "hub",
        "address": portal.address,
        "organisation": ORGANISATION[0],
        "organisation_password": ORGANISATION[1],
        "user": USER[0],
        "user_password": USER[1],
        "extracts": EXTRACTS,
        "lawful_basis": BASIS,
        "limits": QUICK,
    }
    return PortalSettings(**{**said, **more})  # type: ignore[arg-type]


@pytest.fixture
def api() -> Iterator[SmallApi]:
    state = SmallApi()
    server = start_api(state)
    yield state
    server.shutdown()
    server.server_close()


def rest_settings(api: SmallApi, **more: object) -> RestSettings:
    said: dict[str, object] = {
        "name": "hub",
        "address": api.address,
        "source_key": API_KEYS["Source"],
        "org_key": API_KEYS["Org"],
        "user_key": API_KEYS["User"],
        "requests": {
            name: Request(name, columns, id=columns[0], count_by=columns[0])
            for name, columns in COLUMNS.items()
        },
        "limits": QUICK,
    }
    return RestSettings(**{**said, **more})  # type: ignore[arg-type]


@pytest.fixture(params=["portal", "rest", "folder", "sftp", "debian"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Served:
    if request.param == "portal":
        return _from_portal(request.getfixturevalue("portal"))
    if request.param == "rest":
        return _from_api(request.getfixturevalue("api"))
    return _from_folder(tmp_path / "dropped", _dropped(request, tmp_path / "dropped"))


def _dropped(request: pytest.FixtureRequest, folder: Path) -> Drops:
    """Return how the source reaches the folder."""
    if request.param == "folder":
        return FolderDrops(folder)
    if request.param == "sftp":
        server: SftpServer = request.getfixturevalue("sftp_server")
        return SftpDrops(server.settings(folder="/dropped"))
    debian: DebianServer = request.getfixturevalue("debian")
    return SftpDrops(debian.settings(folder))


def _from_portal(portal: Portal) -> Served:
    def serve(export: str, content: bytes | None, rows: int | None) -> None:
        if content is None:
            del portal.extracts[EXTRACTS[export]]
        else:
            portal.extracts[EXTRACTS[export]] = (rows or 0, content)

    return Served(CharitylogPortal(portal_settings(portal)), serve)


def _from_api(api: SmallApi) -> Served:
    def serve(export: str, content: bytes | None, rows: int | None) -> None:
        if content is None:
            del api.lists[export]
        else:
            api.lists[export] = (rows or 0, content)

    serve("people", PEOPLE, 2)
    serve("referrals", REFERRALS, 1)
    return Served(
        CharitylogRest(rest_settings(api)), serve, lambda content: content.removeprefix(codecs.BOM_UTF8)
    )


def _from_folder(folder: Path, drops: Drops) -> Served:
    folder.mkdir()

    def serve(export: str, content: bytes | None, rows: int | None) -> None:
        path = folder / f"{export}-2022-12-01.csv"
        if content is None:
            path.unlink()
            return
        path.write_bytes(content)
        os.utime(path, (1_669_874_400, 1_669_874_400))
        path.with_name(f"{path.name}.rows").write_text(f"{rows}\n", encoding="ascii")

    serve("people", PEOPLE, 2)
    serve("referrals", REFERRALS, 1)
    patterns = {"people": "people-*.csv", "referrals": "referrals-*.csv"}
    ceilings = Ceilings(largest_bytes=1 << 20)
    settings = FolderSettings("hub", folder, patterns, settle_seconds=0, ceilings=ceilings)
    return Served(DropFolder(settings, drops), serve)


BELOW_A_FOLDER = ["folder", "sftp", "debian"]


@pytest.fixture(params=[*BELOW_A_FOLDER, "blob"])
def landing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Landing]:
    with closing(_landing(request, tmp_path)) as landing:
        yield landing


def _landing(request: pytest.FixtureRequest, tmp_path: Path) -> Landing:
    """Return an empty landing zone below the test's own folder, `landing`, however it is reached."""
    if request.param == "folder":
        return LandingFolder(tmp_path / "landing")
    if request.param == "sftp":
        server: SftpServer = request.getfixturevalue("sftp_server")
        return LandingSftp(server.settings())
    if request.param == "blob":
        account: BlobAccount = request.getfixturevalue("blob_account")
        return LandingBlob(account.both_in_one())
    debian: DebianServer = request.getfixturevalue("debian")
    return LandingSftp(debian.settings(tmp_path / "landing"))


@pytest.fixture
def sftp_server(tmp_path: Path) -> Iterator[SftpServer]:
    with SftpServer(tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def blob_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with azurite(tmp_path_factory.mktemp("azurite")) as port:
        yield port


@pytest.fixture
def blob_account(blob_port: int) -> Iterator[BlobAccount]:
    account = BlobAccount(blob_port)
    yield account
    account.service.close()


@pytest.fixture
def line(blob_account: BlobAccount) -> Iterator[BadLine]:
    """Yield a line to Azurite that can fail."""
    with bad_line(blob_account.port) as line:
        yield line


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Return two sealed files of an outbox, by their names."""
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    content = {"person-0001.parquet.age": b"sealed one", "referral-0001.parquet.age": b"sealed two" * 9000}
    for name, sealed in content.items():
        (outbox / name).write_bytes(sealed)
    return {name: outbox / name for name in content}


@pytest.fixture(scope="session")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DebianServer]:
    with debian_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server
