"""What a run did, in words and two tables; made from its summary alone."""

from typing import Any

from commands import say

GROUNDS = ("proof", "unreadable", "blank", "spread")
FATES = ("records", "released", "unchanged", "held", "withheld")


def show(summary: dict[str, Any], *, as_json: bool = False) -> None:
    """Write the outcome of a run: what each source gave, what each flow let out, where it stands."""
    if as_json:
        say.as_json(summary)
        return
    say.table(
        "What each source gave",
        ("source", "rows", "read", "repeated", "furniture", "rejected", "outcome"),
        ((told["source"], *_rows(told), told["outcome"]) for told in summary["sources"]),
    )
    say.table(
        "What each flow did with it",
        ("flow", *FATES, "withdrawn", "batch", "state"),
        (
            (told["flow"], *_records(told), told["batch_id"] or "none", told["state"])
            for told in summary["flows"]
        ),
    )
    say.table(
        "Who is under the safety flag, by the first ground that counts",
        ("source", "people", "flagged", "percent", *GROUNDS),
        (_flagged(told) for told in summary["sources"] if told["flagged"]),
    )
    for line in [*kept(summary), *_at_rest(summary)]:
        say.words(line)
    for line in summary["not_to_be_sent_because"]:
        say.words(f"NOTHING OF THIS COULD BE SENT: {line}")
    say.words(one_line(summary))


def kept(summary: dict[str, Any]) -> list[str]:
    """Return, per source, how many people keep a flag or a no of rows that are gone, and what to do."""
    return [
        f"Source {told['source']}: {number:,} people keep a safety flag or a no, though the rows that said "
        "so are gone. See docs/how_to/rows_that_are_gone.md."
        for told in summary["sources"]
        if (number := told.get("kept", 0))
    ]


def _at_rest(summary: dict[str, Any]) -> list[str]:
    """Return, per flow that rests and had something to take back, what left of it or would leave."""
    return [
        f"Flow {told['flow']} is {told['rests']}: {_taken_back(told)}."
        for told in summary["flows"]
        if told.get("rests") and not told["error"]
    ]


def _taken_back(told: dict[str, Any]) -> str:
    number = told["withdrawn_alone"]
    rows, why = f"{number:,} row{'' if number == 1 else 's'}", "because of people's choices"
    if told["batch_id"] is None:
        return f"{rows} would be withdrawn {why}, and nothing else would leave"
    return f"only withdrawals left, of {rows} {why} (batch {told['sequence']}, {told['state']})"


def one_line(summary: dict[str, Any]) -> str:
    """Return the run's outcome in one line."""
    said = {0: "done", 1: "done, with records held or rejected"}.get(summary["exit_code"], "failed")
    findings = summary["findings"]
    news = (
        f", {findings.get('new', 0):,} new findings, {findings.get('closed', 0):,} closed" if findings else ""
    )
    tried = "Dry run: nothing was delivered, logged or remembered. " if summary["dry_run"] else ""
    return f"{tried}Run {summary['run_id']}: {said} (exit {summary['exit_code']}){news}."


def _rows(told: dict[str, Any]) -> list[int]:
    counts = list(told["exports"].values())
    return [
        sum(part[name] for part in counts) for name in ("rows", "read", "repeated", "furniture", "rejected")
    ]


def _flagged(told: dict[str, Any]) -> tuple[Any, ...]:
    share = told["flagged"]
    counts = (share[name] for name in ("people", "flagged", "percent"))
    return (told["source"], *counts, *(share["grounds"][name] for name in GROUNDS))


def _records(told: dict[str, Any]) -> list[int]:
    counts = list(told["entities"].values())
    return [sum(part[name] for part in counts) for name in (*FATES, "withdrawn")]
