"""Tell whoever can act: what has begun, what lasts, what is over; one way after the other, each by itself."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from common import clock, log
from common.errors import ViaductError
from common.files import private_folder
from config.alerts import AlertSettings, Told
from config.site import Site

if TYPE_CHECKING:
    from scheduler.alert_state import AlertState
    from scheduler.alert_words import Message
    from scheduler.problems import Problem

LOG = log.get("commands")


@dataclass
class Round:
    """What one round of telling came to: the ways by which news left, and the errors of those that failed."""

    sent: list[str] = field(default_factory=list)
    errors: list[ViaductError] = field(default_factory=list)
    quiet: bool = False
    busy: bool = False


@dataclass(frozen=True)
class Seen:
    """What stands; `blind` where an error hides what else there is, so that nothing can be called over."""

    problems: "list[Problem]"
    blind: bool = False


def tell_of_problems(site: Site) -> Round:
    """Look how this side of the site fares and tell the news, if it has alerts; nothing of it fails a run.

    Where another process is at it, it is left to that one; what it cannot send the next round sends.
    """
    found = Round()
    if site.alerts is None:
        return found
    try:
        lock = FileLock(private_folder(site.var / "state") / "alerts.lock", timeout=0)
        with lock:
            _tell(site, site.alerts, _seen(site), found)
    except Timeout:
        found.busy = True
    except Exception as error:  # noqa: BLE001 - nothing that is told of a run may fail it
        LOG.error("alerts_failed", error=error)
        if isinstance(error, ViaductError):
            found.errors.append(error)
    return found


def _seen(site: Site) -> Seen:
    """Return what stands on this side. Errors: OSError."""
    from scheduler.alert_state import alerts_not_sent, read_alerts
    from scheduler.health import look_at_health
    from sync.arrivals import look_at_arrivals

    if site.pulls:
        return Seen(list(look_at_health(site).problems))
    look = look_at_arrivals(site, clock.now())
    problems = list(look.problems)
    if look.blind:  # nobody writes down since when; it is one problem from its first telling on
        told = [one for known in read_alerts(site).told.values() for one in known.values()]
        since = {one.key: one.since for one in told}
        problems = [replace(one, since=since.get(one.key, one.since)) for one in problems]
    return Seen([*problems, *alerts_not_sent(site)], look.blind)


def _tell(site: Site, settings: AlertSettings, seen: Seen, found: Round) -> None:
    """Send on each way what is new on it, and write down at once that it was told."""
    from scheduler.alert_state import read_alerts
    from scheduler.alerts import group_of, ways

    found.quiet = settings.quiet_hours is not None and settings.quiet_hours.cover(clock.now(), site.time_zone)
    if found.quiet:
        return
    state, groups = read_alerts(site), ways(settings)
    for group, told in groups.items():
        mine = [one for one in seen.problems if group_of(one, groups) == group]
        for way in _ways(told):
            _tell_one(site, settings, f"{group}/{way}", mine, seen, state, found)


def _tell_one(
    site: Site,
    settings: AlertSettings,
    route: str,
    mine: "list[Problem]",
    seen: Seen,
    state: "AlertState",
    found: Round,
) -> None:
    from scheduler.alert_words import message
    from scheduler.alerts import after, news, not_of_itself

    known, now = state.told.get(route, {}), clock.now()
    told = news(known, not_of_itself(mine, route), seen.problems, now, settings.again_after)
    told = replace(told, over=()) if seen.blind else told
    if not told:
        return
    try:
        _send(settings, route, message(site.name, route, told, settings.link))
    except Exception as error:  # noqa: BLE001 - what one way meets is not the others'
        LOG.warning("alert_not_sent", error=error)
        state.failed(route, now)
        if isinstance(error, ViaductError):
            found.errors.append(error)
    else:
        state.told[route] = after(known, told, now)
        state.failing.pop(route, None)
        found.sent.append(route)
    _write_down(site, state)


def _write_down(site: Site, state: "AlertState") -> None:
    """Write down what was told; a disk that refuses costs a second telling, and no way its turn."""
    from scheduler.alert_state import write_alerts

    try:
        write_alerts(site, state)
    except OSError as error:
        LOG.warning("alerts_not_written", error=error)


def _send(settings: AlertSettings, route: str, said: "Message") -> None:
    """Errors: AlertNotSent, SecretMissing, SecretExposed."""
    from connectors.alert_ways import post_card, send_mail
    from scheduler.alerts import MAIL, ways

    group, _, way = route.rpartition("/")
    told = ways(settings)[group]
    if way == MAIL and settings.mail_server is not None:
        send_mail(settings.mail_server, told.mail, said.name, said.heading, said.text)
    elif told.webhook is not None:
        post_card(told.webhook.read(), said.card)


def _ways(told: Told) -> list[str]:
    from scheduler.alerts import MAIL, WEBHOOK

    return [*([MAIL] if told.mail else []), *([WEBHOOK] if told.webhook is not None else [])]
