"""The model of a site: what has been sent, what waits, what is known, and what the next night must do.

Written from design.md; it imports nothing of the program, and only `tests.tiny` knows it.
"""

from dataclasses import dataclass, field, replace
from datetime import date

from tests.tiny.asked import released, takes_part
from tests.tiny.danger import Danger, Known, danger
from tests.tiny.ledger import Asked, Brake, Ledger, Planned
from tests.tiny.records import Key, Night
from tests.tiny.verdicts import Verdict, verdicts
from tests.tiny.world import EXPORTS, FLOWS, World

SOURCES = tuple(EXPORTS)


@dataclass(frozen=True)
class Wanted:
    """What is asked of one night, and what stands in its way."""

    missing: frozenset[str] = frozenset()
    since: date | None = None
    full: bool = False
    accept: bool = False
    partitions: int = 1
    dry_run: bool = False
    flow: str = ""
    source: str = ""

    @property
    def sources(self) -> frozenset[str]:
        """Return the sources that are asked and there."""
        return (frozenset({self.source}) if self.source else frozenset(SOURCES)) - self.missing


@dataclass(frozen=True)
class Waiting:
    """A sealed batch that is not remembered yet."""

    planned: Planned
    number: int
    loaded: bool = False
    refused: bool = False


@dataclass
class Expected:
    """What one night must do: sources read, plans, batches sent, exit codes that it has a reason for."""

    read: set[str] = field(default_factory=set)
    planned: dict[str, Planned] = field(default_factory=dict)
    sent: dict[str, Planned] = field(default_factory=dict)
    codes: set[int] = field(default_factory=set)
    danger: Danger | None = None


@dataclass
class Model:
    """The state of the model between two nights."""

    world: World
    ledgers: dict[str, Ledger] = field(default_factory=lambda: dict.fromkeys(FLOWS, Ledger()))
    waiting: dict[str, Waiting] = field(default_factory=dict)
    sealed: dict[tuple[str, int], Planned] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FLOWS, 0))
    known: dict[str, Known] = field(default_factory=dict)
    pulled: dict[str, dict[str, int]] = field(default_factory=dict)
    turns: frozenset[str] = frozenset()
    in_force: bool = True
    council_here: bool = True
    versions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FLOWS, 1))
    """The latest version of each flow's key: a night that reads all the flow's sources changes to it."""

    def expect(self, wanted: Wanted) -> Expected:
        """Return what the night must do."""
        if not self.in_force:
            return Expected(codes={11})
        expected = Expected(self._readable(wanted))
        expected.codes |= {20} if wanted.missing else set()
        expected.codes |= {23} if wanted.sources - expected.read else set()
        expected.danger = danger(self.world, expected.read, self.known, let_go=wanted.accept)
        night = Night(self.world, expected.read, expected.danger, self.turns)
        for flow in FLOWS:
            ledger = self._after_waiting(flow, expected, wanted)
            if ledger is not None and wanted.flow in {"", flow}:
                said = _in_window(night, verdicts(night, flow), wanted)
                asked = self._with_key(flow, _asked(night, flow, wanted), ledger)
                planned = ledger.plan(said, asked, released(flow, self.turns))
                expected.planned[flow] = planned
        expected.sent = {flow: one for flow, one in expected.planned.items() if one.something}
        braked = {flow for flow, one in expected.planned.items() if one.brake}
        expected.codes |= {23} if braked else set()
        for flow in braked & expected.sent.keys():
            del expected.sent[flow]
        return expected

    def _with_key(self, flow: str, asked: Asked, ledger: Ledger) -> Asked:
        whole = asked.sources <= asked.read and not asked.part_only
        return replace(asked, version=self.versions[flow] if whole else ledger.version)

    def _after_waiting(self, flow: str, expected: Expected, wanted: Wanted) -> Ledger | None:
        """Return the ledger once what is waiting has been finished; None if the flow must go on waiting."""
        one, ledger = self.waiting.get(flow), self.ledgers[flow]
        if one is None:
            return ledger
        if wanted.dry_run or not (one.loaded or one.refused or self.council_here):
            return None
        if one.refused:
            expected.codes.add(51)
            return None
        return (ledger if one.loaded else ledger.loaded(one.planned)).remembered(one.planned)

    def _readable(self, wanted: Wanted) -> set[str]:
        """Return the sources that are there and whose exports do not differ too much from last time."""
        brake, read = Brake(), set()
        for source in wanted.sources:
            before = self.pulled.get(source, {})
            changes = [(was, len(self.world.rows(source, name)) - was) for name, was in before.items()]
            braked = any(brake.drops(was, -more) or brake.grows(was, more) for was, more in changes)
            if wanted.accept or not braked:
                read.add(source)
        return read

    # -- going on --------------------------------------------------------------------------------------------

    def commit(self, expected: Expected) -> None:
        """Go where a night that came to its end went."""
        if not self.in_force:
            return
        for flow in FLOWS:
            self.finish(flow)
        for flow in expected.sent:
            self.seal(flow, expected)
            self.finish(flow)
        self.learn(expected)
        for source in expected.read:
            self.pulled[source] = {name: len(self.world.rows(source, name)) for name in EXPORTS[source]}

    def seal(self, flow: str, expected: Expected) -> None:
        """A batch exists: from here on exactly it is sent."""
        self.numbers[flow] += 1
        self.sealed[flow, self.numbers[flow]] = expected.sent[flow]
        self.waiting[flow] = Waiting(expected.sent[flow], self.numbers[flow])

    def load(self, flow: str) -> None:
        """The council side has loaded what waits."""
        one = self.waiting[flow]
        if not one.loaded:
            self.waiting[flow] = replace(one, loaded=True)
            self.ledgers[flow] = self.ledgers[flow].loaded(one.planned)

    def refuse(self, flow: str) -> None:
        """The council side has refused what waits."""
        self.waiting[flow] = replace(self.waiting[flow], refused=True)

    def finish(self, flow: str) -> None:
        """Take what waits as far as it will go: loaded and remembered, or refused and forgotten."""
        if flow in self.waiting and self.council_here and not self.waiting[flow].refused:
            self.load(flow)
        one = self.waiting.get(flow)
        if one is not None and (one.loaded or one.refused):
            if one.loaded:
                self.ledgers[flow] = self.ledgers[flow].remembered(one.planned)
            del self.waiting[flow]

    def learn(self, expected: Expected) -> None:
        """Remember who is in danger, before anything of the night is shown to anybody."""
        assert expected.danger is not None
        self.known = dict(expected.danger.remembered)


def _asked(night: Night, flow: str, wanted: Wanted) -> Asked:
    merged = {
        (entity, source, name.strip())
        for (source, _), row in night.people.items()
        for name in row["Merged"].split(";")
        for entity in ("person", "address")
    }
    return Asked(
        read=frozenset(night.read),
        sources=frozenset(source for source in SOURCES if takes_part(flow, source, night.turns)),
        part_only=wanted.since is not None,
        merged=frozenset(merged),
        full=wanted.full,
        accept=wanted.accept,
    )


def _in_window(night: Night, verdicts: dict[Key, Verdict], wanted: Wanted) -> dict[Key, Verdict]:
    """Return the verdicts on whole people who were referred since that day, and on what is nobody's."""
    if wanted.since is None:
        return verdicts
    people = {case.owner for case in night.cases.values() if case.received and case.received >= wanted.since}
    owners = {key: key[1:] if key[0] == "person" else night.owner(key, row) for key, row in night.records()}
    return {key: verdict for key, verdict in verdicts.items() if owners[key] is None or owners[key] in people}
