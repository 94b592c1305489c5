"""Load one batch into a warehouse: withdrawals, upserts, then what is no longer released is blanked."""

from collections import Counter

import pyarrow as pa

from canonical import ENTITIES, spec
from sealing.envelope import Identity
from sealing.manifest import FileEntry, Manifest
from sealing.receipt import Loaded, Refusal
from warehouse import tables
from warehouse.database import INCOMING, Database
from warehouse.landing import Landing
from warehouse.open_batch import Refused, open_file

PROVENANCE = ("batch_sequence", "run_id", "released_at")


class BatchLoad:
    """One batch on its way into the warehouse, inside one transaction of the caller's.

    Files are opened one at a time, so that memory is bounded by one file and not by the batch.
    """

    def __init__(self, database: Database, landing: Landing, manifest: Manifest, identity: Identity) -> None:
        self._database = database
        self._landing = landing
        self._manifest = manifest
        self._identity = identity
        self.removed = 0

    def apply(self) -> dict[str, Loaded]:
        """Return how many rows of each entity the batch brought and took away. Errors: Refused."""
        tables.prepare(self._database, self._manifest)
        withdrawn = self._withdraw_all()
        upserted = self._upsert_all()
        present = tables.columns_in(self._database, self._manifest.flow)
        self._database.show(self._manifest.flow)
        for entity in self._manifest.entities:
            self._blank_what_is_no_longer_released(entity, present[entity])
        return {
            entity: Loaded(upserted=upserted[entity], withdrawn=withdrawn[entity])
            for entity in sorted(self._manifest.entities)
        }

    def _withdraw_all(self) -> Counter[str]:
        told: Counter[str] = Counter()
        for file in self._files("withdraw"):
            told[file.entity] += file.rows
            self._withdraw(file, self._open(file))
        stones = tables.tombstones(self._manifest.flow)
        for entity, rows in told.items():
            self._count("key", f"{stones} WHERE entity = ? AND", [entity], rows)
        return told

    def _withdraw(self, file: FileEntry, incoming: pa.Table) -> None:
        key, stones = self._key(file.entity), tables.tombstones(self._manifest.flow)
        chosen = f"(SELECT {key} FROM {INCOMING})"
        with self._database.lent(incoming):
            self._remove(f"{self._table(file.entity)} WHERE {key} IN {chosen}")
            self._database.change(
                f"DELETE FROM {stones} WHERE entity = ? AND batch_sequence <> ? AND key IN {chosen}",
                [file.entity, self._manifest.sequence],
            )
            self._database.change(
                f"INSERT INTO {stones} SELECT ?::VARCHAR, {key}, ?::BIGINT, ?::TIMESTAMPTZ, 'withdrawn' "
                f"FROM {INCOMING}",
                [file.entity, self._manifest.sequence, self._manifest.created_at],
            )

    def _upsert_all(self) -> Counter[str]:
        told: Counter[str] = Counter()
        flow = self._manifest.flow
        files = self._files("upsert")
        new = {file.entity for file in files if tables.is_empty(self._database, flow, file.entity)}
        for file in files:
            told[file.entity] += file.rows
            self._upsert(file, self._open(file), replace=file.entity not in new)
        for entity, rows in told.items():
            self._count(self._key(entity), f"{self._table(entity)} WHERE", [], rows)
        return told

    def _upsert(self, file: FileEntry, incoming: pa.Table, *, replace: bool) -> None:
        """Put the rows in, in place of those with the same key that an earlier batch brought."""
        key, manifest = self._key(file.entity), self._manifest
        chosen = f"{key} IN (SELECT {key} FROM {INCOMING})"
        columns = ", ".join(map(tables.quoted, incoming.column_names))
        with self._database.lent(incoming):
            if replace:
                earlier = f"batch_sequence <> {manifest.sequence}"
                self._remove(f"{self._table(file.entity)} WHERE {earlier} AND {chosen}")
            self._database.change(
                f"DELETE FROM {tables.tombstones(manifest.flow)} "
                f"WHERE entity = ? AND key IN (SELECT {key} FROM {INCOMING})",
                [file.entity],
            )
            self._database.change(
                f"INSERT INTO {self._table(file.entity)} ({columns}, {', '.join(PROVENANCE)}) "
                f"SELECT {columns}, ?::BIGINT, ?::VARCHAR, ?::TIMESTAMPTZ FROM {INCOMING}",
                [manifest.sequence, manifest.run_id, manifest.created_at],
            )

    def _blank_what_is_no_longer_released(self, entity: str, present: list[str]) -> None:
        kept = {*self._manifest.entities[entity].columns, *PROVENANCE}
        for column in (tables.quoted(name) for name in present if name not in kept):
            self.removed += self._database.change(
                f"UPDATE {self._table(entity)} SET {column} = NULL WHERE {column} IS NOT NULL"
            )

    def _count(self, key: str, rows_of: str, values: list[str], told: int) -> None:
        """Count what this batch loaded against what its manifest says; a lost or doubled row refuses it."""
        ((rows, distinct),) = self._database.rows(
            f"SELECT count(*), count(DISTINCT {key}) FROM {rows_of} batch_sequence = ?",
            [*values, self._manifest.sequence],
        )
        if rows != told:
            raise Refused(Refusal.ROW_COUNT)
        if distinct != rows:
            raise Refused(Refusal.KEY_REPEATED)

    def _remove(self, what: str) -> None:
        self.removed += self._database.change(f"DELETE FROM {what}")

    def _files(self, operation: str) -> list[FileEntry]:
        """Return the batch's files of one kind, parents before children."""
        order = {entity: place for place, entity in enumerate(ENTITIES)}
        files = [file for file in self._manifest.files if file.operation == operation]
        return sorted(files, key=lambda file: (order[file.entity], file.name))

    def _open(self, file: FileEntry) -> pa.Table:
        return open_file(self._landing, self._manifest, file, self._identity)

    def _table(self, entity: str) -> str:
        return tables.table(self._manifest.flow, entity)

    def _key(self, entity: str) -> str:
        (key,) = spec(entity).key
        return tables.quoted(key)
