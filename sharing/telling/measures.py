"""What is done against each risk, who or what enforces it, and which share of it the code enforces."""

from typing import Any

from sharing.document import Measure
from sharing.enforcers import NETS, Held
from sharing.telling.heading import heading
from sharing.telling.opened import Opened
from sharing.telling.said import STOPS

MANUAL = "manual"


def measures_enforced(opened: Opened) -> dict[str, Any]:
    """Return every measure, what is overdue first, and the share that code enforces.

    Units: `days_left` until a person looks again, negative when overdue; `percent` of the approved
           measures, rounded to a whole number, None where none is approved.
    """
    told = sorted((_measure(opened, each) for each in opened.dpia.measures), key=_order)
    approved = [each for each in told if each["approved"]]
    by_code = [each for each in approved if each["by"] == "code"]
    return {
        "assessment": heading(opened),
        "measures": told,
        "approved": len(approved),
        "by_code": len(by_code),
        "by_person": len(approved) - len(by_code),
        "not_approved": len(told) - len(approved),
        "overdue": sum(each["overdue"] for each in approved),
        "percent": round(100 * len(by_code) / len(approved)) if approved else None,
    }


def _order(told: dict[str, Any]) -> tuple[bool, bool, int, str]:
    left = told["days_left"]
    return not told["overdue"], told["by"] == "code", left if left is not None else 0, told["measure"]


def _measure(opened: Opened, measure: Measure) -> dict[str, Any]:
    risk = next(each for each in opened.dpia.risks if each.id == measure.risk)
    due = next((each for each in opened.days if each.path == f"measures/{measure.id}/reviewBy"), None)
    left = due.days_left(opened.today) if due else None
    enforcers = [] if measure.enforced_by == MANUAL else measure.enforced_by
    return {
        "measure": measure.id,
        "title": measure.title,
        "risk": risk.id,
        "harm": risk.harm,
        "effect": measure.effect,
        "residual": measure.residual,
        "approved": measure.approved,
        "by": "person" if measure.enforced_by == MANUAL else "code",
        "enforced_by": [
            {"name": name, "words": enforcer_said(opened, name), "held": held(name).value}
            for name in enforcers
        ],
        "evidence": measure.evidence,
        "owner": measure.owner,
        "review_by": measure.review_by,
        "waived_until": due.waived_until if due else None,
        "days_left": left,
        "overdue": left is not None and left < 0,
    }


def enforcer_said(opened: Opened, name: str) -> str:
    """Return what enforces a measure, in words: a rule of this file, a register, or a net with its test."""
    kind, _, own = name.partition(":")
    if kind == "safety":
        return next(f"safety rule: {rule.title}" for rule in opened.dpia.safety if rule.id == own)
    if kind == "stop":
        return f"the register of {STOPS[own]} is asked of everybody"
    return NETS[name].words


def held(name: str) -> Held:
    """Return when it is asked: a rule of the file and a register in every run, a net as it says itself."""
    return NETS[name].held if name in NETS else Held.RUN
