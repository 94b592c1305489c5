"""Who of those with a secret a batch tells of; of the others only how many there are."""

import polars as pl

from audit.kept import broken, people_file
from audit.people import read_people
from audit.person import OPERATIONS
from audit.person_leaf import TAG_DIGITS, TAIL
from audit.reading import Reading, batch_name
from audit.secrets import tags

TOLD = {"person": pl.Binary, "operation": pl.String, "rows": pl.UInt32}


def told_in(reading: Reading, leaf: dict[str, object], secrets: pl.DataFrame) -> pl.DataFrame:
    """Return one row per person and operation of a batch: DataFrame[person, operation, rows].

    Given:   the batch's leaf; DataFrame[person Binary, secret Binary] of everybody who has a secret.
    Returns: `person` null where no secret makes the tag: that person was forgotten, or their secret had its
             time. Errors: DisclosureLogBroken, if the people are not those that the batch commits to.
    """
    tree = read_people(reading.people_text(leaf).encode())
    if tree is None or {"leaves": tree.count, "root": tree.root.hex()} != leaf["people"]:
        place = people_file(reading.folder, str(leaf["flow"]), int(str(leaf["seq"])))
        raise broken(f"{place.relative_to(reading.folder).as_posix()}: not the people of its batch.")
    lines = tree.lines.to_frame("line").select(
        pl.col("line").str.slice(-TAIL, TAG_DIGITS).str.decode("hex").alias("tag"),
        pl.col("line").str.extract('"operation":"([a-z]+)"').alias("operation"),
        pl.col("line").str.extract('"rows":([0-9]+)').cast(pl.UInt32).alias("rows"),
    )
    parts = [
        _joined(lines.filter(pl.col("operation") == operation), secrets, batch_name(leaf), operation)
        for operation in OPERATIONS
    ]
    return pl.concat([pl.DataFrame(schema=TOLD), *parts])


def _joined(lines: pl.DataFrame, secrets: pl.DataFrame, batch: str, operation: str) -> pl.DataFrame:
    if lines.is_empty() or secrets.is_empty():
        return lines.select(pl.lit(None, pl.Binary).alias("person"), "operation", "rows")
    own = secrets.select("person", tag=tags(secrets["secret"], batch, operation))
    return lines.join(own, on="tag", how="left").select(list(TOLD))
