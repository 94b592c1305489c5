"""What each row of a source stands for: a flag of its own, a case that tells, a home, a relation, an answer.

Noted in pass one beside what crosses people, each row by the digest of its export and its reference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from mappings import derive
from sync.cases import TELLING, telling_rows
from sync.digests import Digest

SELF = 0
OWNER, CASE, NO = range(10, 13)
"""Kinds of marks beside those of links: the owner of a case, a case that tells, a person who said no."""


@dataclass
class ProofNotes:
    """What one source's rows stand for, each row by the digest of its export and reference.

    records:   every row that is there.
    said:      DataFrame[record, kind, mark]: rows that set a flag, or tell of a case, by themselves.
    joins:     DataFrame[record, person]: rows that say where somebody lives, or who they are.
    relations: DataFrame[record, person]: rows that join two people; one line for each.
    referrals: DataFrame[record, case, origin, person].
    answers:   DataFrame[record, person, _doubtful, _at, _rank]: answers about sharing with the council.
    """

    records: list[pl.Series] = field(default_factory=list)
    said: list[pl.DataFrame] = field(default_factory=list)
    joins: list[pl.DataFrame] = field(default_factory=list)
    relations: list[pl.DataFrame] = field(default_factory=list)
    referrals: list[pl.DataFrame] = field(default_factory=list)
    answers: list[pl.DataFrame] = field(default_factory=list)


def note_proofs(
    notes: ProofNotes,
    records: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    digest: Digest,
    own_flag: Mapping[str, pl.Expr],
) -> None:
    """Add one batch of mapped tables. Given: `records` is DataFrame[_row, record] of the batch."""
    notes.records.append(records["record"])
    own = digest.of(pl.col("_source"), pl.col("_reference"))
    case = digest.of(pl.col("_source"), pl.col("referral_id"))
    for entity, table in tables.items():
        rows = _Rows(table, records)
        owner = own if entity == "person" else digest.person()
        if entity in own_flag:
            proving = rows.of(table.filter(own_flag[entity].fill_null(value=True)))
            notes.said.append(proving.marks(SELF, owner))
            if "referral_id" in table.columns and entity != "person":
                notes.said.append(proving.marks(OWNER, case))
        if entity in TELLING:
            notes.said.append(rows.of(telling_rows(table)).marks(CASE, case))
        if entity in ("person", "address"):
            notes.joins.append(rows.select(person=owner))
        if entity == "relationship":
            ends = ("person_id", "related_person_id")
            notes.relations += [rows.select(person=digest.person(end)) for end in ends]
        if entity == "referral":
            origin = digest.elsewhere("parent_referral_id")
            notes.referrals.append(rows.select(case=own, origin=origin, person=digest.person()))
        if entity == "consent":
            answers = _Rows(derive.answers(table, "_row", "_source"), records)
            notes.answers.append(answers.select(*derive.ANSWER, person=digest.person("person_id")))


@dataclass(frozen=True)
class _Rows:
    """Some rows of a batch, and the digests of all its records."""

    table: pl.DataFrame
    records: pl.DataFrame

    def of(self, table: pl.DataFrame) -> "_Rows":
        return _Rows(table, self.records)

    def select(self, *names: str, **columns: pl.Expr) -> pl.DataFrame:
        """Return DataFrame[record, columns...]."""
        chosen = self.table.select("_row", *names, **columns)
        return chosen.join(self.records, on="_row").select("record", *names, *columns)

    def marks(self, kind: int, mark: pl.Expr) -> pl.DataFrame:
        """Return DataFrame[record, kind, mark] of the rows that have the mark."""
        return self.select(kind=pl.lit(kind, pl.UInt8), mark=mark).drop_nulls()


class Told(Protocol):
    """What a source's summary tells."""

    source: str
    kept: int


@dataclass(frozen=True)
class Kept:
    """What stays as it was because a row is gone.

    rows:    per source DataFrame[record, kind, mark] of rows that are gone, as keyed digests.
    flagged: digests of people who keep the flag; `cases`: of cases that tell on; `doubted`: of people whose
             last answer is not known for certain.
    people:  per source how many people that concerns.
    """

    rows: dict[str, pl.DataFrame] = field(default_factory=dict)
    flagged: pl.Series = field(default_factory=lambda: nobody("p"))
    cases: pl.Series = field(default_factory=lambda: nobody("case"))
    doubted: pl.Series = field(default_factory=lambda: nobody("case"))
    people: dict[str, int] = field(default_factory=dict)

    def tell(self, sources: Iterable[Told]) -> None:
        """Tell each source how many of its people keep what a row that is gone had said."""
        for told in sources:
            told.kept = self.people.get(told.source, 0)


def nobody(name: str) -> pl.Series:
    """Return an empty series of digests."""
    return pl.Series(name, [], dtype=pl.UInt64)
