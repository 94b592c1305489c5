"""Noting in pass one what crosses people, as one assessment reads the rows: who is endangered by which."""

from dataclasses import dataclass, field

import polars as pl

from sharing import Ground
from sync import people
from sync.digests import Digest
from sync.proof_notes import note_proofs


@dataclass
class Noting:
    """One assessment's reading of a source: what sets the flag, on what ground, and what was noted by it."""

    digest: Digest = field(repr=False)
    own_flag: dict[str, pl.Expr] = field(repr=False)
    own_ground: dict[str, pl.Expr] = field(repr=False)
    notes: people.SourceNotes = field(default_factory=people.SourceNotes, repr=False)

    def take(self, tables: dict[str, pl.DataFrame], records: pl.DataFrame) -> None:
        """Note one batch of mapped tables. Given: DataFrame[_row, record] of the batch's export."""
        people.take_notes(self.notes, tables, self.digest, self.own_flag, self.own_ground)
        self.notes.numbers.take(tables, self.digest)
        self.notes.identity.take(tables, self.digest)
        note_proofs(self.notes.proofs, records, tables, self.digest, self.own_flag)

    def doubt(self, entity: str, rows: pl.DataFrame) -> None:
        """Take the stricter reading of what rows of no use may have said: DataFrame[_source, _person]."""
        persons = rows.select(self.digest.person().alias("p")).to_series().drop_nulls()
        if entity in self.own_flag:
            self.notes.flagged.append(persons)
            doubted = pl.DataFrame({"person": persons}).with_columns(
                ground=pl.lit(int(Ground.UNREADABLE), pl.UInt8)
            )
            self.notes.grounds.append(doubted)
        if entity == "consent":
            self.notes.doubted.append(persons)
