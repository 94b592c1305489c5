"""Which rows of a flow have had their time, and taking them away."""

from dataclasses import dataclass, field

import polars as pl

from canonical import ENTITIES, spec
from sealing.certificate import Removal
from sealing.manifest import RetentionTerm
from warehouse import tables
from warehouse.clocks import CASES, TELLERS, Clocks, longest, over
from warehouse.database import Database


@dataclass(frozen=True)
class Hold:
    """A decision, by its reference, that rows of a flow stay although their time is over."""

    reference: str
    flow: str
    entity: str | None = None


@dataclass
class Expiring:
    """The rows of one flow whose time is over on a day, given in a temporary table per entity.

    A row stays while a row that stays names it. So children are looked at before their parents.
    """

    database: Database
    flow: str
    terms: dict[str, RetentionTerm]
    holds: list[Hold]
    day: str
    removals: list[Removal] = field(default_factory=list)

    def look(self) -> list[Removal]:
        """Return, per entity of the flow, what is due and what keeps it. Nothing is changed."""
        self._clocks = Clocks(self.database, self.flow)
        counted = [term.period for term in self.terms.values() if term.since == "case_closed"]
        self._longest = longest(counted)
        for entity in reversed([entity for entity in ENTITIES if entity in self._clocks.columns]):
            self.removals.insert(0, self._look_at(entity))
        return self.removals

    def _look_at(self, entity: str) -> Removal:
        term = self.terms.get(entity)
        if term is None:
            self._make(entity, f"{self._clocks.rows(entity, 'disclosure')} WHERE false", "false", [])
            rows = self._one(f"SELECT count(*) FROM {tables.table(self.flow, entity)}")
            return _removal(entity, None, (rows, 0, 0, 0, 0))
        held = any(hold.entity in (None, entity) for hold in self.holds)
        self._make(entity, self._clocks.rows(entity, term.since), over("clock", term.period), [self.day])
        due = _due(entity)
        self._execute(f"UPDATE {due} SET named = true WHERE due AND ({self._named(entity)})")
        if entity in TELLERS and self._longest is not None:
            self._wait_for_who_counts_from_it(entity)
        state = f"due AND NOT {held}"
        self._execute(f"UPDATE {due} SET going = true WHERE {state} AND NOT named")
        (counts,) = self.database.rows(
            f"SELECT count(*), count(*) FILTER (WHERE going), count(*) FILTER (WHERE due AND {held}), "
            f"count(*) FILTER (WHERE {state} AND named), count(*) FILTER (WHERE clock IS NULL) FROM {due}"
        )
        return _removal(entity, term, counts)

    def _make(self, entity: str, rows: str, due: str, given: list[str]) -> None:
        self._execute(f"DROP TABLE IF EXISTS {_due(entity)}")
        self._execute(
            f"CREATE TEMP TABLE {_due(entity)} AS SELECT key, clock, {due} AS due, "
            f"false AS named, false AS going FROM ({rows}) AS clocked",
            given,
        )

    def _named(self, entity: str) -> str:
        """Return the condition that a row which stays names this one as what it cannot do without."""
        named = ["false"]
        for child, columns in self._clocks.columns.items():
            key = spec(child).key[0]
            links = [name for name, parent in spec(child).parents.items() if parent == entity]
            named += [
                f"key IN (SELECT c.{link} FROM {tables.table(self.flow, child)} AS c "
                f"WHERE c.{link} IS NOT NULL AND NOT EXISTS "
                f"(SELECT 1 FROM {_due(child)} AS d WHERE d.going AND d.key = c.{key}))"
                for link in links
                if link in columns
            ]
        return " OR ".join(named)

    def _wait_for_who_counts_from_it(self, entity: str) -> None:
        """Keep what tells a case's end as long as the longest period counted from it."""
        ended = f"SELECT key FROM ({self._clocks.rows(entity, 'case_closed')}) AS ends WHERE "
        self._execute(
            f"UPDATE {_due(entity)} SET named = true WHERE due AND key NOT IN "
            f"({ended}{over('clock', self._longest or '')})",
            [self.day],
        )

    def remove(self, at: str) -> pl.Series:
        """Take the rows away that may go, and leave a tombstone of each; return their keys (16 bytes)."""
        stones = tables.tombstones(self.flow)
        gone = [pl.Series("key", [], dtype=pl.Binary)]
        for removal in self.removals:
            if not removal.expired:
                continue
            key, table = tables.quoted(spec(removal.entity).key[0]), tables.table(self.flow, removal.entity)
            going = f"(SELECT key FROM {_due(removal.entity)} WHERE going)"
            gone.append(self._keys(going))
            self._execute(
                f"INSERT INTO {stones} SELECT ?::VARCHAR, {key}, batch_sequence, ?::TIMESTAMPTZ, 'expired' "
                f"FROM {table} WHERE {key} IN {going}",
                [removal.entity, at],
            )
            self._execute(f"DELETE FROM {table} WHERE {key} IN {going}")
        return pl.concat(gone)

    def clear(self) -> None:
        """Drop the temporary tables."""
        for name in [CASES, *(_due(removal.entity) for removal in self.removals)]:
            self._execute(f"DROP TABLE IF EXISTS {name}")

    def _keys(self, going: str) -> pl.Series:
        found = self.database.rows(f"SELECT key::VARCHAR FROM {going} AS leaving")
        keys = pl.Series("key", [key for (key,) in found], dtype=pl.String)
        return keys.str.replace_all("-", "", literal=True).str.decode("hex")

    def _one(self, query: str) -> int:
        return int(self.database.rows(query)[0][0])

    def _execute(self, statement: str, given: list[str] | None = None) -> None:
        self.database.change(statement, given or [])


def _due(entity: str) -> str:
    return f"viaduct_due_{entity}"


def _removal(entity: str, term: RetentionTerm | None, counts: tuple[int, ...]) -> Removal:
    rows, expired, blocked, waiting, no_clock = counts
    return Removal(
        entity=entity,
        period=term.period if term else None,
        since=term.since if term else None,
        rows=rows,
        expired=expired,
        blocked=blocked,
        waiting=waiting,
        no_clock=no_clock,
    )
