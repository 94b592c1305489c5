"""The expiry and review calendar: every day that is coming or has passed, and what stops then."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sharing.calendar import Due
from sharing.telling.heading import heading
from sharing.telling.law import DAY_INFERRED
from sharing.telling.opened import Opened

BANDS = ((7, "within_7"), (30, "within_30"), (90, "within_90"))
PASSED, LATER, NOT_BEGUN, BEGUN = "passed", "later", "not_begun", "begun"


def expiry_calendar(opened: Opened, dues: Iterable[Due]) -> dict[str, Any]:
    """Return the days in their bands, the nearest first, and how many there are in each.

    Given: the days of the assessment, and those of the site's keys and registers where a site is at hand.
    Units: `days_left` in days from today; of what has passed, negative.
    """
    told = [_told(opened, due) for due in sorted(dues, key=lambda due: (due.last_day, due.path))]
    bands = (PASSED, NOT_BEGUN, *(name for _, name in BANDS), LATER, BEGUN)
    return {
        "assessment": heading(opened),
        "days": told,
        "counts": {band: sum(each["band"] == band for each in told) for band in bands},
    }


def band_of(due: Due, today: date) -> str:
    """Return where a day lies: passed, within 7, 30 or 90 days, later; of a first day, begun or not."""
    if due.begins:
        return BEGUN if due.holds(today) else NOT_BEGUN
    left = due.days_left(today)
    return PASSED if left < 0 else next((name for days, name in BANDS if left <= days), LATER)


def _told(opened: Opened, due: Due) -> dict[str, Any]:
    today = opened.today
    return {
        "what": _named(opened, due),
        "path": due.path,
        "on": due.on,
        "last_day": due.last_day,
        "days_left": due.days_left(today),
        "band": band_of(due, today),
        "stops": due.stops.value,
        "flows": list(due.flows),
        "waived_until": due.waived_until,
    }


def _named(opened: Opened, due: Due) -> str:
    """Return what the day is of, a code of the law pack by its name."""
    block, _, rest = due.path.partition("/")
    code = rest.rpartition("/")[0]
    known = opened.pack.dated(code) if block == "lawPack" else []
    if not known:
        return due.what
    inferred = due.begins and any(each.day_inferred for each in known)
    return due.what.replace(code, known[0].called) + (f" ({DAY_INFERRED})" if inferred else "")
