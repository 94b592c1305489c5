"""What the difference of two editions tells: by how few a number moved, as far as all their sums tell.

An attacker with both takes it that records were added and none taken away, as is mostly so: then no number
moved by more than its total did. Where that cannot be, and for what may grow less, nothing is taken for sure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import sparse

from feed.disclosure.attack import Attacked
from feed.disclosure.cells import KEY, TABLE
from feed.disclosure.goals import Secrets, Sight, Targets
from feed.disclosure.knowledge import Ground, Knowledge
from feed.disclosure.linear import Ranges, ranges
from feed.disclosure.pieces import Tried
from feed.disclosure.profile import Profile
from feed.disclosure.system import Floats, System, Truths, tightened


def editions_of(before: pl.DataFrame | None, now: pl.DataFrame) -> list[Sight]:
    """Return what each edition that is remembered told of the cells of this release.

    Returns: each edition once, in the order of the cells. A category that did not stand in a table of it had
             none there; of a table that it did not have, nothing is known.
    """
    if before is None or "release" not in before.columns:
        return []
    keys = now.select(KEY)
    found: dict[bytes, Sight] = {}
    for _, edition in before.group_by("release", maintain_order=True):
        then = keys.join(
            edition.select(*KEY, "lower", "upper", "hidden"), on=KEY, how="left", maintain_order="left"
        )
        if then["lower"].is_not_null().any():
            tables = edition.select(TABLE).unique().with_columns(none=pl.lit(0.0))
            none = keys.join(tables, on=TABLE, how="left", maintain_order="left")["none"]
            seen = Sight(
                then["lower"].fill_null(0.0).to_numpy().astype(np.float64),
                then["upper"].fill_null(none).fill_null(float("inf")).to_numpy().astype(np.float64),
                then["hidden"].fill_null(none.is_null()).to_numpy(),
            )
            found[b"".join(end.tobytes() for end in seen)] = seen
    return list(found.values())


class Between:
    """The editions that readers have, and what the difference of each and this release tells."""

    def __init__(self, ground: Ground, editions: list[Sight], profile: Profile) -> None:
        """Take the cells of this release, how they add up, and what each edition told of them."""
        self._sums, self._width = ground.sums, profile.least_width
        self._cells = pl.concat([ground.cells, ground.cells.with_columns(old=pl.lit(value=True))])
        same = np.flatnonzero(ground.sums.at_least == ground.sums.at_most)
        self._equal = ground.sums.part(np.arange(ground.sums.size), same)
        self._grows = ~ground.cells["at_the_end"].to_numpy()
        self._secrets = _of_movement(ground.secrets, profile)
        self._tried = Tried()
        self._then = [self._edition(then) for then in editions]

    def attacked(self, now: Sight) -> Iterator[Attacked]:
        """Yield what is learned of the numbers that moved by few, where the cells are seen so.

        Yields: nothing of an edition that gives nothing away.
        """
        if not self._then:
            return
        latest = self._edition(now)
        for then in self._then:
            low, high = latest.known.lower - then.known.upper, latest.known.upper - then.known.lower
            if np.any(low > 0) or np.any(high < 0):
                yield from self._since(latest, then, low, high)

    def _since(self, latest: "_Edition", then: "_Edition", low: Floats, high: Floats) -> Iterator[Attacked]:
        """Yield what is learned of the numbers that moved up, and of those that moved down."""
        hidden = latest.hidden | then.hidden
        grows = self._grows & (high >= 0)
        more, told = self._found(np.where(grows, np.maximum(low, 0.0), low), high, hidden)
        if not told.possible:
            grows = np.zeros_like(grows)
            more, told = self._found(low, high, hidden)
        less, taken = self._found(-high, -low, hidden)
        if told.possible and told.narrow.any():
            yield self._explained((latest, then), grows, more, told)
        if taken.possible and taken.narrow.any():
            yield self._explained((latest, then), np.zeros_like(grows), _other_way(less), taken)

    def _edition(self, seen: Sight) -> "_Edition":
        beyond = self._sums.size - len(seen.lower)
        lower = np.concatenate([seen.lower, np.zeros(beyond)])
        upper = np.concatenate([seen.upper, np.full(beyond, np.inf)])
        told = replace(self._sums, lower=lower, upper=upper)
        known = tightened(told)
        hidden = np.concatenate([seen.hidden, np.ones(beyond, dtype=bool)])
        return _Edition(told, told if np.any(known.lower > known.upper) else known, hidden)

    def _found(self, low: Floats, high: Floats, hidden: Truths) -> tuple[Targets, Ranges]:
        """Return what may not be learned of how far the numbers moved, between what they did, and what is."""
        targets = self._secrets.targets(Sight(low, high, hidden))
        system = replace(self._equal, lower=low, upper=high)
        return targets, ranges(system, targets.goals, self._width, self._tried)

    def _explained(
        self, editions: tuple["_Edition", "_Edition"], grows: Truths, targets: Targets, found: Ranges
    ) -> Attacked:
        """Return what was found, over the numbers of both editions: what gives it away can then be asked."""
        now, then = editions
        one, grown = self._sums, np.flatnonzero(grows)
        each = sparse.eye_array(one.size).tocsr()[grown]
        system = System(
            np.concatenate([now.told.lower, then.told.lower]),
            np.concatenate([now.told.upper, then.told.upper]),
            sparse.vstack([sparse.block_diag([one.rows, one.rows]), sparse.hstack([each, -each])]).tocsr(),
            np.concatenate([one.at_least, one.at_least, np.zeros(len(grown))]),
            np.concatenate([one.at_most, one.at_most, np.full(len(grown), np.inf)]),
        )
        rows = sparse.csr_array(sparse.hstack([targets.goals.rows, -targets.goals.rows]))
        moved = replace(targets, goals=targets.goals._replace(rows=rows))
        hidden = np.concatenate([now.hidden, then.hidden])
        return Attacked(Knowledge(self._cells, system, hidden, moved), found)


@dataclass(frozen=True, eq=False)
class _Edition:
    """One edition by itself: what it says, what one sum after the other makes of that, and what it hides."""

    told: System
    known: System
    hidden: Truths


def _other_way(targets: Targets) -> Targets:
    return replace(targets, goals=targets.goals._replace(rows=-targets.goals.rows))


def _of_movement(secrets: Secrets, profile: Profile) -> Secrets:
    """Return what nobody may learn of how far the numbers moved: few, but not none."""
    return replace(
        secrets,
        smallest=np.ones_like(secrets.smallest),
        largest=np.full_like(secrets.largest, profile.suppress_to),
        least=np.ones_like(secrets.least),
    )
