"""Keeping the registers: begun, added to, ended, confirmed; one hand at a time, each file written whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import polars as pl
from filelock import FileLock, Timeout

from common import clock
from common.files import private_folder
from sharing.choices import Choice
from sharing.document import PersonStop
from sharing.errors import RegisterExists
from sharing.registers import Entry, Register, read_register, write_register
from sync.choices import Standing, read_choices, register_key, register_path
from sync.errors import RunHoldsLock
from sync.memory import Memory
from sync.place import Workplace

LOCK_SECONDS = 10


@dataclass(frozen=True)
class Kept:
    """A register after a change: how many rows it changed, and of how many people named anything was sent."""

    register: Register
    changed: int
    known: int


def stop_named(place: Workplace, choice: Choice) -> PersonStop | None:
    """Return what the assessment says of the register of this kind; None if it asks for none."""
    return next((stop for stop in place.dpia.person_stops if stop.type == choice), None)


def begin(place: Workplace, stop: PersonStop) -> Register:
    """Return a new, empty register, written down. Errors: RegisterExists."""
    with _one_hand(place):
        path = register_path(place, stop.register_file)
        if path.exists():
            raise RegisterExists(f"register {stop.register_file}")
        return _written(place, stop, Register(Choice(stop.type), clock.today(), register_key(place).mark))


def confirm(place: Workplace, stop: PersonStop) -> Register:
    """Return the register, confirmed as of today. Errors: RegisterRefused."""
    with _one_hand(place):
        return _written(place, stop, replace(_read(place, stop), as_of=clock.today()))


def add(place: Workplace, stop: PersonStop, names: pl.Series, decision: str = "") -> Kept:
    """Return the register with these people's choice recorded today; whoever stands in it stays as recorded.

    Given:  digests of people in this site (`people_of`), or NHS numbers, as the register's kind asks; the
            reference of the decision that sets an objection aside.
    """
    today = clock.today()

    def recorded(register: Register, digest: str) -> Register:
        return register.with_choice(Entry(digest, today, decision=decision))

    return _changed(place, stop, names, recorded)


def lift(place: Workplace, stop: PersonStop, names: pl.Series) -> Kept:
    """Return the register with these people's choice ended today; what may be shared is sent again."""
    today = clock.today()
    return _changed(place, stop, names, lambda register, digest: register.without(digest, today))


def people_of(place: Workplace, source: str, references: list[str]) -> pl.Series:
    """Return the digests by which this site knows these people of a source."""
    table = pl.DataFrame({"_person": references}, schema={"_person": pl.String})
    return table.select(pl.lit(source).alias("_source"), "_person").select(place.digest.person()).to_series()


def standings(place: Workplace) -> tuple[Standing, ...]:
    """Return every register of the site as it stands, against what is remembered alone."""
    return read_choices(place, place.dpia, {}).standings


def _changed(
    place: Workplace, stop: PersonStop, names: pl.Series, change: Callable[[Register, str], Register]
) -> Kept:
    choice, changed = Choice(stop.type), 0
    with _one_hand(place):
        register = _read(place, stop)
        for digest in register_key(place).digests(names, choice).to_list():
            after = change(register, digest.hex())
            changed += after != register
            register = after
        _written(place, stop, register)
    return Kept(register, changed, 0 if choice.by_number else _remembered(place, names))


def _remembered(place: Workplace, people: pl.Series) -> int:
    """Return of how many of these people anything is remembered as sent."""
    every = [Memory(outbox.memory_path).people() for outbox in place.outboxes.values()]
    known = pl.concat([pl.Series("person", [], dtype=pl.UInt64), *every])
    return len(people.filter(people.is_in(known.implode())))


def _read(place: Workplace, stop: PersonStop) -> Register:
    path = register_path(place, stop.register_file)
    return read_register(path, Choice(stop.type), register_key(place).mark, clock.today())


def _written(place: Workplace, stop: PersonStop, register: Register) -> Register:
    path = register_path(place, stop.register_file)
    private_folder(path.parent)
    write_register(path, register)
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
