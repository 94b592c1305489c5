"""Which cells give a number away: the others of the sum that leaves it least room, or those with a price."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from feed.disclosure.attack import Attacked
from feed.disclosure.system import implied, tightened

MOST_PRICED = 40
"""So many numbers are asked for prices in one pass; the others wait for the next."""
MOST_STEPS = 3


@dataclass(frozen=True)
class Suspects:
    """A target that is exposed: its kind, the numbers it is made of, and those that give it away."""

    kind: str
    members: list[int]
    others: list[int]


def suspects(attacked: Attacked, width: int) -> Iterator[Suspects]:
    """Yield what gives each exposed target away."""
    beside = _beside(attacked, width) if attacked.by_sums_alone else None
    exposed = attacked.narrow if beside is not None else attacked.narrow[:MOST_PRICED]
    for target in exposed:
        members = attacked.members(int(target))
        others = attacked.pins(int(target)) if beside is None else _around(members, beside)
        yield Suspects(attacked.kind(int(target)), members, others)


def _around(members: list[int], beside: dict[int, list[int]]) -> list[int]:
    """Return the numbers beside these, and beside those of them that are known by other sums in turn."""
    seen = dict.fromkeys(members)
    last = list(members)
    for _ in range(MOST_STEPS):
        last = [other for number in last for other in beside.get(number, []) if other not in seen]
        seen |= dict.fromkeys(last)
    return [number for number in seen if number not in members]


def _beside(attacked: Attacked, width: int) -> dict[int, list[int]]:
    """Return, per number that is not shown, the others of the sums that leave it little room."""
    system = attacked.known.system
    low, high = implied(tightened(system))
    entries = system.rows.tocoo()
    room = np.minimum(system.upper[entries.col], high) - np.maximum(system.lower[entries.col], low)
    rows = pl.DataFrame({"row": entries.row, "number": entries.col, "room": room})
    hidden = attacked.known.numbers.filter("hidden")["number"]
    members = np.unique(attacked.goals.rows[attacked.narrow].indices)
    asked = pl.col("number").is_in(hidden.implode()) | pl.col("number").is_in(members)
    least = pl.col("room").min().over("number")
    tight = rows.filter(asked).filter((pl.col("room") < width) | (pl.col("room") == least))
    found = (
        tight.select("row", "number")
        .join(rows.select("row", other="number"), on="row")
        .filter(pl.col("other") != pl.col("number"))
        .group_by("number", maintain_order=True)
        .agg("other")
    )
    return dict(found.iter_rows())
