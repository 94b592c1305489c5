"""Each planted bug is caught by the test that is named for it: a suite that never failed proves nothing."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.planted.bugs import BUGS, ROOT, Bug
from tests.planted.caught import Copy
from tests.today import SEED

PLACES = {bug.name: bug for bug in BUGS}
DAILY = [bug for bug in BUGS if bug.daily]
FEWEST = 20


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy of the source, free to be harmed."""
    return Copy(tmp_path_factory.mktemp("planted") / "source")


def test_every_bug_has_its_place_in_the_source_and_a_test_of_its_name() -> None:
    """What is planted stands in the file just once and compiles; the test that catches it exists."""
    assert len(BUGS) >= FEWEST
    assert [name for name, count in Counter(bug.name for bug in BUGS).items() if count > 1] == []
    for bug in BUGS:
        compile(bug.planted(), bug.path, "exec")
        text = (ROOT / bug.test_file).read_text(encoding="utf-8")
        assert re.search(rf"(?m)^def {bug.test_name}\(", text), bug.test


def test_a_bug_of_the_day_is_caught_by_its_test(copy: Copy, say: Callable[[str], None]) -> None:
    """One of the quick ones, another every day: with the bug its test fails, without it it passes."""
    bug = DAILY[SEED % len(DAILY)]
    say(f"planted: {bug.name}")
    told = copy.with_bug(bug)
    assert told.caught, told
    assert copy.without(bug).passed


@pytest.mark.soak
@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_every_planted_bug_is_caught_by_its_test(copy: Copy, bug: Bug) -> None:
    """With the bug the test fails, for what the program did; without it the test passes."""
    told = copy.with_bug(bug)
    assert told.caught, told
    assert copy.without(bug).passed


@pytest.mark.soak
def test_a_test_that_sees_nothing_catches_nothing(copy: Copy) -> None:
    """A bug that changes nothing is caught by no test, and one that lets nothing start is not counted."""
    bug = PLACES["the brake lets everything go"]
    idle = Bug("nothing", bug.path, bug.right, bug.right, bug.test)
    assert copy.with_bug(idle).passed
    broken = Bug("no program", bug.path, bug.right, "        return not_there", bug.test)
    told = copy.with_bug(broken)
    assert (told.passed, told.caught) == (False, False)
    assert (copy.folder / bug.path).read_bytes() == Path(ROOT, bug.path).read_bytes()
