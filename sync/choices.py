"""People's choices as one run finds them: each register read, its age asked, its people found.

A register that is missing, wrong or too old withholds everybody whom it governs, so that what was sent is
withdrawn; or holds them, where the assessment says so. Choices known to stand withdraw either way.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from common.errors import ViaductError
from sealing import keys
from sharing import Dpia
from sharing.choices import Choice
from sharing.document import PersonStop
from sharing.errors import RegisterRefused, RegisterStale
from sharing.registers import Entry, Register, RegisterKey
from sync.absorbed import keep_pairs, read_pairs, with_absorbed
from sync.known_numbers import keep_numbers, people_at_recipients, read_numbers, with_kept
from sync.memory import Memory
from sync.numbers import NUMBERED
from sync.people import SourceNotes
from sync.place import Workplace
from sync.register_memory import read_as_written, register_path
from sync.resting import resting_flows
from sync.standing import FoundBy, Standing, digests_of, governed, standing_of, stops_of
from sync.stops import Stops

NOBODY = pl.Series("person", [], dtype=pl.UInt64)
HELD = "Nothing about the people it governs is sent until then; what was sent before stays as it was."
TAKEN_BACK = (
    "Nothing about the people it governs is sent until then, and what was sent of them before is withdrawn."
)


@dataclass(frozen=True)
class Choices:
    """Every register of the site as one run finds it.

    numbered: DataFrame[person, number], by which opt-outs find people: of tonight's exports, and as kept of
              those who are at a recipient.
    """

    place: Workplace = field(repr=False)
    dpia: Dpia = field(repr=False)
    standings: tuple[Standing, ...] = ()
    key: RegisterKey | None = field(default=None, repr=False)
    numbered: pl.DataFrame = field(default_factory=NUMBERED.clone, repr=False)

    @property
    def errors(self) -> list[ViaductError]:
        """Return why registers cannot be relied on, for the operator."""
        return [standing.problem for standing in self.standings if standing.problem]

    def unsure_of(self, flow: str) -> bool:
        """Return whether a register that governs the flow cannot be relied on tonight."""
        return any(standing.problem and flow in standing.flows for standing in self.standings)

    @property
    def forgotten(self) -> pl.Series:
        """Return the digests of people who are forgotten everywhere: nothing new is remembered of them."""
        whole = [
            standing.known.filter(pl.col("digest").is_in(digests_of(_wholly(standing)).implode()))["person"]
            for standing in self.standings
            if standing.choice is Choice.FORGOTTEN and not standing.known.is_empty()
        ]
        return pl.concat([NOBODY, *whole])

    def keep_absorbed(self) -> None:
        """Remember whose record has absorbed that of somebody whose choice stands."""
        registers = [standing.register for standing in self.standings]
        sure = all(register is not None for register in registers)
        stand = pl.concat([digests_of(()), *(digests_of(one.standing) for one in registers if one)])
        found = [(standing.known, standing.own) for standing in self.standings]
        keep_pairs(self.place.state, found, stand if sure else None)

    def keep_numbers(self, drafts: Iterable[Path]) -> None:
        """Remember by which NHS numbers an opt-out finds whoever is at a recipient, or will be tonight.

        Given: where the memories of tonight's batches lie. Errors: StateUnreadable.
        """
        asked = not self.numbered.is_empty()
        there = people_at_recipients(self.place, drafts) if asked else NOBODY
        keep_numbers(self.place.state, self.numbered, there.filter(~there.is_in(self.forgotten.implode())))

    def stops(self, flow: str) -> Stops:
        """Return whom the choices keep out of the flow."""
        found_by = FoundBy(self.place.digest, self.key, self.numbered)
        return stops_of(self.dpia, flow, self.standings, found_by)


def read_choices(place: Workplace, dpia: Dpia, notes: Mapping[str, SourceNotes]) -> Choices:
    """Return the site's registers, each read and its people found among tonight's and the remembered.

    Errors: KeyUnusable, where there is a register and no key to read it by.
    """
    forgotten = forgotten_path(place)
    if not dpia.person_stops and not forgotten.exists() and not _logged_as_forgotten(place):
        return Choices(place, dpia)
    key = register_key(place)
    standings = [_of_stop(place, dpia, stop, key) for stop in dpia.person_stops]
    if forgotten.exists() or _logged_as_forgotten(place):
        standings.append(_of_forgotten(place, dpia, key))
    people = _everybody(place, notes) if any(_names_people(standing) for standing in standings) else None
    pairs = read_pairs(place.state)
    known = tuple(_with_known(standing, people, notes, key, pairs) for standing in standings)
    return Choices(place, dpia, known, key, _numbered(place, dpia, notes))


def register_key(place: Workplace) -> RegisterKey:
    """Return the key of the site's registers: the role `choices`, bound to the digest of its people."""
    secret = keys.load_secret("choices", place.site.keys.private)
    said = b"viaduct registers\x1f" + place.digest.seed.to_bytes(8, "big")
    return RegisterKey(hmac.digest(secret, said, "sha256").hex().encode())


def opt_out_key(place: Workplace, dpia: Dpia | None = None) -> RegisterKey | None:
    """Return the registers' key, if any flow asks for the national data opt-out, or rests and may have asked.

    Errors: KeyUnusable; StateUnreadable.
    """
    said = dpia or place.dpia
    stops = [stop for stop in said.person_stops if Choice(stop.type).by_number]
    asked = any(governed(said, stop) for stop in stops)
    return register_key(place) if asked or (stops and resting_flows(place.state, said)) else None


def forgotten_path(place: Workplace) -> Path:
    """Return where the site keeps whom it has forgotten."""
    return register_path(place, Choice.FORGOTTEN)


def _of_stop(place: Workplace, dpia: Dpia, stop: PersonStop, key: RegisterKey) -> Standing:
    sent = HELD if stop.on_stale == "HOLD" else TAKEN_BACK
    register, problem = _read(place, stop.register_file, Choice(stop.type), key, sent)
    standing = standing_of(dpia, stop, register, problem=problem)
    if standing.age_days is None or stop.max_age_days is None or standing.age_days <= stop.max_age_days:
        return standing
    age = f"confirmed {standing.age_days} days ago, allowed are {stop.max_age_days}"
    return _with(standing, problem=RegisterStale(f"register {standing.name}: {age}.", sent=sent))


def _of_forgotten(place: Workplace, dpia: Dpia, key: RegisterKey) -> Standing:
    """Return the register of the forgotten; it only holds: whoever stands in it was withdrawn when put in."""
    name = Choice.FORGOTTEN.value
    register, problem = _read(place, name, Choice.FORGOTTEN, key, HELD)
    logged = _logged_as_forgotten(place)
    if register is not None and len(register.entries) < logged:
        where = f"register {name}: the disclosure log knows {logged} people who were forgotten, "
        problem = RegisterStale(f"{where}the register {len(register.entries)}.", sent=HELD)
    return Standing(Choice.FORGOTTEN, name, tuple(dpia.active_flows), register=register, problem=problem)


def _read(
    place: Workplace, name: str, choice: Choice, key: RegisterKey, sent: str
) -> tuple[Register | None, ViaductError | None]:
    try:
        return read_as_written(place, name, choice, key), None
    except RegisterRefused as refused:
        refused.sent = sent
        return None, refused


def _logged_as_forgotten(place: Workplace) -> int:
    return place.logged("forgotten")


def _numbered(place: Workplace, dpia: Dpia, notes: Mapping[str, SourceNotes]) -> pl.DataFrame:
    """Return tonight's NHS numbers with those that are kept, as digests; none where nobody asks for them."""
    if opt_out_key(place, dpia) is None:
        return NUMBERED
    tonight = pl.concat([NUMBERED, *[part for note in notes.values() for part in note.numbers.parts]])
    return with_kept(tonight, read_numbers(place.state))


def _names_people(standing: Standing) -> bool:
    return bool(standing.register and standing.register.standing and not standing.choice.by_number)


def _everybody(place: Workplace, notes: Mapping[str, SourceNotes]) -> pl.Series:
    """Return the digests of everybody known: from tonight's exports, every memory, and merged records."""
    tonight = [part["person"] for note in notes.values() for part in note.names]
    lost = [part["lost"].alias("person") for note in notes.values() for part in note.absorbed]
    remembered = [Memory(outbox.memory_path).people() for outbox in place.outboxes.values()]
    kept = [resting.people for resting in resting_flows(place.state, place.dpia)]
    return pl.concat([NOBODY, *tonight, *lost, *remembered, *kept]).drop_nulls().unique()


def _with_known(
    standing: Standing,
    people: pl.Series | None,
    notes: Mapping[str, SourceNotes],
    key: RegisterKey,
    pairs: pl.DataFrame,
) -> Standing:
    if people is None or standing.register is None or not _names_people(standing):
        return standing
    digests = key.digests(people, standing.choice).alias("digest")
    everybody = pl.DataFrame({"person": people, "digest": digests})
    wanted = digests_of(standing.register.standing)
    found = everybody.filter(pl.col("digest").is_in(wanted.implode()))
    lost = pairs.filter(pl.col("chose").is_in(wanted.implode()))
    known = _with_survivors(with_absorbed(found, everybody, lost), notes)
    own = everybody.join(known.select("person").unique(), on="person", how="semi")
    return _with(standing, known=known, own=own)


def _with_survivors(found: pl.DataFrame, notes: Mapping[str, SourceNotes]) -> pl.DataFrame:
    """Return the people with those whose record has absorbed theirs: it is the same person."""
    absorbed = [part for note in notes.values() for part in note.absorbed]
    while absorbed:
        pairs = pl.concat(absorbed).select("lost", "person")
        survivors = pairs.join(found, left_on="lost", right_on="person").select("person", "digest")
        losers = pairs.join(found, on="person").select(pl.col("lost").alias("person"), "digest")
        more = pl.concat([survivors, losers]).join(found, on=["person", "digest"], how="anti")
        if more.is_empty():
            break
        found = pl.concat([found, more.unique()])
    return found


def _wholly(standing: Standing) -> tuple[Entry, ...]:
    entries = standing.register.standing if standing.register else ()
    return tuple(entry for entry in entries if not entry.decision)


def _with(standing: Standing, **changes: Any) -> Standing:
    return Standing(**(vars(standing) | changes))
