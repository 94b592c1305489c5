"""In which bucket the people and cases that were read so far live, found by their digests.

Every batch asks for a few among very many: a search in sorted digests costs a quarter of a join, which would
hash the many anew for each batch.
"""

import polars as pl

SCHEMA = {"mark": pl.UInt64, "bucket": pl.UInt16}


class Homes:
    """Buckets by digest; of a digest noted twice, the first counts."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._known = pl.DataFrame(schema=SCHEMA)

    def note(self, marks: pl.Series, buckets: pl.Series) -> None:
        """Add digests and the buckets they live in."""
        self._parts.append(pl.DataFrame({"mark": marks, "bucket": buckets}, schema=SCHEMA).drop_nulls("mark"))

    def of(self, marks: pl.Series) -> pl.Series:
        """Return the bucket of each digest; null for one that is not known."""
        if self._parts:
            whole = pl.concat([self._known, *self._parts])
            self._known = whole.unique("mark", keep="first", maintain_order=True).sort("mark")
            self._parts = []
        known, buckets = self._known["mark"], self._known["bucket"]
        if known.is_empty():
            return pl.Series("bucket", [None] * len(marks), dtype=pl.UInt16)
        places = known.search_sorted(marks.fill_null(0)).clip(0, len(known) - 1)
        found = known.gather(places) == marks
        return pl.select(bucket=pl.when(found).then(buckets.gather(places))).to_series()
