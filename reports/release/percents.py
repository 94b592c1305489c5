"""Percentages in words: 100 is told of all alone, and 0 of none alone."""

from feed.shares import OFF_BY

ALL, NONE = 100.0, 0.0


def percent(value: float, part: int | None, whole: int | None, *, rounded: bool) -> str:
    """Return a percentage as people read it.

    Given: the counts that it was worked out from, where they are told, and whether they were rounded: of
           rounded counts, 20 of 20 may be 18 of 22.
    """
    if part is None or whole is None:
        return f"{value:g}%"
    if value == NONE and part > 0:
        return "under 1%"
    if value != ALL or (part == whole and not rounded):
        return f"{value:g}%"
    least = part - OFF_BY if rounded else part
    most = whole + OFF_BY if rounded else whole
    return "over 99%" if 100 * least > 99 * most else "about 100%"


def exactly(value: float, part: int | None, whole: int | None) -> float:
    """Return a percentage that looks like all or none, and is not, as what it is; any other as it stands."""
    if part is None or not whole or value not in (ALL, NONE):
        return value
    return 100 * part / whole


def shortly(words: str) -> str:
    """Return a percentage as it stands over a narrow column: >99%."""
    for long, short in (("over ", ">"), ("under ", "<"), ("about ", "~")):
        words = words.replace(long, short)
    return words
