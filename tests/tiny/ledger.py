"""What a flow has sent, what the council holds of it, what a night changes: design.md's Fates, modelled."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tests.tiny.records import ORDER, Key, Shared
from tests.tiny.verdicts import HELD, PERMITTED, WITHHELD, Verdict

RELEASED, UNCHANGED, REKEYED = "released", "unchanged", "rekeyed"
Sent = dict[Key, Verdict]


@dataclass(frozen=True)
class Brake:
    """How much change is usual."""

    drop_percent: int = 30
    growth_percent: int = 60
    at_least: int = 4

    def drops(self, before: int, lost: int) -> bool:
        """Return whether losing so many of so many is unusual."""
        return lost > max(self.at_least, before * self.drop_percent / 100) or lost > before / 2 >= 2.5

    def grows(self, before: int, new: int) -> bool:
        """Return whether so many new ones beside so many are unusual."""
        return new > max(self.at_least, before * self.growth_percent / 100)


@dataclass(frozen=True)
class Asked:
    """What a night looks at: the sources read whole, whether at a part of them only, who has merged.

    sources: those that the flow asks for under the assessment in force.
    version: of the key by which the flow's records are to be named from tonight on.
    """

    read: frozenset[str]
    sources: frozenset[str]
    part_only: bool = False
    merged: frozenset[Key] = frozenset()
    full: bool = False
    accept: bool = False
    version: int = 1


@dataclass(frozen=True)
class Planned:
    """What a night will do: what is sent and withdrawn, every record's fate, and what is remembered then."""

    sends: Sent
    withdrawals: dict[Key, str]
    fates: dict[Key, str]
    after: Sent
    columns: dict[str, frozenset[str]]
    narrows: bool = False
    brake: str = ""
    version: int = 1
    """Of the key by which its rows are named. What it withdraws by another is a key of before (`was`)."""

    @property
    def something(self) -> bool:
        """Return whether there is anything to send: rows, withdrawals, columns to empty, other terms."""
        return bool(self.sends or self.withdrawals or self.narrows)

    def counts(self, *, withdrawn: bool = True) -> dict[str, Counter[str]]:
        """Return, per entity, how many records had which fate, and how many were withdrawn."""
        counted: dict[str, Counter[str]] = {}
        for key, fate in self.fates.items():
            counted.setdefault(key[0], Counter())[HELD if self.brake and fate == RELEASED else fate] += 1
        for key in self.withdrawals if withdrawn else ():
            counted.setdefault(key[0], Counter())["withdrawn"] += 1
        return counted


@dataclass(frozen=True)
class Ledger:
    """What was sent and received; what the warehouse holds: rows, and tombstones of what was withdrawn.

    entities: of which kinds of record the council was last told how long they are kept.
    version: of the key by which the rows are named.
    """

    sent: Sent = field(default_factory=dict)
    rows: dict[Key, Shared] = field(default_factory=dict)
    tombs: frozenset[Key] = frozenset()
    ever: bool = False
    entities: frozenset[str] = frozenset()
    version: int = 1

    def plan(self, verdicts: dict[Key, Verdict], asked: Asked, columns: dict[str, frozenset[str]]) -> Planned:
        """Return what a night does with these verdicts; under a new key it is as if nothing had been sent."""
        if asked.version != self.version:
            return self._under_a_new_key(verdicts, asked, columns)
        fates, sends, after, withdrawals = self._settled(verdicts, asked)
        for key in self.sent.keys() - verdicts.keys():
            if key[0] not in columns or key[1] not in asked.sources:
                withdrawals[key] = WITHHELD
            elif key[1] in asked.read and not asked.part_only:
                withdrawals[key] = "merged" if key in asked.merged else "vanished"
            else:
                after[key] = _emptied(self.sent[key], columns[key[0]])
        narrows = any(
            one.emptied and not self.sent[key].emptied for key, one in after.items() if key in self.sent
        )
        narrows |= self.ever and self.entities != columns.keys()
        planned = Planned(sends, withdrawals, fates, after, columns, narrows, version=self.version)
        return replace(planned, brake=self._brake(planned, asked))

    def _under_a_new_key(
        self, verdicts: dict[Key, Verdict], asked: Asked, columns: dict[str, frozenset[str]]
    ) -> Planned:
        """Return what a first night would do, and the withdrawal of every row by its key of before."""
        fates, sends, after, _ = replace(self, sent={})._settled(verdicts, asked)
        withdrawals = {was(key, self.version): REKEYED for key in self.sent.keys() & verdicts.keys()}
        for key in self.sent.keys() - verdicts.keys():
            known = key[0] in columns and key[1] in asked.sources
            gone = "merged" if key in asked.merged else "vanished"
            withdrawals[was(key, self.version)] = gone if known else WITHHELD
        narrows = self.ever and self.entities != columns.keys()
        planned = Planned(sends, withdrawals, fates, after, columns, narrows, version=asked.version)
        return replace(planned, brake=self._brake(planned, asked))

    def _settled(
        self, verdicts: dict[Key, Verdict], asked: Asked
    ) -> tuple[dict[Key, str], Sent, Sent, dict[Key, str]]:
        fates: dict[Key, str] = {}
        sends: Sent = {}
        after: Sent = {}
        withdrawals: dict[Key, str] = {}
        for key in sorted(verdicts, key=lambda each: ORDER.index(each[0])):
            verdict, before = verdicts[key], self.sent.get(key)
            waits = any(fates.get(one) == HELD and one not in self.sent for one in verdict.parents)
            fate = HELD if verdict.fate == PERMITTED and waits else verdict.fate
            if fate == PERMITTED:
                same = before is not None and _seen(before) == _seen(verdict) and not asked.full
                fate = UNCHANGED if same else RELEASED
                after[key] = verdict
                if not same:
                    sends[key] = verdict
            elif fate == HELD and before is not None and before.shown <= verdict.shown:
                after[key] = before
            elif before is not None:
                withdrawals[key] = "narrowed" if fate == HELD else WITHHELD
            fates[key] = fate
        return fates, sends, after, withdrawals

    def _brake(self, planned: Planned, asked: Asked) -> str:
        brake = Brake()
        before = Counter(key[1] for key in self.sent)
        gone = Counter(key[1] for key, why in planned.withdrawals.items() if why == "vanished")
        if any(brake.drops(before[source], lost) for source, lost in gone.items()) and not asked.accept:
            return "drop"
        new = len(planned.sends.keys() - self.sent.keys())
        if (brake.grows(len(self.sent), new) or (not self.ever and new)) and not asked.accept:
            return "growth"
        return ""

    def loaded(self, planned: Planned) -> "Ledger":
        """Return the ledger once the council has loaded the batch: withdrawals, rows, what is blanked."""
        if planned.version != self.version:
            old = {key: was(key, self.version) for key in self.rows.keys() | self.tombs}
            rows = {old[key]: row for key, row in self.rows.items()}
            tombs = frozenset(old[key] for key in self.tombs)
            renamed = replace(self, rows=rows, tombs=tombs, version=planned.version)
            return renamed.loaded(planned)
        rows = {key: row for key, row in self.rows.items() if key not in planned.withdrawals}
        rows |= {key: verdict.row for key, verdict in planned.sends.items()}
        rows = {key: _only(row, planned.columns.get(key[0], row.keys())) for key, row in rows.items()}
        tombs = (self.tombs | planned.withdrawals.keys()) - planned.sends.keys()
        return replace(self, rows=rows, tombs=tombs)

    def remembered(self, planned: Planned) -> "Ledger":
        """Return the ledger once the receipt is there."""
        return replace(self, sent=planned.after, ever=True, entities=frozenset(planned.columns))


def was(key: Key, version: int) -> Key:
    """Return what stands for a record by a key of before: nobody else's name, and still of its source."""
    entity, source, name = key
    return key if "/" in name else (entity, source, f"{name}/{version}")


def _seen(verdict: Verdict) -> tuple[frozenset[str], Shared, bool]:
    """Return all by which a record differs for its recipient: which columns are shown, and what they hold.

    Of a record whose columns were emptied while nobody could look at it, it is not known.
    """
    return verdict.shown, verdict.row, verdict.emptied


def _emptied(verdict: Verdict, columns: frozenset[str]) -> Verdict:
    """Return what stands of a record that nobody looked at, once columns are no longer released."""
    if verdict.shown <= columns:
        return verdict
    return replace(verdict, shown=verdict.shown & columns, row=_only(verdict.row, columns), emptied=True)


def _only(row: Shared, kept: Iterable[str]) -> Shared:
    return {name: value for name, value in row.items() if name in kept}
