"""Read the whole site and say all that is wrong at once."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import say
from commands.choices import KIND_OF
from commands.connecting import kept, signed_in
from commands.lacking import exposed, lacking
from commands.last_resort import tell
from commands.options import JsonOption, SiteOption, site_folder
from commands.provider_names import misnamed
from common.errors import ViaductError
from config.documents import DocumentRefused, Problem
from config.site import Site, survey


def check(
    context: typer.Context,
    connect: Annotated[
        bool, typer.Option("--connect", help="Also sign in everywhere, moving nothing.")
    ] = False,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Say all that is wrong with the site at once.

    Each with its file and line; what is lacking, such as keys, is listed apart.
    """
    folder = site_folder(context, site)
    errors, place, flows, registers, unsigned = _read(folder)
    if place is not None and connect:
        errors += signed_in(place)
    missing = [*lacking(place, flows, registers), *unsigned] if place is not None else []
    errors += exposed(place) if place is not None else []
    days = _days(place) if place is not None else []
    resting = _resting(place) if place is not None else []
    to_give = _to_give(place) if place is not None else []
    if json:
        told = [_shown(error) for error in errors]
        more = {"days": days, "resting": resting, "to_give": to_give}
        say.as_json({"site": folder.as_posix(), "errors": told, "lacking": missing, **more})
    else:
        _tell(folder, place, errors, missing, connect=connect)
        _notice(days)
        _rest(resting)
        for text in to_give:
            say.words(f"{text}.")
    return max((error.exit_code for error in errors), default=0)


def _read(
    folder: Path,
) -> tuple[list[ViaductError], Site | None, list[str], dict[str, str], list[str]]:
    """Return what is wrong with every file; the site, if it loads; flows, registers, signatures due."""
    from feed.targets import require_targets
    from mappings import load_mapping, load_postcodes
    from sharing import load_dpia
    from sync.receiving import require_lots

    surveyed = survey(folder)
    errors: list[ViaductError] = [DocumentRefused(surveyed.problems)] if surveyed.problems else []
    errors += filter(None, [misnamed(folder)])
    for path in surveyed.postcodes:
        kept(errors, partial(load_postcodes, path))
    for path in surveyed.mappings:
        kept(errors, partial(load_mapping, path))
    if surveyed.site is not None:
        kept(errors, partial(_tuned, surveyed.site))
        kept(errors, partial(require_targets, surveyed.site))
        kept(errors, partial(require_lots, surveyed.site))
    flows: list[str] = []
    registers: dict[str, str] = {}
    unsigned: list[str] = []
    for path in surveyed.dpias:
        dpia = kept(errors, partial(load_dpia, path, sources=surveyed.sources))
        if dpia is not None and surveyed.sources is None:
            flows += dpia.active_flows  # the council's host: what it says of a run is asked where runs are
        elif dpia is not None:
            _in_force(errors, dpia)
            kept(errors, partial(_as_its_examples_say, dpia))
            kept(errors, partial(_able_to_weigh, dpia))
            unsigned += kept(errors, partial(_signatures_due, surveyed.site, dpia)) or []
            flows += dpia.active_flows
            registers |= {KIND_OF[stop.type]: stop.register_file for stop in dpia.person_stops}
    return _joined(errors), surveyed.site, flows, registers, unsigned


def _tuned(site: Site) -> None:
    """Errors: DocumentRefused, for checks that cannot be asked in the way that providers.yaml says."""
    from common import clock
    from sync.tuned import tuned

    tuned(site, clock.today())


def _in_force(errors: list[ViaductError], dpia: Any) -> None:
    """Keep why nothing runs today; where something does, why the other flows do not."""
    from common import clock

    before, today = len(errors), clock.today()
    kept(errors, partial(dpia.require_in_force, today))
    for flow in dpia.active_flows if len(errors) == before else ():
        kept(errors, partial(dpia.require_flow_in_force, flow, today))


def _days(place: Site) -> list[dict[str, Any]]:
    """Return the days of the next 90 and those that have passed: notices, which fail nothing."""
    from sharing import load_dpia
    from sync.days import coming

    try:
        return coming(place, load_dpia(place.dpia, sources=place.known_sources))
    except ViaductError:
        return []


def _notice(days: list[dict[str, Any]]) -> None:
    from sync.days import in_words

    passed = [day for day in days if day["days_left"] < 0 and not day["begins"]]
    ahead = [day for day in days if day not in passed]
    for title, found in (("Days that have passed:", passed), ("Days that are coming:", ahead)):
        if found:
            say.words(title)
        for day in found:
            say.words(f"  - {in_words(day)}.")


def _resting(place: Site) -> list[str]:
    """Return the flows that are paused or ended and whose recipients still hold rows: notices."""
    from sharing import load_dpia
    from sync.resting import resting_flows

    try:
        found = resting_flows(place.var / "state", load_dpia(place.dpia, sources=place.known_sources))
    except ViaductError:
        return []
    return [f"{one}, and its recipient still holds rows of {len(one.people):,} people" for one in found]


def _to_give(place: Site) -> list[str]:
    """Return that who was told of somebody who is forgotten waits to be given: a notice."""
    from sync.who_was_told import yet_to_give

    return yet_to_give(place.var / "state")


def _rest(resting: list[str]) -> None:
    for text in resting:
        say.words(f"{text}: a run takes back what choices and erasures demand of it, and sends nothing else.")


def _signatures_due(site: Site | None, dpia: Any) -> list[str]:
    """Return what is still to be done where nobody has begun to sign. Errors: those of a run, once begun."""
    from sync.sign_off import nobody_began, require_signed_next

    if site is None:
        return []
    if nobody_began(site, dpia):
        return ["the signatures of the assessment: docs/how_to/sign_an_assessment.md"]
    require_signed_next(site, dpia)
    return []


def _as_its_examples_say(dpia: Any) -> None:
    from sync.examples import answers, refused_examples

    refused = refused_examples(dpia, answers(dpia))
    if refused is not None:
        raise refused


def _able_to_weigh(dpia: Any) -> None:
    from sync.linking.weighing import require_splink

    said = dpia.person_link.same_person
    if said is not None and said.probabilistic == "splink":
        require_splink()


def _joined(errors: list[ViaductError]) -> list[ViaductError]:
    """Return the errors with those of one kind of declared file made one, each problem once."""
    refused: dict[type[DocumentRefused], dict[str, Problem]] = {}
    for error in errors:
        if isinstance(error, DocumentRefused):
            refused.setdefault(type(error), {}).update({str(problem): problem for problem in error.problems})
    others = [error for error in errors if not isinstance(error, DocumentRefused)]
    return [*(kind(list(problems.values())) for kind, problems in refused.items()), *others]


def _shown(error: ViaductError) -> dict[str, Any]:
    problems = error.problems if isinstance(error, DocumentRefused) else []
    return {
        "code": error.code,
        "exit_code": error.exit_code,
        "lines": error.lines(),
        "problems": [{"file": p.file.as_posix(), "line": p.line, "text": p.text} for p in problems],
    }


def _tell(
    folder: Path, place: Site | None, errors: list[ViaductError], missing: list[str], *, connect: bool
) -> None:
    for error in errors:
        tell(error)
    if place is not None and not errors:
        say.words(f"{folder.as_posix()}: nothing is wrong. {_size(place)}.")
        if not connect:
            say.words("Nobody was signed in; to try that: python run_sync.py check --connect")
    if place is not None and place.pulls and place.schedule.beyond_the_service:
        say.words("If a service runs it:")
        for text in place.schedule.beyond_the_service:
            say.words(f"  - {text} (docs/how_to/run_every_night.md)")
    if missing:
        pulls = place is None or place.pulls
        say.words(f"Still to be done before a {'run' if pulls else 'load'}:")
        for text in missing:
            say.words(f"  - {text}")


def _size(place: Site) -> str:
    if not place.pulls:
        return "The council side, one assessment; sources, mappings and registers are the sync side's"
    pulled = sum(len(source.mappings) for source in place.sources.values())
    return f"{len(place.sources)} sources, {pulled} exports, one assessment"
