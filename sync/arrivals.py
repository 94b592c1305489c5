"""Council side: what has come to the landing zone, when, and whether it was answered; nothing is written."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from common import clock
from common.errors import ViaductError
from config.site import Site
from connectors.landing import Landing
from connectors.landing_errors import BatchNotWhole
from connectors.registry import landing_if_there
from scheduler.near_days import near_day
from scheduler.problems import NOT_LOADED, NOTHING_ARRIVED, REFUSED, Problem
from sealing import keys
from sealing.earlier import verifiers_of_history
from sealing.receipt import open_receipt
from sharing import load_dpia
from sync.access_days import access_days

BATCH = re.compile(r"[^/]+/(\d{8})-(\d{8}T\d{6}Z)-[0-9a-f]{6}")
LOADED = "loaded"


@dataclass(frozen=True)
class Arrival:
    """Of one flow: when its batches were made, the unanswered last ones, and the last answer."""

    flow: str
    last_at: datetime | None
    waiting_since: datetime | None = None
    waiting: int = 0
    last_outcome: str | None = None
    answered_at: datetime | None = None

    def to_json(self) -> dict[str, str | int | None]:
        """Return it as `health --council --json` prints it."""
        return {
            name: clock.stamp(value) if isinstance(value, datetime) else value
            for name, value in vars(self).items()
        }


@dataclass(frozen=True)
class Look:
    """What the council's host sees at one instant; `blind` where an error kept it from looking."""

    arrivals: tuple[Arrival, ...]
    problems: tuple[Problem, ...]
    blind: bool = False


def look_at_arrivals(site: Site, now: datetime) -> Look:
    """Return what has come, and what somebody must act on; that nothing can be looked at is a problem too."""
    try:
        found = arrivals(site)
    except ViaductError as error:
        return Look((), (Problem.met(_as_met(error), now),), blind=True)
    return Look(tuple(found), tuple(problems_of_arrivals(site, found, now)))


def _as_met(error: ViaductError) -> dict[str, Any]:
    """Return the error as a run's summary would tell it: nothing of where it was met, or of what was said."""
    said = {"code": error.code, "exit_code": error.exit_code, "title": error.title}
    return said | {"remedy": error.next_step, "source": None, "flow": None}


def arrivals(site: Site) -> list[Arrival]:
    """Return what has come of each flow that the assessment runs, and of each that has ever come.

    Given:   instants are those of the batches' names, by the clock of the sync side.
    Errors:  those of the landing zone and of the receipt key; ReceiptUnreadable, SignatureRefused.
    """
    with landing_if_there(site.landing) as landing:
        come = set(landing.flows()) if landing is not None else set()
        expected = _active_flows(site)
        return [
            _arrival(site, landing, flow) if landing is not None and flow in come else Arrival(flow, None)
            for flow in sorted(come if expected is None else expected)
        ]


def problems_of_arrivals(site: Site, found: list[Arrival], now: datetime) -> list[Problem]:
    """Return what somebody must act on, the worst first: of what came, and of what lets us see it."""
    told = [problem for arrival in found for problem in _problems(site, arrival, now)]
    told += [one for name, on in access_days(site) for one in near_day(on, f"landing/{name}", now)]
    return sorted(told, key=lambda one: (-one.exit_code, one.key))


def _problems(site: Site, arrival: Arrival, now: datetime) -> Iterator[Problem]:
    settings = site.health
    last_at = arrival.last_at or _declared_at(site)
    if now > last_at + settings.arrive_within:
        yield Problem.of(NOTHING_ARRIVED, last_at, flow=arrival.flow)
    since = arrival.waiting_since
    if since is not None and now > since + settings.load_within:
        yield Problem.of(NOT_LOADED, since, count=arrival.waiting, flow=arrival.flow)
    if arrival.answered_at is not None and arrival.last_outcome != LOADED:
        yield Problem.of(REFUSED, arrival.answered_at, flow=arrival.flow)


def _arrival(site: Site, landing: Landing, flow: str) -> Arrival:
    """Return the flow's; the batches are looked at from the last one back to the first that is answered."""
    stamps, made = [], list(reversed(landing.batches(flow)))
    for batch in made:
        sequence, at = _told_by(batch)
        content = landing.receipt(flow, sequence)
        if content is not None:
            public = site.keys.public
            verifier, before = keys.load_verifier("receipt", public), verifiers_of_history("receipt", public)
            receipt = open_receipt(content, verifier, before)
            outcome, answered = receipt.outcome, datetime.fromisoformat(receipt.at)
            break
        stamps.append(at)
    else:
        outcome, answered = None, None
    last_at = _told_by(made[0])[1] if made else None
    return Arrival(flow, last_at, min(stamps, default=None), len(stamps), outcome, answered)


def _told_by(batch: str) -> tuple[int, datetime]:
    """Return number and instant of a batch, from its name, as `batches` yields them."""
    found = BATCH.fullmatch(batch)
    if found is None:
        raise BatchNotWhole("a batch's name is not FLOW/NNNNNNNN-RUNID.")
    return int(found[1]), datetime.strptime(found[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _active_flows(site: Site) -> set[str] | None:
    """Return the flows that should come; None where the assessment is not here or does not load."""
    with suppress(ViaductError):
        return set(load_dpia(site.dpia, sources=site.known_sources).active_flows)
    return None


def _declared_at(site: Site) -> datetime:
    """Return since when batches could have come: since the site was declared."""
    return datetime.fromtimestamp((site.folder / "site.yaml").stat().st_mtime, UTC)
