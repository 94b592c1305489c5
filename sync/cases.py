"""Cases that tell of abuse: a referral of which any row tells it, or that came from such a referral.

Who sees a referral sent on, and no row that says where to, knows where to. So a case tells as a whole,
and at the provider that received it too: what a rule finds in a referral reaches all that hangs on it.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import polars as pl

from common.files import private_folder, write_atomic
from sharing.keyed import hmac_sha256_16
from sync.digests import Digest

TELLING = ("referral", "need", "advice", "signposting", "onward_referral")
CASES = "cases"
NONE = pl.Series("case", [], dtype=pl.UInt64)
PAIRS = pl.DataFrame(schema={"case": pl.UInt64, "origin": pl.UInt64})


class CaseNotes(Protocol):
    """What one source says of its cases: those that tell of abuse, and the cases that they came from."""

    telling: list[pl.Series]
    came_from: list[pl.DataFrame]
    referrals: list[pl.DataFrame]


def note_cases(notes: CaseNotes, tables: dict[str, pl.DataFrame], digest: Digest) -> None:
    """Add one batch's cases. A row of which it cannot be excluded tells."""
    for entity in TELLING:
        if entity in tables:
            rows = telling_rows(tables[entity])
            if not rows.is_empty():
                case = digest.of(pl.col("_source"), pl.col("referral_id"))
                notes.telling.append(rows.select(case.alias("case")).to_series().drop_nulls())
    if "referral" in tables:
        own = digest.of(pl.col("_source"), pl.col("_reference"))
        pairs = tables["referral"].select(case=own, origin=digest.elsewhere("parent_referral_id"))
        notes.came_from.append(pairs.drop_nulls().unique())


def telling_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that tell of abuse, or of which it cannot be excluded."""
    return table.filter(pl.col("reveals_abuse").ne_missing(pl.lit(value=False)))


def telling(
    notes: Mapping[str, CaseNotes], folder: Path, missing: list[str], key: bytes, also: pl.Series = NONE
) -> pl.Series:
    """Return the digests of every case that tells, whichever way one came from the other.

    Given: `missing` are sources not read tonight: of the cases there, and of those that they came from,
           the remembered ones tell; where nothing is remembered, every case that came from there tells.
           `also` tell by a row that is gone.
    """
    known = pl.concat([NONE, also, *[part for note in notes.values() for part in note.telling]])
    pairs = pl.concat([PAIRS, *[part for note in notes.values() for part in note.came_from]])
    if missing:
        known = pl.concat([known, _through_missing(notes, pairs, folder, missing, key)])
    return _along(known.unique(), pairs)


def _along(known: pl.Series, pairs: pl.DataFrame) -> pl.Series:
    """Return the cases, and all that they came from or that came from them."""
    while True:
        told, origin_told = (pl.col(end).is_in(known.implode()) for end in ("case", "origin"))
        reached = pairs.filter(told ^ origin_told)
        if reached.is_empty():
            return known
        known = pl.concat([known, reached["case"], reached["origin"].alias("case")]).unique()


def _through_missing(
    notes: Mapping[str, CaseNotes], pairs: pl.DataFrame, folder: Path, missing: list[str], key: bytes
) -> pl.Series:
    remembered = [_read(folder / CASES / f"{source}.parquet") for source in missing]
    here = pl.concat(
        [NONE, *[part["referral"] for note in notes.values() for part in note.referrals]]
    ).unique()
    elsewhere = pairs.filter(~pl.col("origin").is_in(here.implode()))["origin"].unique().alias("case")
    if any(part is None for part in remembered):
        return elsewhere
    marks = pl.concat([part for part in remembered if part is not None])
    asked = pl.concat([here.alias("case"), elsewhere])
    return asked.filter(_keyed(asked, key).is_in(marks.implode()))


def remember_cases(folder: Path, source: str, notes: CaseNotes, key: bytes, *, add: bool = False) -> None:
    """Write down which of the source's cases tell, and what those came from, as keyed digests.

    Given: add=True keeps those remembered before as well.
    """
    own = pl.concat([NONE, *notes.telling]).unique()
    pairs = pl.concat([PAIRS, *notes.came_from])
    origins = pairs.filter(pl.col("case").is_in(own.implode()))["origin"].alias("case")
    cases = pl.concat([own, origins]).unique()
    path = private_folder(folder / CASES) / f"{source}.parquet"
    before = _read(path) if add else None
    marks = _keyed(cases, key)
    marks = marks if before is None else pl.concat([marks, before]).unique()
    write_atomic(path, as_parquet(marks.sort().to_frame()))


def as_parquet(table: pl.DataFrame) -> bytes:
    """Return the table as the bytes of a column file."""
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def _keyed(cases: pl.Series, key: bytes) -> pl.Series:
    return hmac_sha256_16(cases.cast(pl.String), key).alias("keyed")


def _read(path: Path) -> pl.Series | None:
    return pl.read_parquet(path)["keyed"] if path.exists() else None
