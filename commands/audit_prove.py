"""Proofs from the disclosure log, for somebody who does not take our word."""

from pathlib import Path
from typing import Annotated

import typer

from commands import say
from commands.audit_person import (
    OpenOption,
    Reference,
    ReleaseOption,
    SourceName,
    ask,
    asked_for,
    write_proof,
)
from commands.options import JsonOption, SiteOption, known, opened, site_folder

prove = typer.Typer(help="Proofs from the log, for who does not take our word.", no_args_is_help=True)
FlowName = Annotated[str, typer.Argument(help="The flow.")]
BatchNumber = Annotated[int, typer.Argument(help="The number of the batch.")]
OutOption = Annotated[Path, typer.Option("--out", dir_okay=False, help="Write the proof here.")]


@prove.callback()
def room() -> None:
    """Prove what the log tells, or that it only grew."""


@prove.command("person")
def prove_person(
    context: typer.Context,
    reference: Reference,
    source: SourceName,
    out: OutOption,
    release: ReleaseOption = None,
    flow: Annotated[str | None, typer.Option(help="Batches of this flow only.")] = None,
    run: Annotated[str | None, typer.Option(help="Batches of this run only.")] = None,
    open_tags: OpenOption = False,
    site: SiteOption = None,
) -> int:
    """Prove that batches tell of one person, or that they do not. Behind a release form, and logged."""
    from sync.person_history import Asked

    place = opened(site_folder(context, site))
    known([source], sorted(place.sources), "source")
    found, _ = ask(place, Asked(asked_for(reference), source, flow, run), release, "proof", prove=True)
    write_proof(found, out, open_tags=open_tags)
    told = sum(bool(telling.rows) for telling in found.tellings)
    say.data(f"{len(found.tellings)} batches looked through, {told} tell of the person.")
    say.words(f"Written: {out.as_posix()}, readable by you alone.")
    return 0


@prove.command("growth")
def prove_growth(
    context: typer.Context,
    out: OutOption,
    since: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="The checkpoint that somebody kept; none for the first."
        ),
    ] = None,
    site: SiteOption = None,
) -> int:
    """Prove that the log only grew since a kept checkpoint; what a witness reads before it cosigns."""
    from audit.agree import hold_to_kept
    from audit.reading import read_log
    from audit.witness import request
    from common.files import write_atomic
    from sealing.keys import load_verifier

    place = opened(site_folder(context, site))
    verifier = load_verifier("log", place.keys.public)
    reading = read_log(place.var / "log", verifier)
    size = hold_to_kept(reading, verifier, since.read_bytes(), since.name).size if since else 0
    write_atomic(out, request(reading, size), private=False)
    say.data(f"{out.name}: the log grew from {size:,} to {reading.checkpoint.size:,} leaves.")
    return 0


@prove.command("rows")
def prove_rows(
    context: typer.Context, flow: FlowName, number: BatchNumber, out: OutOption, site: SiteOption = None
) -> int:
    """Sync side: write what opens the rows of a batch, for the council side alone."""
    import io

    from common.files import write_atomic
    from sync.opening import opening, opens_of

    place = opened(site_folder(context, site))
    table, content = opening(place, flow, number), io.BytesIO()
    table.write_parquet(content)
    write_atomic(out, content.getvalue())
    told = opens_of(place, flow, number, table)
    say.data(
        f"{out.name}: for batch {number} of {flow}, which sent {told.rows:,} rows;"
        f" opens those of {told.opened:,} of the {told.people:,} people they are of."
        " Hand it to the council's data team alone."
    )
    if told.opened < told.people:
        say.words("The rest was taken back or forgotten since: the batch cannot be shown whole any more.")
    return 0


@prove.command("file")
def prove_file(
    context: typer.Context,
    flow: FlowName,
    number: BatchNumber,
    opening: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="What `prove rows` wrote.")],
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Council side: show that nothing else was in a batch.

    Every row of its files, opened, is committed to by the leaf of one person.
    """
    from contextlib import closing

    import polars as pl

    from connectors.registry import open_landing
    from sync.opening import shown_whole

    place = opened(site_folder(context, site))
    with closing(open_landing(place.landing)) as landing:
        told = shown_whole(place, landing, flow, number, pl.read_parquet(opening))
    if json:
        say.as_json(told)
    else:
        rows = told["rows"]
        say.data(f"Batch {told['batch']}: {told['files']} files, leaves of {told['people']:,} people.")
        say.data(
            f"Nothing else was in it: {rows['sent']:,} rows sent are theirs, {rows['about_nobody']:,} are"
            f" about nobody; {rows['taken_back']:,} keys taken back were counted."
        )
    return 0
