"""The hub's book: every referral with what was done in it, and the people it is about."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from demo.book import Book
from demo.consents import ask_consents
from demo.course import (
    ADVISED,
    Ending,
    accept,
    close,
    minute_of,
    missed_or_kept,
    office_day,
    reach_goal,
    received_cells,
    set_stage,
    state_needs,
    usual_ending,
    work,
    working_day_within,
)
from demo.dates import LAST_DAY, Moment, read_day, working_day_after
from demo.hub_plan import Plan, hub_plans
from demo.organisations import HUB_PROJECT, Register, hub_register
from demo.people import Identity, Population, Row
from demo.places import NO_HOME
from demo.words import ADVICE_CATEGORIES, HEARD_ABOUT_US, RISKS, SELF_REFERRAL, canary, sentence


@dataclass(frozen=True)
class SentOn:
    """A referral of the hub that another provider received through the portal."""

    identity: Identity
    hub_reference: str
    organisation: str
    made: Moment


@dataclass
class Hub:
    """The hub while its book is being written."""

    book: Book
    population: Population
    register: Register
    identities: list[Identity] = field(default_factory=list)
    sent_on: list[SentOn] = field(default_factory=list)


def write_hub(book: Book, population: Population) -> Hub:
    """Return the hub with eight months of referrals in its book."""
    hub = Hub(book, population, hub_register(book))
    for plan in hub_plans(book.draw, hub.register):
        if plan.first:
            _introduce(hub, plan)
        _refer(hub, plan)
    return hub


def _introduce(hub: Hub, plan: Plan) -> None:
    """Add the person of the plan; some live with somebody already known, a few nowhere."""
    draw = hub.book.draw
    chance = draw.random()
    home = draw.choice(hub.identities).home if hub.identities and chance < 0.12 else None
    identity = hub.population.person(NO_HOME if chance > 0.99 else home)
    hub.identities.append(identity)
    kind = "Carer" if plan.referrer_type == SELF_REFERRAL and draw.random() < 0.12 else "Client"
    reference = hub.book.person(identity, kind)["Org Person ID"]
    ask_consents(hub.book, reference, plan.received)
    if draw.random() < 0.08:
        risk = draw.choices(RISKS, (18, 25, 20, 25, 12))[0]
        ended = plan.received.day + timedelta(days=30)
        hub.book.risk(
            reference, risk, plan.received.day, ended if draw.random() < 0.3 and ended <= LAST_DAY else None
        )


def _refer(hub: Hub, plan: Plan) -> None:
    """Add the referral of the plan and all that was done in it."""
    book, draw = hub.book, hub.book.draw
    referral = book.add(
        "referrals",
        {
            "Org Person ID": hub.identities[plan.person].references[book.source],
            **received_cells(plan.received),
            "Project": HUB_PROJECT,
            "Sub Category": draw.choice(("Triage", "Information and advice", "")),
            "Priority": "Urgent" if draw.random() < 0.08 else "Routine",
            "Referral Method": draw.choice(("Telephone", "Web form", "Email", "Letter", "In person")),
            "Referrer Type": plan.referrer_type,
            "Referrer ID": plan.referrer,
            "Referrer Name": canary(draw, "Referrer Name") if plan.referrer else "",
            "Referral Source": draw.choice(HEARD_ABOUT_US) if draw.random() < 0.8 else "",
            "Triage Outcome": _triage(hub, plan),
            "Referral Reason": sentence(draw, "Referral Reason"),
        },
    )
    set_stage(referral, "Referral Received")
    abuse = [code for _, code in plan.onward if code == hub.register.services["L8-DA"]]
    state_needs(book, referral, plan.received.day, "SOC.DA" if abuse else _first_need(plan))
    last = _act(hub, plan, referral)
    _end(hub, plan, referral, last)


def _first_need(plan: Plan) -> str:
    return plan.advice[0] if plan.advice else ""


def _triage(hub: Hub, plan: Plan) -> str:
    draw = hub.book.draw
    if plan.onward:
        return "Refer on"
    if plan.advice:
        return "Advice only" if draw.random() < 0.75 else "Accept"
    if plan.signposts:
        return "Signpost"
    return draw.choices(("Accept", "No contact", "Reject"), (80, 11, 9))[0]


def _act(hub: Hub, plan: Plan, referral: Row) -> date:
    """Add the contacts, advice, signpostings and onward referrals; return the day of the last."""
    book, draw = hub.book, hub.book.draw
    if referral["Triage Outcome"] == "Reject":
        return plan.received.day
    days = [working_day_after(plan.received.day, 0)]
    days[0] = min(days[0], LAST_DAY)
    call = book.office_contact(referral, plan.received, days[0])
    if referral["Triage Outcome"] == "No contact":
        call["Attendance"], call["Duration"] = "Did not attend", ""
        days.append(working_day_within(draw, plan.received.day, 4))
        again = book.office_contact(referral, plan.received, days[-1])
        again["Attendance"], again["Duration"] = "Did not attend", ""
    for code in plan.advice:
        days.append(working_day_within(draw, plan.received.day, 2))
        _advice(hub, plan, referral, code, days[-1])
    for organisation in plan.signposts:
        days.append(working_day_within(draw, plan.received.day, 3))
        moment = minute_of(draw, days[-1], plan.received)
        book.contact(referral, moment, "Signposting", {"Signposted To": organisation})
    for organisation, service in plan.onward:
        days.append(working_day_within(draw, plan.received.day, 2))
        _send_on(hub, plan, referral, (organisation, service), days[-1])
    if draw.random() < 0.25:
        days.append(working_day_within(draw, plan.received.day, 6))
        missed_or_kept(book, referral, plan.received, days[-1])
    return max(days)


def _advice(hub: Hub, plan: Plan, referral: Row, code: str, day: date) -> None:
    moment = minute_of(hub.book.draw, day, plan.received)
    category = ADVICE_CATEGORIES[code.split(".", maxsplit=1)[0]]
    hub.book.contact(referral, moment, "Advice", {"Advice Category": category, "Classification Code": code})


def _send_on(hub: Hub, plan: Plan, referral: Row, target: tuple[str, str], day: date) -> None:
    """Refer on, with the person's consent for it; remember what the lots we simulate receive."""
    book, draw = hub.book, hub.book.draw
    organisation, service = target
    consent = book.consent(referral["Org Person ID"], "External referral", "Given", plan.received)
    moment = minute_of(draw, day, plan.received)
    recent = (LAST_DAY - day).days < 21
    linked = organisation in (hub.register.lots["L4-CS"], hub.register.lots["L8-DA"])
    outcome = (
        "Accepted"
        if linked
        else draw.choices(("Accepted", "Rejected", "Withdrawn", "No response"), (85, 6, 4, 5))[0]
    )
    cells = {
        "External Referral To": organisation,
        "External Referral Service": service,
        "External Referral Outcome": "Pending" if recent and not linked and draw.random() < 0.5 else outcome,
        "Consent ID": consent["Consent ID"],
    }
    book.contact(referral, moment, "External Referral", cells)
    if linked:
        identity = hub.identities[plan.person]
        hub.sent_on.append(SentOn(identity, referral["Diary Reference Number"], organisation, moment))


def _end(hub: Hub, plan: Plan, referral: Row, last: date) -> None:
    """Close the referral, or leave it open if it would close after the sample."""
    book, draw = hub.book, hub.book.draw
    outcome = referral["Triage Outcome"]
    if outcome == "Reject":
        reason = draw.choice(("Not eligible / inappropriate referral", "Referral information incomplete"))
        close(referral, Ending("Rejected", reason), plan.received.day)
        return
    ending = usual_ending(draw)
    if outcome == "No contact":
        ending = Ending("Closed - No Answer", "Could not contact / disengaged")
    elif outcome in {"Advice only", "Signpost"}:
        ending = Ending("Closed - Complete", ADVISED)
    elif outcome == "Refer on":
        reason = draw.choice(("Referred to another council service", "Needs met / completed as planned"))
        ending = Ending("Closed - Complete", reason)
    started = accept(book, referral, plan.received, 12) if outcome == "Accept" else None
    if outcome == "Accept" and started is None:
        return
    closed = (
        work(book, referral, plan.received, max(started, last), 45)
        if started
        else office_day(draw, last, 0, 40)
    )
    if closed is None:
        set_stage(referral, "First Appointment Attended" if started else "Allocated")
        return
    close(referral, ending, max(closed, last))
    if started or plan.advice:
        money = any(code.startswith("ECON") for code in plan.advice) and draw.random() < 0.3
        reach_goal(
            draw, referral, plan.received.day, read_day(referral["Referral Closure Date"]), money=money
        )
