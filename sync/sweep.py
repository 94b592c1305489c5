"""After a run: what Viaduct has kept long enough goes; manifests, receipts, counts and the log stay."""

import json
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from common import clock
from common.errors import ViaductError
from common.files import clear_parts, write_atomic
from quality import FindingStore
from quality.asked import AskedStore
from reports.documents import FOLDER
from sealing import periods
from sealing.receipt import Receipt
from sharing.retention import kept_days, secrets_term
from sync.place import Workplace
from sync.rotation import destroy_outlived
from sync.run_leaves import disposal_leaf
from sync.statements import NAMED, RUN, drop_statements

# Pages and figures are written by several verbs, each in a moment: later a temporary file is nobody's.
NOBODYS_AFTER_SECONDS = 24 * 60 * 60
KEPT = "kept.jsonl"
KEPT_OF_A_RUN = ("run_id", "started_at", "ended_at", "outcome", "exit_code", "findings", "log")
KEPT_OF_A_FLOW = ("flow", "batch_id", "manifest_sha256", "state")


def sweep(place: Workplace) -> dict[str, int]:
    """Remove what has had its time; return how much.

    How long is said by site.yaml (retention) and by the assessment, and the shorter holds; for secrets by the
    assessment alone. Sealed bodies go so many days after their receipt; of a run summary one line stays and
    no page, of closed findings their number, of statements the leaves they tell of. Whom no batch has told of
    for the period of the log has their secret destroyed: what the log says of them can then be laid to
    nobody. What killed processes left half written goes too.
    """
    kept, now = place.site.retention, clock.now()
    bodies_days = kept_days(place.dpia, "batch_bodies", kept.batch_bodies_days, clock.today())
    runs_days = kept_days(place.dpia, "run_summaries", kept.run_summaries_days, clock.today())
    told_since = now - timedelta(days=runs_days)
    _pages(place.site.var / "reports" / FOLDER, told_since)
    swept = {
        "bodies": _bodies(place, now - timedelta(days=bodies_days)),
        "run_summaries": _summaries(place.site.var / "runs", told_since),
        "statements": drop_statements(place.site, statements_since(place)),
        "closed_findings": FindingStore.of(place.site).sweep(now - timedelta(days=kept.closed_findings_days)),
        "person_secrets": _secrets(place),
        "old_keys": sum(
            destroy_outlived(place.site, place.dpia, outbox) for outbox in place.outboxes.values()
        ),
    }
    with suppress(ViaductError):  # whoever asks providers tells of it
        AskedStore.of(place.site).sweep((now - timedelta(days=kept.closed_findings_days)).date())
    for room in ("reports", "feed"):
        clear_parts(place.site.var / room, older_than_seconds=NOBODYS_AFTER_SECONDS)
    return swept


def statements_since(place: Workplace) -> datetime:
    """Return the instant before which runs have no statement any more; the site's where none loads."""
    days = place.site.retention.statements_days
    with suppress(ViaductError):
        days = kept_days(place.dpia, "statements", days, clock.today())
    return clock.now() - timedelta(days=days)


def _bodies(place: Workplace, before: datetime) -> int:
    """Remove the bodies of batches answered before the instant; return of how many batches.

    Where this side may not read batches, removing them is a rule of the landing zone itself.
    """
    dropped = 0
    for flow in place.landing.flows() if place.landing.may_look else []:
        answered = _answered(place, flow, before)
        for batch in place.landing.batches(flow):
            if batch in answered and place.landing.names(batch):
                place.landing.drop_bodies(batch)
                dropped += 1
    return dropped


def _answered(place: Workplace, flow: str, before: datetime) -> set[str]:
    """Return the batches whose receipt, signed by the council side, is older than that."""
    read = [_read(place, content) for content in place.landing.receipts(flow).values()]
    return {one.batch_id for one in read if one is not None and datetime.fromisoformat(one.at) < before}


def _read(place: Workplace, content: bytes) -> Receipt | None:
    try:
        return place.read_receipt(content)
    except ViaductError:
        return None


def _summaries(runs: Path, before: datetime) -> int:
    """Remove the summaries of runs before the instant, one line of each kept first; return how many."""
    old = [path for path in sorted(runs.glob("*.json")) if path.stem < f"{before:%Y%m%dT%H%M%SZ}"]
    if not old:
        return 0
    history = runs / KEPT
    lines = history.read_bytes().splitlines() if history.exists() else []
    known = {json.loads(line)["run_id"] for line in lines}
    lines += [_line(path) for path in old if path.stem not in known]
    write_atomic(history, b"".join(line + b"\n" for line in lines))
    for path in old:
        path.unlink()
    return len(old)


def _pages(folder: Path, before: datetime) -> None:
    """Remove the pages of runs before the instant: each shows what the summary said, so it goes with it."""
    for path in folder.glob("*.html"):
        if RUN.fullmatch(path.stem) and path.stem < before.strftime(NAMED):
            path.unlink()


def _line(path: Path) -> bytes:
    """Return one run as the line that stays of it; of a file that cannot be read, that there was one."""
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError:
        said = {}
    flows = [{name: flow.get(name) for name in KEPT_OF_A_FLOW} for flow in said.get("flows", [])]
    kept = {name: said.get(name) for name in KEPT_OF_A_RUN}
    return json.dumps({**kept, "run_id": path.stem, "flows": flows}, sort_keys=True).encode()


def _secrets(place: Workplace) -> int:
    """Destroy the log's secrets of people of whom no batch has told for the period of the assessment.

    How many go is logged first: nothing is destroyed of which the log does not tell.
    """
    term = secrets_term(place.dpia)
    if term is None:
        return 0
    since = periods.before(clock.today(), term.period)
    if number := place.log_secrets.unused(since):
        leaf = disposal_leaf(place, number, since)
        place.log.append_once(leaf["identity"], [leaf])
    return place.log_secrets.destroy_unused(since) if number else 0
