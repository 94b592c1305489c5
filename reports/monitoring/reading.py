"""What a page of contract monitoring is made from: published numbers, targets, what a provider has open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from config.targets import Target
from feed.declared import Declarations
from feed.periods import Period, parse
from feed.release.observed import KEY

PROVIDER = "provider"


@dataclass(frozen=True)
class Monitored:
    """One provider in one quarter.

    figures:      published numbers of every period, one row each; see `together`.
    completeness: quality's table of that name, gaps: its table `figures`; both of this provider alone.
    suppress_to, round_to: by the profile of the release, what of them is not told and to what the rest is.
    """

    id: str
    name: str
    sources: tuple[str, ...]
    quarter: Period
    targets: Mapping[str, Target]
    figures: pl.DataFrame = field(repr=False)
    declared: Declarations = field(repr=False)
    completeness: pl.DataFrame | None = field(default=None, repr=False)
    gaps: pl.DataFrame | None = field(default=None, repr=False)
    releases: tuple[str, ...] = ()
    suppress_to: int = 7
    round_to: int = 5
    site: str = ""
    sample: bool = False


def together(releases: Iterable[tuple[str, int, pl.DataFrame]]) -> pl.DataFrame:
    """Return each published number once: of the release of its very period, else of the latest batch.

    Given: of one release at least its period, the batch it was counted as of, and its figures.
    """
    frames = [
        figures.with_columns(own=pl.col("period") == period, batch=pl.lit(batch, pl.Int64))
        for period, batch, figures in releases
    ]
    ranked = pl.concat(frames).sort("own", "batch", descending=True, maintain_order=True)
    return ranked.unique(KEY, keep="first", maintain_order=True).drop("own", "batch")


def latest_quarter_told(figures: pl.DataFrame) -> Period | None:
    """Return the last financial quarter of which anything is published by provider."""
    of_providers = figures.filter(pl.col("breakdown") == PROVIDER)
    periods = (parse(label) for label in of_providers.get_column("period").unique())
    return max((each for each in periods if "-Q" in each.label), key=lambda each: each.end, default=None)
