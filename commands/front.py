"""No verb at all: say what a run would do, and what is lacking for it."""

from pathlib import Path

import typer

from commands import say
from commands.lacking import lacking
from commands.options import SiteOrEnvironment, opened, site_folder
from config.site import Site

RUN = "python run_sync.py"


def front(context: typer.Context, site: SiteOrEnvironment = None) -> None:
    """Carry what charities know about the people they help across to the council, safely."""
    if context.invoked_subcommand is None:
        folder = site_folder(context, site)
        _tell(folder, opened(folder))


def _tell(folder: Path, site: Site) -> None:
    say.words(f"{site.name}, site {folder.as_posix()}: it loads.")
    if site.pulls:
        _tell_of_runs(site)
    else:
        say.words(f"The council side: load opens and loads what comes to {site.landing.as_posix()}.")
    missing = lacking(site)
    say.words()
    if missing:
        say.words(f"It lacks, before it can {'run' if site.pulls else 'load'}:")
        for text in missing:
            say.words(f"  - {text}")
    else:
        say.words("It lacks nothing.")
    say.words()
    say.words(f"{RUN} demo      try the whole of it on invented people")
    say.words(f"{RUN} check     everything that is wrong with the site")
    say.words(f"{RUN} run       one sync now" if site.pulls else f"{RUN} load      what has come")
    say.words(f"{RUN} --help    every verb")


def _tell_of_runs(site: Site) -> None:
    from scheduler import next_due, past_runs

    say.words(f"A run would pull {', '.join(sorted(site.sources))},")
    say.words(f"let out what {site.dpia.name} allows, and deliver it to {site.landing.as_posix()}.")
    last = next(past_runs(site.var / "runs"), None)
    say.words(f"Last run: {say.local(last.started_at) if last else 'never'}.")
    first = min((due.due_at for due in next_due(site)), default=None)
    say.words(f"Next by the timetable, while the scheduler runs: {say.local(first)}.")
