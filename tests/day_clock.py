"""A clock that goes on from the morning: what a test begins on one day it does not end on the next."""

from collections.abc import Callable
from datetime import UTC, datetime

from common import clock


def morning(instant: datetime) -> datetime:
    """Return six in the morning of that day in London, in UTC."""
    return instant.astimezone(clock.LONDON).replace(hour=6, minute=0, second=0, microsecond=0).astimezone(UTC)


def going_on_from(began_at: datetime) -> Callable[[], datetime]:
    """Return what takes the place of `clock.now`: this instant now, and later as much later."""
    ahead = began_at - datetime.now(UTC)
    return lambda: clock._frozen.get() or datetime.now(UTC) + ahead
