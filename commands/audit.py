"""The disclosure log."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands import (
    audit_bundle,
    audit_incident,
    audit_person,
    audit_prove,
    audit_reidentify,
    audit_statement,
    audit_witness,
    say,
)
from commands.forget import forget
from commands.options import JsonOption, SiteOption, opened, site_folder
from config.site import Site

audit = typer.Typer(help="The disclosure log.", no_args_is_help=True)
audit.command("statement")(audit_statement.statement)
audit.command("person")(audit_person.person)
audit.command("incident")(audit_incident.incident)
audit.command("bundle")(audit_bundle.bundle)
audit.add_typer(audit_prove.prove, name="prove")
audit.add_typer(audit_witness.witness, name="witness")
audit.command("forget")(forget)
audit.command("approve")(audit_reidentify.approve)
audit.command("reidentify")(audit_reidentify.reidentify)
Kept = Annotated[
    list[Path] | None,
    typer.Option(
        "--since",
        exists=True,
        dir_okay=False,
        help="A checkpoint kept earlier (may be repeated): the log must begin with what it signed.",
    ),
]
ProofOption = Annotated[
    Path | None,
    typer.Option("--proof", exists=True, dir_okay=False, help="A proof file: say what it shows."),
]
StatementOption = Annotated[
    Path | None,
    typer.Option("--statement", exists=True, dir_okay=False, help="A signed statement: hold it to the log."),
]


@audit.callback()
def room() -> None:
    """Look after the disclosure log."""


@audit.command()
def verify(
    context: typer.Context,
    since: Kept = None,
    proof: ProofOption = None,
    statement: StatementOption = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Check every line, signature and checkpoint of the disclosure log.

    Manifests, receipts, the people of each batch and the assessments must be those that its leaves tell of,
    and each signature kept with an assessment must hold.
    """
    place = opened(site_folder(context, site))
    found = _verified(place, since or [])
    if proof is not None:
        found["proof"] = _shown(place, proof, since or [])
    if statement is not None:
        found["statement"] = _stated(place, statement)
    if json:
        say.as_json(found)
    else:
        _show(found)
    return 0


NOT_READ = "not_read_here"
LEFT_OUT = "The landing zone was left out: here it is only added to. Ask where it may be read, with this log."


def _verified(place: Site, since: list[Path]) -> dict[str, Any]:
    """Return what the whole log adds up to, and what fits it. Errors: DisclosureLogBroken."""
    from audit.agree import hold_to_kept, hold_to_landing
    from audit.reading import read_log
    from audit.verify import verify as verified
    from audit.witnessed import known_witnesses, witnessed
    from connectors.registry import landing_if_there, landing_read
    from sealing.earlier import load_verifiers
    from sealing.keys import load_verifier
    from sealing.trust import read_trust
    from sync.signed_by import hold_to_signatures

    log, verifier = place.var / "log", load_verifier("log", place.keys.public)
    found = verified(log, verifier).to_json()
    reading = read_log(log, verifier)
    senders = load_verifiers("signing", place.keys.public)
    receipts = load_verifiers("receipt", place.keys.public)
    with landing_if_there(place.landing) as landing:
        found["agreed"] = hold_to_landing(reading, landing, senders, receipts).to_json()
        found["landing"] = landing_read(landing, place.landing)
    found["assessments"] = hold_to_signatures(reading, read_trust(place.keys.public))
    found["since"] = [
        {"file": path.name, "size": hold_to_kept(reading, verifier, path.read_bytes(), path.name).size}
        for path in since
    ]
    known = known_witnesses(place.keys.public)
    found["witnessed"] = [seen.to_json() for seen in witnessed(reading, verifier, known)]
    return found


def _shown(place: Site, path: Path, kept: list[Path]) -> list[str]:
    """Return what the proof shows. Errors: ProofRefused."""
    from audit.checked import shown_by
    from sealing.keys import load_verifier

    return shown_by(path, load_verifier("log", place.keys.public), kept)


def _stated(place: Site, path: Path) -> list[str]:
    """Return what the statement is. Errors: ProofRefused, if the log does not bear it out."""
    from audit.reading import read_log
    from audit.statement import more_since
    from sealing.keys import load_verifier
    from sync.stated import held_statement

    reading = read_log(place.var / "log", load_verifier("log", place.keys.public))
    said = held_statement(place, path.read_bytes(), reading, path.name)
    lines = [f"{path.name}: the signed statement of run {said['run']}, as the log bears out."]
    return [*lines, "The log tells more of this run since."] if more_since(said, reading) else lines


def _show(found: dict[str, Any]) -> None:
    say.words(
        f"The disclosure log verifies: {found['size']:,} leaves, {found['checkpoints']:,} signed checkpoints."
    )
    agreed = found["agreed"]
    say.words(
        f"Held to it: {agreed['manifests']:,} manifests, {agreed['receipts']:,} receipts, "
        f"{agreed['assessments']:,} assessments ({agreed['assessments_not_kept']:,} not kept here); "
        f"{agreed['waiting']:,} batches not published yet."
    )
    if found["landing"] == NOT_READ:
        say.words(LEFT_OUT)
    for one in found["assessments"]:
        say.words(_signed(one))
    for kept in found["since"]:
        say.words(f"{kept['file']}: the log begins with the {kept['size']:,} leaves that it signed.")
    for seen in found["witnessed"]:
        say.words(f"{seen['witness']} cosigned {seen['size']:,} leaves, {say.local(seen['at'])}.")
    for line in [*found.get("proof", []), *found.get("statement", [])]:
        say.words(line)
    say.data(f"root {found['root']}")


def _signed(one: dict[str, Any]) -> str:
    """Return in words how many signatures under an assessment hold, and whose they are."""
    name = f"Assessment {one['version']} ({one['sha256'][:12]}…)"
    if one["signed"] is None:
        why = "the assessment is not kept, or of an older form" if one["lists"] else "none is kept"
        return f"{name}: no signature can be checked here: {why}."
    parties = ", ".join(sorted({signed["party"] for signed in one["signed"]}))
    return f"{name}: {len(one['signed'])} signatures hold: {parties}."
