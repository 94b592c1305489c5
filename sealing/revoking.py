"""Revoke a key: from now on nobody believes it, seals to it or opens with it."""

from pathlib import Path

from common import clock
from sealing.errors import KeyUnusable
from sealing.keys import Form, facts_of, form_of
from sealing.revoked import Revoked, note_revoked
from sealing.trust import RETIRED

ASK_FIRST = "Stop the schedule and tell information governance: docs/how_to/incident.md."
OF_A_FLOW = "A flow's own key is changed instead: python run_sync.py keys rotate pseudonym --flow FLOW"
NEVER_REVOKED = {
    "log": ASK_FIRST,
    "memory": ASK_FIRST,
    "choices": ASK_FIRST,
    "witness": ASK_FIRST,
    "pseudonym": OF_A_FLOW,
}
"""Of these roles a revoked key could not be told from a lost one, or would make the log unreadable."""
ABSENT = "See which keys are here: python run_sync.py keys list"


def revoke(role: str, version: int | None, private: Path, public: Path) -> Revoked:
    """Return what was written down: nobody believes, seals to or opens with this key from now on.

    Given:   the version; None is the one in force. Of what is verified by others, or sealed by them, alone.
    Errors:  KeyUnusable.
    """
    why = NEVER_REVOKED.get(role.partition("-")[0])
    if form_of(role) is Form.SYMMETRIC or why is not None:
        raise KeyUnusable(f"Role {role}: its key is not revoked.", remedy=why or ASK_FIRST)
    current = facts_of(role, private, public)
    number = version or current.version
    aside = public / RETIRED / f"v{number}"
    facts = current if number == current.version else facts_of(role, aside, aside)
    if facts.public is None:
        raise KeyUnusable(f"Role {role}, version {number}: its public part is not here.", remedy=ABSENT)
    revoked = Revoked(role, number, clock.today(), facts.public)
    note_revoked(revoked, public)
    return revoked
