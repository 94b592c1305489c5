"""Rows of their own for flaws that hold a record or would change a published figure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.consents import ask_consents
from demo.course import Ending, close, received_cells, set_stage, state_needs
from demo.dates import FIRST_DAY, LAST_DAY, Moment, working_day_after
from demo.flaws.planting import Planter
from demo.hub import Hub
from demo.organisations import HUB_PROJECT
from demo.people import Identity, Row
from demo.words import SELF_REFERRAL, TITLES, sentence

PROJECTS = {"hub": HUB_PROJECT} | {
    source: TITLES[source].removeprefix("Sample ") for source in TITLES if source != "hub"
}
AFTER = LAST_DAY + timedelta(days=1)
UNANSWERED = Ending("Closed - No Answer", "Could not contact / disengaged")


@dataclass(frozen=True)
class Ground:
    """Where extra rows are put: the hub with its people, and every provider's planter."""

    hub: Hub
    planters: dict[str, Planter]
    extracted_at: datetime

    def stranger(self) -> Identity:
        """Return somebody nobody knows yet."""
        return self.hub.population.person()


def any_received(planter: Planter) -> Moment:
    """Return a moment of office hours, well inside the sample."""
    days = planter.draw.randint(30, (LAST_DAY - FIRST_DAY).days - 30)
    return Moment(working_day_after(FIRST_DAY + timedelta(days=days), 0), planter.draw.randint(540, 900))


def extra_person(planter: Planter, identity: Identity, at: Moment) -> str:
    """Return the reference of somebody new on whom something is planted."""
    row = planter.book.person(identity)
    row.update({"Sensitive Location": "No", "Safe to Contact": "Yes"})
    planter.touched.add(row["Org Person ID"])
    ask_consents(planter.book, row["Org Person ID"], at)
    return row["Org Person ID"]


def extra_referral(planter: Planter, person: str, received: Moment, cells: Row | None = None) -> Row:
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


def late_referral(ground: Ground, planter: Planter) -> Row:
    """Return a referral of somebody new, received and met the day after the period of the figures."""
    received = Moment(AFTER, 10 * 60 + planter.draw.randint(0, 59))
    person = extra_person(planter, ground.stranger(), received)
    referral = extra_referral(planter, person, received)
    planter.book.plain_contact(referral, AFTER)
    return referral


def met_once(planter: Planter, referral: Row, received: Moment) -> None:
    """Add the one contact there was, and close the case a week later: nobody answered any more."""
    met = working_day_after(received.day, 1)
    planter.book.office_contact(referral, received, met)
    close(referral, UNANSWERED, working_day_after(met, 5))
