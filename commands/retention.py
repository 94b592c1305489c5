"""Council side: remove what has had its time, and certify it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, LakeOption, SiteOption, opened, site_folder, with_lake

if TYPE_CHECKING:
    from warehouse.retention import FlowRetention

retention = typer.Typer(help="Council side: what has had its time.", no_args_is_help=True)
COUNTS = ("rows", "due", "expired", "blocked", "waiting", "no_clock")


@retention.callback()
def room() -> None:
    """Look after what the warehouse may keep no longer."""


@retention.command()
def apply(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; change nothing.")] = False,
    to: LakeOption = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Council side: remove the rows whose time is over.

    Each flow's terms came with its batches. What is removed is certified to the sender; legal holds
    (site.yaml, retention.holds) are kept and shown.
    """
    from sync.council import retain_council_side

    place = with_lake(opened(site_folder(context, site), to_log=True), to)
    done = retain_council_side(place, dry_run=dry_run)
    if json:
        say.as_json({"dry_run": dry_run, "flows": [_flow(flow) for flow in done]})
    else:
        _show(done, dry_run)
    return 0


def _flow(flow: "FlowRetention") -> dict[str, Any]:
    """Return one flow as `--json` prints it."""
    return {
        "flow": flow.flow,
        **{count: flow.total(count) for count in COUNTS},
        "holds": flow.holds,
        "entities": [removal.model_dump(mode="json") for removal in flow.removals],
        "certificate": flow.certificate.number if flow.certificate else None,
    }


def _show(done: list["FlowRetention"], dry_run: bool) -> None:
    if not done:
        say.words("No batch has brought terms of retention yet: nothing has a period.")
        return
    say.table(
        "What would go" if dry_run else "What has had its time",
        ("flow", "entity", "kept for", "from", "rows", "removed", "held", "still named", "no clock"),
        (
            (
                flow.flow, one.entity, one.period or "no term", one.since or "", one.rows, one.expired,
                one.blocked, one.waiting, one.no_clock,
            )
            for flow in done
            for one in flow.removals
        ),
    )  # fmt: skip
    for flow in done:
        if flow.holds:
            words = f"{flow.flow}: {flow.total('blocked'):,} rows stay by decision {', '.join(flow.holds)}."
            say.words(words)
        if flow.certificate:
            say.words(f"{flow.flow}: certificate {flow.certificate.number} lies in the landing zone.")
    say.words("Dry run: nothing was removed." if dry_run else "Done.")
