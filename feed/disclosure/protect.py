"""The planner: hide what is small, round the rest, and hide more until nothing hidden can be worked out."""

from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from feed.disclosure.attack import Attacked, attacked
from feed.disclosure.cells import KEY, known_of, still_true
from feed.disclosure.knowledge import Ground
from feed.disclosure.pieces import Tried
from feed.disclosure.plan import planned, shown_of
from feed.disclosure.profile import Profile
from feed.disclosure.steps import hide_more
from feed.disclosure.structure import Structure

MOST_PASSES = 200
MOST_TRIES = 100


@dataclass(frozen=True, eq=False)
class Protected:
    """The counts as they may leave, and why each is hidden.

    published: PUBLISHED: what is hidden bears one word, `suppressed`, whether it is small itself or would
               give a small one away; two words would tell which.
    reasons:   the same with `secondary` where a cell is hidden for another's sake, or for the few people
               behind it: for information governance only.
    last:      the attack that found nothing more, or nothing that hiding would help.
    """

    published: pl.DataFrame
    reasons: pl.DataFrame = field(repr=False)
    last: Attacked = field(repr=False)


def protect(
    counts: pl.DataFrame,
    structure: Structure,
    profile: Profile,
    before: pl.DataFrame | None = None,
) -> Protected:
    """Return the counts as they may leave.

    Given:   exact counts (count_id, period, breakdown, category, count, people); what is known of the cells
             of earlier releases.
    """
    plan = planned(counts, structure, profile, before)
    ask = _Asking(plan, structure, profile, None if before is None else still_true(before, counts))
    cells = _hidden_enough(plan, ask)
    cells, last = _hidden_enough_for_all(_shown_again(plan, cells, ask), ask)
    reasons = shown_of(cells, profile)
    published = reasons.with_columns(
        shown=pl.when(pl.col("shown") == "secondary").then(pl.lit("suppressed")).otherwise("shown")
    )
    return Protected(published, reasons, last)


class _Asking:
    """The attack that the planner asks of its plan, again and again."""

    def __init__(
        self, plan: pl.DataFrame, structure: Structure, profile: Profile, before: pl.DataFrame | None
    ) -> None:
        self.structure, self.profile = structure, profile
        self._ground = Ground(self._known(plan), before, structure, profile)
        self._tried = Tried()

    def _known(self, cells: pl.DataFrame) -> pl.DataFrame:
        return known_of(shown_of(cells, self.profile), self.structure, self.profile)

    def by_sums(self, cells: pl.DataFrame) -> Attacked:
        """Return what one sum after the other tells."""
        return attacked(self._ground.knowledge(self._known(cells)), self.profile, None)

    def fully(self, cells: pl.DataFrame) -> Attacked:
        """Return all that can be found out."""
        return attacked(self._ground.knowledge(self._known(cells)), self.profile, self._tried)


def _hidden_enough(cells: pl.DataFrame, ask: _Asking) -> pl.DataFrame:
    """Return the plan with so much hidden that one sum after the other gives nothing away."""
    for _ in range(MOST_PASSES):
        less = hide_more(cells, ask.by_sums(cells), ask.structure, ask.profile)
        if less is None:
            break
        cells = less
    return cells


def _hidden_enough_for_all(cells: pl.DataFrame, ask: _Asking) -> tuple[pl.DataFrame, Attacked]:
    """Return the plan with so much hidden that nothing is given away, and the attack that found nothing."""
    for _ in range(MOST_PASSES):
        last = ask.fully(cells)
        less = hide_more(cells, last, ask.structure, ask.profile)
        if less is None:
            break
        cells = _hidden_enough(less, ask)
    return cells, last


def _shown_again(plan: pl.DataFrame, cells: pl.DataFrame, ask: _Asking) -> pl.DataFrame:
    """Return the plan with what was hidden in vain shown again, the largest numbers first.

    Halves of what is left are tried, and halves of those: of numbers that do not hang together, at once.
    """
    less = cells.with_columns(planned=plan["shown"]).with_row_index("place")
    pieces = less.join(ask.by_sums(cells).pieces(), on=KEY, how="left", maintain_order="left")
    changed = pieces.filter(pl.col("shown") != pl.col("planned")).sort("count", "place", descending=True)
    groups = {
        piece: [places]
        for piece, places in changed.group_by("piece", maintain_order=True).agg("place").iter_rows()
    }
    for _ in range(MOST_TRIES):
        tried = {piece: waiting.pop(0) for piece, waiting in groups.items() if waiting}
        if not tried:
            break
        kept = _planned_again(less, list(chain.from_iterable(tried.values())))
        narrow = ask.by_sums(kept.select(cells.columns)).narrow_cells()
        touched = set(pieces.join(narrow, on=KEY, how="semi")["piece"])
        failed = touched & tried.keys() or (set(tried) if len(narrow) else set())
        for piece in sorted(failed):
            half = len(tried[piece]) // 2
            groups[piece] += [tried[piece][:half], tried[piece][half:]] if half else []
        good = chain.from_iterable(tried[piece] for piece in tried if piece not in failed)
        less = _planned_again(less, list(good))
    return less.select(cells.columns)


def _planned_again(less: pl.DataFrame, places: list[int]) -> pl.DataFrame:
    again = pl.col("place").is_in(pl.Series(places, dtype=pl.UInt32).implode())
    return less.with_columns(shown=pl.when(again).then("planned").otherwise("shown"))
