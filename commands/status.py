"""How things stand: the last night, the next one, what is paused or waits, what needs a person."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import say
from commands.lacking import lacking
from commands.options import JsonOption, SiteOption, opened, site_folder
from commands.outcome import kept
from common import clock
from config.site import Site

if TYPE_CHECKING:
    from scheduler.health import Health

NEEDS_A_PERSON = 10
RUNS_IN_JSON = 7
RUN_KEYS = ("run_id", "started_at", "ended_at", "outcome", "exit_code", "linking")


def status(
    context: typer.Context,
    last: Annotated[
        int | None, typer.Option(min=1, max=1000, help="So many of the last runs too (in JSON 7).")
    ] = None,
    days: Annotated[bool, typer.Option("--days", help="The days of the next 90 too.")] = False,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Show the last night by source and flow, next runs and what needs a person, on one screen.

    On the council's host: what has come, what was answered, and what needs a person.
    """
    from commands.status_screen import show

    place = opened(site_folder(context, site))
    if not place.pulls:
        return _of_council(place, as_json=json)
    told = gather(place, last or RUNS_IN_JSON)
    if json:
        say.as_json(told)
    else:
        show(told, runs=last is not None, days=days)
    return 0


def _of_council(site: Site, *, as_json: bool) -> int:
    from commands import council_status

    told = council_status.gather(site)
    if as_json:
        say.as_json(told)
    else:
        council_status.show(told, site)
    return 0


def gather(site: Site, last: int) -> dict[str, Any]:
    """Return the state of the site as `status --json` prints it."""
    from commands.status_screen import flows_told, sources_told
    from scheduler import next_due, overdue, past_runs
    from scheduler.health import look_at_health
    from scheduler.pauses import standing_pauses
    from sync.who_was_told import yet_to_give

    runs = [run.summary for run in islice(past_runs(site.var / "runs"), last)]
    days, look = days_of(site), look_at_health(site)
    late = [{"source": due.source, "due_at": clock.stamp(due.due_at)} for due in overdue(site)]
    return {
        "site": site.name,
        "runs": [{key: run.get(key) for key in RUN_KEYS} for run in runs],
        "next": [
            {
                "source": due.source,
                "due_at": clock.stamp(due.due_at),
                "last_started_at": clock.stamp(due.last_started_at) if due.last_started_at else None,
            }
            for due in next_due(site)
        ],
        "overdue": late,
        "sources": sources_told(look),
        "flows": flows_told(look),
        "problems": [problem.to_json() for problem in look.problems],
        "paused": [pause.to_json() for pause in standing_pauses(site)],
        "waiting": waiting_batches(site),
        "findings": (standing := _findings(site)),
        "days": days,
        "asked": asked_now(site),
        "needs": [
            *_needs(runs, late),
            *_silent(look),
            *lacking(site),
            *_keys_overdue(site),
            *_at_rest(site),
            *yet_to_give(site.var / "state"),
            *_disputed(standing),
            *pressing(days),
        ],
    }


def _needs(runs: list[dict[str, Any]], late: list[dict[str, str]]) -> list[str]:
    needs = [
        f"source {due['source']} was due {say.local(due['due_at'])} and has not run since" for due in late
    ]
    if runs and runs[0]["exit_code"] >= NEEDS_A_PERSON:
        found = [lines for lines in runs[0].get("errors", []) if lines]
        needs += [" ".join(line.strip() for line in (lines[0], lines[1], lines[-1])) for lines in found]
    return needs + (kept(runs[0]) if runs else [])


def _silent(look: "Health") -> list[str]:
    """Return the problems that no error of a run tells of, and that the rest of the list does not hold."""
    from scheduler.problems import FAR_FEWER, NOT_ENDED, NOTICE_NOT_SENT, TOO_FAST, WORKLIST_NOT_LAID

    told = {kind.code for kind in (NOT_ENDED, TOO_FAST, FAR_FEWER, WORKLIST_NOT_LAID, NOTICE_NOT_SENT)}
    return [
        f"{one.place}: {one.title} {one.code}, since {say.local(one.since)}. {one.remedy}"
        for one in look.problems
        if one.code in told and not one.passing
    ]


def _findings(site: Site) -> dict[str, int]:
    """Return how many findings stand where, those over left out; nothing of a store that cannot be read."""
    from common.errors import ViaductError
    from quality import LIVING, FindingStore

    try:
        standing = FindingStore.of(site).standing(clock.today())
    except ViaductError:
        return {}
    return {name: number for name, number in standing.items() if name in {*LIVING, "overdue"}}


def _disputed(standing: dict[str, int]) -> list[str]:
    """Return that providers say of findings that the check is wrong: the data team answers."""
    number = standing.get("disputed", 0)
    answer = "the data team answers: python run_sync.py findings disputed"
    return [f"{number:,} disputed findings wait: {answer}"] if number else []


def _keys_overdue(site: Site) -> list[str]:
    """Return which keys are older than the assessment allows; nothing of one that does not load."""
    from common.errors import ViaductError
    from sharing import load_dpia
    from sync.rotation import overdue

    try:
        return overdue(site, load_dpia(site.dpia, sources=site.known_sources))
    except ViaductError:
        return []


def _at_rest(site: Site) -> list[str]:
    """Return the flows that rest whose recipients are yet to be told of a choice; if nothing loads, none."""
    from common.errors import ViaductError
    from sync.place import look
    from sync.registering import at_rest

    try:
        with look(site) as place:
            return at_rest(place)
    except ViaductError:
        return []


def asked_now(site: Site) -> list[dict[str, Any]]:
    """Return how much each provider was asked in the week under way; what cannot be read other verbs tell."""
    from commands.asked_lists import burden_told
    from common.errors import ViaductError

    day = site.findings.weekly.list_day(clock.today()).isoformat()
    try:
        return [one for one in burden_told(site) if one["day"] == day]
    except ViaductError:
        return []


def days_of(site: Site) -> list[dict[str, Any]]:
    """Return the days of the next 90 and those that have passed; if nothing of it loads, none."""
    from common.errors import ViaductError
    from sharing import load_dpia
    from sync.days import coming

    try:
        return coming(site, load_dpia(site.dpia, sources=site.known_sources))
    except ViaductError:
        return []


def pressing(days: list[dict[str, Any]]) -> list[str]:
    """Return what is due within a week or overdue, in words; a flow's own key is told with what to type."""
    from sync.days import BANDS, in_words

    near = [
        day for day in days if day["within"] <= BANDS[0] and not day["path"].startswith("keys/pseudonym-")
    ]
    return [f"{in_words(day)}. See docs/how_to/before_something_expires.md" for day in near]


def waiting_batches(site: Site) -> list[str]:
    """Return the batches that are sealed and not yet remembered."""
    folder = site.var / "state" / "outbox"
    found = (path.parent for path in folder.glob("*/*/manifest.json"))
    return sorted(f"{path.parent.name}/{path.name}" for path in found if not path.name.startswith("."))
