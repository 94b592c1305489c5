"""Every changing call of a night: killed, killed again, cut off, refused, asked to end (`make soak`)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.faults import asked_to_end, refusal_at, refused
from tests.crash.points import Night
from tests.crash.power_cut import PowerCut
from tests.crash.scene import Stage
from tests.crash.sweep import Sweep
from tests.crash.test_kills import SEALED, recovery_from

pytestmark = pytest.mark.soak
Say = Callable[[str], None]
PARTS = 4
IDLE_EVERY = 10
NIGHTS = pytest.mark.parametrize("which", ["first", "changed"])
IN_PARTS = pytest.mark.parametrize("part", range(PARTS))
BATCH = "var/state/outbox/early_help/00000001-RUN"
DELIVERED = f"rename {BATCH}/.delivered.TOKEN.part {BATCH}/delivered"
MOVED = f"rename {BATCH}/memory.parquet var/state/memory/early_help.parquet"


@pytest.fixture
def night(request: pytest.FixtureRequest, which: str) -> Any:
    """Return the night of this name."""
    return request.getfixturevalue(which)


@IN_PARTS
@NIGHTS
def test_killed_at_every_call(stage: Stage, night: Night, which: str, part: int, say: Say) -> None:
    """Killed at each call of its own, a night is made up for by the next; an idle one then sends nothing."""
    sweep = Sweep(stage, night)
    for number, point in enumerate(night.points[part::PARTS]):
        sweep.kill(point, idle=number % IDLE_EVERY == 0)
    say(str(sweep.swept))
    assert sweep.swept.broken == []


@IN_PARTS
def test_killed_at_every_call_and_again_at_the_same(stage: Stage, first: Night, part: int, say: Say) -> None:
    """The night that recovers is killed at the call of the same name and count, and a third one ends well."""
    sweep = Sweep(stage, first)
    for point in first.points[part::PARTS]:
        sweep.kill(point, twice=True)
    say(str(sweep.swept))
    assert sweep.swept.broken == []


@pytest.mark.parametrize("after", [SEALED, DELIVERED, MOVED], ids=["sealed", "delivered", "memory moved"])
def test_a_recovery_killed_at_every_call(stage: Stage, first: Night, after: str, say: Say) -> None:
    """From three states that a kill leaves, the night that recovers is killed at each of its own calls."""
    sweep = Sweep(stage, recovery_from(stage, first, after))
    for point in sweep.night.points:
        sweep.kill(point)
    say(str(sweep.swept))
    assert sweep.swept.broken == []


@NIGHTS
def test_power_cut_after_every_call(stage: Stage, night: Night, which: str, say: Say) -> None:
    """What was not durable is lost; or names survive without bytes; or with half of them: after each call."""
    cut = PowerCut(stage, night)
    cut.everywhere()
    say(str(cut.cuts))
    assert cut.cuts.broken == []


@IN_PARTS
def test_refused_by_the_disk_at_every_call(stage: Stage, first: Night, part: int, say: Say) -> None:
    """Full, over its quota, broken, read-only or closed to us in turn: told in four lines, nothing lost."""
    sweep = Sweep(stage, first)
    for turn, point in enumerate(first.points[part::PARTS]):
        tamper, lasting = refusal_at(point, turn)
        sweep.tamper(point, tamper, refused, lasting=lasting)
    say(str(sweep.swept))
    assert sweep.swept.broken == []


@IN_PARTS
def test_asked_to_end_at_every_call(stage: Stage, first: Night, part: int, say: Say) -> None:
    """SIGTERM and Ctrl-C in turn: 143 and 130, nothing half done is left, and the next night is whole."""
    sweep = Sweep(stage, first)
    for turn, point in enumerate(first.points[part::PARTS]):
        name = ("TERM", "INT")[turn % 2]
        sweep.tamper(point, f"signal={name}", asked_to_end(name))
    say(str(sweep.swept))
    assert sweep.swept.broken == []
