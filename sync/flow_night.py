"""One flow during one run: every partition planned, sealed into a draft, counted; then settled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sharing import Flow
from sync import announced, remembering
from sync import memory as memories
from sync import plan as planning
from sync.batch_night import ROWS_PER_FILE, BatchNight
from sync.brakes import Brakes
from sync.canaries import Canaries
from sync.chosen import Chosen
from sync.errors import BrakeDrop, BrakeGrowth, nothing_of
from sync.fates import Fates
from sync.rekeying import REKEYED, Rekeying
from sync.revival import revived
from sync.stops import Stops
from sync.tripwires import Tripwires

LARGEST_PLAIN = 64 * 1024 * 1024


@dataclass
class FlowNight(BatchNight):
    """The state of one flow while a run goes through the partitions."""

    flow: Flow
    stops: Stops
    send_all: bool = False
    canaries: Canaries = field(default_factory=Canaries, repr=False)
    tripwires: Tripwires = field(default_factory=Tripwires, repr=False)
    rekeying: Rekeying | None = None
    chosen: Chosen = field(default_factory=Chosen, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fates = Fates(self.outbox.folder.parent.parent, self.flow.id)
        self._had_memory = self.memory.exists
        self.narrows, self.new = False, 0
        self.vanished_is_believed = False
        self.unseen: dict[str, int] = {}
        self._unclaimed: list[pl.DataFrame] = []
        self._strangers: list[pl.DataFrame] = []
        self._withdrawn: list[pl.DataFrame] = []

    def decide(self, tables: dict[str, pl.DataFrame], buckets: tuple[int, int]) -> dict[str, pl.Series]:
        """Decide, plan and seal one partition; return the fate of each record, by entity.

        Given: the inspected tables of a partition with `_bucket`, the first and last bucket it covers.
        """
        with self.steps.stage("decide"):
            decided = self.flow.decide(self.stops.beside(tables))
        placed = {
            entity: table.with_columns(tables[entity]["_bucket"], self.told.who(entity))
            for entity, table in decided.items()
        }
        return {entity: table["_fate"] for entity, table in self.take(placed, buckets).items()}

    def take(self, decided: dict[str, pl.DataFrame], buckets: tuple[int, int]) -> dict[str, pl.DataFrame]:
        """Plan and seal one partition; return the planned tables.

        Given: decided tables of a partition with `_bucket` and `_who`, the first and last bucket it covers.
        """
        with self.steps.stage("plan"):
            remembered, moved = self._known(decided, buckets)
            named = self.treatments.name(decided, self.flow)
            plan = revived(
                planning.plan_partition(
                    named,
                    remembered,
                    self.treatments.narrower,
                    moved=moved,
                    any_memory=self._had_memory and self.rekeying is None,
                    send_all=self.send_all,
                )
            )
            self.next_memory.add(remembering.remembered_after(plan, self.sequence))
            self._unclaimed.append(plan.unclaimed)
            self._strangers += plan.strangers
            self._withdrawn.append(planning.planned_withdrawals(plan))
            self._count(plan)
            self.chosen.note(plan.planned, self.rekeying)
            self.fates.note(plan.planned)
        with self.steps.stage("seal"):
            sent = {
                entity: table if table.is_empty() else table.filter(pl.col("_op") == planning.SEND)
                for entity, table in plan.planned.items()
            }
            self.tripwires.note(sent, self.rekeying)
            self.told.begin([rows["_who"] for rows in sent.values()], "upsert")
            for entity, rows in sent.items():
                self.canaries.require_silent(self.flow.id, entity, rows)
                self.filled.note_people(entity, rows["_who"])
                self._seal_rows(entity, rows)
            self.told.end()
        return plan.planned

    def _known(
        self, decided: dict[str, pl.DataFrame], buckets: tuple[int, int]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return what is remembered of these buckets, and of records that may have moved here."""
        if self.rekeying is not None:
            return self.rekeying.known(decided), memories.empty()
        remembered = self.memory.buckets(*buckets)
        return remembered, self.memory.elsewhere(_new_here(decided, remembered), *buckets)

    def _count(self, plan: planning.Plan) -> None:
        for entity, table in plan.planned.items():
            if table.is_empty():
                continue
            counts = self.summary.entity(entity)
            counts["records"] += table.height
            for fate, number in table.group_by("_fate").len().iter_rows():
                counts[planning.FATES[fate]] += number
            why = table.filter(pl.col("_reason") != "").group_by("_reason").len()
            for reason, number in why.iter_rows():
                counts["reasons"][reason] = counts["reasons"].get(reason, 0) + number
            counts["corrected"] += table.select(planning.CORRECTED.sum()).item()
            new = table.filter((pl.col("_op") == planning.SEND) & ~pl.col("_sent_before"))
            self.new += self.rekeying.never_sent(entity, new) if self.rekeying else new.height

    def _seal_rows(self, entity: str, rows: pl.DataFrame) -> None:
        """Seal the rows in the order of their keys: neither order nor file tells who stood beside whom."""
        for piece in rows.sort("_key").iter_slices(ROWS_PER_FILE) if not rows.is_empty() else ():
            self._seal_piece(entity, piece)

    def _seal_piece(self, entity: str, rows: pl.DataFrame) -> None:
        released = self.flow.released(entity, rows)
        plain = self.flow.as_file(released)
        if len(plain) > LARGEST_PLAIN and rows.height > 1:
            half = rows.height // 2
            self._seal_piece(entity, rows[:half])
            self._seal_piece(entity, rows[half:])
            return
        self.told.take(released, rows["_who"])
        self.filled.note(released)
        self._seal_plain(entity, "upsert", rows.height, plain)

    def settle(
        self, complete_sources: list[str], merged_away: Mapping[str, pl.Series], brakes: Brakes
    ) -> None:
        """Decide what becomes of what was not seen; look at the brakes. Errors: BrakeDrop, BrakeGrowth."""
        losers = [
            self.flow.keys(entity, source, names)
            for source, names in merged_away.items()
            for entity in planning.OF_ONE_PERSON
        ]
        merged = pl.concat(losers) if losers else pl.Series("key", [], dtype=pl.Binary)
        unclaimed = pl.concat([memories.empty(), *self._unclaimed])
        settled = (
            self.rekeying.settle(merged_away)
            if self.rekeying
            else planning.settle_unclaimed(
                unclaimed,
                self._strangers,
                complete_sources,
                merged,
                self.treatments.narrower,
                still_asked=self._still_asked,
                may_stay=self.stops.may_stay,
            )
        )
        self.unseen = settled.unseen
        carried = self.treatments.narrowed(settled.carried, self.flow)
        self.narrows = not carried.equals(settled.carried)
        self.next_memory.add(carried)
        withdrawn = pl.concat([*self._withdrawn, settled.withdrawn]) if self._withdrawn else settled.withdrawn
        withdrawn = withdrawn.unique(["entity", "key"], keep="first", maintain_order=True)
        if self.rekeying:
            self.summary.rekeyed["rows"] = withdrawn.filter(pl.col("reason") == REKEYED).height
        self.tripwires.require(self.memory.people, self.previous, self.summary)
        self._brake(self.stops.explained(settled.withdrawn), brakes)
        self.seal_withdrawals(self.stops.explained(withdrawn))
        self.next_memory.close()
        self.summary.check()

    @property
    def _still_asked(self) -> pl.Expr:
        """Return whether a remembered record may stay: the flow asks for it, no choice stops its person."""
        entities = pl.col("entity").cast(pl.String).is_in(list(self.flow.released_columns))
        stopped = pl.col("person").is_in(self.stops.stopped.implode()).fill_null(value=False)
        return pl.col("source").is_in(self.flow.sources) & entities & ~stopped

    def _brake(self, withdrawn: pl.DataFrame, brakes: Brakes) -> None:
        before = self.memory.counts()
        vanished = withdrawn.filter(pl.col("reason") == "vanished").group_by("source").len()
        for source, number in vanished.iter_rows():
            if brakes.of(source).drops(before.get(source, 0), number) and not brakes.accept_drop:
                self.summary.held_back = {"vanished": number}
                raise BrakeDrop(
                    f"flow {self.flow.id}, source {source}: {number} of {before.get(source, 0)} vanished.",
                    sent=nothing_of(self.flow.id),
                )
        self.vanished_is_believed = True
        first = not self._had_memory and self.new > 0
        if (first or brakes.site.grows(sum(before.values()), self.new)) and not brakes.accept_growth:
            self.summary.held_back = {"new": self.new}
            raise BrakeGrowth(
                f"flow {self.flow.id}: {self.new} new records, {sum(before.values())} remembered.",
                sent=nothing_of(self.flow.id),
            )

    @property
    def has_something(self) -> bool:
        """Return whether there is anything to send: rows, columns that must be emptied, other terms."""
        other_terms = announced.terms_sha256(self.flow) != self.previous.terms_sha256
        return bool(self.files) or self.narrows or (self.previous.sequence > 0 and other_terms)

    def discard(self) -> None:
        """Leave no trace of this run in the flow's outbox."""
        self.fates.discard()
        super().discard()

    def _day_after(self, created_at: str) -> dict[str, Any]:
        return self.tripwires.day_after(self.previous, created_at, self.files)


def _new_here(decided: dict[str, pl.DataFrame], remembered: pl.DataFrame) -> pl.Series:
    """Return the keys of records that their buckets do not remember, though others may: they could move."""
    keys = pl.concat([memories.empty()["key"], *(table["_key"].alias("key") for table in decided.values())])
    return keys.filter(~keys.is_in(remembered["key"].implode())).drop_nulls().unique()
