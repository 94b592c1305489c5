"""Known flaws of service episodes and what was achieved in them; they hold nothing and change no figure."""

from datetime import date, timedelta

from demo.book import Table
from demo.dates import LAST_DAY, day_text, read_day, working_day_after
from demo.flaws.planting import DIARY, NONE, PERSON, Kind, Planter
from demo.flaws.referrals import reopened

MET = {"Attended", "Attended late"}


def _started(planter: Planter) -> Table:
    return [row for row in planter.only_referrals() if row["Start Date"]]


def _finished(planter: Planter, *, days: int) -> Table:
    """Return the referrals without a form whose episode lasted so many days at least."""
    forms = planter.of_case("outcomes")
    return [
        row
        for row in _started(planter)
        if row["Referral Closure Date"] and row[DIARY] not in forms
        and (read_day(row["Referral Closure Date"]) - read_day(row["Start Date"])).days >= days
    ]  # fmt: skip


def _accepted_after_start(planter: Planter, count: int) -> None:
    for row in planter.pick(_finished(planter, days=8), count):
        row["Accepted Date"] = day_text(read_day(row["Start Date"]) + timedelta(days=5))
        planter.note("service_episode", row[DIARY], "EPI-01", "started_on", NONE)


def _started_alone(planter: Planter, count: int) -> None:
    """Turn every meeting around the start into paperwork."""
    contacts = planter.of_case("contacts")
    plain = [
        row
        for row in _finished(planter, days=1)
        if all(contact["Contact Type"] == "Contact" for contact in contacts[row[DIARY]])
    ]
    for row in planter.pick(plain, count):
        for contact in contacts[row[DIARY]]:
            apart = read_day(contact["Contact Date"]) - read_day(row["Start Date"])
            if abs(apart.days) <= 3 and contact["Attendance"] in MET:
                contact.update({"Administrative": "Yes", "Attendance": "", "Duration": ""})
        planter.note("service_episode", row[DIARY], "EPI-02", "started_on", NONE)


def _never_reviewed(planter: Planter, count: int) -> None:
    """Leave cases of spring open, in which people are still met and nobody looked at the case."""
    spring = [row for row in _finished(planter, days=0) if read_day(row["Start Date"]) <= date(2022, 6, 4)]
    for row in planter.pick(spring, count):
        reopened(row)
        row["Case Review Date"] = ""
        planter.book.plain_contact(row, working_day_after(LAST_DAY - timedelta(days=6), 0))
        planter.note("service_episode", row[DIARY], "EPI-04", "case_review_on", NONE)


def _too_young(planter: Planter, count: int) -> None:
    """Make somebody seventeen who was helped by a service for people of eighteen and over."""
    helped = {row[PERSON]: row for row in _started(planter)}
    for row in planter.pick([row for row in planter.people() if row[PERSON] in helped], count):
        case = helped[row[PERSON]]
        row["Date of Birth"] = day_text(read_day(case["Referral Date"]) - timedelta(days=17 * 366))
        planter.note("service_episode", case[DIARY], "EPI-06", "started_on", NONE)


def _award_without_day(planter: Planter, count: int) -> None:
    for turn, row in enumerate(planter.pick(_closed_with_money(planter), count)):
        named = "money_gained_gbp" if turn % 2 else "awarded_on"
        row.update({"Monetary Outcome": "-250.00"} if turn % 2 else {"Date Awarded": ""})
        planter.note("outcome", row[DIARY], "OUT-09", named, NONE)


def _closed_with_money(planter: Planter) -> Table:
    return [row for row in planter.referrals() if row["Monetary Outcome"]]


def _no_answer(planter: Planter, count: int) -> None:
    """Leave it open what came of external referrals made months ago."""
    ordinary = {row[PERSON] for row in planter.people()}
    sent = [
        row
        for row in planter.book.tables["contacts"]
        if row["External Referral To"] and row[PERSON] in ordinary
        and read_day(row["Contact Date"]) <= date(2022, 10, 20)
    ]  # fmt: skip
    for turn, row in enumerate(planter.pick(sent, count)):
        row["External Referral Outcome"] = "" if turn % 2 else "Pending"
        planter.note("onward_referral", row["Contact ID"], "ONR-04", "outcome", NONE)


def _without_consent(planter: Planter, count: int) -> None:
    """Let people have refused what was done all the same."""
    asked: dict[str, Table] = {}
    for row in planter.book.tables["consents"]:
        if row["Purpose"] == "External referral":
            asked.setdefault(row[PERSON], []).append(row)
    ordinary = {row[PERSON] for row in planter.people()}
    sent = [row for row in planter.book.tables["contacts"] if row["External Referral To"]]
    once = [row for row in sent if row[PERSON] in ordinary and len(asked[row[PERSON]]) == 1]
    for row in planter.pick(once, count):
        asked[row[PERSON]][0]["Status"] = "Refused"
        planter.note("onward_referral", row["Contact ID"], "ONR-02", "consent_id", NONE)


def _started_twice(planter: Planter, count: int) -> None:
    """Enter a finished case a second time, under another reference."""
    book = planter.book
    for row in planter.pick(_finished(planter, days=1), count):
        copied = {name: cell for name, cell in row.items() if name not in {DIARY, "Portal Reference"}}
        again = book.add("referrals", copied)
        book.need(again, "SOC.LON", read_day(row["Referral Date"]), primary=True)
        book.plain_contact(again, read_day(row["Start Date"]))["Contact Time"] = "17:55"
        planter.note("service_episode", again[DIARY], "EPI-07", "started_on", NONE)


KINDS: tuple[Kind, ...] = (
    (_started_twice, (0, 2, 0)),
    (_accepted_after_start, (3, 2, 1)),
    (_started_alone, (3, 2, 1)),
    (_never_reviewed, (3, 2, 1)),
    (_too_young, (3, 1, 1)),
    (_award_without_day, (4, 0, 0)),
    (_no_answer, (4, 0, 0)),
    (_without_consent, (4, 0, 0)),
)
