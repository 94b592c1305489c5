"""Pause the runs of a source, or of the whole site, and let them go on."""

import getpass
import os
import re
from typing import Annotated

import typer

from commands import say
from commands.options import SiteOption, day, known, of_sync_side, opened, site_folder
from common import clock
from config.site import Site

LONGEST_REASON = 200
# An address, or as many digits as an NHS number or a telephone has: no reason to rest has them.
PERSONAL = re.compile(r"@|(?:\d[ -]?){9,}")
OneSource = Annotated[str | None, typer.Option("--source", help="Only this source; else the whole site.")]


def pause(
    context: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="Why; status shows it. No person's name.")],
    source: OneSource = None,
    until: Annotated[
        str | None, typer.Option("--until", help="The first day on which it runs again (YYYY-MM-DD).")
    ] = None,
    site: SiteOption = None,
) -> int:
    """Let no run begin, of a source or of the whole site; one under way goes on to its end."""
    from scheduler.pauses import Pause, begin_pause

    place = of_sync_side(opened(site_folder(context, site), to_log=True))
    known([source] if source else None, sorted(place.sources), "source")
    first = day(until) if until else None
    if first is not None and first <= clock.today():
        raise typer.BadParameter("--until is the first day on which it runs again: write a day to come")
    begin_pause(place, Pause(clock.now(), operator(), _reason(reason), source, first))
    ends = f"until {first:%a %d %b %Y}" if first else "until: python run_sync.py resume"
    say.words(f"Paused: {_what(source)}, {ends}{f' --source {source}' if source and not first else ''}")
    return 0


def resume(context: typer.Context, source: OneSource = None, site: SiteOption = None) -> int:
    """Let runs begin again; what fell into the pause is not made good, the next slot is the next run."""
    from scheduler import next_due
    from scheduler.pauses import end_pause, standing_pauses

    place = of_sync_side(opened(site_folder(context, site), to_log=True))
    known([source] if source else None, sorted(place.sources), "source")
    standing = [one.source for one in standing_pauses(place)]
    if source not in standing:
        _nothing_to_resume(source, standing)
        return 0
    end_pause(place, source, operator())
    say.words(f"Goes on: {_what(source)}.")
    for due in next_due(place):
        if source in {None, due.source}:
            say.words(f"{due.source}: next {say.local(due.due_at)}")
    for other in standing_pauses(place):
        say.words(f"Still paused: {_what(other.source)}.")
    return 0


def not_paused(site: Site, named: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the sources that a run by hand may pull: those named, or all that are not paused.

    Errors: RunPaused, if one that is named is paused, or all are.
    """
    from scheduler.errors import RunPaused
    from scheduler.pauses import paused_sources

    paused = paused_sources(site)
    stopped = [source for source in named or sorted(site.sources) if source in paused]
    if not stopped:
        return named
    if named or len(stopped) == len(site.sources):
        raise RunPaused(", ".join(f"source {source}" for source in stopped))
    say.words(f"Paused, and left out: {', '.join(stopped)}. See python run_sync.py status")
    return tuple(source for source in sorted(site.sources) if source not in paused)


def operator() -> str:
    """Return the login name of whoever typed this, behind sudo too; "unknown" where the system knows none."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _nothing_to_resume(source: str | None, standing: list[str | None]) -> None:
    if source is not None and None in standing:
        raise typer.BadParameter("the whole site is paused; resume without --source ends that")
    if source is None and standing:
        names = ", ".join(f"--source {one}" for one in standing)
        raise typer.BadParameter(f"the site is not paused, only a source is: resume {names}")
    say.words(f"Not paused: {_what(source)}.")


def _reason(text: str) -> str:
    """Return the reason: a few words on one line, that hold no address and no number of a person."""
    words = text.strip()
    if not (3 <= len(words) <= LONGEST_REASON and words.isprintable()):
        raise typer.BadParameter(f"--reason takes 3 to {LONGEST_REASON} characters on one line")
    if PERSONAL.search(words):
        raise typer.BadParameter("--reason is shown to many: leave out addresses and numbers of people")
    return words


def _what(source: str | None) -> str:
    return f"source {source}" if source else "the whole site"
