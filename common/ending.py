"""Being asked to end: from the keyboard, or by the system. Once asked, it holds until the process is gone.

A signal raises where it arrives. Other people's code may take that for a fault of its own and report
something else; so whoever comes between two steps asks again.
"""

import signal
import threading
from typing import Any

INTERRUPTED, TERMINATED = 130, 143
_asked: list[int] = []


class Terminated(BaseException):
    """The system asked this process to end (SIGTERM)."""


def listen() -> None:
    """Take Ctrl-C and the system's request from now on; only the main thread of a process can."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
        signal.signal(signal.SIGINT, _end)


def ask(code: int) -> None:
    """Ask this process to end where it next comes between two steps; nothing is raised here."""
    _asked.append(code)


def asked() -> int:
    """Return the exit code of a process that was asked to end; 0 if nobody asked."""
    return _asked[0] if _asked else 0


def go_on() -> None:
    """Raise again what asked this process to end. Errors: KeyboardInterrupt, Terminated."""
    if _asked:
        raise Terminated if _asked[0] == TERMINATED else KeyboardInterrupt


def _end(number: int, _frame: Any) -> None:
    _asked.append(TERMINATED if number == signal.SIGTERM else INTERRUPTED)
    go_on()
