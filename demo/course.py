"""The course of one referral: triage, start, contacts, closure; the same at every provider."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.book import Book
from demo.dates import LAST_DAY, Moment, day_text, is_working, office_time, working_day_after
from demo.forms import answer_baseline_and_exit
from demo.people import Row
from demo.words import EVERYDAY_NEEDS, STAGES

_ENDINGS = (
    ("Closed - Complete", "Needs met / completed as planned", 70),
    ("Closed - Complete", "Stepped up to adult social care assessment", 6),
    ("Closed - Client Declined", "Support declined", 10),
    ("Closed - No Answer", "Could not contact / disengaged", 9),
    ("Closed - Client moved away", "Moved out of area", 5),
)
MONTH = 30
ADVISED = "Information, advice or signposting only"


@dataclass(frozen=True)
class Ending:
    """How a referral ends: its stage, and its outcome."""

    stage: str
    outcome: str


def usual_ending(draw: Random) -> Ending:
    """Return an ending, most often with the needs met."""
    stage, outcome, _ = draw.choices(_ENDINGS, [weight for _, _, weight in _ENDINGS])[0]
    return Ending(stage, outcome)


def set_stage(referral: Row, stage: str) -> None:
    """Set the stage, and the status it belongs to."""
    referral["Stage"] = stage
    referral["Status"] = STAGES[stage]


def close(referral: Row, ending: Ending, day: date) -> None:
    """Close the referral on the day."""
    set_stage(referral, ending.stage)
    referral["Referral Closure Date"] = day_text(day)
    referral["Outcome"] = ending.outcome


def office_day(draw: Random, day: date, soonest: int, latest: int) -> date | None:
    """Return a working day some calendar days later, or None if that is after the end of the sample."""
    later = day + timedelta(days=draw.randint(soonest, latest))
    while not is_working(later):
        later += timedelta(days=1)
    return later if later <= LAST_DAY else None


def working_day_within(draw: Random, day: date, most: int) -> date:
    """Return a day up to so many working days later, within the sample."""
    chosen = working_day_after(day, draw.randint(0, most))
    while chosen > LAST_DAY:
        most -= 1
        chosen = working_day_after(day, max(most, 0))
    return chosen


def accept(book: Book, referral: Row, received: Moment, start_within: int) -> date | None:
    """Accept the referral and start work, if that is within the sample; return the day of the start."""
    draw = book.draw
    accepted = working_day_within(draw, received.day, 1)
    referral["Accepted Date"] = day_text(accepted)
    set_stage(referral, "Pending Allocation")
    started = office_day(draw, accepted, 0, start_within)
    if started:
        referral["Start Date"] = day_text(started)
        book.office_contact(referral, received, started)
        set_stage(referral, "First Appointment Attended")
    return started


def work(book: Book, referral: Row, received: Moment, started: date, longest: int) -> date | None:
    """Add the contacts between start and end, and the forms; return the day of closing, None while open."""
    draw = book.draw
    closed = office_day(draw, started, 5, longest)
    last = closed or LAST_DAY
    for _ in range(draw.randint(1, 3)):
        day = working_day_after(started + timedelta(days=draw.randint(0, (last - started).days)), 0)
        if day <= last:
            missed_or_kept(book, referral, received, day)
    if closed is None and (LAST_DAY - started).days > 3:
        book.office_contact(referral, received, LAST_DAY - timedelta(days=draw.choice((0, 1, 2))))
    if draw.random() < 0.5:
        answer_baseline_and_exit(book, referral, started, closed)
    review(book, referral, started, last)
    return closed


def review(book: Book, referral: Row, started: date, last: date) -> None:
    """Record the latest monthly review with the council: always in a long case, in some of the others."""
    months = (last - started).days // MONTH
    if months and (months > 5 or book.aside.random() < 0.4):
        referral["Case Review Date"] = day_text(started + timedelta(days=months * MONTH))


def missed_or_kept(book: Book, referral: Row, received: Moment, day: date) -> Row:
    """Return a contact of the day: most are kept; a missed or cancelled one has no duration."""
    contact = book.office_contact(referral, received, day)
    chance = book.draw.random()
    if chance < 0.08:
        contact["Attendance"], contact["Duration"] = "Did not attend", ""
    elif chance < 0.12:
        contact["Attendance"], contact["Duration"] = (
            book.draw.choice(("Cancelled by client", "Cancelled by provider")),
            "",
        )
    elif chance < 0.18:
        contact["Administrative"], contact["Attendance"], contact["Duration"] = "Yes", "", ""
    return contact


def state_needs(book: Book, referral: Row, received: date, first: str = "") -> None:
    """Record one primary need and sometimes others."""
    draw = book.draw
    primary = first or draw.choice(EVERYDAY_NEEDS)
    book.need(referral, primary, received, primary=True)
    for code in draw.sample(EVERYDAY_NEEDS, draw.choice((0, 0, 0, 1, 2))):
        if code != primary:
            book.need(referral, code, received, primary=False)


def reach_goal(draw: Random, referral: Row, received: date, closed: date, *, money: bool) -> None:
    """Record how far the goal was met and, for some, the money gained."""
    referral["Goal Outcome"] = draw.choices(("Met", "Partly met", "Not met"), (65, 25, 10))[0]
    if money:
        awarded = received + timedelta(days=draw.randint(0, (closed - received).days))
        referral["Date Awarded"] = day_text(awarded)
        referral["Monetary Outcome"] = f"{draw.randint(100, 6000)}.{draw.choice(('00', '50', '25'))}"
        if draw.random() < 0.2:
            referral["Arrears Obtained"] = f"{draw.randint(50, 900)}.00"


def received_cells(received: Moment) -> Row:
    """Return the columns that say when the referral was received and, the same day, triaged."""
    return {
        "Referral Date": day_text(received.day),
        "Referral Time": received.clock,
        "Triage Date": day_text(received.day),
    }


def minute_of(draw: Random, day: date, after: Moment) -> Moment:
    """Return a moment of the office day after the given one."""
    return Moment(day, office_time(draw, day, after))
