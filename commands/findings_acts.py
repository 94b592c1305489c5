"""What people do to findings by command: acknowledge, accept, dispute, answer a dispute, look back."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, day, opened, site_folder

CodesArgument = Annotated[
    list[str], typer.Argument(metavar="CODE...", help="The findings, by their codes (F…).")
]
ByOption = Annotated[str, typer.Option("--by", help="Who says so.")]
UntilOption = Annotated[str | None, typer.Option(help="The last day on which that holds (YYYY-MM-DD).")]
ReasonOption = Annotated[
    str, typer.Option("--reason", help="A word of the list in docs/how_to/answer_findings.md.")
]
TO_SAY = {
    "not_from_here": "it cannot be answered like this as it stands; see: python run_sync.py findings history",
    "not_for_this_reason": "safety may hang on it, or its record is held back: --reason correct_as_is alone",
    "unknown": "there is no finding of this code",
}


def acknowledge(context: typer.Context, codes: CodesArgument, by: ByOption, site: SiteOption = None) -> int:
    """Say that a provider has seen these and will mend them."""
    return _act(context, site, "acknowledge", codes, by)


def accept(
    context: typer.Context,
    codes: CodesArgument,
    by: ByOption,
    reason: ReasonOption,
    until: UntilOption = None,
    site: SiteOption = None,
) -> int:
    """Let these stay as they are until a day: nobody is asked to mend them before it."""
    return _act(context, site, "accept", codes, by, reason, until)


def dispute(
    context: typer.Context,
    codes: CodesArgument,
    by: ByOption,
    reason: ReasonOption,
    site: SiteOption = None,
) -> int:
    """Say that the check is wrong here; the data team answers."""
    return _act(context, site, "dispute", codes, by, reason)


def uphold(
    context: typer.Context,
    codes: CodesArgument,
    by: ByOption,
    until: UntilOption = None,
    site: SiteOption = None,
) -> int:
    """As the data team: a dispute is right; these are accepted until a day, by when the check is mended."""
    return _act(context, site, "uphold", codes, by, "", until)


def reject(context: typer.Context, codes: CodesArgument, by: ByOption, site: SiteOption = None) -> int:
    """As the data team: a dispute is not right; these are to be mended, with a new due day."""
    return _act(context, site, "reject", codes, by)


def take_back(context: typer.Context, codes: CodesArgument, by: ByOption, site: SiteOption = None) -> int:
    """Take back what was answered; these are to be mended again."""
    return _act(context, site, "take_back", codes, by)


def history(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The finding, by its code (F…).")],
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Show all that became of one finding: when, in which run or by whom, and why."""
    from quality import FindingStore

    events = FindingStore.of(opened(site_folder(context, site))).history(code)
    if not events:
        raise typer.BadParameter("there is no finding of this code")
    told = [
        {
            "at": e.at,
            "run_id": e.run_id,
            "from": e.from_state,
            "to": e.to_state,
            "by": e.by,
            "reason": e.reason,
        }
        for e in events
    ]
    if json:
        say.as_json(told)
    else:
        columns = ("at", "from", "to", "reason", "by", "run_id")
        say.table("", columns, ([one[name] or "-" for name in columns] for one in told))
    return 0


def disputed(context: typer.Context, json: JsonOption = False, site: SiteOption = None) -> int:
    """Show the disputes that wait for the data team, the oldest first; ends with 1 while one waits.

    Beside them stands what a provider accepted though safety may hang on it or its record is held back.
    """
    from commands.findings import open_findings
    from quality.life import State

    place = opened(site_folder(context, site))
    found = [finding for finding in open_findings(place, None) if _for_the_data_team(finding)]
    told = [_dispute(finding) for finding in sorted(found, key=lambda one: (one.acted_at, one.code))]
    waiting = sum(one["state"] == State.DISPUTED for one in told)
    if json:
        say.as_json(told)
    else:
        columns = ("code", "state", "source", "record", "check", "field", "reason", "by", "since")
        say.table("Disputes", columns, ([one[name] for name in columns] for one in told))
        say.words(
            f"{waiting:,} {'dispute waits' if waiting == 1 else 'disputes wait'}. "
            "Answer: python run_sync.py findings uphold, or findings reject"
        )
        if accepted := len(told) - waiting:
            say.words(
                f"{accepted:,} accepted though safety may hang on it or its record is held back. "
                "Not so? python run_sync.py findings take-back"
            )
    return 1 if waiting else 0


def _for_the_data_team(finding: Any) -> bool:
    """Return whether it is disputed, or accepted though it is grave."""
    from quality.finding_acts import is_grave
    from quality.life import State

    accepted = finding.state is State.ACCEPTED and is_grave(finding.check, finding.effect)
    return accepted or finding.state is State.DISPUTED


def _dispute(finding: Any) -> dict[str, str]:
    names = ("code", "state", "source", "record", "check", "field", "reason")
    same = {name: str(getattr(finding, name)) for name in names}
    return {**same, "by": finding.acted_by, "since": finding.acted_at[:10]}


def _act(
    context: typer.Context,
    site: Any,
    action: str,
    codes: list[str],
    by: str,
    reason: str = "",
    until: str | None = None,
) -> int:
    from common import clock
    from quality import FindingStore

    last = day(until) if until else None
    store = FindingStore.of(opened(site_folder(context, site)))
    told = store.acted(codes, action, by, reason, clock.now(), until=last)
    for code, outcome in told.items():
        if outcome == "not_from_here":
            say.words(f"{code}: {TO_SAY[outcome]} {code}")
        elif outcome == "not_for_this_reason":
            say.words(f"{code}: {TO_SAY[outcome]}.")
        elif outcome in TO_SAY:
            say.words(f"Code {codes.index(code) + 1} of {len(codes)}: {TO_SAY[outcome]}.")
    changed = sum(outcome == "changed" for outcome in told.values())
    say.words(f"{changed:,} of {len(told):,} findings changed.")
    return 1 if any(outcome in TO_SAY for outcome in told.values()) else 0


ACTS: dict[str, Callable[..., int]] = {
    "acknowledge": acknowledge,
    "accept": accept,
    "dispute": dispute,
    "uphold": uphold,
    "reject": reject,
    "take-back": take_back,
    "history": history,
    "disputed": disputed,
}
