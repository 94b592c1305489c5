"""Pass one: read a source's exports in batches, map them, note what crosses people, keep people whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from canonical import polars_schema, spec
from mappings import Directory, derive
from sync import people
from sync.buckets import ORPHANS, partition_of, person_bucket
from sync.cases import NONE
from sync.erased import NO_ONE
from sync.errors import ConservationBroken
from sync.homes import Homes
from sync.identity import IdentityNotes
from sync.likeness import LikenessNotes
from sync.noting import Noting
from sync.repeats import Doubts, Repeats, Seen, clashing
from sync.store import Store
from sync.view import Narrowing, View

FIRST = ("organisation", "service", "person", "referral")


class Mapped(Protocol):
    """What a compiled mapping returns for one batch."""

    @property
    def entities(self) -> dict[str, pl.DataFrame]:
        """Return the canonical tables, the one that every row makes first."""

    @property
    def rejected(self) -> pl.DataFrame:
        """Return the rows without a usable reference."""

    @property
    def repeated_for(self) -> tuple[str, ...]:
        """Return the columns in which rows of one reference may differ."""

    @property
    def apart(self) -> frozenset[str]:
        """Return the entities made of those columns."""


@dataclass
class ExportCounts:
    """The first balance: rows = read + repeated + furniture + rejected."""

    rows: int = 0
    read: int = 0
    repeated: int = 0
    furniture: int = 0
    rejected: int = 0

    def check(self, source: str, export: str) -> None:
        """Errors: ConservationBroken when the balance is off by one or more."""
        if self.rows != self.read + self.repeated + self.furniture + self.rejected:
            raise ConservationBroken(f"source {source}, export {export}: rows do not equal their fates.")


@dataclass
class Gathering:
    """One source being read."""

    source: str
    digest: people.Digest
    own_flag: dict[str, pl.Expr] = field(repr=False)
    store: Store = field(repr=False)
    view: View = field(repr=False)
    own_ground: dict[str, pl.Expr] = field(default_factory=dict, repr=False)
    narrowed: list[Narrowing] = field(default_factory=list)
    seen_less: list[Narrowing] = field(default_factory=list)
    complete: bool = True
    partial: frozenset[str] = frozenset()
    identity: pl.DataFrame = field(default_factory=NO_ONE.clone, repr=False)
    identities: IdentityNotes = field(default_factory=IdentityNotes, repr=False)
    notes: people.SourceNotes = field(default_factory=people.SourceNotes, repr=False)
    likeness: LikenessNotes = field(default_factory=LikenessNotes, repr=False)
    beside: list[Noting] = field(default_factory=list, repr=False)
    counts: dict[str, ExportCounts] = field(default_factory=dict)
    repeats: list[Repeats] = field(default_factory=list, repr=False)
    rejected: list[pl.DataFrame] = field(default_factory=list, repr=False)
    whole: dict[str, list[pl.DataFrame]] = field(default_factory=dict, repr=False)
    _merged: list[pl.Series] = field(default_factory=list, repr=False)
    _homes: Homes = field(default_factory=Homes, repr=False)
    _cases: Homes = field(default_factory=Homes, repr=False)
    _seen: dict[str, Seen] = field(default_factory=dict, repr=False)
    _doubts: list[Doubts] = field(default_factory=list, repr=False)
    _kinds: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict, repr=False)
    _torn: pl.Series = field(default_factory=NONE.clone, repr=False)
    _displaced: dict[str, list[pl.DataFrame]] = field(default_factory=dict, repr=False)
    _known: Directory | None = field(default=None, repr=False)

    def take(self, export: str, batch: pl.DataFrame, mapped: Mapped, furniture: int = 0) -> None:
        """Keep one mapped batch of an export. Errors: ConservationBroken if a row lost its fate."""
        number = list(self.counts).index(export) if export in self.counts else len(self.counts)
        counts = self.counts.setdefault(export, ExportCounts())
        primary = next(iter(mapped.entities))
        table = mapped.entities[primary]
        self._kinds[export] = primary, mapped.apart
        if table.height + mapped.rejected.height != batch.height:
            raise ConservationBroken(
                f"source {self.source}, export {export}: a mapped batch has lost or gained rows."
            )
        counts.rows += batch.height + furniture
        counts.furniture += furniture
        counts.rejected += mapped.rejected.height
        counts.read += table.height
        self._note_rejected(export, primary, mapped.rejected)
        self._note_rows(export, batch, table, mapped.repeated_for)
        for entity in sorted(mapped.entities, key=_rank):
            rows = mapped.entities[entity]
            if not rows.is_empty():
                self._keep(
                    entity, rows.with_columns(pl.lit(number, pl.UInt8).alias("_export")), primary == entity
                )
        self.identities.take(mapped.entities, self.digest)
        told = derive.reveal_in_batch(mapped.entities, self._directory)
        record = self.digest.of(pl.lit(self.source), pl.lit(export), pl.col("_reference"))
        self.likeness.take(mapped.entities, self.digest)
        for reading in self._readings:
            reading.take(told, table.select("_row", record=record))

    @property
    def _readings(self) -> list[Noting]:
        """Return this run's own reading of the rows, and those of assessments that are only tried."""
        return [Noting(self.digest, self.own_flag, self.own_ground, self.notes), *self.beside]

    @property
    def _directory(self) -> Directory:
        """Return the organisations and services read so far; they are read before all others."""
        if self._known is None:
            self._known = Directory(whole_table([self], "service"), whole_table([self], "organisation"))
        return self._known

    def _note_rejected(self, export: str, entity: str, rejected: pl.DataFrame) -> None:
        if not rejected.is_empty():
            told = {"source": self.source, "entity": entity, "export": export}
            self.rejected.append(rejected.select("_row", **{name: pl.lit(it) for name, it in told.items()}))
            self._doubt(entity, rejected)

    def _doubt(self, entity: str, rejected: pl.DataFrame) -> None:
        """Take the stricter reading of what a row without a usable reference may have said of its person."""
        whose = rejected.select(_source=pl.lit(self.source), _person="_person")
        for reading in self._readings:
            reading.doubt(entity, whose)

    def _note_rows(
        self, export: str, batch: pl.DataFrame, table: pl.DataFrame, repeated_for: tuple[str, ...]
    ) -> None:
        seed = self.digest.seed
        contents = {"content": batch.drop("_row").hash_rows(seed)}
        if repeated_for:
            contents["alike"] = batch.drop("_row", *repeated_for).hash_rows(seed)
        rows = batch.select("_row", **contents)
        names = {"mark": "_reference", "owner": "_person"}
        marks = table.select(
            "_row", **{to: people.stable_hash(pl.col(name), seed) for to, name in names.items()}
        )
        self._seen.setdefault(export, Seen()).parts.append(marks.join(rows, on="_row", how="left"))

    def close_export(self, export: str, rows: int, furniture: int | None = None) -> None:
        """Find the rows that repeat a reference, once the export has been read to its end.

        Given: `rows` and `furniture` as the reader counted them. Errors: ConservationBroken when they are not
               ours.
        """
        number = list(self.counts).index(export) if export in self.counts else len(self.counts)
        counts = self.counts.setdefault(export, ExportCounts())
        primary, apart = self._kinds.get(export, ("", frozenset()))
        found = self._seen.pop(export, Seen()).repeats(number, apart, of_referrals=primary == "referral")
        if found is not None:
            repeats, torn = found
            counts.repeated += repeats.alike.len()
            counts.read -= repeats.alike.len()
            self.repeats.append(repeats)
            self._torn = pl.concat([self._torn, torn["mark"].unique().alias("case")])
        counts.rows = rows
        counts.furniture = counts.furniture if furniture is None else furniture
        counts.check(self.source, export)

    def doubt(self, export: str, rows: pl.DataFrame) -> None:
        """Take back rows of a closed export that are not believed after all: DataFrame[_row, _person].

        What they may have said of their people is taken at its strictest.
        """
        if rows.is_empty():
            return
        doubts = Doubts(list(self.counts).index(export), rows["_row"])
        self._doubts.append(doubts)
        self.whole = {name: [doubts.told(name, t) for t in tables] for name, tables in self.whole.items()}
        self._known = None
        self._doubt(self._kinds[export][0], rows)

    def _keep(self, entity: str, rows: pl.DataFrame, primary: bool) -> None:
        placed = rows.with_columns(self._bucket(entity, rows), pl.lit(primary).alias("_primary"))
        if spec(entity).person_field is None and entity != "person":
            self.whole.setdefault(entity, []).append(rows)
            self._known = None
        if entity == "person":
            if "_merged" in rows.columns:
                self._merged.append(
                    rows["_merged"].explode(empty_as_null=True).drop_nulls().alias("reference")
                )
            self._homes.note(_marks(rows, _own(self.digest)), placed["_bucket"])
        if entity == "referral":
            self._cases.note(_marks(rows, _own(self.digest)), placed["_bucket"])
        for part, table in self._cut(placed):
            self.store.add(part, entity, table)

    @property
    def tells_what_vanished(self) -> bool:
        """Return whether a record that is not in it is gone: it is complete, and the account sees no less."""
        return self.complete and not self.narrowed

    @property
    def merged(self) -> pl.Series:
        """Return the references of people whom another record of this source has absorbed."""
        return pl.concat([pl.Series("reference", [], dtype=pl.String), *self._merged]).unique()

    def parts(self, partition: int) -> dict[str, list[pl.DataFrame]]:
        """Return, and let go of, a partition's tables, with what the whole export tells of its references."""
        apart = frozenset[str]().union(*(made for _, made in self._kinds.values()))
        read = {}
        for entity, tables in self.store.read(partition).items():
            told = [self._apart(entity, self._told(entity, table)) for table in tables]
            read[entity] = clashing(told) if entity in apart else told
        if partition == self.store.partitions:
            for entity, tables in self._displaced.items():
                read.setdefault(entity, []).extend(tables)
            self._displaced = {}
        return read

    def _apart(self, entity: str, table: pl.DataFrame) -> pl.DataFrame:
        """Take out what was made from a referral of two people: it waits for the orphans' partition."""
        for repeats in self.repeats:
            if repeats.torn.is_empty() or "referral_id" not in table.columns:
                continue
            torn = (pl.col("_export") == repeats.export) & pl.col("_row").is_in(repeats.torn.implode())
            away = table.filter(torn)
            if not away.is_empty():
                orphaned = away.with_columns(pl.lit(ORPHANS, pl.UInt16).alias("_bucket"))
                self._displaced.setdefault(entity, []).append(orphaned)
                table = table.filter(~torn)
        return table

    def _told(self, entity: str, table: pl.DataFrame) -> pl.DataFrame:
        """Return the table as the whole export tells it to be: repeats, conflicts, rows not believed."""
        table = table.with_columns(_reference_repeated=pl.lit(value=False))
        known: list[Repeats | Doubts] = [*self.repeats, *self._doubts]
        for each in known:
            table = each.told(entity, table)
        return table

    def _cut(self, placed: pl.DataFrame) -> Iterable[tuple[int, pl.DataFrame]]:
        parts = placed.with_columns(_part=partition_of(pl.col("_bucket"), self.store.partitions))
        for (part,), table in parts.partition_by("_part", as_dict=True, include_key=False).items():
            yield int(part), table

    def _bucket(self, entity: str, rows: pl.DataFrame) -> pl.Series:
        if entity == "person":
            return rows.select(_bucket=person_bucket(_own(self.digest))).to_series()
        if spec(entity).person_field is None:
            return pl.repeat(ORPHANS, rows.height, dtype=pl.UInt16, eager=True).alias("_bucket")
        own = self._homes.of(_marks(rows, self.digest.person()))
        if entity != "referral" and "referral_id" in rows.columns:
            case = self.digest.of(pl.col("_source"), pl.col("referral_id"))
            found = self._cases.of(_marks(rows, case))
            own = found.zip_with(found.is_not_null(), own)
            if not self._torn.is_empty():
                mark = _marks(rows, people.stable_hash(pl.col("referral_id"), self.digest.seed))
                own = own.set(mark.is_in(self._torn.implode()).fill_null(value=False), ORPHANS)
        return own.fill_null(ORPHANS).alias("_bucket")


def whole_table(gathered: Iterable["Gathering"], entity: str) -> pl.DataFrame:
    """Return an entity of which every partition sees the whole, of these sources."""
    tables = [table for part in gathered for table in part.whole.get(entity, [])]
    return pl.concat([pl.DataFrame(schema=polars_schema(entity)), *tables], how="diagonal")


def _rank(entity: str) -> int:
    return FIRST.index(entity) if entity in FIRST else len(FIRST)


def _marks(rows: pl.DataFrame, mark: pl.Expr) -> pl.Series:
    return rows.select(mark.alias("mark")).to_series()


def _own(digest: people.Digest) -> pl.Expr:
    return digest.of(pl.col("_source"), pl.col("_reference"))


def reading_order(entities: Mapping[str, list[str]]) -> list[str]:
    """Return the exports in the order in which links can be followed: directory, people, referrals, rest."""
    return sorted(entities, key=lambda export: (min(map(_rank, entities[export])), export))
