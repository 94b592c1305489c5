"""What each run did, on a page that nobody signs: what left, about how many, to whom, under which rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from reports.documents import Document
from reports.exit_codes import meaning
from reports.pages import render
from reports.readings import FlowSummary, RunSummary

TREATMENTS = {
    "disclose": "sent as it is",
    "pass": "sent as it is",
    "generalise": "made coarser",
    "pseudonymise": "replaced by a keyed pseudonym",
    "redact": "left empty",
    "withhold": "not sent",
}
GROUNDS = {"proof": "Proved", "unreadable": "Not readable", "blank": "Blank", "spread": "Through others"}
REASONS = {
    "": "permitted",
    "cohort": "outside the group the flow is for",
    "not_in_flow": "the flow does not ask for it",
    "source_not_in_flow": "the flow takes nothing from this source",
    "anonymised": "anonymised at the source",
    "parent_withheld": "belongs to a record that is withheld",
    "parent_held": "belongs to a record that is held",
    "vanished": "no longer in the source",
    "merged": "merged into another record",
    "withheld": "may no longer be shared",
    "rekeyed": "sent again under a new key",
    "expired": "its time at the recipient is over",
    "narrowed": "held, and what was sent of it may no longer be shared in full",
    "dpia": "the assessment no longer allows it",
}


def run_did_page(site: str, run: RunSummary, checks: Mapping[str, str] | None = None) -> bytes:
    """Return the page of what one run did, which nobody signs. Given: the run, and what each check says."""
    return render(
        "governance.html",
        site=site,
        sample=run.sample,
        run=run,
        exit=meaning(run.exit_code),
        reasons=reasons,
        withdrawals=withdrawals,
        reason_words=partial(reason_words, checks=checks),
        treatment_words=treatment_words,
        ground_words=GROUNDS,
    )


def index_page(
    site: str,
    summaries: list[RunSummary],
    documents: list[Document],
    from_runs: Sequence[Document] = (),
) -> bytes:
    """Return the list of documents from the assessment, of those from runs, and of the runs' own pages."""
    return render(
        "governance_index.html",
        site=site,
        sample=any(run.sample for run in summaries[:1]),
        runs=summaries,
        documents=documents,
        from_runs=from_runs,
    )


@dataclass(frozen=True)
class Reason:
    """One reason with how many records it concerns, and of which entities."""

    code: str
    total: int
    entities: list[tuple[str, int]]


def reasons(flow: FlowSummary) -> list[Reason]:
    """Return why records did not leave, the commonest reason first."""
    return _by_reason({entity: counts.reasons for entity, counts in flow.entities.items()})


def withdrawals(flow: FlowSummary) -> list[Reason]:
    """Return why records were taken back; a count over all entities names none."""
    by_entity = _by_reason({entity: counts.withdrawn_reasons for entity, counts in flow.entities.items()})
    return by_entity or [Reason(code, count, []) for code, count in flow.withdrawn_reasons.items() if count]


def _by_reason(counted: dict[str, dict[str, int]]) -> list[Reason]:
    found: dict[str, list[tuple[str, int]]] = {}
    for entity, given in counted.items():
        for code, count in given.items():
            if count:
                found.setdefault(code, []).append((entity, count))
    named = [Reason(code, sum(count for _, count in many), many) for code, many in found.items()]
    return sorted(named, key=lambda reason: (-reason.total, reason.code))


WITH_A_NAME = {
    "register": "the register of people's choices cannot be relied on: missing, wrong or too old ({name})",
    "stopped": "waits until the flow may go on ({name})",
}
"""What the first word of a reason says, where a name follows it."""


def reason_words(reason: str, checks: Mapping[str, str] | None = None) -> str:
    """Return a reason code in words; a rule or a check keeps its own name. Given: what each check says."""
    kind, _, name = reason.partition(":")
    if kind == "check" and name:
        said = (checks or {}).get(name, "").rstrip(".")
        return f"check {name} holds it: {said}" if said else f"check {name} holds it"
    if kind == "rule" and name:
        asked = name.removeprefix("where.")
        if asked != name:
            return f"not what the flow asks of each {asked.replace('_', ' ')} ({name} of the DPIA)"
        return f"rule {name} of the DPIA"
    if name:
        return WITH_A_NAME.get(kind, "{kind}:{name}").format(kind=kind, name=name)
    return REASONS.get(reason, reason.replace("_", " "))


def treatment_words(treatment: str) -> str:
    """Return what is done with a field in words."""
    return TREATMENTS.get(treatment, treatment.replace("_", " "))
