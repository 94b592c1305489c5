"""A period that nobody would keep to: not carried out, or counted from a day that cannot be seen."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import Retention
from sharing.refusals.look import Look
from sharing.retention import CLOCKS, LOG_DISPOSAL, LOG_PROOF, LOG_SECRETS, LOG_SINCE, PROOF

STORAGE = "UK GDPR Article 5(1)(e)"


def refusals(look: Look) -> Iterator[Problem]:
    """Yield every period that a recipient, or the log, is said to keep to and could not."""
    for at, term in enumerate(look.file.retention):
        if "@" in term.what:
            yield from _of_recipient(look, at, term)
        elif term.what == LOG_SECRETS:
            yield from _of_log(look, at)


def _of_recipient(look: Look, at: int, term: Retention) -> Iterator[Problem]:
    """Yield what keeps the recipient from removing, and certifying, by this line."""
    if term.proof == PROOF and term.since not in CLOCKS:
        text = f"from {term.since}: a recipient cannot see that day. Write {' or '.join(sorted(CLOCKS))}."
        yield look.problem(text, "retention", at, "from")
    yield from _carried_out(look, at, {"disposal": "delete", "proof": PROOF})
    named, _, party = term.what.partition("@")
    for flow in look.file.flows:
        if flow.id == named.partition(".")[0] and party in look.parties and party != flow.to.party:
            text = f"{term.what}: {party} does not receive {flow.id}, so nobody keeps to this period."
            yield look.problem(text, "retention", at, "what")


def _of_log(look: Look, at: int) -> Iterator[Problem]:
    """Yield what the log does not do: it destroys the secrets of people of whom nothing was told for long."""
    yield from _carried_out(look, at, {"from": LOG_SINCE, "disposal": LOG_DISPOSAL, "proof": LOG_PROOF})


def _carried_out(look: Look, at: int, done: dict[str, str]) -> Iterator[Problem]:
    """Yield each key of the line that says anything but what is done."""
    said = look.file.retention[at].model_dump(by_alias=True)
    for key, word in done.items():
        if said[key] != word:
            text = f"{said['what']}: nobody carries out {key} {said[key]}. Write {word} ({STORAGE})."
            yield look.problem(text, "retention", at, key)
