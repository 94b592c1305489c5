"""The night on which a flow's keys change: everything is sent under its new key, and the old rows withdrawn.

Both in one batch, so the recipient never has a record twice or not at all. What is sent is what a first load
would send; what has expired there rests under its new key. Nothing has vanished by it, so no brake asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from sharing import Flow
from sync import memory as memories
from sync import plan as planning

REKEYED = "rekeyed"


@dataclass
class Rekeying:
    """What was sent under the old keys, and which of it has been seen tonight.

    Given: the flow as it named its records so far, and the whole of what is remembered of it.
    """

    earlier: Flow
    remembered: pl.DataFrame = field(repr=False)
    _seen: list[pl.Series] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        there = pl.col("batch") != memories.EXPIRED
        self._there = self.remembered.filter(there)
        self._expired = self.remembered.filter(~there)

    def known(self, decided: dict[str, pl.DataFrame]) -> pl.DataFrame:
        """Return what of these records has expired, as memory rows under their new keys; all else is new."""
        found = [memories.empty()]
        for entity, table in decided.items():
            names = self._old_names(entity, table)
            self._seen.append(names["was"].drop_nulls())
            mine = self._expired.filter(pl.col("entity") == entity)
            if not mine.is_empty():
                met = mine.join(names.drop_nulls().unique("was"), left_on="key", right_on="was", how="inner")
                found.append(met.with_columns(pl.col("now").alias("key")).select(list(memories.SCHEMA)))
        return pl.concat(found)

    def never_sent(self, entity: str, rows: pl.DataFrame) -> int:
        """Return how many of the rows were not sent under the old keys either."""
        names = self._old_names(entity, rows)
        return names.filter(~pl.col("was").is_in(self._there["key"].implode())).height

    def as_they_were(self, entity: str, rows: pl.DataFrame) -> int:
        """Return how many of the rows show the recipient what they showed under the old key, and no more.

        A fingerprint is taken of references and treatment, not of keys: a row that a new assessment or the
        source has changed as well is another one.
        """
        there = self._there.filter(pl.col("entity") == entity).select("key", "fingerprint")
        names = self._old_names(entity, rows).drop_nulls().unique("now")
        shown = rows.select("_key", "_fingerprint").join(names, left_on="_key", right_on="now")
        return shown.join(
            there, left_on=["was", "_fingerprint"], right_on=["key", "fingerprint"], how="semi"
        ).height

    def renamed(self, entity: str, rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the keys of before in its `key`, where it has tonight's of these rows."""
        names = self._old_names(entity, rows).drop_nulls().unique("now")
        met = told.join(names, left_on="key", right_on="now", how="inner", maintain_order="left")
        return met.with_columns(pl.col("was").alias("key")).select(told.columns)

    def settle(self, merged_away: Mapping[str, pl.Series]) -> planning.Settlement:
        """Return the withdrawal of every old row, by what has become of its record; nothing is carried on."""
        seen = pl.concat([pl.Series("was", [], dtype=pl.Binary), *self._seen])
        losers = [
            self.earlier.keys(entity, source, names).alias("was")
            for source, names in merged_away.items()
            for entity in planning.OF_ONE_PERSON
        ]
        merged = pl.concat([pl.Series("was", [], dtype=pl.Binary), *losers])
        reason = (
            pl.when(pl.col("key").is_in(seen.implode()))
            .then(pl.lit(REKEYED))
            .when(pl.col("key").is_in(merged.implode()))
            .then(pl.lit("merged"))
            .otherwise(pl.lit("vanished"))
        )
        gone = self._there.select("source", "entity", "key", "person", reason.alias("reason"))
        return planning.Settlement(memories.empty(), gone, {})

    def _old_names(self, entity: str, table: pl.DataFrame) -> pl.DataFrame:
        """Return DataFrame[now, was]: each record's key tonight and before."""
        parts = [
            pl.DataFrame(
                {"now": part["_key"], "was": self.earlier.keys(entity, str(source), part["_reference"])}
            )
            for (source,), part in table.partition_by("_source", as_dict=True).items()
        ]
        empty = pl.DataFrame(schema={"now": pl.Binary, "was": pl.Binary})
        return pl.concat([empty, *parts])
