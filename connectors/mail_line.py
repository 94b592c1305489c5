"""A line to a mail server that is cut when its time is over, whatever drips on it.

A time-out of a socket measures silence. Who answers a byte now and then, or agrees on encryption for ever,
is never silent: the line as a whole has a watch of its own, and whoever waits on it is let go.
"""

import smtplib
import socket
import threading
from contextlib import suppress
from typing import Any


class MailLine(smtplib.SMTP):
    """A line to one server. Given: the seconds of one silence, and those of all that is said on the line.

    Errors: as smtplib's; whoever is on the line when its time is over meets its end as an OSError or as
            SMTPServerDisconnected, and `too_slow` says why.
    """

    def __init__(self, host: str, port: int, silence_seconds: float, in_all_seconds: float) -> None:
        self._held: socket.socket | None = None
        self._lock, self._over = threading.Lock(), threading.Event()
        self._watch = threading.Timer(in_all_seconds, self._cut)
        self._watch.daemon = True
        self._watch.start()
        try:
            super().__init__(host, port, timeout=silence_seconds)
        except BaseException:
            self.close()
            raise

    @property
    def too_slow(self) -> bool:
        """Return whether the line was cut."""
        return self._over.is_set()

    def close(self) -> None:
        """Let go of the line and of its watch."""
        self._watch.cancel()
        super().close()
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            held.close()

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        """Return the connection; we hold on to it, for encryption takes it out of our hands."""
        opened: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        with self._lock:
            self._held = opened.dup()
        if self._over.is_set():
            self._cut()
        return opened

    def _cut(self) -> None:
        self._over.set()
        with self._lock, suppress(OSError):
            if self._held is not None:
                self._held.shutdown(socket.SHUT_RDWR)
