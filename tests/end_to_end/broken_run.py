"""`run_sync.py`, broken on purpose: killed in the middle of a run, or met by an error that quotes a cell.

Usage: broken_run.py HOW VERB ... with HOW one of kill, raise, thread.
"""

import os
import signal
import sys
import threading
from typing import Any

import commands
from connectors.tables import Batches
from sync.steps import Steps


def _a_cell(batch: Any) -> str:
    """Return what an error of a library would quote: a row of the export."""
    return " ".join(map(str, batch.row(0)))


def _kill() -> None:
    reached = Steps.reached

    def watched(self: Steps, step: str, done: int = 0, of: int = 0) -> None:
        reached(self, step, done, of)
        if step == "logged":
            os.kill(os.getpid(), signal.SIGKILL)

    Steps.reached = watched  # type: ignore[method-assign]


def _raise(*, in_thread: bool) -> None:
    following = Batches.__next__

    def failing(self: Batches) -> Any:
        batch = following(self)
        if in_thread:
            thread = threading.Thread(target=int, args=(_a_cell(batch),), name=_a_cell(batch))
            thread.start()
            thread.join()
            return batch
        try:
            return {}[_a_cell(batch)]
        except KeyError as error:
            raise ValueError(f"could not convert {_a_cell(batch)}") from error

    Batches.__next__ = failing  # type: ignore[method-assign]


if __name__ == "__main__":
    how = sys.argv.pop(1)
    if how == "kill":
        _kill()
    else:
        _raise(in_thread=how == "thread")
    sys.exit(commands.main())
