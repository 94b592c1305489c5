"""Forgetting somebody at their request: kept out, withdrawn in the next run, unlinkable in the log.

What is to be done is written down first, whole; a kill at any moment leaves it to be finished by the next
run, or the next time somebody is forgotten. Who was told is kept until it has been given (sync.who_was_told).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from common import clock
from common.files import fsync_folder, write_atomic
from sharing import Dpia
from sharing.choices import Choice
from sharing.errors import ErasureDoesNotApply, ErasureMustWait
from sharing.registers import Entry, read_register
from sync.choices import forgotten_path, register_key
from sync.digests import packed
from sync.errors import RecipientOutOfReach
from sync.known_numbers import drop_numbers
from sync.linking.table import drop_link
from sync.memory import Memory
from sync.outbox import as_json, read_json
from sync.place import Workplace
from sync.reach import reach
from sync.registering import OF_THE_FORGOTTEN, begin, people_of, record
from sync.resting import resting_flows, unfinished
from sync.who_was_told import NotGiven, Told, keep, not_given, who_was_told


class Reason(StrEnum):
    """Why somebody is forgotten: the grounds of UK GDPR Art. 17(1)."""

    NO_LONGER_NEEDED = "no_longer_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTED = "objected"
    UNLAWFUL = "unlawful"
    LEGAL_OBLIGATION = "legal_obligation"


class Approver(StrEnum):
    """On whose word: an office, never a name."""

    DPO = "dpo"
    CALDICOTT_GUARDIAN = "caldicott_guardian"
    SIRO = "siro"
    CONTROLLER = "controller"


@dataclass(frozen=True)
class Erasure:
    """What is to be forgotten, and what of it cannot be.

    kept_in:   flows on a ground that erasure does not reach, with the provision.
    flows:     the flows that withdraw what is remembered in them and send nothing more.
    known:     whether anything was ever sent of them; already: whether they are forgotten as it is.
    told:      every batch that told of them, while it can be said; not_given: what an erasure that is done
               has kept to be given, if anything.
    """

    person: bytes = field(repr=False)
    secret: bool = False
    known: bool = False
    already: bool = False
    told: tuple[Told, ...] = ()
    flows: tuple[str, ...] = ()
    kept_in: dict[str, str] = field(default_factory=dict)
    not_given: NotGiven | None = None

    @property
    def destroys(self) -> bool:
        """Return whether the log secret goes, or went: only where no flow goes on telling of them."""
        if self.not_given is not None:
            return self.not_given.secret == "destroyed"  # noqa: S105 (it says what became of one)
        return self.secret and not self.kept_in


def look_up(place: Workplace, source: str, reference: str) -> Erasure:
    """Return what forgetting this person would do, or what an erasure kept to be given. Nothing is changed.

    Errors: ErasureDoesNotApply, where every flow rests on a ground that erasure does not reach;
            ErasureMustWait, while a recipient that no run can tell still has rows of the person.
    """
    who = people_of(place, source, [reference])
    person = packed(who)[0]
    if (kept_back := not_given(place, person)) is not None:
        return _done(place, kept_back)
    feeds = {flow: place.dpia for flow in place.dpia.active_flows if source in place.dpia.flow(flow).sources}
    feeds |= _resting(place, who)
    kept = {flow: why for flow, dpia in feeds.items() if (why := _kept_by(dpia, flow, source))}
    if feeds and len(kept) == len(feeds):
        raise ErasureDoesNotApply("\n".join(f"flow {flow}: {why}" for flow, why in kept.items()))
    secret = place.log_secrets.find(person)
    active = [flow for flow in feeds if flow in place.outboxes]
    remembered = len(active) < len(feeds) or any(_remembers(place, flow, who[0]) for flow in active)
    return Erasure(
        person=person,
        secret=secret is not None,
        known=secret is not None or remembered,
        already=_stands(place, person, kept),
        told=tuple(who_was_told(place, secret)) if secret is not None else (),
        flows=tuple(flow for flow in feeds if flow not in kept),
        kept_in=kept,
    )


def forget(place: Workplace, erasure: Erasure, reason: Reason, approver: Approver) -> NotGiven | None:
    """Keep the person out from now on, log that somebody was forgotten, and destroy their log secret.

    Given:   a workplace that holds the lock of the run.
    Returns: who was told, to be given now; nothing where an erasure was done and has given it before.
    Errors:  ErasureMustWait, while a batch is sealed of which the log does not tell yet.
    """
    if erasure.not_given is not None:
        finish_forgetting(place)
        return erasure.not_given
    waiting = [batch for outbox in place.outboxes.values() for batch in outbox.waiting()]
    unlogged = [batch.id for batch in waiting if not batch.has("logged")]
    if unlogged:
        raise ErasureMustWait(f"batch {', '.join(unlogged)}", sent="Nobody was forgotten.")
    finished = finish_forgetting(place)
    if erasure.already or finished == erasure.person:
        if erasure.destroys:
            place.log_secrets.destroy(erasure.person)
        return not_given(place, erasure.person)
    leaf = {
        "kind": "forgotten",
        "identity": f"forgotten:{place.run_id}",
        "run": place.run_id,
        "at": clock.stamp(clock.now()),
        "reason": reason.value,
        "approver": approver.value,
        "flows": list(erasure.flows),
        "kept_in": sorted(erasure.kept_in),
        "secret": "destroyed" if erasure.destroys else "kept" if erasure.secret else "none",
    }
    digest = register_key(place).digests(_named(erasure.person), Choice.FORGOTTEN)[0]
    todo = {
        "leaf": leaf,
        "person": erasure.person.hex(),
        "digest": digest.hex(),
        "recorded_on": clock.today().isoformat(),
        "decision": _decision(erasure.kept_in),
        "told": [vars(one) for one in erasure.told],
        "kept_in": erasure.kept_in,
    }
    write_atomic(_pending(place), as_json(todo))
    finish_forgetting(place)
    return not_given(place, erasure.person)


def finish_forgetting(place: Workplace) -> bytes | None:
    """Do what was written down to be done, each step repeatable; return of whom, if there was anything."""
    path = _pending(place)
    if not path.exists():
        return None
    todo = _with_told(place, read_json(path))
    if not forgotten_path(place).exists():
        begin(place, OF_THE_FORGOTTEN)
    day = date.fromisoformat(todo["recorded_on"])
    record(place, OF_THE_FORGOTTEN, Entry(todo["digest"], day, None, todo["decision"]))
    place.log.append_once(todo["leaf"]["identity"], [todo["leaf"]])
    keep(place, todo)
    person = bytes.fromhex(todo["person"])
    if todo["leaf"]["secret"] == "destroyed":  # noqa: S105 (it says what became of one)
        place.log_secrets.destroy(person)
    if not todo["leaf"]["kept_in"]:
        drop_numbers(place.state, int.from_bytes(person, "little"))
        drop_link(place.state, int.from_bytes(person, "little"), place.memory_key)
    path.unlink()
    fsync_folder(path.parent)
    return person


def destroy_again(place: Workplace, forgotten: pl.Series) -> None:
    """Destroy the log secrets of these people if a backup that was put back has brought them again.

    Given: digests of people who are forgotten everywhere.
    """
    if forgotten.is_empty():
        return
    for person in packed(forgotten.rechunk()).to_list():
        if place.log_secrets.find(person) is not None:
            place.log_secrets.destroy(person)


def _pending(place: Workplace) -> Path:
    return place.site.var / "state" / "forgetting.json"


def _with_told(place: Workplace, todo: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be done with who was told; an earlier version did not write that down."""
    if "told" in todo:
        return todo
    secret = place.log_secrets.find(bytes.fromhex(todo["person"]))
    told = [vars(one) for one in who_was_told(place, secret)] if secret is not None else []
    return todo | {"told": told, "kept_in": dict.fromkeys(todo["leaf"]["kept_in"], "a ground of Art. 17(3)")}


def _done(place: Workplace, kept: NotGiven) -> Erasure:
    """Return an erasure that is done, all but that it has not been given who was told."""
    return Erasure(
        person=kept.person,
        secret=place.log_secrets.find(kept.person) is not None,
        known=True,
        already=True,
        told=kept.told,
        flows=kept.flows,
        kept_in=kept.kept_in,
        not_given=kept,
    )


def _resting(place: Workplace, who: pl.Series) -> dict[str, Dpia]:
    """Return the flows that rest and have rows of the person, each with the version that speaks for it.

    Errors: ErasureMustWait, naming those whose recipient no run can tell, and those with a batch on its way.
    """
    found: dict[str, Dpia] = {}
    waiting = [f"{flow} is not active, and a sealed batch of it waits." for flow in unfinished(place)]
    for resting in resting_flows(place.state, place.dpia):
        if resting.holds(who):
            try:
                found[resting.flow] = reach(place, resting.flow).dpia
            except RecipientOutOfReach as error:
                has = f"{resting}, its recipient still has rows of this person, and no run can tell it"
                waiting.append(f"{has}: {'; '.join(error.places)}")
    if waiting:
        raise ErasureMustWait("\n".join(waiting), sent="Nobody was forgotten.")
    return found


def _named(person: bytes) -> pl.Series:
    return pl.Series("person", [int.from_bytes(person, "little")], dtype=pl.UInt64)


def _kept_by(dpia: Dpia, flow: str, source: str) -> str:
    """Return the provision on which the source's controller shares, if erasure does not reach it; else ''."""
    exempt, controller = dpia.rights.erasure.except_where, dpia.provider_of(source)
    named = dpia.flow(flow).basis
    own = [basis for basis in dpia.legal_bases if basis.id in named and basis.party == controller]
    kept = [basis for basis in own if basis.article6 in exempt]
    return f"{kept[0].provision} ({kept[0].article6})" if kept else ""


def _stands(place: Workplace, person: bytes, kept: dict[str, str]) -> bool:
    """Return whether the person is in the register of the forgotten, to the same effect."""
    if not forgotten_path(place).exists():
        return False
    key = register_key(place)
    register = read_register(forgotten_path(place), Choice.FORGOTTEN, key.mark, clock.today())
    digest = key.digests(_named(person), Choice.FORGOTTEN)[0].hex()
    return any((one.digest, one.decision) == (digest, _decision(kept)) for one in register.standing)


def _decision(kept: Iterable[str]) -> str:
    return "/".join(["kept", *sorted(kept)]) if kept else ""


def _remembers(place: Workplace, flow: str, person: int) -> bool:
    return bool((Memory(place.outboxes[flow].memory_path).people() == person).any())
