"""A service for young carers, which nobody commissioned: its youngest are eight, its oldest twenty-five."""

from datetime import timedelta

from demo.book import Book
from demo.consents import ask_consents
from demo.course import accept, close, received_cells, set_stage, state_needs, usual_ending, work
from demo.dates import FIRST_DAY, Moment, working_day_after
from demo.forms import Sitting, answer_form
from demo.hub import Hub
from demo.people import Row
from demo.words import SELF_REFERRAL, sentence

PROJECT = "Young Carers"
AGES = (13, 17)
HOW_MANY = 14


def write_young_carers(book: Book, hub: Hub) -> None:
    """Add the service to the provider's book, and the young people it met."""
    own = book.tables["organisations"][0]["Organisation ID"]
    service = {"Project": PROJECT, "Service Name": PROJECT, "Minimum Age": "8", "Maximum Age": "25"}
    model = book.tables["services"][0]
    said = {"Organisation ID": own, "Lot": "", "Valid To": "", "Waiting Target": ""}
    same = {name: model[name] for name in ("Status", "Valid From", "Domestic Abuse")}
    book.add("services", same | service | said)
    for number in range(HOW_MANY):
        day = working_day_after(FIRST_DAY + timedelta(days=20 + 8 * number), 0)
        _meet(book, hub, Moment(day, book.draw.randint(9 * 60, 15 * 60)))


def _meet(book: Book, hub: Hub, received: Moment) -> None:
    """Add somebody young, their case, and a form filled in at its start."""
    row = book.person(hub.population.person(ages=AGES))
    row["Employment Status"] = ""
    ask_consents(book, row["Org Person ID"], received)
    referral = _referral(book, row["Org Person ID"], received)
    started = accept(book, referral, received, 14)
    if started is None:
        return
    closed = work(book, referral, received, started, 60)
    if not any(
        form["Diary Reference Number"] == referral["Diary Reference Number"]
        for form in book.tables["outcomes"]
    ):
        answer_form(book, referral, Sitting("WEMWBS", "Baseline", started), 3)
    if closed:
        close(referral, usual_ending(book.draw), closed)


def _referral(book: Book, person: str, received: Moment) -> Row:
    referral = book.add(
        "referrals",
        {
            "Org Person ID": person,
            **received_cells(received),
            "Project": PROJECT,
            "Priority": "Routine",
            "Referral Method": "In person",
            "Referrer Type": SELF_REFERRAL,
            "Triage Outcome": "Accept",
            "Referral Reason": sentence(book.draw, "Referral Reason"),
        },
    )
    set_stage(referral, "Referral Received")
    state_needs(book, referral, received.day, "SOC.CARER")
    return referral
