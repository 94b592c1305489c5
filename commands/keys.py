"""Keys: made once per role, listed without their private parts."""

from typing import Annotated

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder

keys = typer.Typer(help="Keys; private parts are never printed.", no_args_is_help=True)


@keys.command()
def new(
    context: typer.Context,
    role: Annotated[str, typer.Argument(help="signing, log, memory, council, receipt or pseudonym-FLOW.")],
    site: SiteOption = None,
) -> int:
    """Make the key of a role: the private part for its owner alone, the public part beside the site."""
    from sealing.keys import create

    place = opened(site_folder(context, site))
    made = create(role, place.keys.private, place.keys.public)
    say.words(f"Role {role}: {(place.keys.private / f'{role}.key').as_posix()} (private, keep a sealed copy)")
    if made.public is not None:
        say.words(f"Public part: {(place.keys.public / f'{role}.pub').as_posix()}")
        say.data(made.public)
    return 0


@keys.command()
def rotate(
    context: typer.Context,
    role: Annotated[str, typer.Argument(help="pseudonym: the key by which a flow's rows are named.")],
    flow: Annotated[str, typer.Option(help="The flow whose key is changed.")],
    site: SiteOption = None,
) -> int:
    """Give a flow a new pseudonym key; the next run with all its sources sends every row under it."""
    from sealing.rotation import rotate as rotated
    from sharing import load_dpia

    place = opened(site_folder(context, site))
    if role != "pseudonym":
        raise typer.BadParameter("write: keys rotate pseudonym --flow FLOW")
    known([flow], load_dpia(place.dpia, sources=place.sources).active_flows, "flow")
    version = rotated(f"pseudonym-{flow}", place.keys.private)
    say.words(f"Flow {flow}: version {version} of its key is made; version {version - 1} is kept aside.")
    say.words(
        "Next: python run_sync.py run. It withdraws every row and sends it under its new key, in one batch."
    )
    return 0


@keys.command("list")
def listed(context: typer.Context, json: JsonOption = False, site: SiteOption = None) -> int:
    """List the keys: role, form, version, age, public part."""
    from sealing.keys import list_keys

    place = opened(site_folder(context, site))
    found = list_keys(place.keys.private, place.keys.public)
    if json:
        say.as_json(
            [
                {
                    "role": key.role,
                    "form": str(key.form),
                    "version": key.version,
                    "created_on": key.created_on.isoformat(),
                    "public": key.public,
                    "has_private": key.has_private,
                }
                for key in found
            ]
        )
    else:
        say.table(
            "Keys",
            ("role", "form", "version", "days old", "private part", "public part"),
            (
                (
                    key.role,
                    str(key.form),
                    key.version,
                    key.age_days(),
                    "here" if key.has_private else "elsewhere",
                    key.public,
                )
                for key in found
            ),
        )
    return 0
