"""Whose rows of a pseudonymised flow are: told to the party whose own people they are, and to nobody else.

The memory knows of each released key its source and the keyed digest of its person. Which reference that is,
only the source's own export says: so it is pulled, as for a dry run, and nothing of it is kept.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from audit.errors import ReidentificationRefused
from audit.reidentification import Asking
from common import clock
from config.site import Site
from connectors.budget import RunBudget
from sealing.keys import load_verifier
from sharing import Dpia
from sync.memory import EXPIRED, Memory
from sync.outbox import Outbox
from sync.place import Workplace, prepare
from sync.pull import Asked, gather_sources
from sync.rotation import profile_of
from sync.run_names import new_run_id
from sync.sign_off import require_signed_next
from sync.steps import Steps, Watcher
from sync.summary import Summary

NOT_THERE = "the recipient has no such row"
ABOUT_NOBODY = "a row about nobody"
NOT_THEIRS = "a row of another party's person"
NOT_SHOWN = "the source no longer shows this person"
APPROVER = "approver-"


@dataclass(frozen=True)
class Told:
    """The answer for one key: the source and the reference in it, or why there is none."""

    key: str
    source: str | None = None
    reference: str | None = field(default=None, repr=False)
    why_not: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as `audit reidentify --json` prints it."""
        return dict(vars(self))


def reidentify(
    site: Site, asking: Asking, watcher: Watcher | None = None
) -> tuple[list[Told], dict[str, Any]]:
    """Return the answers, and the leaf that was logged before they are shown.

    Errors: ReidentificationRefused (exit 30), once logged; DpiaNotInForce; DpiaNotSigned; KeyUnusable;
            RunHoldsLock; those of the sources and of the log.
    """
    with prepare(site, dry_run=True) as place:
        dpia = place.dpia_in_force()
        require_signed_next(site, dpia)
        trusted = partial(load_verifier, public=site.keys.public)
        refused = _not_allowed(dpia, asking) + asking.objections(lambda name: trusted(f"{APPROVER}{name}"))
        told = (
            [] if refused else _look_up(place, dpia, asking, Steps(watcher, site.limits.run_minutes * 60.0))
        )
        given = sum(1 for one in told if one.reference is not None)
        leaf = asking.leaf(new_run_id(), given, refused=bool(refused))
        place.log.append_once(leaf.identity, [leaf])
    if refused:
        raise ReidentificationRefused("\n".join(f"{why}." for why in refused))
    return told, leaf.model_dump(mode="json") | {"salt": asking.salt.hex()}


def may_ask(dpia: Dpia, flow: str) -> frozenset[str]:
    """Return the parties that the flow's own profile lets ask; nobody of a flow that there is not."""
    profile = profile_of(dpia, flow) if any(one.id == flow for one in dpia.flows) else None
    return frozenset(profile.reidentify.allowed_to if profile and profile.reidentify else ())


def _not_allowed(dpia: Dpia, asking: Asking) -> list[str]:
    """Return why the assessment does not let this party ask; nothing if it does."""
    flow, party = asking.question.flow, asking.question.asked_by
    if party in may_ask(dpia, flow):
        return []
    return [f"flow {flow}: the assessment does not let {party} ask (pseudonyms, reidentify.allowedTo)"]


def _look_up(place: Workplace, dpia: Dpia, asking: Asking, steps: Steps) -> list[Told]:
    question = asking.question
    outbox = Outbox(place.site.var / "state", question.flow)
    rows = Memory(outbox.memory_path).find(question.released_keys).filter(pl.col("batch") != EXPIRED)
    known = {bytes(row["key"]).hex(): row for row in rows.iter_rows(named=True)}
    theirs = {row["source"] for row in known.values() if dpia.provider_of(row["source"]) == question.asked_by}
    people = [row["person"] for row in known.values() if row["source"] in theirs]
    names = _names(place, theirs, pl.Series(people, dtype=pl.UInt64), steps)
    return [_answer(key, known.get(key), theirs, names) for key in question.keys]


def _names(
    place: Workplace, sources: set[str], people: pl.Series, steps: Steps
) -> dict[tuple[str, int], str]:
    """Return the references of these people, by the source and the person's digest."""
    if not sources:
        return {}
    place.budget = RunBudget(place.site.limits.retries, steps.ends_at)
    summary = Summary(place.run_id, clock.now(), sample=place.sample, dry_run=True, accepted=[])
    gathered = gather_sources(place, Asked(tuple(sorted(sources)), True, True, whole=True), steps, summary)
    for told in summary.sources:
        if told.error is not None:
            raise told.error
    return {
        (source, person): reference
        for source, part in gathered.items()
        for table in part.notes.names
        for person, reference in table.filter(pl.col("person").is_in(people.implode())).iter_rows()
    }


def _answer(
    key: str, row: dict[str, Any] | None, theirs: set[str], names: dict[tuple[str, int], str]
) -> Told:
    if row is None:
        return Told(key, why_not=NOT_THERE)
    if row["person"] is None:
        return Told(key, why_not=ABOUT_NOBODY)
    if row["source"] not in theirs:
        return Told(key, why_not=NOT_THEIRS)
    reference = names.get((row["source"], row["person"]))
    if reference is None:
        return Told(key, row["source"], why_not=NOT_SHOWN)
    return Told(key, row["source"], reference)
