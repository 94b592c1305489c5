"""SFTP servers for tests: asyncssh's own, with accounts, rights and faults, and Debian's sshd as it comes."""

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import asyncssh
import pytest

from connectors.budget import RunBudget
from connectors.settings import Limits
from connectors.sftp_settings import SftpSettings

OPERATIONS = (
    "open", "close", "read", "write", "lstat", "fstat", "fsync", "mkdir", "remove", "rename", "posix_rename",
)  # fmt: skip
WRITES = ("mkdir", "remove", "rename", "posix_rename")
HOST = "127.0.0.1"


def new_key() -> asyncssh.SSHKey:
    """Return a new key, of the kind that is made fastest."""
    return asyncssh.generate_private_key("ssh-ed25519")


def public(key: asyncssh.SSHKey) -> str:
    """Return the key's public line, as an administrator gives it."""
    return key.export_public_key().decode().strip()


def private(key: asyncssh.SSHKey) -> str:
    """Return the key as ssh-keygen writes it."""
    return key.export_private_key().decode()


def quick(budget: RunBudget | None = None, **more: Any) -> Limits:
    """Return limits under which a test need not wait, however busy the machine is.

    A test of a server that is silent says how long to listen; every other ends when the server has answered.
    """
    said: dict[str, Any] = {"connect_seconds": 60, "read_seconds": 60, "retries_per_run": 8}
    waits = {"first_wait_seconds": 0.001, "longest_wait_seconds": 0.01, "budget": budget or RunBudget()}
    return Limits(**{**said, **waits, **more})


@dataclass
class Behaviour:
    """What the server does wrong, as a test switches it on.

    cut_at:    the number of the request at which the line is cut, before it is done or after.
    refuses:   operations that it says it does not know.
    keeps:     what stays of what is written: all, nothing, or as many other bytes.
    before:    called with operation and account; it may raise an SFTPError, or wait.
    """

    cut_at: int = 0
    cut_after: bool = False
    refuses: frozenset[str] = frozenset()
    keeps: str = "all"
    lists_late: bool = False
    before: Callable[[str, str, tuple[Any, ...]], Any] | None = None
    requests: int = 0
    done: list[str] = field(default_factory=list)
    sign_ins: int = 0


@dataclass
class Account:
    """Who may sign in, by a key or a password, and below which folders of the server they may write."""

    key: asyncssh.SSHKey = field(default_factory=new_key)
    password: str | None = None
    writes: tuple[str, ...] | None = None


class SftpServer:
    """asyncssh's server on loopback, in a thread of its own."""

    def __init__(self, root: Path, accounts: dict[str, Account] | None = None) -> None:
        self.root, self.accounts = root, accounts or {"viaduct": Account()}
        self.host_key, self.does, self.port = new_key(), Behaviour(), 0
        self.other_keys: list[asyncssh.SSHKey] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: Any = None
        root.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def start(self) -> None:
        """Listen, on the port of before if there was one."""
        self._server = self._wait(self._listen())
        self.port = self._server.get_port()

    def stop(self) -> None:
        """Close the door and every line."""
        self._wait(self._close())

    def settings(self, user: str = "viaduct", name: str = "landing", **more: Any) -> SftpSettings:
        """Return what a line to this server is given."""
        account = self.accounts[user]
        by_key = {"client_key": private(account.key)}
        said: dict[str, Any] = {
            "name": name,
            "host": HOST,
            "port": self.port,
            "user": user,
            "folder": "/landing",
            "host_keys": (public(self.host_key),),
            "limits": quick(),
            **({"password": account.password} if account.password else by_key),
        }
        return SftpSettings(**{**said, **more})

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _listen(self) -> Any:
        self._lines: set[Any] = set()
        self.opened: list[Any] = []
        return await asyncssh.listen(
            HOST,
            self.port,
            server_factory=lambda: _Door(self),
            server_host_keys=[self.host_key, *self.other_keys],
            sftp_factory=lambda channel: _Files(self, channel),
            allow_scp=False,
        )

    async def _close(self) -> None:
        self._server.close()
        for line in list(self._lines):
            line.abort()
        await self._server.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for file in self.opened:
            file.close()


class _Door(asyncssh.SSHServer):
    """Lets accounts in by their key or password."""

    def __init__(self, server: SftpServer) -> None:
        self._of = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._line = conn
        self._of._lines.add(conn)

    def connection_lost(self, _: Exception | None) -> None:
        self._of._lines.discard(self._line)

    def begin_auth(self, username: str) -> bool:
        self._of.does.sign_ins += 1
        account = self._of.accounts.get(username)
        if account is not None and account.password is None:
            self._line.set_authorized_keys(asyncssh.import_authorized_keys(public(account.key)))
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        account = self._of.accounts.get(username)
        return account is not None and account.password == password


class _Files(asyncssh.SFTPServer):
    """Serves the server's folder as its root, and does what the test has switched on."""

    def __init__(self, server: SftpServer, channel: Any) -> None:
        super().__init__(channel, chroot=os.fsencode(server.root))
        self._of = server
        self._account = channel.get_extra_info("username")

    async def scandir(self, path: bytes) -> Any:
        await self._met("scandir", (path,))
        if self._of.does.lists_late:
            return
        async for entry in super().scandir(path):
            yield entry

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        if self._of.does.keeps == "nothing":
            return len(data)
        kept = data if self._of.does.keeps == "all" else bytes(len(data))
        return super().write(file_obj, offset, kept)

    async def _met(self, operation: str, of: tuple[Any, ...]) -> None:
        does = self._of.does
        does.requests += 1
        does.done.append(operation)
        if operation in does.refuses:
            raise asyncssh.SFTPOpUnsupported("not here")
        self._hold_to_rights(operation, of)
        if does.before is not None:
            waiting = does.before(operation, self._account, of)
            if waiting is not None:
                await waiting
        if does.requests == does.cut_at and not does.cut_after:
            self._cut()

    def _cut_if_due(self) -> None:
        """Cut the line after a request that was done."""
        if self._of.does.requests == self._of.does.cut_at and self._of.does.cut_after:
            self._cut()

    def _cut(self) -> None:
        self.connection.abort()
        raise asyncssh.SFTPConnectionLost("cut")

    def _hold_to_rights(self, operation: str, of: tuple[Any, ...]) -> None:
        writes = self._of.accounts[self._account].writes
        opens = operation == "open" and of[1] & (asyncssh.FXF_WRITE | asyncssh.FXF_CREAT)
        if writes is None or not (opens or operation in WRITES):
            return
        for path in of[:2] if "rename" in operation else of[:1]:
            if not any(f"{path.decode()}/".startswith(f"{folder}/") for folder in writes):
                raise asyncssh.SFTPPermissionDenied("not yours")


def _counted(operation: str) -> Any:
    async def counted(self: _Files, *of: Any) -> Any:
        await self._met(operation, of)
        kept = _WRITE if operation == "write" else getattr(asyncssh.SFTPServer, operation)
        try:
            said = kept(self, *of)
            if asyncio.iscoroutine(said):
                said = await said
            if operation == "open":
                self._of.opened.append(said)
        finally:
            self._cut_if_due()
        return said

    return counted


_WRITE = _Files.write
for _name in OPERATIONS:
    setattr(_Files, _name, _counted(_name))


def sshd() -> str:
    """Return Debian's sshd; skip where it is not installed, or fail in continuous integration."""
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    lacking = "" if found else "sshd is not here: apt-get install openssh-server"
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(lacking)
    if found is None:
        pytest.skip(lacking)
    return found


@dataclass
class DebianServer:
    """An sshd of this machine on a port of its own, with a key of its own and this account's name."""

    process: "subprocess.Popen[bytes]"
    port: int
    host_key: asyncssh.SSHKey
    client_key: asyncssh.SSHKey

    def settings(self, folder: Path, **more: Any) -> SftpSettings:
        """Return what a line to this server is given; the folder is one of this machine's."""
        said: dict[str, Any] = {
            "name": "landing",
            "host": HOST,
            "port": self.port,
            "user": getpass.getuser(),
            "folder": folder.as_posix(),
            "host_keys": (public(self.host_key),),
            "client_key": private(self.client_key),
            "limits": quick(),
        }
        return SftpSettings(**{**said, **more})


@contextmanager
def debian_server(folder: Path) -> Iterator[DebianServer]:
    """Yield Debian's sshd at work: public keys only, nothing but SFTP."""
    program, host_key, client_key, port = sshd(), new_key(), new_key(), _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    (folder / "host_key").touch(mode=0o600)
    (folder / "host_key").write_text(private(host_key), encoding="ascii")
    (folder / "authorized_keys").write_text(f"{public(client_key)}\n", encoding="ascii")
    said = {
        "Port": port, "ListenAddress": HOST, "HostKey": folder / "host_key", "PidFile": "none",
        "AuthorizedKeysFile": folder / "authorized_keys", "StrictModes": "no", "UsePAM": "no",
        "PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "Subsystem": "sftp internal-sftp", "ForceCommand": "internal-sftp", "AllowTcpForwarding": "no",
        "MaxStartups": "100",
    }  # fmt: skip
    config = folder / "sshd_config"
    config.write_text("".join(f"{key} {value}\n" for key, value in said.items()), encoding="utf-8")
    with (folder / "sshd.log").open("wb") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(config)], stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "sshd.log")
            yield DebianServer(process, port, host_key, client_key)
        finally:
            process.terminate()
            process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail(f"sshd did not start: {log.read_text(encoding='utf-8', errors='replace')[-500:]}")
