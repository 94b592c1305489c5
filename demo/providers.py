"""The books of Community Support and Domestic Abuse Support: what the hub sent on, and what came directly."""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from demo.book import Book
from demo.consents import ask_consents
from demo.course import (
    Ending,
    accept,
    close,
    minute_of,
    reach_goal,
    received_cells,
    set_stage,
    state_needs,
    usual_ending,
    work,
    working_day_within,
)
from demo.dates import FIRST_DAY, LAST_DAY, Moment, is_working, read_day
from demo.hub import Hub
from demo.organisations import Register, provider_register
from demo.people import Identity, Row
from demo.places import Home, Town
from demo.words import HEARD_ABOUT_US, REFUGE, canary, sentence

DIRECT_TO_COMMUNITY_SUPPORT, DUPLICATES = 160, 6
DIRECT_TO_ABUSE_SUPPORT = 70
KNOWN_TO_BOTH, NEIGHBOURS, IN_REFUGE = 8, 20, 9
VOLUNTARY, SELF = "Voluntary Sector", "Self referral"


@dataclass
class Provider:
    """A provider while its book is being written."""

    book: Book
    register: Register
    project: str
    abuse: bool


@dataclass(frozen=True)
class Case:
    """A referral that a provider received."""

    identity: Identity
    received: Moment
    hub_reference: str = ""


def write_community_support(book: Book, hub: Hub) -> Provider:
    """Return Community Support: the 429 people the hub sent, and those who came by themselves."""
    register = provider_register(book, "L4-CS", "Community Support")
    provider = Provider(book, register, "Community Support", abuse=False)
    known = _unlinked(book.draw, hub, 40)
    direct = [*known, *(hub.population.person() for _ in range(DIRECT_TO_COMMUNITY_SUPPORT - len(known)))]
    cases = _sent_by(hub, hub.register.lots["L4-CS"]) + [Case(one, _any_moment(book.draw)) for one in direct]
    _write(provider, cases)
    for row in book.draw.sample(
        [row for row in book.tables["referrals"] if not row["Portal Reference"]], DUPLICATES
    ):
        _duplicate(provider, row)
    return provider


def write_abuse_support(book: Book, hub: Hub) -> Provider:
    """Return Domestic Abuse Support: some of its people live with people the hub knows, some in a refuge."""
    register = provider_register(book, "L8-DA", "Domestic Abuse Support")
    provider = Provider(book, register, "Domestic Abuse Support", abuse=True)
    population = hub.population
    known = _unlinked(book.draw, hub, KNOWN_TO_BOTH + NEIGHBOURS)
    both, hosts = known[:KNOWN_TO_BOTH], known[KNOWN_TO_BOTH:]
    neighbours = [population.person(host.home.typed_carelessly()) for host in hosts]
    refuges = _refuges(population.town)
    sheltered = [population.person(refuges[number % 2]) for number in range(IN_REFUGE)]
    others = DIRECT_TO_ABUSE_SUPPORT - len(both) - len(neighbours) - len(sheltered)
    direct = [*both, *neighbours, *sheltered, *(population.person() for _ in range(others))]
    cases = _sent_by(hub, hub.register.lots["L8-DA"]) + [Case(one, _any_moment(book.draw)) for one in direct]
    _write(provider, cases)
    homes = {home.line1 for home in refuges}
    for row in book.tables["people"]:
        if row["Address Line 1"] in homes:
            row.update({"Address Type": REFUGE, "Accommodation Type": REFUGE, "Sensitive Location": "Yes"})
    return provider


def _refuges(town: Town) -> list[Home]:
    return [replace(town.home(), uprn="") for _ in range(2)]


def _unlinked(draw: Random, hub: Hub, count: int) -> list[Identity]:
    """Return people of the hub who have an address and were not sent on through the portal."""
    linked = {id(sent.identity) for sent in hub.sent_on}
    free = [
        one for one in hub.identities if one.home.line1 and id(one) not in linked and len(one.references) == 1
    ]
    return draw.sample(free, count)


def _any_moment(draw: Random) -> Moment:
    day = FIRST_DAY + timedelta(days=draw.randint(0, (LAST_DAY - FIRST_DAY).days - 3))
    while not is_working(day):
        day += timedelta(days=1)
    return Moment(day, draw.randint(9 * 60, 15 * 60))


def _sent_by(hub: Hub, organisation: str) -> list[Case]:
    """Return what the hub sent to the organisation, received up to three working days later."""
    draw, cases = hub.book.draw, []
    for sent in hub.sent_on:
        if sent.organisation == organisation:
            day = working_day_within(draw, sent.made.day, 3)
            cases.append(Case(sent.identity, minute_of(draw, day, sent.made), sent.hub_reference))
    return cases


def _write(provider: Provider, cases: list[Case]) -> None:
    for case in sorted(cases, key=lambda case: (case.received, case.hub_reference)):
        _introduce(provider, case)
        _refer(provider, case)


def _introduce(provider: Provider, case: Case) -> None:
    """Add the person, who is new to this provider."""
    book, draw = provider.book, provider.book.draw
    row = book.person(case.identity)
    reference = row["Org Person ID"]
    ask_consents(book, reference, case.received)
    if provider.abuse:
        row["Sensitive Location"] = draw.choices(("Yes", "No", ""), (40, 30, 30))[0]
        row["Safe to Contact"] = draw.choices(("Yes", "Conditional", "No", ""), (35, 35, 10, 20))[0]
        book.risk(reference, "Domestic abuse", case.received.day)
    elif draw.random() < 0.06:
        book.risk(reference, draw.choice(("Self neglect", "Fire", "Dog at property")), case.received.day)


def _referrer(provider: Provider, case: Case) -> Row:
    """Return who referred: the hub through the portal, an organisation, or the person."""
    draw = provider.book.draw
    if case.hub_reference:
        hub = provider.register.lots["L3-SSH"]
        return {"Referral Method": "Portal", "Referrer Type": VOLUNTARY, "Referrer ID": hub}
    method = draw.choice(("Telephone", "Web form", "Email", "In person"))
    if draw.random() < 0.5:
        return {"Referral Method": method, "Referrer Type": SELF}
    kind, organisation = draw.choice(provider.register.every_referrer)
    return {
        "Referral Method": method,
        "Referrer Type": kind,
        "Referrer ID": organisation,
        "Referrer Name": canary(draw, "Referrer Name"),
    }


def _open_referral(provider: Provider, case: Case) -> Row:
    book, draw = provider.book, provider.book.draw
    referral = book.add(
        "referrals",
        {
            "Org Person ID": case.identity.references[book.source],
            **received_cells(case.received),
            "Project": provider.project,
            "Priority": "Urgent" if draw.random() < (0.4 if provider.abuse else 0.05) else "Routine",
            **_referrer(provider, case),
            "Referral Source": draw.choice(HEARD_ABOUT_US) if draw.random() < 0.5 else "",
            "Portal Reference": case.hub_reference,
            "Triage Outcome": "Accept",
            "Referral Reason": sentence(draw, "Referral Reason"),
        },
    )
    set_stage(referral, "Referral Received")
    return referral


def _refer(provider: Provider, case: Case) -> None:
    """Add the referral and the work done: started within a month, or still waiting."""
    book, draw = provider.book, provider.book.draw
    referral = _open_referral(provider, case)
    need = (
        draw.choices(("SOC.DA", "SOC.DAP"), (85, 15))[0]
        if provider.abuse
        else draw.choice(("SOC.LON", "HW.MH", ""))
    )
    state_needs(book, referral, case.received.day, need)
    started = accept(book, referral, case.received, 7 if provider.abuse else 20)
    if started is None:
        return
    closed = work(book, referral, case.received, started, 100)
    if closed:
        close(referral, usual_ending(draw), closed)
        reach_goal(draw, referral, case.received.day, closed, money=False)


def _duplicate(provider: Provider, row: Row) -> None:
    """Enter a direct referral a second time; it is closed as a duplicate the same day."""
    book = provider.book
    copy = {
        name: row[name]
        for name in (
            "Org Person ID",
            "Referral Date",
            "Referral Time",
            "Project",
            "Priority",
            "Referral Method",
            "Referrer Type",
            "Referrer ID",
            "Referrer Name",
            "Triage Date",
        )
    }
    again = book.add("referrals", copy | {"Triage Outcome": "Duplicate"})
    day = read_day(row["Referral Date"])
    close(again, Ending("Duplicate", "Duplicate referral"), day)
    state_needs(book, again, day, "SOC.LON")
