"""Faults of our own: what one source's exports meet stays with that source, and is told without a value."""

from collections.abc import Iterator
from contextlib import contextmanager

from polars.exceptions import PanicException

from common import log
from common.errors import ViaductError, met

LOG = log.get("sync")
# Whatever can be met that is no wish to end this process; what Polars calls a panic is no Exception.
ANY_FAULT = (Exception, PanicException)


@contextmanager
def own_faults_told(place: str) -> Iterator[None]:
    """Make a fault of our own one source's error, so that the other sources go on.

    Given:  the source, and the export that is being read.
    Errors: a ViaductError with the fault's class and line, and not a word of it: it may hold a cell. What
            stops every source alike is left as it is: the disk's refusal, no memory.
    """
    fault: BaseException | None = None
    try:
        yield
    except (ViaductError, OSError, MemoryError):
        raise
    except ANY_FAULT as error:
        fault = error
    if fault is not None:
        LOG.error("fault_met", error=fault)
        raise met(fault, place)
