"""The landing zone over SFTP: whom it trusts, what it tries again, and what it never believes."""

import asyncio
import random
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from common.errors import Answer, ViaductError
from connectors import sftp_line, sftp_words
from connectors.budget import RunBudget
from connectors.landing import MANIFEST_NAME
from connectors.landing_errors import (
    BatchDiffers,
    BatchNotWhole,
    LandingKeepsNothing,
    LandingRefusesUs,
    LandingUnavailable,
)
from connectors.landing_sftp import LandingSftp
from connectors.sftp_errors import HostKeyDiffers, SftpKeyUnusable
from connectors.sftp_settings import SftpSettings
from tests.sftp_servers import Account, DebianServer, SftpServer, new_key, public, quick

ONE = "early_help/00000001-20221201T060000Z-a1b2c3"
MANIFEST, SIGNATURE = b"manifest", b"signature"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    content = {"person-0001.parquet.age": b"sealed one", "referral-0001.parquet.age": b"sealed two" * 9000}
    for name, sealed in content.items():
        (outbox / name).write_bytes(sealed)
    return {name: outbox / name for name in content}


@contextmanager
def landing_at(settings: SftpSettings) -> Iterator[LandingSftp]:
    with closing(LandingSftp(settings)) as landing:
        yield landing


def refused(settings: SftpSettings, fault: type[ViaductError]) -> ViaductError:
    """Return the error that signing in ends with."""
    with landing_at(settings) as landing, pytest.raises(fault) as met:
        landing.flows()
    return met.value


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_a_server_with_another_key_is_not_spoken_to(sftp_server: SftpServer, kind: str) -> None:
    """Exit 40, no name and no secret reaches the server, nothing is tried again, and no key is learnt."""
    other = asyncssh.generate_private_key(kind)
    budget = RunBudget(retries=5)
    settings = sftp_server.settings(host_keys=(public(other),), limits=quick(budget))
    for _ in range(2):
        error = refused(settings, HostKeyDiffers)
        assert (error.exit_code, error.answer) == (40, Answer.STOP)
    assert (sftp_server.does.sign_ins, budget.retries) == (0, 5)


def test_a_key_of_a_kind_the_server_has_not_is_told_as_a_key_that_differs(
    debian: DebianServer, tmp_path: Path
) -> None:
    """Debian's sshd hangs up without a word on those who ask for a kind it lacks: we never make it do so."""
    budget = RunBudget(retries=5)
    other = public(asyncssh.generate_private_key("ecdsa-sha2-nistp256"))
    refused(debian.settings(tmp_path, host_keys=(other,), limits=quick(budget)), HostKeyDiffers)
    assert budget.retries == 5


@pytest.mark.parametrize("kind", ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "ssh-rsa"])
def test_a_server_of_several_keys_is_asked_for_the_one_that_the_site_names(
    sftp_server: SftpServer, kind: str
) -> None:
    """Whichever key the server likes best, it proves itself by ours."""
    ours = asyncssh.generate_private_key(kind)
    sftp_server.stop()
    sftp_server.other_keys = [asyncssh.generate_private_key("ecdsa-sha2-nistp384"), ours]
    sftp_server.start()
    with landing_at(sftp_server.settings(host_keys=(public(ours),))) as landing:
        assert landing.flows() == []


def test_a_key_that_changes_between_two_requests_is_not_accepted(
    sftp_server: SftpServer, files: dict[str, Path]
) -> None:
    """A line that was cut is opened anew to the same server only, in the middle of a night too."""
    with landing_at(sftp_server.settings()) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        sftp_server.stop()
        known, sftp_server.host_key = sftp_server.host_key, new_key()
        sftp_server.start()
        before = sftp_server.does.sign_ins
        with pytest.raises(HostKeyDiffers) as met:
            landing.read(ONE, MANIFEST_NAME)
        assert sftp_server.does.sign_ins == before
        assert public(sftp_server.host_key).split()[1] not in str(met.value)
        sftp_server.stop()
        sftp_server.host_key = known
        sftp_server.start()
        assert landing.read(ONE, MANIFEST_NAME) == MANIFEST


def test_one_of_several_keys_is_enough_while_a_server_changes_its_own(sftp_server: SftpServer) -> None:
    """The old key and the new one may stand side by side."""
    keys = (public(new_key()), public(sftp_server.host_key))
    with landing_at(sftp_server.settings(host_keys=keys)) as landing:
        assert landing.flows() == []


def test_wrong_credentials_are_tried_once(sftp_server: SftpServer) -> None:
    """A key or a password that is refused is not tried again: an account is locked that way."""
    sftp_server.accounts["typed"] = Account(password="right")
    for settings in (
        sftp_server.settings(client_key=new_key().export_private_key().decode()),
        sftp_server.settings("typed", password="wrong word"),
    ):
        before = sftp_server.does.sign_ins
        error = refused(settings, LandingRefusesUs)
        assert (error.exit_code, error.answer) == (50, Answer.PUT_RIGHT)
        assert sftp_server.does.sign_ins == before + 1
        assert "wrong word" not in f"{error}{settings!r}"
    with landing_at(sftp_server.settings("typed")) as landing:
        assert landing.flows() == []


@pytest.mark.parametrize("more", [{"host_keys": ("ssh-ed25519 AAAAnokey",)}, {"client_key": "no key"}])
def test_a_key_that_can_not_be_read_is_a_fault_of_the_site(
    sftp_server: SftpServer, more: dict[str, Any]
) -> None:
    """Exit 10, and the key is not repeated."""
    error = refused(sftp_server.settings(**more), SftpKeyUnusable)
    assert error.exit_code == 10
    assert "nokey" not in str(error)
    assert "no key" not in str(error)


def test_a_server_that_is_away_is_tried_again_within_the_budget_of_the_run() -> None:
    """A refused connection is tried as often as settings and run allow; then exit 50."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = ("127.0.0.1", probe.getsockname()[1])
        budget = RunBudget(retries=3)
        settings = SftpSettings(
            "landing", *place, "x", "/x", (public(new_key()),), password="y", limits=quick(budget)
        )
        error = refused(settings, LandingUnavailable)
    assert (error.exit_code, budget.retries) == (50, 0)
    assert "4 attempts" in str(error)


def test_a_server_that_falls_silent_is_given_up(sftp_server: SftpServer, files: dict[str, Path]) -> None:
    """No answer, to a connection or to a request, ends in exit 50 and not in a night that hangs."""
    hasty = quick(connect_seconds=0.3, retries_per_run=1)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        settings = sftp_server.settings(limits=hasty)
        refused(replace(settings, port=deaf.getsockname()[1]), LandingUnavailable)
    settings = sftp_server.settings(limits=quick(read_seconds=0.2, retries_per_run=1))

    def silent(operation: str, *_: Any) -> Any:
        return asyncio.sleep(3) if operation == "fsync" else None

    sftp_server.does.before = silent
    with landing_at(settings) as landing, pytest.raises(LandingUnavailable) as met:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
    assert "silent" in str(met.value)
    assert "stays in the outbox" in str(met.value)


@pytest.mark.parametrize("keeps", ["nothing", "other bytes"])
def test_a_server_that_keeps_nothing_is_not_believed(
    sftp_server: SftpServer, files: dict[str, Path], keeps: str
) -> None:
    """What it said it wrote is read back: no manifest follows bytes that are not there."""
    with landing_at(sftp_server.settings()) as landing:
        sftp_server.does.keeps = keeps
        with pytest.raises(LandingKeepsNothing) as met:
            landing.publish(ONE, files, MANIFEST, SIGNATURE)
        assert met.value.exit_code == 50
        assert landing.batches("early_help") == []
        sftp_server.does.keeps = "all"
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        assert landing.read(ONE, "person-0001.parquet.age") == b"sealed one"


def test_a_rename_that_loses_the_file_is_noticed(sftp_server: SftpServer, files: dict[str, Path]) -> None:
    """That a file has its name is looked at, not believed: the manifest too."""

    def lose(operation: str, _: str, of: tuple[Any, ...]) -> None:
        if operation == "posix_rename" and of[1].endswith(b"manifest.json"):
            path = sftp_server.root / of[0].decode().lstrip("/")
            path.write_bytes(b"")

    sftp_server.does.before = lose
    with landing_at(sftp_server.settings()) as landing, pytest.raises(LandingKeepsNothing):
        landing.publish(ONE, files, MANIFEST, SIGNATURE)


def test_a_server_that_lists_late_holds_up_nothing(sftp_server: SftpServer, files: dict[str, Path]) -> None:
    """What has a name of ours is asked for by it: the same again changes nothing, another is refused."""
    with landing_at(sftp_server.settings()) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        landing.put_receipt("early_help", 1, b"loaded")
        sftp_server.does.lists_late = True
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        with pytest.raises(BatchDiffers):
            landing.publish(ONE, files, b"another", SIGNATURE)
        assert landing.receipt("early_help", 1) == b"loaded"
        with pytest.raises(BatchDiffers):
            landing.put_receipt("early_help", 1, b"another")
        assert landing.read(ONE, MANIFEST_NAME) == MANIFEST


def test_a_server_without_the_better_rename_and_sync_serves_too(
    sftp_server: SftpServer, files: dict[str, Path]
) -> None:
    """Where a rename may not replace, the damaged file goes first; a batch with a manifest is not touched."""
    sftp_server.does.refuses = frozenset({"posix_rename", "fsync"})
    with landing_at(sftp_server.settings()) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        (sftp_server.root / "landing" / ONE / "person-0001.parquet.age").write_bytes(b"damaged")
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        assert landing.read(ONE, "person-0001.parquet.age") == b"sealed one"


def test_the_manifest_is_the_last_name_that_is_given(sftp_server: SftpServer, files: dict[str, Path]) -> None:
    """Sealed files first, then the signature, then the manifest; each has its name when it was read back."""
    given: list[str] = []

    def note(operation: str, _: str, of: tuple[Any, ...]) -> None:
        if operation == "posix_rename":
            given.append(of[1].decode().rpartition("/")[2])

    sftp_server.does.before = note
    with landing_at(sftp_server.settings()) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        assert given == [*files, "manifest.json.sig", "manifest.json"]
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        assert len(given) == len(files) + 2


def test_a_file_or_folder_without_end_is_not_taken(
    sftp_server: SftpServer, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A size that grows while it is read, and a list of names beyond all measure, are given up."""
    monkeypatch.setattr("connectors.landing_zone.LARGEST_SEALED", 50_000)
    monkeypatch.setattr(sftp_words, "MOST_NAMES", 3)
    with landing_at(sftp_server.settings()) as landing:
        landing.publish(ONE, {"small.age": files["person-0001.parquet.age"]}, MANIFEST, SIGNATURE)
        path = sftp_server.root / "landing" / ONE / "small.age"

        def grow(operation: str, *_: Any) -> None:
            if operation == "read":
                path.write_bytes(b"x" * 90_000)

        sftp_server.does.before = grow
        with pytest.raises(BatchNotWhole):
            landing.read(ONE, "small.age")
        for number in range(3):
            (path.parent / f"more-{number}").touch()
        with pytest.raises(LandingUnavailable):
            landing.names(ONE)


def test_a_full_disk_at_the_far_end_is_said_and_not_tried_again(
    sftp_server: SftpServer, files: dict[str, Path]
) -> None:
    """A refusal that waiting does not mend costs no retry; the batch stays in the outbox."""

    def full(operation: str, *_: Any) -> None:
        if operation == "write":
            raise asyncssh.SFTPFailure("No space left on device")

    sftp_server.does.before = full
    budget = RunBudget(retries=5)
    settings = sftp_server.settings(limits=quick(budget))
    with landing_at(settings) as landing, pytest.raises(LandingUnavailable) as met:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
    assert "may be full" in str(met.value)
    assert "stays in the outbox" in str(met.value)
    assert budget.retries == 5


def test_a_line_that_rested_is_opened_anew_without_a_retry(
    sftp_server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may hang up on those who ask nothing for long; that costs the run nothing."""
    monkeypatch.setattr(sftp_line, "LONGEST_REST_SECONDS", 0.0)
    budget = RunBudget(retries=5)
    with landing_at(sftp_server.settings(limits=quick(budget))) as landing:
        assert landing.flows() == landing.flows() == []
    assert (sftp_server.does.sign_ins > 1, budget.retries) == (True, 5)


def requests_of_a_publication(server: SftpServer, files: dict[str, Path]) -> int:
    """Return how many requests one undisturbed publication takes, its receipt included."""
    server.does.requests = 0
    with landing_at(server.settings(folder="/undisturbed")) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        landing.put_receipt("early_help", 1, b"loaded")
    return server.does.requests


def cut(server: SftpServer, files: dict[str, Path], at: int, *, after: bool, again: bool) -> None:
    """Publish over a line that is cut at one request; then look at what a reader finds, and publish again."""
    folder = f"/cut-{at}-{after}-{again}"
    settings = server.settings(folder=folder, limits=quick(retries_per_run=1 if again else 0))
    server.does.requests, server.does.cut_at, server.does.cut_after = 0, at, after
    server.does.done.clear()
    with landing_at(settings) as landing:
        try:
            landing.publish(ONE, files, MANIFEST, SIGNATURE)
            landing.put_receipt("early_help", 1, b"loaded")
            met = False
        except LandingUnavailable:
            met = True
        assert server.does.requests >= at
        listed = after and server.does.done[at - 1] == "scandir"  # a list has no one end to be cut after
        assert listed or met is not again, server.does.done[at - 1]
    server.does.cut_at = 0
    place = server.root / folder[1:]
    shown = [path.name for path in place.rglob("*") if not path.name.startswith(".") and path.is_file()]
    if MANIFEST_NAME in shown:
        assert {*files, "manifest.json.sig"} <= set(shown)
        assert all((place / ONE / name).read_bytes() == source.read_bytes() for name, source in files.items())
    with landing_at(settings) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        landing.put_receipt("early_help", 1, b"loaded")
    undisturbed = server.root / "undisturbed"
    assert tree(place) == tree(undisturbed)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file of the folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_line_cut_at_any_request_leaves_a_whole_batch_or_none(
    sftp_server: SftpServer, files: dict[str, Path], say: Any
) -> None:
    """Cut before or after a request is done, once: the run goes on, or the next one makes the same folder."""
    seed = datetime.now(UTC).date().toordinal()
    last = requests_of_a_publication(sftp_server, files)
    chosen = random.Random(seed).sample(range(1, last + 1), 6)
    say(
        f"seed {seed}: cut at {sorted(chosen)} of {last} requests, before and after, with a retry and without"
    )
    for at in chosen:
        for after in (False, True):
            cut(sftp_server, files, at, after=after, again=at % 2 == 0)


@pytest.mark.soak
def test_a_line_cut_at_every_request_leaves_a_whole_batch_or_none(
    sftp_server: SftpServer, files: dict[str, Path], say: Any
) -> None:
    """The same at every request there is."""
    last = requests_of_a_publication(sftp_server, files)
    for at in range(1, last + 1):
        for after in (False, True):
            for again in (False, True):
                cut(sftp_server, files, at, after=after, again=again)
    say(f"cut at each of {last} requests, four ways")
