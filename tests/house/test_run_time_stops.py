"""The page on what stops a run names tests that exist, and leaves no row without one."""

import re
from pathlib import Path

PAGE = Path("docs/reference/run-time-stops.md")
ROW = re.compile(r"(?m)^\| (?!what happens|-)(.+) \| (.+) \| (.+) \|$")


def test_each_stop_is_shown_by_tests_that_exist() -> None:
    """Every row names one at least, and each name is that of a test of this repository."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").rglob("test_*.py"))
    known = set(re.findall(r"(?m)^\s*def (test_\w+)\(", written))
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    shown = {what: re.findall(r"`(test_\w+)`", tests) for what, _, tests in rows}
    assert len(shown) > 20
    assert [what for what, tests in shown.items() if not tests] == []
    assert {test for tests in shown.values() for test in tests} - known == set()
