"""Which runs sent nothing, and why: from their summaries, and from the log for runs that left none."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.site import Site
from sync.governance.logged import Logged, days_since, logged
from sync.sweep import KEPT

LEFT = ("delivered", "receipted", "remembered", "refused")
WHY = {
    "nothing_sent": "nothing had changed since the last batch",
    "sealed": "sealed, and not delivered yet: a later run delivers these same bytes",
    "logged": "sealed and logged, and not delivered yet: a later run delivers these same bytes",
    "remembered": "sent, loaded and receipted",
    "delivered": "sent, and not answered yet",
    "receipted": "sent and answered, and not remembered yet",
    "refused": "sent, and refused by the council's side: nothing of it was loaded",
}
STOPPED = "stopped"
NOTHING_READ = "no source could be read: nobody knows whether anything had changed"
SOME_READ = "nothing had changed in the sources that could be read"


def nothing_sent(site: Site, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the statement of runs that sent nothing, and since when nothing has gone in each flow.

    Given: run summaries, the newest first. A flow of which a run's summary says nothing was not begun.
    """
    log, told = logged(site.var / "log"), [_run(run) for run in runs]
    silent = [run for run in told if not run["sent"]]
    flows = {name.split("/")[0] for name, _ in log.of("batch")} | {f for run in told for f in run["flows"]}
    stopped = [
        run for run in silent if run["stopped"] or STOPPED in _states(run) or NOTHING_READ in _reasons(run)
    ]
    return {
        "runs": len(told),
        "runs_that_sent": len(told) - len(silent),
        "runs_that_sent_nothing": len(silent),
        "of_them_stopped": len(stopped),
        "silent": silent,
        "without_summary": _without_summary(site, log, runs),
        "last_sent": [_last(log, flow) for flow in sorted(flows)],
    }


def _run(run: Mapping[str, Any]) -> dict[str, Any]:
    flows = {flow["flow"]: _flow(flow) for flow in run["flows"]}
    read, refused = _read_and_refused(run)
    for told in flows.values():
        if told["state"] == "nothing_sent" and refused:
            told["why"] = SOME_READ if read else NOTHING_READ
    earlier = [flow["flow"] for flow in run["earlier_batches"] if flow["state"] in LEFT]
    stopped = run["errors"][0][0] if run["errors"] and not flows else None
    return {
        "run": run["run_id"],
        "started_at": run["started_at"],
        "exit_code": run["exit_code"],
        "sent": any(flow["state"] in LEFT for flow in flows.values()) or bool(earlier),
        "delivered_of_earlier_runs": earlier,
        "stopped": stopped,
        "sources_refused": [
            {"source": source["source"], "code": source["error_code"]}
            for source in run["sources"]
            if source["error_code"]
        ],
        "flows": flows,
    }


def _read_and_refused(run: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many of the run's sources were read, and how many were not."""
    refused = sum(1 for source in run["sources"] if source["error_code"])
    return len(run["sources"]) - refused, refused


def _states(run: Mapping[str, Any]) -> set[str]:
    return {flow["state"] for flow in run["flows"].values()}


def _reasons(run: Mapping[str, Any]) -> set[str]:
    return {flow["why"] for flow in run["flows"].values()}


def _flow(flow: Mapping[str, Any]) -> dict[str, Any]:
    """Return how far the flow came and why no further, in the error's own first line where there is one."""
    state = flow["state"]
    if flow["error"] and state not in LEFT:
        return {"state": STOPPED, "why": flow["error"][0]}
    return {"state": state, "why": WHY.get(state, state.replace("_", " "))}


def _without_summary(site: Site, log: Logged, runs: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the runs that the log knows begun, and of which neither a summary nor a line is kept."""
    kept = {path.stem for path in (site.var / "runs").glob("*.json")} | set(_lines(site))
    kept |= {run["run_id"] for run in runs}
    return [{"run": name, "logged_at": at} for name, at in log.of("run") if name not in kept]


def _lines(site: Site) -> Iterator[str]:
    path = site.var / "runs" / KEPT
    for line in path.read_bytes().splitlines() if path.exists() else ():
        yield str(json.loads(line)["run_id"])


def _last(log: Logged, flow: str) -> dict[str, Any]:
    at = log.last("batch", flow)
    return {"flow": flow, "last_batch_at": at, "days_ago": days_since(at)}
