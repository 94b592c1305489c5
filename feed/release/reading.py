"""Read the figures of a published release back, verified."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from feed.release.files import rows_of
from feed.release.observed import COLUMNS, KEY, MEASURES
from feed.release.sheet import empty
from feed.release.signature import verified
from sealing.signing import Verifier


@dataclass(frozen=True)
class Figures:
    """One published edition: its period, its number, the batch it was counted as of, and its figures."""

    period: str
    edition: int
    batch: int
    rows: pl.DataFrame = field(repr=False)


def published_figures(folder: Path, keys: Iterable[Verifier]) -> Figures:
    """Return the figures of all tables of a release. Errors: ReleaseNotThere, ReleaseAltered."""
    said = verified(folder, keys)
    ours = said["viaduct"]
    paths = [folder / each["path"] for each in said["resources"] if each["format"] == "parquet"]
    tables = [rows_of(path.read_bytes()) for path in paths]
    figures = [rows for rows in tables if {*KEY, *MEASURES} <= set(rows.columns)]
    return Figures(
        ours["period"], ours["edition"], ours["as_of_batch"] or 0, pl.concat([empty(COLUMNS), *figures])
    )
