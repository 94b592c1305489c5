"""The sample portal in a process of its own, for the demo and for tests."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

from demo.accounts import Account, accounts, as_environment
from demo.words import SOURCES

ROOT = Path(__file__).parent.parent
STOP_SECONDS = 10


class PortalProcess:
    """A running portal; a context manager.

    Given:  a folder as `demo.sample.write_csvs` makes it, read anew whenever a file changes; without one, the
            sample of the seed, which is held in memory and written nowhere.
    Passwords are made for each start and reach the process through its environment.
    """

    sources = SOURCES

    def __init__(
        self, data: Path | None = None, *, seed: int = 2022, port: int = 0, options: tuple[str, ...] = ()
    ) -> None:
        self._accounts = accounts({})
        given = ["--data", str(data)] if data else ["--seed", str(seed)]
        self._command = ["--port", str(port), *given, *options, "--until-stdin-ends"]
        self._process: subprocess.Popen[bytes] | None = None
        self.address = self._control = ""

    def __enter__(self) -> Self:
        environment = {**os.environ, **as_environment(self._accounts), "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(  # noqa: S603 our own module, no shell
            [sys.executable, "-m", "demo.portal", *self._command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            self.close()
            raise RuntimeError("the sample portal did not start")
        ready = json.loads(line)
        self.address, self._control = ready["address"], ready["control"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process, and wait until it is gone."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        self._process = None

    def address_of(self, source: str) -> str:
        """Return the address of one system."""
        return f"{self.address}/{source}/"

    def account(self, source: str) -> tuple[str, str, str, str]:
        """Return organisation, its password, user and password of one system."""
        account: Account = self._accounts[source]
        return account.organisation, account.organisation_password, account.user, account.user_password

    def environment(self) -> dict[str, str]:
        """Return the passwords as the environment variables that the example site refers to."""
        return as_environment(self._accounts)

    def fault(
        self,
        name: str,
        place: str = "",
        source: str = "",
        times: int | None = None,
        *,
        skip: int = 0,
        value: str = "",
    ) -> None:
        """Switch a fault on: at one place or every download, in one system or all, so often or for ever.

        It lets `skip` of them pass first; `value` is what `demo.faults` says of the fault.
        """
        self._tell("fault", name=name, place=place, source=source, times=times, skip=skip, value=value)

    def heal(self) -> None:
        """Switch every fault off."""
        self._tell("heal")

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass for the sessions."""
        self._tell("advance", seconds=seconds)

    def unlock(self) -> None:
        """Release the accounts that failures have locked."""
        self._tell("unlock")

    def audit(self) -> dict[str, list[dict[str, Any]]]:
        """Return who took which extract, by system, as the portal wrote it down."""
        return self._tell("audit")

    def _tell(self, order: str, **told: object) -> dict[str, Any]:
        url = f"{self._control}/{order}"
        request = Request(url, json.dumps(told).encode(), method="POST")  # noqa: S310 loopback
        with build_opener(ProxyHandler({})).open(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        return answer
