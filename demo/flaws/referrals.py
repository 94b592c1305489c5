"""Known flaws of referrals, their needs and their contacts; they hold nothing and change no figure."""

from collections import Counter

from demo.flaws.planting import NONE, Kind, Planter
from demo.words import CARER_REFERRAL, SELF_REFERRAL


def _no_referrer(planter: Planter, count: int) -> None:
    rows = [row for row in planter.referrals() if row["Referrer ID"] and row["Referral Method"] != "Portal"]
    times = Counter(row["Referrer ID"] for row in planter.book.tables["referrals"])
    often = {referrer for referrer, number in times.items() if number > count + 1}
    own = {SELF_REFERRAL, CARER_REFERRAL}
    often_or_few = [row for row in rows if row["Referrer ID"] in often or planter.book.source != "hub"]
    for row in planter.pick([row for row in often_or_few if row["Referrer Type"] not in own], count):
        row["Referrer ID"] = ""
        planter.note("referral", row["Diary Reference Number"], "REF-05", "referrer_org_id", NONE)


def _no_outcome(planter: Planter, count: int) -> None:
    rows = [row for row in planter.referrals() if row["Referral Closure Date"] and not row["Accepted Date"]]
    for row in planter.pick([row for row in rows if not row["Goal Outcome"]], count):
        row["Outcome"] = ""
        planter.note("referral", row["Diary Reference Number"], "REF-10", "closure_reason", NONE)


def _no_need(planter: Planter, count: int) -> None:
    chosen = {row["Diary Reference Number"] for row in planter.pick(planter.referrals(), count)}
    needs = planter.book.tables["needs"]
    needs[:] = [row for row in needs if row["Diary Reference Number"] not in chosen]
    for reference in sorted(chosen):
        planter.note("referral", reference, "REF-15", "need.is_primary", NONE)


def _missed_with_duration(planter: Planter, count: int) -> None:
    missed = [row for row in planter.book.tables["contacts"] if row["Attendance"] == "Did not attend"]
    for row in planter.pick(missed, count):
        row["Duration"] = "30"
        planter.note("contact", row["Contact ID"], "CON-03", "duration_min", NONE)


KINDS: tuple[Kind, ...] = (
    (_no_referrer, (8, 2, 1)),
    (_no_outcome, (8, 0, 0)),
    (_no_need, (8, 2, 1)),
    (_missed_with_duration, (8, 2, 1)),
)
