"""Bugs to plant, each with the story that shows it: the model must disagree with a program that has it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from quality import FindingStore
from sharing import deciding
from sync import deliver, index, people, plan, remembering
from sync.brakes import Brake
from sync.flow_night import FlowNight
from sync.proof_notes import Kept
from tests.tiny.model import Wanted
from tests.tiny.nights import TinyNights

Patch = pytest.MonkeyPatch
FRIENDS = frozenset({"community_support"})


@dataclass(frozen=True)
class Plant:
    """A bug, how to plant it, and nights that go wrong with it and right without."""

    name: str
    plant: Callable[[Patch], None]
    story: Callable[[TinyNights], None]


def _what_was_withdrawn_stays_remembered(patch: Patch) -> None:
    original, gone = remembering.remembered_after, pl.col("_op") == plan.WITHDRAW

    def remembered(made: plan.Plan, sequence: int) -> pl.DataFrame:
        kept = {
            entity: table.with_columns(
                _op=pl.when(gone).then(plan.KEEP).otherwise("_op"),
                _fate=pl.when(gone).then(plan.FATE_HELD).otherwise("_fate"),
            )
            for entity, table in made.planned.items()
        }
        return original(replace(made, planned=kept), sequence)

    patch.setattr(remembering, "remembered_after", remembered)


def _merged_people_stay(patch: Patch) -> None:
    original = plan.settle_unclaimed

    def settled(*args: Any, **more: Any) -> plan.Settlement:
        made = original(*args, **more)
        return replace(made, withdrawn=made.withdrawn.filter(pl.col("reason") != "merged"))

    patch.setattr(plan, "settle_unclaimed", settled)


def _what_is_held_is_withdrawn(patch: Patch) -> None:
    patch.setattr(plan, "_narrowed", lambda *_: pl.lit(value=True))


def _children_of_what_is_withheld_leave(patch: Patch) -> None:
    patch.setattr(deciding, "_withheld", lambda _: pl.lit(value=False))


def _the_flag_stays_alone(patch: Patch) -> None:
    nobody = pl.DataFrame(schema={"person": pl.UInt64, "label": pl.UInt64})
    patch.setattr(people, "components", lambda _: nobody)


def _a_no_is_not_heard(patch: Patch) -> None:
    original = plan.planned_withdrawals
    patch.setattr(
        plan, "planned_withdrawals", lambda made: original(made).filter(pl.col("reason") != "cohort")
    )


def _a_part_concludes_vanishing(patch: Patch) -> None:
    original = FlowNight.settle

    def settle(self: FlowNight, _: list[str], *more: Any) -> None:
        original(self, list(self.flow.sources), *more)

    patch.setattr(FlowNight, "settle", settle)


def _receipts_go_by_position(patch: Patch) -> None:
    def receipt(batch: Any, way: Any) -> Any:
        signed = batch.receipt or way.landing.receipt(batch.flow, batch.sequence)
        if signed is None and way.council is not None:
            way.council()
            signed = way.landing.receipt(batch.flow, batch.sequence)
        if signed is None:
            return None
        batch.keep_receipt(signed)
        return way.read_receipt(signed)

    patch.setattr(deliver, "_receipt", receipt)


def _memory_moves_before_the_receipt(patch: Patch) -> None:
    original = deliver._publish

    def publish(batch: Any, way: Any) -> None:
        original(batch, way)
        state = batch.folder.parents[2]
        shutil.copyfile(batch.memory, state / "memory" / f"{batch.flow}.parquet")

    patch.setattr(deliver, "_publish", publish)


def _a_dry_run_writes(patch: Patch) -> None:
    original = FindingStore.record_night
    patch.setattr(FindingStore, "record_night", lambda self, night, **_: original(self, night, keep=True))


def _nothing_brakes(patch: Patch) -> None:
    patch.setattr(Brake, "drops", lambda *_: False)


def _what_moved_has_vanished(patch: Patch) -> None:
    patch.setattr(plan, "_strangers", lambda *_: plan.STRANGERS)


def _a_row_that_is_gone_unsets_the_flag(patch: Patch) -> None:
    patch.setattr(index, "kept", lambda *_: Kept())


def _a_no_that_is_gone_is_forgotten(patch: Patch) -> None:
    original = index.kept
    patch.setattr(index, "kept", lambda *given: replace(original(*given), doubted=Kept().doubted))


# -- stories -------------------------------------------------------------------------------------------------


def _first(nights: TinyNights, export: str, place: int = 0, source: str = "hub") -> str:
    return nights.model.world.names(source, export)[place]


def _no_and_yes(nights: TinyNights) -> None:
    person = _first(nights, "people")
    for agreed in (False, True):
        nights.model.world.answer("hub", person, agreed=agreed)
        nights.night(Wanted(accept=True))


def _merge(nights: TinyNights) -> None:
    nights.model.world.merge("hub", _first(nights, "people"), _first(nights, "people", 1))
    nights.night(Wanted(accept=True))


def _hold(nights: TinyNights) -> None:
    nights.model.world.change("hub", "referrals", _first(nights, "referrals"), {"Received": ""})
    nights.night()


def _urgent(nights: TinyNights) -> None:
    nights.model.world.change("hub", "referrals", _first(nights, "referrals"), {"Priority": "Urgent"})
    nights.assess(frozenset({"no_urgent"}))
    nights.night()


def _neighbours(nights: TinyNights) -> None:
    world = nights.model.world
    home = world.tables["hub"]["people"][_first(nights, "people")]
    neighbour = _first(nights, "people", source="community_support")
    where = {name: home[name] for name in ("Street", "Postcode")}
    world.change("community_support", "people", neighbour, where | {"Sensitive": "Yes"})
    nights.night()


def _look_at_a_part(nights: TinyNights) -> None:
    nights.night(Wanted(since=date(2024, 4, 1), accept=True))


def _old_receipt(nights: TinyNights) -> None:
    world = nights.model.world
    for number in range(2):
        world.change("hub", "people", _first(nights, "people"), {"Surname": f"Zqsur{700 + number}x"})
        nights.move_council(here=number == 0)
        nights.night()
    nights.lay_an_old_receipt("early_help")
    nights.night()


def _refusal(nights: TinyNights) -> None:
    nights.model.world.change("hub", "people", _first(nights, "people"), {"Surname": "Zqsur700x"})
    nights.move_council(here=False)
    nights.night()
    nights.council_loads(spoilt=True)
    nights.night()
    nights.move_council(here=True)
    nights.night()


def _look_without_touching(nights: TinyNights) -> None:
    nights.model.world.change("hub", "referrals", _first(nights, "referrals"), {"Received": ""})
    nights.night(Wanted(dry_run=True))


def _many_go(nights: TinyNights) -> None:
    for person in nights.model.world.names("hub", "people")[1:]:
        nights.model.world.delete("hub", "people", person)
    nights.night()


def _case_of_another(nights: TinyNights) -> None:
    world = nights.model.world
    for number in range(6):
        other = world.arrive("hub", 50 + number, agreed=True)
    nights.night(Wanted(accept=True, partitions=5))
    world.move("hub", _first(nights, "referrals"), other, with_rows=True)
    nights.night(Wanted(accept=True, partitions=5))


def _danger_told_and_deleted(nights: TinyNights) -> None:
    world = nights.model.world
    need = _first(nights, "needs")
    world.change("hub", "needs", need, {"Kind": "SOC.DA"})
    nights.night()
    world.delete("hub", "needs", need)
    nights.night()


def _no_and_deleted(nights: TinyNights) -> None:
    world = nights.model.world
    no = world.answer("hub", _first(nights, "people"), agreed=False)
    nights.night()
    world.delete("hub", "consents", no)
    nights.night()


PLANTS = (
    Plant("what was withdrawn stays remembered", _what_was_withdrawn_stays_remembered, _no_and_yes),
    Plant("merged people stay", _merged_people_stay, _merge),
    Plant("what is held is withdrawn", _what_is_held_is_withdrawn, _hold),
    Plant("children of what is withheld leave", _children_of_what_is_withheld_leave, _urgent),
    Plant("the flag stays alone", _the_flag_stays_alone, _neighbours),
    Plant("a no is not heard", _a_no_is_not_heard, _no_and_yes),
    Plant("a part concludes vanishing", _a_part_concludes_vanishing, _look_at_a_part),
    Plant("receipts go by position", _receipts_go_by_position, _old_receipt),
    Plant("memory moves before the receipt", _memory_moves_before_the_receipt, _refusal),
    Plant("a dry run writes", _a_dry_run_writes, _look_without_touching),
    Plant("nothing brakes", _nothing_brakes, _many_go),
    Plant(
        "a row that is gone unsets the flag", _a_row_that_is_gone_unsets_the_flag, _danger_told_and_deleted
    ),
    Plant("a no that is gone is forgotten", _a_no_that_is_gone_is_forgotten, _no_and_deleted),
    Plant("what moved has vanished", _what_moved_has_vanished, _case_of_another),
)
