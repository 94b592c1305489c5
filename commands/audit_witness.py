"""Witnesses of the disclosure log: one folder, one command, no server."""

from pathlib import Path
from typing import Annotated

import typer

from commands import say
from commands.options import SiteOption, opened, site_folder

witness = typer.Typer(help="Witnesses of the log: one folder, one command, no server.", no_args_is_help=True)
NoteFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file that was sent.")]


@witness.callback()
def room() -> None:
    """Sign, as somebody else, that the log only grew; or keep what a witness signed."""


@witness.command()
def cosign(
    request: NoteFile,
    folder: Annotated[
        Path, typer.Option(file_okay=False, help="The witness's own folder, with log.pub in it.")
    ],
    name: Annotated[str, typer.Option(help="The witness's name, such as charity.example/witness.")],
    out: Annotated[
        Path, typer.Option(dir_okay=False, help="Write the cosigned checkpoint here, to be sent back.")
    ],
) -> int:
    """As a witness: sign a checkpoint, if the log only grew since the one signed last.

    The folder holds the log's public key (log.pub), the witness's own key, made the first time, and the last
    checkpoint it signed. No site is needed.
    """
    from sync.witness import sign_as_witness

    seen = sign_as_witness(folder, name, request.read_bytes(), out)
    say.words(f"Signed: {seen.size:,} leaves. Send back {out.as_posix()}.")
    say.data(seen.key)
    return 0


@witness.command()
def keep(context: typer.Context, cosigned: NoteFile, site: SiteOption = None) -> int:
    """Keep what a witness signed beside the log, once it is its signature and this log.

    The witnesses that count stand in the file `witnesses` among the site's public keys, one key per line.
    """
    from audit.reading import read_log
    from audit.witnessed import keep as kept
    from audit.witnessed import known_witnesses
    from sealing.keys import load_verifier

    place = opened(site_folder(context, site))
    verifier = load_verifier("log", place.keys.public)
    known = known_witnesses(place.keys.public)
    seen = kept(read_log(place.var / "log", verifier), verifier, known, cosigned.read_bytes())
    say.words(f"{seen.witness} cosigned {seen.size:,} leaves, {say.local(seen.at)}.")
    return 0
