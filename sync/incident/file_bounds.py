"""How many people some files of a batch can be about, told from the rows of each person and of each file."""

import polars as pl

from sync.incident.scope import Part

Bounds = tuple[int, int]


def bounds_of(part: Part, operation: str, rows: pl.Series) -> Bounds:
    """Return at least and at most how many people have a row of this operation in the files that are meant.

    Given: of each person how many such rows the batch holds, in whatever files.
    Who is in none of the files has all rows in the others; so many people as those can hold, the ones with
    the fewest rows first, may be in none. Each person that is in one has at least one row there. And a file
    of persons holds one row of each.
    """
    meant = part.rows(operation)
    others = _rows_of_batch(part, operation) - meant
    persons = part.rows(operation, "person") if operation == "upsert" else 0
    other_persons = _rows_of_batch(part, operation, "person") - persons if operation == "upsert" else 0
    absent = min(_most_that_fit(rows, others), _most_that_fit(rows - 1, others - other_persons))
    least = max(persons, len(rows) - absent) if meant else 0
    return least, min(len(rows), meant)


def _most_that_fit(rows: pl.Series, room: int) -> int:
    """Return of how many people at most all these rows fit into the room."""
    return int((rows.cast(pl.Int64).sort().cum_sum() <= room).sum())


def _rows_of_batch(part: Part, operation: str, entity: str | None = None) -> int:
    files = (file for file in part.leaf["files"] if file["operation"] == operation)
    return sum(file["rows"] for file in files if entity in {None, file["entity"]})
