"""Connections that can be cut off from outside: whatever drips, answers in time or not at all.

A time-out of a socket measures silence. What sends a byte now and then, in its body, in its headers or while
encryption is being agreed, is never silent; so the time of a whole answer has a watch of its own.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Wire(HTTPAdapter):
    """The connections of one session."""

    def __init__(self) -> None:
        self._open: WeakSet[socket.socket] = WeakSet()
        self._lock, self._spent = threading.Lock(), threading.Event()
        super().__init__()

    @property
    def too_slow(self) -> bool:
        """Return whether the answer that was last begun was cut off."""
        return self._spent.is_set()

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Cut every connection off if what is done here lasts longer than so many seconds."""
        self._spent = threading.Event()
        watch = threading.Timer(max(0.0, seconds), self._cut, [self._spent])
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def watch(self, connection: socket.socket) -> socket.socket:
        """Return the connection, which we can cut from now on; where time is over already it is cut."""
        with self._lock:
            self._open.add(connection)
        if self._spent.is_set():
            self._cut(self._spent)
        return connection

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, of connections that we watch."""
        super().init_poolmanager(*args, **kwargs)
        self._watch_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools for a proxy, of connections that we watch."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        self._watch_pools(manager)
        return manager

    def _watch_pools(self, manager: PoolManager) -> None:
        """Let the pools make our connections: one class each, for urllib3 takes classes, not functions."""
        plain = type("WatchedPlain", (_Watched, HTTPConnection), {"wire": self})
        sealed = type("WatchedSealed", (_Watched, HTTPSConnection), {"wire": self})
        manager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SealedPool", (HTTPSConnectionPool,), {"ConnectionCls": sealed}),
        }

    def _cut(self, spent: threading.Event) -> None:
        spent.set()
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with suppress(OSError):
                # Past the layer of encryption: it would wait for the other side's goodbye.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Watched:
    """A connection that its wire can cut at every moment, also before encryption is agreed."""

    wire: ClassVar[Wire]
    sock: socket.socket | None
    _connecting: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._connecting = self.wire.watch(opened.dup())
        return opened

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
        finally:
            if self._connecting is not None:
                self._connecting.close()
        if self.sock is not None:
            self.wire.watch(self.sock)


class OneStep(requests.Session):
    """A session that does not look at where an answer leads: requests would read its whole body for that."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """Return nowhere; whoever asked decides."""
        return None


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the request without a password that some file of the machine might add."""
    return request
