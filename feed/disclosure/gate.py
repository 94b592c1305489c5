"""The gate before a release: everything that is asked of it by somebody who did not plan it."""

from dataclasses import replace
from datetime import date

import polars as pl

from feed.disclosure.attack import Attacked, Exposed, attack
from feed.disclosure.between import Between, editions_of
from feed.disclosure.cells import HIDDEN, KEY, known_of, largest_small, still_true
from feed.disclosure.knowledge import Ground, sight_of
from feed.disclosure.listed import with_those_before
from feed.disclosure.profile import Profile
from feed.disclosure.structure import Structure


def exposures(
    published: pl.DataFrame,
    counts: pl.DataFrame,
    structure: Structure,
    profile: Profile,
    before: pl.DataFrame | None = None,
) -> tuple[list[Exposed], Attacked]:
    """Return what a release gives away, and the attack that looked for it.

    Given:   PUBLISHED, as the planner knows why each cell is hidden; the exact counts behind it; what is
             known of earlier releases to the same recipient.
    """
    counts = with_those_before(counts, before)
    earlier = None if before is None else still_true(before, counts)
    found = attack(published, structure, profile, earlier)
    told = [*found.exposed(), *_few(published, counts, structure, profile)]
    if before is not None:
        told += differences(published, structure, profile, before)
    return told, found


def differences(
    published: pl.DataFrame, structure: Structure, profile: Profile, before: pl.DataFrame
) -> list[Exposed]:
    """Return every number that surely moved by few since an edition that is remembered."""
    now = known_of(published, structure, profile)
    seen, editions = sight_of(now), editions_of(before, now)
    return [
        replace(one, kind="moved")
        for places, ground in Ground.of(now, None, structure, profile).families()
        for found in Between(ground, [then.at(places) for then in editions], profile).attacked(
            seen.at(places)
        )
        for one in found.exposed()
    ]


def _few(
    published: pl.DataFrame, counts: pl.DataFrame, structure: Structure, profile: Profile
) -> list[Exposed]:
    """Return the tables that show a count of few, or that few people are behind, or that is not counted."""
    shape = structure.shape().select("count_id", "organisations")
    both = published.join(shape, on="count_id").filter(
        ~pl.col("organisations"), ~pl.col("shown").is_in(HIDDEN)
    )
    exact = both.join(counts, on=KEY, how="left")
    small = largest_small(exact, profile)
    few = pl.col("count").is_between(1, small) | pl.col("people").is_between(1, small)
    wrong = (pl.col("value") - pl.col("count")).abs() > profile.off_by
    tables = exact.filter((few | wrong).fill_null(value=True)).select(
        pl.format("{} by {}, {}", "count_id", "breakdown", "period").alias("table")
    )["table"]
    return [Exposed("few", (table,)) for table in tables.unique(maintain_order=True)]


def in_words(found: list[Exposed]) -> str:
    """Return the tables that give something away, a line each, without any number."""
    kinds = {
        "cell": "a hidden cell",
        "rest": "what is left of a table",
        "complement": "a count without its part",
        "moved": "a number that moved by few",
        "few": "a count that few people are behind",
        "contradiction": "numbers that contradict each other",
    }
    lines = [f"{kinds[one.kind]}: {'; '.join(one.tables)}" for one in found]
    return "\n".join(dict.fromkeys(lines))


def in_days(tables: dict[str, date]) -> str:
    """Return the tables that may not yet be published anew, and from when on they may."""
    return "\n".join(f"{table}: from {day.isoformat()}" for table, day in tables.items())
