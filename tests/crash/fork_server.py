"""The test's side of the prepared process: verbs started at a gate, let go, waited for."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.crash.forks import UNDISTURBED

ROOT = Path(__file__).absolute().parents[2]


class ForkServer:
    """Starts verbs in forked processes that have imported everything already."""

    def __init__(self, folder: Path) -> None:
        (folder / "native").mkdir(parents=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.forks", str(folder / "native")],
            cwd=ROOT,
            env=os.environ | UNDISTURBED,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(self, site: Path, *words: str, **request: Any) -> int:
        """Return the process of a verb on the site, waiting at its gate."""
        asked = {"site": str(site), "words": list(words), **request}
        return int(self._ask({"start": asked})["process"])

    def go(self, process: int) -> None:
        """Open the gate."""
        self._ask({"go": process})

    def wait(self, process: int) -> dict[str, Any]:
        """Return what the verb said once it has ended."""
        return self._ask({"wait": process})

    def verb(self, site: Path, *words: str, **request: Any) -> dict[str, Any]:
        """Return what a verb said that nobody disturbs."""
        process = self.start(site, *words, **request)
        self.go(process)
        return self.wait(process)

    def prepare(self, site: Path, modules: list[str]) -> None:
        """Import the modules and read the site's files once, for every verb to come."""
        self._ask({"import": modules, "site": str(site)})

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))
