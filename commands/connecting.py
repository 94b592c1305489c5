"""Sign in everywhere that a site names, moving nothing: what `check --connect` does."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from commands import say
from common.errors import ViaductError
from config.site import Site
from config.warehouse import PostgresWarehouse


def signed_in(site: Site) -> list[ViaductError]:
    """Sign in everywhere, saying of each how it went. Return what went wrong."""
    places: dict[str, tuple[Callable[[], Any], str]] = {
        name: (partial(_sign_in, site, name), "signed in, every extract is there")
        for name in sorted(site.sources)
    }
    if site.loads and isinstance(site.warehouse, PostgresWarehouse):
        places["warehouse"] = partial(_try_server, site.warehouse), "signed in, ready to be loaded into"
    if site.loads and site.feed.views is not None:
        places["views"] = partial(_try_views, site.feed.views), "signed in, ready to show what is published"
    if not isinstance(site.landing, Path):
        places["landing"] = partial(_ask_landing, site), "signed in, its folder can be read"
    for name in sorted(site.providers) if site.pulls else ():
        if site.providers[name].worklist.drop is not None:
            places[f"worklist of {name}"] = (
                partial(_ask_drop, site, name),
                "reached, and it is this provider's",
            )
    if site.loads and site.lake is not None:
        places["lake"] = partial(_try_lake, site.lake), ""
    errors: list[ViaductError] = []
    for name, (step, well) in places.items():
        before = len(errors)
        said = kept(errors, step)
        say.words(f"{name}: {well or said if len(errors) == before else 'refused'}.")
    return errors


def _try_lake(lake: Any) -> str:
    from warehouse.lake_try import try_lake

    return try_lake(lake)


def _try_server(server: PostgresWarehouse) -> None:
    from warehouse.postgres_line import try_line

    try_line(server)


def _try_views(server: PostgresWarehouse) -> None:
    from feed.views.server import try_views

    try_views(server)


def _sign_in(site: Site, name: str) -> None:
    from connectors import open_source

    open_source(site.sources[name], site.folder).check()


def _ask_landing(site: Site) -> None:
    from connectors import open_landing

    with closing(open_landing(site.landing)) as landing:
        landing.greet()


def _ask_drop(site: Site, provider: str) -> None:
    from connectors.registry import open_drop

    drop = open_drop(site.providers[provider].worklist, provider, site.name, site.folder)
    if drop is not None:
        with closing(drop):
            drop.greet()


def kept(errors: list[ViaductError], step: Callable[[], Any]) -> Any:
    """Return what the step returns; an error is kept, and then it is nothing."""
    try:
        return step()
    except ViaductError as error:
        errors.append(error)
    return None
