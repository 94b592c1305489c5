"""Nights on the tiny site beside the model: what a night must do is worked out before it is looked at."""

import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

import sharing
from common import clock
from sync import place, pull
from sync.steps import Watcher
from sync.summary import Summary
from tests.nights import ACCEPTED_BY
from tests.signing_of_sites import forget_signed
from tests.tiny.council import CouncilSide
from tests.tiny.ledger import REKEYED
from tests.tiny.model import SOURCES, Expected, Model, Wanted
from tests.tiny.records import EXPORT_OF, ORDER
from tests.tiny.site import TinySite
from tests.tiny.world import FLOWS

BEST = ("withheld", "held", "unchanged", "released")
NEVER = re.compile(rb"zqno(?:for|why|wkr|det|wor)\w*|77000000\d{4}")
NAMES = re.compile(rb"Zqsur\d+x|Zqstr Road")


_READ: dict[Any, Any] = {}


class Killed(BaseException):
    """The process is gone at this very instant."""


class TinyNights:
    """A site and its model, night after night."""

    def __init__(self, site: TinySite, model: Model) -> None:
        self.site, self.model = site, model
        self.council = CouncilSide(site.folder)
        self.told = dict.fromkeys(FLOWS, 0)
        self.log = b""
        self.agrees = True
        self.count = 0
        self.unfinished: set[date] = set()
        self.spoilt: set[str] = set()
        self.choose: Callable[[], tuple[str, ...]] | None = None

    def night(self, wanted: Wanted | None = None) -> Summary:
        """Run one night, and hold everything it left against the model."""
        wanted = wanted or Wanted()
        expected = self._prepare(wanted)
        self.agrees = False
        before = tree(self.site.folder / "var") if wanted.dry_run else {}
        summary = self._run(wanted)
        self._check_summary(summary, expected)
        self.unfinished |= {clock.today()} if summary.exit_code > 1 else set()
        if wanted.dry_run:
            after = tree(self.site.folder / "var")
            changed = {name for name in before | after if before.get(name) != after.get(name)}
            assert not changed, f"a dry run has changed {sorted(changed)}"
        else:
            self.model.commit(expected)
            self._check_batches()
            self._check_log()
            self.check()
        self.agrees = True
        return summary

    def killed_night(self, wanted: Wanted, step: int | str) -> str:
        """Run a night that is killed at its so-manieth step; return that step, or nothing if it ended before.

        What is on disk at that instant is all that is left, as after SIGKILL.
        """
        expected = self._prepare(wanted)
        self.agrees = False
        spare = self.site.folder.with_name(f"{self.site.folder.name}-killed")
        reached: list[str] = []

        def watch(name: str, _done: int, _of: int) -> None:
            reached.append(name)
            if step in {name, len(reached)}:
                shutil.copytree(self.site.folder, spare)
                raise Killed

        try:
            summary = self._run(wanted, watch)
        except Killed:
            self.unfinished.add(clock.today())
            shutil.rmtree(self.site.folder)
            spare.rename(self.site.folder)
            self._pick_up(expected, reached)
            self._check_batches()
            self.check()
            self.agrees = True
            return reached[-1]
        self._check_summary(summary, expected)
        self.model.commit(expected)
        self._check_batches()
        self.check()
        self.agrees = True
        return ""

    def copy(self, folder: Path) -> "TinyNights":
        """Return the same site and the same model in another folder."""
        other = TinyNights(self.site.copy(folder), deepcopy(self.model))
        other.told, other.log = dict(self.told), self.log
        other.council.names = deepcopy(self.council.names)
        return other

    def settle(self) -> None:
        """Let everything that waits come to its end; then a night on the same exports sends nothing."""
        self.end_what_waits()
        self.idle_night()

    def end_what_waits(self) -> None:
        """Let everything that waits come to its end, and what a brake would hold be let through."""
        self.move_council(here=True)
        while self.model.waiting:
            self.night(Wanted(accept=True))
        self.night(Wanted(accept=True))

    def idle_night(self) -> None:
        """Run a night on exports that are as they were: nothing is sent."""
        idle = self.night()
        assert [flow.state for flow in idle.flows] == ["nothing_sent"] * len(FLOWS)

    def council_loads(self, *, spoilt: bool = False) -> None:
        """Let the council side, wherever it is, answer what has arrived; a spoilt batch it refuses."""
        arrived = [
            flow
            for flow, one in self.model.waiting.items()
            if not (one.loaded or one.refused) and self._landed(flow, one.number)
        ]
        for flow in arrived if spoilt else ():
            batch = self._landed(flow, self.model.waiting[flow].number)
            _spoil(batch)
            self.spoilt.add(batch.name)
        self.site.council_loads()
        for flow in arrived:
            (self.model.refuse if spoilt else self.model.load)(flow)
        self.check()

    def lay_an_old_receipt(self, flow: str) -> None:
        """Let somebody lay the receipt of an earlier batch where the one that is waited for must come."""
        folder = self.site.folder / "var/landing/receipts" / flow
        old = min(folder.glob("*.json"), default=None)
        if old is not None and flow in self.model.waiting:
            shutil.copyfile(old, folder / f"{self.model.waiting[flow].number:08d}.json")

    def assess(self, turns: frozenset[str], *, in_force: bool = True) -> None:
        """Put another version of the assessment in force, or let it expire."""
        self.model.turns, self.model.in_force = turns, in_force
        self.site.assess(turns, 300 if in_force else -1)

    def move_council(self, *, here: bool) -> None:
        """Let the council side work on this machine, or elsewhere and in its own time."""
        self.model.council_here = here
        self.site.council(here=here)

    def _prepare(self, wanted: Wanted) -> Expected:
        world = self.model.world
        self.site.drop(world, wanted.missing)
        entities = [(entity, source) for entity in ORDER for source in SOURCES]
        for entity, source in entities:
            rows = world.tables[source].get(EXPORT_OF[entity], {}).items()
            names = (row["Organisation"] if entity == "organisation" else name for name, row in rows)
            self.council.learn((entity, source, name) for name in names)
        self.council.learn(
            ("referral", "hub", row["Portal"])
            for row in world.tables["community_support"]["referrals"].values()
            if row["Portal"]
        )
        return self.model.expect(wanted)

    def _run(self, wanted: Wanted, watch: Watcher | None = None) -> Summary:
        self.count += 1
        wish: dict[str, Any] = {"since": wanted.since, "full": wanted.full, "dry_run": wanted.dry_run}
        wish |= {"accept_drop": wanted.accept, "accept_growth": wanted.accept, "accept_flagged": ACCEPTED_BY}
        wish |= {"flows": (wanted.flow,)} if wanted.flow else {}
        wish |= {"sources": (wanted.source,)} if wanted.source else {}
        wish |= {"choose": self.choose} if self.choose else {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pull, "partitions_for", lambda _size: wanted.partitions)
            patch.setattr(sharing, "load_dpia", read_once(sharing.load_dpia))
            patch.setattr(place, "load_mapping", read_once(place.load_mapping))
            return self.site.night(watch, **wish)

    # -- after a kill ----------------------------------------------------------------------------------------

    def _pick_up(self, expected: Expected, reached: list[str]) -> None:
        """Let the model go where the killed night had come, as the outbox and the council's books tell."""
        model = self.model
        for flow in FLOWS if model.in_force else ():
            sealed = self._sealed(flow)
            if flow in model.waiting and model.waiting[flow].number not in sealed:
                if model.waiting[flow].number in self._books(flow):
                    model.load(flow)
                model.finish(flow)
            if flow in expected.sent and model.numbers[flow] + 1 in sealed | self._books(flow):
                model.seal(flow, expected)
            if flow in model.waiting and model.waiting[flow].number in self._books(flow):
                model.load(flow)
                if model.waiting[flow].number not in sealed:
                    model.finish(flow)
        if "planned" in reached:
            model.learn(expected)

    def _sealed(self, flow: str) -> set[int]:
        folder = self.site.folder / "var/state/outbox" / flow
        return {int(path.name[:8]) for path in folder.glob("0*")}

    def _books(self, flow: str) -> set[int]:
        """Return the numbers of the flow's batches that the council side has loaded."""
        path = self.site.folder / "var/warehouse.duckdb"
        if not path.exists():
            return set()
        asked = "select sequence from viaduct_batches where flow = ?"
        with closing(duckdb.connect(str(path), read_only=True)) as warehouse:
            return {number for (number,) in warehouse.execute(asked, [flow]).fetchall()}

    def _landed(self, flow: str, number: int) -> Path:
        found = list((self.site.folder / "var/landing" / flow).glob(f"{number:08d}-*/manifest.json"))
        return found[0].parent if found else Path()

    # -- what is left ----------------------------------------------------------------------------------------

    def check(self) -> None:
        """Hold the warehouse against the model, and look for what must be nowhere."""
        holds: set[bytes] = set()
        for flow in FLOWS:
            ledger = self.model.ledgers[flow]
            rows, tombs = self.council.warehouse(flow, ledger.version)
            wanted = {
                key: {n: v for n, v in row.items() if v is not None} for key, row in ledger.rows.items()
            }
            assert rows == wanted, (flow, _differing(rows, wanted))
            assert tombs == ledger.tombs, (flow, tombs ^ ledger.tombs)
            holds |= {str(value).encode() for row in rows.values() for value in row.values()}
        self._check_words(holds)

    def _check_words(self, holds: set[bytes]) -> None:
        """Find no word that never leaves; no name outside the warehouse; none in it but those it shows."""
        shown = {word for value in holds for word in NAMES.findall(value)}
        for path in (self.site.folder / "var").rglob("*"):
            if path.is_file() and "keys" not in path.parts:
                data = path.read_bytes()
                found = {*NEVER.findall(data.lower())}
                words = set(NAMES.findall(data))
                found |= words - shown if path.name == "warehouse.duckdb" else words
                assert not found, (path.relative_to(self.site.folder), found)

    def _check_batches(self) -> None:
        """Hold what has landed since the last look against what the model sends, and its receipt too."""
        for flow in FLOWS:
            names = self.council.batches(flow)
            for name in names[self.told[flow] :]:
                planned = self.model.sealed[flow, int(name[:8])]
                rows, withdrawn = self.council.told(flow, name, planned.version)
                wanted = {
                    key: {n: v for n, v in one.row.items() if v is not None}
                    for key, one in planned.sends.items()
                }
                assert rows == wanted, (flow, _differing(rows, wanted))
                assert withdrawn == planned.withdrawals.keys(), (flow, withdrawn ^ planned.withdrawals.keys())
                assert int(name[:8]) == self.told[flow] + 1
                self.told[flow] += 1
                self.council.check_receipt(flow, name)

    def _check_log(self) -> None:
        """The log verifies, and holds all that it held, in its place."""
        leaves = self.council.log()
        assert leaves.startswith(self.log)
        self.log = leaves

    def _check_summary(self, summary: Summary, expected: Expected) -> None:
        """Hold the exit code and both balances against the model."""
        said = json.loads(json.dumps(summary.to_json()))
        if expected.codes:
            assert summary.exit_code == max(expected.codes), (said["errors"], expected.codes)
        else:
            assert summary.exit_code in {0, 1}, said["errors"]
        for flow in said["flows"]:
            planned = expected.planned[flow["flow"]]
            counted = {
                entity: {name: number for name in (*BEST, "withdrawn") if (number := counts[name])}
                for entity, counts in flow["entities"].items()
            }
            if flow["rekeyed"] and not planned.brake:
                again = sum(why == REKEYED for why in planned.withdrawals.values())
                assert (flow["rekeyed"]["to"], flow["rekeyed"]["rows"]) == (planned.version, again)
            wanted = planned.counts(withdrawn=not planned.brake)
            assert {e: c for e, c in counted.items() if c} == wanted, (flow["flow"], counted, wanted)
        assert {flow["flow"] for flow in said["flows"]} == expected.planned.keys()
        for source in said["sources"]:
            if source["source"] in expected.read:
                self._check_exports(source)

    def _check_exports(self, said: dict[str, Any]) -> None:
        """Rows = read + repeated + furniture + rejected, each as the exports show it."""
        world, source = self.model.world, said["source"]
        for export, counts in said["exports"].items():
            rejected = len(world.nameless.get((source, export), []))
            rows, read = len(world.rows(source, export)), len(world.tables[source][export])
            repeated = rows - read - rejected
            wanted = {"rows": rows, "read": read, "repeated": repeated, "furniture": 0, "rejected": rejected}
            assert counts == wanted, (source, export)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file under the folder with its bytes, but for what a killed night left half written."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    whole = {name: path for name, path in files.items() if not any(part[0] == "." for part in name.parts)}
    whole.pop(Path("state/lock"), None)
    return {str(name): path.read_bytes() for name, path in whole.items()}


def read_once(load: Callable[..., Any]) -> Callable[..., Any]:
    """Return a loader that reads the same declared bytes once: a fifth of a night goes into reading rules."""

    def read(path: Path, **given: Any) -> Any:
        asked = load.__name__, path.read_bytes(), *(tuple(sorted(value)) for value in given.values())
        if asked not in _READ:
            _READ[asked] = load(path, **given)
        found = _READ[asked]
        return found.model_copy(update={"path": path}) if isinstance(found, sharing.Dpia) else found

    return read


def forget_read() -> None:
    """Let go of what `read_once` and the signing keep: versions of the assessment no longer in force."""
    _READ.clear()
    forget_signed()


def _spoil(batch: Path) -> None:
    """Change one byte of one sealed file."""
    path = min(batch.glob("*.age"))
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def _differing(rows: dict[Any, Any], wanted: dict[Any, Any]) -> dict[Any, Any]:
    """Return the records that differ: as they are, and as they should be."""
    keys = sorted(rows.keys() | wanted.keys())
    return {key: (rows.get(key), wanted.get(key)) for key in keys if rows.get(key) != wanted.get(key)}
