"""However much comes, memory stays small: a pull in a process that may map little more than it has."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.settings import MIB
from connectors.spool import IN_MEMORY_BYTES
from demo.portal_process import PortalProcess
from tests.asked_process import ROOT
from tests.one_source import few_people
from tests.reliability.portal_site import serve
from tests.reliability.pull_child import LARGEST_BYTES
from tests.small_sample import whole_sample

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is measured on Linux")
FAULTS = [
    ("endless", "needs", "E328"),
    ("huge_line", "needs", "E337"),
    ("gzip_bomb", "needs", "E324"),
    ("wide", "needs", "E338"),
    ("huge_headers", "needs", "E301"),
    ("endless_redirect", "needs", "E327"),
    ("endless", "listing", "E301"),
    ("gzip_bomb", "listing", "E301"),
]
# What a spool may hold in memory, and as much again for pieces on their way.
MOST_GROWTH = 2 * IN_MEMORY_BYTES
Ask = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    folder = tmp_path_factory.mktemp("ceilings")
    serve(few_people(whole_sample(), 24), folder)
    with PortalProcess(folder) as running:
        yield running


@contextmanager
def pulling(portal: PortalProcess) -> Iterator[Ask]:
    """Yield a way to let one process, of little memory, pull once more."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.pull_child", portal.address_of("hub")],
        cwd=ROOT,
        env=os.environ | portal.environment() | {"MALLOC_ARENA_MAX": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told, said = process.stdin, process.stdout

        def once(order: str) -> dict[str, Any]:
            told.write(f"{order}\n")
            told.flush()
            return dict(json.loads(said.readline()))

        yield once
        # What ran out of memory need not end well: its threads may wait for each other for ever.
        process.kill()


@pytest.fixture(scope="module")
def ask(portal: PortalProcess) -> Iterator[Ask]:
    with pulling(portal) as once:
        yield once


@pytest.mark.parametrize(
    ("fault", "place", "code"), FAULTS, ids=[f"{name} at {where}" for name, where, _ in FAULTS]
)
def test_memory_stays_small_whatever_comes(
    portal: PortalProcess, ask: Ask, say: Callable[[str], None], fault: str, place: str, code: str
) -> None:
    """Refused at its ceiling by a process that may map only 160 MB more; the disk saw no more than that."""
    portal.fault(fault, place, "hub")
    try:
        answer = ask("pull")
    finally:
        portal.heal()
    assert answer["code"] == code
    assert answer["grown"] < MOST_GROWTH
    assert answer["on_disk"] < LARGEST_BYTES + 2 * MIB
    say(f"peak memory grew by {answer['grown'] / MIB:.0f} MB, {answer['on_disk'] / MIB:.0f} MB on disk")


def test_after_all_that_the_same_process_pulls_as_ever(ask: Ask) -> None:
    """What was refused left nothing behind that the next pull would stumble over."""
    assert ask("pull")["code"] is None


@pytest.mark.parametrize(("fault", "bug"), [("endless_redirect", "follows"), ("endless", "whole")])
def test_a_careless_connector_would_not_survive_this(portal: PortalProcess, fault: str, bug: str) -> None:
    """The net itself: read whole, an answer or a redirect without end stops at the limit of memory."""
    portal.fault(fault, "needs", "hub")
    try:
        with pulling(portal) as once:
            assert once(bug)["code"] == "MemoryError"
    finally:
        portal.heal()
