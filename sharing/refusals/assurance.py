"""Risks, measures, sign-off: each risk met, each measure enforced, high risk put to the ICO first."""

import re
from collections.abc import Iterator

from config.documents import Problem
from sharing.document import Measure
from sharing.enforcers import NETS
from sharing.refusals.look import Look, Path

STEP = "UK GDPR Article 35(7)(d)"
ADVICE = "UK GDPR Article 35(2)"
FIRST = "UK GDPR Article 36"
NAMED = re.compile(r"(?<![\w:])(?:rule|safety|stop|test):[\w./:-]*\w")
"""What a measure's evidence names of this file or of Viaduct; the rest of its words is for people."""


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with the risks and the measures."""
    measures = {measure.id: measure for measure in look.file.measures}
    risks = {risk.id for risk in look.file.risks}
    for at, risk in enumerate(look.file.risks):
        for number, name in enumerate(risk.measures):
            yield from look.unknown("measure", name, measures, "risks", at, "measures", number)
        if not any(measures[name].approved for name in risk.measures if name in measures):
            words = f"{risk.id}: no approved measure addresses it ({STEP})."
            yield look.problem(words, "risks", at, "measures")
    for at, measure in enumerate(look.file.measures):
        yield from look.unknown("risk", measure.risk, risks, "measures", at, "risk")
        if measure.approved:
            yield from _enforced(look, at, measure)
        yield from _shown(look, at, measure)
    yield from _advice(look)
    yield from _consulted(look)


def _advice(look: Look) -> Iterator[Problem]:
    advice = look.file.signoff.dpo_advice
    if not advice.accepted and advice.overruled_reason is None:
        words = f"the advice of the DPO is overruled: say why, under overruledReason ({ADVICE})."
        yield look.problem(words, "signoff", "dpoAdvice", "accepted")


def _consulted(look: Look) -> Iterator[Problem]:
    """Yield what asks for the ICO's answer, where the day of that answer is not stated."""
    signed = look.file.signoff
    if signed.ico_prior_consultation.on is not None:
        return
    ask = f"before the ICO was consulted: say when, under icoPriorConsultation.date ({FIRST})."
    if signed.ico_prior_consultation.required:
        words = f"the ICO is to be consulted first: say when it was, under date ({FIRST})."
        yield look.problem(words, "signoff", "icoPriorConsultation", "required")
    if signed.siro.residual_risk == "high":
        yield look.problem(f"a high risk is accepted {ask}", "signoff", "siro", "residualRisk")
    for at, measure in enumerate(look.file.measures):
        if measure.approved and measure.residual == "high":
            yield look.problem(f"{measure.id} leaves a high risk {ask}", "measures", at, "residual")


def _enforced(look: Look, at: int, measure: Measure) -> Iterator[Problem]:
    path: Path = ("measures", at, "enforcedBy")
    if measure.enforced_by == "manual":
        if measure.owner is None or measure.review_by is None:
            words = f"{measure.id} is enforced by somebody: say owner and reviewBy ({STEP})."
            yield look.problem(words, *path)
        elif measure.review_by < look.file.validity.effective_from and not _waived(look, measure):
            yield look.problem(
                f"{measure.id}: its review lies before effectiveFrom.", "measures", at, "reviewBy"
            )
        return
    if not measure.enforced_by:
        yield look.problem(f"{measure.id} is approved and nothing enforces it ({STEP}).", *path)
    known = _known(look)
    for number, name in enumerate(measure.enforced_by):
        yield from look.unknown("rule or test", name, known, *path, number)


def _shown(look: Look, at: int, measure: Measure) -> Iterator[Problem]:
    """Yield what the evidence of a measure names and what there is not."""
    known = _known(look) | {f"test:{net.test}" for net in NETS.values()}
    for name in NAMED.findall(measure.evidence or ""):
        yield from look.unknown("rule or test", name, known, "measures", at, "evidence")


def _waived(look: Look, measure: Measure) -> bool:
    return any(waiver.rule == f"measures/{measure.id}/reviewBy" for waiver in look.file.waivers)


def _known(look: Look) -> set[str]:
    """Return all that may enforce a measure: this file's rules and stops, and Viaduct's own nets."""
    return {
        *(f"safety:{rule.id}" for rule in look.file.safety),
        *(f"stop:{stop.type}" for stop in look.file.person_stops),
        *NETS,
    }
