"""Which problems are news to whom: pure decisions over what was told before; nothing is sent here.

Each way to somebody (a group and mail or webhook) has its own memory, so that one that fails is made good by
itself and the other is not told twice.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.alerts import AlertSettings, Told
from scheduler.problems import ALERT_NOT_SENT, Problem
from scheduler.who_acts import Actor

IT = "it"
GOVERNANCE = "governance"
MAIL = "mail"
WEBHOOK = "webhook"


@dataclass(frozen=True)
class Known:
    """A problem that somebody was told of: codes, names of sources and flows, instants."""

    key: str
    code: str
    exit_code: int
    place: str
    since: datetime
    told_at: datetime


@dataclass(frozen=True)
class News:
    """What somebody is to be told: what has begun, what lasts still, what is over."""

    begun: tuple[Problem, ...] = ()
    lasting: tuple[Problem, ...] = ()
    over: tuple[Known, ...] = ()
    again: Mapping[str, datetime] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.begun or self.lasting or self.over)

    def name(self, route: str) -> str:
        """Return the same name for the same news of the same route, however often it is sent."""
        begun = [f"begun {one.key} {one.since.isoformat()}" for one in self.begun]
        lasting = [f"lasting {one.key} {self.again[one.key].isoformat()}" for one in self.lasting]
        over = [f"over {one.key} {one.told_at.isoformat()}" for one in self.over]
        return hashlib.sha256("\n".join([route, *begun, *lasting, *over]).encode()).hexdigest()[:32]


def ways(settings: AlertSettings) -> dict[str, Told]:
    """Return who is told by which ways: IT, governance, and providers that are named."""
    named = {f"provider {name}": told for name, told in sorted(settings.providers.items())}
    found = {IT: settings.it, GOVERNANCE: settings.governance, **named}
    return {group: told for group, told in found.items() if _reached(told)}


def group_of(problem: Problem, groups: Iterable[str]) -> str:
    """Return who is told of the problem: whoever can act on it, or IT where there is no way to them."""
    wanted = {Actor.GOVERNANCE: GOVERNANCE, Actor.PROVIDER: f"provider {problem.provider}"}
    group = wanted.get(problem.actor, IT)
    return group if group in set(groups) else IT


def news(
    known: Mapping[str, Known],
    mine: Iterable[Problem],
    standing: Iterable[Problem],
    now: datetime,
    again_after: timedelta,
) -> News:
    """Return what is new on one way.

    Given:   what was told on it, by key; the problems of its group; all that stand, whosever they are.
             One that came again after it was told is new. What is tried again by itself is told only once
             nobody tries any more, and is not over before.
    """
    ripe = [one for one in mine if not one.passing]
    keys = {one.key for one in standing}
    begun = [one for one in ripe if one.key not in known or one.since > known[one.key].told_at]
    lasting = [one for one in ripe if one not in begun and now - known[one.key].told_at >= again_after]
    return News(
        begun=tuple(begun),
        lasting=tuple(lasting),
        over=tuple(one for key, one in sorted(known.items()) if key not in keys),
        again={one.key: known[one.key].told_at for one in lasting},
    )


def after(known: Mapping[str, Known], told: News, now: datetime) -> dict[str, Known]:
    """Return what is known on the way once the news was told."""
    gone = {one.key for one in told.over}
    kept = {key: one for key, one in known.items() if key not in gone}
    fresh = {
        one.key: Known(one.key, one.code, one.exit_code, one.place, one.since, now)
        for one in (*told.begun, *told.lasting)
    }
    return kept | fresh


def not_of_itself(problems: Iterable[Problem], route: str) -> list[Problem]:
    """Return the problems without that of this very way: what fails cannot tell of its failing."""
    return [one for one in problems if not (one.code == ALERT_NOT_SENT.code and one.about == route)]


def _reached(told: Told) -> bool:
    return bool(told.mail) or told.webhook is not None
