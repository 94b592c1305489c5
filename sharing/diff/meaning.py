"""What each statement of an assessment does to what may be shared. What no line here knows, widens."""

from sharing.diff.change import Effect, Path
from sharing.diff.judges import (
    Judge,
    added_widens,
    false_widens,
    fewer_flows_widen,
    later_in_list_widens,
    less_hidden_widens,
    less_widens,
    longer_widens,
    more_widens,
    only,
    prose,
    removed_widens,
    shorter_widens,
    shown,
    true_widens,
    who_is_guarded,
    who_is_shared,
)
from sharing.vocabulary import Classification, Directness, Probabilistic, WhoLearns

WIDENS, NARROWS, NEITHER = Effect.WIDENS, Effect.NARROWS, Effect.NEITHER
FROM_THE_STRICTEST = [word.value for word in reversed(Classification)]
STRICTEST_FIRST = ["DENY", "WITHHOLD", "REVIEW", "REDACT", "TRANSFORM", "PERMIT"]

OFFICES = ("dpoAdvice", "caldicott", "siro")
STATEMENTS: dict[str, Judge] = {
    "title": prose,
    "status": only("approved", true_widens),
    "validity/effectiveFrom": less_widens,
    "validity/reviewBy": more_widens,
    "validity/expiresOn": more_widens,
    "parties/*/contacts/*": prose,
    "operators/*/name": prose,
    **{f"signoff/{office}/{said}": prose for office in OFFICES for said in ("by", "date")},
    "signoff/dpoAdvice/text": prose,
    "operators/*/warehouseReaders": added_widens,
    "agreements/*/uri": prose,
    "agreements/*/startDate": less_widens,
    "agreements/*/endDate": more_widens,
    "agreements/*/status": only("in_force", true_widens),
    "personLink/why": prose,
    "personLink/samePerson/why": prose,
    "personLink/samePerson/sources": added_widens,
    "personLink/samePerson/deterministic/*/agreeIn": removed_widens,
    "personLink/samePerson/probabilistic": later_in_list_widens([word.value for word in Probabilistic]),
    "personLink/samePerson/linkFrom": less_widens,
    "personLink/samePerson/tellFrom": less_widens,
    "personLink/samePerson/whoLearns": later_in_list_widens([word.value for word in WhoLearns]),
    "screening/*": prose,
    "description/*": prose,
    "consultation/*": prose,
    "necessity/*": prose,
    "purposes/*/label": prose,
    "purposes/*/notFor": removed_widens,
    "legalBases/*/provision": prose,
    "legalBases/*/necessityNote": prose,
    "legalBases/*/article9/secrecy": prose,
    "legalBases/*/article9/apd/uri": prose,
    "legalBases/*/article9/apd/reviewBy": more_widens,
    "legalBases/*/confidentiality/provision": prose,
    "legalBases/*/tests/*": prose,
    "dataSets/*/label": prose,
    "dataSets/*/subjects": added_widens,
    "dataSets/*/fields/*/assertion": prose,
    "dataSets/*/fields/*/sensitivity": later_in_list_widens(FROM_THE_STRICTEST),
    "dataSets/*/fields/*/identifiability": later_in_list_widens(
        [word.value for word in reversed(Directness)]
    ),
    "dataSets/*/fields/*/specialCategory": removed_widens,
    "dataSets/*/fields/*/freeText": false_widens,
    "safetySources/*/proves/*/why": prose,
    "safetySources/*/blanks/*/why": prose,
    "safety/*/title": prose,
    "safety/*/why": prose,
    "safety/*/when": who_is_guarded,
    "safety/*/scope": removed_widens,
    "safety/*/flows": fewer_flows_widen,
    "safety/*/effect/redact/*": removed_widens,
    "flows/*/title": prose,
    "flows/*/necessity/*": prose,
    "flows/*/status": only("active", true_widens),
    "flows/*/from": added_widens,
    "flows/*/cohort": who_is_shared,
    "flows/*/where/*": who_is_shared,
    "flows/*/fields/*/*/shown": shown,
    "flows/*/fields/*/*/why": prose,
    "flows/*/fields/*/*/review/*": prose,
    "flows/*/aggregate/settleDays": less_widens,
    "flows/*/aggregate/revisedQuarters": more_widens,
    "flows/*/aggregate/counts/*/label": prose,
    "flows/*/aggregate/counts/*/why": prose,
    "flows/*/schedule/frequency": shorter_widens,
    "flows/*/schedule/maxRows": more_widens,
    "flows/*/schedule/maxFirstSeenSubjects": more_widens,
    "flows/*/constraints/noOnwardTransfer": false_widens,
    "flows/*/constraints/useOnlyFor": added_widens,
    "flows/*/constraints/deleteAfter": longer_widens,
    "flows/*/constraints/recipientDuties": removed_widens,
    "flows/*/options/nationalDataOptOut/applies": false_widens,
    "flows/*/options/nationalDataOptOut/reason": prose,
    "flows/*/options/nationalDataOptOut/couldNotBeChecked": later_in_list_widens(["WITHHOLD", "REVIEW"]),
    "flows/*/options/objection": later_in_list_widens(["honour", "honour_unless_compelling", "no_right"]),
    "flows/*/decisionOnDuty": removed_widens,
    "personStops/*/maxAgeDays": more_widens,
    "personStops/*/effect": later_in_list_widens(["WITHHOLD", "REVIEW"]),
    "personStops/*/onStale": later_in_list_widens(["WITHHOLD", "HOLD"]),
    "personStops/*/why": prose,
    "personStops/*/flows": fewer_flows_widen,
    "personStops/*/except": added_widens,
    "pseudonyms/*/rotation": longer_widens,
    "pseudonyms/*/overlap": longer_widens,
    "pseudonyms/*/reidentify/allowedTo": added_widens,
    "disclosureControl/*/flows": added_widens,
    "disclosureControl/*/suppressBetween": less_hidden_widens,
    "disclosureControl/*/roundTo": less_widens,
    "disclosureControl/*/leastWidth": less_widens,
    "disclosureControl/*/boroughOnly/lots": removed_widens,
    "disclosureControl/*/boroughOnly/threshold": less_widens,
    "disclosureControl/*/memory": shorter_widens,
    "disclosureControl/*/calendar": later_in_list_widens(["quarterly", "monthly"]),
    "encryption/keyMaxAge": longer_widens,
    "freeText/allowIf": added_widens,
    "retention/*/period": longer_widens,
    "retention/*/basis": prose,
    "rights/answeredBy/*": prose,
    "rights/access/lead": prose,
    "rights/access/releaseGate": removed_widens,
    "rights/rectification/within": longer_widens,
    "rights/erasure/exceptWhere": added_widens,
    "complaints/*": prose,
    "transparency/privacyNotices/*": prose,
    "transparency/art14Within": longer_widens,
    "transparency/publishRegister": false_widens,
    "transfers/outsideUK": true_widens,
    "automatedDecisions/solely": true_widens,
    "automatedDecisions/profiling": true_widens,
    "automatedDecisions/safeguards": prose,
    "risks/*/likelihood": later_in_list_widens(["probable", "possible", "remote"]),
    "risks/*/severity": later_in_list_widens(["severe", "significant", "minimal"]),
    "risks/*/overall": later_in_list_widens(["high", "medium", "low"]),
    "risks/*/measures": removed_widens,
    "risks/*": prose,
    "measures/*/title": prose,
    "measures/*/owner": prose,
    "measures/*/evidence": prose,
    "measures/*/reviewBy": more_widens,
    "measures/*/residual": later_in_list_widens(["high", "medium", "low"]),
    "measures/*/approved": false_widens,
    "waivers": added_widens,
    "waivers/*/reason": prose,
    "examples/*/title": prose,
    "examples/*/expect/outcome": later_in_list_widens(STRICTEST_FIRST),
    "examples/*/expect/reason": prose,
    "examples/*/expect/absent": removed_widens,
    "examples/*/expect/present": prose,
    "waivers/*/approvedOn": less_widens,
    "waivers/*/expiresOn": more_widens,
}
"""Per statement, by its path (a star stands for one name, at the end for all that follows), who judges it."""

COMES_AND_GOES: dict[str, tuple[Effect, Effect]] = {
    "parties/*": (NEITHER, NEITHER),
    "operators/*": (WIDENS, WIDENS),
    "agreements/*": (NEITHER, NARROWS),
    "personLink/samePerson": (WIDENS, NARROWS),
    "personLink/samePerson/deterministic/*": (WIDENS, NARROWS),
    "purposes/*": (NEITHER, NARROWS),
    "legalBases/*": (NEITHER, NARROWS),
    "dataSets/*": (NEITHER, NARROWS),
    "dataSets/*/fields/*": (NEITHER, NARROWS),
    "safetySources/*": (WIDENS, NARROWS),
    "safetySources/*/proves/*": (NARROWS, WIDENS),
    "safetySources/*/blanks/*": (WIDENS, WIDENS),
    "safety/*": (NARROWS, WIDENS),
    "flows/*": (WIDENS, NARROWS),
    "flows/*/aggregate/counts/*": (WIDENS, WIDENS),
    "personStops/*": (NARROWS, WIDENS),
    "pseudonyms/*": (NEITHER, WIDENS),
    "pseudonyms/*/reidentify": (WIDENS, NARROWS),
    "disclosureControl/*": (WIDENS, NARROWS),
    "disclosureControl/*/boroughOnly": (NARROWS, WIDENS),
    "retention/*": (WIDENS, WIDENS),
    "risks/*": (NEITHER, WIDENS),
    "measures/*": (NEITHER, WIDENS),
    "waivers/*": (WIDENS, NARROWS),
    "examples/*": (NEITHER, WIDENS),
}
"""What it does when a block comes, and when it goes, as a whole."""


def judge_of(path: Path) -> Judge | None:
    """Return who judges the statement; None if nobody knows it."""
    return next((judge for said, judge in STATEMENTS.items() if _is_at(path, said)), None)


def blocks_of(path: Path) -> set[Path]:
    """Return the blocks around the statement that may come and go as a whole."""
    starts = (path[:length] for length in range(2, len(path) + 1))
    return {start for start in starts if any(_is_at(start, said, whole=True) for said in COMES_AND_GOES)}


def comes_and_goes(block: Path) -> tuple[Effect, Effect]:
    """Return what it does when the block comes, and when it goes."""
    return next(effects for said, effects in COMES_AND_GOES.items() if _is_at(block, said, whole=True))


def _is_at(path: Path, said: str, *, whole: bool = False) -> bool:
    parts = said.split("/")
    if len(path) != len(parts) and (whole or parts[-1] != "*" or len(path) < len(parts)):
        return False
    return all(part in {"*", name} for name, part in zip(path, parts, strict=False))
