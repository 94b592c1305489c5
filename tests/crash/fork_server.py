"""The test's side of the prepared process: verbs started at a gate, let go, waited for."""

from pathlib import Path
from typing import Any

from common import clock
from tests.asked_process import AskedProcess
from tests.crash.forks import BEGAN_AT, UNDISTURBED
from tests.day_clock import morning


class ForkServer(AskedProcess):
    """Starts verbs in forked processes that have imported everything already."""

    def __init__(self, folder: Path) -> None:
        (folder / "native").mkdir(parents=True)
        self.began_at = morning(clock.now())
        """What its clock says when it is asked for; from then on it goes as any other."""
        began = {BEGAN_AT: self.began_at.isoformat()}
        super().__init__("tests.crash.forks", folder / "native", UNDISTURBED | began)

    def start(self, site: Path, *words: str, **request: Any) -> int:
        """Return the process of a verb on the site, waiting at its gate."""
        asked = {"site": str(site), "words": list(words), **request}
        return int(self.ask({"start": asked})["process"])

    def go(self, process: int) -> None:
        """Open the gate."""
        self.ask({"go": process})

    def wait(self, process: int) -> dict[str, Any]:
        """Return what the verb said once it has ended."""
        return self.ask({"wait": process})

    def verb(self, site: Path, *words: str, **request: Any) -> dict[str, Any]:
        """Return what a verb said that nobody disturbs."""
        process = self.start(site, *words, **request)
        self.go(process)
        return self.wait(process)

    def prepare(self, site: Path, modules: list[str]) -> None:
        """Import the modules and read the site's files once, for every verb to come."""
        self.ask({"import": modules, "site": str(site)})
