"""The best fate of each record over all flows of a run, per source: counted as they decide, told at the end.

What stops a flow is known only when all its records are decided: what it was to send then counts as held.
"""

from collections import Counter
from collections.abc import Sequence

import polars as pl

from sync.plan import FATE_HELD, FATE_RELEASED, FATE_WITHHELD, FATES
from sync.summary import SourceSummary, no_records


class BestFates:
    """How many records of a source and entity had the same fates in the flows, in the flows' order."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, tuple[int, ...]]] = Counter()

    def note(self, tables: dict[str, pl.DataFrame], fated: Sequence[dict[str, pl.Series]]) -> None:
        """Count the records of one partition. Given: its tables with `_source`, their fates by flow."""
        for entity, table in tables.items():
            if not table.is_empty():
                self._note_entity(entity, table["_source"], fated)

    def _note_entity(self, entity: str, sources: pl.Series, fated: Sequence[dict[str, pl.Series]]) -> None:
        none = pl.repeat(FATE_WITHHELD, len(sources), dtype=pl.UInt8, eager=True)
        fates = [flow.get(entity, none).alias(str(number)) for number, flow in enumerate(fated)]
        names = ["source", *(fate.name for fate in fates)]
        alike = pl.DataFrame([sources.alias("source"), *fates]).group_by(names).len()
        for source, *met, number in alike.iter_rows():
            self._counts[source, entity, tuple(met)] += number

    def tell(self, sources: Sequence[SourceSummary], held: Sequence[bool] = ()) -> None:
        """Put the counts into the sources' summaries, in place of what was told before.

        Given: for each flow, in the order in which it was noted, whether something stopped it.
        """
        summaries = {one.source: one for one in sources}
        for one in sources:
            one.entities = {}
        for (source, entity, fates), number in self._counts.items():
            counts = summaries[source].entities.setdefault(entity, no_records())
            counts["records"] += number
            counts[FATES[_best(fates, held)]] += number


def _best(fates: Sequence[int], held: Sequence[bool]) -> int:
    stopped = {number for number, one in enumerate(held) if one}
    met = (
        FATE_HELD if fate == FATE_RELEASED and number in stopped else fate
        for number, fate in enumerate(fates)
    )
    return max(met, default=FATE_WITHHELD)
