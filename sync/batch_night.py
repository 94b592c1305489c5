"""One batch while it is filled: what is taken back is sealed into it, and it is given its name.

What a flow sends besides is for `sync.flow_night`: nothing here decides of a record, or seals a row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sealing.envelope import seal
from sealing.manifest import Manifest
from sharing import WithdrawingFlow
from sync import announced
from sync import memory as memories
from sync.described import digests
from sync.filled import Filled
from sync.outbox import Batch, Draft, Outbox
from sync.steps import Steps
from sync.summary import FlowSummary, without_choices
from sync.told import Told
from sync.treatments import Treatments
from sync.tripwires import Tripwires

ROWS_PER_FILE = 250_000


@dataclass
class Sender:
    """What is needed to seal and sign: the council's public key and the sync side's signing key."""

    recipient: str
    sign: Callable[[Manifest], bytes] = field(repr=False)


@dataclass
class BatchNight:
    """The next batch of one flow in one run, its memory beside it, as far as taking back goes."""

    flow: WithdrawingFlow
    outbox: Outbox
    sender: Sender = field(repr=False)
    run_id: str
    summary: FlowSummary
    steps: Steps = field(repr=False)
    told: Told

    def __post_init__(self) -> None:
        chain = self.outbox.chain()
        self.previous = chain
        self.sequence = chain.sequence + 1
        self.memory = memories.Memory(self.outbox.memory_path)
        self.treatments = Treatments(self.outbox.treatments_path)
        self.draft: Draft = self.outbox.draft(self.sequence, self.run_id)
        self.next_memory = memories.NextMemory(self.draft.memory)
        self.files: list[dict[str, Any]] = []
        self.filled = Filled()
        self.also: dict[str, Any] = {}

    def seal_withdrawals(self, withdrawn: pl.DataFrame) -> None:
        """Seal what is taken back: DataFrame[source, entity, key, person, reason]."""
        self.told.begin([withdrawn["person"]], "withdraw")
        for (entity,), rows in withdrawn.partition_by("entity", as_dict=True).items():
            counts = self.summary.entity(str(entity))
            counts["withdrawn"] += rows.height
            counts["withdrawn_reasons"] = dict(rows.group_by("reason").len().iter_rows())
            for piece in rows.sort("key").iter_slices(ROWS_PER_FILE * 4):
                released = self.flow.withdrawn(str(entity), piece["key"])
                self.told.take(released, piece["person"])
                self._seal_plain(str(entity), "withdraw", piece.height, self.flow.as_file(released))
        self.told.end()

    def _seal_plain(self, entity: str, operation: str, rows: int, plain: bytes) -> None:
        sealed = seal(plain, self.sender.recipient)
        name = self.draft.add(entity, sealed)
        said = {"name": name, "entity": entity, "operation": operation, "rows": rows}
        self.files.append(said | digests(plain, sealed))

    def publish(self, created_at: str) -> Batch:
        """Give the draft its name: from here on exactly these bytes are sent, whatever happens."""
        manifest, people = announced.manifest(self, created_at), self.told.tree()
        note = {
            "manifest_sha256": manifest.sha256,
            "created_at": created_at,
            "leaf": announced.leaf(self, manifest.sha256, created_at, people),
            "treatments": self.treatments.to_json(),
            "pseudonym_version": self.flow.key_version,
            "terms_sha256": announced.terms_sha256(self.flow),
            "day": self._day_after(created_at),
            **self.also,
        }
        self.summary.batch_id = manifest.batch_id
        self.summary.sequence, self.summary.manifest_sha256 = self.sequence, manifest.sha256
        self.summary.bytes, self.summary.state = self.draft.bytes, "sealed"
        self.draft.keep_people(people.to_bytes())
        return self.draft.publish(manifest.canonical_bytes(), self.sender.sign(manifest), note)

    def counts(self) -> dict[str, Any]:
        """Return how many records had which fate, and why, as the disclosure log says it."""
        entities = self.summary.entities.items()
        fates = ("released", "unchanged", "withheld", "held", "withdrawn")
        return {
            "counts": {entity: {fate: counts[fate] for fate in fates} for entity, counts in entities},
            "reasons": {name: without_choices(n["reasons"]) for name, n in entities if n["reasons"]},
        }

    def discard(self) -> None:
        """Leave no trace of this batch in the flow's outbox."""
        self.next_memory.close()
        self.draft.discard()

    def _day_after(self, created_at: str) -> dict[str, Any]:
        return Tripwires().day_after(self.previous, created_at, self.files)
