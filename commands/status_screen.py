"""How things stand, on one screen of 80 columns and 24 lines for a site of a few sources."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from commands import say
from common import clock
from common.clock import LONDON

if TYPE_CHECKING:
    from scheduler.health import Health, SourceHealth

NONE = "-"


def sources_told(look: "Health") -> list[dict[str, Any]]:
    """Return per source how its last run went, what it gave beside its usual, and when it is due."""
    return [
        {
            "source": one.source,
            "last_started_at": clock.stamp(one.last.started_at) if one.last else None,
            "outcome": _outcome(one),
            "error_code": _error_code(one),
            "rows": one.good.records if one.good else None,
            "usual_rows": one.records.usual,
            "due_at": clock.stamp(one.due_at) if one.due_at else None,
            "paused": one.paused,
        }
        for one in look.sources
    ]


def flows_told(look: "Health") -> list[dict[str, Any]]:
    """Return per flow of the last run what left, what did not, and where its batch is."""
    told = look.runs[0].summary.get("flows", []) if look.runs else []
    counted = ("released", "unchanged", "held", "withheld", "withdrawn")
    return [
        {
            "flow": one["flow"],
            **{fate: sum(counts[fate] for counts in one["entities"].values()) for fate in counted},
            "batch_id": one["batch_id"],
            "state": one["state"],
        }
        for one in told
    ]


def show(told: dict[str, Any], *, runs: bool, days: bool) -> None:
    """Write the state of a site; with `runs` and `days` the tables of these too."""
    say.words(f"{told['site']}, {say.local(clock.now())}. {_last_run(told)}")
    say.table(
        "Last run by source. Next runs, while the scheduler runs",
        ("source", "began", "outcome", "rows", "next"),
        map(_source, told["sources"]),
    )
    if told["flows"]:
        say.table(
            "Last run by flow",
            ("flow", "released", "unchanged", "held", "withdrawn", "state"),
            map(_flow, told["flows"]),
        )
    if runs:
        say.table("Last runs", ("run", "began", "outcome", "exit"), map(_run, told["runs"]))
    if days:
        rows = ((day["on"], day["days_left"], day["what"], _stops(day)) for day in told["days"])
        say.table("Days that are coming", ("day", "days left", "what", "stops"), rows)
    elif told["days"]:
        words = f"the first on {told['days'][0]['on']}: python run_sync.py status --days"
        say.words(f"Days of the next 90 on which something ends: {len(told['days'])}, {words}")
    for line in _held_up(told):
        say.words(line)
    needs = "Needs a person:" if told["needs"] else "Nothing needs a person."
    say.words(f"{_wanted(told['findings'])}{needs}")
    for text in told["needs"]:
        say.words(f"  - {text}")


def _last_run(told: dict[str, Any]) -> str:
    if not told["runs"]:
        return "No run yet."
    last = told["runs"][0]
    return f"Last run {_short(last['started_at'])}: exit {last['exit_code']}."


def _held_up(told: dict[str, Any]) -> Iterator[str]:
    """Yield what is paused, and what waits on its way."""
    for pause in told["paused"]:
        ends = f"until {pause['until']}" if pause["until"] else "with no end"
        what = f"source {pause['source']}" if pause["source"] else "the whole site"
        since = say.local(pause["since"])
        yield f"Paused: {what}, since {since} {ends}, by {pause['by']}: {pause['reason']}"
    for batch in told["waiting"]:
        yield f"On its way: batch {batch}"


def _wanted(findings: dict[str, int]) -> str:
    """Return how many findings providers are asked to mend; nothing where there are none."""
    wanted = findings.get("open", 0) + findings.get("acknowledged", 0)
    return f"Findings: {wanted:,} to be mended, {findings['overdue']:,} overdue. " if wanted else ""


def _source(one: dict[str, Any]) -> tuple[str | int, ...]:
    rows = NONE if one["rows"] is None else one["rows"]
    due = "paused" if one["paused"] else _short(one["due_at"])
    return (one["source"], _short(one["last_started_at"]), one["outcome"], rows, due)


def _flow(one: dict[str, Any]) -> tuple[str | int, ...]:
    counts = [one[name] for name in ("released", "unchanged", "held", "withdrawn")]
    return (one["flow"], *counts, one["state"].replace("_", " "))


def _run(run: dict[str, Any]) -> tuple[Any, ...]:
    outcome = str(run["outcome"]).replace("_", " ")
    return (run["run_id"], say.local(run["started_at"]), outcome, run["exit_code"])


def _outcome(one: "SourceHealth") -> str:
    """Return in a word how the last run of the source went, or that one is at work."""
    if one.ends_by is not None:
        return "at work"
    if one.last is None:
        return "never run"
    code = _error_code(one)
    return "done" if code is None else f"failed {code}"


def _error_code(one: "SourceHealth") -> str | None:
    """Return the code of what the source's last run met: of the source itself, else of the whole run."""
    if one.last is None:
        return None
    met = one.last.summary.get("met", ())
    own = [error["code"] for error in met if error["source"] == one.source]
    whole = [error["code"] for error in met if error["source"] is None and error["flow"] is None]
    return next(iter([*own, *whole]), None)


def _short(instant: str | None) -> str:
    return NONE if instant is None else f"{datetime.fromisoformat(instant).astimezone(LONDON):%d %b %H:%M}"


def _stops(day: dict[str, Any]) -> str:
    return {"file": "every flow", "flows": ", ".join(day["flows"])}.get(day["stops"], "nothing")
