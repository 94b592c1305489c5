"""Checks of wellbeing forms."""

from collections.abc import Callable

import polars as pl

from quality.facts import Asked, Records, Verdict

ITEMS = tuple(f"item_{number:02}" for number in range(1, 15))
SHORT_ITEMS = tuple(f"item_{number:02}" for number in (1, 2, 3, 6, 7, 9, 11))
ITEMS_OF = {"WEMWBS": ITEMS, "SWEMWBS": SHORT_ITEMS}


def total_wrong(records: Records) -> Verdict:
    """OUT-02: the form is complete, but its total is not the sum of its answers."""
    return _by_tool(lambda items: _incomplete(records, items).not_() & _differs(records, items))


def incomplete_with_total(records: Records) -> Verdict:
    """OUT-03: answers are missing, but there is a total."""
    return _by_tool(lambda items: _incomplete(records, items) & ~records.blank("raw_total"))


def _by_tool(asked: Callable[[tuple[str, ...]], pl.Expr]) -> pl.Expr:
    long, short = (pl.when(pl.col("tool") == tool).then(asked(items)) for tool, items in ITEMS_OF.items())
    return pl.coalesce(long, short)


def _incomplete(records: Records, items: tuple[str, ...]) -> pl.Expr:
    """Return whether an answer was left out; unknown where all gaps are answers not readable."""
    gaps = pl.sum_horizontal(pl.col(item).is_null() for item in items)
    unread = records.unreadable_bits(*items).bitwise_count_ones()
    return pl.when(gaps > unread).then(True).when(gaps == 0).then(False)


def _differs(records: Records, items: tuple[str, ...]) -> pl.Expr:
    differs = pl.col("raw_total") != pl.sum_horizontal(items, ignore_nulls=False)
    return ~records.blank("raw_total") & differs


VERDICTS: dict[str, Asked] = {
    "OUT-02": total_wrong,
    "OUT-03": incomplete_with_total,
}
