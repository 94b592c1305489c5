"""Who asked whose records are whose, who was forgotten, what somebody let through or gave up; not of whom."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from audit.leaves import AccessLeaf, ForgottenLeaf, GivenUpLeaf, ReidentificationLeaf, RunLeaf, WaivedLeaf
from common.clock import LONDON
from config.site import Site
from sync.governance.logged import leaves_of

KINDS = ("run", "waived", "access", "forgotten", "given_up", "reidentification")


def access(site: Site, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the re-identification and access log: days, reasons, outcomes and approvers of every leaf.

    Given:  run summaries, for the names of those who released a brake: the log says only that one was.
    Source: Caldicott principle 4. Release forms and questions stand in the log as digests alone.
    """
    leaves = leaves_of(site.var / "log", KINDS)
    known = {run["run_id"]: run for run in runs}
    asked = [_asked(leaf) for leaf in leaves if isinstance(leaf, ReidentificationLeaf)]
    told = [_told(leaf) for leaf in leaves if isinstance(leaf, AccessLeaf)]
    forgotten = [_forgotten(leaf) for leaf in leaves if isinstance(leaf, ForgottenLeaf)]
    return {
        "reidentifications": asked,
        "rows_asked": sum(one["asked"] for one in asked),
        "rows_told": sum(one["told"] for one in asked),
        "histories": told,
        "refused": sum(one["outcome"] == "refused" for one in [*asked, *told]),
        "reasons": dict(sorted(Counter(one["reason"] for one in told).items())),
        "forgotten": forgotten,
        "released": [
            one
            for leaf in leaves
            if isinstance(leaf, RunLeaf)
            for one in _released(leaf, known.get(leaf.run))
        ],
        "given_up": [_given_up(leaf) for leaf in leaves if isinstance(leaf, GivenUpLeaf)],
        "waived": _waived([leaf for leaf in leaves if isinstance(leaf, WaivedLeaf)]),
    }


def _asked(leaf: ReidentificationLeaf) -> dict[str, Any]:
    return {
        "on": _day(leaf.at),
        "flow": leaf.flow,
        "asked_by": leaf.asked_by,
        "reason": leaf.reason,
        "asked": leaf.asked,
        "told": leaf.told,
        "approvers": leaf.approvers,
        "outcome": leaf.outcome,
    }


def _told(leaf: AccessLeaf) -> dict[str, Any]:
    considered = leaf.considered.model_dump()
    return {
        "on": _day(leaf.at),
        "asked": leaf.asked,
        "reason": leaf.reason,
        "outcome": leaf.outcome,
        "withheld_for": [name for name, answer in considered.items() if answer == "withhold"],
    }


def _forgotten(leaf: ForgottenLeaf) -> dict[str, Any]:
    return {
        "on": _day(leaf.at),
        "reason": leaf.reason,
        "approver": leaf.approver,
        "flows": leaf.flows,
        "kept_in": leaf.kept_in,
        "secret": leaf.secret,
    }


def _given_up(leaf: GivenUpLeaf) -> dict[str, Any]:
    return {
        "on": _day(leaf.at),
        "flow": leaf.flow,
        "batch": leaf.seq,
        "reason": leaf.reason,
        "approver": leaf.approver,
    }


def _released(leaf: RunLeaf, run: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """Yield each brake that somebody released in a run, and who: None where no name of it is kept."""
    for brake in leaf.accepted:
        by = _name(brake, run) if run else None
        yield {"on": _day(leaf.at), "run": leaf.run, "brake": brake, "by": by}


def _name(brake: str, run: Mapping[str, Any]) -> str | None:
    """Return who is named in the run's summary; the brakes on few and on many records ask for no name."""
    for flow in run["flows"]:
        said = {
            "accept_volume": [flow["volume_accepted"]],
            "accept_flagged": flow["flagged_accepted"].values(),
        }
        for accepted in said.get(brake, ()):
            if accepted.get("by"):
                return str(accepted["by"])
    return None


def _waived(leaves: list[WaivedLeaf]) -> list[dict[str, Any]]:
    """Return each waiver of each version with how many runs went on under it, and from when to when."""
    found: dict[tuple[str, ...], list[WaivedLeaf]] = {}
    for leaf in leaves:
        found.setdefault((leaf.waiver, leaf.rule, leaf.until, leaf.dpia.version), []).append(leaf)
    return [
        {
            "waiver": waiver,
            "rule": rule,
            "until": until,
            "version": version,
            "runs": len({leaf.run for leaf in own}),
            "first_on": _day(own[0].at),
            "last_on": _day(own[-1].at),
        }
        for (waiver, rule, until, version), own in found.items()
    ]


def _day(instant: str) -> str:
    """Return the day in London; an hour would be needlessly close to one person's request."""
    return datetime.fromisoformat(instant).astimezone(LONDON).date().isoformat()
