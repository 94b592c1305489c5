"""The one clock: instants in UTC, days in Europe/London."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """Return today's calendar day in Europe/London."""
    return now().astimezone(LONDON).date()


def day_of(stamped: str) -> date:
    """Return the calendar day in Europe/London of an instant that `stamp` wrote."""
    return datetime.fromisoformat(stamped).astimezone(LONDON).date()


def stamp(instant: datetime) -> str:
    """Return the instant as RFC 3339 in UTC, to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at one aware instant while the block runs (tests and what-if only)."""
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
