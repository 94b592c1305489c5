"""The disclosure statement of one run: the log's leaves, its assessments' words, and what is lacking."""

from pathlib import Path
from typing import Any

from audit.assessments import Assessment
from audit.reading import Reading, read_log
from audit.statement import CANNOT, FORMAT, figures
from common import clock
from config.site import Site
from sealing.keys import load_verifier
from sealing.trust import Trust, read_trust
from sync.outbox import read_json
from sync.signed_by import signed_by


def state_run(site: Site, run: str) -> dict[str, Any] | None:
    """Return the statement of the run, to be signed; None if neither log nor run history knows it.

    Returns: run, log (origin, size, root), the run's leaves, `figures` added up from them, the words of the
             assessments they name, how the sources fared, and `gaps`: what is not known, or went wrong.
    Errors:  DisclosureLogBroken.
    """
    reading = read_log(site.var / "log", load_verifier("log", site.keys.public))
    leaves = reading.of_run(run)
    path = site.var / "runs" / f"{run}.json"
    summary = read_json(path) if path.exists() else None
    if summary is None and not any(leaf["kind"] == "run" for leaf in leaves):
        return None
    added = figures(leaves)
    assessments = _assessments(reading.folder, added["flows"], read_trust(site.keys.public))
    return {
        "format": FORMAT,
        "run": run,
        "site": site.name,
        "sample": site.sample,
        "made_at": clock.stamp(clock.now()),
        "log": _head(reading),
        "leaves": leaves,
        "figures": added,
        "assessments": assessments,
        "outcome": _outcome(summary),
        "gaps": _gaps(summary, added, assessments, logged=bool(leaves)),
        "cannot_be_proved": CANNOT,
    }


def latest_run(site: Site) -> str | None:
    """Return the run of the newest summary, or None before the first."""
    return max((path.stem for path in (site.var / "runs").glob("*.json")), default=None)


def _head(reading: Reading) -> dict[str, Any]:
    head = reading.checkpoint
    return {"origin": head.origin, "size": head.size, "root": head.root.hex()}


def _assessments(folder: Path, flows: list[dict[str, Any]], trust: Trust) -> dict[str, Any]:
    """Return, by digest, law pack, waivers, who signed (null: not known), and the words of its flows."""
    found: dict[str, Any] = {}
    for flow in flows:
        digest = flow["dpia"]["sha256"]
        assessment = Assessment(folder, digest)
        said = found.setdefault(
            digest,
            {
                "kept": assessment.kept,
                "law_pack": assessment.law_pack,
                "waivers": assessment.waivers,
                "signed": signed_by(folder, digest, trust),
                "flows": {},
            },
        )
        said["flows"][flow["flow"]] = assessment.flow(flow["flow"])
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
