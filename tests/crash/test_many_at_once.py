"""Many at once: one run works, the others leave with a clear message, and the site ends as if one had run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crash.crowd import holding, stopped
from tests.crash.faults import four_lines
from tests.crash.left import Left, what_is_left
from tests.crash.points import GATE, Point, secret_words, traced_points
from tests.crash.promises import broken_then
from tests.crash.scene import NIGHT, Stage
from tests.reliability.book import Row, RowBook
from tests.reliability.places import in_turn
from tests.secret_words import SecretWords

Say = Callable[[str], None]
DONE, LOCKED = {0, 1}, 75
NOT_OURS = ("var/logs/", "var/state/lock", "var/state/pulse.json", "temporary")
PUBLISHED = "rename var/.warehouse.duckdb.loading/copy.duckdb var/warehouse.duckdb"
AT_WORK = "another run at work"


@dataclass(frozen=True)
class Alone:
    """What one run leaves when nobody else is there, and the calls it makes after it has planned."""

    left: Left
    points: list[Point]
    words: SecretWords


@pytest.fixture(scope="module")
def alone(stage: Stage) -> Alone:
    """Return the first night of a site on which nobody else works."""
    site = stage.copy(stage.fresh)
    points = traced_points(stage, site, gate=GATE)
    return Alone(what_is_left(site), points, secret_words())


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("machine_many") as book:
        yield book


@pytest.mark.parametrize("count", in_turn("2", "4", "8"))
def test_of_many_runs_started_at_once_the_others_leave(
    stage: Stage, alone: Alone, count: str, say: Say
) -> None:
    """Let go in the same moment, at least one works; the others say so with 75; nothing is done twice."""
    site = stage.copy(stage.fresh)
    crowd = [stage.server.start(site, *NIGHT) for _ in range(int(count))]
    for process in crowd:
        stage.server.go(process)
    said = [stage.server.wait(process) for process in crowd]
    codes = [one["code"] for one in said]
    assert set(codes) <= DONE | {LOCKED}
    assert min(codes) in DONE
    assert all(locked_out(one) for one in said if one["code"] == LOCKED)
    worked = next(one for one in said if one["code"] in DONE)
    assert broken_then(site, worked, alone.left, alone.words) == []
    say(f"{count} at once: {sum(code in DONE for code in codes)} worked, {codes.count(LOCKED)} left with 75")


@pytest.mark.parametrize("step", in_turn("gathered", "receipted"))
def test_while_a_run_stands_at_a_step_no_other_changes_anything(
    stage: Stage, alone: Alone, book: RowBook, step: str
) -> None:
    """Whatever is asked for in the middle of a run: runs are turned away, readers read, and nothing moves."""
    site = stage.copy(stage.fresh)
    holder = holding(stage, site, step)
    before = held(site)
    for words in (NIGHT, ("run", "--dry-run"), ("run", "--full", "--accept-growth")):
        said = stage.server.verb(site, *words)
        assert locked_out(said), said
        book.saw(Row(AT_WORK, "machine", "run", said["code"], "E804", held(site) == before))
    assert stage.server.verb(site, "status")["code"] == 0
    assert stage.server.verb(site, "check")["code"] in DONE
    assert held(site) == before
    assert broken_then(site, holder.go_on(), alone.left, alone.words) == []


def test_a_run_that_died_is_followed_at_once(stage: Stage, alone: Alone, book: RowBook) -> None:
    """The lock of a killed run is free in the moment it is gone; the next run does the whole night."""
    site = stage.copy(stage.fresh)
    holding(stage, site, "receipted").die()
    said = stage.night(site)
    book.saw(
        Row(
            "lock of a run that was killed", "machine", "run", said["code"], None, False, "taken over at once"
        )
    )
    assert broken_then(site, said, alone.left, alone.words) == []


def test_the_council_side_may_load_in_the_middle_of_a_run(stage: Stage, alone: Alone) -> None:
    """A batch is loaded by whoever comes first; the run finds the receipt, and nothing comes twice."""
    site = stage.copy(stage.fresh)
    holder = holding(stage, site, "delivered")
    assert stage.server.verb(site, "load")["code"] == 0
    assert broken_then(site, holder.go_on(), alone.left, alone.words) == []


def test_two_loads_at_once_are_one(stage: Stage, alone: Alone, book: RowBook) -> None:
    """While a run is about to publish the warehouse, `load` leaves with 75; readers see what was before."""
    site = stage.copy(stage.fresh)
    second = [point for point in alone.points if point.label == PUBLISHED][1]
    with stopped(stage, site, NIGHT, second) as holder:
        before = held(site)
        said = stage.server.verb(site, "load")
        assert (said["code"], four_lines(said["err"])) == (LOCKED, True), said
        assert "E512" in said["err"]
        book.saw(Row("another load at work", "machine", "load", said["code"], "E512", held(site) == before))
        assert stage.server.verb(site, "feed", "--period", "2022-04..2022-11")["code"] == 0
    assert broken_then(site, holder, alone.left, alone.words) == []


def test_a_run_waits_for_nobody_and_loses_nothing_to_a_load(stage: Stage, alone: Alone) -> None:
    """While a load is about to publish, a run seals, delivers, and leaves with 75; the next is told."""
    site = stage.copy(stage.fresh)
    holding(stage, site, "delivered").die()
    with stopped(stage, site, ("load",), publishing(stage, site)) as loader:
        said = stage.night(site)
        assert (said["code"], four_lines(said["err"])) == (LOCKED, True), said
        assert "E512" in said["err"]
    assert loader["code"] == 0
    assert broken_then(site, stage.night(site), alone.left, alone.words) == []


def test_without_a_lock_the_crowd_is_caught(stage: Stage, alone: Alone) -> None:
    """A product whose runs do not know of each other does something twice, or not at all."""
    site = stage.copy(stage.fresh)
    holder = holding_without_lock(stage, site)
    stage.night(site, bug="no_lock")
    stage.server.go(holder)
    assert broken_then(site, stage.server.wait(holder), alone.left, alone.words) != []


def test_every_case_is_told_of(book: RowBook) -> None:
    """The rows of docs/reliability.md are these and no others."""
    told = {("machine", AT_WORK, "run"), ("machine", "lock of a run that was killed", "run")}
    assert book.keys() == told | {("machine", "another load at work", "load")}


def locked_out(said: dict[str, Any]) -> bool:
    """Return whether the verb left because another run is at work, with four lines and nothing else."""
    lines = said["err"].splitlines()
    return (said["code"], len(lines), lines[:1]) == (LOCKED, 4, ["E804  Another run holds the lock."])


def held(site: Path) -> dict[str, bytes]:
    """Return every file of the site but the operator's log and the pulse of the run that is at work."""
    paths = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in paths.items() if not name.startswith(NOT_OURS)}


def publishing(stage: Stage, site: Path) -> Point:
    """Return the call with which a load on this site publishes the warehouse."""
    copy = stage.copy(site)
    points = traced_points(stage, copy, words=("load",))
    stage.drop(copy)
    return next(point for point in points if point.label == PUBLISHED)


def holding_without_lock(stage: Stage, site: Path) -> int:
    return stage.server.start(site, *NIGHT, gate="planned", bug="no_lock")
