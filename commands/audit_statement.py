"""The signed disclosure statement of one run."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, opened, site_folder

LATEST = "latest"


def statement(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run's name, or `latest`.")],
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write into this folder (else var/statements).")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Sign what the log holds of one run: what left, to whom, under which rule, and what is lacking.

    A run that sent nothing has its statement too. It is written as a signed text and as a page.
    """
    from audit.statement import sign_statement
    from commands.pages import checks_said
    from common.files import private_folder, write_atomic
    from reports.statement import signed_statement_page
    from sealing.keys import load_signer
    from sync.statement import latest_run, state_run

    place = opened(site_folder(context, site))
    name = latest_run(place) if run == LATEST else run
    said = state_run(place, name) if name else None
    if said is None:
        raise typer.BadParameter(f"neither the log nor the run history knows a run {name or LATEST}")
    note = sign_statement(said, load_signer("log", place.keys.private))
    folder = private_folder(out or place.var / "statements")
    for ending, content in ((".txt", note), (".html", signed_statement_page(said, note, checks_said()))):
        write_atomic(folder / f"{said['run']}{ending}", content)
    if json:
        say.as_json(said)
    else:
        _show(said, folder / f"{said['run']}.txt")
    return 0


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
