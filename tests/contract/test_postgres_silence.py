"""A PostgreSQL server that falls silent, its line open and its kernel alive, holds no load for ever."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread

import pytest

from common.errors import ViaductError
from tests.batches import Parties
from tests.contract.test_postgres_crash import anew, receipts_are_kept, soon
from tests.contract.test_postgres_cuts import (
    AGAIN,
    LOST,
    Anew,
    answers,
    in_peace,
    load,
    one,
    over,
    signing_in,
    tables,
)
from tests.counted_line import CountedLine
from tests.postgres import Server
from tests.reliability.book import Row, RowBook

__all__ = ["anew", "soon"]

ANSWER_SECONDS, SETTLE_SECONDS, SLACK_SECONDS = 1, 2, 15
LOADERS = "SELECT pid FROM pg_stat_activity WHERE usename = 'viaduct_loader'"
FAULT = "server falls silent, its line open"
Place = dict[str, int]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows cannot halt a process as it stands.")


@dataclass
class Halted:
    """The server's processes that work for loaders, halted as they stand: their sockets stay open."""

    postgres: Server
    pids: list[int] = field(default_factory=list)

    def halt(self) -> None:
        with self.postgres.admin() as admin:
            self.pids = [pid for (pid,) in admin.execute(LOADERS).fetchall()]
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them go on, and wait until they have seen that nobody is there any more."""
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)
        until = time.monotonic() + 30
        with self.postgres.admin() as admin:
            while admin.execute(LOADERS).fetchall():
                assert time.monotonic() < until
                time.sleep(0.02)
        self.pids = []


@contextmanager
def halting(postgres: Server) -> Iterator[Halted]:
    halted = Halted(postgres)
    try:
        yield halted
    finally:
        halted.go_on()


def in_the_middle(postgres: Server, make: Anew, whole: int) -> Place:
    first = signing_in(postgres, make)["out"]
    return {"after": first + (whole - first) // 2}


def in_time(both: Parties, line: CountedLine) -> tuple[str, int] | None:
    """Return how the load ended. Errors: AssertionError, if it is still at work when its time is over."""
    ended: list[tuple[str, int] | None] = []
    at_work = Thread(target=lambda: ended.append(over(both, line)), daemon=True)
    at_work.start()
    at_work.join(ANSWER_SECONDS + SETTLE_SECONDS + SLACK_SECONDS)
    assert ended, "nobody waits for ever"
    return ended[0]


def refused(both: Parties) -> tuple[str, int]:
    with pytest.raises(ViaductError) as met:
        load(both)
    return met.value.code, met.value.exit_code


def test_a_server_that_falls_silent_is_left_after_the_longest_wait_and_the_next_load_makes_it_good(
    postgres: Server, tmp_path: Path, anew: Anew
) -> None:
    """Halted in the middle of a load, or as it is asked to commit: E515 in its time, nothing of the batch is
    there; while the server still holds the lock, E512; once it goes on, all is as after a load in peace.
    """
    peace = in_peace(postgres, tmp_path / "peace", one)
    places: dict[str, Place] = {
        "in the middle of a load": in_the_middle(postgres, anew, peace.carried["out"]),
        "as the commit is asked": {"commit": 1},
    }
    with RowBook("postgresql_silence") as book:
        for place, where in places.items():
            both = silent(anew(place.replace(" ", "-")))
            with halting(postgres) as halted:
                one(both)
                line = CountedLine(postgres.port, happens=halted.halt, **where)
                assert in_time(both, line) == LOST, place
                assert (line.struck, len(halted.pids)) == (True, 1)
                assert (tables(both), answers(both)) == ([], [])
                if "after" in where:
                    assert refused(both) == ("E512", 75), "the lock is still that of the silent one"
            load(both)
            assert (tables(both), answers(both)) == (peace.after[-1], peace.answers)
            assert receipts_are_kept(both)
            book.saw(Row(FAULT, "postgresql", place, 50, "E515", True, AGAIN))
        assert book.keys() == {("postgresql", FAULT, place) for place in places}


def silent(both: Parties) -> Parties:
    """Return the parties, who wait for an answer no longer than a second."""
    return replace(both, warehouse=both.warehouse.model_copy(update={"answer_seconds": ANSWER_SECONDS}))
