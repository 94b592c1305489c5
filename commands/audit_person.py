"""What was disclosed about one person, behind the release form."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder
from config.site import Site

if TYPE_CHECKING:
    from sync.person_history import Asked, Found

FROM_INPUT = "-"
NEEDED = (
    "a release form is needed, --release FORM: what was considered (serious harm, child abuse data, other"
    " people in the data, the safety of whoever fled abuse), the reason, and who approved it;"
    " docs/how_to/subject_access.md shows one"
)
UNKNOWN = (
    "No log secret is kept under this reference and source. Is each right? Ask: explain REFERENCE --source S."
    " If so, nothing about the person was ever sent, or the secret was destroyed when they were forgotten:"
    " then no entry of the log can be told to be theirs."
)
Reference = Annotated[
    str,
    typer.Argument(
        help="The CRM's own reference of the person; - reads it from the input, seen by nobody else."
    ),
]
SourceName = Annotated[str, typer.Option("--source", help="The source whose reference it is.")]
ReleaseOption = Annotated[
    Path | None, typer.Option("--release", exists=True, dir_okay=False, help="The release form, a YAML file.")
]
OpenOption = Annotated[
    bool, typer.Option("--open", help="Put the person's own secret into the proof: for that person alone.")
]


def person(
    context: typer.Context,
    reference: Reference,
    source: SourceName,
    release: ReleaseOption = None,
    proof: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the proof of all of it here.")
    ] = None,
    open_tags: OpenOption = False,
    out: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Write the history into this folder, as a page and as data."),
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Tell what was disclosed about one person: when, to whom, what for, on which ground, which fields.

    It is told only behind a release form, and that it was asked is logged, naming nobody.
    """
    from sync.person_history import Asked, history

    place = opened(site_folder(context, site))
    asked = Asked(asked_for(reference), *(known([source], sorted(place.sources), "source") or ()))
    found, leaf = ask(place, asked, release, "history", prove=proof is not None)
    told = history(place, asked, found) | {"access": leaf, "proof": None}
    if proof is not None:
        write_proof(found, proof, open_tags=open_tags)
        told["proof"] = proof.name
    page = None if out is None else _written(told, out)
    if json:
        say.as_json(told)
    else:
        _show(told)
        if page is not None:
            say.words(f"Written: {page.as_posix()}, and the same as JSON beside it.")
    return 0


def asked_for(reference: str) -> str:
    """Return the reference; `-` stands for what is typed or piped in, which no list of processes shows."""
    if reference != FROM_INPUT:
        return reference
    if sys.stdin.isatty():
        return str(typer.prompt("Reference", hide_input=True))
    return sys.stdin.readline().strip()


def ask(
    place: Site, asked: "Asked", release: Path | None, what: Literal["history", "proof"], *, prove: bool
) -> tuple["Found", dict[str, Any]]:
    """Return what the log tells of the person, once the question itself is logged.

    Errors: BadParameter (exit 2) without a form; ReleaseWithheld (exit 30); those of form, lock and log.
    """
    from audit.release_form import read_release
    from sync.person_history import find, log_access

    if release is None:
        raise typer.BadParameter(NEEDED)
    if not (place.var / "log").exists():
        raise typer.BadParameter("there is no disclosure log yet: nothing was ever sent")
    leaf, reading = log_access(place, read_release(release), what)
    return find(place, asked, reading, prove=prove), leaf


def write_proof(found: "Found", path: Path, *, open_tags: bool) -> None:
    """Write the proof of all that was found; for its owner's eyes."""
    from audit.person import proof_file
    from common.files import write_atomic

    if found.secret is None or not found.tellings:
        raise typer.BadParameter("there is nothing to prove. " + (UNKNOWN if found.secret is None else ""))
    secret = found.secret if open_tags else None
    write_atomic(path, proof_file(found.reading, found.tellings, secret))


def _written(told: dict[str, Any], out: Path) -> Path:
    """Write the history as JSON and as a page, named by the question; return where the page is."""
    from common.files import private_folder, write_atomic
    from reports.person import person_page
    from sync.outbox import as_json

    folder = private_folder(out)
    name = f"history-{told['access']['run']}"
    write_atomic(folder / f"{name}.json", as_json(told))
    write_atomic(folder / f"{name}.html", person_page(told))
    return folder / f"{name}.html"


def _show(told: dict[str, Any]) -> None:
    if not told["secret_kept"]:
        say.words(UNKNOWN)
    for one in told["disclosures"]:
        say.data(f"{say.local(one['date'])}  {one['recipient']}, flow {one['flow']}, batch {one['batch']}")
        say.data(f"    purpose   {one['purpose']}")
        for basis in one["basis"]:
            say.data(f"    basis     {basis}")
        say.data(f"    rows      {one['rows_sent']} sent, {one['rows_taken_back']} taken back")
        for entity, fields in one["fields"].items():
            say.data(f"    {entity}: {', '.join(map(_field, fields))}")
        say.data(f"    DPIA      {one['dpia']['id']} {one['dpia']['version']}, {one['dpia']['sha256']}")
        say.data(f"    answer    {one['answer']}, {say.local(one['answered_at'])}")
    for one in told["not_disclosed"]:
        first, last = one["batches"]
        span = f"{say.local(one['from'])} to {say.local(one['to'])}"
        say.data(f"Not disclosed in flow {one['flow']}, batches {first} to {last} ({span}).")
    if told["not_disclosed"] and not told["absences_proved"]:
        say.words("Where nothing was disclosed was looked up; --proof FILE proves it.")
    say.words("Fields are those of what the batch sent; a safety rule may have emptied some of them.")
    say.words(f"This question is leaf {told['access']['identity']} of the log; it names nobody.")


def _field(one: dict[str, Any]) -> str:
    """Return a field in words: as the recipient sees it, and what it is made coarser from."""
    if one["released_as"] is None:
        return f"{one['made_from']}, made coarser (its assessment is not kept)"
    made = f"made coarser from {one['made_from']}" if one["made_from"] != one["released_as"] else ""
    said = ", ".join(
        filter(None, [made, "empty in every row of the batch" if one["filled"] is False else ""])
    )
    return f"{one['released_as']} ({said})" if said else str(one["released_as"])
