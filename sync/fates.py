"""Why a record did not go, by released key: what `explain` answers from. No value, only keyed digests.

Of people, and of records that wait to be put right, it is kept since which day the reason stands: one day per
such record, and nothing else of the nights before. Whoever stays for another reason stays since tonight.
"""

from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from common import clock
from common.files import fsync_file, private_folder, replace_file
from sync.memory import BUFFER_BYTES, encoding
from sync.plan import FATE_HELD, FATE_WITHHELD, FATES

ARROW = pa.schema(
    [(name, pa.string()) for name in ("source", "entity", "fate", "reason")]
    + [("key", pa.binary()), ("person", pa.uint64()), ("since", pa.date32())]
)
COLUMNS = {
    **dict.fromkeys(ARROW.names[:4], pl.String),
    "key": pl.Binary,
    "person": pl.UInt64,
    "since": pl.Date,
}
FOLLOWS = "parent_held"
PERSON = "person"
ROWS_IN_GROUP = 100_000


class Fates:
    """The records of one flow that stayed behind in the last run, and why; written partition by partition.

    in_part: sources read in part: of their records not seen tonight the last run's reasons stay.
    """

    def __init__(self, state: Path, flow: str) -> None:
        self.path = private_folder(state / "fates") / f"{flow}.parquet"
        self._draft = self.path.with_name(f".{flow}.parquet.part")
        self._file: pa.NativeFile | None = None
        self._writer: pq.ParquetWriter | None = None
        self.in_part: list[str] = []
        self._seen: list[pl.Series] = [pl.Series("_key", [], dtype=pl.Binary)]

    def note(self, planned: dict[str, pl.DataFrame]) -> None:
        """Write down the reasons of one partition's withheld and held records."""
        names = pl.Series("names", FATES)
        for entity, table in planned.items():
            if self.in_part:
                mine = table.filter(pl.col("_source").is_in(self.in_part))
                self._seen.append(mine["_key"].drop_nulls())
            stayed = table.filter(pl.col("_fate").is_in([FATE_WITHHELD, FATE_HELD]))
            if not stayed.is_empty():
                self._add(
                    self._dated(
                        stayed.select(
                            pl.col("_source").alias("source"),
                            pl.lit(entity).alias("entity"),
                            names.gather(stayed["_fate"].cast(pl.UInt32)).alias("fate"),
                            pl.col("_reason").alias("reason"),
                            pl.col("_key").alias("key"),
                            pl.col("_who").alias("person"),
                        )
                    )
                )

    def _dated(self, stayed: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with the day since which each person, or waiting record, stays for its reason.

        A person is known by their digest, which a new key of the flow does not change; a record by its key.
        """
        waits = (pl.col("fate") == FATES[FATE_HELD]) & (pl.col("reason") != FOLLOWS)
        own = waits | (pl.col("entity") == PERSON)
        asked, rest = stayed.filter(own), stayed.filter(~own)
        if not asked.is_empty():
            by, entity = "person" if asked["entity"][0] == PERSON else "key", asked["entity"][0]
            known = self._standing.filter(pl.col("entity") == entity).group_by(by, "reason")
            asked = asked.join(known.agg(pl.col("since").min()), on=[by, "reason"], how="left")
            asked = asked.with_columns(pl.col("since").fill_null(self._tonight))
        return pl.concat([asked, rest], how="diagonal")

    @cached_property
    def _standing(self) -> pl.DataFrame:
        """Return what stood before tonight: DataFrame[entity, person, key, reason, since]."""
        rows = self._remembered().filter(pl.col("since").is_not_null())
        return rows.select("entity", "person", "key", "reason", "since").collect()

    @cached_property
    def _tonight(self) -> date:
        return clock.today()

    def _add(self, rows: pl.DataFrame) -> None:
        if self._writer is None:
            self._file = pa.output_stream(str(self._draft), compression=None, buffer_size=BUFFER_BYTES)
            self._writer = pq.ParquetWriter(self._file, ARROW, **encoding(ARROW))
        whole = pl.concat([pl.DataFrame(schema=COLUMNS), rows], how="diagonal").select(list(COLUMNS))
        self._writer.write_table(whole.to_arrow().cast(ARROW), row_group_size=ROWS_IN_GROUP)

    def settle(self, unread: list[str]) -> None:
        """Put tonight's reasons in place of the last run's; those of sources not read tonight stay."""
        before = self._remembered().filter(pl.col("source").is_in([*unread, *self.in_part])).collect()
        self._add(before.filter(~pl.col("key").is_in(pl.concat(self._seen).implode()).fill_null(value=False)))
        self._close()
        fsync_file(self._draft)
        replace_file(self._draft, self.path)

    def discard(self) -> None:
        """Leave the last run's reasons as they are."""
        self._close()
        self._draft.unlink(missing_ok=True)

    def find(self, keys: list[bytes]) -> pl.DataFrame:
        """Return why the records under these keys stayed."""
        return self._remembered().filter(pl.col("key").is_in(keys)).collect()

    def _remembered(self) -> pl.LazyFrame:
        return remembered(self.path)

    def _close(self) -> None:
        if self._writer is not None and self._file is not None:
            self._writer.close()
            self._file.close()
            self._writer = self._file = None


def remembered(path: Path) -> pl.LazyFrame:
    """Return the records of a flow that stayed behind: LazyFrame of COLUMNS.

    A file of before there were days has none.
    """
    if not path.exists():
        return pl.LazyFrame(schema=COLUMNS)
    rows = pl.scan_parquet(path)
    lacking = [name for name in COLUMNS if name not in rows.collect_schema()]
    return rows.with_columns(pl.lit(None, COLUMNS[name]).alias(name) for name in lacking).select(
        list(COLUMNS)
    )
