"""How long the recipient of a flow keeps its rows: per entity, the term of the assessment that fits best."""

from datetime import date
from typing import Any

from sealing import periods
from sharing.document import DpiaFile, FlowBlock
from sharing.document.afterwards import Retention

CLOCKS = frozenset({"case_closed", "disclosure"})
"""What a recipient can count from, because its rows say it: the end of a case, and when they were sent."""
LOG_SECRETS = "disclosure_log"
LOG_SINCE, LOG_DISPOSAL, LOG_PROOF = "disclosure", "destroy_person_key", "log_leaf"
"""The only way in which the log's secrets end: what a line about them must say."""
PROOF = "recipient_certificate"


def terms_of(file: DpiaFile, flow: FlowBlock) -> list[dict[str, Any]]:
    """Return entity, period, since and basis of each entity of the flow that has a term, by entity.

    FLOW.ENTITY@PARTY speaks before FLOW@PARTY, where the party is the flow's recipient.
    """
    said = {term.what: term for term in file.retention if term.proof == PROOF}
    found = []
    for entity in sorted(flow.fields):
        names = (f"{flow.id}.{entity}@{flow.to.party}", f"{flow.id}@{flow.to.party}")
        term = next((said[name] for name in names if name in said), None)
        if term is not None:
            found.append({"entity": entity, "period": term.period, "since": term.since, "basis": term.basis})
    return found


def secrets_term(file: DpiaFile) -> Retention | None:
    """Return how long the secrets of the people in the disclosure log are kept; none said, for good."""
    said = [term for term in file.retention if term.what.partition("@")[0] == LOG_SECRETS]
    return next((term for term in said if term.disposal == LOG_DISPOSAL), None)


def kept_days(file: DpiaFile, what: str, site_days: int, today: date) -> int:
    """Return for how many days Viaduct keeps a thing of its own: the site's, or the assessment's if fewer.

    Given: the thing as a line of `retention` names it: `batch_bodies`, `run_summaries` or `statements`. No
           such line: the site's days. A period of months or years is counted back from today.
    """
    said = [term.period for term in file.retention if term.what.partition("@")[0] == what]
    return min([site_days, *((today - periods.before(today, period)).days for period in said)])
