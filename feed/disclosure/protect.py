"""The planner: hide what is small, round the rest, and hide more until nothing hidden can be worked out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import polars as pl

from feed.disclosure.asking import Asking, askings
from feed.disclosure.cells import KEY, PUBLISHED, still_true
from feed.disclosure.listed import SILENT, unlisted, with_those_before
from feed.disclosure.plan import planned, shown_of
from feed.disclosure.profile import Profile
from feed.disclosure.steps import WORDS, Shown
from feed.disclosure.structure import Structure
from feed.disclosure.totals import told_at_all

MOST_PASSES = 200
MOST_TRIES = 100


@dataclass(frozen=True, eq=False)
class Protected:
    """The counts as they may leave, and why each is hidden.

    published: PUBLISHED: what is hidden bears one word, `suppressed`, whether it is small itself or would
               give a small one away; two words would tell which.
    told:      the same, with the categories of which so little is told that they do not stand there.
    reasons:   the same with `secondary` where a cell is hidden for another's sake, or for the few people
               behind it: for information governance only.
    """

    published: pl.DataFrame
    told: pl.DataFrame = field(repr=False)
    reasons: pl.DataFrame = field(repr=False)


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
    counts = with_those_before(counts, before)
    plan = planned(counts, structure, profile, before)
    fits = None if before is None else still_true(before, counts)
    words = plan["shown"].to_numpy().copy()
    for places, ask in askings(plan, structure, profile, before, fits):
        words[places] = np.array(WORDS, dtype=object)[_protected(ask)]
    reasons = shown_of(plan.with_columns(shown=pl.Series(words, dtype=pl.String())), profile)
    published = reasons.select(PUBLISHED.names()).with_columns(
        shown=pl.when(pl.col("shown") == "secondary").then(pl.lit("suppressed")).otherwise("shown")
    )
    told = told_at_all(published, plan, structure, profile)
    silent = unlisted(told, before, structure).with_columns(word=pl.lit(SILENT))
    listed = told.join(silent, on=KEY, how="anti", maintain_order="left")
    told = told.join(silent, on=KEY, how="left", maintain_order="left")
    told = told.with_columns(shown=pl.coalesce("word", "shown")).select(listed.columns)
    return Protected(listed, told, reasons)


def _protected(ask: Asking) -> Shown:
    enough = _hidden_enough(ask.plan, ask)
    alone = _hidden_enough_for_all(_shown_again(enough, ask), ask)
    return _told_again(alone, _moved_unseen(alone, ask), ask)


def _hidden_enough(shown: Shown, ask: Asking) -> Shown:
    """Return the plan with so much hidden that one sum after the other gives nothing away."""
    for _ in range(MOST_PASSES):
        less = ask.steps.hide_more(shown, ask.by_sums(shown))
        if less is None:
            break
        shown = less
    return shown


def _hidden_enough_for_all(shown: Shown, ask: Asking) -> Shown:
    """Return the plan with so much hidden that nothing is given away, or nothing that hiding would help."""
    for _ in range(MOST_PASSES):
        less = ask.steps.hide_more(shown, ask.fully(shown))
        if less is None:
            break
        shown = _hidden_enough(less, ask)
    return shown


def _moved_unseen(shown: Shown, ask: Asking) -> Shown:
    """Return the plan with so much less told that nothing is known to have moved by few since an edition."""
    for _ in range(MOST_PASSES):
        steps = (ask.steps.tell_less_of(shown, moved) for moved in ask.since_before(shown))
        less = next((step for step in steps if step is not None), None)
        if less is None:
            break
        shown = _hidden_enough_for_all(less, ask)
    return shown


def _told_again(alone: Shown, shown: Shown, ask: Asking) -> Shown:
    """Return the plan with what was told less in vain since it stood alone told again, one by one."""
    changed = np.flatnonzero(shown != alone)
    for place in changed[np.argsort(-ask.counts[changed], kind="stable")][:MOST_TRIES]:
        again = shown.copy()
        again[place] = alone[place]
        if not len(ask.fully(again).narrow) and not any(ask.since_before(again)):
            shown = again
    return shown


def _shown_again(shown: Shown, ask: Asking) -> Shown:
    """Return the plan with what was hidden in vain shown again, the largest numbers first.

    Halves of what is left are tried, and halves of those: of numbers that do not hang together, at once.
    """
    pieces = ask.by_sums(shown).pieces()
    changed = np.flatnonzero(shown != ask.plan)
    groups: dict[int, list[list[int]]] = {}
    for place in changed[np.lexsort((-changed, -ask.counts[changed]))].tolist():
        groups.setdefault(int(pieces[place]), [[]])[0].append(place)
    for _ in range(MOST_TRIES):
        tried = {piece: waiting.pop(0) for piece, waiting in groups.items() if waiting}
        if not tried:
            break
        narrow = ask.by_sums(_planned_again(shown, tried.values(), ask)).narrow_numbers()
        failed = set(pieces[narrow].tolist()) & tried.keys() or (set(tried) if len(narrow) else set())
        for piece in sorted(failed):
            half = len(tried[piece]) // 2
            groups[piece] += [tried[piece][:half], tried[piece][half:]] if half else []
        shown = _planned_again(shown, (tried[piece] for piece in tried if piece not in failed), ask)
    return shown


def _planned_again(shown: Shown, groups: Iterable[list[int]], ask: Asking) -> Shown:
    again = np.fromiter(chain.from_iterable(groups), dtype=np.intp)
    less = shown.copy()
    less[again] = ask.plan[again]
    return less
