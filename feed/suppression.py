"""Disclosure control for small counts: what may be shown when few people stand behind a number.

Source:  HES profile of the DPIA: 1 to 7 are hidden, zero is kept, totals of the borough stay exact.
"""

from feed.model import Cell

SMALLEST, LARGEST = 1, 7
STATEMENT = (
    "Totals for the borough are exact. In every breakdown a count of 1 to 7 is shown as *, "
    "zero is shown as 0, and a further count is hidden where the first could otherwise be worked out "
    "from the total."
)


def is_small(count: int) -> bool:
    """Return whether so few people stand behind the count that it is hidden."""
    return SMALLEST <= count <= LARGEST


def hidden_cells(counts: list[int], groups: list[set[int]] | None = None) -> set[int]:
    """Return which cells of a breakdown are hidden, further ones included.

    Given: groups are places whose sum is published elsewhere too; without them only the total is known.
           A group of one is a number that stands on the page already.
    """
    groups = [{*range(len(counts))}] if groups is None else groups
    return {place for group in groups if len(group) > 1 for place in _hidden_in(group, counts)}


def cells(
    counted: list[tuple[str, int]],
    *,
    people: bool = True,
    shares: bool = False,
    groups: list[set[int]] | None = None,
) -> list[Cell]:
    """Return the cells of a breakdown as they may be published.

    Given: `people` is false where the things counted are organisations, which are not hidden.
    """
    counts = [count for _, count in counted]
    hidden = hidden_cells(counts, groups) if people else set()
    total = sum(counts)
    return [
        Cell(label=label, count=None, hidden=True)
        if place in hidden
        else Cell(label=label, count=count, share=whole_percent(count, total) if shares and total else None)
        for place, (label, count) in enumerate(counted)
    ]


def _hidden_in(group: set[int], counts: list[int]) -> set[int]:
    hidden = {place for place in group if is_small(counts[place])}
    for place in sorted((place for place in group if counts[place] > LARGEST), key=counts.__getitem__):
        if _is_safe([counts[i] for i in hidden]):
            break
        hidden.add(place)
    return hidden if _is_safe([counts[i] for i in hidden]) else group


def whole_percent(part: int, whole: int) -> int:
    """Return the share in whole per cent, a half rounded up. Errors: ZeroDivisionError without a whole."""
    return (200 * part + whole) // (2 * whole)


def _is_safe(hidden: list[int]) -> bool:
    """Return whether knowing the total still leaves every hidden count anywhere from 1 to 8 or more."""
    return not hidden or (len(hidden) > 1 and sum(hidden) - (len(hidden) - 1) > LARGEST)
