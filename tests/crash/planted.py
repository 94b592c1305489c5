"""Bugs to plant into a process that runs the product: each net of this folder must catch its own."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def plant(bug: str | None) -> None:
    """Put a bug into this process."""
    if bug is not None:
        BUGS[bug]()


def _everywhere(name: str, wrong: Callable[..., Any]) -> None:
    """Replace a function of common.files in every module that has it by name."""
    from common import files

    right = getattr(files, name)
    for module in list(sys.modules.values()):
        if getattr(module, name, None) is right:
            setattr(module, name, wrong)


def _write_in_place() -> None:
    """Files are written under their final name: no temporary one, no rename."""

    def write(path: Path, content: bytes, *, private: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    _everywhere("write_atomic", write)


def _no_fsync() -> None:
    """Nothing is ever made durable."""
    os.fsync = lambda _: None


def _no_folder_fsync() -> None:
    """Names are never made durable."""
    _everywhere("fsync_folder", lambda _: None)


def _ignore_errors() -> None:
    """A file that could not be written is taken as written."""
    from common import files

    right = files.write_atomic

    def write(path: Path, content: bytes, *, private: bool = True) -> None:
        with suppress(OSError):
            right(path, content, private=private)

    _everywhere("write_atomic", write)


def _remember_first() -> None:
    """Memory moves, and the batch leaves the outbox, before anybody has loaded it."""
    import sync.handing_over
    from tests.night_runner import remember_before_receipt

    sync.handing_over.deliver = remember_before_receipt


def _seal_anew() -> None:
    """What a killed run sealed is thrown away and sealed anew."""
    from sync.outbox import Outbox
    from tests.night_runner import forget_outbox

    Outbox.waiting = forget_outbox  # type: ignore[method-assign]


def _send_before_log() -> None:
    """A batch is published before the log says so."""
    from sync import deliver

    deliver._log, deliver._publish = deliver._publish, deliver._log


def _copy_over_the_warehouse() -> None:
    """The published warehouse is written over instead of replaced."""
    from warehouse import working_copy

    working_copy.replace_file = shutil.copyfile


def _spool_in_clear() -> None:
    """What was pulled stands in clear in the folder for temporary files."""
    from connectors.spool import SpoolWriter

    right = SpoolWriter.write

    def write(writer: SpoolWriter, data: Any) -> int:
        with Path(tempfile.gettempdir(), "pulled.csv").open("ab") as file:
            file.write(data)
        return right(writer, data)

    SpoolWriter.write = write  # type: ignore[method-assign]


def _no_lock() -> None:
    """Every run takes itself for the only one."""
    from sync import place

    @contextmanager
    def alone(_: Path) -> Iterator[None]:
        yield

    place.one_run_at_a_time = alone


def _begun_for_good() -> None:
    """What was begun once is taken for run, whether it ended or not."""
    from scheduler.due import Standing

    Standing._cut_off = property(lambda _: None)  # type: ignore[assignment]


def _deaf() -> None:
    """A signal that asks for an end is taken for a fault of our own."""
    from commands import last_resort

    class Fault(Exception):
        pass

    last_resort.Terminated = Fault  # type: ignore[assignment, misc]


BUGS: dict[str, Callable[[], None]] = {
    "write_in_place": _write_in_place,
    "no_fsync": _no_fsync,
    "no_folder_fsync": _no_folder_fsync,
    "ignore_errors": _ignore_errors,
    "remember_first": _remember_first,
    "seal_anew": _seal_anew,
    "send_before_log": _send_before_log,
    "copy_over_the_warehouse": _copy_over_the_warehouse,
    "spool_in_clear": _spool_in_clear,
    "no_lock": _no_lock,
    "deaf": _deaf,
    "begun_for_good": _begun_for_good,
}
