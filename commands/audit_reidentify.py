"""Whose rows of a pseudonymised flow are: a written question, two approvals, an answer on the record."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from commands import say
from commands.options import JsonOption, SiteOption, opened, site_folder

QuestionFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The question, a YAML file.")]


def approve(
    question: QuestionFile,
    approver: Annotated[str, typer.Option("--as", metavar="NAME", help="Your name as an approver.")],
    folder: Annotated[Path, typer.Option(help="Your own folder; your key is made in it the first time.")],
    out: Annotated[Path, typer.Option(dir_okay=False, help="Where your approval is written.")],
) -> int:
    """Approve a question about whose rows are, word for word, with a key of your own. No site is needed."""
    from audit import reidentification
    from common import clock
    from common.files import write_atomic
    from sealing.keys import create, load_signer

    role = f"approver-{approver}"
    asked = reidentification.read_question(question)
    if not (folder / f"{role}.key").exists():
        create(role, folder, folder)
        say.words(f"Your key was made. {role}.pub of your folder belongs among the public keys of the site.")
    signer = load_signer(role, folder)
    write_atomic(out, reidentification.approve(asked, approver, signer, clock.today()))
    say.words(f"Flow {asked.flow}, {len(asked.keys)} rows, asked by {asked.asked_by}: {asked.reason}.")
    say.words(f"Your approval holds for thirty days: {out.as_posix()}")
    return 0


def reidentify(
    context: typer.Context,
    question: QuestionFile,
    approval: Annotated[
        list[Path],
        typer.Option(exists=True, dir_okay=False, help="An approval of the question; two are needed."),
    ],
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Tell a party whose rows are, if they are its own people's, and two people have approved the question.

    That it was asked is logged before anything is told; the log names nobody.
    """
    from audit import reidentification
    from commands.progress import watching
    from sync.reidentifying import reidentify as told_whose

    place = opened(site_folder(context, site))
    if not (place.var / "log").exists():
        raise typer.BadParameter("there is no disclosure log yet: nothing was ever sent")
    approvals = [reidentification.read_approval(path) for path in approval]
    asking = reidentification.asking(reidentification.read_question(question), approvals)
    with watching(quiet=json) as watcher:
        told, leaf = told_whose(place, asking, watcher)
    if json:
        say.as_json({"told": [one.to_json() for one in told], "access": leaf})
        return 0
    for one in told:
        answer = f"{one.source}  {one.reference}" if one.reference is not None else f"-  {one.why_not}"
        say.data(f"{UUID(one.key)}  {answer}")
    say.words(f"This question is leaf {leaf['identity']} of the log; it names nobody.")
    return 0
