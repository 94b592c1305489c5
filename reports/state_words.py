"""How far a batch came, and what its receipt says, in the words of the pages."""

from typing import Any

from reports.pages import moment

STATES = {
    "nothing_sent": "nothing to send",
    "dry_run": "dry run: nothing left",
    "sealed": "sealed and waiting; the next run delivers these same bytes",
    "delivered": "delivered, no receipt yet",
    "refused": "delivered and refused by the council side; nothing of it was loaded",
    "remembered": "delivered, loaded and receipted",
}


BRAKES = {
    "accept_drop": "far fewer records",
    "accept_growth": "far more records, or a first run",
    "accept_flagged": "people under the safety flag",
    "accept_volume": "the night's volume",
}
ANSWERS = {"receipt": "loaded, with receipt", "refusal": "refused", "none yet": "no answer yet"}


def brake_words(brake: str) -> str:
    """Return what was let through when a brake was released."""
    return BRAKES.get(brake, brake.replace("_", " "))


def answer_words(answer: str) -> str:
    """Return in words what the council side answered to a batch."""
    return ANSWERS.get(answer, answer)


def state_words(state: str, stopped_by: str = "") -> str:
    """Return how far a batch came. Given: the first line of the error of a flow that was stopped."""
    if stopped_by:
        return f"stopped ({stopped_by.partition(' ')[0]}): nothing left"
    return STATES.get(state, state.replace("_", " ") or "not known")


def receipt_words(receipt: Any) -> str:
    """Return a receipt in one line. Given: the receipt of a run summary, in either of its shapes, or none."""
    if isinstance(receipt, dict):
        inner = receipt.get("receipt", receipt)
        if not isinstance(inner, dict):
            return "received"
        said = [str(inner[name]) for name in ("outcome", "reason") if inner.get(name)]
        said += [moment(str(inner["at"]))] if inner.get("at") else []
        return ", ".join(said) or "received"
    return str(receipt) if receipt else "none yet"
