"""What people and clocks do for a site in a year: pages, keys that change, a log that forgets people.

Each comes at its interval, between two nights; what must be so afterwards is asked from outside.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from audit import standalone
from commands.pages import build_pages
from common import clock
from sealing import rotation
from sealing.keys import facts_of
from tests.tiny.costs import Costs
from tests.tiny.log_people import LogPeople
from tests.tiny.nights import TinyNights
from tests.tiny.world import FLOWS

PAGES_EVERY = 7
# Of each: in which night of the year for the first time, and after how many more again.
NEW_KEYS: dict[str, tuple[int, int]] = {
    "pseudonym-early_help": (40, 150), "signing": (75, 140), "pseudonym-commissioning": (110, 150),
    "council": (145, 140),
}  # fmt: skip
OVERLAP, SECRETS_KEPT, STATEMENTS_KEPT = timedelta(days=30), timedelta(days=45), timedelta(days=40)
LOG_BYTES_OF_A_RUN = 8_000


class Upkeep:
    """The site of some nights; `done` counts what was done."""

    def __init__(self, nights: TinyNights) -> None:
        self.nights = nights
        self.done: Counter[str] = Counter()
        self.changed_on: dict[str, date] = {}

    @property
    def var(self) -> Path:
        """Return where the program keeps what is its own."""
        return self.nights.site.folder / "var"

    def by_day(self, number: int) -> None:
        """Do what falls on the day after this night of the year."""
        if number % PAGES_EVERY == 0:
            self.write_pages()
        for role, (first, again) in NEW_KEYS.items():
            if number >= first and (number - first) % again == 0:
                self.change_key(role)

    def write_pages(self) -> None:
        """Let the pages be built: no name is in any of them, and no run that is kept is left out."""
        written = build_pages(self.nights.site.read())
        assert all(path.stat().st_size for path in written)
        self.nights.check()
        self.done["pages"] += 1

    def change_key(self, role: str) -> None:
        """Make the next version of a key."""
        keys = self.nights.site.read().keys
        if role == "signing":
            rotation.rotate_signature(role, keys.private, keys.public)
        elif role == "council":
            rotation.rotate_recipient(keys.private, keys.public)
        else:
            self.nights.model.versions[role.partition("-")[2]] = rotation.rotate(role, keys.private)
            self.changed_on[role] = clock.today()
        self.done[f"new key {role}"] += 1

    # -- once all is settled ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at keys, log and sizes after a run that came to its end with nothing left to wait for."""
        self._look_at_keys()
        wrong = [*LogPeople.of(self.var).wrong(clock.today() - SECRETS_KEPT, self.nights.unfinished)]
        assert not wrong, wrong
        self._look_at_statements()
        self._verify_alone()

    def _look_at_keys(self) -> None:
        """Find each flow named by its latest key, and the one before for its overlap and no longer."""
        keys = self.nights.site.read().keys
        for flow in FLOWS:
            role = f"pseudonym-{flow}"
            latest = facts_of(role, keys.private, keys.public).version
            assert self.nights.model.ledgers[flow].version == latest == self.nights.model.versions[flow]
            kept = rotation.retired_versions(role, keys.private)
            changed = self.changed_on.get(role)
            young = changed is not None and clock.today() < changed + OVERLAP
            assert kept == ([latest - 1] if young else []), (role, kept, changed)

    def _look_at_statements(self) -> None:
        """Find three files for each run that the log tells of, and none of a run whose time is up."""
        leaves = [json.loads(line) for line in (self.var / "log/leaves.jsonl").read_bytes().splitlines()]
        since = f"{clock.now() - STATEMENTS_KEPT:%Y%m%dT%H%M%SZ}"
        logged = {leaf["run"] for leaf in leaves if leaf["run"] >= since}
        stated = {path.name for path in (self.var / "statements").iterdir()}
        wanted = {f"{run}{ending}" for run in logged for ending in (".txt", ".html", ".json")}
        assert stated == wanted, (sorted(stated - wanted), sorted(wanted - stated))

    def _verify_alone(self) -> None:
        """Let the verifier that needs no Viaduct go through log, manifests, receipts and what is sealed.

        It is shown what landed without the files of batches that were spoilt on the way, which it refuses.
        """
        public = self.nights.site.read().keys.public
        with TemporaryDirectory(dir=self.nights.site.folder.parent) as folder:
            landing = shutil.copytree(self.var / "landing", Path(folder, "landing"), ignore=self._spoilt)
            words = [str(self.var / "log"), "--keys", str(public), "--landing", str(landing)]
            script = [sys.executable, "-I", standalone.__file__ or ""]
            done = subprocess.run([*script, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _spoilt(self, folder: str, names: list[str]) -> list[str]:
        spoilt = Path(folder).name in self.nights.spoilt
        return [name for name in names if spoilt and name.endswith(".age")]

    def idle_night(self) -> None:
        """See that a night in which nothing happens leaves no byte but its own lines of the log."""
        before = Costs.of(self.var)
        self.nights.idle_night()
        after = Costs.of(self.var)
        for room in sorted(after.bytes.keys() | before.bytes.keys()):
            more = after.bytes[room] - before.bytes[room]
            if room == "log":
                assert more <= LOG_BYTES_OF_A_RUN, (room, more)
            elif room.split("/")[0] in {"state", "keys", "landing", "log"}:
                assert more <= 0, (room, more)
        self.done["idle nights"] += 1
