"""Cases of the hub and of Community Support: the portal between them, who is known to both, episodes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from demo.people import Identity, Row
from demo.wider.layout import ABUSE, COMMUNITY, HUB, said
from demo.wider.ledger import Ledger

RECEIVED, ASKED = date(2022, 8, 1), date(2022, 8, 8)
BEFRIENDING, GARDEN = "CS0001", "CS0002"
EPISODE, REFERRAL = (COMMUNITY, "service_episode"), (COMMUNITY, "referral")
Changed = Callable[[Identity], Identity]


def write_cases(ledger: Ledger) -> None:
    """Add people and cases of the two, those in order included; nobody else's month is touched."""
    _portal(ledger)
    _known_to_both(ledger)
    _ended(ledger)
    _overlapping(ledger)


def _sent_on(ledger: Ledger, there: Identity, here: Identity) -> Row:
    """Return the case of Community Support that came from one of the hub, of these two people."""
    asked = ledger.case(HUB, ledger.person(HUB, there), RECEIVED)
    return ledger.case(COMMUNITY, ledger.person(COMMUNITY, here), ASKED, Portal_No=asked["Referral No"])


def _met_again(ledger: Ledger, here: Identity, there: Identity) -> tuple[Row, Row]:
    """Return the rows of one person at the hub and at Community Support, each with a case of its own."""
    rows = ledger.person(HUB, there), ledger.person(COMMUNITY, here)
    for source, row in zip((HUB, COMMUNITY), rows, strict=True):
        ledger.case(source, row, ASKED)
    return rows


def _both(ledger: Ledger, rows: tuple[Row, Row]) -> None:
    """Write down that each of the two is told that another service helps this person too."""
    for source, row in zip((HUB, COMMUNITY), rows, strict=True):
        ledger.note((source, "person"), row, "PER-21", "person_id")


def _told_of_both(ledger: Ledger, case: Row) -> None:
    """Write the same down of a case that came through the portal."""
    (asked,) = [row for row in ledger.tables[HUB]["referrals"] if row["Referral No"] == case["Portal No"]]
    _both(ledger, ({"Person No": asked["Person No"]}, {"Person No": case["Person No"]}))


def _portal(ledger: Ledger) -> None:
    """Link cases to those of other people, and to those of the same person who looks different."""
    for numbered in (True, True, False):
        one, other = (ledger.somebody(numbered=numbered) for _ in range(2))
        other = replace(other, forename="Zqforolwen", surname="Zqsurpike")
        ledger.note(REFERRAL, _sent_on(ledger, one, other), "REF-17", "parent_referral_id")
    for numbered, changed, says in SAME_PERSON:
        person = ledger.somebody(numbered=numbered)
        case = _sent_on(ledger, person, changed(person))
        ledger.resembles(REFERRAL, case, "REF-17", "parent_referral_id", says)
        if numbered:
            _told_of_both(ledger, case)
    partner = replace(ledger.somebody(), home=(wife := ledger.somebody()).home)
    says = "The hub's case is of a couple, under the one; the other came to us, and the link was meant."
    case = _sent_on(ledger, wife, partner)
    ledger.resembles(REFERRAL, case, "REF-17", "parent_referral_id", says, told=True)


def _married(person: Identity) -> Identity:
    return replace(person, surname="Zqsurmarried")


def _mistyped(person: Identity) -> Identity:
    return replace(person, born=person.born + timedelta(days=10))


def _nickname(person: Identity) -> Identity:
    return replace(person, forename="Zqforbess", surname="Zqsurlane")


SAME_PERSON: tuple[tuple[bool, Changed, str], ...] = (
    (True, _married, "One NHS number; another family name."),
    (True, _nickname, "One NHS number; other names, as the person is called there."),
    (False, _mistyped, "No NHS number; the names agree, the day of birth was mistyped."),
    (False, _nickname, "No NHS number; the names differ, the day of birth agrees."),
)


def _known_to_both(ledger: Ledger) -> None:
    """Let people be known to two providers, and others only look as if they were one person."""
    for numbered in (True, True, True, False, False):
        person = ledger.somebody(numbered=numbered)
        _both(ledger, _met_again(ledger, person, person))
    moved = ledger.somebody()
    _both(ledger, _met_again(ledger, moved, replace(moved, home=ledger.somebody().home)))
    for changed, says in OTHER_PEOPLE:
        person = ledger.somebody(numbered=False)
        _not_told(ledger, _met_again(ledger, person, changed(person)), says)
    _barred(ledger)
    _misnumbered(ledger)


def _misnumbered(ledger: Ledger) -> None:
    """Give one person's NHS number to another, and mistype a day of birth beside the right number."""
    stranger, person, mistyped = (ledger.somebody() for _ in range(3))
    rows = _met_again(ledger, replace(stranger, nhs_number=person.nhs_number), person)
    _not_told(ledger, rows, "Two people: one was given the other's NHS number when it was looked up.")
    says = "One person, whose day of birth was mistyped at one of the two: in doubt they are kept apart."
    _not_told(ledger, _met_again(ledger, _mistyped(mistyped), mistyped), says)
    twin = ledger.somebody()
    says = "Twins, of whom one was given the other's NHS number when it was looked up."
    _not_told(ledger, _met_again(ledger, _twin(twin), twin), says, told=True)


def _not_told(ledger: Ledger, rows: tuple[Row, Row], says: str, *, told: bool = False) -> None:
    for source, row in zip((HUB, COMMUNITY), rows, strict=True):
        ledger.resembles((source, "person"), row, "PER-21", "person_id", says, told=told)


def _twin(person: Identity) -> Identity:
    return replace(person, forename="Zqfortwin")


def _son(person: Identity) -> Identity:
    return replace(person, born=person.born.replace(year=person.born.year + 26, day=min(person.born.day, 28)))


def _namesake(person: Identity) -> Identity:
    return replace(person, home=replace(person.home, postcode="ZQ1 1DS", line1="3 Zqstrother Road", uprn=""))


OTHER_PEOPLE: tuple[tuple[Changed, str], ...] = (
    (_twin, "Twins of one address."),
    (_son, "Father and son of one name and one address."),
    (_namesake, "Namesakes born on one day, who live apart."),
)


def _barred(ledger: Ledger) -> None:
    """Let people be known to both of whom no provider may be told."""
    person = ledger.somebody()
    rows = _met_again(ledger, person, person)
    rows[1]["Safe to Contact"] = "No"
    _not_told(ledger, rows, "One person indeed, whom it may endanger that anybody is told.")
    person = ledger.somebody()
    rows = _met_again(ledger, person, person)
    ledger.person(ABUSE, person)
    _not_told(ledger, rows, "One person indeed, whom Domestic Abuse Support knows too.")


def _episode(
    ledger: Ledger, case: Row, started: date, ended: date | None, why: str, *, service: str = BEFRIENDING
) -> Row:
    cells = {name: case[name] for name in ("Referral No", "Person No")}
    ledger.contact(COMMUNITY, case, started)
    days = {"Started": said(started), "Ended": said(ended), "Ended Because": why}
    return ledger.add(COMMUNITY, "episodes", cells | days | {"Service No": service})


def _open_case(ledger: Ledger, lasts: int = 90, **cells: str) -> Row:
    return ledger.case(COMMUNITY, ledger.person(COMMUNITY, ledger.somebody()), RECEIVED, lasts, **cells)


def _ended(ledger: Ledger) -> None:
    """Let episodes end without a reason, and some for which the case gives it."""
    closed = RECEIVED + timedelta(days=90)
    for _ in range(8):
        _episode(ledger, _open_case(ledger), ASKED, closed, "NEEDS_MET")
    for days in (0, 0, 20, 40):
        row = _episode(ledger, _open_case(ledger), ASKED, closed - timedelta(days=days), "")
        ledger.note(EPISODE, row, "EPI-03", "end_reason")
    case = _open_case(ledger, Outcome="")
    ledger.note(REFERRAL, case, "REF-10", "closure_reason")
    row = _episode(ledger, case, ASKED, closed, "")
    says = "The case itself lacks the word that day: that is told once, of the case."
    ledger.resembles(EPISODE, row, "EPI-03", "end_reason", says)
    row = _episode(ledger, _open_case(ledger), ASKED, None, "")
    ledger.resembles(EPISODE, row, "EPI-03", "end_reason", "The case is closed, the club goes on.")


def _overlapping(ledger: Ledger) -> None:
    """Let two episodes of one case and service run at once, and others follow or lie beside each other."""
    first, until, then = ASKED, ASKED + timedelta(days=30), ASKED + timedelta(days=45)
    closed = RECEIVED + timedelta(days=90)
    for started, ended in ((first, closed), (first, then + timedelta(days=1)), (first, None)):
        case = _open_case(ledger)
        _episode(ledger, case, started, ended, "NEEDS_MET" if ended else "")
        row = _episode(ledger, case, then, closed, "NEEDS_MET")
        ledger.note(EPISODE, row, "EPI-05", "started_on")
    for started, service, says in (
        (until, BEFRIENDING, "Handed over to another worker on the day the first one ended."),
        (then, BEFRIENDING, "Came back to the service a fortnight later."),
        (first + timedelta(days=7), GARDEN, "Two services at once, under one case."),
    ):
        case = _open_case(ledger)
        _episode(ledger, case, first, until, "NEEDS_MET")
        row = _episode(ledger, case, started, closed, "NEEDS_MET", service=service)
        ledger.resembles(EPISODE, row, "EPI-05", "started_on", says)
