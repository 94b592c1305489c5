"""What people do to findings: acknowledge, accept until a day, dispute, and answer a dispute."""

import sqlite3
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from common.clock import LONDON
from common.errors import Answer, Failure, ViaductError
from quality.checks import Effect
from quality.effects import concerns_safety
from quality.finding_night import instant, take
from quality.life import ACCEPTABLE_OF_SAFETY, FROM, REASONS, TO, Action, Reason, State

LONGEST_NAME = 80
LONGEST_ACCEPTANCE = timedelta(days=731)
IN_A_NAME = frozenset(" .,'’-_@()&/+")
WITH_A_DAY = frozenset({Action.ACCEPT, Action.UPHOLD})
NAMED = "CREATE TEMP TABLE named (code TEXT PRIMARY KEY)"
FOUND = """
SELECT f.code, f.check_id, f.effect, f.state, f.reason, f.until
FROM named AS n JOIN finding AS f ON f.code = n.code
"""
TELL = """
INSERT INTO event (finding, at, run_id, from_state, to_state, acted_by, reason)
SELECT f.number, :at, '', f.state, :to, :by, :reason FROM named AS n JOIN finding AS f ON f.code = n.code
ORDER BY f.number
"""
DUE_ANEW = """
UPDATE finding SET due = coalesce((SELECT day FROM due WHERE due.severity = finding.severity), '')
WHERE code IN (SELECT code FROM named) AND state IN ('accepted', 'disputed')
"""
ACT = """
UPDATE finding SET state = :to, reason = :reason, acted_by = :by, acted_at = :at, until = :until
WHERE code IN (SELECT code FROM named)
"""


class ActionRefused(ViaductError):
    """What somebody wants to do to a finding lacks a name, a reason of the list, or a day."""

    code = "E911"
    exit_code = 2
    title = "A finding cannot be answered like this."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Correct what is said above and give the answer again."


class Outcome(StrEnum):
    """What an action did to one finding."""

    CHANGED = "changed"
    ALREADY = "already"
    NOT_FROM_HERE = "not_from_here"
    NOT_FOR_THIS_REASON = "not_for_this_reason"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Act:
    """One answer, found to be in order."""

    action: Action
    by: str
    reason: Reason
    at: datetime
    until: str


def require_act(
    action: Action | str, by: str, reason: Reason | str, at: datetime, until: date | str | None
) -> Act:
    """Return the answer. Errors: ActionRefused, which repeats nothing of what was typed."""
    if action not in list(Action):
        raise ActionRefused(f"the action is one of {', '.join(Action)}.", sent="Nothing was changed.")
    kind = Action(action)
    _require_name(by)
    return Act(kind, by, _reason(kind, reason), at, _until(kind, until, at.astimezone(LONDON).date()))


def act_on(
    store: sqlite3.Connection, codes: list[str], act: Act, due: Mapping[str, date]
) -> dict[str, Outcome]:
    """Change the findings with these codes, within the open transaction; return what became of each."""
    take(store, due)
    store.execute(NAMED)
    store.executemany("INSERT INTO named VALUES (?)", [(code,) for code in codes])
    told = {
        code: _outcome(act, (state, reason, until), grave=is_grave(check, effect))
        for code, check, effect, state, reason, until in store.execute(FOUND).fetchall()
    }
    others = [(code,) for code in codes if told.get(code) is not Outcome.CHANGED]
    store.executemany("DELETE FROM named WHERE code = ?", others)
    when = {"to": str(TO[act.action]), "by": act.by, "reason": str(act.reason), "until": act.until}
    when |= instant(act.at)
    store.execute(TELL, when)
    if TO[act.action] is State.OPEN:
        store.execute(DUE_ANEW)
    store.execute(ACT, when)
    return told


def is_grave(check: str, effect: str) -> bool:
    """Return whether somebody's safety may hang on it or its record is held: not to be left as not known."""
    return effect == Effect.HOLD_RECORD or concerns_safety(check)


def _outcome(act: Act, stands: tuple[str, str, str], *, grave: bool) -> Outcome:
    if stands == (TO[act.action], act.reason, act.until):
        return Outcome.ALREADY
    if grave and act.action is Action.ACCEPT and act.reason not in ACCEPTABLE_OF_SAFETY:
        return Outcome.NOT_FOR_THIS_REASON
    return Outcome.CHANGED if State(stands[0]) in FROM[act.action] else Outcome.NOT_FROM_HERE


def _require_name(by: str) -> None:
    if not by.strip() or len(by) > LONGEST_NAME or not all(map(_may_stand_in_a_name, by)):
        raise ActionRefused(
            f"who answers is named in 1 to {LONGEST_NAME} letters, digits, spaces and . , ' - _ @ ( ) & / +",
            sent="Nothing was changed.",
        )


def _may_stand_in_a_name(letter: str) -> bool:
    return letter in IN_A_NAME or unicodedata.category(letter)[0] in "LMN"


def _reason(action: Action, reason: Reason | str) -> Reason:
    """Return the reason, of those that the action has; the only one need not be said."""
    may = REASONS[action]
    if reason == Reason.NONE and len(may) == 1:
        return may[0]
    if reason in may:
        return Reason(reason)
    words = ", ".join(word for word in may if word)
    text = f"the reason is one of {words}." if words else f"{action} takes no reason."
    raise ActionRefused(text, sent="Nothing was changed.")


def _until(action: Action, until: date | str | None, today: date) -> str:
    """Return the last day of an acceptance as text, "" for what has none."""
    if action not in WITH_A_DAY:
        if until:
            raise ActionRefused(f"{action} takes no day.", sent="Nothing was changed.")
        return ""
    day = _day(until)
    latest = today + LONGEST_ACCEPTANCE
    if day is None or not today <= day <= latest:
        text = f"{action} needs a last day, as YYYY-MM-DD, from {today} to {latest}."
        raise ActionRefused(text, sent="Nothing was changed.")
    return day.isoformat()


def _day(until: date | str | None) -> date | None:
    if not isinstance(until, str):
        return until
    try:
        return date.fromisoformat(until) if len(until) == 10 else None
    except ValueError:
        return None
