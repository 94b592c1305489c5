"""A period that nobody could keep to: counted from a day that the recipient's rows do not tell."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.refusals.look import Look
from sharing.retention import CLOCKS, PROOF


def refusals(look: Look) -> Iterator[Problem]:
    """Yield every period that a recipient has to certify and cannot."""
    for at, term in enumerate(look.file.retention):
        if term.proof == PROOF and term.since not in CLOCKS:
            text = f"from {term.since}: a recipient cannot see that day. Write {' or '.join(sorted(CLOCKS))}."
            yield look.problem(text, "retention", at, "from")
