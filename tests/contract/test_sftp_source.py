"""Files dropped on an SFTP server: whom we trust, what is read anew, and what never happens there or here."""

import asyncio
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import asyncssh
import pytest

from common.errors import Answer, ViaductError
from connectors.budget import RunBudget
from connectors.drops_sftp import SftpDrops
from connectors.errors import (
    AccessRefused,
    CredentialsRefused,
    FilesNotReady,
    SourceTooSlow,
    SourceUnavailable,
)
from connectors.folder import DropFolder
from connectors.settings import FolderSettings
from connectors.sftp_errors import HostKeyDiffers
from connectors.sftp_settings import SftpSettings
from connectors.spool import Spool
from tests.sftp_servers import Account, SftpServer, new_key, public, quick

PATTERNS = {"people": "people-*.csv", "referrals": "referrals-*.csv"}
AT = 1_669_874_400
# Three pieces and a little: a line can be cut in the middle of it.
PEOPLE = b"Forename,Number\n" + b"".join(b"Zebulon,%08d\n" % number for number in range(200_000))
LOOKS = {"scandir", "lstat", "open", "fstat", "read", "close"}


@pytest.fixture
def dropped(sftp_server: SftpServer) -> Path:
    """Return the folder of the server, with one set in it."""
    folder = sftp_server.root / "dropped"
    folder.mkdir()
    for name, content in (("people-1.csv", PEOPLE), ("referrals-1.csv", b"a\n1\n")):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (AT, AT))
    return folder


def source(server: SftpSettings, **more: Any) -> DropFolder:
    settings = FolderSettings(
        "hub", PurePosixPath(server.folder), PATTERNS, **{"settle_seconds": 0.0, **more}
    )
    return DropFolder(settings, SftpDrops(server))


def at(server: SftpServer, **more: Any) -> SftpSettings:
    return server.settings(**{"name": "source hub", "folder": "/dropped", **more})


def refused(server: SftpSettings, spool: Spool, fault: type[ViaductError]) -> ViaductError:
    """Return the error that a pull ends with."""
    with pytest.raises(fault) as met:
        source(server).pull(spool, list(PATTERNS))
    return met.value


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file of the folder and the time it bears."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_nothing_is_changed_where_the_files_lie(sftp_server: SftpServer, dropped: Path, spool: Spool) -> None:
    """Looking and reading is all that is ever asked of the server; the files stay as they were."""
    before = tree(dropped)
    source(at(sftp_server)).check()
    assert source(at(sftp_server)).pull(spool, list(PATTERNS)).exports["people"].size == len(PEOPLE)
    assert tree(dropped) == before
    assert set(sftp_server.does.done) <= LOOKS
    assert sftp_server.does.sign_ins == 2


def test_a_server_with_another_key_is_told_nothing(
    sftp_server: SftpServer, dropped: Path, spool: Spool
) -> None:
    """Exit 40 before an account is named; nothing is tried again."""
    budget = RunBudget(retries=5)
    error = refused(
        at(sftp_server, host_keys=(public(new_key()),), limits=quick(budget)), spool, HostKeyDiffers
    )
    assert (error.exit_code, error.answer) == (40, Answer.STOP)
    assert (sftp_server.does.sign_ins, budget.retries) == (0, 5)


def test_a_server_that_changes_its_key_in_the_middle_of_a_file_is_not_read_on(
    sftp_server: SftpServer, dropped: Path, spool: Spool
) -> None:
    """The line that is opened anew is proven as the first one was."""

    def cut_once(operation: str, *_: Any) -> None:
        if operation == "read":
            sftp_server._server.close()
            sftp_server.does.cut_at = sftp_server.does.requests

    sftp_server.does.before = cut_once
    known = at(sftp_server)
    other = SftpServer(sftp_server.root)
    other.port = sftp_server.port
    patient = DropFolder(
        FolderSettings("hub", PurePosixPath("/dropped"), PATTERNS, settle_seconds=0), SftpDrops(known)
    )
    started: list[SftpServer] = []

    def take_over(_: float) -> None:
        if not started:
            started.append(other.__enter__())

    patient._drops._line._patience._sleep = take_over  # type: ignore[attr-defined]
    try:
        with pytest.raises(HostKeyDiffers):
            patient.pull(spool, list(PATTERNS))
        assert other.does.sign_ins == 0
    finally:
        if started:
            other.__exit__()


def test_a_refused_account_is_tried_once(sftp_server: SftpServer, dropped: Path, spool: Spool) -> None:
    """A key or a password that is refused: exit 21, once, and neither is repeated in words."""
    sftp_server.accounts["typed"] = Account(password="right")
    for settings in (
        at(sftp_server, client_key=new_key().export_private_key().decode()),
        at(sftp_server, user="typed", password="wrong word"),
    ):
        before = sftp_server.does.sign_ins
        error = refused(settings, spool, CredentialsRefused)
        assert (error.exit_code, error.code) == (21, "E311")
        assert sftp_server.does.sign_ins == before + 1
        assert "wrong word" not in f"{error}{settings!r}"


def test_a_file_the_account_may_not_read_is_said(
    sftp_server: SftpServer, dropped: Path, spool: Spool
) -> None:
    """Exit 21: only a person can give the right; nothing is tried again."""

    def deny(operation: str, *_: Any) -> None:
        if operation == "open":
            raise asyncssh.SFTPPermissionDenied("people-1.csv")

    sftp_server.does.before = deny
    budget = RunBudget(retries=5)
    error = refused(at(sftp_server, limits=quick(budget)), spool, AccessRefused)
    assert (error.exit_code, budget.retries) == (21, 5)
    assert "people-1" not in str(error)


def test_a_server_that_is_away_is_tried_within_the_budget(spool: Spool) -> None:
    """Exit 20 after as many tries as the source and the run allow."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = ("127.0.0.1", probe.getsockname()[1])
        budget = RunBudget(retries=2)
        settings = SftpSettings(
            "source hub", *place, "x", "/x", (public(new_key()),), password="y", limits=quick(budget)
        )
        error = refused(settings, spool, SourceUnavailable)
    assert (error.code, error.exit_code, budget.retries) == ("E301", 20, 0)
    assert "source hub, SFTP server 127.0.0.1" in str(error)


@pytest.mark.parametrize("silent", [True, False])
def test_a_file_that_never_ends_is_given_up(
    sftp_server: SftpServer, dropped: Path, spool: Spool, silent: bool
) -> None:
    """Silence ends as a source that is away; a drip, however steady, as one that is too slow."""

    def drip(operation: str, *_: Any) -> Any:
        return asyncio.sleep(5 if silent else 0.15) if operation == "read" else None

    sftp_server.does.before = drip
    limits = quick(read_seconds=0.3 if silent else 5, answer_seconds=30 if silent else 0.4, attempts=1)
    error = refused(at(sftp_server, limits=limits), spool, SourceUnavailable if silent else SourceTooSlow)
    assert (error.code, error.exit_code) == (("E301", 20) if silent else ("E306", 20))


def test_what_is_read_lies_encrypted_and_goes_with_the_process(
    sftp_server: SftpServer, dropped: Path, tmp_path: Path
) -> None:
    """Killed in the middle of a file: nothing of it stays on our disk, nor was it ever there in clear."""
    reading = tmp_path / "reading"

    def note(operation: str, *_: Any) -> Any:
        if operation == "read" and sftp_server.does.done.count("read") > 3:
            reading.touch()
            return asyncio.sleep(20)
        return None

    sftp_server.does.before = note
    settings, child = at(sftp_server), tmp_path / "child.py"
    child.write_text(CHILD, encoding="utf-8")
    (tmp_path / "client.key").write_text(settings.client_key or "", encoding="ascii")
    of = [child, settings.port, settings.host_keys[0], tmp_path / "client.key", tmp_path / "spool"]
    process = subprocess.Popen(
        [sys.executable, *map(str, of)], env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    try:
        until = time.monotonic() + 30
        while not reading.exists() and time.monotonic() < until and process.poll() is None:
            time.sleep(0.02)
        assert reading.exists()
        assert any(spool_bytes(process.pid)), "something waits in the spool"
        assert not any(b"Zebulon" in content for content in spool_bytes(process.pid))
    finally:
        process.kill()
        process.wait(10)
    left = [path for path in (tmp_path / "spool").rglob("*") if path.is_file()]
    assert left == []


CHILD = """
import sys
from pathlib import Path, PurePosixPath
from connectors.drops_sftp import SftpDrops
from connectors.folder import DropFolder
from connectors.settings import FolderSettings
from connectors.sftp_settings import SftpSettings
from connectors.spool import Spool
port, host_key, key, folder = sys.argv[1:]
line = SftpSettings("source hub", "127.0.0.1", int(port), "viaduct", "/dropped", (host_key,),
                    client_key=Path(key).read_text())
with Spool(Path(folder), in_memory_bytes=0) as spool:
    patterns = {"people": "people-*.csv"}
    settings = FolderSettings("hub", PurePosixPath("/dropped"), patterns, settle_seconds=0)
    DropFolder(settings, SftpDrops(line)).pull(spool, list(patterns))
"""


def spool_bytes(process: int) -> list[bytes]:
    """Return what the files without a name hold that this process has open."""
    links = Path(f"/proc/{process}/fd").iterdir()
    return [path.read_bytes() for path in links if "spool" in str(path.readlink())]


def requests_of_a_pull(server: SftpServer, spool: Spool) -> int:
    """Return how many requests one undisturbed pull takes."""
    server.does.requests = 0
    source(at(server)).pull(spool, list(PATTERNS))
    return server.does.requests


def cut(server: SftpServer, spool: Spool, number: int, *, after: bool, again: bool) -> None:
    """Pull over a line that is cut at one request: all of it comes, or the source is away."""
    server.does.requests, server.does.cut_at, server.does.cut_after = 0, number, after
    server.does.done.clear()
    pulling = source(at(server, limits=quick(retries_per_run=1 if again else 0)))
    met: ViaductError | None = None
    try:
        snapshot = pulling.pull(spool, list(PATTERNS))
    except SourceUnavailable as error:
        met = error
    server.does.cut_at = 0
    # A list has no one end to be cut after, and after the last request nothing is asked any more.
    unseen = after and (server.does.done[number - 1] == "scandir" or number == len(server.does.done))
    assert (met is None) == again or unseen, server.does.done[number - 1]
    if met is None:
        assert snapshot.exports["people"].open().read() == PEOPLE
    else:
        assert (met.code, met.exit_code) == ("E301", 20)


def sweep(server: SftpServer, spool: Spool, numbers: list[int]) -> None:
    for number in numbers:
        for after in (False, True):
            cut(server, spool, number, after=after, again=number % 2 == 0)


def test_a_line_cut_at_any_request_gives_the_whole_file_or_none(
    sftp_server: SftpServer, dropped: Path, spool: Spool, say: Callable[[str], None]
) -> None:
    """Cut once, anywhere: the file is read anew from its first byte on a new line, or the source is away."""
    seed = datetime.now(UTC).date().toordinal()
    last = requests_of_a_pull(sftp_server, spool)
    chosen = random.Random(seed).sample(range(1, last + 1), 4)
    say(f"seed {seed}: cut at {sorted(chosen)} of {last} requests, before and after")
    sweep(sftp_server, spool, chosen)


@pytest.mark.soak
def test_a_line_cut_at_every_request_gives_the_whole_file_or_none(
    sftp_server: SftpServer, dropped: Path, spool: Spool, say: Callable[[str], None]
) -> None:
    """The same at every request there is, with a retry and without."""
    last = requests_of_a_pull(sftp_server, spool)
    for number in range(1, last + 1):
        for after in (False, True):
            for again in (False, True):
                cut(sftp_server, spool, number, after=after, again=again)
    say(f"cut at each of {last} requests, four ways")


def test_a_file_that_changes_while_the_line_is_opened_anew_is_not_two_halves(
    sftp_server: SftpServer, dropped: Path, spool: Spool
) -> None:
    """After a cut the file must still be the one that was found; else the source is not ready."""
    cut_at = []

    def change(operation: str, *_: Any) -> None:
        if operation == "read" and not cut_at:
            cut_at.append(sftp_server.does.requests)
            (dropped / "people-1.csv").write_bytes(PEOPLE.replace(b"Zebulon", b"Ottilie"))
            sftp_server.does.cut_at = sftp_server.does.requests

    sftp_server.does.before = change
    error = refused(at(sftp_server), spool, FilesNotReady)
    assert "changed while it was read" in str(error)
    assert cut_at


def test_a_file_that_stands_in_for_the_one_that_was_found_is_not_taken(
    sftp_server: SftpServer, dropped: Path, spool: Spool
) -> None:
    """What is open is held to what was found, whatever the name says before and after."""
    name, other = dropped / "people-1.csv", dropped / "other.tmp"
    other.write_bytes(PEOPLE.replace(b"Zebulon", b"Ottilie"))

    def swap(operation: str, _: str, of: tuple[Any, ...]) -> None:
        if operation in {"open", "close"} and name.exists() and other.exists():
            kept = dropped / "kept.tmp"
            for source, target in ((name, kept), (other, name), (kept, other)):
                source.rename(target)

    sftp_server.does.before = swap
    assert "changed while it was read" in str(refused(at(sftp_server), spool, FilesNotReady))
    # The server is told of the end by the line alone, after we have spoken.
    until = time.monotonic() + 10
    while not _is_back(name) and time.monotonic() < until:
        time.sleep(0.01)
    assert _is_back(name)


def _is_back(name: Path) -> bool:
    """Return whether the file that was found bears its name again; in the middle of a swap none does."""
    with suppress(FileNotFoundError):
        return name.stat().st_mtime == AT
    return False
