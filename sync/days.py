"""The days that are coming: of the assessment, of keys, of registers; and what stops then.

What the assessment depends on is its own calendar (sharing/calendar.py). Beside it stands what this site
keeps under the assessment's rules: keys that may grow only so old, registers that must be confirmed; and
what lets it into a landing zone, until the day that says itself.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from common import clock
from config.site import Site
from sealing import periods, rotation
from sealing.keys import list_keys
from sharing import Dpia
from sharing.calendar import Due
from sharing.dated import Stops
from sharing.registers import confirmed_on
from sync.access_days import access_days
from sync.place import Workplace
from sync.rotation import AGEING, profile_of, role_of
from sync.summary import Summary
from sync.tuned import FILE, expiring

BANDS = (7, 30, 90)
"""From how many days before its day on something is told; of what has passed, 0."""


def days_of_site(site: Site, dpia: Dpia, today: date) -> list[Due]:
    """Return every day that the site's runs depend on, the earliest first.

    On the council's host only those of its own keys and access: the assessment's days stop nothing there.
    """
    found = [
        *(dpia.calendar(today) if site.pulls else ()),
        *_keys(site, dpia),
        *_pseudonyms(site, dpia),
        *_registers(site, dpia),
    ]
    found += [*_access(site, dpia), *_tuned(site)]
    return sorted(found, key=lambda due: (due.last_day, due.path))


def coming(site: Site, dpia: Dpia) -> list[dict[str, Any]]:
    """Return the days of the next 90, and those that have passed, in words and numbers for the operator."""
    today = clock.today()
    found = [due for due in days_of_site(site, dpia, today) if _is_told(due, today)]
    return [_told(due, today) for due in found]


def tell_of_days(place: Workplace, summary: Summary) -> None:
    """Put into the run's summary which days are coming, and under which waivers the run goes on."""
    summary.days = coming(place.site, place.dpia)
    used = place.dpia.waivers_used(clock.today())
    summary.waivers = [
        {"id": each.id, "rule": each.rule, "until": each.expires_on.isoformat()} for each in used
    ]


def in_words(told: dict[str, Any]) -> str:
    """Return one day that is coming, or has passed, in one line."""
    left, stops = told["days_left"], told["stops"]
    if told["begins"]:
        when = f"is {told['on']}: until then"
    else:
        when = f"was {told['on']}:" if left < 0 else f"is {told['on']}, in {left} days; after it"
    what = {
        "file": "nothing runs",
        "flows": _do_not_run(told["flows"]),
        "nothing": "nothing stops, and it is overdue",
    }[stops]
    return f"{told['what']} {when} {what} ({told['path']})"


def _do_not_run(flows: list[str]) -> str:
    """Return that these flows do not run, one or several."""
    if len(flows) == 1:
        return f"flow {flows[0]} does not run"
    return f"flows {', '.join(flows[:-1])} and {flows[-1]} do not run"


def _is_told(due: Due, today: date) -> bool:
    governs = bool(due.flows) or due.stops is not Stops.FLOWS
    return governs and (not due.holds(today) if due.begins else due.days_left(today) <= BANDS[-1])


def _told(due: Due, today: date) -> dict[str, Any]:
    left = due.days_left(today)
    return {
        "what": due.what,
        "path": due.path,
        "on": due.last_day.isoformat(),
        "days_left": left,
        "within": 0 if left < 0 or due.begins else next(band for band in BANDS if left <= band),
        "stops": due.stops.value,
        "flows": list(due.flows),
        "begins": due.begins,
        "waived": due.waived_until is not None,
    }


def _keys(site: Site, dpia: Dpia) -> Iterator[Due]:
    """Yield the last day of each key that seals or signs."""
    for key in list_keys(site.keys.private, site.keys.public):
        if key.role in AGEING:
            on = periods.after(key.created_on, dpia.encryption.key_max_age)
            what, path = f"the last day of the key of the role {key.role}", f"keys/{key.role}"
            yield Due(what, path, on, tuple(dpia.active_flows), Stops.FILE)


def _pseudonyms(site: Site, dpia: Dpia) -> Iterator[Due]:
    """Yield the day by which each flow's own key is to be changed; rows go on under the old one."""
    for flow in dpia.active_flows:
        profile, role = profile_of(dpia, flow), role_of(flow)
        if profile is not None and (site.keys.private / f"{role}.key").exists():
            on = periods.after(rotation.version_of(role, site.keys.private)[1], profile.rotation)
            what = f"the last day to change the pseudonym key of flow {flow}"
            yield Due(what, f"keys/{role}", on, (flow,), Stops.NOTHING)


def _access(site: Site, dpia: Dpia) -> Iterator[Due]:
    """Yield the last day of each key that lets us into the landing zone: after it no flow can deliver."""
    for name, on in access_days(site):
        what = f"the last day of {name}, which lets us into the landing zone,"
        yield Due(what, f"landing/{name}", on, tuple(dpia.active_flows), Stops.FLOWS)


def _tuned(site: Site) -> Iterator[Due]:
    """Yield the last day of each check that a provider is asked in another way for a while."""
    for what, on in expiring(site) if site.pulls else ():
        yield Due(what, f"{FILE}", on, (), Stops.NOTHING)


def _registers(site: Site, dpia: Dpia) -> Iterator[Due]:
    """Yield the last day on which each register of choices may be relied on, as it was last confirmed."""
    for stop in dpia.person_stops:
        confirmed = confirmed_on(site.registers / f"{stop.register_file}.csv")
        if confirmed is not None:
            on = confirmed + timedelta(days=stop.max_age_days)
            flows = tuple(flow for flow in dpia.active_flows if stop.flows is None or flow in stop.flows)
            then = "" if stop.on_stale == "HOLD" else " (else what it governs is withdrawn)"
            what = f"the last day of the register {stop.register_file}, unless it is confirmed{then}"
            yield Due(what, f"registers/{stop.register_file}", on, flows, Stops.FLOWS)
