"""One line to one SFTP server: proven before it is used, every silence bounded, opened anew when it was cut.

The server must hold one of the keys that the site names. No known_hosts file, agent, configuration or default
key of the account that runs us is ever looked at.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import asyncssh
from asyncssh.public_key import get_default_public_key_algs

from common import ending
from connectors.patience import Later, Patience
from connectors.sftp_errors import SftpKeyUnusable
from connectors.sftp_settings import SftpSettings
from connectors.sftp_told import Faults, NoRoad, TookTooLong, told
from connectors.sftp_words import Words

T = TypeVar("T")
# While nothing is asked nobody answers the server's own questions: after so long it may have hung up.
LONGEST_REST_SECONDS = 20.0
CLOSING_SECONDS = 5.0
RSA = ["rsa-sha2-512", "rsa-sha2-256"]
SHA_1 = "ssh-rsa"

asyncssh.set_log_level("CRITICAL")


class SftpLine:
    """A line that is opened when it is first used."""

    def __init__(self, settings: SftpSettings, faults: Faults) -> None:
        self._settings, self._faults = settings, faults
        self._patience = Patience(settings.name, settings.limits)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._words: Words | None = None
        self._used_at = 0.0

    def ask(self, work: Callable[[Words], Awaitable[T]]) -> T:
        """Return what the work comes to; it is done again from its start when the line was cut.

        Errors: HostKeyDiffers, SftpKeyUnusable, the faults this line was given; OSError of our own files.
        """
        return self._patience.repeat(lambda: self._once(work), self._settings.place)

    def close(self) -> None:
        """Hang up; asking again opens the line anew."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        self._hang_up(loop)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    def _once(self, work: Callable[[Words], Awaitable[T]]) -> T:
        """Return what the work comes to at one try. Errors: Later, if another may go better."""
        loop = self._loop = self._loop or _loop()
        if time.monotonic() - self._used_at > LONGEST_REST_SECONDS:
            self._hang_up(loop)
        try:
            return loop.run_until_complete(self._bounded(work))
        except (asyncssh.Error, OSError) as error:
            met = told(error, self._faults)
            if met is None:
                raise
        finally:
            self._used_at = time.monotonic()
            ending.go_on()
        self._hang_up(loop)
        if met.later:
            raise Later(met.fault, met.note)
        raise met.fault(f"{self._settings.place}: {met.note}")

    async def _bounded(self, work: Callable[[Words], Awaitable[T]]) -> T:
        longest, left = self._settings.limits.answer_seconds, self._left
        try:
            async with asyncio.timeout(min(longest, left)) as whole:
                if self._words is None:
                    self._words = await self._sign_in()
                return await work(self._words)
        except TimeoutError:
            if longest > left or not whole.expired():
                raise
        raise TookTooLong

    @property
    def _left(self) -> float:
        return max(0.01, self._patience.left_seconds)

    async def _sign_in(self) -> Words:
        settings = self._settings
        host_keys = [self._public(line) for line in settings.host_keys]
        key = self._private(settings.client_key) if settings.client_key else None
        try:
            self._connection = await asyncssh.connect(
                settings.host,
                settings.port,
                username=settings.user,
                known_hosts=(host_keys, [], []),
                server_host_key_algs=_algorithms(host_keys),
                client_keys=[key] if key else None,
                password=settings.password,
                preferred_auth=["publickey"] if key else ["password", "keyboard-interactive"],
                config=[],
                agent_path=None,
                gss_host=None,
                x509_trusted_certs=None,
                compression_algs=None,
                kex_algs="-*sha1*,gss-*,rsa*",
                mac_algs="-*sha1*,umac-64*",
                signature_algs="-ssh-rsa",
                connect_timeout=settings.limits.connect_seconds,
                login_timeout=settings.limits.connect_seconds,
            )
        except OSError as error:
            raise NoRoad(type(error).__name__) from None
        async with asyncio.timeout(settings.limits.read_seconds):
            client = await self._connection.start_sftp_client(path_errors="surrogateescape")
        return Words(client, settings.limits.read_seconds)

    def _public(self, line: str) -> asyncssh.SSHKey:
        with suppress(asyncssh.KeyImportError, ValueError):
            return asyncssh.import_public_key(line)
        raise SftpKeyUnusable(f"{self._settings.name}, host_keys.")

    def _private(self, text: str) -> asyncssh.SSHKey:
        with suppress(asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
            return asyncssh.import_private_key(f"{text}\n")
        raise SftpKeyUnusable(f"{self._settings.name}, client_key.")

    def _hang_up(self, loop: asyncio.AbstractEventLoop) -> None:
        connection, self._connection, self._words = self._connection, None, None
        if connection is not None:
            connection.abort()
            loop.run_until_complete(_closed(connection.wait_closed()))


def _loop() -> asyncio.AbstractEventLoop:
    """Return a loop that ends when this process is asked to, and prints nothing of what it meets."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, _: loop.stop() if ending.asked() else None)
    return loop


def _algorithms(keys: list[asyncssh.SSHKey]) -> list[str]:
    """Return how the server may prove that it holds one of the keys, the best first; never by SHA-1.

    Other kinds come last, so that a server with none of the keys shows what it has and it is we who refuse.
    Asked for ours alone it hangs up, as one does that is busy, and we would try again.
    """
    ours = [alg for key in keys for alg in _algorithms_of(key.get_algorithm())]
    others = [alg.decode() for alg in get_default_public_key_algs()]
    return list(dict.fromkeys([*ours, *(alg for alg in others if alg != SHA_1)]))


def _algorithms_of(kind: str) -> list[str]:
    return RSA if kind == SHA_1 else [kind]


async def _closed(closing: Coroutine[Any, Any, None]) -> None:
    with suppress(asyncssh.Error, OSError):
        await asyncio.wait_for(closing, CLOSING_SECONDS)
