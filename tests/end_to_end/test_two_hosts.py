"""Two sides as two users of a machine: their own processes, their own keys, one folder where they meet."""

import json
import os
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.test_how_to_commands import told
from tests.nights import NightSite
from tests.other_users import COUNCIL, SYNC, as_user, common_ground, give, python
from tests.tiny.site import TinySite
from tests.tiny.start import settled
from tests.tiny.world import FLOWS, World

OF_COUNCIL = {"council", "receipt"}
NONE_OPENS = 'n=0; for f; do cat "$f" >/dev/null 2>&1 || n=$((n+1)); done; echo "$n stay shut"'


@dataclass
class Hosts:
    """The two sides after their first night, and what the sources hold."""

    python: str
    sync: TinySite
    council: TinySite
    meeting: Path
    world: World

    def come(self, street: int) -> None:
        """Let somebody new come to the hub; the exports belong to the sync side."""
        self.world.arrive("hub", street, agreed=True)
        self.sync.drop(self.world)
        give(self.sync.folder / "drop", SYNC, 0o700)

    def run(self) -> dict[str, Any]:
        """Return what a night of the sync side says."""
        said: dict[str, Any] = self._verb(SYNC, self.sync, "run")
        return said

    def load(self) -> set[tuple[str, str]]:
        """Return what the council side answers."""
        said = self._verb(COUNCIL, self.council, "load")
        return {(one["flow"], one["outcome"]) for one in said}

    def doctor(self, uid: int, site: TinySite) -> tuple[int, list[str]]:
        """Return how the doctor ends, and the code of each line that is not OK."""
        words = (self.python, "run_sync.py", "doctor", "--json", "--site", site.folder)
        said = as_user(uid, *words, folder=site.folder)
        lines = json.loads(said.stdout)["lines"]
        return said.returncode, [line["code"] for line in lines if line["state"] != "OK"]

    def _verb(self, uid: int, site: TinySite, verb: str) -> Any:
        words = (self.python, "run_sync.py", verb, "--json", "--site", site.folder)
        said = as_user(uid, *words, folder=site.folder)
        assert said.returncode in (0, 1), said.stderr
        return json.loads(said.stdout)

    def landed(self) -> dict[str, list[str]]:
        """Return the batches that lie in the meeting place, by flow."""
        return {flow: sorted(path.name[:8] for path in (self.meeting / flow).iterdir()) for flow in FLOWS}


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Yield the settled site parted in two, each half readable by its own user alone."""
    found = python()
    with common_ground() as folder:
        sync, council = (settled().site.copy(folder / name) for name in ("sync", "council"))
        meeting = folder / "meeting"
        shutil.move(sync.folder / "var" / "landing", meeting)
        (meeting / "certificates").mkdir()
        for site, where in ((sync, "elsewhere"), (council, "here")):
            path = site.folder / "site.yaml"
            text = path.read_text(encoding="utf-8").replace("embedded", where)
            path.write_text(f"{text}landing: {meeting.as_posix()}\n", encoding="utf-8")
        for room in ("state", "log", "runs", "landing"):
            shutil.rmtree(council.folder / "var" / room)
        for room in ("drop", "sources", "mappings"):
            shutil.rmtree(council.folder / room)
        (council.folder / "providers.yaml").unlink()
        (sync.folder / "var" / "warehouse.duckdb").unlink()
        for site in (sync, council):
            for key in (site.folder / "var" / "keys").glob("*.key"):
                if (key.stem in OF_COUNCIL) == (site is sync):
                    key.unlink()
        give(sync.folder, SYNC, 0o700)
        give(council.folder, COUNCIL, 0o700)
        for room in meeting.iterdir():
            give(room, SYNC if room.name in FLOWS else COUNCIL, 0o755)
        yield Hosts(found, sync, council, meeting, deepcopy(settled().model.world))


def states(night: dict[str, Any], of: str) -> set[str]:
    return {flow["state"] for flow in night[of]}


def test_each_side_down_for_a_night_in_turn_everything_arrives_once(hosts: Hosts, tmp_path: Path) -> None:
    """What happened while the other was away waits for it; in the end the warehouse is that of a site where
    nobody was ever away, and nothing was sent twice.
    """
    alone = settled().site.copy(tmp_path / "alone")
    hosts.come(77)
    alone.drop(hosts.world)
    assert alone.night().exit_code in (0, 1)
    assert states(hosts.run(), "flows") == {"delivered"}
    # The council side is down: what is new waits at the sync side, and no second batch is begun.
    hosts.come(78)
    assert states(hosts.run(), "earlier_batches") == {"delivered"}
    assert set(map(tuple, hosts.landed().values())) == {("00000001", "00000002")}
    # It is up again, and the sync side is down.
    assert hosts.load() == {(flow, "loaded") for flow in FLOWS}
    night = hosts.run()
    assert (states(night, "earlier_batches"), states(night, "flows")) == ({"remembered"}, {"delivered"})
    assert hosts.load() == {(flow, "loaded") for flow in FLOWS}
    night = hosts.run()
    assert states(night, "earlier_batches") == {"remembered"}
    assert not {flow["batch_id"] for flow in night["flows"]} - {None}
    assert set(map(tuple, hosts.landed().values())) == {("00000001", "00000002", "00000003")}
    load, run = told("two_hosts.md")
    assert (load, run) == (["load"], ["run"])
    alone.drop(hosts.world)
    assert alone.night().exit_code in (0, 1)
    assert NightSite(hosts.council.folder).canonical_rows() == NightSite(alone.folder).canonical_rows()


def test_neither_side_reads_the_other_s_keys_or_does_its_part(hosts: Hosts) -> None:
    """Private keys, exports, memory and warehouse belong to one user each; in the meeting place each writes
    where its own part is. What a side needs of the other's keys is public, and the council's
    doctor is content with it. A batch that the council side may not look at is told, and not taken for one
    that is not there.
    """
    both = ((SYNC, hosts.sync, hosts.council), (COUNCIL, hosts.council, hosts.sync))
    assert hosts.doctor(COUNCIL, hosts.council) == (0, [])
    for uid, own, other in both:
        mine = {path.stem for path in (own.folder / "var" / "keys").glob("*.key")}
        assert mine
        assert (mine & OF_COUNCIL) == (OF_COUNCIL if own is hosts.council else set())
        theirs = [path for path in other.folder.rglob("*") if path.is_file()]
        assert as_user(uid, "sh", "-c", NONE_OPENS, "sh", *theirs).stdout == f"{len(theirs)} stay shut\n"
        assert as_user(uid, "cat", own.folder / "var" / "keys" / f"{min(mine)}.key").returncode == 0
    batch = next((hosts.meeting / FLOWS[0]).iterdir())
    receipt = hosts.meeting / "receipts" / FLOWS[0] / "00000001.json"
    for uid, forbidden in ((COUNCIL, batch / "manifest.json"), (SYNC, receipt)):
        assert as_user(uid, "cat", forbidden).returncode == 0
        assert as_user(uid, "rm", "-f", forbidden).returncode != 0
        assert as_user(uid, "cp", "/dev/null", forbidden).returncode != 0
        assert as_user(uid, "touch", forbidden.with_name("new")).returncode != 0
    batch.chmod(0o700)
    said = as_user(
        COUNCIL,
        hosts.python,
        "run_sync.py",
        "load",
        "--site",
        hosts.council.folder,
        folder=hosts.council.folder,
    )
    assert (said.returncode, "E501" in said.stderr) == (50, True)
    said = as_user(
        SYNC, hosts.python, "run_sync.py", "load", "--site", hosts.sync.folder, folder=hosts.sync.folder
    )
    assert said.returncode == 40, said.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such accounts at all.")
@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
@pytest.mark.parametrize("lacks", ["root", "python"])
def test_where_no_other_user_can_be_tried_a_laptop_skips_and_continuous_integration_fails(
    monkeypatch: pytest.MonkeyPatch, lacks: str, ci: str, outcome: type[BaseException]
) -> None:
    """Neither want of root nor a private Python passes for a proof that was had."""
    told = "root" if lacks == "root" else "private"
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("os.geteuid", lambda: 1000 if lacks == "root" else 0)
    monkeypatch.setattr("tests.other_users._interpreter", lambda: None)
    with pytest.raises((pytest.fail.Exception, pytest.skip.Exception), match=told) as met:
        python()
    assert met.type is outcome
