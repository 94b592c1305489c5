"""Last runs, next runs, what is overdue, what needs a person."""

from itertools import islice
from typing import Annotated, Any

import typer

from commands import say
from commands.lacking import lacking
from commands.options import JsonOption, SiteOption, opened, site_folder
from commands.outcome import kept
from common import clock
from config.site import Site

NEEDS_A_PERSON = 10


def status(
    context: typer.Context,
    last: Annotated[int, typer.Option(min=1, max=1000, help="How many runs to show.")] = 7,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Show last runs, next runs and what needs a person."""
    told = gather(opened(site_folder(context, site)), last)
    if json:
        say.as_json(told)
    else:
        _show(told)
    return 0


def gather(site: Site, last: int) -> dict[str, Any]:
    """Return the state of the site as `status --json` prints it."""
    from scheduler import next_due, overdue, past_runs
    from scheduler.pauses import standing_pauses

    runs = [run.summary for run in islice(past_runs(site.var / "runs"), last)]
    days = _days(site)
    late = [{"source": due.source, "due_at": clock.stamp(due.due_at)} for due in overdue(site)]
    return {
        "site": site.name,
        "runs": [
            {key: run.get(key) for key in ("run_id", "started_at", "ended_at", "outcome", "exit_code")}
            for run in runs
        ],
        "next": [
            {
                "source": due.source,
                "due_at": clock.stamp(due.due_at),
                "last_started_at": clock.stamp(due.last_started_at) if due.last_started_at else None,
            }
            for due in next_due(site)
        ],
        "overdue": late,
        "paused": [pause.to_json() for pause in standing_pauses(site)],
        "waiting": waiting_batches(site),
        "days": days,
        "needs": [
            *_needs(runs, late),
            *lacking(site),
            *_keys_overdue(site),
            *_not_told(site),
            *_pressing(days),
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


def _keys_overdue(site: Site) -> list[str]:
    """Return which keys are older than the assessment allows; nothing of one that does not load."""
    from common.errors import ViaductError
    from sharing import load_dpia
    from sync.rotation import overdue

    try:
        return overdue(site, load_dpia(site.dpia, sources=site.sources))
    except ViaductError:
        return []


def _not_told(site: Site) -> list[str]:
    """Return the flows that rest and whose recipients were not told of a choice; if nothing loads, none."""
    from common.errors import ViaductError
    from sync.place import look
    from sync.registering import recipients_not_told

    try:
        with look(site) as place:
            return recipients_not_told(place)
    except ViaductError:
        return []


def _days(site: Site) -> list[dict[str, Any]]:
    """Return the days of the next 90 and those that have passed; if nothing of it loads, none."""
    from common.errors import ViaductError
    from sharing import load_dpia
    from sync.days import coming

    try:
        return coming(site, load_dpia(site.dpia, sources=site.sources))
    except ViaductError:
        return []


def _pressing(days: list[dict[str, Any]]) -> list[str]:
    """Return what is due within a week or overdue, in words; a flow's own key is told with what to type."""
    from sync.days import BANDS, in_words

    pressing = [
        day for day in days if day["within"] <= BANDS[0] and not day["path"].startswith("keys/pseudonym-")
    ]
    return [f"{in_words(day)}. See docs/how_to/before_something_expires.md" for day in pressing]


def waiting_batches(site: Site) -> list[str]:
    """Return the batches that are sealed and not yet remembered."""
    folder = site.var / "state" / "outbox"
    found = (path.parent for path in folder.glob("*/*/manifest.json"))
    return sorted(f"{path.parent.name}/{path.name}" for path in found if not path.name.startswith("."))


def _show(told: dict[str, Any]) -> None:
    say.table(
        f"{told['site']}: last runs",
        ("run", "began", "outcome", "exit"),
        (
            (
                run["run_id"],
                say.local(run["started_at"]),
                str(run["outcome"]).replace("_", " "),
                run["exit_code"],
            )
            for run in told["runs"]
        ),
    )
    say.table(
        "Next runs, while the scheduler runs",
        ("source", "due", "last began"),
        (
            (due["source"], say.local(due["due_at"]), say.local(due["last_started_at"]))
            for due in told["next"]
        ),
    )
    for pause in told["paused"]:
        ends = f"until {pause['until']}" if pause["until"] else "with no end"
        what = f"source {pause['source']}" if pause["source"] else "the whole site"
        since = say.local(pause["since"])
        say.words(f"Paused: {what}, since {since} {ends}, by {pause['by']}: {pause['reason']}")
    say.table(
        "Days that are coming",
        ("day", "days left", "what", "stops"),
        ((day["on"], day["days_left"], day["what"], _stops(day)) for day in told["days"]),
    )
    for batch in told["waiting"]:
        say.words(f"On its way: batch {batch}")
    say.words("Needs a person:" if told["needs"] else "Nothing needs a person.")
    for text in told["needs"]:
        say.words(f"  - {text}")


def _stops(day: dict[str, Any]) -> str:
    return {"file": "every flow", "flows": ", ".join(day["flows"])}.get(day["stops"], "nothing")
