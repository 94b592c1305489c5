"""What the file answers to the first four of the seven steps: need, description, consultation, necessity."""

from collections.abc import Iterator

from sharing.document import FlowBlock
from sharing.telling.law import bases_of
from sharing.telling.opened import Opened
from sharing.telling.people import categories, gates, objections, special_terms, subjects
from sharing.telling.question import Question, asked
from sharing.telling.retained import terms_of_flow
from sharing.telling.said import STOPS, TRIGGERS, every, listed, on, period


def screened(opened: Opened) -> Iterator[Question]:
    """Yield what is aimed at, and why an assessment is needed (step 1)."""
    dpia = opened.dpia
    yield asked("What is aimed at, and what kind of processing is it?", dpia.title, *_purposes(opened))
    triggers = [TRIGGERS[trigger] for trigger in dpia.screening.triggers]
    needed = "An assessment is required." if dpia.screening.required else "An assessment is not required."
    yield asked(
        "Why is an assessment needed?", needed, f"Because of: {listed(triggers)}." if triggers else None
    )


def described(opened: Opened) -> Iterator[Question]:
    """Yield nature, scope, context and purposes (step 2)."""
    yield from _nature(opened)
    yield from _scope(opened)
    yield from _context(opened)
    yield asked("What is to be achieved?", *_purposes(opened))
    yield asked("What is it to do for the people?")
    yield asked("What is gained by those who hold the data, and by others?")


def _purposes(opened: Opened) -> list[str]:
    return [f"{each.label}. Not for: {listed(list(each.not_for))}." for each in opened.dpia.purposes]


def _nature(opened: Opened) -> Iterator[Question]:
    dpia = opened.dpia
    yield asked("How are data collected, used, kept and deleted?", dpia.description.nature, *_ends(opened))
    sources = [f"{opened.name(party)}: {source}" for source, party in opened.look.controllers.items()]
    yield asked("Where do the data come from?", *sources)
    yield asked(
        "With whom are they shared?",
        *[f"{flow.title}: with {opened.name(flow.to.party)}." for flow in opened.flows],
        *[f"{operator.name} ({operator.role.value})." for operator in dpia.operators],
    )
    triggers = [TRIGGERS[trigger] for trigger in dpia.screening.triggers]
    yield asked("Which kinds of processing are likely to be high risk?", *triggers)


def _ends(opened: Opened) -> list[str]:
    return [
        f"{flow.title}: {term['disposal']} {term['kept_for']} ({term['basis']}); shown by {term['proof']}."
        for flow in opened.flows
        for term in terms_of_flow(opened, flow)
    ]


def _scope(opened: Opened) -> Iterator[Question]:
    scope = opened.dpia.description.scope
    yield asked(
        "Which data, and are special categories or offences among them?",
        *[_data(opened, flow) for flow in opened.flows],
    )
    yield asked(
        "How much is collected, and how often?",
        scope.frequency,
        *[f"{flow.title}: {every(flow.schedule.frequency)}." for flow in opened.flows],
    )
    yield asked(
        "How long is it kept?",
        *[f"{flow.title}: {period(flow.constraints.delete_after)}." for flow in opened.flows],
    )
    people = list(dict.fromkeys(who for flow in opened.flows for who in subjects(opened, flow)))
    yield asked("How many people, and who are they?", f"About {scope.subjects:,}: {listed(people)}.")
    yield asked("Which area?", scope.area)


def _data(opened: Opened, flow: FlowBlock) -> str:
    special = listed(special_terms(opened, flow))
    offences = "Data about offences are among them." if opened.offence(flow) else "No data about offences."
    return (
        f"{flow.title}: {listed(categories(opened, flow))}. "
        f"Special categories: {special or 'none'}. {offences}"
    )


def _context(opened: Opened) -> Iterator[Question]:
    context, scope = opened.dpia.description.context, opened.dpia.description.scope
    yield asked("How do the people stand to those who hold their data?", context.relationship)
    yield asked(
        "How much control do they have?",
        *[f"{flow.title}: {objections(opened, flow)}" for flow in opened.flows],
        *[f"Asked of everybody in every run: {STOPS[stop.type]}." for stop in opened.dpia.person_stops],
    )
    yield asked("Would they expect it?", context.expectations)
    yield asked(
        "Are children or other vulnerable people among them?",
        "Children are among them." if scope.children else "Children are not among them.",
        *(
            ["Vulnerable people are among them."]
            if "vulnerable_data_subjects" in opened.dpia.screening.triggers
            else []
        ),
    )
    yield asked("What was feared, or went wrong, before?", context.prior_concerns)
    yield asked(
        "Is the technology new?",
        *(["It is new." for each in opened.dpia.screening.triggers if each == "innovative_technology"]),
    )
    yield asked("What is the public concerned about at present?")
    yield asked("Which code of conduct or certification has been signed up to?")


def consulted(opened: Opened) -> Iterator[Question]:
    """Yield who else was involved (step 3); whom the file names stands in the table beside it."""
    yield asked(
        "Which people, or those who speak for them, were asked?",
        *(each.who for each in opened.dpia.consultation),
    )
    yield asked("Who was asked within the organisations?")
    yield asked("Were the processors asked to help?")
    yield asked("Which experts on security, or others, were asked?")


def _instead(flow: FlowBlock) -> str:
    return "and no rows" if flow.aggregate else "instead of rows"


def justified(opened: Opened) -> Iterator[Question]:
    """Yield basis, necessity, minimisation, rights and transfers (step 4)."""
    dpia = opened.dpia
    yield asked("On which lawful basis?", *[each for flow in opened.flows for each in _grounds(opened, flow)])
    yield asked(
        "Does the processing achieve its purpose?",
        *[f"{flow.title}: {flow.necessity.row_level}" for flow in opened.flows],
    )
    yield asked(
        "Is there another way to achieve it?",
        f"Considered: {listed(list(dpia.necessity.alternatives_considered))}.",
        *[f"{flow.title}, counts {_instead(flow)}: {flow.necessity.aggregates}" for flow in opened.flows],
    )
    yield asked("How is creeping into further uses prevented?", dpia.necessity.function_creep_control)
    yield asked("How are data kept good and few?", dpia.necessity.minimisation_statement)
    yield from _rights(opened)
    yield asked("How are processors made to comply?", *_processors(opened))
    transfers = dpia.transfers
    yield asked(
        "How are transfers abroad safeguarded?",
        *(transfers.safeguards if transfers.outside_uk else ["Nothing leaves the United Kingdom."]),
    )


def _grounds(opened: Opened, flow: FlowBlock) -> list[str]:
    found = []
    for basis in bases_of(opened, flow):
        special = (
            f"; special category data: {basis['article9']} ({basis['article9_law']})"
            if basis["article9"]
            else ""
        )
        mark = " To be confirmed by a lawyer." if basis["confirm_with_lawyer"] else ""
        found.append(
            f"{flow.title}, {basis['name']}: {basis['article6']} ({basis['provision']}){special}.{mark}"
        )
    return found


def _rights(opened: Opened) -> Iterator[Question]:
    dpia = opened.dpia
    yield asked(
        "What are people told?",
        *[f"{opened.name(notice.party)}: {notice.uri}" for notice in dpia.transparency.privacy_notices],
        f"Whoever was not asked for the data is told within {period(dpia.transparency.art14_within)}.",
    )
    yield asked(
        "How are their rights supported?",
        *[f"{opened.name(party)}: {contact}" for party, contact in dpia.rights.answered_by.items()],
        f"Requests for a copy are led by {opened.name(dpia.rights.access.lead)}.",
        f"Before a copy is given, somebody answers for: {listed(gates(opened))}.",
        f"Corrections reach the recipient within {period(dpia.rights.rectification.within)}.",
        "Erasures reach the recipient too.",
        f"Complaints go to {dpia.complaints.route} and are acknowledged within "
        f"{dpia.complaints.acknowledge_within_days} days.",
    )


def _processors(opened: Opened) -> list[str]:
    return [
        f"{operator.name}: {operator.article28.contract}, signed on {on(operator.article28.signed_on)}."
        for operator in opened.dpia.operators
        if operator.article28
    ]
