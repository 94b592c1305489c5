"""Batches on their way: what waits, how far it came, and one that is lost for good given up."""

from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder

REASONS = ("landing_lost", "damaged", "unknown")
APPROVERS = ("dpo", "caldicott_guardian", "siro", "controller")
WHAT_FOLLOWS = (
    "Its rows count as not received once the council side has said that it did not load it: they are sent "
    "again where the flow still may, and stay unshared where it has ended; what it took back is taken back "
    "again. Did the council side load it after all, its receipt comes and nothing is sent again."
)

batches = typer.Typer(help="Batches that are on their way.", no_args_is_help=True)


@batches.callback()
def room() -> None:
    """Look after batches that are sealed and not remembered."""


@batches.command("list")
def listed(context: typer.Context, json: JsonOption = False, site: SiteOption = None) -> int:
    """Show what waits: how far each batch came, since when, how many rows it brings and takes back."""
    from sync.giving_up import on_their_way
    from sync.place import look

    with look(opened(site_folder(context, site))) as place:
        found = [one.to_json() for one in on_their_way(place)]
    if json:
        say.as_json(found)
    elif not found:
        say.words("No batch is on its way.")
    else:
        say.table(
            "Batches on their way", ("batch", "state", "sealed", "rows", "withdrawn", ""), map(_row, found)
        )
    return 0


@batches.command("give-up")
def give_up(
    context: typer.Context,
    batch: Annotated[
        str, typer.Argument(metavar="FLOW/NNNNNNNN-RUNID", help="The batch, by its whole name.")
    ],
    reason: Annotated[str, typer.Option(help=f"How it was lost: {', '.join(REASONS)}.")],
    approver: Annotated[str, typer.Option("--approved-by", help=f"On whose word: {', '.join(APPROVERS)}.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it you only see what would be.")] = False,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Give up a batch that was delivered and is lost for good, so that its flow goes on. Logged.

    Nothing is decided by it: the council side is asked once more, and its signed answer settles the batch.
    """
    from sync.forgetting import Approver
    from sync.giving_up import Lost, on_their_way
    from sync.giving_up import give_up as given_up
    from sync.place import prepare

    folder = opened(site_folder(context, site), to_log=yes)
    known([reason], list(REASONS), "reason")
    known([approver], list(APPROVERS), "approver")
    with prepare(folder, dry_run=not yes) as place:
        found = next((one for one in on_their_way(place) if one.batch.id == batch), None)
        if found is None:
            raise typer.BadParameter("no batch of this name is on its way: python run_sync.py batches list")
        if not (found.late or found.given_up):
            raise typer.BadParameter(
                "only a batch that was delivered and has no receipt in time (E806) is given up; look at it "
                "first: python run_sync.py batches list"
            )
        if yes:
            given_up(place, found, Lost(reason), Approver(approver))
    if json:
        say.as_json(found.to_json() | {"done": yes})
    else:
        _show(found.to_json(), done=yes)
    return 0


def _row(one: dict[str, Any]) -> tuple[str | int, ...]:
    word = "given up" if one["given_up"] else "late" if one["late"] else ""
    rows = one["rows"]
    return (one["batch"], one["state"], say.local(one["sealed_at"]), rows["upsert"], rows["withdraw"], word)


def _show(one: dict[str, Any], *, done: bool) -> None:
    rows = one["rows"]
    say.words(f"Batch {one['batch']}: {rows['upsert']:,} rows brought, {rows['withdraw']:,} taken back.")
    say.words(WHAT_FOLLOWS)
    if done:
        say.words(
            "It is given up. Now: python run_sync.py run; then load on the council side; then run again."
        )
    else:
        say.words("Nothing was done. To do it, add --yes.")
