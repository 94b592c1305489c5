"""Council side: open, verify and load what has arrived."""

from typing import Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, opened, site_folder

REFUSED = 51


def load(context: typer.Context, json: JsonOption = False, site: SiteOption = None) -> int:
    """Council side: open, verify and load what arrived.

    Each batch is answered with a signed receipt or a signed refusal.
    """
    from sync.place import load_council_side

    receipts = load_council_side(opened(site_folder(context, site), to_log=True))
    if json:
        say.as_json([receipt.model_dump(mode="json") for receipt in receipts])
    else:
        _show(receipts)
    return REFUSED if any(receipt.outcome != "loaded" for receipt in receipts) else 0


def _show(receipts: list[Any]) -> None:
    if not receipts:
        say.words("Nothing new has arrived.")
        return
    say.table(
        "Batches",
        ("batch", "outcome", "reason"),
        ((receipt.batch_id, receipt.outcome, receipt.reason or "") for receipt in receipts),
    )
