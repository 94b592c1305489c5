"""Killed at any call, a night leaves what it promised, and the next ends as if it had never been killed.

A sample here, drawn from each stretch of a night; every call in test_soak.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.crash.points import GATE, Night, spread, traced_points
from tests.crash.scene import Stage
from tests.crash.sweep import Sweep
from tests.reliability.book import Row, RowBook
from tests.reliability.places import in_turn

Say = Callable[[str], None]
CALLS = {
    "first": "any call of a first night that changes a file",
    "changed": "any call of a later night that changes a file",
}
GOES_ON = "the next run ends as if nothing had happened"
FIRST, CHANGED, TWICE, RECOVERY = 2, 2, 1, 1
SEALED = "rename var/state/outbox/early_help/.00000001-RUN var/state/outbox/early_help/00000001-RUN"
MANIFEST = "rename var/landing/early_help/00000001-RUN/.manifest.json.TOKEN.part"
# What was planted, where it is killed, and the promise that is broken then or after the next night.
CAUGHT = {
    "write_in_place": ("write var/state/chain/early_help.json", "torn"),
    "send_before_log": ("write var/log/leaves.jsonl", "not in the log"),
    "spool_in_clear": ("write var/log/leaves.jsonl", "in clear"),
    "remember_first": ("mkdir var/.warehouse", "remembered before"),
    "seal_anew": (MANIFEST, "the next run ended with"),
    "copy_over_the_warehouse": ("sendfile var/warehouse.duckdb", "cannot"),
}


@pytest.mark.parametrize("which", in_turn("first", "changed"))
def test_every_room_and_every_kind_of_call_is_there_to_be_killed(
    request: pytest.FixtureRequest, which: str, say: Say
) -> None:
    """The list that the sweep goes through reaches all that a night writes, and holds hundreds of calls."""
    night: Night = request.getfixturevalue(which)
    paths = " ".join(point.label for point in night.points)
    rooms = ("log/leaves", "logs/", "state/outbox", "state/memory", "landing/", "runs/", "reports/")
    assert [room for room in (*rooms, ".warehouse.duckdb.loading/") if f" var/{room}" not in paths] == []
    kinds = {point.name for point in night.points}
    assert {"openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlinkat", "rmdir"} <= kinds
    assert len(night.points) > 400
    say(f"{len(night.points)} calls of a {which} night change something")


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("machine_kills") as book:
        yield book


@pytest.mark.parametrize("which", in_turn("first", "changed"))
def test_a_night_killed_at_a_call_is_made_up_for(
    stage: Stage, request: pytest.FixtureRequest, book: RowBook, which: str, seed: int, say: Say
) -> None:
    """Then: the warehouse before or after, nothing sent that is not logged, nothing torn, nothing in clear.
    After the next night: the same rows, memory and log, both balances; and a third night sends nothing.
    """
    night: Night = request.getfixturevalue(which)
    sweep = Sweep(stage, night)
    for number, point in enumerate(spread(night.points, FIRST if which == "first" else CHANGED, seed)):
        sweep.kill(point, idle=number == 0)
    say(f"seed {seed}: {sweep.swept}")
    assert sweep.swept.broken == []
    book.saw(Row("process killed", "machine", CALLS[which], None, None, False, GOES_ON))


def test_killed_twice_at_the_same_count_a_third_night_ends_well(
    stage: Stage, first: Night, seed: int, say: Say
) -> None:
    """The recovery is killed at the call of the same name and number."""
    sweep = Sweep(stage, first)
    for point in spread(first.points, TWICE, seed + 1):
        sweep.kill(point, twice=True)
    say(f"seed {seed}: {sweep.swept}")
    assert sweep.swept.broken == []


def test_a_recovery_killed_at_its_own_calls_is_recovered_from(
    stage: Stage, first: Night, seed: int, say: Say
) -> None:
    """From a first batch that is sealed and no more, the night that finishes it may be killed as well."""
    sweep = Sweep(stage, recovery_from(stage, first, SEALED))
    for point in spread(sweep.night.points, RECOVERY, seed + 2):
        sweep.kill(point)
    say(f"seed {seed}: {sweep.swept}")
    assert sweep.swept.broken == []


@pytest.mark.parametrize("bug", in_turn(*CAUGHT))
def test_the_sweep_catches_what_was_planted(stage: Stage, first: Night, bug: str) -> None:
    """A product with this bug breaks the promise that the bug is about; another bug every day."""
    label, promise = CAUGHT[bug]
    site = stage.copy(first.start)
    points = traced_points(stage, site, gate=GATE, bug=bug)
    stage.drop(site)
    sweep = Sweep(stage, first, bug=bug)
    for point in points:
        if point.label.startswith(label) and promise in "".join(sweep.kill(point)):
            return
    pytest.fail(f"nothing of it was seen: {sweep.swept.broken}")


def test_every_case_is_told_of(book: RowBook) -> None:
    """The rows of docs/reliability.md are these and no others."""
    assert book.keys() == {("machine", "process killed", place) for place in CALLS.values()}


def recovery_from(stage: Stage, night: Night, label: str) -> Night:
    """Return the night that recovers from a kill just after the call that has this label."""
    place = next(number for number, point in enumerate(night.points) if point.label == label)
    site = stage.copy(night.start)
    Sweep(stage, night).die(site, night.points[place + 1])
    copy = stage.copy(site)
    points = traced_points(stage, copy)
    stage.drop(copy)
    return replace(night, start=site, points=points)
