"""Checks of the answers and the total of a wellbeing form."""

from collections.abc import Callable, Sequence

import polars as pl

from quality.questions import Asked, Question, of_fields
from quality.records import Records

ITEMS = tuple(f"item_{number:02}" for number in range(1, 15))
SHORT_ITEMS = tuple(f"item_{number:02}" for number in (1, 2, 3, 6, 7, 9, 11))
ITEMS_OF = {"WEMWBS": ITEMS, "SWEMWBS": SHORT_ITEMS}
LOWEST, HIGHEST = 1, 5


def answer_out_of_range(_: Records) -> Question:
    """OUT-01: an answer is not one of the five."""
    wrong = {item: ~pl.col(item).is_between(LOWEST, HIGHEST).fill_null(value=True) for item in ITEMS}
    return of_fields(_some_answer(), wrong)


def _some_answer() -> pl.Expr:
    return pl.any_horizontal(*(pl.col(item).is_not_null() for item in ITEMS))


def total_wrong(records: Records) -> Question:
    """OUT-02: the form is complete, but its total is not the sum of its answers."""
    complete = _by_tool(lambda items: ~_incomplete(records, items))
    differs = _by_tool(lambda items: pl.col("raw_total") != pl.sum_horizontal(items, ignore_nulls=False))
    return Question(complete & ~records.blank("raw_total"), differs)


def incomplete_with_total(records: Records) -> Question:
    """OUT-03: some answers are missing, but there is a total."""
    begun = _some_answer() | records.unreadable(*ITEMS)
    return Question(begun & ~records.blank("raw_total"), _by_tool(lambda items: _incomplete(records, items)))


def total_impossible(records: Records) -> Question:
    """OUT-04: only the total was kept, and it is none that the form can have."""
    alone = pl.col("raw_total").is_not_null() & ~(_some_answer() | records.unreadable(*ITEMS))
    total = pl.col("raw_total")
    outside = _by_tool(lambda items: ~total.is_between(len(items) * LOWEST, len(items) * HIGHEST))
    unread = records.unreadable("raw_total")
    return Question(alone | unread, unread | outside)


def all_answers_alike(records: Records) -> Question:
    """OUT-08: the form is complete, and every answer is the same."""
    complete = _by_tool(lambda items: ~_incomplete(records, items))
    return Question(complete, _by_tool(lambda items: pl.min_horizontal(items) == pl.max_horizontal(items)))


def _by_tool(asked: Callable[[Sequence[str]], pl.Expr]) -> pl.Expr:
    """Return the answer for the items of each record's own form; unknown where the form is not known."""
    long, short = (pl.when(pl.col("tool") == tool).then(asked(items)) for tool, items in ITEMS_OF.items())
    return pl.coalesce(long, short)


def _incomplete(records: Records, items: Sequence[str]) -> pl.Expr:
    """Return whether an answer was left out; unknown where all gaps are answers not readable."""
    gaps = pl.sum_horizontal(pl.col(item).is_null() for item in items)
    unread = records.unreadable_bits(*items).bitwise_count_ones()
    return pl.when(gaps > unread).then(statement=True).when(gaps == 0).then(statement=False)


VERDICTS: dict[str, Asked] = {
    "OUT-01": answer_out_of_range,
    "OUT-02": total_wrong,
    "OUT-03": incomplete_with_total,
    "OUT-04": total_impossible,
    "OUT-08": all_answers_alike,
}
