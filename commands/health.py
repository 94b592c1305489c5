"""Whether all is well, for a machine that asks: one exit code, and what is wrong as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import say
from commands.attending import write_numbers
from commands.options import JsonOption, SiteOption, opened, site_folder
from common import clock
from config.site import Site

if TYPE_CHECKING:
    from scheduler.health import Health, SourceHealth
    from scheduler.problems import Problem


def health(
    context: typer.Context,
    alert: Annotated[
        bool, typer.Option("--alert", help="Also tell whoever can act what is new; for cron.")
    ] = False,
    council: Annotated[
        bool,
        typer.Option(
            "--council",
            help="Council side: whether batches come, and are loaded; of itself where council_side is here.",
        ),
    ] = False,
    metrics: Annotated[
        bool, typer.Option("--metrics", help="Write the numbers for Prometheus too; else nothing is written.")
    ] = False,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Say whether all is well: 0, or the largest code of what somebody must act on.

    No run is needed: it tells where the scheduler is dead too. Nothing is written, but with --alert, and the
    numbers with --metrics.
    """
    from scheduler.health import look_at_health

    place = opened(site_folder(context, site))
    council = council or not place.pulls
    if council and metrics:
        raise typer.BadParameter(
            "the council side has no runs, so there are no numbers of them: no --metrics"
        )
    if council and alert and place.pulls:
        raise typer.BadParameter("the council side's alerts are told on its own host (council_side: here)")
    if alert:
        _alert(place)
    if council:
        return of_council(place, as_json=json)
    look = look_at_health(place)
    code = exit_code(look.problems)
    if metrics:
        write_numbers(place)
    if json:
        say.as_json(told(place.name, look, code))
    else:
        show(look.problems)
        _say_what_is_not_judged(look)
    return code


def _alert(place: Site) -> None:
    """Tell the news, and say in words what came of it; what was not sent is a problem like any other."""
    from commands.alerting import tell_of_problems
    from commands.asking import notify_providers, say_of

    notices = notify_providers(place)
    say_of(notices)
    if notices.noticed:
        say.words(f"Written to: {', '.join(notices.noticed)}.")
    if place.alerts is None and place.findings.notices is None:
        raise typer.BadParameter("site.yaml has no alerts, so nobody can be told")
    done = tell_of_problems(place)
    for error in done.errors:
        say.words(str(error))
    why = "These are quiet hours" if done.quiet else "Another process is at it" if done.busy else "No news"
    say.words(f"Told: {', '.join(done.sent)}." if done.sent else f"{why}: nobody was told.")


def of_council(site: Site, *, as_json: bool) -> int:
    """Say how the council side fares, from the landing zone alone; return the exit code."""
    from sync.arrivals import arrivals, problems_of_arrivals

    now, found = clock.now(), arrivals(site)
    problems = problems_of_arrivals(site, found, now)
    code = exit_code(problems)
    if as_json:
        told = [one.to_json() for one in problems]
        flows = [one.to_json() for one in found]
        at = clock.stamp(now)
        say.as_json({"site": site.name, "at": at, "exit_code": code, "problems": told, "flows": flows})
    else:
        show(problems)
    return code


def exit_code(problems: Sequence["Problem"]) -> int:
    """Return the largest code of the problems; what is tried again by itself does not count yet."""
    return max((one.exit_code for one in problems if not one.passing), default=0)


def told(site: str, look: "Health", code: int) -> dict[str, Any]:
    """Return what `health --json` prints."""
    return {
        "site": site,
        "at": clock.stamp(look.at),
        "exit_code": code,
        "problems": [problem.to_json() for problem in look.problems],
        "sources": [source_told(source) for source in look.sources],
    }


def source_told(source: "SourceHealth") -> dict[str, Any]:
    """Return how one source fares, as JSON."""
    last = source.last
    return {
        "source": source.source,
        "paused": source.paused,
        "last_started_at": clock.stamp(last.started_at) if last else None,
        "last_ended_at": clock.stamp(last.ended_at) if last else None,
        "last_exit_code": last.exit_code if last else None,
        "records": source.records.to_json(),
        "seconds": source.seconds.to_json(),
    }


def show(problems: Sequence["Problem"]) -> None:
    """Write each problem in two lines: what and since when; what to do, and whose it is."""
    if not problems:
        say.words("All is well.")
    for one in problems:
        many = f" ({one.count:,})" if one.count > 1 else ""
        say.data(f"{one.code}  {one.place}, since {say.local(one.since)}{many}: {one.title}")
        hint = "It is tried again by itself." if one.passing else f"For {one.actor}: {one.remedy}"
        say.data(f"      {hint}")


def _say_what_is_not_judged(look: "Health") -> None:
    from scheduler.usual import Verdict

    new = [one.source for one in look.sources if one.records.verdict is Verdict.TOO_LITTLE_HISTORY]
    if new:
        say.words(f"Too little history to know what is usual of: {', '.join(new)}.")
