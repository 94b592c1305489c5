"""Is this machine well: clock, disk, rights, keys, certificates, lines, lock, log. Nothing is changed."""

from typing import Annotated

import typer

from commands import say
from commands.lacking import missing_roles, unread_secrets
from commands.options import JsonOption, SiteOption, opened, site_folder
from config.site import Site


def doctor(
    context: typer.Context,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=600, help="How long each server may take to answer.")
    ] = 10.0,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Look at clock, disk, rights, keys, certificates, servers, lock and log; change nothing.

    Ends with 0, else with the largest code of the lines that say FAIL; a WARN fails nothing.
    """
    from sync.doctor import State, examine

    place = opened(site_folder(context, site))
    lines = list(examine(place, missing_roles(place, _flows(place)), unread_secrets(place), seconds))
    code = max((line.exit_code for line in lines if line.state is State.FAIL), default=0)
    if json:
        say.as_json({"site": place.name, "exit_code": code, "lines": [line.to_json() for line in lines]})
        return code
    for line in lines:
        say.data(
            f"{line.state:<4}  {line.check}, {line.about}: {f'{line.code} ' if line.code else ''}{line.says}"
        )
        if line.remedy:
            say.data(f"      {line.remedy}")
    return code


def _flows(site: Site) -> list[str]:
    """Return the flows whose keys are needed; none if the assessment does not load, which `check` tells."""
    from common.errors import ViaductError
    from sharing import load_dpia

    try:
        return list(load_dpia(site.dpia, sources=site.known_sources).active_flows)
    except ViaductError:
        return []
