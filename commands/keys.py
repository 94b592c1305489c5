"""Keys: made once per role, listed without their private parts."""

from pathlib import Path
from typing import Annotated

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder
from config.site import Site

keys = typer.Typer(help="Keys; private parts are never printed.", no_args_is_help=True)
OwnFolder = Annotated[
    Path | None,
    typer.Option(
        "--keys", file_okay=False, help="Make it in this folder, itself made if absent; no site is needed."
    ),
]


@keys.command()
def new(
    context: typer.Context,
    role: Annotated[str, typer.Argument(help="signing, log, memory, council, receipt, controller-PARTY …")],
    keys: OwnFolder = None,
    site: SiteOption = None,
) -> int:
    """Make the key of a role: the private part for its owner alone, the public part beside the site.

    With --keys both go into that folder, made for its owner alone: for a party that signs elsewhere.
    """
    from sealing.keys import create

    private = public = keys
    if private is None or public is None:
        held = opened(site_folder(context, site)).keys
        private, public = held.private, held.public
    made = create(role, private, public)
    say.words(f"Role {role}: {(private / f'{role}.key').as_posix()} (private, keep a sealed copy)")
    if made.public is not None:
        say.words(f"Public part: {(public / f'{role}.pub').as_posix()}")
        say.data(made.public)
    return 0


@keys.command()
def rotate(
    context: typer.Context,
    role: Annotated[
        str,
        typer.Argument(help="signing, council, pseudonym (with --flow), controller-PARTY, dpia-attestor."),
    ],
    flow: Annotated[str | None, typer.Option(help="The flow whose pseudonym key is changed.")] = None,
    site: SiteOption = None,
) -> int:
    """Give a new key to who signs batches or opens them, to a flow's pseudonyms, or to a party that signs.

    What was signed or sealed under a key of before is still believed and still opens. After a pseudonym's,
    the next run with all its sources sends every row under it. After a party's, the assessment in force
    waits for its new signature.
    """
    from sealing.trust import signs_assessments

    place = opened(site_folder(context, site))
    if signs_assessments(role) and flow is None:
        return _rotate_signature(place, role)
    if role in {"signing", "council"} and flow is None:
        return _rotate_of_batches(place, role)
    if role != "pseudonym" or flow is None:
        words = "write: keys rotate signing, council, controller-PARTY, or pseudonym --flow FLOW"
        raise typer.BadParameter(words)
    return _rotate_pseudonym(place, flow)


def _rotate_signature(place: Site, role: str) -> int:
    from sealing.rotation import rotate_signature

    made = rotate_signature(role, place.keys.private, place.keys.public)
    say.words(
        f"Role {role}: version {made.version} of its key is made; the public part before is kept aside."
    )
    say.words("What it signed in the assessment in force counts no more: python run_sync.py dpia sign")
    say.data(made.public or "")
    return 0


def _rotate_of_batches(place: Site, role: str) -> int:
    from sealing.rotation import rotate_recipient, rotate_signature

    private, public = place.keys.private, place.keys.public
    made = rotate_signature(role, private, public) if role == "signing" else rotate_recipient(private, public)
    kept = "the public part before" if role == "signing" else "the private part before"
    say.words(f"Role {role}: version {made.version} of its key is made; {kept} is kept aside.")
    say.words("Give the other side what the page says: docs/how_to/rotate_batch_keys.md")
    say.data(made.public or "")
    return 0


def _rotate_pseudonym(place: Site, flow: str) -> int:
    from sealing.rotation import rotate as rotated
    from sharing import load_dpia

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
