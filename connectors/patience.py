"""How often we ask again and how long we wait between: as the source asks, within one budget a run."""

import time
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, RetryError, Retrying, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from common import clock, log
from common.errors import ViaductError
from connectors.errors import SourceUnavailable
from connectors.settings import Limits

T = TypeVar("T")


class Postponed(Exception):
    """What may go better next time: what to say if it never does, and the wait asked for."""

    def __init__(self, fault: type[ViaductError], note: str, wait_seconds: float | None = None) -> None:
        super().__init__(note)
        self.fault, self.note, self.wait_seconds = fault, note, wait_seconds


class Later(Postponed):
    """An answer that may be better if it is asked for again."""


class Anew(Postponed):
    """Answers that do not fit together: no one of them asked for again can mend that, only all of them."""


class Patience:
    """The retries of one pull: attempts for each request, one budget and one deadline for all."""

    def __init__(self, source: str, limits: Limits, sleep: Callable[[float], None] = time.sleep) -> None:
        self._limits, self._sleep, self._left = limits, sleep, limits.retries_per_run
        self._deadline = limits.budget.until(limits.pull_seconds)
        self._jitter = wait_random_exponential(limits.first_wait_seconds, limits.longest_wait_seconds)
        self._log = log.get("connectors").bind(source=source)

    def repeat(self, ask: Callable[[], T], place: str, on: type[Postponed] = Later) -> T:
        """Return what `ask` returns, asked again while it raises `on`. Errors: what the last one names."""
        retrying = Retrying(
            retry=retry_if_exception_type(on),
            wait=self._wait,
            stop=self._stop,
            sleep=self._sleep,
            before_sleep=self._spend,
        )
        try:
            return retrying(ask)
        except RetryError as spent:
            last, attempts = spent.last_attempt.exception(), spent.last_attempt.attempt_number
        assert isinstance(last, Postponed)  # noqa: S101
        raise last.fault(f"{place}: {last.note}, {attempts} attempts.")

    @property
    def left_seconds(self) -> float:
        """Return how long the pull may still last."""
        return self._deadline - time.monotonic()

    def spent(self, place: str) -> str:
        """Return the words for a pull that has lasted longer than it may."""
        return f"{place}: the pull has lasted {self._limits.pull_seconds:g} seconds."

    def hold_to_deadline(self, place: str) -> None:
        """Errors: SourceUnavailable once the pull has lasted longer than it may."""
        if self.left_seconds < 0:
            raise SourceUnavailable(self.spent(place))

    def _wait(self, state: RetryCallState) -> float:
        asked = _postponed(state).wait_seconds
        jitter = float(self._jitter(state))
        return jitter if asked is None else asked + min(jitter, self._limits.first_wait_seconds)

    def _stop(self, state: RetryCallState) -> bool:
        asked = _postponed(state).wait_seconds or 0.0
        return (
            state.attempt_number >= self._limits.attempts
            or self._left <= 0
            or self._limits.budget.is_spent
            or asked > self._limits.longest_wait_seconds
            or time.monotonic() + state.upcoming_sleep > self._deadline
        )

    def _spend(self, state: RetryCallState) -> None:
        self._left -= 1
        self._limits.budget.spend()
        self._log.warning("request_repeated", attempt=state.attempt_number)


def asked_to_wait(retry_after: str | None, date: str | None) -> float | None:
    """Return the seconds that Retry-After asks for; a date is measured from the answer's own date."""
    if not retry_after:
        return None
    if retry_after.strip().isascii() and retry_after.strip().isdigit():
        return float(retry_after.strip()[:12])
    until, since = _instant(retry_after), _instant(date) or clock.now()
    return None if until is None else max(0.0, (until - since).total_seconds())


def _instant(words: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(words or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else None


def _postponed(state: RetryCallState) -> Postponed:
    fault = state.outcome.exception() if state.outcome else None
    assert isinstance(fault, Postponed)  # noqa: S101
    return fault
