"""Council side: open, verify and load what has arrived."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, LakeOption, SiteOption, opened, site_folder, with_lake

REFUSED = 51
NO_MANIFEST = (
    "Its folder or its manifest is a link or no plain one, or the manifest is larger than 16 MiB. Nothing of "
    "it was loaded, and it has no answer: ask the sending side, and who else writes there."
)


def load(
    context: typer.Context,
    print_grants: Annotated[
        bool,
        typer.Option("--print-grants", help="Print what a PostgreSQL server needs; load nothing."),
    ] = False,
    print_schema: Annotated[
        str | None,
        typer.Option(
            "--print-schema",
            metavar="SERVER",
            help="Print tables and rights for copies of a lake: sqlserver, synapse, fabric; load nothing.",
        ),
    ] = None,
    to: LakeOption = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Council side: open, verify and load what arrived.

    Each batch is answered with a signed receipt or a signed refusal. With --to (or a lake in site.yaml) the
    tables are published for other systems before any receipt is left.
    """
    from sync.council import load_council_side

    if print_grants:
        _print_grants(site_folder(context, site))
        return 0
    if print_schema is not None:
        _print_schema(site_folder(context, site), print_schema)
        return 0
    unread: list[str] = []
    receipts = load_council_side(with_lake(opened(site_folder(context, site), to_log=True), to), unread)
    if json:
        say.as_json([receipt.model_dump(mode="json") for receipt in receipts])
    else:
        _show(receipts)
    for batch in unread:
        say.words(f"Not read: batch {batch}. {NO_MANIFEST}")
    return REFUSED if unread or any(receipt.outcome != "loaded" for receipt in receipts) else 0


def _print_grants(folder: Path) -> None:
    from sync.council import server_grants

    grants = server_grants(opened(folder))
    if grants is None:
        raise typer.BadParameter("the warehouse of this site is a file; it needs no roles")
    typer.echo(grants, nl=False)


def _print_schema(folder: Path, server: str) -> None:
    from sync.council import server_schema
    from warehouse.tsql import WORDS

    kind = next((known for known in WORDS if known == server), None)
    if kind is None:
        raise typer.BadParameter(f"--print-schema: write one of {', '.join(WORDS)}")
    schema = server_schema(opened(folder), kind)
    if schema is None:
        raise typer.BadParameter(
            "--print-schema: it shows what a warehouse file holds, and there is none yet"
        )
    typer.echo(schema, nl=False)


def _show(receipts: list[Any]) -> None:
    if not receipts:
        say.words("Nothing new has arrived.")
        return
    say.table(
        "Batches",
        ("batch", "outcome", "reason"),
        ((receipt.batch_id, receipt.outcome, receipt.reason or "") for receipt in receipts),
    )
