"""The options that verbs share, each declared once."""

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from common import log
from common.clock import LONDON
from config.lake import DestinationPlace, LakeFormat, LakePlace
from config.site import Site

EXAMPLE = Path("config/example")
SiteOption = Annotated[Path | None, typer.Option("--site", help="The site's folder, from where you stand.")]
SiteOrEnvironment = Annotated[
    Path | None,
    typer.Option("--site", help="The site's folder (else config/example).", envvar="VIADUCT_SITE"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print data as JSON on stdout.")]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", help="Only this source (may be repeated).")
]
KeysOption = Annotated[
    Path | None,
    typer.Option(
        "--keys", exists=True, file_okay=False, help="A folder with the keys alone; no site is needed."
    ),
]
LakeOption = Annotated[
    tuple[str, Path] | None,
    typer.Option(
        "--to",
        metavar="FORMAT DIR",
        help="Publish the tables of the warehouse file there: parquet DIR, delta DIR, dlt NAME.",
    ),
]
FlowOption = Annotated[list[str] | None, typer.Option("--flow", help="Only this flow (may be repeated).")]


def day(word: str) -> date:
    """Return the calendar day that was typed as YYYY-MM-DD."""
    try:
        return datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=LONDON).date()
    except ValueError:
        pass
    raise typer.BadParameter("write the day as YYYY-MM-DD")


def site_folder(context: typer.Context, site: Path | None) -> Path:
    """Return the site's folder: named with the verb, before it, by VIADUCT_SITE, else the example."""
    return site or context.find_root().params.get("site") or EXAMPLE


def with_lake(site: Site, to: tuple[str, Path] | None) -> Site:
    """Return the site with the lake that was typed; the one that site.yaml names is not passed over."""
    if to is None:
        return site
    kind, folder = to
    if kind == "dlt":
        if not isinstance(site.lake, DestinationPlace) or site.lake.destination != str(folder):
            raise typer.BadParameter("--to: name dlt's destination and credentials in site.yaml, under lake")
        return site
    if kind not in get_args(LakeFormat):
        raise typer.BadParameter(f"--to: write one of {', '.join(get_args(LakeFormat))}, then a folder")
    if not isinstance(site.warehouse, Path):
        raise typer.BadParameter("--to: the warehouse of this site is a server; a lake is of a file")
    typed = LakePlace(cast("LakeFormat", kind), folder.absolute())
    if site.lake is None:
        return replace(site, lake=typed)
    known = site.lake if isinstance(site.lake, LakePlace) else None
    if known is None or (known.format, known.folder.absolute()) != (typed.format, typed.folder):
        raise typer.BadParameter("--to: site.yaml names another lake, which would fall behind")
    return site


def opened(folder: Path, *, to_log: bool = False) -> Site:
    """Return the loaded site; with `to_log` its log is written from now on. Errors: DocumentRefused."""
    from config.site import load_site

    site = load_site(folder)
    if to_log:
        log.configure(site.var / "logs" / "viaduct.jsonl", level=_level())
    return site


def of_sync_side(site: Site) -> Site:
    """Return the site, if this machine pulls; the council's host has nothing to run, and no run to pause."""
    if not site.pulls:
        raise typer.BadParameter(
            "this is the council's host (council_side: here in site.yaml): nothing is pulled, type load"
        )
    return site


def known(names: list[str] | None, among: list[str], what: str) -> tuple[str, ...] | None:
    """Return the names asked for, all of them known; None when none was named."""
    from config.documents import suggest

    for name in names or []:
        if name not in among:
            raise typer.BadParameter(f"there is no {what} {name}.{suggest(name, among)}")
    return tuple(names) if names else None


def lands_in_a_folder(*files: Path | None) -> None:
    """Refuse a file to be written whose folder is not there: a slip of the pen makes no folders."""
    for file in files:
        if file is not None and not file.parent.is_dir():
            raise typer.BadParameter(f"Directory '{file.parent.as_posix()}' does not exist.")


def named(name: str | None) -> str | None:
    """Return the name of whoever accepts something: at least a word, on one line."""
    from config.characters import is_placeholder

    if name is not None and not (3 <= len(name.strip()) <= 100 and name.isprintable()):
        raise typer.BadParameter("write who accepts it, as in: Jane Example, Caldicott guardian")
    if name is not None and is_placeholder(name):
        raise typer.BadParameter(
            "write who it is, with name and post, and not the words that are printed for it"
        )
    return name.strip() if name else None


def _level() -> str:
    level = os.environ.get("VIADUCT_LOG_LEVEL", "info").lower()
    if level not in log.LEVELS:
        raise typer.BadParameter(f"VIADUCT_LOG_LEVEL is one of {', '.join(log.LEVELS)}")
    return level
