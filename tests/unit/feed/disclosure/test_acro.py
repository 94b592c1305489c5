"""What acro hides of a table we hide: its answers, recorded from version 1.0.2 in an environment of its own.

With a threshold of 8 and zeros allowed, its `crosstab(suppress=True)` made of the rows behind COUNTED what
stands in KEPT. acro takes the rows of a small cell away and counts again, so that a hidden cell reads 0.
"""

import polars as pl

from feed.counting import COUNTS
from feed.disclosure.plan import planned
from feed.disclosure.structure import CountShape, Structure
from tests.unit.feed.disclosure.made_tables import APRIL, HES

COUNTED = """
 1 20  0  0 12
 8  5  7  0  5
40  0  0 40  7
12  8 20  0  5
 2  0 20  1 20
40 12  9  7  8
 8 40  1 40  1
 8  7  2 20 12
"""
KEPT = """
 0 20  0  0 12
 8  0  0  0  0
40  0  0 40  0
12  8 20  0  0
 0  0 20  0 20
40 12  9  0  8
 8 40  0 40  0
 8  0  0 20 12
"""


def numbers(text: str) -> list[int]:
    """Return the numbers of a table, row by row."""
    return [int(word) for word in text.split()]


def test_what_acro_hides_of_a_table_is_what_we_hide_at_first() -> None:
    """Cell by cell; what further is hidden, acro does not look at."""
    counted, kept = numbers(COUNTED), numbers(KEPT)
    rows = [("seen", APRIL, "ward", str(place), n, n) for place, n in enumerate(counted)]
    plan = planned(pl.DataFrame(rows, schema=COUNTS, orient="row"), Structure((CountShape("seen"),)), HES)
    ours = [shown == "suppressed" for shown in plan["shown"]]
    assert ours == [before != after for before, after in zip(counted, kept, strict=True)]
