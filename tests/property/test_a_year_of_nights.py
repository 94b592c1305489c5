"""A year of nights by the timetable, each with what goes wrong drawn for it: nothing lost, nothing grows."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest

from sync import run
from tests.tiny.costs import Allowed, Costs, bytes_of_state, grown, memory_kb_a_night
from tests.tiny.log_people import LogPeople
from tests.tiny.start import work_folder
from tests.tiny.upkeep import NEW_KEYS, PAGES_EVERY
from tests.tiny.year import FAULTS, SETTLED_EVERY, Year

NIGHTS, A_FEW = 364, 9
QUIET = Costs(300_000, 9, 1, Counter({"state": 9, "landing/bodies": 20}), Counter({"state": 40_000}))
ALLOWED = Allowed(batches=10, versions=2, batches_with_bodies=4, runs_kept=60, runs_stated=40, runs=99)
LEAKED_BYTES = 8 << 20


def played(name: str, seed: int, nights: int) -> Year:
    """Return a site after so many nights; each of them, and what it left, the model has looked at."""
    year = Year(work_folder() / name, seed)
    year.go_on(nights)
    return year


def changes(first: int, again: int) -> int:
    """Return how often in a year a key is changed."""
    return 1 + (NIGHTS - first) // again


def said(year: Year) -> str:
    """Return what a year's nights cost and met, in one line."""
    last = year.costs[-1]
    faults = ", ".join(f"{name} {count}" for name, count in sorted(year.faults.items()))
    files = sorted(last.files.items())
    rooms = ", ".join(f"{room} {count} ({last.bytes[room] // 1024} KB)" for room, count in files)
    memory = f"in the second half {memory_kb_a_night(year.costs):.0f} KB of memory a night"
    held = f"{last.handles} open files, {last.threads} threads"
    forgotten = f"{LogPeople.of(year.upkeep.var).disposals} people forgotten by the log"
    upkeep = ", ".join(f"{name} {count}" for name, count in sorted(year.upkeep.done.items()))
    state = f"state {bytes_of_state(year.costs[0])} bytes after a night, {bytes_of_state(last)} in the end"
    runs = f"{year.nights.count} runs, {len(year.costs)} nights"
    return f"{runs}; {memory}; {held}; {state}; {forgotten}; files: {rooms}; {faults}; {upkeep}"


@pytest.mark.soak
def test_a_year_of_nights_loses_nothing_and_leaves_no_more_than_history_declares(
    say: Callable[[str], None],
) -> None:
    """Every fault comes, each night ends as the model says, once a month all is settled; keys change, pages
    are written, the log forgets whose time is up. And nothing grows: memory, open files, threads, state, or
    files and bytes but for what history keeps. VIADUCT_SEED plays the same year again.
    """
    seed = int(os.environ.get("VIADUCT_SEED", SystemRandom().randrange(1 << 32)))
    say(f"seed {seed}")
    year = played("year", seed, NIGHTS)
    say(said(year))
    assert grown(year.costs, year.allowed()) == []
    assert year.faults["all is settled"] == NIGHTS // SETTLED_EVERY
    assert {fault.__name__.replace("_", " ") for fault in FAULTS} <= year.faults.keys()
    assert year.upkeep.done == {
        "pages": NIGHTS // PAGES_EVERY,
        "idle nights": NIGHTS // SETTLED_EVERY,
        **{f"new key {role}": changes(first, again) for role, (first, again) in NEW_KEYS.items()},
    }
    assert LogPeople.of(year.upkeep.var).disposals, "the log forgot nobody in a year"


@pytest.mark.soak
def test_what_every_night_leaves_behind_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, an open file and eight megabytes that each night leaves are three things that are told."""
    kept: list[Any] = []
    sweep = run.sweep

    def leaking(place: Any) -> dict[str, int]:
        path = Path(place.site.var, "state", f"left-{place.run_id}")
        path.write_bytes(b"left")
        kept.extend((path.open("rb"), os.urandom(LEAKED_BYTES)))
        return sweep(place)

    monkeypatch.setattr(run, "sweep", leaking)
    year = played("leaking", 3, A_FEW)
    told = " ".join(grown(year.costs, year.allowed()))
    for one in kept[::2]:
        one.close()
    assert [word for word in ("open files", "memory", "state:") if word not in told] == []


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (replace(QUIET, handles=10), "open files: 9 after a third of the nights, 10 in the end"),
        (replace(QUIET, threads=2), "threads: 1 after a third of the nights, 2 in the end"),
        (replace(QUIET, files=Counter({"state": 12})), "state: 12 files, allowed 11"),
        (replace(QUIET, files=Counter({"landing/bodies": 57})), "landing/bodies: 57 files, allowed 56"),
        (replace(QUIET, files=Counter({"landing/kept": 31})), "landing/kept: 31 files, allowed 30"),
        (replace(QUIET, files=Counter({"runs/summaries": 61})), "runs/summaries: 61 files, allowed 60"),
        (replace(QUIET, files=Counter({"statements": 121})), "statements: 121 files, allowed 120"),
        (replace(QUIET, bytes=Counter({"log": 594_001})), "log: 594001 bytes, allowed 594000"),
        (replace(QUIET, bytes=Counter({"log/people": 10_001})), "log/people: 10001 bytes, allowed 10000"),
        (
            replace(QUIET, bytes=Counter({"state": 40_000, "state/fates": 20_001})),
            "state: 40000 bytes in the first third of the nights, 60001 in the end",
        ),
    ],
)
def test_what_grew_is_told_in_words(last: Costs, told: str) -> None:
    """One more than history declares, or than stood there early on, is one too many."""
    assert grown([QUIET] * 11 + [last], ALLOWED) == [told]
    assert grown([QUIET] * 12, ALLOWED) == []


def test_memory_that_grows_a_little_each_night_is_told() -> None:
    """A night that keeps half a megabyte is seen; one large night is none that grows."""
    growing = [replace(QUIET, memory_kb=300_000 + 512 * night) for night in range(40)]
    assert grown(growing, ALLOWED) == ["memory: 512 KB a night"]
    once = [replace(QUIET, memory_kb=400_000 if night == 35 else 300_000) for night in range(40)]
    assert grown(once, ALLOWED) == []
