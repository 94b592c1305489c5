"""One sync now."""

from typing import Annotated

import typer

from commands import say
from commands.options import (
    FlowOption,
    JsonOption,
    SiteOption,
    SourceOption,
    day,
    known,
    named,
    of_sync_side,
    opened,
    site_folder,
)
from config.site import Site


def run(
    context: typer.Context,
    source: SourceOption = None,
    flow: FlowOption = None,
    since: Annotated[
        str | None, typer.Option(help="Only what was received from this day on (YYYY-MM-DD).")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only what was received up to this day (YYYY-MM-DD).")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Send everything permitted again, changed or not.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all but deliver, log and remember.")] = False,
    accept_drop: Annotated[
        bool, typer.Option("--accept-drop", help="Let far fewer records than usual through.")
    ] = False,
    accept_growth: Annotated[
        bool,
        typer.Option("--accept-growth", help="Let far more records than usual, or a first run, through."),
    ] = False,
    accept_flagged: Annotated[
        str | None,
        typer.Option(
            "--accept-flagged",
            metavar="NAME",
            help="Accept, by name, how many people are under the safety flag tonight.",
        ),
    ] = None,
    accept_volume: Annotated[
        str | None,
        typer.Option(
            "--accept-volume",
            metavar="NAME",
            help="Let through, by name and for this run, more than the assessment agreed for a night.",
        ),
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only what the timetable asks for now; nothing else may be asked.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Run what is paused too; the pause stays.")
    ] = False,
    timeout: Annotated[
        float | None, typer.Option(min=1, help="Stop between two steps after so many seconds.")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Run one sync now, from the sources to the memory."""
    from commands.attending import run_attended
    from commands.outcome import show
    from commands.pages import build_pages
    from commands.pausing import not_paused
    from commands.progress import watching
    from sharing import load_dpia
    from sync.wish import Wish

    if due:
        only_due(context)
        place = of_sync_side(opened(site_folder(context, site), to_log=True))
        return run_due(place, timeout, as_json=json)
    place = of_sync_side(opened(site_folder(context, site), to_log=True))
    flows = (
        known(flow, load_dpia(place.dpia, sources=place.known_sources).active_flows, "flow") if flow else None
    )
    wanted = known(source, sorted(place.sources), "source")
    wish = Wish(
        sources=wanted if anyway else not_paused(place, wanted),
        flows=flows,
        full=full,
        since=day(since) if since else None,
        until=day(until) if until else None,
        dry_run=dry_run,
        accept_drop=accept_drop,
        accept_growth=accept_growth,
        accept_flagged=named(accept_flagged),
        accept_volume=named(accept_volume),
        timeout=timeout,
    )
    with watching(quiet=json) as watcher:
        summary = run_attended(place, wish, watcher)
    show(summary.to_json(), as_json=json)
    for error in summary.errors:
        say.words(str(error))
    if not dry_run:
        build_pages(place)
    return summary.exit_code


def only_due(context: typer.Context) -> None:
    """Refuse whatever else was asked beside --due: what the timetable asks for is whole nights."""
    beside = {"due", "timeout", "json", "site"}
    if asked := [name for name, value in context.params.items() if value and name not in beside]:
        raise typer.BadParameter(f"--due goes without --{asked[0].replace('_', '-')}")


def run_due(place: Site, timeout: float | None, *, as_json: bool) -> int:
    """Run what is due now, as the scheduler does, and say so if that is nothing, or must wait for a run."""
    from commands.outcome import show
    from commands.progress import watching
    from commands.scheduled import run_what_is_due, tell
    from sync.errors import RunHoldsLock

    try:
        with watching(quiet=as_json) as watcher:
            summary = run_what_is_due(place, watcher, timeout)
    except RunHoldsLock:
        return not_begun("at_work", "A run is at work; what is due waits for its end.", as_json=as_json)
    if summary is None:
        return not_begun("nothing_due", "Nothing is due.", as_json=as_json)
    show(summary.to_json(), as_json=as_json)
    tell(place, summary)
    return summary.exit_code


def not_begun(outcome: str, words: str, *, as_json: bool) -> int:
    """Say why no run was begun; that is as it should be."""
    say.words(words)
    if as_json:
        say.as_json({"outcome": outcome, "exit_code": 0})
    return 0
