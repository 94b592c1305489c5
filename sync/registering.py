"""Keeping the registers: begun, added to, ended, confirmed; one hand at a time, each file written whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import polars as pl
from filelock import FileLock, Timeout

from common import clock
from common.files import private_folder
from quality.identifiers import nhs_number_is_valid
from sharing.choices import Choice
from sharing.errors import RegisterExists, RegisterLost
from sharing.registers import Entry, Register, write_register
from sync.choices import Choices, read_choices, register_key
from sync.errors import RunHoldsLock
from sync.known_numbers import read_numbers
from sync.memory import Memory
from sync.place import Workplace
from sync.register_memory import RegisterMemory, read_as_written, register_path
from sync.resting import resting_flows
from sync.yet_to_tell import yet_to_tell, yet_to_tell_of

LOCK_SECONDS = 10
Change = Callable[[Register, list[str]], Register]


@dataclass(frozen=True)
class Kept:
    """A register after a change: how many rows it changed, and of how many people named anything was sent.

    at_rest: what is to be said of flows that rest, whose recipient has rows of people named.
    """

    register: Register
    changed: int
    known: int
    at_rest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Which:
    """Which register is meant: its kind and its name on this site."""

    choice: Choice
    name: str


OF_THE_FORGOTTEN = Which(Choice.FORGOTTEN, Choice.FORGOTTEN.value)


def declared(place: Workplace) -> dict[Choice, Which]:
    """Return the registers that the assessment asks for, by kind."""
    stops = place.dpia.person_stops
    return {Choice(stop.type): Which(Choice(stop.type), stop.register_file) for stop in stops}


def begin(place: Workplace, which: Which, *, anew: bool = False) -> Register:
    """Return a new, empty register, written down.

    Given:  `anew` begins once more a register that was there before and is lost.
    Errors: RegisterExists; RegisterLost.
    """
    with _one_hand(place):
        path = register_path(place, which.name)
        if path.exists():
            raise RegisterExists(f"register {which.name}")
        if RegisterMemory(place.state).knows(which.name) and not anew:
            raise RegisterLost(f"register {which.name}")
        return _written(place, which, Register(which.choice, clock.today(), register_key(place).mark))


def confirm(place: Workplace, which: Which, *, as_found: bool = False) -> Register:
    """Return the register, confirmed as of today.

    Given:  `as_found` takes it as it is, although it is not as it was last written.
    Errors: RegisterRefused.
    """
    with _one_hand(place):
        found = _read(place, which, as_found=as_found)
        return _written(place, which, replace(found, as_of=clock.today()), found)


def add(place: Workplace, which: Which, names: pl.Series, decision: str = "") -> Kept:
    """Return the register with these people's choice recorded today; whoever stands in it stays as recorded.

    Given:  digests of people in this site (`people_of`), or NHS numbers, as the register's kind asks; the
            reference of the decision that sets an objection aside.
    """
    today = clock.today()
    kept = _changed(
        place,
        which,
        names,
        lambda register, digests: register.with_choices(Entry(one, today, None, decision) for one in digests),
    )
    people = _numbered(place, names) if which.choice.by_number else names
    at_rest = yet_to_tell_of(place, which.choice, people, decided=bool(decision))
    return replace(kept, at_rest=tuple(at_rest))


def record(place: Workplace, which: Which, entry: Entry) -> Register:
    """Return the register with this very row; one that says something else of the person ends with it."""
    with _one_hand(place):
        register = _read(place, which)
        if entry in register.standing:
            return register
        ended = register.without({entry.digest}, entry.recorded_on)
        return _written(place, which, ended.with_choices([entry]), register)


def lift(place: Workplace, which: Which, names: pl.Series) -> Kept:
    """Return the register with these people's choice ended today; what may be shared is sent again."""
    today = clock.today()
    return _changed(place, which, names, lambda register, digests: register.without(set(digests), today))


def people_of(place: Workplace, source: str, references: list[str]) -> pl.Series:
    """Return the digests by which this site knows these people of a source."""
    table = pl.DataFrame({"_person": references}, schema={"_person": pl.String})
    return table.select(pl.lit(source).alias("_source"), "_person").select(place.digest.person()).to_series()


def numbers_of(said: list[str]) -> pl.Series | int:
    """Return the NHS numbers, without their spaces; or the first line (from 1) that holds none."""
    numbers = pl.Series("number", [one.replace(" ", "").replace("-", "") for one in said], dtype=pl.String)
    wrong = pl.select(~nhs_number_is_valid(pl.lit(numbers)).fill_null(value=False)).to_series()
    return wrong.arg_true()[0] + 1 if wrong.any() else numbers


def remembered_choices(place: Workplace) -> Choices:
    """Return every register of the site as it stands, against what is remembered alone."""
    return read_choices(place, place.dpia, {})


def at_rest(place: Workplace) -> list[str]:
    """Return, of flows that rest, how many people their recipients have whom a register stops."""
    if not resting_flows(place.state, place.dpia):
        return []
    return list(yet_to_tell(place, remembered_choices(place)))


def _changed(place: Workplace, which: Which, names: pl.Series, change: Change) -> Kept:
    with _one_hand(place):
        before = _read(place, which)
        digests = register_key(place).digests(names, which.choice).to_list()
        named = list(dict.fromkeys(one.hex() for one in digests))
        after = _written(place, which, change(before, named), before)
    changed = len(set(after.entries) - set(before.entries))
    if which.choice.by_number:
        return Kept(after, changed, 0)
    return Kept(after, changed, _remembered(place, names))


def _numbered(place: Workplace, numbers: pl.Series) -> pl.Series:
    """Return the digests of the people whom a recipient has anything of and who have these NHS numbers."""
    wanted = register_key(place).digests(numbers, Choice.OPT_OUT)
    return read_numbers(place.state).filter(pl.col("number").is_in(wanted.implode()))["person"].unique()


def _remembered(place: Workplace, people: pl.Series) -> int:
    """Return of how many of these people anything is remembered as sent."""
    every = [Memory(outbox.memory_path).people() for outbox in place.outboxes.values()]
    kept = [resting.people for resting in resting_flows(place.state, place.dpia)]
    known = pl.concat([pl.Series("person", [], dtype=pl.UInt64), *every, *kept])
    return len(people.filter(people.is_in(known.implode())))


def _read(place: Workplace, which: Which, *, as_found: bool = False) -> Register:
    return read_as_written(place, which.name, which.choice, register_key(place), as_found=as_found)


def _written(place: Workplace, which: Which, register: Register, *before: Register) -> Register:
    """Write the register; a kill leaves the one before or this one, and both are known."""
    path, memory = register_path(place, which.name), RegisterMemory(place.state)
    private_folder(path.parent)
    memory.expect(which.name, register, *before)
    write_register(path, register)
    memory.expect(which.name, register)
    return register


@contextmanager
def _one_hand(place: Workplace) -> Iterator[None]:
    """Hold the registers while the block runs. Errors: RunHoldsLock, when another verb writes them now."""
    folder = private_folder(place.site.registers)
    lock, taken = FileLock(folder / ".lock", timeout=LOCK_SECONDS), True
    try:
        lock.acquire()
    except Timeout:
        taken = False
    if not taken:
        raise RunHoldsLock("registers")
    try:
        yield
    finally:
        lock.release()
