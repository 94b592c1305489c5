"""Pings over real sockets: start, exit code and run id arrive; what fails is logged and delays little."""

import json
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import log
from connectors.pings import Pings
from tests.ping_server import PingServer, ping_server

RUN = "20260302T023000Z-abcdef"
RID = f"?rid={uuid.uuid5(uuid.NAMESPACE_OID, RUN)}"
SECONDS = 1.0


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Return the log; the address stands nowhere in it, whatever happened."""
    path = tmp_path / "viaduct.jsonl"
    log.configure(path)
    yield path
    log.shut()
    assert "5ecret" not in path.read_text("utf-8")
    assert "127.0.0.1" not in path.read_text("utf-8")


def events(path: Path) -> list[tuple[str, int | None]]:
    """Return the events of the log, with the status that each tells."""
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    return [(line["event"], line.get("http_status")) for line in lines if line["event"].startswith("ping")]


def pinged(address: str, exit_code: int = 0, told: str = "records: 7\n") -> float:
    """Ping the address as a run does; return how many seconds the run was held up."""
    pings, began = Pings(address, RUN, SECONDS), time.monotonic()
    pings.start()
    at_start = time.monotonic() - began
    assert at_start < 0.5
    pings.end(exit_code, told)
    return time.monotonic() - began


@pytest.mark.parametrize(("exit_code", "path"), [(0, "/0"), (1, "/0"), (20, "/20"), (143, "/143")])
def test_a_run_says_that_it_began_and_how_it_ended(log_file: Path, exit_code: int, path: str) -> None:
    """In that order, under one id that follows from the run's; held records are no failure."""
    with ping_server() as server:
        assert pinged(server.address, exit_code) < SECONDS
    assert server.asked == [(f"/start{RID}", ""), (f"{path}{RID}", "records: 7\n")]
    assert events(log_file) == []


def test_an_address_with_a_question_keeps_it(log_file: Path) -> None:
    """As `?create=1` of healthchecks.io; a slash at the end of the path is not doubled."""
    with ping_server() as server:
        pinged(f"{server.address}/?create=1")
    rid = RID.removeprefix("?")
    assert [path for path, _ in server.asked] == [f"/start?create=1&{rid}", f"/0?create=1&{rid}"]


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_service_that_refuses_is_told_of_and_not_followed(log_file: Path, status: int) -> None:
    """Each refusal is a warning with its status; where it leads elsewhere nobody goes."""
    with ping_server(status=status) as server:
        assert pinged(server.address) < SECONDS
    assert len(server.asked) == 2
    assert events(log_file) == [("ping_refused", status)] * 2


def test_a_service_that_is_not_there_costs_nothing(log_file: Path) -> None:
    """A port on which nobody listens: two warnings, and the run goes on at once."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/5ecret"
        assert pinged(address) < SECONDS
    assert events(log_file) == [("ping_failed", None)] * 2


@pytest.mark.parametrize("how", ["hangs", "drips"])
def test_a_service_that_takes_its_time_holds_the_run_up_so_long_and_no_longer(
    log_file: Path, how: str
) -> None:
    """It takes the ping and never answers, or drips an answer for ever: the run waits its second, once."""
    with ping_server(**{how: True}) as server:
        assert SECONDS * 0.9 < pinged(server.address) < SECONDS + 1.0
    assert [path for path, _ in server.asked] == [f"/start{RID}", f"/0{RID}"]
    assert ("ping_not_answered", None) in events(log_file)


@pytest.mark.parametrize(
    "address", ["http://example.org/5ecret", "5ecret", "", "https://[5ecret", "ftp://127.0.0.1/5ecret"]
)
def test_an_address_that_is_not_safe_is_not_asked(log_file: Path, address: str) -> None:
    """Neither in clear to another machine nor by another protocol; a word that is no address fails nothing.
    What is met is our own refusal, never the network's.
    """
    assert pinged(address) < SECONDS + 1
    lines = map(json.loads, log_file.read_text("utf-8").splitlines())
    assert [line["error_class"] for line in lines] in (["ValueError"] * 2, ["InvalidSchema"] * 2)


def test_the_address_stands_in_no_representation() -> None:
    """Not even a debugger's."""
    assert "5ecret" not in repr(Pings("https://example.org/5ecret", RUN, SECONDS))
    assert "5ecret" not in repr(PingServer())
