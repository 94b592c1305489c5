"""What proved a danger, or said no, and is not there any more: a row that is gone lifts nothing.

A record that is there and says otherwise is a statement of the provider. One that is missing says nothing:
it may have been deleted, or a permission, a template or a lost row keeps it away. What it stood for is kept
until it is there again, or until a person lets it go (`--accept-drop`): a wrong "unset" cannot be taken back.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import polars as pl

from common.files import private_folder, write_atomic
from mappings import derive
from sharing.keyed import hmac_sha256_16
from sync.cases import as_parquet
from sync.proof_notes import CASE, NO, OWNER, SELF, Kept, ProofNotes, nobody

PROOFS = "proofs"
ROWS = {"record": pl.UInt64, "kind": pl.UInt8, "mark": pl.UInt64}
JOINS = {"record": pl.UInt64, "person": pl.UInt64}
REFERRALS = {"record": pl.UInt64, "case": pl.UInt64, "origin": pl.UInt64, "person": pl.UInt64}
MARKS = {"who": pl.UInt64, "kind": pl.UInt8, "mark": pl.UInt64}
KEPT = {"record": pl.Binary, "kind": pl.UInt8, "mark": pl.Binary}


class Notes(Protocol):
    """What one source says that crosses people, and what its rows stand for."""

    proofs: ProofNotes
    names: list[pl.DataFrame]
    absorbed: list[pl.DataFrame]
    links: list[pl.DataFrame]
    referrals: list[pl.DataFrame]
    came_from: list[pl.DataFrame]
    flagged_referrals: list[pl.Series]


class Index(Protocol):
    """Who is under the flag, and which cases tell."""

    @property
    def flagged(self) -> pl.Series:
        """Return the digests of people under the flag."""

    @property
    def telling(self) -> pl.Series:
        """Return the digests of cases that tell."""


def kept(folder: Path, read: Iterable[str], notes: Mapping[str, Notes], key: bytes) -> Kept:
    """Return what rows that are gone still stand for.

    Given: `read` are the sources read whole tonight, of which nobody has let anything go.
    """
    rows = {
        source: gone for source in read if not (gone := _gone(folder, source, notes[source], key)).is_empty()
    }
    if not rows:
        return Kept()
    every = pl.concat(rows.values())
    tonight = _keyed_marks(_marks_of(notes).filter(pl.col("kind").is_in(every["kind"].implode())), key)
    found = {
        source: tonight.join(gone, on=["kind", "mark"]).unique(["who", "kind"])
        for source, gone in rows.items()
    }
    met, not_a_person = pl.concat(found.values()), pl.col("kind").is_in([CASE, NO])
    return Kept(
        rows,
        met.filter(~not_a_person)["who"].unique().alias("p"),
        met.filter(pl.col("kind") == CASE)["who"].unique().alias("case"),
        met.filter(pl.col("kind") == NO)["who"].unique().alias("case"),
        {source: one.filter(pl.col("kind") != CASE)["who"].n_unique() for source, one in found.items()},
    )


def remember_proofs(
    folder: Path, source: str, notes: Mapping[str, Notes], index: Index, key: bytes, *, stays: Kept, add: bool
) -> None:
    """Write down what each row of the source stands for, with what stays of rows that are gone.

    Given: add=True keeps what was remembered before as well.
    """
    tonight = _keyed_marks(_stood_for(source, notes, index), key)
    tonight = tonight.with_columns(_keyed(tonight["record"], key, "row"))
    parts = [tonight.select(list(KEPT)), stays.rows.get(source, pl.DataFrame(schema=KEPT))]
    path = private_folder(folder / PROOFS) / f"{source}.parquet"
    if add and path.exists():
        parts.append(pl.read_parquet(path))
    write_atomic(path, as_parquet(pl.concat(parts).unique().sort("record", "kind", "mark")))


def known(folder: Path, source: str) -> bool:
    """Return whether it was ever written down what the source's rows stand for."""
    return (folder / PROOFS / f"{source}.parquet").exists()


def _gone(folder: Path, source: str, notes: Notes, key: bytes) -> pl.DataFrame:
    if not known(folder, source):
        return pl.DataFrame(schema=KEPT)
    before = pl.read_parquet(folder / PROOFS / f"{source}.parquet")
    here = _keyed(pl.concat([nobody("record"), *notes.proofs.records]), key, "row")
    return before.filter(~pl.col("record").is_in(here.implode()))


def _marks_of(notes: Mapping[str, Notes]) -> pl.DataFrame:
    """Return DataFrame[who, kind, mark]: people and cases of tonight, by all that they can be known by."""
    names = [part["person"] for note in notes.values() for part in note.names]
    people = pl.DataFrame({"who": pl.concat([nobody("who"), *[each.alias("who") for each in names]])})
    people = pl.concat([people.with_columns(mark="who"), _absorbed(notes)])
    links = [part.select("kind", "mark", who="person") for note in notes.values() for part in note.links]
    owners = [
        part.select(who="person", mark="referral") for note in notes.values() for part in note.referrals
    ]
    ends = [part[end] for note in notes.values() for part in note.came_from for end in ("case", "origin")]
    cases = pl.DataFrame(
        {
            "who": pl.concat(
                [nobody("who"), *[each.alias("who") for each in [*ends, *(part["mark"] for part in owners)]]]
            )
        }
    )
    every = [
        _of_kind(people, SELF),
        _of_kind(people, NO),
        *links,
        *[_of_kind(part, OWNER) for part in owners],
        _of_kind(cases.with_columns(mark="who"), CASE),
    ]
    return pl.concat([part.select(list(MARKS)) for part in every]).drop_nulls().unique()


def _absorbed(notes: Mapping[str, Notes]) -> pl.DataFrame:
    """Return DataFrame[who, mark]: a record that was merged away is known by the one it is now part of."""
    pairs = pl.concat(
        [
            pl.DataFrame(schema={"lost": pl.UInt64, "person": pl.UInt64}),
            *[p for n in notes.values() for p in n.absorbed],
        ]
    )
    found = pairs.select(who="person", mark="lost").unique()
    while True:
        further = pairs.join(found, left_on="lost", right_on="who").select(who="person", mark="mark")
        more = further.unique().join(found, on=["who", "mark"], how="anti")
        if more.is_empty():
            return found
        found = pl.concat([found, more])


def _stood_for(source: str, notes: Mapping[str, Notes], index: Index) -> pl.DataFrame:
    """Return DataFrame[record, kind, mark] of all that a row of the source stands for tonight."""
    own = notes[source].proofs
    in_danger = pl.col("person").is_in(index.flagged.implode())
    links = pl.concat(
        [part.select("person", "kind", "mark") for note in notes.values() for part in note.links]
    )
    shared = links.unique().filter(pl.col("mark").is_duplicated()).filter(in_danger)
    joins = _stack(own.joins, JOINS).join(shared, on="person")
    relations = _stack(own.relations, JOINS).filter(in_danger)
    referrals = _stack(own.referrals, REFERRALS)
    cases = referrals.filter(pl.col("case").is_in(index.telling.implode()))
    through = pl.concat([nobody("case"), *[part.alias("case") for part in notes[source].flagged_referrals]])
    owned = referrals.filter(pl.col("case").is_in(pl.concat([index.telling, through]).implode()))
    every = [
        *own.said,
        joins,
        _of_kind(relations.select("record", mark="person"), SELF),
        *[_of_kind(cases.select("record", mark=end), CASE) for end in ("case", "origin")],
        _of_kind(owned.select("record", mark="person"), SELF),
        _of_kind(_noes(own), NO),
    ]
    return _stack(every, ROWS).drop_nulls().unique()


def _noes(notes: ProofNotes) -> pl.DataFrame:
    """Return DataFrame[record, mark]: the answer that counts of each person to whom it is not a yes."""
    if not notes.answers:
        return pl.DataFrame(schema={"record": pl.UInt64, "mark": pl.UInt64})
    latest = derive.latest_answers(pl.concat(notes.answers).drop_nulls("person"), "person")
    return latest.filter(pl.col("_rank") != derive.YES).select("record", mark="person")


def _of_kind(marks: pl.DataFrame, kind: int) -> pl.DataFrame:
    return marks.with_columns(pl.lit(kind, pl.UInt8).alias("kind"))


def _stack(parts: list[pl.DataFrame], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *[part.select(list(schema)) for part in parts]])


def _keyed_marks(marks: pl.DataFrame, key: bytes) -> pl.DataFrame:
    text = marks.select(pl.concat_str("kind", "mark", separator="\x1f").alias("mark")).to_series()
    return marks.with_columns(_keyed(text, key, "mark"))


def _keyed(values: pl.Series, key: bytes, prefix: str) -> pl.Series:
    return hmac_sha256_16(values.cast(pl.String), key, f"viaduct proof {prefix}\x1f")
