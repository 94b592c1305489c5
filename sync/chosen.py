"""Which of tonight's records a choice keeps out, by the keys under which the recipient has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from sharing.choices import Choice, stop_of, stop_words
from sync.plan import FATE_WITHHELD
from sync.rekeying import Rekeying
from sync.stops import Stops

BY_CHOICE = [stop_of(choice) for choice in Choice]
"""The stops that are somebody's choice, a court's or the person's own. A doubt about one is none of them."""
WORDS = [f"choice:{choice}" for choice in Choice]
KEYS = pl.DataFrame(schema={"key": pl.Binary, "choice": pl.String})


@dataclass
class Chosen:
    """What choices keep out of a flow: by what was decided tonight, and by whom the registers name."""

    _found: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def note(self, planned: Mapping[str, pl.DataFrame], rekeying: Rekeying | None) -> None:
        """Take note of the records of one partition that a choice withholds, whoever else they name.

        Given: planned tables; on a night that changes the flow's key, what knows their keys of before.
        """
        for entity, table in planned.items():
            if table.is_empty():
                continue
            by_choice = (pl.col("_fate") == FATE_WITHHELD) & pl.col("_reason").is_in(WORDS)
            rows = table.filter(by_choice)
            if not rows.is_empty():
                told = rows.select(pl.col("_key").alias("key"), pl.col("_reason").alias("choice"))
                self._found.append(rekeying.renamed(entity, rows, told) if rekeying else told)

    def add(self, found: pl.DataFrame) -> None:
        """Take note of keys that a choice keeps out. Given: DataFrame[key, choice]."""
        self._found.append(found)

    def keys(self) -> pl.DataFrame:
        """Return DataFrame[key, choice], each key once."""
        return pl.concat([KEYS, *self._found]).drop_nulls().unique("key", keep="first", maintain_order=True)


def people_who_chose(stops: Stops) -> pl.DataFrame:
    """Return DataFrame[person, choice] of the people whom a choice, and no doubt about one, keeps out."""
    chose = stops.people.filter(pl.col("stop").is_in(BY_CHOICE))
    return chose.select("person", stop_words(pl.col("stop")).alias("choice"))
