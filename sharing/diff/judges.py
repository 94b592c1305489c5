"""How one kind of statement is judged: given what stood there before and what stands there now."""

from collections.abc import Callable, Sequence
from typing import Any

from sharing.diff.change import Effect
from sharing.diff.reach import reaches
from sharing.document import days_of
from sharing.vocabulary import Action

Judge = Callable[[Any, Any], Effect]
WIDENS, NARROWS, NEITHER = Effect.WIDENS, Effect.NARROWS, Effect.NEITHER


def of(more: bool, less: bool) -> Effect:
    """Return the effect of a change that may let more out, less, or (both) more to some."""
    return WIDENS if more else NARROWS if less else NEITHER


def prose(_before: Any, _after: Any) -> Effect:
    """Judge words that explain: nothing hangs on them."""
    return NEITHER


def longer_widens(before: Any, after: Any) -> Effect:
    """Judge a period; what is not there is without end."""
    was, now = (float("inf") if said is None else days_of(said) for said in (before, after))
    return of(now > was, now < was)


def shorter_widens(before: Any, after: Any) -> Effect:
    """Judge a period between two occasions."""
    return longer_widens(after, before)


def more_widens(before: Any, after: Any) -> Effect:
    """Judge a number or a day; what is not there is without limit."""
    if before is None or after is None:
        return of(after is None, before is None)
    return of(after > before, after < before)


def less_widens(before: Any, after: Any) -> Effect:
    """Judge a number or a day from which on something is allowed."""
    return more_widens(after, before)


def added_widens(before: Any, after: Any) -> Effect:
    """Judge a list of what is allowed."""
    was, now = frozenset(before or ()), frozenset(after or ())
    return of(bool(now - was), bool(was - now))


def removed_widens(before: Any, after: Any) -> Effect:
    """Judge a list of what is forbidden, or guarded."""
    return added_widens(after, before)


def less_hidden_widens(before: Any, after: Any) -> Effect:
    """Judge the counts that are hidden, from the smallest to the largest."""
    was, now = (max(said or (0,)) for said in (before, after))
    return of(now < was, now > was)


def fewer_flows_widen(before: Any, after: Any) -> Effect:
    """Judge the flows that a guard holds for; where none is named, it holds for all."""
    if before is None or after is None:
        return of(after is not None, before is not None)
    return removed_widens(before, after)


def true_widens(before: Any, after: Any) -> Effect:
    """Judge a permission, given or not."""
    return of(bool(after) and not before, bool(before) and not after)


def false_widens(before: Any, after: Any) -> Effect:
    """Judge a guard, on or off."""
    return true_widens(after, before)


def only(word: str, judge: Judge) -> Judge:
    """Return a judge of one word against all others, as of a permission or a guard."""
    return lambda before, after: judge(before == word, after == word)


def later_in_list_widens(words: Sequence[str]) -> Judge:
    """Return a judge of words in the order from the strictest on; one that is not among them widens."""

    def judge(before: Any, after: Any) -> Effect:
        if before not in words or after not in words:
            return WIDENS
        return of(words.index(after) > words.index(before), words.index(after) < words.index(before))

    return judge


def shown(before: Any, after: Any) -> Effect:
    """Judge what a recipient sees of a field: nothing, a pseudonym, a coarser value, the value."""
    was, now = ((said or {}).get("action", Action.DROP.value) for said in (before, after))
    if was == now:
        return of((before or {}).get("to") != (after or {}).get("to"), less=False)
    one, other = Action(was).precision, Action(now).precision
    return of(other > one, other < one)


def who_is_shared(before: Any, after: Any) -> Effect:
    """Judge whom a flow takes; what cannot be answered takes nobody. Too many cases widen."""
    found = reaches(before, after, unknown_is_met=False)
    return WIDENS if found is None else of(*found)


def who_is_guarded(before: Any, after: Any) -> Effect:
    """Judge whom a rule guards; what cannot be answered guards. Too many cases widen."""
    found = reaches(before, after, unknown_is_met=True)
    return WIDENS if found is None else of(found[1], found[0])
