"""What is remembered of the safety flag, so that a source that cannot be read tonight does not unset it.

Per source the flagged people themselves, their addresses, numbers and property references, as HMAC digests
under the memory key. A source that was never read whole has no such file: then the flag is taken as set for
everybody, because a wrong "unset" cannot be taken back.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from common.files import private_folder, write_atomic
from sharing.keyed import hmac_sha256_16
from sync.cases import as_parquet, remember_cases
from sync.people import ADDRESS, EMPTY_NOTES, NUMBER, UPRN, PeopleIndex, SourceNotes

CROSSING = (ADDRESS, UPRN, NUMBER)
SELF = 0
NOBODY = pl.Series("p", [], dtype=pl.UInt64)
NOTHING = pl.Series("keyed", [], dtype=pl.Binary)


def remember(
    folder: Path, source: str, notes: SourceNotes, index: PeopleIndex, key: bytes, *, add: bool = False
) -> None:
    """Write down the source's flagged people and their marks, and which of its cases tell of abuse.

    Given: add=True keeps what was remembered before: the account saw less tonight than it did then.
    """
    flagged = _links({source: notes}).filter(pl.col("person").is_in(index.flagged.implode()))
    marks = _keyed(flagged.select("kind", "mark").unique(), key)["keyed"]
    path = private_folder(folder) / f"{source}.parquet"
    before = _read(path) if add else None
    if before is not None:
        marks = pl.concat([marks, before])
    write_atomic(path, as_parquet(marks.unique().sort().to_frame()))
    remember_cases(folder, source, notes, key, add=add)


def known(folder: Path, source: str) -> bool:
    """Return whether the source was ever read whole."""
    return (folder / f"{source}.parquet").exists()


def under_flag(folder: Path, sources: list[str], people: pl.Series, key: bytes) -> pl.Series:
    """Return who of these people was under the flag when their source was last read.

    Given: digests of people, each once; sources that were read whole at least once.
    """
    remembered = [_read(folder / f"{source}.parquet") for source in sources]
    marks = pl.concat([NOTHING, *(part for part in remembered if part is not None)])
    themselves = pl.DataFrame(
        {"kind": pl.repeat(SELF, len(people), dtype=pl.UInt8, eager=True), "mark": people}
    )
    return people.filter(_keyed(themselves, key)["keyed"].is_in(marks.implode()))


def flagged_through(
    folder: Path, missing: list[str], notes: dict[str, SourceNotes], key: bytes
) -> tuple[pl.Series, bool]:
    """Return the people flagged through sources that are missing tonight, and whether everybody must be.

    Given: `missing` are the site's sources that were not read whole tonight, or of which the account sees
           less than it did.
    """
    if not missing:
        return NOBODY, False
    remembered = [_read(folder / f"{source}.parquet") for source in missing]
    if any(part is None for part in remembered):
        return NOBODY, True
    marks = pl.concat([part for part in remembered if part is not None])
    tonight = _links(notes)
    known = _keyed(tonight.select("kind", "mark").unique(), key).filter(
        pl.col("keyed").is_in(marks.implode())
    )
    flagged = tonight.join(known.select("kind", "mark"), on=["kind", "mark"])["person"]
    return flagged.unique().alias("p"), False


def _links(notes: Mapping[str, SourceNotes]) -> pl.DataFrame:
    """Return DataFrame[person, kind, mark] of what a flag is known by; each person is a mark of their own."""
    own = [
        names.select("person", pl.lit(SELF, pl.UInt8).alias("kind"), pl.col("person").alias("mark"))
        for note in notes.values()
        for names in note.names
    ]
    crossing = [part.filter(pl.col("kind").is_in(CROSSING)) for note in notes.values() for part in note.links]
    return pl.concat([pl.DataFrame(schema=EMPTY_NOTES), *own, *crossing]).drop_nulls()


def _keyed(marks: pl.DataFrame, key: bytes) -> pl.DataFrame:
    text = marks.select(pl.concat_str("kind", "mark", separator="\x1f").alias("text")).to_series()
    return marks.with_columns(hmac_sha256_16(text, key).alias("keyed"))


def _read(path: Path) -> pl.Series | None:
    return pl.read_parquet(path, columns=["keyed"])["keyed"] if path.exists() else None
