"""What a process keeps that looks every minute and runs every night: after each, what it held before."""

import gc
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from commands.scheduled import run_what_is_due, tell
from common import clock
from sync import run
from tests.tiny.start import work_folder
from tests.tiny.year import Year

WARM, NIGHTS = 8, 12
BLOCKS_A_NIGHT = 60
"""Of memory, each of some hundred bytes at most: what the interpreter itself shuffles from night to night."""


def held_after_each(name: str, nights: int) -> Iterator[int]:
    """Yield how many blocks of memory Python holds after each look that ran a night, pages and all."""
    year = Year(work_folder() / name, 5)
    world = year.nights.model.world
    person = world.names("hub", "people")[0]
    for number in range(nights):
        year.day += timedelta(days=1)
        world.change("hub", "people", person, {"Surname": f"Zqsur{number}x"})
        year.nights.site.drop(world)
        with clock.frozen(year.slot):
            site = year.nights.site.read()
            summary = run_what_is_due(site)
            assert summary is not None
            assert summary.exit_code in {0, 1}
            tell(site, summary)
            del site, summary
        gc.collect()
        yield sys.getallocatedblocks()


@pytest.mark.soak
def test_a_night_leaves_nothing_in_the_memory_of_the_process() -> None:
    """Whatever a night needs is let go when it is over: no list of runs, no page, no table stays."""
    held = [*held_after_each("going-on", WARM + NIGHTS)]
    assert held[-1] - held[WARM] <= BLOCKS_A_NIGHT * NIGHTS, held


@pytest.mark.soak
def test_a_summary_that_each_night_keeps_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One summary kept by each night is more than the interpreter shuffles."""
    kept: list[Any] = []
    real = run.Run.go

    def keeping(self: run.Run) -> Any:
        kept.append((summary := real(self)).to_json())
        return summary

    monkeypatch.setattr(run.Run, "go", keeping)
    held = [*held_after_each("keeping", WARM + NIGHTS)]
    assert held[-1] - held[WARM] > BLOCKS_A_NIGHT * NIGHTS, held
