"""The window of --since and --until: whole people who were referred within it, and nobody else."""

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Window:
    """The days, both included, in which a referral must have been received; none means no limit."""

    since: date | None = None
    until: date | None = None

    @property
    def limits(self) -> bool:
        """Return whether the run looks at a part only; then nothing can be said to have vanished."""
        return self.since is not None or self.until is not None

    def of(self, tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Return the tables of the people who were referred within the window."""
        if not self.limits:
            return tables
        received = pl.col("received_on").is_between(self.since or date.min, self.until or date.max)
        people = (
            tables["referral"]
            .filter(received)
            .select("_source", pl.col("_person").alias("_owner"))
            .drop_nulls()
            .unique()
        )
        return {entity: _theirs(entity, table, people) for entity, table in tables.items()}


def _theirs(entity: str, table: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    if entity in {"organisation", "service"}:
        return table
    owner = "_reference" if entity == "person" else "_person"
    return table.join(
        people, left_on=["_source", owner], right_on=["_source", "_owner"], how="semi", maintain_order="left"
    )
