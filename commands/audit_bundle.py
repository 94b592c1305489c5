"""What an auditor is given, in one folder."""

from pathlib import Path
from typing import Annotated

import typer

from commands import say
from commands.options import JsonOption, SiteOption, opened, site_folder


def bundle(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option("--out", file_okay=False, help="Write into this folder, new or empty.")
    ],
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Write all that an auditor needs to check the log without Viaduct: log, manifests, keys, verifiers.

    The log is verified first; of one that does not verify nothing is written. No sent file, no private key
    and nothing that tells who somebody is goes into it.
    """
    from sync.bundle import write_bundle

    place = opened(site_folder(context, site))
    if not (place.var / "log").exists():
        raise typer.BadParameter("there is no disclosure log yet: nothing was ever sent")
    said = write_bundle(place, out)
    if json:
        say.as_json(said)
    else:
        say.data(f"{len(said['files']):,} files, {said['log']['size']:,} leaves, root {said['log']['root']}")
        say.data(f"SHA256SUMS has the digest {said['sums']}")
        if said["landing"] == "not_read_here":
            say.words("No manifest and no answer is in it: the landing zone may not be looked at here.")
        say.words(f"Hand over {out.as_posix()} as a whole; its README.md says how to check it.")
        say.words("Tell the digest of SHA256SUMS by another way than the folder.")
    return 0
