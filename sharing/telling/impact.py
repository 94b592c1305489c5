"""The assessment in the order of the ICO's sample template: seven steps, each answer from the file.

Source: the seven steps as the ICO lists them under "How do we do a DPIA?" (https://ico.org.uk) and in its
        sample template of 2018; the questions are in our own words. UK GDPR Articles 35(7) and 36.
"""

from collections.abc import Iterator
from typing import Any

from sharing.telling.heading import heading
from sharing.telling.impact_steps import consulted, described, justified, screened
from sharing.telling.measures import enforcer_said, measures_enforced
from sharing.telling.opened import Opened
from sharing.telling.question import Question, Step, Table, asked
from sharing.telling.said import on

TITLES = (
    "Why an assessment is needed",
    "What is done with the data",
    "Who was asked",
    "Whether it is necessary and proportionate",
    "What could go wrong for people",
    "What is done about it",
    "Who took responsibility",
)


def impact_assessment(opened: Opened) -> dict[str, Any]:
    """Return the seven steps; a question on which the file is silent has no answer and counts as not said."""
    found = [
        Step(1, TITLES[0], list(screened(opened))),
        Step(2, TITLES[1], list(described(opened))),
        Step(3, TITLES[2], list(consulted(opened)), [_asked_people(opened)]),
        Step(4, TITLES[3], list(justified(opened))),
        Step(5, TITLES[4], [], [_risks(opened)]),
        Step(6, TITLES[5], [_share(opened)], [_measures(opened)]),
        Step(7, TITLES[6], list(_signed_off(opened))),
    ]
    steps = [step.to_dict() for step in found]
    questions = [each for step in steps for each in step["questions"]]
    return {
        "assessment": heading(opened),
        "controllers": [
            {
                "name": party.name,
                "role": party.role.value.replace("_", " "),
                "data_protection_officer": party.contacts.get("dpo"),
            }
            for party in opened.dpia.parties
        ],
        "steps": steps,
        "asked": len(questions),
        "not_said": sum(not each["says"] for each in questions),
    }


def _asked_people(opened: Opened) -> Table:
    rows = [[each.who, on(each.when), each.outcome_ref] for each in opened.dpia.consultation]
    return Table("Who was asked, when, and where the outcome is kept", ["Who", "When", "Outcome"], rows)


def _risks(opened: Opened) -> Table:
    columns = ["Risk", "Harm", "To whom", "Likelihood", "Severity", "Overall", "Measures"]
    rows = [
        [
            risk.id,
            risk.harm,
            ", ".join(risk.subjects),
            risk.likelihood,
            risk.severity,
            risk.overall,
            ", ".join(risk.measures),
        ]
        for risk in opened.dpia.risks
    ]
    return Table("Risks before anything is done about them", columns, rows)


def _measures(opened: Opened) -> Table:
    columns = ["Measure", "What is done", "Risk", "Effect", "Risk left", "Approved", "Enforced by"]
    rows = []
    for each in opened.dpia.measures:
        if each.enforced_by == "manual":
            day = on(each.review_by) if each.review_by else "no day named"
            by = f"{each.owner or 'nobody named'}, to be looked at by {day}"
        else:
            by = "; ".join(enforcer_said(opened, name) for name in each.enforced_by)
        rows.append(
            [each.id, each.title, each.risk, each.effect, each.residual, "yes" if each.approved else "no", by]
        )
    return Table("Measures, the risk left, and what enforces each", columns, rows)


def _share(opened: Opened) -> Question:
    told = measures_enforced(opened)
    says = [f"{told['by_code']} of {told['approved']} approved measures are enforced by code."]
    if told["overdue"]:
        says.append(f"{told['overdue']} enforced by a person should have been looked at before today.")
    return asked("How much of it is enforced by code rather than by care?", *says)


def _signed_off(opened: Opened) -> Iterator[Question]:
    """Yield who approved what, what the data protection officer advised, and when it is looked at again."""
    said = opened.dpia.signoff
    advice, asked_first = said.dpo_advice, said.ico_prior_consultation
    yield asked("Who approved the measures?")
    yield asked(
        "Who accepted the risk that is left?",
        f"{said.siro.by}, on {on(said.siro.on)}; risk left: {said.siro.residual_risk}.",
    )
    yield asked(
        "What does the Caldicott guardian say?", f"Agreed: {said.caldicott.by}, on {on(said.caldicott.on)}."
    )
    yield asked(
        "What did the data protection officer advise?", f"{advice.text} ({advice.by}, {on(advice.on)})"
    )
    if advice.accepted:
        yield asked("Was the advice accepted?", "Yes.")
    else:
        yield asked("Was the advice accepted?", f"No: {advice.overruled_reason or 'no reason is said'}")
    yield asked("Who reviewed what the people asked had said?")
    told = ", ".join(filter(None, [on(asked_first.on) if asked_first.on else "", asked_first.ref or ""]))
    needed = f"Yes{': ' + told if told else ''}." if asked_first.required else "It was not required."
    yield asked("Was the ICO consulted first (Article 36)?", needed)
    yield asked(
        "When is it looked at again, and by whom?",
        f"By {on(opened.dpia.validity.review_by)}; by whom is not said.",
    )
