"""The disclosure log."""

import typer

from commands import say
from commands.options import JsonOption, SiteOption, opened, site_folder

audit = typer.Typer(help="The disclosure log.", no_args_is_help=True)


@audit.callback()
def room() -> None:
    """Look after the disclosure log."""


@audit.command()
def verify(context: typer.Context, json: JsonOption = False, site: SiteOption = None) -> int:
    """Check every line, every signature and every checkpoint of the disclosure log."""
    from audit.verify import verify as verified
    from sealing.keys import load_verifier

    place = opened(site_folder(context, site))
    found = verified(place.var / "log", load_verifier("log", place.keys.public))
    if json:
        say.as_json(found.to_json())
    else:
        say.words(
            f"The disclosure log verifies: {found.size:,} leaves, {found.checkpoints:,} signed checkpoints."
        )
        say.data(f"root {found.root}")
    return 0
