"""People's choices: put into their registers, ended, confirmed, and shown in counts."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder

choices = typer.Typer(help="The registers of people's choices and legal stops.", no_args_is_help=True)
KINDS = {
    "objection": "art21_objection",
    "restriction": "art18_restriction",
    "consent": "consent_withdrawn",
    "court-order": "court_order",
    "opt-out": "national_data_opt_out",
    "forgotten": "forgotten",
}
KIND_OF = {name: kind for kind, name in KINDS.items()}
LONGEST = 200
KindOption = Annotated[
    str, typer.Option("--type", help="objection, restriction, consent, court-order or opt-out.")
]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="Whose reference it is (not asked for an opt-out).")
]
FromOption = Annotated[
    str,
    typer.Option("--reference-from", help="A file of references, one a line; - asks, or reads a pipe."),
]


@choices.callback()
def room() -> None:
    """Look after the registers of people's choices."""


@choices.command("list")
def listed(context: typer.Context, json: JsonOption = False, site: SiteOption = None) -> int:
    """Show each register: how many choices stand, how old it is, which flows it governs. Never who."""
    from sync.place import look
    from sync.registering import remembered_choices
    from sync.yet_to_tell import yet_to_tell

    with look(opened(site_folder(context, site))) as place:
        remembered = remembered_choices(place)
        found, resting = remembered.standings, list(yet_to_tell(place, remembered))
    problems = [standing.problem for standing in found if standing.problem]
    if json:
        say.as_json([standing.to_json() for standing in found])
    else:
        say.table(
            "Registers",
            ("type", "register", "governs", "as of", "days", "at most", "stand", "set aside", "ended"),
            (_row(standing.to_json()) for standing in found),
        )
        for problem in problems:
            say.words(str(problem))
        _at_rest(resting)
    return max((problem.exit_code for problem in problems), default=0)


@choices.command()
def begin(
    context: typer.Context,
    kind: KindOption,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin it once more: it is lost, and no backup has it.")
    ] = False,
    site: SiteOption = None,
) -> int:
    """Begin an empty register, once, when the site is set up."""
    from sync.place import look
    from sync.registering import begin as begun

    with look(opened(site_folder(context, site))) as place:
        which = _which(place, kind)
        begun(place, which, anew=anew)
    if anew:
        say.words(
            f"WARNING: nobody stands in {which.name} any more. Put in every choice that was received, from"
            " its paper or its mail, before a run: else what these people asked not to be shared is sent."
        )
    say.words(f"The register {which.name} is there, empty, and confirmed as of today.")
    return 0


@choices.command()
def add(
    context: typer.Context,
    kind: KindOption,
    source: SourceOption = None,
    reference_from: FromOption = "-",
    decision: Annotated[
        str, typer.Option(help="The reference of the decision that overrides an objection, such as DP-45.")
    ] = "",
    site: SiteOption = None,
) -> int:
    """Put a choice into its register; the next run withdraws what was sent of the person."""
    from sharing.registers import decision_fits
    from sync.place import look
    from sync.registering import add as added

    with look(opened(site_folder(context, site))) as place:
        which, names = _which(place, kind), _names(place, kind, source, reference_from)
        if which.name == KINDS["forgotten"]:
            raise typer.BadParameter("whoever is to be forgotten: python run_sync.py audit forget")
        if decision and not decision_fits(which.choice, decision):
            raise typer.BadParameter("--decision is for objections alone: capital letters, a dash, digits")
        kept = added(place, which, names, decision)
    say.words(f"{kept.changed:,} of {len(names):,} are new in {which.name}, or decided anew.")
    if not which.choice.by_number:
        say.words(f"Of {kept.known:,} of them something was sent to a recipient.{_doubt(kept.known, names)}")
    say.words("It takes effect in the next run: python run_sync.py run")
    _at_rest(kept.at_rest)
    return 0


@choices.command()
def lift(
    context: typer.Context,
    kind: KindOption,
    source: SourceOption = None,
    reference_from: FromOption = "-",
    site: SiteOption = None,
) -> int:
    """End a choice; what may be shared of the person is sent again in the next run."""
    from sync.place import look
    from sync.registering import lift as lifted

    with look(opened(site_folder(context, site))) as place:
        which, names = _which(place, kind), _names(place, kind, source, reference_from)
        kept = lifted(place, which, names)
    say.words(f"{kept.changed:,} of {len(names):,} ended in {which.name}.")
    if kept.changed:
        say.words("The next run sends again what may be shared of them: python run_sync.py run")
    return 0 if kept.changed == len(names) else 1


@choices.command()
def refresh(
    context: typer.Context,
    kind: KindOption,
    as_found: Annotated[
        bool, typer.Option("--as-found", help="Take it as it is now: an older copy, put back.")
    ] = False,
    site: SiteOption = None,
) -> int:
    """Confirm that a register holds, as of today, every choice that was received."""
    from sync.place import look
    from sync.registering import confirm

    with look(opened(site_folder(context, site))) as place:
        which = _which(place, kind)
        register = confirm(place, which, as_found=as_found)
    say.words(f"{which.name}: confirmed as of today, {len(register.standing):,} choices stand.")
    return 0


def read_lines(where: str, ask: str) -> list[str]:
    """Return what a file, a pipe or a person at the keyboard says, one name a line; it is not repeated."""
    if where != "-" and not Path(where).is_file():
        raise typer.BadParameter("--reference-from names a file of references, and it is not there")
    if where != "-":
        text = Path(where).read_text(encoding="utf-8")
    elif sys.stdin.isatty():
        sys.stderr.write(f"{ask}: ")
        text = sys.stdin.readline()
    else:
        text = sys.stdin.read()
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found or max(map(len, found)) > LONGEST:
        raise typer.BadParameter(f"one reference a line, of at most {LONGEST} characters, is needed")
    return found


def _which(place: Any, kind: str) -> Any:
    from sharing.choices import Choice
    from sync.registering import OF_THE_FORGOTTEN, declared

    known([kind], sorted(KINDS), "type of choice")
    choice = Choice(KINDS[kind])
    which = OF_THE_FORGOTTEN if choice is Choice.FORGOTTEN else declared(place).get(choice)
    if which is None:
        raise typer.BadParameter(f"the assessment has no register for {kind}: add it under personStops")
    return which


def _names(place: Any, kind: str, source: str | None, where: str) -> Any:
    """Return the people named, as their register knows them. What was typed is told to nobody."""
    from sync.registering import numbers_of, people_of

    if kind == "opt-out":
        numbers = numbers_of(read_lines(where, "NHS number"))
        if isinstance(numbers, int):
            raise typer.BadParameter(f"line {numbers} is no valid NHS number; nothing was put in")
        return numbers
    if source is None:
        raise typer.BadParameter("--source is needed: references are unique within a source only")
    known([source], sorted(place.site.sources), "source")
    return people_of(place, source, read_lines(where, "The person's reference in the CRM"))


def _doubt(sent: int, names: Any) -> str:
    return "" if sent == len(names) else " Is each reference right, and of this source?"


def _at_rest(lines: Iterable[str]) -> None:
    """Say which recipients of flows that rest still have rows of somebody whom a register stops."""
    for line in lines:
        say.words(f"{line}.")


def _row(said: dict[str, Any]) -> tuple[str | int | None, ...]:
    days = ("as_of", "age_days", "max_age_days", "standing", "set_aside", "ended")
    kind, governs = KIND_OF[said["choice"]], ", ".join(said["flows"])
    return (kind, said["register"], governs, *(said.get(name) for name in days))
