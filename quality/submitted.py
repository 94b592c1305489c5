"""What a night's sources gave, in numbers: what the checks of a whole provider look at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from common.clock import LONDON
from quality.checks import check_named
from quality.facts import Facts

EXPORTS = pl.Schema({"source": pl.String(), "export": pl.String(), "lost": pl.Boolean()})
Judged = Callable[["Submitted"], pl.DataFrame]
"""A check of a provider: source, record, applies, fails; one row for each month, quarter or export."""


@dataclass(frozen=True)
class Submitted:
    """What a night's sources gave, in numbers.

    tallies: the counts of all partitions (`quality.tallies`).
    facts:   what is known beside: when each source was pulled, what it gives, where its thresholds lie.
    exports: of each export whether rows of it were lost on the way; null where nobody could tell tonight.
    """

    tallies: pl.DataFrame = field(repr=False)
    facts: Facts = field(repr=False)
    exports: pl.DataFrame = field(default_factory=EXPORTS.to_frame, repr=False)

    @property
    def pulled(self) -> pl.DataFrame:
        """Return the first day of the month in which each source was pulled: source, now."""
        days = {source: at.astimezone(LONDON).date() for source, at in self.facts.extracted_at.items()}
        rows = [(source, date(day.year, day.month, 1)) for source, day in sorted(days.items())]
        return pl.DataFrame(rows, schema={"source": pl.String, "now": pl.Date}, orient="row")

    def months(self, most: int) -> pl.DataFrame:
        """Return the whole months before the pull, so many back, of every source: source, now, month."""
        back = pl.DataFrame({"back": pl.int_range(1, most + 1, dtype=pl.Int32, eager=True)})
        month = pl.col("now").dt.offset_by(pl.concat_str(-pl.col("back"), pl.lit("mo")))
        return self.pulled.join(back, how="cross").with_columns(month=month).drop("back")

    def percent(self, check: str) -> pl.Expr:
        """Return the threshold of the check for each source: its own, else the catalogue's."""
        usual = check_named(check).percent
        own = {source: of[check] for source, of in self.facts.percents.items() if check in of}
        names, values = pl.Series(list(own), dtype=pl.String), pl.Series(list(own.values()), dtype=pl.Float64)
        return pl.col("source").replace_strict(names, values, default=usual, return_dtype=pl.Float64)

    def giving(self, entity: str, name: str) -> pl.Expr:
        """Return whether the source gives the field at all."""
        sources = [source for source in self.facts.extracted_at if self.facts.fills(source, entity, name)]
        return pl.col("source").is_in(sources)
