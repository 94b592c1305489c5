"""A landing zone that refuses, stalls, lies, lists late or goes back loses no batch, and doubles none.

Both sides meet at a real SFTP server whose faults are switched on: first the sender's side publishes, or the
council's side loads, into the fault; then it is mended, and all ends as if nothing had happened.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from common.errors import ViaductError
from connectors.landing_sftp import LandingSftp
from connectors.sftp_settings import SftpSettings
from sealing.manifest import sign_manifest
from tests.batches import SENDER, Change, Parties, Sealed, parties, row
from tests.reliability.book import Row, RowBook
from tests.reliability.places import one_place_today
from tests.sftp_servers import Account, SftpServer, quick
from tests.warehouses import asked
from warehouse.load import load_landing

AGAIN = "the next run ends as if nothing had happened"
SILENCE = 1.0
FLOW = "early_help"
BRINGS, LOADS, ANSWERS = "a batch is brought", "a batch is loaded", "a receipt is left"
LEFT = "loaded; the next load leaves the receipt"
Switch = Callable[[SftpServer], None]


@dataclass(frozen=True)
class Case:
    """One fault of the landing zone while one thing is done there, and the code it ends with; None: borne."""

    fault: str
    during: str
    switch: Switch
    code: str | None
    note: str = AGAIN
    at: str = ""

    @property
    def place(self) -> str:
        """When it is met."""
        return self.during + (f", at {self.at}" if self.at else "")


def stalls(operation: str) -> Switch:
    """Let one kind of request wait for longer than the silence that is allowed."""

    def switch(server: SftpServer) -> None:
        server.does.before = lambda asked_for, *_: (
            asyncio.sleep(5 * SILENCE) if asked_for == operation else None
        )

    return switch


def raises(operation: str, error: type[asyncssh.SFTPError]) -> Switch:
    """Let the server answer one kind of request with this."""

    def before(asked_for: str, *_: Any) -> None:
        if asked_for == operation:
            raise error("said by the server")

    return lambda server: setattr(server.does, "before", before)


def keeps(what: str) -> Switch:
    return lambda server: setattr(server.does, "keeps", what)


def lists_late(server: SftpServer) -> None:
    server.does.lists_late = True


def refuses_the_account(server: SftpServer) -> None:
    server.accounts["viaduct"] = Account()


def goes_back(server: SftpServer) -> None:
    """Show what was there before the second batch came, and no receipt."""
    (second,) = (server.root / "landing" / FLOW).glob("00000002-*")
    second.rename(server.root / second.name)
    shutil.rmtree(server.root / "landing" / "receipts")


def mended(server: SftpServer, account: Account) -> None:
    """Let the server be as it should."""
    server.accounts["viaduct"] = account
    server.does.before, server.does.keeps, server.does.lists_late = None, "all", False
    for hidden in server.root.glob("00000002-*"):
        hidden.rename(server.root / "landing" / FLOW / hidden.name)


def stalling(during: str, *operations: str, note: str = AGAIN) -> list[Case]:
    return [Case("stalls", during, stalls(name), "E501", note, name) for name in operations]


NO_SPACE, NO_RIGHT = asyncssh.SFTPFailure, asyncssh.SFTPPermissionDenied
OTHERS = "other bytes"
CASES = [
    Case("refuses the account", BRINGS, refuses_the_account, "E504"),
    Case("refuses the account", LOADS, refuses_the_account, "E504"),
    Case("refuses to be written to", BRINGS, raises("write", NO_RIGHT), "E501"),
    Case("refuses to be written to", ANSWERS, raises("write", NO_RIGHT), "E501", LEFT),
    Case("has no space", BRINGS, raises("write", NO_SPACE), "E501"),
    Case("has no space", ANSWERS, raises("write", NO_SPACE), "E501", LEFT),
    *stalling(BRINGS, "lstat", "mkdir", "open", "write", "fsync", "read", "posix_rename"),
    *stalling(LOADS, "lstat", "open", "read"),
    *stalling(ANSWERS, "write", "fsync", "posix_rename", note=LEFT),
    Case("says yes and keeps nothing", BRINGS, keeps("nothing"), "E505"),
    Case("says yes and keeps nothing", ANSWERS, keeps("nothing"), "E505", LEFT),
    Case("says yes and keeps other bytes", BRINGS, keeps(OTHERS), "E505"),
    Case("says yes and keeps other bytes", ANSWERS, keeps(OTHERS), "E505", LEFT),
    Case("lists late", BRINGS, lists_late, None, "what has a name of ours is asked for by it"),
    Case("lists late", LOADS, lists_late, None, "nothing is seen; the next load finds it"),
    Case(
        "shows an earlier state", LOADS, goes_back, None, "nothing is loaded twice; receipts are left again"
    ),
]


@dataclass
class Meeting:
    """Two sides at one server: the first batch was loaded, the second is sealed."""

    server: SftpServer
    both: Parties
    outbox: Path
    second: Sealed

    def publish(self, settings: SftpSettings | None = None) -> None:
        """Bring the second batch there over SFTP, as the sender does."""
        files = {name: self.outbox / name for name in self.second.files}
        for name, content in self.second.files.items():
            files[name].write_bytes(content)
        manifest = self.second.manifest
        with closing(LandingSftp(settings or self.server.settings())) as landing:
            signature = sign_manifest(manifest, SENDER)
            landing.publish(manifest.batch_id, files, manifest.canonical_bytes(), signature)

    def load(self, settings: SftpSettings | None = None) -> list[int]:
        """Load what is there over SFTP; return the numbers of the batches that are answered now."""
        with closing(LandingSftp(settings or self.server.settings())) as landing:
            answers = load_landing(landing, self.both.warehouse, self.both.council)
        assert {answer.outcome for answer in answers} <= {"loaded"}
        return [answer.sequence for answer in answers]

    def names(self) -> list[str]:
        """Return who is in the table."""
        return [name for (name,) in asked(self.both, f"SELECT given_name FROM {FLOW}.person ORDER BY ALL")]

    def receipts(self) -> list[str]:
        """Return which receipts lie there."""
        return sorted(path.name for path in (self.both.landing / "receipts" / FLOW).glob("*.json"))


@pytest.fixture
def meeting(tmp_path: Path) -> Iterator[Meeting]:
    (tmp_path / "server").mkdir()
    with SftpServer(tmp_path / "server") as server:
        both = parties(server.root, tmp_path / "warehouse.duckdb")
        sender = both.sender(FLOW)
        sender.publish(Change("person", [row("person", 1, given_name="Ann")]))
        load_landing(both.zone, both.warehouse, both.council)
        second = sender.build(Change("person", [row("person", 2, given_name="Bea")]))
        (tmp_path / "outbox").mkdir()
        yield Meeting(server, both, tmp_path / "outbox", second)


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("landing") as book:
        yield book


def met(meeting: Meeting, case: Case) -> tuple[str | None, int]:
    """Switch the fault on and do what it is met at; return the code of the error and of the exit."""
    work = meeting.publish if case.during == BRINGS else meeting.load
    if case.during != BRINGS:
        meeting.publish()
    limits = quick(read_seconds=SILENCE, retries_per_run=0) if case.fault == "stalls" else quick()
    settings = meeting.server.settings(limits=limits)
    case.switch(meeting.server)
    try:
        work(settings)
    except ViaductError as error:
        return error.code, error.exit_code
    return None, 0


@pytest.mark.parametrize(
    "case", one_place_today(CASES, lambda case: case.code or "borne"), ids=lambda it: it.place
)
def test_a_fault_of_the_landing_zone_loses_no_batch_and_loads_none_twice(
    meeting: Meeting, book: RowBook, case: Case
) -> None:
    """The code it says; the tables as they were, or with the whole batch; then both batches, once each."""
    account = meeting.server.accounts["viaduct"]
    code, exit_code = met(meeting, case)
    assert code == case.code
    loaded = meeting.names() == ["Ann", "Bea"]
    assert loaded or meeting.names() == ["Ann"]
    assert loaded is (case.during == ANSWERS)
    assert "00000002.json" not in meeting.receipts()
    mended(meeting.server, account)
    if case.during == BRINGS:
        assert code is None or meeting.load() == [], "no half of a batch is seen"
        meeting.publish()
    assert meeting.load() == [2]
    assert (meeting.names(), meeting.receipts()) == (["Ann", "Bea"], ["00000001.json", "00000002.json"])
    assert meeting.load() == []
    book.saw(Row(case.fault, "landing", case.place, exit_code, code, not loaded, case.note))


def test_every_row_of_the_book_has_its_fault(book: RowBook) -> None:
    """No committed row outlives its fault."""
    assert book.keys() == {("landing", case.fault, case.place) for case in CASES}
