"""After a run: sealed bodies and run summaries that have had their time go; manifests and receipts stay."""

from datetime import datetime, timedelta

from common import clock
from common.errors import ViaductError
from common.files import clear_parts
from sealing.receipt import Receipt
from sync.place import Workplace

# Pages and figures are written by several verbs, each in a moment: later a temporary file is nobody's.
NOBODYS_AFTER_SECONDS = 24 * 60 * 60


def sweep(place: Workplace) -> None:
    """Remove bodies so many days after their receipt, and old run summaries (site.yaml, retention).

    What killed processes left half written among the pages and figures goes too.
    """
    kept = place.site.retention
    before = clock.now() - timedelta(days=kept.batch_bodies_days)
    for flow in place.landing.flows():
        answered = _answered(place, flow, before)
        for batch in place.landing.batches(flow):
            if batch in answered:
                place.landing.drop_bodies(batch)
    oldest = f"{clock.now() - timedelta(days=kept.run_summaries_days):%Y%m%dT%H%M%SZ}"
    for path in (place.site.var / "runs").glob("*.json"):
        if path.stem < oldest:
            path.unlink()
    for room in ("reports", "feed"):
        clear_parts(place.site.var / room, older_than_seconds=NOBODYS_AFTER_SECONDS)


def _answered(place: Workplace, flow: str, before: datetime) -> set[str]:
    """Return the batches whose receipt, signed by the council side, is older than that."""
    read = [_read(place, content) for content in place.landing.receipts(flow).values()]
    return {one.batch_id for one in read if one is not None and datetime.fromisoformat(one.at) < before}


def _read(place: Workplace, content: bytes) -> Receipt | None:
    try:
        return place.read_receipt(content)
    except ViaductError:
        return None
