"""The assessment: whether a file loads, and what a new version would change."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands import dpia_documents, say
from commands.dpia_sign import in_json, sign, signed_by
from commands.last_resort import tell
from commands.options import JsonOption, SiteOption, opened, site_folder

dpia = typer.Typer(help="The assessment (DPIA).", no_args_is_help=True)
dpia.command()(sign)
dpia.command("register")(dpia_documents.register)
dpia.command("calendar")(dpia_documents.calendar)
dpia.command("documents")(dpia_documents.documents)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An assessment's file.")]
ReplayOption = Annotated[
    bool, typer.Option("--replay", help="Pull once, decide under both, and count what would change.")
]
CanonicalOption = Annotated[
    Path | None,
    typer.Option("--canonical", dir_okay=False, help="Write here the JSON that the digest is taken of."),
]
OutOption = Annotated[
    Path | None, typer.Option(dir_okay=False, help="Write the same as a page (HTML) into this file.")
]
HEADINGS = {
    "widens": "Lets more out, or cannot be told not to",
    "narrows": "Lets less out",
    "neither": "Changes nothing that leaves",
}


@dpia.callback()
def room() -> None:
    """Look after the assessment."""


@dpia.command()
def check(
    context: typer.Context,
    file: File,
    canonical: CanonicalOption = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Read one file as a run would, ask its examples, and say all that is wrong with it at once.

    Whether a run of today would take it is said too: that it is in force, signed under keys that this site
    trusts, and comes from what last ran. None of that is a fault of the file, so the exit code stays 0.
    """
    from common import clock
    from common.files import write_atomic
    from sealing.trust import Trust
    from sharing import load_dpia
    from sharing.loading import canonical_document
    from sharing.signing import standing
    from sync.examples import answers, refused_examples
    from sync.sign_off import trusted_here, why_not_run

    loaded = load_dpia(file)
    if canonical is not None:
        write_atomic(canonical, canonical_document(file))
    folder = site_folder(context, site)
    place = opened(folder) if (folder / "site.yaml").exists() else None
    found = standing(loaded, trusted_here(place) if place else Trust())
    asked = answers(loaded)
    refused = refused_examples(loaded, asked)
    said = {
        "id": loaded.id,
        "version": loaded.version,
        "sha256": loaded.sha256,
        "status": loaded.status.value,
        "flows": loaded.active_flows,
        "not_to_be_sent_because": why_not_run(place, loaded, found),
        "not_in_force_because": loaded.why_not_in_force(clock.today()),
        "flows_not_in_force_because": {
            flow: why for flow in loaded.active_flows if (why := loaded.why_flow_stops(flow, clock.today()))
        },
        **in_json(found),
        "examples": [answer.to_json() for answer in asked],
    }
    if json:
        say.as_json(said)
        return refused.exit_code if refused else 0
    say.words(f"{file.as_posix()} loads: {loaded.id}, version {loaded.version}, {loaded.status.value}.")
    say.words(f"Its digest, which is what is signed: {loaded.sha256}")
    if said["not_to_be_sent_because"]:
        say.words("It is valid, but would not run: a run of today sends nothing of it, because:")
    for why in said["not_to_be_sent_because"]:
        say.words(f"  - {why}")
    for flow, reasons in said["flows_not_in_force_because"].items():
        for why in reasons if not said["not_in_force_because"] else ():
            say.words(f"Flow {flow} does not run: {why}")
    for line in signed_by(found):
        say.words(line)
    say.table("Its examples", ("example", "flow", "expected", "came", "why", "answer"), map(_example, asked))
    if refused is not None:
        tell(refused)
        return refused.exit_code
    return 0


def _example(answer: Any) -> tuple[str, ...]:
    said = answer.to_json()
    why = ", ".join(said["reasons"])
    verdict = "not as it says" if said["wrong"] else "as it says" if said["outcome"] else "not asked"
    return (str(said["example"]), said["flow"], said["expected"], said["outcome"] or "", why, verdict)


@dpia.command()
def diff(
    context: typer.Context,
    old: File,
    new: File,
    replay: ReplayOption = False,
    out: OutOption = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Say what NEW would change, and whether it lets more out.

    Both files are read as a run would read them. Without --replay nothing is pulled or decided; with it, the
    site's sources are pulled once and decided under both, and nothing is delivered, logged or remembered.
    A version number that is refused is refused first: nothing is pulled for it.
    """
    from commands.dpia_replay import replayed, show
    from sharing import load_dpia
    from sharing.diff import compare, refused_versions

    before, after = load_dpia(old), load_dpia(new)
    changes = compare(before, after)
    refused = list(refused_versions(before.version, after.version, changes))
    said = {
        "old": _named(before),
        "new": _named(after),
        "widens": any(change.effect == "widens" for change in changes),
        "changes": [change.to_json() for change in changes],
        "version_refused_because": refused,
    }
    tried = replayed(site_folder(context, site), old, new, quiet=json) if replay and not refused else None
    whole = said | ({"replay": tried.said} if tried else {})
    say.as_json(whole) if json else _tell(said)
    if tried and not json:
        show(tried, new)
    elif replay and not json:
        say.words("It was not tried on tonight's exports.")
    if out is not None:
        _write_page(whole, out, opened(site_folder(context, site)) if tried else None)
    return max(10 if refused else 0, tried.exit_code if tried else 0)


def _write_page(said: dict[str, Any], out: Path, place: Any) -> None:
    """Write the comparison as a page, for its owner's eyes; it bears the site's name if one was asked."""
    from common.files import write_atomic
    from reports.assessment_diff import diff_page

    name, sample = (place.name, place.sample) if place else (said["new"]["id"], False)
    write_atomic(out, diff_page(said, site=name, sample=sample))
    say.words(f"As a page: {out.as_posix()}")


def _named(loaded: Any) -> dict[str, str]:
    return {"id": loaded.id, "version": loaded.version, "sha256": loaded.sha256}


def _tell(said: dict[str, Any]) -> None:
    say.words(f"From version {said['old']['version']} to {said['new']['version']} of {said['new']['id']}")
    for effect, heading in HEADINGS.items():
        found = [change["says"] for change in said["changes"] if change["effect"] == effect]
        if found:
            say.words(f"\n{heading} ({len(found)})")
            for line in found:
                say.data(f"  {line}")
    if not said["changes"]:
        say.words("The two say the same.")
    for why in said["version_refused_because"]:
        say.words(f"\nRefused: {why}.")
