"""Known flaws that show only beside others: people entered twice, cases that never arrived, quarters."""

from datetime import date

from demo.book import Table
from demo.consents import ask_consents
from demo.dates import Moment, read_day
from demo.flaws.extra import AFTER, Ground, extra_referral
from demo.flaws.planting import DIARY, NONE, PERSON, Planter
from demo.people import Row

HUB, COMMUNITY, ABUSE = "hub", "community_support", "domestic_abuse_support"
SPRING, AUTUMN = (date(2022, 4, 1), date(2022, 6, 30)), (date(2022, 10, 1), date(2022, 12, 31))
REFUSED = "No data: Refused"


def plant_beside_others(ground: Ground) -> None:
    """Plant what no record shows by itself."""
    for source, count in ((HUB, 4), (COMMUNITY, 2), (ABUSE, 1)):
        planter = ground.planters[source]
        known = [row for row in planter.people() if row["Date of Birth"] and row["Safe to Contact"] == "Yes"]
        for turn, row in enumerate(planter.pick(known, count)):
            _entered_twice(planter, row, turn)
    _never_arrived(ground, 4)
    _unasked(ground.planters[COMMUNITY])
    _refused(ground.planters[ABUSE])


def _entered_twice(planter: Planter, row: Row, turn: int) -> None:
    """Plant PER-09: somebody entered again, the name written as it sounds, or only the family name known."""
    surname, forename = row["Surname"], row["Forename"]
    written: Row = (
        {"Surname": surname + surname[-1]},
        {"Forename": ""},
        {"Telephone": ""},
        {"Surname": surname.upper(), "Known As": ""},
    )[turn % 4]
    blank = {"NHS Number": "", "NHS Number Status": "", "Merged IDs": "", "UPRN": ""}
    kept = {name: cell for name, cell in row.items() if name != PERSON}
    again = planter.book.add("people", {**kept, **blank, "Forename": forename, **written})
    planter.touched.add(again[PERSON])
    received = Moment(AFTER, 9 * 60 + turn)
    ask_consents(planter.book, again[PERSON], received)
    planter.book.plain_contact(extra_referral(planter, again[PERSON], received), AFTER)
    planter.note("person", again[PERSON], "PER-09", "person_id", NONE)


def _never_arrived(ground: Ground, count: int) -> None:
    """Plant ONR-03: cases that Community Support entered as if they had not come through the portal."""
    hub, community = ground.planters[HUB], ground.planters[COMMUNITY]
    lot = ground.hub.register.lots["L4-CS"]
    sent = {row[DIARY]: row for row in hub.book.tables["contacts"] if row["External Referral To"] == lot}
    linked = [
        row
        for row in community.only_referrals()
        if row["Portal Reference"] in sent and sent[row["Portal Reference"]][PERSON] not in hub.touched
    ]
    for row in community.pick(linked, count):
        contact = sent[row["Portal Reference"]]
        row["Portal Reference"] = ""
        hub.touched.add(contact[PERSON])
        hub.note("onward_referral", contact["Contact ID"], "ONR-03", "to_service_id", NONE)


def _clients(planter: Planter, quarter: tuple[date, date]) -> Table:
    """Return the clients who were referred in the quarter."""
    people: dict[str, Row] = {
        row[PERSON]: row for row in planter.book.tables["people"] if row["Report Person Type"] == "Client"
    }
    days = {
        row[PERSON]
        for row in planter.book.tables["referrals"]
        if row["Referral Date"] and quarter[0] <= _day(row) <= quarter[1]
    }
    return [row for person, row in people.items() if person in days]


def _day(row: Row) -> date:
    try:
        return read_day(row["Referral Date"])
    except ValueError:
        return date.min


def _unasked(planter: Planter) -> None:
    """Plant CHR-01: of a quarter's clients more than one in ten has no answer."""
    clients = _clients(planter, AUTUMN)
    free = [row for row in clients if row[PERSON] not in planter.touched]
    for row in free[: len(clients) // 6]:
        row["Ethnic Origin"] = ""
    planter.note("submission", "2022-Q4", "CHR-01", "ethnicity_2021", NONE)


def _refused(planter: Planter) -> None:
    """Plant CHR-03: of a quarter's clients almost everybody is recorded as having refused."""
    clients = _clients(planter, SPRING)
    for row in clients:
        if row[PERSON] not in planter.touched:
            row["Ethnic Origin"] = REFUSED
    planter.note("submission", "2022-Q2", "CHR-03", "ethnicity_2021", NONE)
