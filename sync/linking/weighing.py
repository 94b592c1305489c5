"""Records that agree in less, weighed by Splink on DuckDB: how probable it is that two are one person's.

Which pairs are compared is said here, how they are weighed in `splink_model`, which is imported only where an
assessment asks for it.
"""

import importlib
import importlib.util
from dataclasses import dataclass, field

import polars as pl

from config.extras import SplinkMissing, needed
from sync.linking.errors import WeighingFailed

CLEAR = pl.Schema(
    {
        "person": pl.UInt64(),
        "born": pl.String(),
        "family": pl.String(),
        "given": pl.String(),
        "place": pl.String(),
    }
)
PAIRS = pl.Schema(
    {"first": pl.UInt64(), "second": pl.UInt64(), "probability": pl.Float64(), "alike": pl.Boolean()}
)
BLOCKS = (("born", "family"), ("born", "given"), ("born", "place"), ("family", "given", "place"))
"""Pairs are weighed that agree in all of one of these."""
MOST_ALIKE = 200
"""More records that agree in a block share a value that stands for none: they are not compared by it."""


@dataclass(frozen=True)
class Weighed:
    """The pairs that are probable enough to be told, and how many were compared."""

    pairs: pl.DataFrame = field(default_factory=PAIRS.to_frame, repr=False)
    compared: int = 0

    def from_on(self, least: float) -> pl.DataFrame:
        """Return the pairs of at least this probability that are alike in what twins differ in."""
        return self.pairs.filter("alike", pl.col("probability") >= least)


def require_splink() -> None:
    """Errors: SplinkMissing, where the extra is not installed."""
    if importlib.util.find_spec("splink") is None:
        raise SplinkMissing("personLink.samePerson.probabilistic: splink")


def weigh(clear: pl.DataFrame, least: float) -> Weighed:
    """Return the pairs of at least this probability.

    Given:   CLEAR, names and postcodes as they are compared, a row per person and postcode.
    Returns: PAIRS, each pair once; `alike` where neither given name nor day of birth is another one.
    Errors:  SplinkMissing; WeighingFailed.
    """
    blocked, compared = _blocked(clear.unique(maintain_order=False).sort(CLEAR.names(), nulls_last=True))
    if not compared:
        return Weighed()
    with needed("personLink.samePerson.probabilistic: splink", SplinkMissing):
        model = importlib.import_module("sync.linking.splink_model")
    found: pl.DataFrame | None = model.predicted(blocked.drop("person"), least, len(BLOCKS))
    if found is None:
        raise WeighingFailed("personLink.samePerson: Splink could not weigh the records")
    return Weighed(_by_person(found, blocked), compared)


def _blocked(clear: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Return the records with a key per block, and how many pairs the blocks hold together."""
    rows = clear.with_row_index("who")
    for number, block in enumerate(BLOCKS):
        whole = pl.all_horizontal(pl.col(name).is_not_null() for name in block)
        key = pl.concat_str(block, separator="\x1f")
        rows = rows.with_columns(pl.when(whole).then(key).alias(f"block{number}"))
        many = pl.len().over(f"block{number}")
        rows = rows.with_columns(pl.when(many <= MOST_ALIKE).then(f"block{number}").alias(f"block{number}"))
    compared = 0
    for number in range(len(BLOCKS)):
        held = rows.drop_nulls(f"block{number}").group_by(f"block{number}").len()["len"].cast(pl.Int64)
        compared += int((held * (held - 1) // 2).sum())
    return rows, compared


def _by_person(found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs by person, smaller digest first; of several homes the most probable counts."""
    who = rows.select("who", "person")
    named = found.join(who.rename({"person": "one"}), left_on="who_l", right_on="who").join(
        who.rename({"person": "other"}), left_on="who_r", right_on="who"
    )
    pairs = named.filter(pl.col("one") != pl.col("other")).select(
        first=pl.min_horizontal("one", "other"),
        second=pl.max_horizontal("one", "other"),
        probability="match_probability",
        alike=(pl.col("mw_given") > 0) & (pl.col("mw_born") > 0),
    )
    best = pairs.group_by("first", "second").agg(pl.col("probability").max(), pl.col("alike").any())
    return best.cast(PAIRS).sort("first", "second")
