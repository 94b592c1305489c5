"""The decision to share, one form per flow and per controller that gives: what the ICO's code has it record.

Source: the template for the organisation that decides, in annex B of the ICO's data sharing code (in force on
        5 October 2021, https://ico.org.uk, "Data sharing request form template"); read for what it asks and
        in which order. The questions are in our own words, the answers the file's own.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sharing.document import FlowBlock, LegalBasis, Party
from sharing.telling.counted import counts_of
from sharing.telling.heading import heading
from sharing.telling.law import basis_said
from sharing.telling.opened import Opened
from sharing.telling.people import categories, gates, objections, special_terms, subjects
from sharing.telling.question import Question, asked
from sharing.telling.retained import terms_of_flow
from sharing.telling.said import DUTIES, IDENTIFIABLE, every, listed, on, period
from sharing.vocabulary import FlowStatus

MARK = "To be confirmed by a lawyer."


def sharing_decisions(opened: Opened) -> dict[str, Any]:
    """Return every form; a question on which the file is silent has no answer and counts as not said."""
    forms = [
        _form(_Decision(opened, flow, opened.look.parties[giver]))
        for flow in opened.flows
        for giver in opened.givers(flow)
    ]
    questions = [question for form in forms for question in form["questions"]]
    return {
        "assessment": heading(opened),
        "forms": forms,
        "asked": len(questions),
        "not_said": sum(not each["says"] for each in questions),
    }


@dataclass(frozen=True)
class _Decision:
    """One flow from the side of one of the controllers that give."""

    opened: Opened
    flow: FlowBlock
    giver: Party

    @property
    def grounds(self) -> list[LegalBasis]:
        """Return the giver's own grounds; nobody borrows another's."""
        return [each for each in self.opened.look.grounds(self.flow) if each.party == self.giver.id]


def _form(made: _Decision) -> dict[str, Any]:
    questions = [*_request(made), *_law(made), *_care(made), *_decided(made)]
    return {
        "flow": made.flow.id,
        "title": made.flow.title,
        "decides": made.giver.name,
        "recipient": made.opened.name(made.flow.to.party),
        "confirm_with_lawyer": any(basis.confirm_with_lawyer for basis in made.grounds),
        "questions": [asdict(question) for question in questions],
    }


def _request(made: _Decision) -> Iterator[Question]:
    """Yield who asks whom for what, and what for."""
    opened, flow = made.opened, made.flow
    requests = [basis.request for basis in made.grounds if basis.request]
    yield asked("Which organisation decides?", made.giver.name)
    asking = [opened.name(each.requested_by) for each in requests] or [opened.name(flow.to.party)]
    yield asked("Which organisation asks for the data?", *dict.fromkeys(asking))
    yield asked("Who there asks, and as what?")
    yield asked("When was it asked?", *dict.fromkeys(on(each.requested_on) for each in requests))
    yield asked(
        "Which data?",
        f"About: {listed(subjects(opened, flow))}.",
        f"Kinds: {listed(categories(opened, flow))}.",
        IDENTIFIABLE[flow.identifiability.value],
        *_counted(opened, flow),
    )
    yield asked("Joint or separate controllers?", _controllers(made))
    agreed = opened.agreements[flow.agreement]
    days = f"{on(agreed.start_date)} to {on(agreed.end_date)}"
    between = listed([opened.name(party) for party in agreed.parties])
    status = agreed.status.replace("_", " ")
    yield asked("Is there an agreement?", f"{flow.agreement}, {status}, {days}, between {between}.")
    purpose = opened.look.purposes[flow.purpose]
    yield asked("What for?", f"{purpose.label}.", f"Not for: {listed(list(purpose.not_for))}.")


def _counted(opened: Opened, flow: FlowBlock) -> Iterator[str]:
    counted = counts_of(opened, flow)
    if counted is not None:
        yield f"Counts: {listed([one['label'] for one in counted['counts']])}."
        yield counted["protected"]
        yield counted["leaves"]


def _controllers(made: _Decision) -> str:
    both = (made.giver, made.opened.look.parties[made.flow.to.party])
    kinds = {party.role.value for party in both}
    if kinds == {"joint_controller"}:
        return "Joint controllers."
    if kinds <= {"controller", "joint_controller"}:
        return "Separate controllers."
    return listed([f"{party.name}: {party.role.value.replace('_', ' ')}" for party in both]) + "."


def _law(made: _Decision) -> Iterator[Question]:
    """Yield basis, necessity, conditions and powers, each with the mark where a lawyer must confirm it."""
    found = [(basis_said(made.opened, basis), basis) for basis in made.grounds]
    marked = [(said, f" {MARK}" if basis.confirm_with_lawyer else "") for said, basis in found]
    yield asked(
        "On which lawful basis?", *[f"{said['article6']} ({said['law']}).{mark}" for said, mark in marked]
    )
    why, counts = made.flow.necessity.row_level, made.flow.necessity.aggregates
    instead = "Why counts leave" if made.flow.aggregate else "Why counts would not do"
    yield asked("Why is it necessary?", why, f"{instead}: {counts}")
    special = listed(special_terms(made.opened, made.flow))
    offences = "among" if made.opened.offence(made.flow) else "not among"
    yield asked(
        "Which further conditions do special category data and data about offences meet?",
        f"Special categories: {special or 'none'}; data about offences are {offences} the fields.",
        *[line + mark for said, mark in marked for line in _conditions(said)],
    )
    yield asked("Is it for law enforcement (DPA 2018 Part 3), and which of its provisions are met?")
    yield asked(
        "Which power in law allows it?",
        *[f"{said['provision']}.{mark}" for said, mark in marked],
        *[f"Confidentiality: {said['gateway']}: {said['gateway_provision']}.{mark}" for said, mark in marked],
    )


def _conditions(said: dict[str, Any]) -> Iterator[str]:
    if said["article9"]:
        schedule = f"; {said['schedule1']} ({said['schedule1_law']})" if said["schedule1"] else ""
        yield f"{said['article9']} ({said['article9_law']}){schedule}."
    if said["article10"]:
        yield f"Offences: {said['article10']} ({said['article10_law']})."


def _care(made: _Decision) -> Iterator[Question]:
    """Yield impact assessment, advice, retention, security, people's rights, and how often."""
    opened, flow = made.opened, made.flow
    dpia, siro, advice = opened.dpia, opened.dpia.signoff.siro, opened.dpia.signoff.dpo_advice
    yield asked("Was an impact assessment considered?", f"Yes: {dpia.title}, version {dpia.version}.")
    left = f"risk left: {siro.residual_risk}, accepted by {siro.by} on {on(siro.on)}"
    yield asked(
        "Was it made, and what came of it?", f"{dpia.status.value.replace('_', ' ').capitalize()}; {left}."
    )
    taken = (
        "accepted" if advice.accepted else f"not accepted: {advice.overruled_reason or 'no reason is said'}"
    )
    yield asked("What did the data protection officer say?", f"{advice.text} ({advice.by}; {taken})")
    yield asked(
        "How long is it kept, and how does it end?",
        *[
            f"{term['kept_for']}, then {term['disposal']} ({term['basis']})."
            for term in terms_of_flow(opened, flow)
        ],
    )
    yield asked("How is it kept secure?", *_security(made))
    yield asked("How are people's rights met?", *_rights(made))
    valid = dpia.validity
    days = f"From {on(valid.effective_from)} to {on(valid.expires_on)} at the latest."
    yield asked("On which days, or how often?", f"{every(flow.schedule.frequency).capitalize()}.", days)


def _security(made: _Decision) -> Iterator[str]:
    opened, flow = made.opened, made.flow
    yield (
        "Every file is encrypted to the recipient's key (age), every batch signed (Ed25519); "
        f"no key serves longer than {period(opened.dpia.encryption.key_max_age)}."
    )
    if flow.pseudonym:
        profile = opened.dpia.pseudonyms[flow.pseudonym]
        yield f"References are keyed pseudonyms; their key serves {period(profile.rotation)}."
    if flow.constraints.no_onward_transfer:
        yield "The recipient passes nothing on."
    yield from (f"The recipient must {DUTIES[duty]}." for duty in flow.constraints.recipient_duties)


def _rights(made: _Decision) -> Iterator[str]:
    opened, rights = made.opened, made.opened.dpia.rights
    if made.giver.id in rights.answered_by:
        yield f"{made.giver.name} answers at {rights.answered_by[made.giver.id]}."
    yield f"Requests for a copy are led by {opened.name(rights.access.lead)}."
    yield f"Before a copy is given, somebody answers for: {listed(gates(opened))}."
    yield f"Corrections reach the recipient within {period(rights.rectification.within)}; so do erasures."
    yield objections(opened, made.flow)


def _decided(made: _Decision) -> Iterator[Question]:
    """Yield the decision: it is taken by the giver's signature over this very file, and by nothing else."""
    mine = [each for each in made.opened.standing.judged.signed if each.party == made.giver.id]
    yield asked("What was decided?", _outcome(made, signed=bool(mine)))
    yield asked("For which reasons?", *dict.fromkeys(each.necessity_note for each in made.grounds))
    yield asked(
        "Who decided, as what, and when?",
        *[
            f"{each.name}, on {on(each.on)}, by a document."
            if each.name and each.on
            else f"{made.giver.name}, by its own key: the file does not say who held it, nor when."
            for each in mine
        ],
    )


def _outcome(made: _Decision, *, signed: bool) -> str:
    if not signed:
        return f"Not decided: {made.giver.name} has not signed this version, by the keys trusted here."
    if made.flow.status is FlowStatus.PAUSED:
        return "To share, and the flow is paused: nothing is sent."
    return "To share, within what this version of the assessment says and no further."
