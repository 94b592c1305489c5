"""How things stand on the council's host: what has come, what was answered, what needs a person."""

from typing import Any

from commands import say
from commands.lacking import lacking
from common import clock
from config.site import Site

NONE = "-"


def gather(site: Site) -> dict[str, Any]:
    """Return the state of the council's host as `status --json` prints it there."""
    from commands.status import days_of, pressing
    from sync.arrivals import look_at_arrivals

    look, days = look_at_arrivals(site, clock.now()), days_of(site)
    problems = [
        f"{one.place}: {one.title} {one.code}, since {say.local(one.since)}. {one.remedy}"
        for one in look.problems
    ]
    return {
        "site": site.name,
        "arrivals": [one.to_json() for one in look.arrivals],
        "problems": [one.to_json() for one in look.problems],
        "days": days,
        "needs": [*problems, *lacking(site), *pressing(days)],
    }


def show(told: dict[str, Any], site: Site) -> None:
    """Write it."""
    say.words(f"{told['site']}, council side, {say.local(clock.now())}.")
    say.table(
        f"Batches in {site.landing.as_posix()}",
        ("flow", "last made", "waiting", "last answer", "answered"),
        map(_row, told["arrivals"]),
    )
    say.words("Needs a person:" if told["needs"] else "Nothing needs a person.")
    for text in told["needs"]:
        say.words(f"  - {text}")


def _row(one: dict[str, Any]) -> tuple[str | int, ...]:
    made, answered = (say.local(one[name]) if one[name] else NONE for name in ("last_at", "answered_at"))
    return one["flow"], made, one["waiting"], one["last_outcome"] or NONE, answered
