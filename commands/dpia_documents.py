"""What an assessment tells its readers: the public register, and every document as a page."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, opened, site_folder

NOBODY = "It is not published: transparency.publishRegister of the assessment says no."


def register(context: typer.Context, json: JsonOption = False, site: SiteOption = None) -> int:
    """Show the public register: each use of data, on which ground, and how to object or complain.

    Its page is written too. Where the assessment says that there is no public register, none is.
    """
    from commands.documents import build_documents, folder_of, readings
    from sharing import load_dpia
    from sync.sign_off import trusted_here

    place = opened(site_folder(context, site))
    dpia = load_dpia(place.dpia, sources=place.known_sources)
    told = readings(dpia, trusted_here(place))["register"]
    build_documents(place)
    if json:
        say.as_json(told)
    else:
        _show(told)
    if told["published"]:
        say.words(f"As a page: {(folder_of(place) / 'register.html').as_posix()}")
    else:
        say.words(NOBODY)
    return 0


def calendar(
    context: typer.Context,
    within: Annotated[
        int | None, typer.Option(min=0, help="Only what has passed, or lies within so many days.")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Show every day on which something runs out or is to be looked at again, and what stops then."""
    from commands.documents import readings
    from common import clock
    from sharing import load_dpia
    from sync.days import days_of_site
    from sync.sign_off import trusted_here

    place = opened(site_folder(context, site))
    dpia = load_dpia(place.dpia, sources=place.known_sources)
    days = days_of_site(place, dpia, clock.today())
    told = readings(dpia, trusted_here(place), days)["calendar"]
    if within is not None:
        told["days"] = [day for day in told["days"] if _lies_within(day, within)]
    if json:
        say.as_json(told)
        return 0
    ahead = [day for day in told["days"] if day["band"] != "begun"]
    say.table(
        f"{place.name}: days that are coming",
        ("days left", "day", "what", "stops"),
        ((day["days_left"], str(day["last_day"]), day["what"], _stopped(day)) for day in ahead),
    )
    for each in told["assessment"]["waivers_used"]:
        say.words(f"Waived until {each['expires_on']}: {each['rule']}. {each['reason']}")
    return 0


def _lies_within(day: dict[str, Any], within: int) -> bool:
    """Return whether the day has passed, has not begun, or is so near."""
    return day["band"] in {"passed", "not_begun"} or (day["band"] != "begun" and day["days_left"] <= within)


def _stopped(day: dict[str, Any]) -> str:
    return {"file": "every flow", "flows": ", ".join(day["flows"])}.get(day["stops"], "nothing")


def documents(
    context: typer.Context,
    out: Annotated[Path, typer.Option(file_okay=False, help="Write the pages into this folder.")],
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="An assessment's file (else the site's own)."),
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Write what an assessment tells, a draft's too, as pages and as data: nothing is pulled or sent."""
    from commands.documents import readings
    from reports import Beside, write_documents
    from sealing.trust import Trust
    from sharing import load_dpia
    from sync.sign_off import trusted_here

    folder = site_folder(context, site)
    place = opened(folder) if file is None or (folder / "site.yaml").exists() else None
    dpia = load_dpia(file or opened(folder).dpia)
    name, sample = (place.name, place.sample) if place else (dpia.title, False)
    told = readings(dpia, trusted_here(place) if place else Trust())
    written = write_documents(Beside(out, name, sample, linked=False), told)
    if json:
        files = [path.as_posix() for path in written]
        say.as_json({"id": dpia.id, "version": dpia.version, "sha256": dpia.sha256, "files": files})
        return 0
    for path in written:
        say.data(path.as_posix())
    return 0


def _show(told: dict[str, Any]) -> None:
    for use in told["uses"]:
        say.data(f"{use['title']} ({use['state']}, {use['begins_on']} to {use['ends_on']})")
        for label, words in _lines(use):
            say.data(f"  {label}: {words}")
        say.data("")
    if told["published"]:
        complaints = told["complaints"]
        say.data(
            f"To complain: {complaints['route'] or 'write to a contact above'}; {complaints['regulator']}"
        )
    if not told["assessment"]["in_force"]:
        say.words(f"The assessment is not in force on {told['assessment']['today']}.")


def _lines(use: dict[str, Any]) -> list[tuple[str, str]]:
    special = ", ".join(use["special_categories"])
    found = [
        ("What for", use["purpose"]),
        ("Never for", ", ".join(use["not_for"])),
        ("Who shares", ", ".join(use["shared_by"])),
        ("With whom", use["recipient"]),
        ("About whom", ", ".join(use["about"])),
        ("Kinds of data", ", ".join(use["data"])),
        ("Special category data", f"yes: {special}" if use["special_category"] else "no"),
        ("Data about offences", "yes" if use["criminal_offence"] else "no"),
        ("Names", use["identifiable"]),
        ("How often", use["how_often"]),
        ("Kept for", use["kept_for"]),
    ]
    found += [
        ("Ground in law", f"{each['name']}: {each['article6']} ({each['law']})") for each in use["bases"]
    ]
    found.append(
        ("Objecting", use["objection"] if use["may_object"] else "The law gives no right to object.")
    )
    found.append(("National data opt-out", _opt_out(use["opt_out"])))
    found.append(("Asked before every sharing", ", ".join(use["asked_in_every_run"]) or "nothing"))
    return found + [
        ("Write to", f"{each['name']}: {each['contact'] or 'see its privacy notice'}")
        for each in use["contacts"]
    ]


def _opt_out(answer: dict[str, Any] | None) -> str:
    if answer is None:
        return "no answer is stated"
    return "applies" if answer["applies"] else f"does not apply. {answer['reason']}"
