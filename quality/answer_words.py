"""The words of an answer: what a provider writes beside a finding, as people and spreadsheets write it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from quality.life import ACCEPTABLE, ACCEPTABLE_OF_SAFETY, DISPUTABLE, REASONS, Action, Reason

COLUMNS = ("answer", "reason", "until")
LONGEST = timedelta(days=366)
ANSWERS = {
    "acknowledge": Action.ACKNOWLEDGE,
    "acknowledged": Action.ACKNOWLEDGE,
    "accept": Action.ACCEPT,
    "accepted": Action.ACCEPT,
    "dispute": Action.DISPUTE,
    "disputed": Action.DISPUTE,
}
MIDNIGHT = r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){MIDNIGHT}")
DAY_FIRST = re.compile(rf"(\d{{1,2}})[/.](\d{{1,2}})[/.](\d{{4}}|\d{{2}}){MIDNIGHT}")
MONTH_IN_LETTERS = re.compile(r"(\d{1,2})[- ]([a-z]{3})[a-z]{0,6}[- ](\d{4}|\d{2})", re.IGNORECASE)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CENTURY = 2000
REASONS_SAID = (
    f"accept takes {', '.join(ACCEPTABLE)}; dispute takes {', '.join(DISPUTABLE)}; acknowledge none"
)


class Fault(StrEnum):
    """Why a line is not taken."""

    NO_CODE = "finding: it holds no code of a finding."
    UNKNOWN = "finding: there is none of this code."
    OF_ANOTHER = "finding: it is another provider's."
    OVER = "finding: it is closed or withdrawn, so nothing is left to answer."
    NOT_FROM_HERE = "finding: as it stands now it cannot be answered like this."
    CONTRADICTED = "finding: two lines answer it, each in its own way."
    ANSWER = "answer: write acknowledge, accept or dispute, or leave it empty."
    NO_ANSWER = "answer: it is empty, but a reason or a day is given."
    NO_REASON = f"reason: this answer needs one; {REASONS_SAID}."
    REASON = f"reason: it is none of the words that go with this answer; {REASONS_SAID}."
    GRAVE = (
        "reason: safety may hang on this, or the record is held back: it may be accepted as "
        f"{', '.join(ACCEPTABLE_OF_SAFETY)} alone."
    )
    NO_DAY = "until: this answer needs its last day, written as YYYY-MM-DD."
    DAY = "until: this is no day; write it as YYYY-MM-DD."
    DAY_PAST = "until: the day is past."
    DAY_FAR = "until: the day is more than a year ahead."
    DAY_TOO_MUCH = "until: this answer has no last day."


@dataclass(frozen=True)
class Said:
    """One answer that is in order. until: the last day of an acceptance, else empty."""

    action: Action
    reason: Reason
    until: str


def read_answer(cells: Mapping[str, str], today: date) -> Said | Fault | None:
    """Return what a line answers, or why it cannot be taken; None where nothing is answered."""
    answer, reason, until = (cells.get(name, "").strip() for name in COLUMNS)
    if not (answer or reason or until):
        return None
    if not answer:
        return Fault.NO_ANSWER
    action = ANSWERS.get(answer.casefold())
    if action is None:
        return Fault.ANSWER
    why = _reason(action, reason)
    if isinstance(why, Fault):
        return why
    day = _until(action, until, today)
    return day if isinstance(day, Fault) else Said(action, why, day)


def day_of(text: str) -> date | None:
    """Return the day that is written there: year first, or day first as in Britain; None if it is none."""
    if found := YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
    elif (found := MONTH_IN_LETTERS.fullmatch(text)) and found[2].casefold() in MONTHS:
        day, month, year = int(found[1]), MONTHS.index(found[2].casefold()) + 1, int(found[3])
    else:
        return None
    try:
        return date(year if year >= 100 else CENTURY + year, month, day)
    except ValueError:
        return None


def _reason(action: Action, said: str) -> Reason | Fault:
    """Return the reason; where an action has only one it need not be said."""
    may = REASONS[action]
    word = re.sub(r"[\s,-]+", "_", said.casefold()).strip("_")
    if not word:
        return may[0] if len(may) == 1 else Fault.NO_REASON
    return Reason(word) if word in may else Fault.REASON


def _until(action: Action, said: str, today: date) -> str | Fault:
    if action is not Action.ACCEPT:
        return Fault.DAY_TOO_MUCH if said else ""
    if not said:
        return Fault.NO_DAY
    day = day_of(said)
    if day is None:
        return Fault.DAY
    if day < today:
        return Fault.DAY_PAST
    return Fault.DAY_FAR if day > today + LONGEST else day.isoformat()
