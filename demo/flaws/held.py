"""The known flaws that hold a record: they sit on extra rows, which count in no figure."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from demo.consents import ask_consents
from demo.course import received_cells, set_stage, state_needs
from demo.dates import FIRST_DAY, LAST_DAY, Moment, day_text, read_day, working_day_after
from demo.flaws.planting import HOLD, Planter
from demo.hub import Hub
from demo.organisations import HUB_PROJECT
from demo.people import Identity, Population, Row
from demo.words import SELF_REFERRAL, TITLES, sentence

PROJECTS = {"hub": HUB_PROJECT} | {
    source: TITLES[source].removeprefix("Sample ") for source in TITLES if source != "hub"
}


def plant_held(planters: dict[str, Planter], hub: Hub, extracted_at: datetime) -> None:
    """Plant every kind that holds a record, on rows of their own."""
    for source, count in (("hub", 9), ("community_support", 3)):
        _impossible_dates(planters[source], hub.population, count, extracted_at)
    for source, count in (("hub", 8), ("community_support", 2)):
        _contacts_of_nothing(planters[source], count)
    for source, count in (("hub", 4), ("community_support", 1), ("domestic_abuse_support", 1)):
        _shared_numbers(planters[source], hub.population, count)
    _portal_before_hub(planters["community_support"], hub, 9)


def _any_received(planter: Planter) -> Moment:
    """Return a moment of office hours, well inside the sample."""
    days = planter.draw.randint(30, (LAST_DAY - FIRST_DAY).days - 30)
    return Moment(working_day_after(FIRST_DAY + timedelta(days=days), 0), planter.draw.randint(540, 900))


def _lately(received: Moment) -> date:
    """Return a working day within the last three months: a referral that is pending is not forgotten."""
    return max(working_day_after(received.day, 1), working_day_after(LAST_DAY - timedelta(days=30), 0))


def _extra_person(planter: Planter, identity: Identity, at: Moment) -> str:
    row = planter.book.person(identity)
    planter.touched.add(row["Org Person ID"])
    ask_consents(planter.book, row["Org Person ID"], at)
    return row["Org Person ID"]


def _extra_referral(planter: Planter, person: str, received: Moment, cells: Row | None = None) -> Row:
    """Return a new, still pending referral with its one primary need."""
    book = planter.book
    referral = book.add(
        "referrals",
        {
            "Org Person ID": person,
            **received_cells(received),
            "Project": PROJECTS[book.source],
            "Priority": "Routine",
            "Referral Method": "Telephone",
            "Referrer Type": SELF_REFERRAL,
            "Triage Outcome": "Accept",
            "Referral Reason": sentence(planter.draw, "Referral Reason"),
            **(cells or {}),
        },
    )
    set_stage(referral, "Referral Received")
    state_needs(book, referral, received.day)
    return referral


def _impossible_dates(planter: Planter, population: Population, count: int, extracted_at: datetime) -> None:
    """Plant REF-01: no date, a day that is none, a day in the future."""
    future = extracted_at.date() + timedelta(days=160)
    for number in range(count):
        received = _any_received(planter)
        person = _extra_person(planter, population.person(), received)
        written = ("", "31/02/2022", day_text(future))[number % 3]
        cells = {"Referral Date": written, "Referral Time": "", "Triage Date": "", "Triage Outcome": ""}
        referral = _extra_referral(planter, person, received, cells)
        if number % 3 < 2:
            planter.book.office_contact(referral, received, working_day_after(received.day, 1))
        planter.note("referral", referral["Diary Reference Number"], "REF-01", "received_at", HOLD)


def _contacts_of_nothing(planter: Planter, count: int) -> None:
    """Plant CON-01: contacts whose diary reference nobody has."""
    book = planter.book
    letter = book.tables["referrals"][0]["Diary Reference Number"][:2]
    for number, row in enumerate(planter.pick(planter.people(), count), start=1):
        orphan = {
            "Diary Reference Number": f"{letter}{990000 + number:06d}",
            "Org Person ID": row["Org Person ID"],
        }
        received = _any_received(planter)
        contact = book.office_contact(orphan, received, received.day)
        planter.note("contact", contact["Contact ID"], "CON-01", "referral_id", HOLD)


def _shared_numbers(planter: Planter, population: Population, count: int) -> None:
    """Plant PER-07: pairs of people with one NHS number, one of them written with spaces."""
    for _ in range(count):
        number = population.nhs_number()
        for written in (number, f"{number[:3]} {number[3:6]} {number[6:]}"):
            received = _any_received(planter)
            identity = replace(population.person(), nhs_number=written, number_status="")
            person = _extra_person(planter, identity, received)
            referral = _extra_referral(planter, person, received)
            planter.book.office_contact(referral, received, _lately(received))
            planter.note("person", person, "PER-07", "nhs_number", HOLD)


def _portal_before_hub(planter: Planter, hub: Hub, count: int) -> None:
    """Plant REF-16: portal referrals dated before the hub had the case."""
    referrals = {row["Org Person ID"]: row for row in hub.book.tables["referrals"]}
    strangers = [
        one
        for one in hub.identities
        if set(one.references) == {"hub"}
        and read_day(referrals[one.references["hub"]]["Referral Date"]) > _SOONEST
    ]
    for identity in planter.draw.sample(strangers, count):
        original = referrals[identity.references["hub"]]
        early = read_day(original["Referral Date"]) - timedelta(days=planter.draw.randint(3, 20))
        received = Moment(early, 11 * 60)
        person = _extra_person(planter, identity, received)
        cells = {
            "Portal Reference": original["Diary Reference Number"],
            "Referral Method": "Portal",
            "Referrer Type": "Voluntary Sector",
            "Referrer ID": "CO0002",
        }
        referral = _extra_referral(planter, person, received, cells)
        planter.book.office_contact(referral, received, _lately(received))
        planter.note("referral", referral["Diary Reference Number"], "REF-16", "parent_referral_id", HOLD)


_SOONEST = FIRST_DAY + timedelta(days=30)
