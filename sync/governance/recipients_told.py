"""What was corrected, erased or objected to, and whether each recipient was told of it: counts and days."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audit.leaves import BatchLeaf, ExpiryLeaf, ForgottenLeaf, Leaf, NothingSentLeaf, RunLeaf
from common import clock
from config.site import Site
from sharing import Dpia
from sharing.choices import Choice
from sharing.telling.said import period
from sync.governance.answered import (
    ANSWERS,
    OPEN,
    Answered,
    Telling,
    corrected_in,
    day_of,
    withdrawn_for,
)
from sync.governance.choices_told import choices_told
from sync.governance.logged import leaves_of

KINDS = ("run", "nothing_sent", "forgotten", "expiry", *ANSWERS)
Runs = Sequence[Mapping[str, Any]]


def recipients_told(site: Site, runs: Runs, dpia: Dpia | None = None) -> dict[str, Any]:
    """Return the ledger of corrections, erasures and choices: when recorded, when told, when answered.

    Given:  run summaries, the newest first; the assessment, for the period and what an erasure leaves.
    Source: UK GDPR Articles 16, 17 and 19. Of choices and corrections, the runs given; of erasures, the log.
    """
    leaves = leaves_of(site.var / "log", KINDS)
    telling = Telling(site.var / "log", dpia, Answered(leaves))
    first = day_of(runs[-1]["started_at"]) if runs else None
    whole = not any(isinstance(leaf, RunLeaf) and leaf.run < runs[-1]["run_id"] for leaf in leaves if runs)
    choices, earlier = choices_told(telling, runs, None if whole else first)
    erasures = _erasures(telling, leaves, runs)
    corrections = list(_corrections(telling, runs))
    lines = [*choices, *erasures, *corrections]
    return {
        "as_of": clock.today().isoformat(),
        "since": first.isoformat() if first else None,
        "within": period(telling.within) if telling.within else None,
        "choices": choices,
        "earlier_choices": earlier,
        "erasures": erasures,
        "corrections": corrections,
        "not_counted": _not_counted(runs),
        "kept": list(_kept(telling, leaves)),
        "not_yet_told": sum(line["state"] in OPEN for line in lines),
        "overdue": sum(line["overdue"] for line in lines),
        "late": sum(line["late"] for line in lines),
    }


def _erasures(telling: Telling, leaves: list[Leaf], runs: Runs) -> list[dict[str, Any]]:
    """Return each erasure flow by flow; who was forgotten on one day, in one batch, stand on one line."""
    counted: Counter[tuple[tuple[str, Any], ...]] = Counter()
    for at, leaf in enumerate(leaves):
        if isinstance(leaf, ForgottenLeaf):
            for line in _erasure(telling, leaf, leaves[at + 1 :], runs):
                counted[tuple(line.items())] += 1
    return [dict(line) | {"people": people} for line, people in counted.items()]


def _erasure(
    telling: Telling, leaf: ForgottenLeaf, after: list[Leaf], runs: Runs
) -> Iterator[dict[str, Any]]:
    said = {"recorded_on": day_of(leaf.at).isoformat(), "reason": leaf.reason, "secret": leaf.secret}
    for flow in leaf.flows:
        run, state = _first_settled(telling.answered, flow, after)
        records = _forgotten_in(runs, flow, run) if run else None
        if run and records == 0:
            state, run = "nothing", None
        last = telling.answered.of(flow, run) if run else None
        line = telling.line(flow, day_of(leaf.at), state, last)
        yield said | {"kept_because": None, "records": records if last else None} | line
    for flow in leaf.kept_in:
        line = telling.line(flow, day_of(leaf.at), "nothing")
        yield said | {"records": None} | line | {"state": "kept", "kept_because": _ground(telling.dpia, flow)}


def _first_settled(answered: Answered, flow: str, after: list[Leaf]) -> tuple[str | None, str]:
    """Return the run whose batch first told the recipient, and how far that came; refused, it did not."""
    refused = None
    for leaf in after:
        if isinstance(leaf, NothingSentLeaf) and leaf.flow == flow and refused is None:
            return None, "nothing"
        if isinstance(leaf, BatchLeaf) and leaf.flow == flow:
            sent = answered.of(flow, leaf.run)
            if sent is not None and not sent.refused:
                return (leaf.run, sent.state) if sent.withdrawn else (None, "nothing")
            refused = leaf.run
    return (refused, "refused") if refused else (None, "not_applied")


def _forgotten_in(runs: Runs, flow: str, run: str) -> int | None:
    """Return how many records the run took back of who was forgotten; None where its summary is gone."""
    for one in runs:
        if one["run_id"] == run:
            return sum(withdrawn_for(said, Choice.FORGOTTEN) for said in one["flows"] if said["flow"] == flow)
    return None


def _ground(dpia: Dpia | None, flow: str) -> str | None:
    """Return on which provisions of today's assessment an erasure does not reach the flow."""
    block = next((one for one in (dpia.flows if dpia else ()) if one.id == flow), None)
    if dpia is None or block is None:
        return None
    exempt = dpia.rights.erasure.except_where
    kept = [one for one in dpia.legal_bases if one.id in block.basis and one.article6 in exempt]
    return "; ".join(dict.fromkeys(f"{one.provision} ({one.article6})" for one in kept)) or None


def _corrections(telling: Telling, runs: Runs) -> Iterator[dict[str, Any]]:
    """Yield, night by night, how many rows each flow sent again because their content had changed."""
    for run in runs:
        for flow in run["flows"]:
            rows, sent = corrected_in(flow), telling.answered.of(flow["flow"], run["run_id"])
            if rows and sent:
                state = "sent_again" if telling.answered.sent_again(sent) else sent.state
                line = telling.line(flow["flow"], sent.sealed_on, state, sent)
                yield {"recorded_on": line["sealed_on"], "run": run["run_id"], "rows": rows} | line


def _not_counted(runs: Runs) -> int:
    """Return in how many runs shown some flow did not count what it sent again."""
    return sum(any(flow["entities"] and corrected_in(flow) is None for flow in run["flows"]) for run in runs)


def _kept(telling: Telling, leaves: list[Leaf]) -> Iterator[dict[str, Any]]:
    """Yield what the flows' last certificates say stays although its time is over, on which decisions."""
    last: dict[str, ExpiryLeaf] = {leaf.flow: leaf for leaf in leaves if isinstance(leaf, ExpiryLeaf)}
    for flow, leaf in sorted(last.items()):
        rows = sum(counts.blocked for counts in leaf.entities.values())
        if rows:
            said = {"flow": flow, "recipient": telling.recipient(flow), "rows": rows}
            yield said | {"decisions": leaf.holds, "certified_on": day_of(leaf.at).isoformat()}
