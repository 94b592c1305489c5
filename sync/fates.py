"""Why a record did not go, by released key: what `explain` answers from. No value, only keyed digests."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from common.files import private_folder, whole_file
from sync.plan import FATE_HELD, FATE_WITHHELD, FATES

ARROW = pa.schema(
    [("entity", pa.string()), ("key", pa.binary()), ("fate", pa.string()), ("reason", pa.string())]
)
ROWS_IN_GROUP = 100_000


class Fates:
    """The records of one flow that stayed behind in the last run, and why."""

    def __init__(self, state: Path, flow: str) -> None:
        self.path = private_folder(state / "fates") / f"{flow}.parquet"
        self._parts: list[pa.Table] = []

    def note(self, planned: dict[str, pl.DataFrame]) -> None:
        """Keep the reasons of one partition's withheld and held records."""
        for entity, table in planned.items():
            stayed = table.filter(pl.col("_fate").is_in([FATE_WITHHELD, FATE_HELD]))
            if not stayed.is_empty():
                names = pl.Series("names", FATES)
                rows = stayed.select(
                    pl.lit(entity).alias("entity"),
                    pl.col("_key").alias("key"),
                    pl.col("_fate")
                    .replace_strict(list(range(len(FATES))), names, return_dtype=pl.String)
                    .alias("fate"),
                    pl.col("_reason").alias("reason"),
                )
                self._parts.append(rows.to_arrow().cast(ARROW))

    def write(self) -> None:
        """Write the reasons down in place of the last run's."""
        with whole_file(self.path) as temporary:
            pq.write_table(
                pa.concat_tables([ARROW.empty_table(), *self._parts]), temporary, row_group_size=ROWS_IN_GROUP
            )

    def find(self, keys: list[bytes]) -> pl.DataFrame:
        """Return why the records under these keys stayed."""
        if not self.path.exists():
            return pl.from_arrow(ARROW.empty_table())  # type: ignore[return-value]
        return pl.scan_parquet(self.path).filter(pl.col("key").is_in(keys)).collect()
