"""Why a pack tells of how many people as two numbers: in words, with the counts from which they come."""

import polars as pl

from sync.incident.people import Concerned
from sync.incident.scope import Part

GONE = (
    "Of people of whom no row is at any recipient any more nobody can tell whose they were: the lower number"
    " leaves them out, the upper counts them."
)
UNNAMED = (
    "Of people whose log secret is gone nobody can tell whether two batches tell of the same: the lower"
    " number takes them for the same as far as can be, the upper for others each time."
)


def why_a_range(parts: list[Part], found: Concerned) -> str | None:
    """Return why the number of people of whom rows were sent is a range; None where it is exact."""
    bounds = found.bounds("upsert")
    if bounds["at_least"] == bounds["at_most"]:
        return None
    if found.counted:
        return _of_files(parts[0], found)
    return UNNAMED if found.sure is None else GONE


def _of_files(part: Part, found: Concerned) -> str:
    flow, seq, entities = part.leaf["flow"], part.leaf["seq"], {file["entity"] for file in part.files}
    of_batch = found.there.filter(pl.col("flow") == flow, pl.col("batch") == seq)
    standing = of_batch.filter(pl.col("entity").is_in(entities)).height
    every = sum(one["rows"] for one in part.leaf["files"] if one["entity"] in entities)
    anew = found.there.filter(
        pl.col("flow") == flow,
        pl.col("batch") != seq,
        pl.col("entity").is_in(entities),
        pl.col("person").is_in(found.of("upsert").implode()),
    )
    return (
        "The log says how many rows of each person the batch holds and how many rows each file has, not in"
        f" which file a row is. Of the {every:,} rows of this kind in the batch, {standing:,} still stand at"
        " the recipient as it brought them and tell whose they are; the others were sent anew or taken back"
        " since. The lower number is the fewest people whose rows can fill the file, or those whose rows"
        " stand, if they are more; the upper is one person for each row, or everybody in the batch, if they"
        f" are fewer. {anew['person'].n_unique():,} people of the batch have rows of this kind at the"
        " recipient by another batch: likely they, or some of them, are meant too; that no log can prove."
    )
