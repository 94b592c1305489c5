"""What the workers of one run share: which of them plays what, and what one of them makes for all."""

import contextlib
import fcntl
import gc
import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

TOGETHER = {
    "tests/crash/": "the stage, its fork server and two traced nights",
    "tests/end_to_end/test_balances.py": "portal_nights",
    "tests/end_to_end/test_feed_figures.py": "portal_nights",
    "tests/end_to_end/test_portal_night.py": "portal_nights",
    "tests/end_to_end/test_release_page_of_the_sample.py": "portal_nights",
    "tests/end_to_end/test_scanned_bytes.py": "portal_nights",
    "tests/end_to_end/test_truth.py": "portal_nights",
}
"""Files that one worker plays one after the other, by what they have in common: it is made once for them."""


class FilesTogether(LoadFileScheduling):
    """Gives each file of tests to one worker, and those that share what is dear to make to the same one."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((shared for start, shared in TOGETHER.items() if file.startswith(start)), file)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return this worker's own copy of a folder that the first worker to ask for it has made for all.

    Given: a name no other folder has, and what fills a folder that is not there yet.
    """
    own = factory.getbasetemp()
    common = own.parent if own.name.startswith("popen-") else own
    whole = common / f"made-{name}"
    with (common / f"made-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            begun = factory.mktemp(name) / name
            make(begun)
            begun.rename(whole)
    copy = factory.mktemp(name) / name
    shutil.copytree(whole, copy)
    return copy


@contextlib.contextmanager
def collecting(config: pytest.Config) -> Iterator[None]:
    """While this lasts tests are collected, at about half the cost.

    Whatever is collected stays until the end, so the garbage collector need never look through it.
    """
    gc.disable()
    try:
        _write_bytecode(config)
        yield
    finally:
        gc.freeze()
        gc.enable()


def _write_bytecode(config: pytest.Config) -> None:
    """Import each file of tests, every worker from another one on, so that one finds what others compiled.

    What pytest makes of an `assert` takes most of an import; workers in step would all make all of it.
    """
    if not hasattr(config, "workerinput") or config.args != config.getini("testpaths"):
        return
    sys.dont_write_bytecode = False
    files = sorted((config.rootpath / "tests").rglob("test_*.py"))
    count, number = config.workerinput["workercount"], int(config.workerinput["workerid"].removeprefix("gw"))
    first = len(files) * number // count
    for file in files[first:] + files[:first]:
        # One that cannot be imported, or skips itself, is told of when it is collected.
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))
