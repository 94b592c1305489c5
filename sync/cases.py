"""Cases that tell of abuse: a referral of which any row tells it, or that came from such a referral.

Who sees a referral sent on, and no row that says where to, knows where to. So a case tells as a whole,
and at the provider that received it too: what a rule finds in a referral reaches all that hangs on it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import polars as pl

from common.files import private_folder, whole_file
from sharing.keyed import hmac_sha256_16
from sync.digests import Digest

TELLING = ("referral", "need", "advice", "signposting", "onward_referral")
CASES = "cases"
NONE = pl.Series("case", [], dtype=pl.UInt64)


class CaseNotes(Protocol):
    """What one source says of its cases: those that tell of abuse, and those of others that it names."""

    telling: list[pl.Series]
    named: list[pl.Series]


def note_cases(notes: CaseNotes, tables: dict[str, pl.DataFrame], digest: Digest) -> None:
    """Add one batch's cases. A row of which it cannot be excluded tells."""
    for entity in TELLING:
        if entity in tables:
            rows = tables[entity].filter(pl.col("reveals_abuse").ne_missing(pl.lit(value=False)))
            if not rows.is_empty():
                case = digest.of(pl.col("_source"), pl.col("referral_id"))
                notes.telling.append(rows.select(case.alias("case")).to_series().drop_nulls())
    if "referral" in tables:
        named = tables["referral"].select(case=digest.elsewhere("parent_referral_id"))
        notes.named.append(named.to_series().drop_nulls().unique())


def telling(notes: Mapping[str, CaseNotes], folder: Path, missing: list[str], key: bytes) -> pl.Series:
    """Return the digests of every case that tells.

    Given: `missing` are sources not read tonight: of the cases there, those remembered, or all if none are.
    """
    known = pl.concat([NONE, *[part for note in notes.values() for part in note.telling]])
    named = pl.concat([NONE, *[part for note in notes.values() for part in note.named]]).unique()
    named = named.filter(~named.is_in(known.implode()))
    if not missing or named.is_empty():
        return known.unique()
    remembered = [_read(folder / CASES / f"{source}.parquet") for source in missing]
    if any(part is None for part in remembered):
        return pl.concat([known, named]).unique()
    marks = pl.concat([part for part in remembered if part is not None])
    return pl.concat([known, named.filter(_keyed(named, key).is_in(marks.implode()))]).unique()


def remember_cases(folder: Path, source: str, notes: CaseNotes, key: bytes) -> None:
    """Write down which of the source's cases tell, as keyed digests."""
    cases = pl.concat([NONE, *notes.telling]).unique()
    with whole_file(private_folder(folder / CASES) / f"{source}.parquet") as temporary:
        _keyed(cases, key).sort().to_frame().write_parquet(temporary)


def _keyed(cases: pl.Series, key: bytes) -> pl.Series:
    return hmac_sha256_16(cases.cast(pl.String), key).alias("keyed")


def _read(path: Path) -> pl.Series | None:
    return pl.read_parquet(path)["keyed"] if path.exists() else None
