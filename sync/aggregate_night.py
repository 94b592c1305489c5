"""A flow of counts during one run: records are counted by partitions, and numbers leave in their time.

A quarter's counts leave once, on the first night on which it had ended long enough ago by the sources' own
time, and of a few quarters before it what has come to another multiple since. On every other night the cells
stand as they were published: nothing is counted for them, so no two nights can be subtracted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from canonical import COUNTED
from canonical.quarters import Quarter, quarters_settled
from sharing import AggregateFlow
from sharing.counter import SUMS, Counter
from sync import plan as planning
from sync.brakes import Brakes
from sync.buckets import ORPHANS
from sync.flow_night import FlowNight

WAITS, UNSURE, LATER = "counts:source_not_whole", "register", "counts:published_without_it"
FAR = 400
"""So many quarters, a hundred years, are looked through for a cell that was published."""


@dataclass
class AggregateNight(FlowNight):
    """The state of one flow of counts.

    as_of: the day of each source's data, of those read tonight; `whole`: those of them that were read whole.
    """

    flow: AggregateFlow
    as_of: Mapping[str, date] = field(default_factory=dict)
    whole: Collection[str] = ()

    @cached_property
    def _counter(self) -> Counter | None:
        """Return what counts tonight; None on a night on which nothing is published."""
        if self._counted.is_empty():
            return None
        return self.flow.counter({source: self.canaries.names(source) for source in self.canaries.known})

    def decide(self, tables: dict[str, pl.DataFrame], _buckets: tuple[int, int]) -> dict[str, pl.Series]:
        """Count one partition where tonight is the night; no record is decided, for none can leave."""
        if self._counter is not None:
            with self.steps.stage("decide"):
                self._counter.note(self.stops.beside(tables))
        return {}

    def settle(
        self, _complete_sources: list[str], _merged_away: Mapping[str, pl.Series], brakes: Brakes
    ) -> None:
        """Plan and seal what is to be published tonight; take back what is no longer declared.

        Errors: those of FlowNight.settle; ReleaseRefused.
        """
        self.take({COUNTED: self._decided()}, (ORPHANS, ORPHANS))
        super().settle([], {}, brakes)

    @cached_property
    def _cells(self) -> pl.DataFrame:
        """Return the cells of all quarters that are due: whether each is counted tonight, and what keeps it.

        A quarter is open if nothing of it was published, or if it is one of the latest and the last one is
        open. All its cells are counted together or none is: one that was not named then waits, for good.
        """
        known = [self.as_of[source] for source in self._sources if source in self.as_of]
        due = self._due(min(known)) if known else []
        names = [count.id for count in self.flow.said.counts]
        cells = pl.concat([self.flow.cells(name, due) for name in names])
        published = self.flow.cell_keys(cells).is_in(self._remembered["key"].implode())
        standing = set(cells.filter(published)["start"])
        revised = due[-self.flow.said.revised_quarters :] if due and due[-1].start not in standing else []
        opened = [one.start for one in due if one.start not in standing or one in revised]
        is_open = pl.Series(opened, dtype=pl.Date)
        lacking = WAITS if self._sources - set(self.whole) else UNSURE if self.stops.everybody else ""
        return cells.with_columns(
            is_open=pl.col("start").is_in(is_open.implode()), published=published
        ).with_columns(
            waits=pl.when("is_open")
            .then(pl.lit(lacking))
            .when(~pl.col("published"))
            .then(pl.lit(LATER))
            .otherwise(pl.lit(""))
        )

    @property
    def _counted(self) -> pl.DataFrame:
        """Return the cells that are counted tonight."""
        return self._cells.filter(pl.col("is_open") & (pl.col("waits") == ""))

    @property
    def _sources(self) -> set[str]:
        return {source for count in self.flow.said.counts for source in count.sources}

    def _due(self, as_of: date) -> list[Quarter]:
        return list(quarters_settled(self.flow.first_quarter, self.flow.said.settle_days, as_of))

    @property
    def _remembered(self) -> pl.DataFrame:
        return self.memory.buckets(ORPHANS, ORPHANS)

    def _decided(self) -> pl.DataFrame:
        """Return the cells decided; one that stands has the fingerprint of what the recipient has of it."""
        cells = self._cells
        sums = SUMS.to_frame() if self._counter is None else self._counter.sums()
        sums = sums.join(self._counted, on=["count_id", "start"], how="semi")
        table = self.flow.table(cells.select("count_id", "start"), sums)
        decided = self.flow.decide({COUNTED: table})[COUNTED]
        known = self._remembered.select(_key="key", _known="fingerprint")
        met = decided.hstack(cells.select("is_open", "waits")).join(
            known, on="_key", how="left", maintain_order="left"
        )
        waits = pl.col("waits") != ""
        fates = [pl.lit(fate, pl.UInt8) for fate in (planning.WITHHELD, planning.HELD)]
        kept = pl.when(pl.col("waits") == LATER).then(fates[0]).otherwise(fates[1])
        return met.with_columns(
            pl.when("is_open").then("_fingerprint").otherwise("_known").alias("_fingerprint"),
            pl.when(waits).then(kept).otherwise("_fate").alias("_fate"),
            pl.when(waits).then("waits").otherwise("_reason").alias("_reason"),
            pl.lit(ORPHANS, pl.UInt16).alias("_bucket"),
            pl.lit(None, pl.UInt64).alias("_who"),
        ).drop("is_open", "waits", "_known")

    @property
    def _still_asked(self) -> pl.Expr:
        """Return whether a published cell may stay: its count is declared, due tonight or not."""
        first = self.flow.first_quarter
        quarters = list(quarters_settled(first, 0, first.start + timedelta(days=FAR * 92)))
        declared = [self.flow.cell_keys(self.flow.cells(one.id, quarters)) for one in self.flow.said.counts]
        return pl.col("key").is_in(pl.concat(declared).implode())
