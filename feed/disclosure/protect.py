"""The planner: hide what is small, round the rest, and hide more until nothing hidden can be worked out."""

from dataclasses import dataclass, field

import polars as pl

from feed.disclosure.attack import Attacked, attack
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
    plan = planned(counts, structure, profile)
    ask = _Asking(structure, profile, before)
    cells = _hidden_enough(plan, ask)
    cells, last = _hidden_enough_for_all(_shown_again(plan, cells, ask), ask)
    reasons = shown_of(cells, profile)
    published = reasons.with_columns(
        shown=pl.when(pl.col("shown") == "secondary").then(pl.lit("suppressed")).otherwise("shown")
    )
    return Protected(published, reasons, last)


class _Asking:
    """The attack that the planner asks of its plan, again and again."""

    def __init__(self, structure: Structure, profile: Profile, before: pl.DataFrame | None) -> None:
        self.structure, self.profile, self._before = structure, profile, before
        self._tried = Tried()

    def by_sums(self, cells: pl.DataFrame) -> Attacked:
        """Return what one sum after the other tells."""
        return attack(shown_of(cells, self.profile), self.structure, self.profile, self._before)

    def fully(self, cells: pl.DataFrame) -> Attacked:
        """Return all that can be found out."""
        shown = shown_of(cells, self.profile)
        return attack(shown, self.structure, self.profile, self._before, self._tried)


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

    Halves of what is left are tried, and halves of those.
    """
    less = cells.with_columns(planned=plan["shown"]).with_row_index("place")
    changed = less.filter(pl.col("shown") != pl.col("planned")).sort("count", "place", descending=True)
    places, groups = changed["place"].to_list(), []
    if places:
        groups.append(places)
    for _ in range(MOST_TRIES):
        if not groups:
            break
        group = groups.pop(0)
        again = pl.Series("place", group, dtype=pl.UInt32)
        trial = less.with_columns(
            shown=pl.when(pl.col("place").is_in(again.implode())).then("planned").otherwise("shown")
        )
        if not len(ask.by_sums(trial.select(cells.columns)).narrow):
            less = trial
        elif len(group) > 1:
            groups += [group[: len(group) // 2], group[len(group) // 2 :]]
    return less.select(cells.columns)
