"""Risks and measures: each risk met, each measure enforced by what exists, or by somebody by a day."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import Measure
from sharing.enforcers import NETS
from sharing.refusals.look import Look, Path

STEP = "UK GDPR Article 35(7)(d)"


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


def _waived(look: Look, measure: Measure) -> bool:
    return any(waiver.rule == f"measures/{measure.id}/reviewBy" for waiver in look.file.waivers)


def _known(look: Look) -> set[str]:
    """Return all that may enforce a measure: this file's rules and stops, and Viaduct's own nets."""
    return {
        *(f"safety:{rule.id}" for rule in look.file.safety),
        *(f"stop:{stop.type}" for stop in look.file.person_stops),
        *NETS,
    }
