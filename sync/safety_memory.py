"""What is remembered of the safety flag, so that a source that cannot be read tonight does not unset it.

Per source the addresses, numbers and property references of flagged people, as HMAC digests under
the memory key. A source that was never read whole has no such file: then the flag is taken as set for
everybody, because a wrong "unset" cannot be taken back.
"""

from pathlib import Path

import polars as pl

from common.files import private_folder, whole_file
from sharing.keyed import hmac_sha256_16
from sync.cases import remember_cases
from sync.people import ADDRESS, NUMBER, UPRN, PeopleIndex, SourceNotes

CROSSING = (ADDRESS, UPRN, NUMBER)


def remember(folder: Path, source: str, notes: SourceNotes, index: PeopleIndex, key: bytes) -> None:
    """Write down the marks of the source's flagged people, and which of its cases tell of abuse."""
    links = (
        pl.concat(notes.links)
        if notes.links
        else pl.DataFrame(schema={"person": pl.UInt64, "kind": pl.UInt8, "mark": pl.UInt64})
    )
    flagged = links.filter(pl.col("person").is_in(index.flagged.implode()) & pl.col("kind").is_in(CROSSING))
    marks = _keyed(flagged.select("kind", "mark").unique(), key).sort("keyed")
    with whole_file(private_folder(folder) / f"{source}.parquet") as temporary:
        marks.write_parquet(temporary)
    remember_cases(folder, source, notes, key)


def flagged_through(
    folder: Path, missing: list[str], notes: dict[str, SourceNotes], key: bytes
) -> tuple[pl.Series, bool]:
    """Return the people flagged through sources that are missing tonight, and whether everybody must be.

    Given: `missing` are the site's sources that were not read whole tonight.
    """
    if not missing:
        return pl.Series("p", [], dtype=pl.UInt64), False
    remembered = [_read(folder / f"{source}.parquet") for source in missing]
    if any(part is None for part in remembered):
        return pl.Series("p", [], dtype=pl.UInt64), True
    marks = pl.concat([part for part in remembered if part is not None])["keyed"]
    links = [part for note in notes.values() for part in note.links]
    if not links:
        return pl.Series("p", [], dtype=pl.UInt64), False
    tonight = pl.concat(links).filter(pl.col("kind").is_in(CROSSING))
    known = _keyed(tonight.select("kind", "mark").unique(), key).filter(
        pl.col("keyed").is_in(marks.implode())
    )
    return tonight.join(known.select("kind", "mark"), on=["kind", "mark"])["person"].unique().alias(
        "p"
    ), False


def _keyed(marks: pl.DataFrame, key: bytes) -> pl.DataFrame:
    text = marks.select(pl.concat_str("kind", "mark", separator="\x1f").alias("text")).to_series()
    return marks.with_columns(hmac_sha256_16(text, key).alias("keyed"))


def _read(path: Path) -> pl.DataFrame | None:
    return pl.read_parquet(path, columns=["keyed"]) if path.exists() else None
