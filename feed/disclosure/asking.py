"""The attack that the planner asks of its plan, again and again, for the cells that hang together."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from feed.disclosure.attack import Attacked, attacked
from feed.disclosure.between import Between, editions_of
from feed.disclosure.cells import known_of
from feed.disclosure.goals import Sight
from feed.disclosure.knowledge import Ground, Knowledge, sight_of
from feed.disclosure.pieces import Tried
from feed.disclosure.plan import shown_of, with_wholes
from feed.disclosure.profile import Profile
from feed.disclosure.steps import WORDS, Shown, Steps
from feed.disclosure.structure import Structure
from feed.disclosure.suspects import MOST_PRICED
from feed.disclosure.system import Places


class Asking:
    """Cells that no others have anything to do with, and what follows from how each is shown.

    plan:   how each cell is shown by the profile alone.
    counts: what stands in each.
    steps:  what could be told less exactly.
    """

    def __init__(
        self, ground: Ground, each: Sight, cells: pl.DataFrame, editions: list[Sight], profile: Profile
    ) -> None:
        """Take the ground, what is seen of each cell for each word it may bear, the plan, and the past."""
        words = cells["shown"].replace_strict(WORDS, range(len(WORDS)))
        self.plan: Shown = words.to_numpy().astype(np.int8)
        self.counts, self.steps = cells["count"].to_numpy(), Steps(cells, profile)
        self._ground, self._each, self._profile = ground, each, profile
        self._every, self._tried = np.arange(len(cells)), Tried(MOST_PRICED)
        self._between = Between(ground, editions, profile)

    def by_sums(self, shown: Shown) -> Attacked:
        """Return what one sum after the other tells."""
        return attacked(self._knowledge(shown), self._profile, None)

    def fully(self, shown: Shown) -> Attacked:
        """Return all that can be found out."""
        return attacked(self._knowledge(shown), self._profile, self._tried)

    def since_before(self, shown: Shown) -> Iterator[Attacked]:
        """Yield what the difference of this release and each edition before it tells."""
        return self._between.attacked(self._seen(shown))

    def _knowledge(self, shown: Shown) -> Knowledge:
        return self._ground.knowledge(self._seen(shown))

    def _seen(self, shown: Shown) -> Sight:
        return self._each.at(shown, self._every)


def askings(
    plan: pl.DataFrame,
    structure: Structure,
    profile: Profile,
    before: pl.DataFrame | None,
    fits: pl.DataFrame | None,
) -> Iterator[tuple[Places, Asking]]:
    """Yield the places of cells that hang together, whatever is shown of them, and the attack on these.

    Given: how each cell is shown by the profile alone, organisations have no part in it; all that is known
           of earlier releases, and what of it still FITS.
    """
    shapes = plan.join(structure.shape(), on="count_id", how="left", maintain_order="left")
    places = np.flatnonzero(~shapes["organisations"].to_numpy())
    cells = plan[places]
    now = known_of(shown_of(cells, profile), structure, profile)
    about = with_wholes(cells, structure).with_columns(now.select("start", "stop"))
    as_each = [
        sight_of(known_of(shown_of(cells.with_columns(shown=pl.lit(word)), profile), structure, profile))
        for word in WORDS
    ]
    each = Sight(
        np.stack([seen.lower for seen in as_each]),
        np.stack([seen.upper for seen in as_each]),
        np.stack([seen.hidden for seen in as_each]),
    )
    editions = editions_of(before, now)
    for mine, ground in Ground.of(now, fits, structure, profile).families():
        seen, then = each.at(slice(None), mine), [one.at(mine) for one in editions]
        yield places[mine], Asking(ground, seen, about[mine], then, profile)
