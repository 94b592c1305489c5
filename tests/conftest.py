"""What every test may use: a line that stands at the end of the run, whichever worker the test ran on."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

# One worker per core, one thread per worker: the tests' tables are so small that threads only wait for each
# other. The front door, the bounds and the crash sweeps set their own number.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

import pytest
from hypothesis import settings
from xdist.remote import Producer

from tests.pace import LONGEST
from tests.today import SEED
from tests.workers import FilesTogether, collecting

TESTS = Path(__file__).parent
SAID = "said"
# How long one example takes says how busy the machine is, and nothing about what the test proves.
settings.register_profile("viaduct", deadline=None)
settings.load_profile("viaduct")
USUAL_UMASK = os.umask(0o077)
os.umask(USUAL_UMASK)


def pytest_report_header() -> str:
    """Say by what number this run's samples can be drawn again."""
    return f"samples of the day: VIADUCT_SEED={SEED}"


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect at the cost that is needed; warnings are errors by now."""
    with collecting(session.config):
        return (yield)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether | None:
    """Let `--dist loadfile` keep those files together that share what is dear to make."""
    return FilesTogether(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first; within a file, and among the others, the order stays."""
    place = {TESTS / name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))


@pytest.fixture(autouse=True)
def _usual_umask() -> None:
    """Give each test the rights for new files that the run began with, whatever one before it left."""
    os.umask(USUAL_UMASK)


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function that puts one line (a seed, a count) into the summary at the end of the run."""

    def say_line(line: str) -> None:
        record_property(SAID, line)

    return say_line


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests said, passed or failed, in the order of their names."""
    lines = sorted(_said(terminalreporter))
    if lines:
        terminalreporter.section("seeds and counts")
    for test, line in lines:
        terminalreporter.write_line(f"{test}: {line}")


def _said(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str]]:
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, []):
            test = report.nodeid.removeprefix("tests/")
            yield from ((test, str(value)) for name, value in report.user_properties if name == SAID)
