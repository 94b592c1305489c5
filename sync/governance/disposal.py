"""Retention and disposal: what is due, what was removed, on whose certificate, and what a decision keeps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from audit.leaves import ExpiryLeaf
from common import clock
from config.site import Site
from sharing import Dpia
from sharing.retention import kept_days
from sync.governance.logged import days_since, leaves_of, logged

COUNTS = ("due", "expired", "blocked", "waiting", "no_clock")
WHAT = {
    "bodies": "sealed files of answered batches",
    "run_summaries": "run summaries, one line of each kept",
    "statements": "signed statements of runs, whose leaves stay in the log",
    "closed_findings": "closed findings, their number kept",
    "person_secrets": "log secrets of people of whom no batch tells any more",
    "old_keys": "keys whose overlap is over",
}


def disposal(site: Site, runs: Sequence[Mapping[str, Any]], dpia: Dpia | None = None) -> dict[str, Any]:
    """Return what recipients certified by flow, what this side removed of its own, and its clocks.

    Given: run summaries, the newest first; the assessment, whose periods hold where they are shorter. A
           certificate is learnt by the next run that looks for it.
    """
    log = logged(site.var / "log")
    expiries = [leaf for leaf in leaves_of(site.var / "log", ["expiry"]) if isinstance(leaf, ExpiryLeaf)]
    flows = sorted({name.split("/")[0] for name, _ in log.of("batch")})
    swept: Counter[str] = Counter()
    for run in runs:
        swept.update(run["swept"])
    return {
        "flows": [_flow(flow, runs) | _certified(flow, expiries) for flow in flows],
        "own": [
            {"kind": kind, "what": words, "removed": swept[kind], "kept_days": days}
            for (kind, words), days in zip(
                WHAT.items(),
                (*_own_clocks(site, dpia), site.retention.closed_findings_days, None, None),
                strict=True,
            )
        ],
        "since": runs[-1]["started_at"] if runs else None,
        "holds": len(site.retention.holds),
    }


def _own_clocks(site: Site, dpia: Dpia | None) -> tuple[int, ...]:
    """Return for how many days sealed bodies, run summaries and statements are kept."""
    kept = site.retention
    said = {
        "batch_bodies": kept.batch_bodies_days,
        "run_summaries": kept.run_summaries_days,
        "statements": kept.statements_days,
    }
    if dpia is None:
        return tuple(said.values())
    return tuple(kept_days(dpia, what, days, clock.today()) for what, days in said.items())


def _flow(flow: str, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures of the last certificate that one of these runs learnt of."""
    told = [
        said["retention"]
        for run in runs
        for said in run["flows"]
        if said["flow"] == flow and said["retention"]
    ]
    latest = told[0] if told else {}
    return {
        "flow": flow,
        "as_of": latest.get("as_of"),
        **{count: latest.get(count) for count in COUNTS},
        "held_by": latest.get("holds", []),
        "entities": latest.get("entities", {}),
    }


def _certified(flow: str, leaves: list[ExpiryLeaf]) -> dict[str, Any]:
    """Return how many certificates the log tells of, the last one's instant, and what all of them removed."""
    own = [leaf for leaf in leaves if leaf.flow == flow]
    last = max((leaf.at for leaf in own), default=None)
    removed = sum(counts.expired for leaf in own for counts in leaf.entities.values())
    return {
        "certificates": len(own),
        "last_certificate_at": last,
        "days_ago": days_since(last),
        "removed_by_all": removed,
    }
