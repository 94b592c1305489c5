"""What is printed when a verb fails: our four lines, else a class name; never a value."""

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from common import ending, log
from common.ending import INTERRUPTED, TERMINATED, Terminated
from common.errors import ViaductError, met
from common.marks import visible

LOG = log.get("commands")
OBJECTS_BETWEEN_SEARCHES = 50_000
"""How many objects are made before rings of them are looked for; Python itself looks each 700."""


def prepare_process() -> None:
    """Make the process keep to itself: private files, no traceback from a thread, a clean end on SIGTERM.

    Nor may another installed package take part in how declared files are read, as plugins of
    pydantic do; that they are not looked for saves time as well.
    """
    os.umask(0o077)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    logging.captureWarnings(capture=True)
    threading.excepthook = _from_thread
    sys.unraisablehook = _from_nowhere
    ending.listen()


def carry_out(verb: Callable[[], int]) -> int:
    """Return the verb's exit code, or that of the error it met, once it has been said in words.

    A process that was asked to end says so, whatever else it met on its way out.
    """
    try:
        return ending.asked() or verb()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Terminated:
        return TERMINATED
    except Exception as error:  # noqa: BLE001 - the last resort: nothing of it is shown but its class
        return ending.asked() or _failed(error)


def _failed(error: Exception) -> int:
    """Say what the verb met and return its exit code."""
    told = _ours_to_tell(error)
    if told is None:
        return _misused(error)
    LOG.error("verb_failed", error=error, error_code=told.code)
    tell(told)
    return told.exit_code


def _ours_to_tell(error: Exception) -> ViaductError | None:
    """Return an error of ours for one that is not: the disk's refusal, or the fault's class and place.

    None when the verb was misused: then the error itself knows what to show.
    """
    if hasattr(error, "show") and hasattr(error, "exit_code"):
        return None
    return met(error)


def tell(error: ViaductError) -> None:
    """Write the error's lines to stderr; nothing in them, as in a file's name, moves a cursor."""
    print(visible(str(error), "\n\t"), file=sys.stderr)


def _misused(error: Any) -> int:
    """Say in four lines that the verb was misused; of a group named without a verb, show which there are."""
    from commands.errors import wrong_usage

    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return int(error.exit_code)
    told = wrong_usage(error)
    tell(told)
    return told.exit_code


def _from_thread(failed: threading.ExceptHookArgs) -> None:
    LOG.error("thread_failed", error=failed.exc_value, error_code=ViaductError.code)


def _from_nowhere(failed: "sys.UnraisableHookArgs") -> None:
    LOG.error("cleanup_failed", error=failed.exc_value, error_code=ViaductError.code)
