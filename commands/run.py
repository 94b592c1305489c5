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
    opened,
    site_folder,
)


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
    timeout: Annotated[
        float | None, typer.Option(min=1, help="Stop between two steps after so many seconds.")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Run one sync now, from the sources to the memory."""
    from commands.outcome import show
    from commands.pages import build_pages
    from commands.progress import watching
    from sharing import load_dpia
    from sync.run import Wish, run_sync

    place = opened(site_folder(context, site), to_log=True)
    flows = known(flow, load_dpia(place.dpia, sources=place.sources).active_flows, "flow") if flow else None
    wish = Wish(
        sources=known(source, sorted(place.sources), "source"),
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
        summary = run_sync(place, wish, watcher)
    if json:
        say.as_json(summary.to_json())
    else:
        show(summary.to_json())
    for error in summary.errors:
        say.words(str(error))
    if not dry_run:
        build_pages(place)
    return summary.exit_code
