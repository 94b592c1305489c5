"""Whether what was mended has arrived: of the records that findings name, who was there and what each met.

Nothing of it is remembered: a night that was killed, or had no receipt, is told by the next one's own fates.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from canonical import ENTITIES
from common import clock
from quality import GONE, RECORDS, VERIFIED, FindingStore, Night, Reason
from sync.digests import Digest
from sync.gather import Gathering
from sync.kernel import erased_records
from sync.place import Workplace
from sync.plan import FATE_HELD, FATE_RELEASED, FATE_UNCHANGED, FATE_WITHHELD, OF_ONE_PERSON

NAMES = RECORDS.names()


@dataclass
class Mending:
    """The findings of one run, from what is found to what is verified as delivered.

    watched:   the records that are looked for: those of living findings, and those that merged away.
    forgotten: digests of people who are forgotten everywhere: nobody is asked to mend what is theirs.
    gone:      DataFrame[source, entity, record, why]: records that nobody is to mend any more. Of the
               anonymised what is asked still is found: whether it was meant, and what is of the reference.
    judged:    sources and checks of months or quarters, with the first month that is still judged.
    """

    store: FindingStore = field(repr=False)
    run_id: str
    keep: bool
    digest: Digest = field(repr=False)
    watched: Mapping[str, pl.DataFrame] = field(repr=False)
    forgotten: pl.Series = field(repr=False)
    absorbed: pl.DataFrame = field(repr=False)
    gone: list[pl.DataFrame] = field(default_factory=list, repr=False)
    judged: Sequence[tuple[str, str, str]] = ()
    _met: list[pl.DataFrame] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, place: Workplace, gathered: Iterable[Gathering], forgotten: pl.Series) -> "Mending":
        """Return it for a run over these sources. Errors: FindingsUnreadable."""
        store, parts = FindingStore.of(place.site), list(gathered)
        absorbed = _absorbed(part for part in parts if part.complete)
        here = pl.col("source").is_in([part.source for part in parts])
        watched = pl.concat([store.watched().filter(here), absorbed.select(NAMES)]).unique()
        by_entity = {str(key[0]): rows for key, rows in watched.partition_by("entity", as_dict=True).items()}
        keep = not place.dry_run
        return cls(store, place.run_id, keep, place.digest, by_entity, forgotten, absorbed)

    def note(self, tables: Mapping[str, pl.DataFrame], fated: Sequence[Mapping[str, pl.Series]]) -> None:
        """Note who of the watched is in a partition. Given: its tables, and their fates in each flow."""
        erased = erased_records(tables).rename({"reference": "record"})
        self.gone.append(erased.with_columns(why=pl.lit(Reason.ANONYMISED.value)))
        for entity, table in tables.items():
            if not table.is_empty():
                self._note_forgotten(entity, table)
                self._note_watched(entity, table, [fates.get(entity) for fates in fated])

    def _note_watched(self, entity: str, table: pl.DataFrame, fated: Sequence[pl.Series | None]) -> None:
        if entity not in self.watched:
            return
        none = pl.repeat(FATE_WITHHELD, table.height, dtype=pl.UInt8, eager=True)
        fates = [
            (none if one is None else one).cast(pl.UInt8).alias(_of(number))
            for number, one in enumerate(fated)
        ]
        rows = table.select(source="_source", entity=pl.lit(entity), record="_reference").with_columns(fates)
        self._met.append(rows.join(self.watched[entity], on=NAMES, how="semi"))

    def _note_forgotten(self, entity: str, table: pl.DataFrame) -> None:
        if self.forgotten.is_empty() or "_person" not in table.columns:
            return
        who = self.digest.person("_reference" if entity == "person" else "_person")
        theirs = table.filter(who.is_in(self.forgotten.implode()).fill_null(value=False))
        if not theirs.is_empty():
            named = theirs.select(source="_source", entity=pl.lit(entity), record="_reference")
            self.gone.append(named.with_columns(why=pl.lit(Reason.FORGOTTEN.value)).drop_nulls())

    def record(
        self,
        found: pl.DataFrame,
        undecided: pl.DataFrame,
        complete: Collection[str],
        vanishing: Collection[str],
        off: Sequence[tuple[str, str]] = (),
    ) -> dict[str, int]:
        """Write down what was found, and return the counts; what passes waits for `close`.

        Given:  FINDINGS, UNDECIDED, the sources pulled whole, and those whose absent records are gone;
                sources and checks that are switched off.
        Errors: FindingsUnreadable.
        """
        seen = pl.concat([RECORDS.to_frame(), *(rows.select(NAMES) for rows in self._met)]).unique()
        merged = self.absorbed.filter(pl.col("source").is_in(list(complete))).join(seen, on=NAMES, how="anti")
        night = Night(
            self.run_id,
            clock.now(),
            found,
            complete,
            undecided,
            vanishing,
            seen,
            pl.concat([GONE.to_frame(), *self.gone, merged]),
            off,
            self.judged,
        )
        return self.store.record_night(night, keep=self.keep)

    def close(self, done: Sequence[bool], unasked: Collection[str]) -> dict[str, int]:
        """Close what passed tonight and no flow owes any more; return the counts.

        Given:  of each flow, in the order in which their fates were noted, whether all that it was to send is
                received; the sources that a flow shares which was not asked: nobody knows what it owes.
        Errors: FindingsUnreadable.
        """
        passed = self.store.passed(self.run_id)
        told = self._told(done)
        known = ~pl.col("source").is_in(list(unasked))
        arrived = passed.join(told, on=NAMES).filter(~pl.col("owed") & known)
        delivered = pl.lit(Reason.DELIVERED.value)
        why = pl.when("shared").then(delivered).otherwise(pl.lit(Reason.NOTHING_SHARED.value))
        of_no_record = passed.filter(~pl.col("entity").is_in(list(ENTITIES)))
        verified = [
            arrived.select(*NAMES, why=why),
            of_no_record.with_columns(why=pl.lit(Reason.NO_RECORD.value)),
        ]
        return self.store.delivered(self.run_id, clock.now(), pl.concat([VERIFIED.to_frame(), *verified]))

    def _told(self, done: Sequence[bool]) -> pl.DataFrame:
        """Return of each record met whether a flow owes it, and whether any shares it.

        Given: of each flow whether all that it was to send tonight is received.
        """
        fates = pl.Schema({_of(number): pl.UInt8() for number in range(len(done))})
        met = pl.concat([pl.DataFrame(schema={**RECORDS, **fates}), *self._met])
        owed = [
            (pl.col(_of(number)) == FATE_HELD)
            | ((pl.col(_of(number)) == FATE_RELEASED) & pl.lit(not received))
            for number, received in enumerate(done)
        ]
        shared = [pl.col(_of(number)) >= FATE_UNCHANGED for number in range(len(done))]
        no = pl.lit(value=False)
        each = met.with_columns(owed=pl.any_horizontal(no, *owed), shared=pl.any_horizontal(no, *shared))
        return each.group_by(NAMES).agg(pl.col("owed").any(), pl.col("shared").any())


def _absorbed(parts: Iterable[Gathering]) -> pl.DataFrame:
    """Return the records of people whom another record of their source has absorbed: DataFrame as GONE."""
    told = [GONE.to_frame()]
    for part in parts:
        people = part.merged.alias("record").to_frame()
        why = pl.lit(Reason.MERGED.value)
        for entity in OF_ONE_PERSON:
            named = people.with_columns(source=pl.lit(part.source), entity=pl.lit(entity), why=why)
            told.append(named.select(GONE.names()))
    return pl.concat(told)


def _of(number: int) -> str:
    return f"fate {number}"
