"""The sample API in a process of its own, for tests and for trying a site by hand."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

from demo.api_keys import ApiKeys, api_keys, as_environment
from demo.words import SOURCES

ROOT = Path(__file__).parent.parent
STOP_SECONDS = 10


class ApiProcess:
    """A running API; a context manager. Given: as `demo.portal_process.PortalProcess`.

    Keys are made for each start and reach the process through its environment.
    """

    sources = SOURCES

    def __init__(self, data: Path | None = None, *, seed: int = 2022, port: int = 0) -> None:
        self._keys = api_keys({})
        given = ["--data", str(data)] if data else ["--seed", str(seed)]
        self._command = ["--port", str(port), *given, "--until-stdin-ends"]
        self._process: subprocess.Popen[bytes] | None = None
        self.address = self._control = ""

    def __enter__(self) -> Self:
        environment = {**os.environ, **self.environment(), "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(  # noqa: S603 our own module, no shell
            [sys.executable, "-m", "demo.api", *self._command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            self.close()
            raise RuntimeError("the sample API did not start")
        ready = json.loads(line)
        self.address, self._control = ready["address"], ready["control"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process, and wait until it is gone."""
        process, self._process = self._process, None
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

    def keys(self, source: str) -> ApiKeys:
        """Return the keys of one system."""
        return self._keys[source]

    def environment(self) -> dict[str, str]:
        """Return the keys as the environment variables that the example site refers to."""
        return as_environment(self._keys)

    def fault(
        self, name: str, place: str = "", source: str = "", times: int | None = None, about: str = ""
    ) -> None:
        """Switch a fault on: at one list or every one, in one system or all, so often or for ever."""
        self._tell("fault", name=name, place=place, source=source, times=times, about=about)

    def heal(self) -> None:
        """Switch every fault off, and make the first keys good again."""
        self._tell("heal")

    def asked(self) -> list[str]:
        """Return every request that came, method and address, in order."""
        found: list[str] = self._tell("asked")["asked"]
        return found

    def forget(self) -> None:
        """Forget the requests that came."""
        self._tell("forget")

    def _tell(self, order: str, **told: object) -> dict[str, Any]:
        url = f"{self._control}/{order}"
        request = Request(url, json.dumps(told).encode(), method="POST")  # noqa: S310 loopback
        with build_opener(ProxyHandler({})).open(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        return answer
