"""A notice to a provider that there is something to mend: counts, ages and where its worklist lies.

No reference of a record stands in it, nor anything else about a person: mail is read on every screen.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from quality.asked import WeekList
from reports.worklist_lines import Line
from reports.worklist_words import days, working_time

NAME_BYTES = 16
HELD = "hold_record"
MENDED = "What you mend closes by itself after the next night. What you will not, or cannot, mend"
IN_A_WORKBOOK = "you can answer in the workbook: see its sheet How to answer."
IN_A_CSV = "you can answer in the last three columns of the CSV file."
WITHOUT_ONE = "you can tell the council's data team."
NOBODY = "Please send no details of people by mail."


@dataclass(frozen=True)
class Addressed:
    """Whom a notice is for, where the worklist lies in words, and how rarely notices come.

    forms: the spreadsheets that the provider gets to answer in.
    """

    site: str
    provider: str
    name: str
    where: str
    rest_days: int
    forms: tuple[str, ...] = ("xlsx", "csv")


@dataclass(frozen=True)
class Notice:
    """One notice. name: the same whenever it is sent; new and overdue: the codes of what it tells of."""

    name: str
    heading: str
    text: str
    new: tuple[str, ...]
    overdue: tuple[str, ...]


def notice_of(to: Addressed, week: WeekList, listed: Sequence[Line], today: date) -> Notice | None:
    """Return what the provider is to be told; None where nothing is new: what it was told stands.

    Given: what still stands on the list of this week.
    """
    by_code = {one.code: one for one in week.asked}
    there = [line for line in listed if line.finding.code in by_code]
    new = [line for line in there if not by_code[line.finding.code].told]
    late = [line for line in there if line.overdue_days and not by_code[line.finding.code].overdue_told]
    if not new and not late:
        return None
    codes = _codes(new), _codes(late)
    heading = f"Records to mend: {_news(len(new), len(late))} ({to.site})"
    name = _name(to, week.day, *codes)
    return Notice(name, heading, _text(to, there, len(new), len(late), today), *codes)


def _codes(lines: Collection[Line]) -> tuple[str, ...]:
    return tuple(sorted(line.finding.code for line in lines))


def _name(to: Addressed, day: date, new: tuple[str, ...], overdue: tuple[str, ...]) -> str:
    said = "\n".join([to.site, to.provider, day.isoformat(), "new", *new, "overdue", *overdue])
    return hashlib.blake2b(said.encode(), digest_size=NAME_BYTES).hexdigest()


def _news(new: int, late: int) -> str:
    told = ((new, "new"), (late, "newly overdue"))
    return ", ".join(f"{number:,} {what}" for number, what in told if number)


def _text(to: Addressed, there: Sequence[Line], new: int, late: int, today: date) -> str:
    held = sum(line.finding.effect == HELD for line in there)
    overdue = sum(line.overdue_days > 0 for line in there)
    oldest = max(line.age_days for line in there)
    minutes = sum(line.minutes for line in there)
    paragraphs = [
        f"To {to.name}, {today.day} {today:%B %Y}",
        f"On your list of records to mend: {_entries(len(there))}. Since we last wrote: {_news(new, late)}.",
        " ".join(
            said
            for said in (
                f"Records held back until they are mended: {held:,}." if held else "",
                f"Overdue in all: {overdue:,}." if overdue else "",
                f"The oldest has been open for {days(oldest)}." if oldest else "",
                f"Mending all of it takes {working_time(minutes)}, by our estimate." if minutes else "",
            )
            if said
        ),
        to.where,
        f"{MENDED} {_answered_in(to.forms)}",
        f"You are written to when something is new or overdue, at most every {days(to.rest_days)}. {NOBODY}",
    ]
    return "\n\n".join(one for one in paragraphs if one) + "\n"


def _answered_in(forms: Collection[str]) -> str:
    """Return how to answer with what the provider was handed."""
    if "xlsx" in forms:
        return IN_A_WORKBOOK
    return IN_A_CSV if "csv" in forms else WITHOUT_ONE


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number:,} entries"
