"""Known flaws of people: dates, numbers, names. They hold nothing and change no figure."""

from datetime import date, timedelta

from demo.book import Table
from demo.dates import day_text, read_day
from demo.flaws.planting import BLANK, DIARY, NONE, PERSON, Kind, Planter

PLACEHOLDERS = tuple(str(digit) * 10 for digit in range(1, 10))
PLACEHOLDER_NAMES = (("Forename", "Test"), ("Surname", "TBC"), ("Forename", "xxx"), ("Surname", "x"))
NAMED = {"Forename": "given_name", "Surname": "family_name"}
SENT_AWAY = {"Refer on", "Signpost"}


def _unhelped(planter: Planter) -> Table:
    """Return people who were only sent on, and who say nothing of work: no check asks about their age."""
    helped = {
        row[PERSON]
        for row in planter.book.tables["referrals"]
        if row["Triage Outcome"] not in SENT_AWAY or row["Accepted Date"]
    }
    return [
        row
        for row in planter.people()
        if row[PERSON] not in helped and "Paid" not in row["Employment Status"]
    ]


def _first_referral(planter: Planter) -> dict[str, date]:
    first: dict[str, date] = {}
    for row in planter.book.tables["referrals"]:
        first.setdefault(row[PERSON], read_day(row["Referral Date"]))
    return first


def _born_later(planter: Planter, count: int) -> None:
    first = _first_referral(planter)
    early = [row for row in _unhelped(planter) if first[row[PERSON]].month < 10]
    for row in planter.pick(early, count):
        row["Date of Birth"] = day_text(first[row[PERSON]] + timedelta(days=planter.draw.randint(5, 50)))
        row["Employment Status"] = ""
        planter.note("person", row[PERSON], "PER-01", "birth_date", NONE)


def _impossible_birth(planter: Planter, count: int) -> None:
    future = planter.extracted_at.date() + timedelta(days=200)
    for turn, row in enumerate(planter.pick(_unhelped(planter), count)):
        row["Date of Birth"] = day_text(future) if turn % 2 else f"{10 + turn}/05/1890"
        row["Employment Status"] = ""
        planter.note("person", row[PERSON], "PER-02", "birth_date", BLANK)


def _default_birth(planter: Planter, count: int) -> None:
    first = _first_referral(planter)
    for turn, row in enumerate(planter.pick(_unhelped(planter), count)):
        row["Date of Birth"] = day_text(first[row[PERSON]]) if turn % 2 else "01/01/1970"
        row["Employment Status"] = ""
        planter.note("person", row[PERSON], "PER-03", "birth_date", NONE)


def _no_birth_date(planter: Planter, count: int) -> None:
    for row in planter.pick(planter.people(), count):
        row["Date of Birth"] = ""
        planter.note("person", row[PERSON], "PER-04", "birth_date", NONE)


def _wrong_check_digit(planter: Planter, count: int) -> None:
    numbered = [row for row in planter.people() if row["NHS Number"]]
    for turn, row in enumerate(planter.pick(numbered, count)):
        number = row["NHS Number"].replace(" ", "")
        row["NHS Number"] = number[:9] if turn % 4 == 3 else f"{number[:9]}{(int(number[9]) + 1) % 10}"
        planter.note("person", row[PERSON], "PER-05", "nhs_number", BLANK)


def _placeholder_number(planter: Planter, count: int) -> None:
    for row, number in zip(planter.pick(planter.people(), count), PLACEHOLDERS[::-1], strict=False):
        row.update({"NHS Number": number, "NHS Number Status": ""})
        planter.note("person", row[PERSON], "PER-06", "nhs_number", BLANK)


def _status_denied(planter: Planter, count: int) -> None:
    for row in planter.pick(planter.people(), count):
        with_number = "Number not present and trace not required"
        row["NHS Number Status"] = with_number if row["NHS Number"] else "Number present and verified"
        planter.note("person", row[PERSON], "PER-08", "nhs_number_status", NONE)


def _seen_after_death(planter: Planter, count: int) -> None:
    """Let people die between their referral and a day on which somebody met them."""
    met = {row[DIARY]: row for row in planter.book.tables["contacts"] if row["Attendance"] == "Attended"}
    gaps = {}
    for row in planter.only_referrals():
        received = read_day(row["Referral Date"])
        seen = read_day(met[row[DIARY]]["Contact Date"]) if row[DIARY] in met else received
        if (seen - received).days > 3:
            gaps[row[PERSON]] = received + timedelta(days=1)
    for row in planter.pick([row for row in planter.people() if row[PERSON] in gaps], count):
        row["Date of Death"] = day_text(gaps[row[PERSON]])
        planter.note("person", row[PERSON], "PER-11", "death_date", NONE)


def _placeholder_name(planter: Planter, count: int) -> None:
    for turn, row in enumerate(planter.pick(planter.people(), count)):
        column, word = PLACEHOLDER_NAMES[turn % len(PLACEHOLDER_NAMES)]
        row[column] = word
        planter.note("person", row[PERSON], "PER-13", NAMED[column], NONE)


KINDS: tuple[Kind, ...] = (
    (_no_birth_date, (8, 2, 1)),
    (_wrong_check_digit, (8, 2, 1)),
    (_placeholder_number, (8, 2, 1)),
    (_born_later, (4, 0, 0)),
    (_impossible_birth, (4, 0, 0)),
    (_default_birth, (4, 0, 0)),
    (_status_denied, (4, 2, 1)),
    (_seen_after_death, (3, 2, 1)),
    (_placeholder_name, (4, 2, 1)),
)
