"""Known flaws of referrals and their needs; they hold nothing and change no figure."""

from collections import Counter
from datetime import date, timedelta

from demo.book import Table
from demo.dates import LAST_DAY, day_text, read_day, working_day_after
from demo.flaws.planting import DIARY, NONE, PERSON, Kind, Planter
from demo.people import Row
from demo.words import CARER_REFERRAL, SELF_REFERRAL

OWN = {SELF_REFERRAL, CARER_REFERRAL}
ENDED = ("Referral Closure Date", "Outcome", "Goal Outcome", "Date Awarded", "Monetary Outcome")


def _no_referrer(planter: Planter, count: int) -> None:
    rows = [row for row in planter.referrals() if row["Referrer ID"] and row["Referral Method"] != "Portal"]
    times = Counter(row["Referrer ID"] for row in planter.book.tables["referrals"])
    often = {referrer for referrer, number in times.items() if number > count + 1}
    often_or_few = [row for row in rows if row["Referrer ID"] in often or planter.book.source != "hub"]
    for row in planter.pick([row for row in often_or_few if row["Referrer Type"] not in OWN], count):
        row["Referrer ID"] = ""
        planter.note("referral", row[DIARY], "REF-05", "referrer_org_id", NONE)


def _no_kind_of_referrer(planter: Planter, count: int) -> None:
    rows = [row for row in planter.referrals() if row["Referrer ID"] and row["Referral Method"] != "Portal"]
    for row in planter.pick(rows, count):
        row["Referrer Type"] = ""
        planter.note("referral", row[DIARY], "REF-04", "referrer_type", NONE)


def _heard_in_place_of_referrer(planter: Planter, count: int) -> None:
    own = [row for row in planter.referrals() if row["Referral Source"] and row["Referrer Type"] in OWN]
    for row in planter.pick(own, count):
        row["Referrer Type"] = ""
        planter.note("referral", row[DIARY], "REF-06", "heard_about_us", NONE)


def _no_outcome(planter: Planter, count: int) -> None:
    rows = [row for row in planter.referrals() if row["Referral Closure Date"] and not row["Accepted Date"]]
    for row in planter.pick([row for row in rows if not row["Goal Outcome"]], count):
        row["Outcome"] = ""
        planter.note("referral", row[DIARY], "REF-10", "closure_reason", NONE)


def _closed_before_received(planter: Planter, count: int) -> None:
    rows = [row for row in planter.referrals() if row["Referral Closure Date"] and not row["Accepted Date"]]
    for row in planter.pick([row for row in rows if not row["Goal Outcome"]], count):
        row["Referral Closure Date"] = day_text(read_day(row["Referral Date"]) - timedelta(days=2))
        planter.note("referral", row[DIARY], "REF-09", "closed_at", NONE)


def _closed_in_the_future(planter: Planter, count: int) -> None:
    forms = planter.of_case("outcomes")
    for row in planter.pick([row for row in _closed(planter) if row[DIARY] not in forms], count):
        row["Referral Closure Date"] = day_text(planter.extracted_at.date() + timedelta(days=20))
        planter.note("referral", row[DIARY], "REF-09", "closed_at", NONE)


def _closed(planter: Planter) -> Table:
    return [row for row in planter.only_referrals() if row["Referral Closure Date"]]


def reopened(row: Row) -> None:
    """Take the end out of a case, as if nobody had closed it."""
    row.update(dict.fromkeys((*ENDED, "Arrears Obtained"), ""))
    started = bool(row["Start Date"])
    row["Stage"] = "First Appointment Attended" if started else "Allocated"
    row["Status"] = "Open"


def _fallen_silent(planter: Planter, count: int) -> None:
    """Leave old cases open in which nothing has happened since summer."""
    forms, summer = planter.of_case("outcomes"), (date(2022, 6, 20), date(2022, 8, 10))
    rows = [
        row
        for row in _closed(planter)
        if summer[0] <= read_day(row["Referral Date"]) <= summer[1]
        and read_day(row["Referral Closure Date"]) <= date(2022, 8, 31)
        and row[DIARY] not in forms
    ]
    for row in planter.pick(rows, count):
        reopened(row)
        planter.note("referral", row[DIARY], "REF-11", "status", NONE)


def _rejected_and_accepted(planter: Planter, count: int) -> None:
    ordinary = {row[PERSON] for row in planter.people()}
    rejected = [row for row in planter.book.tables["referrals"] if row["Stage"] == "Rejected"]
    for row in planter.pick([row for row in rejected if row[PERSON] in ordinary], count):
        row["Accepted Date"] = row["Referral Date"]
        planter.note("referral", row[DIARY], "REF-14", "status", NONE)


def _no_need(planter: Planter, count: int) -> None:
    chosen = {row[DIARY] for row in planter.pick(planter.referrals(), count)}
    needs = planter.book.tables["needs"]
    needs[:] = [row for row in needs if row[DIARY] not in chosen]
    for reference in sorted(chosen):
        planter.note("referral", reference, "REF-15", "need.is_primary", NONE)


def _child_among_adults(planter: Planter, count: int) -> None:
    """Make somebody twelve years old who was taken on by a service for adults."""
    forms = planter.of_case("outcomes")
    taken_on = {
        row[PERSON]: row
        for row in planter.only_referrals()
        if row["Triage Outcome"] == "Accept" and row[DIARY] not in forms
    }
    people = [row for row in planter.people() if "Paid" not in row["Employment Status"]]
    for row in planter.pick([row for row in people if row[PERSON] in taken_on], count):
        case = taken_on[row[PERSON]]
        row["Date of Birth"] = day_text(read_day(case["Referral Date"]) - timedelta(days=12 * 366))
        row["Employment Status"] = ""
        planter.note("referral", case[DIARY], "SG-05", "target_service_id", NONE)


def _contact_outside(planter: Planter, count: int) -> None:
    """Add contacts before the referral came, or long after it was closed."""
    latest = LAST_DAY - timedelta(days=30)
    closed = [row for row in _closed(planter) if read_day(row["Referral Closure Date"]) <= latest]
    for turn, row in enumerate(planter.pick(closed, count)):
        received, ended = read_day(row["Referral Date"]), read_day(row["Referral Closure Date"])
        day = received - timedelta(days=9) if turn % 2 else ended + timedelta(days=20)
        contact = planter.book.plain_contact(row, working_day_after(day, 0))
        planter.note("contact", contact["Contact ID"], "CON-02", "contact_at", NONE)


def _missed_with_duration(planter: Planter, count: int) -> None:
    missed = [row for row in planter.book.tables["contacts"] if row["Attendance"] == "Did not attend"]
    for row in planter.pick(missed, count):
        row["Duration"] = "30"
        planter.note("contact", row["Contact ID"], "CON-03", "duration_min", NONE)


KINDS: tuple[Kind, ...] = (
    (_no_referrer, (8, 2, 1)),
    (_no_kind_of_referrer, (4, 2, 1)),
    (_heard_in_place_of_referrer, (4, 2, 1)),
    (_no_outcome, (8, 0, 0)),
    (_closed_before_received, (4, 0, 0)),
    (_closed_in_the_future, (2, 2, 1)),
    (_fallen_silent, (3, 2, 1)),
    (_rejected_and_accepted, (4, 0, 0)),
    (_no_need, (8, 2, 1)),
    (_child_among_adults, (3, 1, 0)),
    (_contact_outside, (4, 2, 1)),
    (_missed_with_duration, (8, 2, 1)),
)
