"""Of whom a batch told, without naming anybody: one leaf per person, sorted by tag, under one root.

A row of a batch is committed to under a secret; a person's leaf commits to all of their rows in the batch;
the root over the leaves stands in the batch's own leaf of the log. Tags and secrets come from a secret of
that person alone: without it nobody can tell whose leaf it is, follow a person from batch to batch, or guess
a row.

Source:  RFC 9162 section 2.1 for the tree; the leaves are RFC 8785 JSON.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from audit.person_leaf import TAG_DIGITS, TAIL, tag_in
from audit.tree import EMPTY_ROOT
from sealing.digests import joined_digests, sha256

FIRST_BITS = 40
NO_LINES = pl.Series("line", [], dtype=pl.String)
LINE = re.compile(
    r'\{"content":"[0-9a-f]{64}","operation":"(?:upsert|withdraw)","rows":[1-9][0-9]*,"subject":"[0-9a-f]{64}"\}'
)


@dataclass(frozen=True)
class PeopleTree:
    """The leaves of one batch, in the order of their tags, and the root over them.

    lines: canonical JSON per person and operation: `content`, `operation`, `rows`, `subject`; both digests
           as hexadecimal digits.
    """

    lines: pl.Series
    root: bytes

    @property
    def count(self) -> int:
        """Return how many leaves there are."""
        return len(self.lines)

    def to_bytes(self) -> bytes:
        """Return the leaves as the log keeps them: one line each."""
        return ("\n".join(self.lines.to_list()) + "\n").encode() if self.count else b""


def leaf_lines(rows: pl.DataFrame, operation: str) -> pl.Series:
    """Return one leaf per person, as a line of canonical JSON.

    Given: DataFrame[subject Binary 32, content Binary 32], one row per row that the batch sends about a
           person, all rows of these people; the operation, `upsert` or `withdraw`.
    """
    tags = rows["subject"].unique()
    numbered = pl.DataFrame({"subject": tags}).with_row_index("person")
    met = rows.join(numbered, on="subject", how="left", maintain_order="left")
    return lines_of(met.select("person", "content"), tags, operation)


def lines_of(rows: pl.DataFrame, tags: pl.Series, operation: str) -> pl.Series:
    """Return one leaf per person who has rows, as `leaf_lines` does.

    Given: DataFrame[person UInt32, content Binary 32], where a person is a place among the tags.
    """
    if rows.is_empty():
        return NO_LINES
    ordered = _in_order(rows)
    people = ordered.select(pl.col("person").rle().struct.unnest())
    told = people.select(
        content=sha256(joined_digests(ordered["content"], people["len"])).bin.encode("hex"),
        rows="len",
        subject=tags.gather(people["value"]).bin.encode("hex"),
    )
    parts = ['{"content":"', "content", f'","operation":"{operation}","rows":']
    parts += ["rows", ',"subject":"', "subject", '"}']
    line = pl.concat_str([pl.col(part) if part in told.columns else pl.lit(part) for part in parts])
    return told.select(line.alias("line")).to_series()


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows by person, and each person's by their digest.

    One number holds the person and the digest's first bits, and numbers sort several times faster than
    digests. Where two rows of somebody begin alike in all these bits, the digests themselves are compared.
    """
    if int(str(rows["person"].max())) >> (64 - FIRST_BITS):
        return rows.sort("person", "content")
    begins = pl.col("content").bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big")
    number = pl.col("person").cast(pl.UInt64) * (1 << FIRST_BITS) + begins // (1 << (64 - FIRST_BITS))
    numbers = rows.select(number.alias("number")).to_series()
    order = numbers.arg_sort()
    sorted_numbers = numbers.gather(order)
    if rows.height > 1 and (sorted_numbers[1:] == sorted_numbers[:-1]).any():
        return rows.sort("person", "content")
    return rows.select(pl.all().gather(order))


def people_tree(parts: Iterable[pl.Series]) -> PeopleTree:
    """Return the tree over all leaves, in the order of their tags."""
    lines = pl.concat([NO_LINES, *parts]).to_frame()
    ordered = lines.sort(pl.col("line").str.slice(-TAIL, TAG_DIGITS)).to_series()
    return PeopleTree(ordered, root_over(ordered))


def read_people(content: bytes) -> PeopleTree | None:
    """Return the tree that the log keeps in these bytes, or None where they are no such leaves, in order."""
    lines = content.decode("ascii", "replace").split("\n")
    if lines.pop() or not all(map(LINE.fullmatch, lines)):
        return None
    tags = [tag_in(line) for line in lines]
    if any(before >= after for before, after in pairwise(tags)):
        return None
    ordered = pl.Series("line", lines, dtype=pl.String)
    return PeopleTree(ordered, root_over(ordered))


def root_over(lines: pl.Series) -> bytes:
    """Return the RFC 9162 root over the lines; whole levels at a time."""
    if lines.is_empty():
        return EMPTY_ROOT
    level = sha256(
        pl.DataFrame({"line": lines}).select(pl.lit(b"\x00") + pl.col("line").cast(pl.Binary)).to_series()
    )
    while len(level) > 1:
        pairs = len(level) // 2
        left, right = level.gather_every(2)[:pairs], level.gather_every(2, offset=1)
        joined = pl.DataFrame({"left": left, "right": right}).select(
            pl.lit(b"\x01") + pl.col("left") + pl.col("right")
        )
        above = sha256(joined.to_series())
        level = pl.concat([above, level[2 * pairs :].rename(above.name)]) if len(level) % 2 else above
    return bytes(level[0])
