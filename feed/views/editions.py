"""The editions in the folder of releases: listed by their signed descriptors, read by their digests."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from feed.periods import parse
from feed.release.build import Keys
from feed.release.datapackage import NAME
from feed.release.editions import EARLIER as EARLIER_FOLDER
from feed.release.editions import Editions
from feed.release.errors import ReleaseAltered
from feed.release.files import rows_of, sha256
from feed.release.observed import KEY
from feed.release.sheet import POLARS, Column
from feed.release.signature import is_signed, verified
from feed.views.declared import EARLIER, EDITION_COLUMNS, IN_FORCE, OF, tables
from feed.views.errors import AS_BEFORE

OWN = ("dictionary", "quality_sheet", "revisions")
"""The tables of a release that hold no figures."""


@dataclass(frozen=True)
class Edition:
    """One edition on disk, whose descriptor a trusted key signed: its row among the editions."""

    folder: Path
    row: tuple[Any, ...]
    keys: Keys

    @property
    def name(self) -> tuple[str, int]:
        """Return the release and the number of the edition."""
        return self.row[0], self.row[1]

    @property
    def sha256(self) -> str:
        """Return the digest of the descriptor, which names that of every file."""
        return str(dict(zip(_NAMES, self.row, strict=True))["sha256"])

    def rows(self) -> dict[str, pl.DataFrame]:
        """Return the rows of each table behind the views that the edition adds to.

        Errors:  ReleaseAltered, if a file is not as it was published.
        """
        said = verified(self.folder, self.keys.trusted)
        read = {each["path"].removesuffix(".parquet"): self._read(each) for each in said["resources"]
                if each["format"] == "parquet"}  # fmt: skip
        figures = [rows for name, rows in read.items() if name not in OWN and set(KEY) < set(rows.columns)]
        columns = tables()
        found = {name: read[name] for name in OWN if name in read}
        if figures:
            found["figures"] = pl.concat(figures)
        return {name: self._typed(rows, columns[name]) for name, rows in found.items()}

    def _read(self, resource: Mapping[str, Any]) -> pl.DataFrame:
        path = self.folder / resource["path"]
        content = path.read_bytes()
        if sha256(content) != resource["hash"]:
            raise ReleaseAltered(f"{path.as_posix()} is not what was published.", sent=AS_BEFORE)
        return rows_of(content)

    def _typed(self, rows: pl.DataFrame, columns: tuple[Column, ...]) -> pl.DataFrame:
        """Return the rows with the columns of their table; one that an older release lacks is empty."""
        of = dict(zip((column.name for column in OF), self.name, strict=True))
        return rows.select(
            pl.lit(of[column.name]).cast(POLARS[column.kind]).alias(column.name)
            if column.name in of
            else (
                pl.col(column.name) if column.name in rows.columns else pl.lit(None).alias(column.name)
            ).cast(POLARS[column.kind])
            for column in columns
        )


_NAMES = tuple(column.name for column in EDITION_COLUMNS)


def editions_in(feed: Path, keys: Keys) -> list[Edition]:
    """Return every edition that may be shown, in a fixed order.

    Given:   the folder of all releases, which nobody else changes now.
    Returns: none whose descriptor a revoked key signed: it is no longer believed.
    Errors:  ReleaseAltered, if no key of ours ever signed one.
    """
    for period in sorted(path.name for path in (feed / EARLIER_FOLDER).glob("*")):
        Editions(feed, period).settle()
    return sorted(_found(feed, keys), key=lambda edition: edition.name)


def _found(feed: Path, keys: Keys) -> Iterator[Edition]:
    kept = partial(_edition, keys=keys)
    for path in feed.glob(f"*/{NAME}"):
        yield from kept(path.parent, state=IN_FORCE)
    for path in feed.glob(f"{EARLIER_FOLDER}/*/*/{NAME}"):
        yield from kept(path.parent, state=EARLIER)


def _edition(folder: Path, keys: Keys, state: str) -> Iterator[Edition]:
    if is_signed(folder, keys.trusted):
        yield Edition(folder, _row(folder, state), keys)
    elif not is_signed(folder, keys.ever):
        raise ReleaseAltered(
            f"{folder.as_posix()}/{NAME}: no key of ours made its signature.", sent=AS_BEFORE
        )


def _row(folder: Path, state: str) -> tuple[Any, ...]:
    described = (folder / NAME).read_bytes()
    said = json.loads(described)
    ours = said["viaduct"]
    period = parse(ours["period"])
    return (
        ours["period"],
        ours["edition"],
        state,
        said["title"],
        period.start,
        period.end,
        ours["as_of"],
        ours["as_of_batch"],
        said["contributors"][0]["title"],
        "yes" if ours["sample"] else "no",
        sha256(described),
        ours["replaces"],
    )
