"""A flow of counts, compiled: what it counts, and the door through which protected numbers leave."""

from collections.abc import Iterable

import polars as pl

from canonical import COUNTED, polars_schema
from canonical.quarters import Quarter, quarter_named
from sharing.compiled import Compiled
from sharing.counter import SUMS, Counter, LeftOut
from sharing.document import Aggregate, FlowBlock
from sharing.dpia import Dpia
from sharing.errors import ReleaseRefused
from sharing.flow import Flow
from sharing.protecting import protected, require_protected
from sharing.references import Keyring
from sharing.release import Released

BY_VIADUCT = "viaduct"
"""The source of a row that no provider gave: it was counted."""
CELLS = pl.Schema({"count_id": pl.String(), "start": pl.Date()})


class AggregateFlow(Flow):
    """A flow of counts. It decides of its own counts alone: whatever record is handed to it stays."""

    def __init__(self, compiled: Compiled, keyring: Keyring, dpia: Dpia, block: FlowBlock) -> None:
        """Make the flow. Errors: ReleaseRefused, for a flow without counts."""
        super().__init__(compiled, keyring)
        if block.aggregate is None:
            raise ReleaseRefused(f"flow {block.id} has no counts.")
        self.said: Aggregate = block.aggregate
        self.sources = (BY_VIADUCT,)
        self._dpia, self._block = dpia, block

    def counter(self, left_out: LeftOut | None = None) -> Counter:
        """Return what counts one night. Given: invented people, who are not counted."""
        return Counter(self._dpia, self._block, left_out)

    @property
    def first_quarter(self) -> Quarter:
        """Return the first quarter that is counted. Errors: ReleaseRefused, for one that does not exist."""
        found = quarter_named(self.said.first_quarter)
        if found is None:
            raise ReleaseRefused(f"flow {self.id}: {self.said.first_quarter} is no quarter.")
        return found

    def cells(self, count_id: str, quarters: Iterable[Quarter]) -> pl.DataFrame:
        """Return DataFrame[count_id, start] of a count's quarters."""
        return pl.DataFrame([(count_id, quarter.start) for quarter in quarters], CELLS, orient="row")

    def cell_keys(self, cells: pl.DataFrame) -> pl.Series:
        """Return the released keys of cells: the same for a count and quarter, always."""
        return self.keys(COUNTED, BY_VIADUCT, cells.select(_reference()).to_series())

    def table(self, cells: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
        """Return the cells as inspected canonical records, each protected already.

        Given: DataFrame[count_id, start], and what a Counter has summed up.
        """
        known = [(one.id, one.label, one.unit) for one in self.said.counts]
        named = pl.DataFrame(known, ["count_id", "label", "unit"], orient="row")
        met = cells.join(named, on="count_id", how="left", maintain_order="left").join(
            sums.select(SUMS.names()), on=["count_id", "start"], how="left", maintain_order="left"
        )
        starts = cells["start"].unique()
        periods = pl.DataFrame({"start": starts, "period": [Quarter(one).label for one in starts]})
        known_periods = periods.with_columns(pl.col("period").cast(pl.String))
        shown = protected(met, self.said).join(known_periods, on="start", how="left", maintain_order="left")
        made = shown.with_columns(
            _reference(),
            aggregate_count_id=_reference(),
            period_start="start",
            period_end=pl.col("start").dt.offset_by("3mo").dt.offset_by("-1d"),
            _source=pl.lit(BY_VIADUCT),
            _person=pl.lit(None, pl.String),
            _row=pl.lit(None, pl.UInt32),
            _unreadable=pl.lit(0, pl.UInt64),
            _held=pl.lit(value=False),
        )
        return made.select([*polars_schema(COUNTED), "_held"])

    def released(self, entity: str, rows: pl.DataFrame) -> Released:
        """Return protected counts as Released. Errors: ReleaseRefused, also for a number that is not."""
        if entity != COUNTED:
            raise ReleaseRefused(f"flow {self.id} releases counts and no {entity}.")
        require_protected(self.id, self.said, rows)
        return super().released(entity, rows)


def _reference() -> pl.Expr:
    return (pl.col("count_id") + ":" + pl.col("start").cast(pl.String)).alias("_reference")
