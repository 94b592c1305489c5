"""The signed disclosure statement of one run."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, opened, site_folder
from config.site import Site

LATEST = "latest"


def statement(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run's name, or `latest`.")],
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Copy it into this folder too.")] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Say what the log holds of one run, signed: what left, to whom, under which rule, and what is lacking.

    Every run makes its own, a run that sent nothing too; it lies in var/statements as signed text, page and
    JSON. What lies there is given once the log has borne it out, page and JSON as the signed text says them;
    what is lacking there is made.
    """
    from json import loads

    from sync.statements import copy_statement, latest_run, statements_folder

    place = opened(site_folder(context, site))
    name = latest_run(place) if run == LATEST else run
    note = _signed(place, name) if name else None
    if name is None or note is None:
        raise typer.BadParameter(f"neither the log nor the run history knows a run {name or LATEST}")
    folder = statements_folder(place)
    if out is not None:
        folder = copy_statement(note, name, out)
    said = loads(note.split(b"\n")[1])
    if json:
        say.as_json(said)
    else:
        _show(said, folder / f"{name}.txt")
    return 0


def _signed(place: Site, run: str) -> bytes | None:
    """Return the statement that is kept, or else one that is made now, for which no run may be at work."""
    from audit.log import DisclosureLog
    from sealing.keys import load_signer
    from sync.lock import one_run_at_a_time
    from sync.statements import as_signed, kept_statement, make_statement, mend_statement

    log, kept = place.var / "log", kept_statement(place, run)
    if not log.exists() or (kept is not None and as_signed(place, run, kept)):
        return kept
    with one_run_at_a_time(place.var / "state" / "lock"):
        return mend_statement(place, run) or make_statement(
            place, DisclosureLog(log, load_signer("log", place.keys.private)), run
        )


def _show(said: dict[str, Any], path: Path) -> None:
    figures = said["figures"]
    say.table(
        f"Disclosure statement of run {said['run']}",
        ("flow", "batch", "rows sent", "taken back", "assessment", "answer"),
        (
            (
                flow["flow"],
                flow["batch"] or "nothing sent",
                flow["rows_sent"],
                flow["rows_withdrawn"],
                f"{flow['dpia']['id']} {flow['dpia']['version']}",
                flow["answer"],
            )
            for flow in figures["flows"]
        ),
    )
    for gap in said["gaps"]:
        say.words(f"Lacking: {gap}")
    say.words(said["cannot_be_proved"])
    say.words(f"Signed: {path.as_posix()}; as a page: {path.with_suffix('.html').as_posix()}")
