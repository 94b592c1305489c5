"""A run by the timetable, killed or asked to end at any call, is found overdue and caught up once."""

from collections.abc import Callable, Iterator

import pytest

from tests.crash.due import DueSweep, due_night
from tests.crash.faults import asked_to_end
from tests.crash.points import Night, spread
from tests.crash.scene import Stage
from tests.reliability.book import Row, RowBook, writing
from tests.today import SEED

Say = Callable[[str], None]
PARTS = 4
ANY = "any call of a run by the timetable"
CAUGHT_UP = "found overdue, caught up once half an hour later"


@pytest.fixture(scope="module")
def due(stage: Stage) -> Night:
    """Return a night that is due, and its calls since it has planned."""
    return due_night(stage, whole=False)


@pytest.fixture(scope="module")
def whole(stage: Stage) -> Night:
    """Return a night that is due, and every call of it."""
    return due_night(stage, whole=True)


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("machine_due") as book:
        yield book


@pytest.mark.skipif(not (writing() or SEED % 2), reason="The days take turns.")
def test_a_run_that_was_due_and_killed_is_caught_up_once(
    stage: Stage, due: Night, book: RowBook, seed: int, say: Say
) -> None:
    """Unless its summary was written it is overdue; half an hour later one run does the whole night."""
    sweep = DueSweep(stage, due)
    for point in spread(due.points, 1, seed + 5):
        sweep.kill(point)
    say(f"seed {seed}: {sweep.swept}")
    assert sweep.swept.broken == []
    book.saw(Row("process killed", "machine", ANY, None, None, False, CAUGHT_UP))


@pytest.mark.skipif(not (writing() or SEED % 2 == 0), reason="The days take turns.")
def test_a_run_that_was_due_and_asked_to_end_is_caught_up_once(
    stage: Stage, due: Night, book: RowBook, seed: int, say: Say
) -> None:
    """SIGTERM, as a service is stopped: 143, and the night is not lost."""
    sweep = DueSweep(stage, due)
    for point in spread(due.points, 1, seed + 6):
        sweep.tamper(point, "signal=TERM", asked_to_end("TERM"))
    say(f"seed {seed}: {sweep.swept}")
    assert sweep.swept.broken == []
    book.saw(Row("asked to end (SIGTERM)", "machine", ANY, 143, None, False, CAUGHT_UP))


@pytest.mark.soak
def test_a_timetable_that_forgets_what_it_began_is_caught(stage: Stage, due: Night) -> None:
    """A product that takes what was begun for run leaves a night out, and the sweep sees it."""
    sweep = DueSweep(stage, due, bug="begun_for_good")
    assert sweep.kill(due.points[len(due.points) // 2]) != []


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_call_a_due_run_is_caught_up_once(
    stage: Stage, whole: Night, part: int, say: Say
) -> None:
    """Each call of it, from the first look at the timetable on."""
    sweep = DueSweep(stage, whole)
    for point in whole.points[part::PARTS]:
        sweep.kill(point)
    say(str(sweep.swept))
    assert sweep.swept.broken == []


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_asked_to_end_at_every_call_a_due_run_is_caught_up_once(
    stage: Stage, whole: Night, part: int, say: Say
) -> None:
    """SIGTERM and Ctrl-C in turn."""
    sweep = DueSweep(stage, whole)
    for turn, point in enumerate(whole.points[part::PARTS]):
        name = ("TERM", "INT")[turn % 2]
        sweep.tamper(point, f"signal={name}", asked_to_end(name))
    say(str(sweep.swept))
    assert sweep.swept.broken == []


def test_every_case_is_told_of(book: RowBook) -> None:
    """The rows of docs/reliability.md are these and no others."""
    assert book.keys() == {("machine", "process killed", ANY), ("machine", "asked to end (SIGTERM)", ANY)}
