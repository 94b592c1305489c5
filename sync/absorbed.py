"""Whose record has absorbed that of somebody who chose: remembered, so that the choice stays with the person.

The CRM says in a cell of the survivor which record it absorbed. Should it say so no longer, the choice would
end unheard. Both are kept as the registers' own keyed digests, for as long as the choice stands.
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from common.files import write_atomic
from sync.cases import as_parquet
from sync.errors import StateUnreadable

PAIRS = pl.DataFrame(schema={"survivor": pl.Binary, "chose": pl.Binary})


def pairs_path(state: Path) -> Path:
    """Return where it is kept who was absorbed."""
    return state / "absorbed.parquet"


def read_pairs(state: Path) -> pl.DataFrame:
    """Return DataFrame[survivor, chose], digests of the registers. Errors: StateUnreadable."""
    path = pairs_path(state)
    if not path.exists():
        return PAIRS
    try:
        return pl.read_parquet(path).select(pl.col(PAIRS.columns).cast(pl.Binary))
    except (pl.exceptions.PolarsError, OSError):
        pass
    raise StateUnreadable(f"state/{path.name}")


def with_absorbed(found: pl.DataFrame, everybody: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return who stands in a register, with those whose record once absorbed one who does.

    Given:   `found` and `everybody` as DataFrame[person, digest], of `found` the digest of the entry, of
             `everybody` each one's own; `pairs` of the entries that stand.
    Returns: DataFrame[person, digest], the digest being that of the entry.
    """
    more = everybody.join(pairs, left_on="digest", right_on="survivor").select("person", digest="chose")
    return pl.concat([found, more]).unique(maintain_order=True)


def keep_pairs(
    state: Path, known: Iterable[tuple[pl.DataFrame, pl.DataFrame]], stand: pl.Series | None
) -> None:
    """Write down who was absorbed by whom, of the choices that stand.

    Given: per register `found` (DataFrame[person, digest of the entry]) and `own` (DataFrame[person, digest
           of that person]); the digests of every entry that stands, None where a register could not be read.
    What is remembered stays while its choice stands, whoever was met tonight.
    """
    before = read_pairs(state)
    parts = [
        found.join(own.rename({"digest": "survivor"}), on="person").select("survivor", chose="digest")
        for found, own in known
    ]
    met = pl.concat([PAIRS, *parts]).filter(pl.col("survivor") != pl.col("chose"))
    stays = before if stand is None else before.filter(pl.col("chose").is_in(stand.implode()))
    now = pl.concat([stays, met]).unique().sort("survivor", "chose")
    if not now.equals(before) or not pairs_path(state).exists():
        write_atomic(pairs_path(state), as_parquet(now))
