"""A step that has so many seconds in all: what drips is never silent, so no time-out of a socket ends it."""

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Bounded(Generic[T]):
    """A step in a thread of its own: it has so many seconds, then nobody waits for it any more."""

    seconds: float

    def of(self, step: Callable[[], T]) -> T:
        """Return what the step returns, or raise what it raises. Errors: TimeoutError."""
        found: list[T] = []
        raised: list[Exception] = []

        def work() -> None:
            try:
                found.append(step())
            except Exception as error:  # noqa: BLE001 - carried over to whoever waits
                raised.append(error)

        context = contextvars.copy_context()
        worker = threading.Thread(target=context.run, args=(work,), daemon=True)
        worker.start()
        worker.join(self.seconds)
        if raised:
            raise raised[0]
        if not found:
            raise TimeoutError
        return found[0]
