"""The disclosure statement of one run: the log's leaves, its assessments' words, and what is lacking.

Nothing in it is of the moment in which it is made: made again, it is the same to the byte, as long as the
run's summary, the assessments and the keys trusted here are.
"""

from pathlib import Path
from typing import Any

from audit.assessments import Assessment
from audit.checkpoint import Checkpoint
from audit.statement import CANNOT, FORMAT, figures
from audit.tail import LeavesOfRun
from config.site import Site
from sealing.trust import Trust, read_trust
from sync.signed_by import signed_by


def say_of_run(
    site: Site, told: LeavesOfRun, head: Checkpoint, summary: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the statement of the run, to be signed.

    Given:   what the log holds of the run, the checkpoint over the last of it, the run's summary, if kept.
    Returns: run, log (origin, size, root), the run's leaves, `figures` added up from them, the words of the
             assessments they name, how the sources fared, and `gaps`: what is not known, or went wrong.
    """
    added = figures(told.leaves)
    assessments = assessments_of(site.var / "log", added["flows"], read_trust(site.keys.public))
    return {
        "format": FORMAT,
        "run": told.run,
        "site": site.name,
        "sample": site.sample,
        "as_of": _as_of(told.leaves, summary),
        "log": {"origin": head.origin, "size": head.size, "root": head.root.hex()},
        "leaves": told.leaves,
        "figures": added,
        "assessments": assessments,
        "outcome": _outcome(summary),
        "gaps": _gaps(summary, added, assessments, logged=bool(told.leaves)),
        "cannot_be_proved": CANNOT,
    }


def _as_of(leaves: list[dict[str, Any]], summary: dict[str, Any] | None) -> str | None:
    """Return the instant of the last that is told: the run's end, or a later answer to what it sent."""
    ended = [summary["ended_at"]] if summary and summary["ended_at"] else []
    return max([*ended, *(leaf["at"] for leaf in leaves)], default=None)


def assessments_of(folder: Path, flows: list[dict[str, Any]], trust: Trust) -> dict[str, Any]:
    """Return, by digest, law pack, waivers, who signed (null: not known), and the words of its flows."""
    found: dict[str, Any] = {}
    read: dict[str, Assessment] = {}
    for flow in flows:
        digest = flow["dpia"]["sha256"]
        if digest not in read:
            read[digest] = Assessment(folder, digest)
        assessment = read[digest]
        if digest not in found:
            found[digest] = {
                "kept": assessment.kept,
                "law_pack": assessment.law_pack,
                "waivers": assessment.waivers,
                "signed": signed_by(folder, digest, trust),
                "flows": {},
            }
        found[digest]["flows"][flow["flow"]] = assessment.flow(flow["flow"])
    return found


def _outcome(summary: dict[str, Any] | None) -> dict[str, Any]:
    """Return how the run ended and how each source fared, as its summary says; counts and codes only."""
    if summary is None:
        return {"exit_code": None, "sources": []}
    sources = [
        {
            "source": told["source"],
            "outcome": told["outcome"],
            "error_code": told.get("error_code"),
            "rows": sum(counts["rows"] for counts in told["exports"].values()),
            "rejected": sum(counts["rejected"] for counts in told["exports"].values()),
        }
        for told in summary["sources"]
    ]
    return {"exit_code": summary["exit_code"], "sources": sources}


def _gaps(
    summary: dict[str, Any] | None, added: dict[str, Any], assessments: dict[str, Any], *, logged: bool
) -> list[str]:
    """Return in words what this statement cannot tell, or what of the run went wrong."""
    gaps = [] if logged else ["The run stopped before it logged anything: nothing of it was sent."]
    if summary is None:
        gaps.append("The run's summary is not kept: how its sources fared is not known.")
        return gaps
    troubled = [(f"Source {told['source']}", told["error"]) for told in summary["sources"] if told["error"]]
    troubled += [(f"Flow {told['flow']}", told["error"]) for told in summary["flows"] if told["error"]]
    gaps += [f"{what}: {lines[0]}" for what, lines in troubled]
    told_of = [lines for _, lines in troubled]
    gaps += [f"The run: {lines[0]}" for lines in summary["errors"] if lines not in told_of]
    gaps += [f"Flow {flow} was begun and not settled." for flow in added["flows_not_settled"]]
    gaps += [
        f"Batch {flow['batch']} has no receipt yet."
        for flow in added["flows"]
        if flow["answer"] == "none yet"
    ]
    lacking = [digest for digest, said in assessments.items() if not said["kept"]]
    gaps += [f"Assessment {digest} is not kept with the log." for digest in lacking]
    unread = [digest for digest, said in assessments.items() if said["signed"] is None]
    return [*gaps, *(f"Who signed assessment {digest} is not known." for digest in unread)]
