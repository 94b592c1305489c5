"""One run at a time on one site."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sync.errors import RunHoldsLock


@contextmanager
def one_run_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock while the block runs; it goes when the process dies. Errors: RunHoldsLock."""
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        lock = None  # type: ignore[assignment]
    if lock is None:
        raise RunHoldsLock(path.name)
    try:
        yield
    finally:
        lock.release()
