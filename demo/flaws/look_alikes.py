"""Records that look wrong and are right: whether a check cries wolf is told by these.

Some checks cannot know better (`told`): somebody was born on 1 January 1970. Those only warn or inform.
"""

from dataclasses import dataclass

from demo.book import Table
from demo.consents import ask_consents
from demo.dates import Moment, read_day
from demo.flaws.extra import AFTER, Ground, extra_referral
from demo.flaws.planting import DIARY, PERSON, Planter
from demo.people import Row
from demo.places import postcodes_elsewhere

HUB, COMMUNITY, ABUSE = "hub", "community_support", "domestic_abuse_support"
BORN = "01/01/1970"
MET = {"Attended", "Attended late"}
ITEMS = tuple(f"Item {number}" for number in range(1, 15))


@dataclass(frozen=True, order=True)
class LookAlike:
    """One record that is right, which check it tempts, and whether that check speaks all the same."""

    source: str
    entity: str
    reference: str
    check: str
    field: str
    told: bool
    says: str


def plant_look_alikes(ground: Ground) -> list[LookAlike]:
    """Plant them on people on whom nothing was planted; return them in order."""
    found: list[LookAlike] = []
    for source, count in ((HUB, 2), (COMMUNITY, 1)):
        planter = ground.planters[source]
        found += [*_new_year(planter, count), *_twins(planter, count), *_lives_elsewhere(planter, 1)]
        found += [*_namesakes(planter, 1, numbered=True, ground=ground), *_same_answers(planter, 1)]
        found += _died_later(planter, 1)
    found += _namesakes(ground.planters[HUB], 1, numbered=False, ground=ground)
    found += _started_by_telephone(ground.planters[HUB], 1)
    return sorted(found)


def _of(planter: Planter, row: Row, check: str, field: str, *, told: bool, says: str) -> LookAlike:
    return LookAlike(planter.book.source, "person", row[PERSON], check, field, told, says)


def _adults(planter: Planter) -> Table:
    return [row for row in planter.people() if row["Date of Birth"] and row["Safe to Contact"] == "Yes"]


def _new_year(planter: Planter, count: int) -> list[LookAlike]:
    rows = planter.pick(_adults(planter), count)
    for row in rows:
        row["Date of Birth"] = BORN
    says = "Born on 1 January 1970."
    return [_of(planter, row, "PER-03", "birth_date", told=True, says=says) for row in rows]


def _somebody_else(planter: Planter, row: Row, cells: Row) -> Row:
    """Add another person who lives where this one does, was born on that day and bears that family name."""
    blank = {"NHS Number": "", "NHS Number Status": "", "Merged IDs": ""}
    kept = {name: cell for name, cell in row.items() if name != PERSON}
    other = planter.book.add("people", {**kept, **blank, **cells})
    planter.touched.add(other[PERSON])
    received = Moment(AFTER, 9 * 60 + 30)
    ask_consents(planter.book, other[PERSON], received)
    planter.book.plain_contact(extra_referral(planter, other[PERSON], received), AFTER)
    return other


def _twins(planter: Planter, count: int) -> list[LookAlike]:
    found = []
    for row in planter.pick(_adults(planter), count):
        twin = _somebody_else(planter, row, {"Forename": f"Ida {row['Forename']}"})
        says = "Twins at one address."
        found.append(_of(planter, twin, "PER-09", "person_id", told=False, says=says))
    return found


def _namesakes(planter: Planter, count: int, *, numbered: bool, ground: Ground) -> list[LookAlike]:
    """Add people of one name, born on one day, in one home: two NHS numbers tell that they are two."""
    found = []
    known = [row for row in _adults(planter) if bool(row["NHS Number"]) is numbered]
    for row in planter.pick(known, count):
        number = ground.hub.population.nhs_number() if numbered else ""
        other = _somebody_else(planter, row, {"NHS Number": number})
        says = "Namesakes born on one day, " + ("each with an NHS number." if numbered else "without any.")
        found.append(_of(planter, other, "PER-09", "person_id", told=not numbered, says=says))
    return found


def _lives_elsewhere(planter: Planter, count: int) -> list[LookAlike]:
    found = []
    for row in planter.pick(_adults(planter), count):
        row["Postcode"] = postcodes_elsewhere()[0]
        says = "Lives outside the district, and the contract allows it."
        found.append(LookAlike(planter.book.source, "address", row[PERSON], "ADR-03", "lad", True, says))
    return found


def _same_answers(planter: Planter, count: int) -> list[LookAlike]:
    forms = [
        form
        for form in planter.book.tables["outcomes"]
        if all(form[name] for name in ITEMS) and form["Total"]
    ]
    found = []
    for form in planter.pick(forms, count):
        form.update(dict.fromkeys(ITEMS, "3"))
        form["Total"] = str(3 * len(ITEMS))
        says = "Chose the middle of every scale, and meant it."
        source = planter.book.source
        found.append(LookAlike(source, "outcome_measure", form["Form ID"], "OUT-08", "item_01", True, says))
    return found


def _died_later(planter: Planter, count: int) -> list[LookAlike]:
    """Let somebody die after the last meeting, and the paperwork come after that."""
    contacts = planter.of_case("contacts")
    closed = [
        row
        for row in planter.only_referrals()
        if row["Referral Closure Date"] and row["Start Date"] and len(contacts[row[DIARY]]) > 2
        and all(contact["Contact Type"] == "Contact" for contact in contacts[row[DIARY]])
    ]  # fmt: skip
    found = []
    for row in planter.pick(closed, count):
        rows = sorted(contacts[row[DIARY]], key=lambda contact: read_day(contact["Contact Date"]))
        rows[-1].update({"Administrative": "Yes", "Attendance": "", "Duration": ""})
        person = planter.person(row[PERSON])
        person["Date of Death"] = rows[-2]["Contact Date"]
        says = "Died on the day of the last meeting; paperwork followed."
        found.append(_of(planter, person, "PER-11", "death_date", told=False, says=says))
    return found


def _started_by_telephone(planter: Planter, count: int) -> list[LookAlike]:
    """Let a service begin by post: no contact stands near its start."""
    contacts = planter.of_case("contacts")
    plain = [
        row
        for row in planter.only_referrals()
        if row["Start Date"] and row["Referral Closure Date"]
        and all(contact["Contact Type"] == "Contact" for contact in contacts[row[DIARY]])
    ]  # fmt: skip
    found = []
    for row in planter.pick(plain, count):
        for contact in contacts[row[DIARY]]:
            apart = read_day(contact["Contact Date"]) - read_day(row["Start Date"])
            if abs(apart.days) <= 3 and contact["Attendance"] in MET:
                contact.update({"Administrative": "Yes", "Attendance": "", "Duration": ""})
        says = "A service that began with a parcel by post."
        source = planter.book.source
        found.append(LookAlike(source, "service_episode", row[DIARY], "EPI-02", "started_on", True, says))
    return found
