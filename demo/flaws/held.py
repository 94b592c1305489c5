"""The known flaws that hold a record: dates, links, numbers. They sit on rows that no figure counts."""

from dataclasses import replace
from datetime import timedelta

from demo.dates import FIRST_DAY, Moment, day_text, read_day
from demo.flaws.extra import (
    AFTER,
    Ground,
    any_received,
    extra_person,
    extra_referral,
    late_referral,
    met_once,
)
from demo.flaws.planting import DIARY, HOLD, PERSON, Planter
from demo.people import Row

HUB, COMMUNITY, ABUSE = "hub", "community_support", "domestic_abuse_support"
SOONEST = FIRST_DAY + timedelta(days=30)


def plant_held(ground: Ground) -> None:
    """Plant every kind that holds a record, on rows of their own."""
    planters = ground.planters
    for source, count in ((HUB, 9), (COMMUNITY, 3)):
        _impossible_dates(ground, planters[source], count)
    for source, count in ((HUB, 8), (COMMUNITY, 2)):
        _contacts_of_nothing(planters[source], count)
    for source, count in ((HUB, 4), (COMMUNITY, 1), (ABUSE, 1)):
        _shared_numbers(ground, planters[source], count)
    _portal_before_hub(ground, planters[COMMUNITY], 9)
    _about_staff(planters[HUB], 2)
    for source, count in ((HUB, 3), (COMMUNITY, 2), (ABUSE, 1)):
        _rows_of_nobody(planters[source], count)
        _needs_of_somebody_else(planters[source], count)
    for source, count in ((HUB, 3), (COMMUNITY, 1)):
        _shifted_cells(ground, planters[source], count)


def _impossible_dates(ground: Ground, planter: Planter, count: int) -> None:
    """Plant REF-01: no date, a day that is none, a day in the future."""
    future = ground.extracted_at.date() + timedelta(days=160)
    for number in range(count):
        received = any_received(planter)
        person = extra_person(planter, ground.stranger(), received)
        date = ("", "31/02/2022", day_text(future))[number % 3]
        cells = {"Referral Date": date, "Referral Time": "", "Triage Date": "", "Triage Outcome": ""}
        referral = extra_referral(planter, person, received, cells)
        if number % 3 < 2:
            met_once(planter, referral, received)
        planter.note("referral", referral[DIARY], "REF-01", "received_at", HOLD)


def _lost_case(planter: Planter, number: int) -> str:
    """Return a diary reference that nobody has."""
    letter = planter.book.tables["referrals"][0][DIARY][:2]
    return f"{letter}{990000 + number:06d}"


def _contacts_of_nothing(planter: Planter, count: int) -> None:
    """Plant CON-01: contacts whose diary reference nobody has."""
    for number, row in enumerate(planter.pick(planter.people(), count), start=1):
        orphan = {DIARY: _lost_case(planter, number), PERSON: row[PERSON]}
        received = any_received(planter)
        contact = planter.book.office_contact(orphan, received, received.day)
        planter.note("contact", contact["Contact ID"], "CON-01", "referral_id", HOLD)


def _shared_numbers(ground: Ground, planter: Planter, count: int) -> None:
    """Plant PER-07: pairs of people with one NHS number, one of them written with spaces."""
    for _ in range(count):
        number = ground.hub.population.nhs_number()
        for written in (number, f"{number[:3]} {number[3:6]} {number[6:]}"):
            received = any_received(planter)
            identity = replace(ground.stranger(), nhs_number=written, number_status="")
            person = extra_person(planter, identity, received)
            met_once(planter, extra_referral(planter, person, received), received)
            planter.note("person", person, "PER-07", "nhs_number", HOLD)


def _portal_before_hub(ground: Ground, planter: Planter, count: int) -> None:
    """Plant REF-16: portal referrals dated before the hub had the case."""
    referrals = {row[PERSON]: row for row in ground.hub.book.tables["referrals"]}
    touched = ground.planters[HUB].touched
    strangers = [
        one
        for one in ground.hub.identities
        if set(one.references) == {HUB}
        and one.references[HUB] not in touched
        and read_day(referrals[one.references[HUB]]["Referral Date"]) > SOONEST
    ]
    for identity in planter.draw.sample(strangers, count):
        original = referrals[identity.references[HUB]]
        early = read_day(original["Referral Date"]) - timedelta(days=planter.draw.randint(3, 20))
        received = Moment(early, 11 * 60)
        person = extra_person(planter, identity, received)
        cells = {
            "Portal Reference": original[DIARY],
            "Referral Method": "Portal",
            "Referrer Type": "Voluntary Sector",
            "Referrer ID": "CO0002",
        }
        referral = extra_referral(planter, person, received, cells)
        met_once(planter, referral, received)
        planter.note("referral", referral[DIARY], "REF-16", "parent_referral_id", HOLD)


def _about_staff(planter: Planter, count: int) -> None:
    """Plant PER-10: referrals recorded against a professional instead of the client."""
    staff = [row for row in planter.book.tables["people"] if row["Report Person Type"] == "Professional"]
    for row in planter.pick(staff, count):
        received = any_received(planter)
        referral = extra_referral(planter, row[PERSON], received)
        met_once(planter, referral, received)
        planter.note("referral", referral[DIARY], "PER-10", "person_id", HOLD)


def _rows_of_nobody(planter: Planter, count: int) -> None:
    """Plant LNK-01: consents of people who are not in the export, needs in cases that are not."""
    letter = planter.book.tables["people"][0][PERSON][:2]
    for number, known in enumerate(planter.pick(planter.people(), count)):
        at = any_received(planter)
        if number % 2:
            row = planter.book.consent(f"{letter}{980000 + number:06d}", "Service", "Given", at)
            planter.note("consent", row["Consent ID"], "LNK-01", "consent_id", HOLD)
        else:
            case = {DIARY: _lost_case(planter, 100 + number), PERSON: known[PERSON]}
            row = planter.book.need(case, "SOC.TRAN", at.day, primary=False)
            planter.note("need", row["Need ID"], "LNK-01", "need_id", HOLD)


def _shifted_cells(ground: Ground, planter: Planter, count: int) -> None:
    """Plant MAP-03: contacts of which one delimiter was lost, so that every cell after it moved up."""
    for _ in range(count):
        contact = planter.book.plain_contact(late_referral(ground, planter), AFTER)
        moved = list(contact)[list(contact).index("Contact Time") :]
        cells = [contact[column] for column in moved]
        contact.update(zip(moved, [*cells[1:-1], "", cells[-1]], strict=True))
        planter.note("contact", contact["Contact ID"], "MAP-03", "reference", HOLD)


def _needs_of_somebody_else(planter: Planter, count: int) -> None:
    """Plant LNK-02: further needs that name another person than their referral does."""
    primary: dict[str, Row] = {row[DIARY]: row for row in planter.book.tables["needs"]}
    cases = [row for row in planter.referrals() if row[DIARY] in primary]
    for one, other in zip(planter.pick(cases, count), planter.pick(planter.people(), count), strict=True):
        need = planter.book.need(one, "EST.DIG", read_day(one["Referral Date"]), primary=False)
        need[PERSON] = other[PERSON]
        planter.note("need", need["Need ID"], "LNK-02", "person_id", HOLD)
