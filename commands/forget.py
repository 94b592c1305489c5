"""Forget somebody at their request."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import say
from commands.choices import read_lines
from commands.options import JsonOption, SiteOption, known, opened, site_folder
from common import clock

REASONS = ("no_longer_needed", "consent_withdrawn", "objected", "unlawful", "legal_obligation")
APPROVERS = ("dpo", "caldicott_guardian", "siro", "controller")
DESTROYED = (
    "the secret that tags of their leaves and commitments to their rows were made with: the leaves stay",
)
KEPT = (
    "a keyed entry in the register of the forgotten, so that a later pull sends nothing of them",
    "the log itself, the manifests and the receipts: what was sent to whom, with nobody named (Art. 5(2))",
    "sealed files in the landing zone, for batch_bodies_days (of site.yaml or the assessment: the shorter)",
    "the run summaries: counts",
    "findings that name their records by reference: withdrawn by the next run, for closed_findings_days more",
    "the record in the provider's CRM: the provider erases it",
)
LOOKED = (
    "Batch by batch it is told once they are forgotten (--yes), which is logged and approved; before that"
    " only behind a release form: python run_sync.py audit person"
)
BEFORE = "Who was told was given when they were forgotten, and is not given again."
STILL_KEPT = " Flows go on, and the log can say it, behind a release form: python run_sync.py audit person"
WAITS = "They are forgotten, but who was told was never given: it is kept until you ask again, with --yes"


def forget(
    context: typer.Context,
    reference: Annotated[
        str, typer.Argument(help="The CRM's reference of the person; - asks, so that no shell keeps it.")
    ],
    source: Annotated[str, typer.Option(help="Whose reference it is.")],
    reason: Annotated[str, typer.Option(help=f"Why: {', '.join(REASONS)}.", prompt=True)],
    approver: Annotated[
        str, typer.Option("--approved-by", help=f"On whose word: {', '.join(APPROVERS)}.", prompt=True)
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this it only says what it would do.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="With --yes: write who was told here, and do not print it."),
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Forget somebody: withdraw them everywhere, keep them out, make their leaves of the log nobody's.

    Who was told of them is given with the erasure alone, and kept here until it has been given.
    """
    from sharing.retention import kept_days
    from sync.forgetting import Approver, Reason, look_up
    from sync.forgetting import forget as forgotten
    from sync.place import prepare

    folder = opened(site_folder(context, site), to_log=yes)
    known([source], sorted(folder.sources), "source")
    known([reason], list(REASONS), "reason")
    known([approver], list(APPROVERS), "approver")
    if out is not None and not yes:
        raise typer.BadParameter("--out writes who was told, which is given only with --yes")
    (name,) = [reference] if reference != "-" else read_lines("-", "The person's reference in the CRM")[:1]
    with prepare(folder, dry_run=not yes) as place:
        found = look_up(place, source, name)
        bodies_days = kept_days(place.dpia, "batch_bodies", folder.retention.batch_bodies_days, clock.today())
        if not found.known and not found.already:
            raise typer.BadParameter("nothing was ever sent under this reference of this source")
        given = forgotten(place, found, Reason(reason), Approver(approver)) if yes else None
    _give(_told(found, given, bodies_days, done=yes), given, out, json=json)
    return 0


def _give(told: dict[str, Any], given: Any, out: Path | None, *, json: bool) -> None:
    """Write or print it; only when that is done is who was told no longer kept here."""
    from common.files import write_atomic
    from sync.outbox import as_json

    if out is not None and given is not None:
        write_atomic(out, as_json(told))
        told |= {"told": None, "written": out.as_posix()}
    if json:
        say.as_json(told)
    else:
        _show(told)
    sys.stdout.flush()
    if given is not None:
        given.given()


def _told(found: Any, given: Any, bodies_days: int, *, done: bool) -> dict[str, Any]:
    """Return what is destroyed and kept, and who was told how often; each batch only where it is given."""
    from sync.who_was_told import counted

    return {
        "done": done,
        "already_forgotten": found.already,
        "withdrawn_from": list(found.flows),
        "kept_in": found.kept_in,
        "destroyed": list(DESTROYED) if found.destroys else [],
        "kept": [*KEPT, *_log_secret(found)],
        "recipients": counted(found.told),
        "told": [vars(one) for one in given.told] if given is not None else None,
        "waits_to_be_given": found.not_given is not None and not done,
        "written": None,
        "batch_bodies_days": bodies_days,
    }


def _log_secret(found: Any) -> list[str]:
    if not found.secret or found.destroys:
        return []
    return ["the secret of their leaves, for the flows that go on telling of them (Art. 15)"]


def _show(told: dict[str, Any]) -> None:
    if told["already_forgotten"]:
        say.words("This person is in the register of the forgotten already.")
    if told["told"] is not None:
        _show_batches(told["told"])
    else:
        _show_counts(told["recipients"])
        say.words(_why_no_batches(told))
    for title, lines in (("Destroyed", told["destroyed"]), ("Kept", told["kept"])):
        say.data(f"{title}:" if lines else f"{title}: nothing")
        for line in lines:
            say.data(f"  - {line}")
    for flow, why in told["kept_in"].items():
        say.data(f"Flow {flow} goes on: {why} (Art. 17(3)). Whether that is so is for a lawyer to confirm.")
    if not told["done"]:
        say.words("Nothing was done. To do it, add --yes.")
    elif told["withdrawn_from"]:
        flows = ", ".join(told["withdrawn_from"])
        say.words(
            f"The next run withdraws them from {flows}, and a receipt comes back: python run_sync.py run"
        )


def _show_batches(batches: list[dict[str, Any]]) -> None:
    say.table(
        "Who was told of this person (Articles 15 and 19; keep this, it cannot be said again)",
        ("flow", "recipient", "batch", "at", "what", "receipt"),
        (
            (
                one["flow"],
                one["recipient"],
                one["batch"],
                say.local(one["at"]),
                one["operation"],
                "yes" if one["receipted"] else "not yet",
            )
            for one in batches
        ),
    )


def _show_counts(recipients: list[dict[str, Any]]) -> None:
    say.table(
        "How often recipients were told of this person",
        ("flow", "recipient", "batches", "receipts", "last day"),
        (
            (one["flow"], one["recipient"], one["batches"], one["receipts"], one["last_day"])
            for one in recipients
        ),
    )


def _why_no_batches(told: dict[str, Any]) -> str:
    """Return in words where the batches are, or when they are told."""
    if told["written"] is not None:
        return f"Who was told of them batch by batch is written, and kept nowhere else: {told['written']}"
    if told["waits_to_be_given"]:
        return WAITS
    if told["already_forgotten"]:
        return BEFORE + (STILL_KEPT if told["kept_in"] else "")
    return LOOKED
