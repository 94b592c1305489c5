"""A provider's drop, in a folder and on a real SFTP server: its own files, whole, and nobody else's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.errors import ViaductError
from config.worklists import SftpDrop, Worklist
from connectors.drop_errors import DropKeepsNothing, DropOfAnother, DropRefusesUs, DropUnavailable
from connectors.provider_drop import MARK, ProviderDrop, ProviderFiles
from connectors.registry import open_drop
from connectors.sftp_errors import HostKeyDiffers
from tests.sftp_servers import HOST, Account, SftpServer, private, public

PAGES = {"worklist-hub.html": b"<html>", "worklist-hub.csv": b"finding\r\n"}


OPENED: list[ProviderDrop] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Hang up every line that a test opened."""
    yield
    while OPENED:
        OPENED.pop().close()


@dataclass
class Place:
    """A place for one provider's drop, and where its files are seen on this machine."""

    seen: Path
    open: Callable[..., ProviderDrop]
    server: SftpServer | None = None

    def names(self) -> list[str]:
        return sorted(path.name for path in self.seen.iterdir())


@pytest.fixture(params=["folder", "sftp"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Yield an empty drop of each kind."""
    if request.param == "folder":
        (tmp_path / "drop").mkdir()
        yield Place(tmp_path / "drop", lambda provider="hub": opened(provider, tmp_path, tmp_path / "drop"))
        return
    with SftpServer(tmp_path / "server", {"hub": Account()}) as server:
        (server.root / "worklist").mkdir()
        yield Place(
            server.root / "worklist",
            lambda provider="hub", **more: opened(provider, tmp_path, sftp_drop(server, tmp_path, **more)),
            server,
        )


def sftp_drop(server: SftpServer, folder: Path, **more: object) -> SftpDrop:
    """Return what providers.yaml would say of the server; our key lies in the folder."""
    key = folder / "hub.key"
    key.touch(mode=0o600)
    key.write_text(private(server.accounts["hub"].key), encoding="ascii")
    said = {
        "host": HOST, "port": server.port, "user": "hub", "folder": "worklist",
        "host_keys": [public(server.host_key)], "client_key": f"file:{key}",
        "limits": {"attempts": 2, "first_wait_seconds": 0.01, "longest_wait_seconds": 0},
    }  # fmt: skip
    return SftpDrop.model_validate({**said, **more})


def opened(provider: str, site: Path, where: Path | SftpDrop, name: str = "Test") -> ProviderDrop:
    said = Worklist(folder=str(where)) if isinstance(where, Path) else Worklist(sftp=where)
    drop = open_drop(said, provider, name, site)
    assert drop is not None
    OPENED.append(drop)
    return drop


def of_hub(**files: bytes) -> ProviderFiles:
    return ProviderFiles("hub", {**PAGES, **files})


def met(step: Callable[[], None], kind: type[ViaductError]) -> ViaductError:
    with pytest.raises(kind) as found:
        step()
    return found.value


def test_the_files_and_the_name_of_their_owner_lie_there_and_the_old_ones_are_replaced(place: Place) -> None:
    """The next worklist takes the place of the last; a form that is no longer wanted goes."""
    drop = place.open()
    drop.greet()
    drop.lay(of_hub())
    assert place.names() == sorted([*PAGES, MARK])
    drop.lay(ProviderFiles("hub", {"worklist-hub.html": b"anew"}), gone=["worklist-hub.csv"])
    assert place.names() == ["worklist-hub.html", MARK]
    assert (place.seen / "worklist-hub.html").read_bytes() == b"anew"


def test_what_others_put_there_stays(place: Place) -> None:
    """Only what is ours by name is replaced or cleared: an unfinished file of a killed run, and no other."""
    (place.seen / "notes.txt").write_bytes(b"theirs")
    (place.seen / ".worklist-hub.csv.00ff.part").write_bytes(b"half")
    (place.seen / ".other.part").write_bytes(b"theirs")
    place.open().lay(of_hub())
    assert place.names() == sorted([*PAGES, MARK, "notes.txt", ".other.part"])


def test_no_worklist_is_laid_into_the_drop_of_another(place: Place) -> None:
    """Not by a file that is of another provider, nor where the folder itself says whose it is."""
    place.open().lay(of_hub())
    before = {path.name: path.read_bytes() for path in place.seen.iterdir()}
    wrong = ProviderFiles("community_support", {"worklist-community_support.csv": b"theirs"})
    met(lambda: place.open().lay(wrong), DropOfAnother)
    other = place.open("community_support")
    error = met(lambda: other.lay(wrong), DropOfAnother)
    met(other.greet, DropOfAnother)
    assert "not touched" in error.sent
    assert {path.name: path.read_bytes() for path in place.seen.iterdir()} == before


def test_the_drop_of_another_site_is_another_s(tmp_path: Path) -> None:
    """A site that was set up as a copy, for tests, lays nothing before the provider's real people."""
    (tmp_path / "drop").mkdir()
    opened("hub", tmp_path, tmp_path / "drop").lay(of_hub())
    met(opened("hub", tmp_path, tmp_path / "drop", "Rehearsal").greet, DropOfAnother)


def test_a_link_in_the_place_of_the_mark_is_refused(place: Place) -> None:
    """Nobody lets us read, or write through, what lies elsewhere."""
    (place.seen.parent / "elsewhere").write_bytes(b"secret")
    (place.seen / MARK).symlink_to(place.seen.parent / "elsewhere")
    met(lambda: place.open().lay(of_hub()), DropOfAnother)
    assert (place.seen.parent / "elsewhere").read_bytes() == b"secret"


def test_a_folder_that_is_not_there_is_not_made(place: Place, tmp_path: Path) -> None:
    """A share that is not mounted, a folder that was renamed: the worklist would lie where nobody looks."""
    place.seen.rmdir()
    error = met(lambda: place.open().lay(of_hub()), DropUnavailable)
    assert not place.seen.exists()
    assert error.where.startswith("worklist of hub: the folder is not there")


def test_a_drop_within_the_site_is_made(tmp_path: Path) -> None:
    """var/drops is the site's own to make."""
    opened("hub", tmp_path, tmp_path / "var" / "drops" / "hub").lay(of_hub())
    assert (tmp_path / "var" / "drops" / "hub" / MARK).is_file()


def test_a_server_with_another_key_or_that_does_not_let_us_in_gets_nothing(tmp_path: Path) -> None:
    """It is told which of the two it was."""
    with SftpServer(tmp_path / "server", {"hub": Account()}) as server:
        (server.root / "worklist").mkdir()
        wrong = sftp_drop(server, tmp_path, host_keys=[public(Account().key)])
        met(lambda: opened("hub", tmp_path, wrong).lay(of_hub()), HostKeyDiffers)
        said = sftp_drop(server, tmp_path)
        server.accounts["hub"].key = Account().key
        error = met(lambda: opened("hub", tmp_path, said).lay(of_hub()), DropRefusesUs)
        assert "not touched" in error.sent
        assert not list((server.root / "worklist").iterdir())


@pytest.mark.parametrize("after", [False, True])
def test_a_line_that_is_cut_leaves_a_worklist_that_is_whole(tmp_path: Path, *, after: bool) -> None:
    """Wherever it is cut, what has a name there is one whole file; the same again ends it well."""
    for cut_at in range(4, 40, 9):
        with SftpServer(tmp_path / f"server{cut_at}", {"hub": Account()}) as server:
            seen = server.root / "worklist"
            seen.mkdir()
            server.does.cut_at, server.does.cut_after = cut_at, after
            drop = opened("hub", tmp_path, sftp_drop(server, tmp_path))
            drop.lay(of_hub())
            assert {path.name: path.read_bytes() for path in seen.iterdir() if path.name in PAGES} == PAGES


def test_a_server_that_keeps_nothing_is_found_out(tmp_path: Path) -> None:
    """It is read back before it has its name."""
    with SftpServer(tmp_path / "server", {"hub": Account()}) as server:
        (server.root / "worklist").mkdir()
        server.does.keeps = "nothing"
        met(lambda: opened("hub", tmp_path, sftp_drop(server, tmp_path)).lay(of_hub()), DropKeepsNothing)


def test_an_account_that_may_not_write_is_told(tmp_path: Path) -> None:
    """The words are ours; the server's own are not repeated."""
    with SftpServer(tmp_path / "server", {"hub": Account(writes=("/elsewhere",))}) as server:
        (server.root / "worklist").mkdir()
        error = met(
            lambda: opened("hub", tmp_path, sftp_drop(server, tmp_path)).lay(of_hub()), DropUnavailable
        )
        server_said = f"worklist of hub, SFTP server {HOST}, port {server.port}"
        assert error.where == f"{server_said}: the account may not do that there."
        assert "not yours" not in str(error)
