"""Keys: made once per role, listed without their private parts."""

from pathlib import Path
from typing import Annotated

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder
from commands.revoking import meaning_of, refuse_on_its_way
from config.site import Site

keys = typer.Typer(help="Keys; private parts are never printed.", no_args_is_help=True)
OF_BATCHES = ("signing", "council", "receipt")
OwnFolder = Annotated[
    Path | None,
    typer.Option(
        "--keys", file_okay=False, help="Make it in this folder, itself made if absent; no site is needed."
    ),
]


@keys.command()
def new(
    context: typer.Context,
    role: Annotated[
        str, typer.Argument(help="signing, log, memory, council, receipt, feed, controller-PARTY …")
    ],
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
        typer.Argument(
            help="signing, council, receipt, feed, pseudonym (with --flow), controller-PARTY, dpia-attestor."
        ),
    ],
    flow: Annotated[str | None, typer.Option(help="The flow whose pseudonym key is changed.")] = None,
    site: SiteOption = None,
) -> int:
    """Give a new key to who signs, opens or answers batches, to a flow's pseudonyms, or to a party.

    What was signed or sealed under a key of before is still believed and still opens. After a pseudonym's,
    the next run with all its sources sends every row under it. After a party's, the assessment in force
    waits for its new signature.
    """
    from sealing.trust import signs_assessments

    place = opened(site_folder(context, site))
    if signs_assessments(role) and flow is None:
        return _rotate_signature(place, role)
    if role in OF_BATCHES and flow is None:
        return _rotate_of_batches(place, role)
    if role == "feed" and flow is None:
        return _rotate_of_releases(place, role)
    if role != "pseudonym" or flow is None:
        words = (
            "write: keys rotate signing, council, receipt, feed, controller-PARTY, or pseudonym --flow FLOW"
        )
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
    opens = role == "council"
    made = rotate_recipient(private, public) if opens else rotate_signature(role, private, public)
    kept = "the private part before" if opens else "the public part before"
    say.words(f"Role {role}: version {made.version} of its key is made; {kept} is kept aside.")
    say.words("Give the other side what the page says: docs/how_to/rotate_batch_keys.md")
    say.data(made.public or "")
    return 0


def _rotate_of_releases(place: Site, role: str) -> int:
    from sealing.rotation import rotate_signature

    made = rotate_signature(role, place.keys.private, place.keys.public)
    say.words(
        f"Role {role}: version {made.version} of its key is made; the public part before is kept aside."
    )
    say.words("Releases that are out stay believed. Give their readers the new public part as well.")
    say.data(made.public or "")
    return 0


def _rotate_pseudonym(place: Site, flow: str) -> int:
    from sealing.rotation import rotate as rotated
    from sharing import load_dpia

    known([flow], load_dpia(place.dpia, sources=place.known_sources).active_flows, "flow")
    version = rotated(f"pseudonym-{flow}", place.keys.private)
    say.words(f"Flow {flow}: version {version} of its key is made; version {version - 1} is kept aside.")
    say.words(
        "Next: python run_sync.py run. It withdraws every row and sends it under its new key, in one batch."
    )
    return 0


@keys.command()
def revoke(
    context: typer.Context,
    role: Annotated[
        str,
        typer.Argument(
            help="signing, council, receipt, feed, controller-PARTY, dpia-attestor, approver-NAME."
        ),
    ],
    version: Annotated[
        int | None, typer.Option(min=1, help="Which version of it; without, the one in force.")
    ] = None,
    site: SiteOption = None,
) -> int:
    """Let nobody believe, seal to or open with a key any more; there is no way back.

    Done on each side, in its own `keys/`. What the disclosure log names stays provable.
    """
    from sealing.revoking import revoke as revoked

    place = opened(site_folder(context, site))
    if role in OF_BATCHES:
        refuse_on_its_way(place, role)
    made = revoked(role, version, place.keys.private, place.keys.public)
    say.words(f"Revoked: role {role}, version {made.version}. {meaning_of(role)}")
    say.words("Do the same on every machine that holds its public part, or give them keys/revoked.txt.")
    say.data(made.public)
    return 0


@keys.command("list")
def listed(context: typer.Context, json: JsonOption = False, site: SiteOption = None) -> int:
    """List the keys: role, form, version, age, last use, public part; and what asks for somebody."""
    from commands.key_list import key_lines, show
    from sync.key_use import last_used

    place = opened(site_folder(context, site))
    lines = key_lines(place.keys, last_used(place.var / "runs"))
    if json:
        say.as_json([line.to_json() for line in lines])
    else:
        show(lines, place.keys)
    return 0
