"""The plan: every row of the Fates page of the design, as a case."""

from typing import Any

import polars as pl
import pytest

from sync import memory, plan, remembering
from sync.plan import HELD, PERMITTED, WITHHELD

WIDE, NARROW = 10, 20


def narrower(old: int, new: int) -> bool:
    return (old, new) == (WIDE, NARROW)


def decided(
    fate: int, fingerprint: bytes = b"now", treatment: int = WIDE, key: bytes = b"k1", **more: Any
) -> pl.DataFrame:
    row = {
        "_source": "hub",
        "_reference": "R1",
        "_key": key,
        "_fate": fate,
        "_reason": "" if fate == PERMITTED else "why",
        "_treatment_id": treatment,
        "_fingerprint": fingerprint,
        "_bucket": 7,
        "_who": 77,
        **more,
    }
    kinds = {
        "_fate": pl.UInt8,
        "_treatment_id": pl.UInt64,
        "_bucket": pl.UInt16,
        "_who": pl.UInt64,
        "_key": pl.Binary,
        "_fingerprint": pl.Binary,
    }
    return pl.DataFrame([row], schema_overrides=kinds)


def remembered(
    fingerprint: bytes = b"now",
    treatment: int = WIDE,
    entity: str = "person",
    key: bytes = b"k1",
    source: str = "hub",
    batch: int = 3,
) -> pl.DataFrame:
    row = {
        "bucket": 7,
        "source": source,
        "entity": entity,
        "key": key,
        "fingerprint": fingerprint,
        "treatment": treatment,
        "batch": batch,
        "person": 77,
    }
    return pl.DataFrame([row], schema=memory.SCHEMA)


CASES = [
    ("a new permitted record is sent", PERMITTED, None, WIDE, "released", plan.SEND),
    ("a permitted record sent as it is stays", PERMITTED, (b"now", WIDE), WIDE, "unchanged", plan.KEEP),
    ("a permitted record that changed is sent", PERMITTED, (b"then", WIDE), WIDE, "released", plan.SEND),
    ("a held record never sent is held", HELD, None, WIDE, "held", plan.NOTHING),
    ("a held record sent before stays as it was sent", HELD, (b"then", WIDE), WIDE, "held", plan.KEEP),
    (
        "a held record whose treatment narrowed is withdrawn",
        HELD,
        (b"then", WIDE),
        NARROW,
        "held",
        plan.WITHDRAW,
    ),
    ("a held record whose treatment widened stays", HELD, (b"then", NARROW), WIDE, "held", plan.KEEP),
    ("a withheld record never sent is withheld", WITHHELD, None, WIDE, "withheld", plan.NOTHING),
    ("a withheld record sent before is withdrawn", WITHHELD, (b"now", WIDE), WIDE, "withheld", plan.WITHDRAW),
]


@pytest.mark.parametrize(
    ("fate", "before", "treatment", "expected", "operation"),
    [c[1:] for c in CASES],
    ids=[c[0] for c in CASES],
)
def test_each_record_has_one_fate_and_one_operation(
    fate: int, before: tuple[bytes, int] | None, treatment: int, expected: str, operation: int
) -> None:
    """design.md, Fates: each state of a record against each state of memory."""
    known = remembered(*before) if before else memory.empty()
    planned = plan.plan_partition({"person": decided(fate, treatment=treatment)}, known, narrower).planned[
        "person"
    ]
    assert plan.FATES[planned["_fate"][0]] == expected
    assert planned["_op"][0] == operation


def test_what_is_kept_of_a_held_record_is_what_was_sent() -> None:
    """A held record that stays is remembered with the fingerprint that was sent, not tonight's."""
    made = plan.plan_partition({"person": decided(HELD)}, remembered(b"then"), narrower)
    assert remembering.remembered_after(made, 4).select("fingerprint", "batch").rows() == [(b"then", 3)]


def test_children_of_a_held_parent_never_sent_are_held_down_to_the_grandchildren() -> None:
    """A permitted referral waits with its held person, and its contact waits with it."""
    tables = {
        "person": decided(HELD, key=b"p"),
        "referral": decided(PERMITTED, key=b"r", _parent_person=b"p"),
        "contact": decided(PERMITTED, key=b"c", _parent_referral=b"r"),
    }
    made = plan.plan_partition(tables, memory.empty(), narrower)
    assert [(e, plan.FATES[t["_fate"][0]], t["_reason"][0]) for e, t in made.planned.items()] == [
        ("person", "held", "why"),
        ("referral", "held", "parent_held"),
        ("contact", "held", "parent_held"),
    ]


def test_children_of_a_held_parent_that_was_sent_before_go_on() -> None:
    """The recipient has the parent, so a new child finds its link there."""
    tables = {
        "person": decided(HELD, key=b"p"),
        "referral": decided(PERMITTED, key=b"r", _parent_person=b"p"),
    }
    made = plan.plan_partition(tables, remembered(key=b"p"), narrower)
    assert made.planned["referral"]["_op"][0] == plan.SEND


@pytest.mark.parametrize(
    ("known", "now", "corrected"),
    [
        (remembered(b"then"), decided(PERMITTED), True),
        (remembered(b"now"), decided(PERMITTED), False),
        (remembered(b"then", key=b"other"), decided(PERMITTED), False),
        (remembered(b"then"), decided(HELD), False),
        (remembered(b"then"), decided(WITHHELD), False),
        (remembered(b"then", treatment=NARROW), decided(PERMITTED), False),
        (remembered(b"then", batch=memory.EXPIRED), decided(PERMITTED), False),
    ],
)
@pytest.mark.parametrize("send_all", [True, False])
def test_a_correction_is_a_row_that_is_there_and_goes_again_with_another_content(
    known: pl.DataFrame, now: pl.DataFrame, corrected: bool, send_all: bool
) -> None:
    """Not one that is new, unchanged, held, taken back, treated otherwise, or no longer at the recipient."""
    made = plan.plan_partition({"person": now}, known, narrower, send_all=send_all)
    assert made.planned["person"].select(plan.CORRECTED)["_op"].to_list() == [corrected]


def test_sending_all_once_more_forgets_nothing_of_what_was_sent() -> None:
    """What is as it was is sent again; what is held keeps the fingerprint that was sent, so that the record
    is unchanged once it is mended; and what nobody claims is carried as it is remembered.
    """
    for fate, fingerprint in ((PERMITTED, b"now"), (HELD, b"then")):
        known = remembered(b"now" if fate == PERMITTED else b"then")
        made = plan.plan_partition({"person": decided(fate)}, known, narrower, send_all=True)
        assert (made.planned["person"]["_op"][0] == plan.SEND) == (fate == PERMITTED)
        assert remembering.remembered_after(made, 4)["fingerprint"].to_list() == [fingerprint]
    other = {"person": decided(PERMITTED, key=b"other")}
    made = plan.plan_partition(other, remembered(b"then"), narrower, send_all=True)
    assert made.unclaimed["fingerprint"].to_list() == [b"then"]


def unclaimed(**known: Any) -> plan.Plan:
    return plan.plan_partition({"person": decided(PERMITTED, key=b"other")}, remembered(**known), narrower)


def nobody() -> pl.Series:
    return pl.Series("key", [], dtype=pl.Binary)


def test_a_record_that_vanished_from_a_whole_pull_is_withdrawn() -> None:
    """Nobody claimed it in any partition, and its source was pulled whole."""
    made = unclaimed()
    settled = plan.settle_unclaimed(made.unclaimed, made.strangers, ["hub"], nobody(), narrower)
    assert settled.withdrawn.select("key", "reason").rows() == [(b"k1", "vanished")]
    assert settled.carried.is_empty()


def test_a_record_of_a_source_that_was_not_pulled_whole_stays() -> None:
    """A source that failed, or a window, says nothing about what it did not show."""
    made = unclaimed()
    settled = plan.settle_unclaimed(made.unclaimed, made.strangers, [], nobody(), narrower)
    assert settled.withdrawn.is_empty()
    assert settled.carried["key"].to_list() == [b"k1"]


@pytest.mark.parametrize("whole", [True, False], ids=["a whole pull", "a source that was not asked"])
def test_what_may_not_stay_is_withdrawn_once_and_what_has_expired_is_remembered(whole: bool) -> None:
    """A register in doubt takes back what was not even seen; nothing that rests comes back after it."""
    rows = [remembered(key=b"there"), remembered(key=b"rests", batch=memory.EXPIRED)]
    nobodys = remembered(key=b"nobody", entity="service").with_columns(person=pl.lit(None, pl.UInt64))
    made = plan.plan_partition({}, pl.concat([*rows, nobodys]), narrower)
    asked = ["hub"] if whole else []
    nobody_s = pl.col("person").is_null()
    settled = plan.settle_unclaimed(made.unclaimed, [], asked, nobody(), narrower, may_stay=nobody_s)
    gone = dict(settled.withdrawn.select("key", "reason").iter_rows())
    assert gone == {b"there": "withheld"} | ({b"nobody": "vanished"} if whole else {})
    assert set(settled.carried["key"]) == {b"rests"} | (set() if whole else {b"nobody"})
    again = plan.settle_unclaimed(settled.carried, [], [], nobody(), narrower, may_stay=nobody_s)
    assert again.withdrawn.is_empty()


@pytest.mark.parametrize("entity", plan.OF_ONE_PERSON)
def test_a_person_absorbed_by_another_is_withdrawn_as_merged(entity: str) -> None:
    """A merge explains that the person vanished, and the address with them, so the brake counts neither."""
    made = plan.plan_partition({}, remembered(entity=entity), narrower)
    settled = plan.settle_unclaimed(
        made.unclaimed, made.strangers, ["hub"], pl.Series([b"k1"], dtype=pl.Binary), narrower
    )
    assert settled.withdrawn["reason"].to_list() == ["merged"]


@pytest.mark.parametrize(
    ("fate", "treatment", "reason"),
    [(PERMITTED, WIDE, None), (HELD, WIDE, None), (HELD, NARROW, "withheld"), (WITHHELD, WIDE, "withheld")],
)
def test_a_record_that_moved_to_another_person_is_no_vanished_record(
    fate: int, treatment: int, reason: str | None
) -> None:
    """It is remembered in one bucket and decided in another; it is settled by what was decided."""
    old = remembered(entity="referral").with_columns(bucket=pl.lit(99, pl.UInt16))
    there = plan.plan_partition({"referral": decided(PERMITTED, key=b"other")}, old, narrower)
    here = plan.plan_partition(
        {"referral": decided(fate, treatment=treatment)}, remembered(entity="referral", key=b"else"), narrower
    )
    made = plan.settle_unclaimed(
        there.unclaimed, [*there.strangers, *here.strangers], ["hub"], nobody(), narrower
    )
    gone = made.withdrawn["reason"].to_list()
    assert gone == ([reason] if reason else [])
    stays = made.carried.filter(pl.col("key") == b"k1")["bucket"].to_list()
    assert stays == ([7] if fate == HELD and reason is None else [])


def test_a_record_that_moved_in_a_windowed_run_is_remembered_once() -> None:
    """Its source was not pulled whole, yet it was sent from its new bucket: the old memory of it goes."""
    old = remembered(entity="referral").with_columns(bucket=pl.lit(99, pl.UInt16))
    there = plan.plan_partition({"referral": decided(PERMITTED, key=b"other")}, old, narrower)
    here = plan.plan_partition({"referral": decided(PERMITTED)}, memory.empty(), narrower)
    made = plan.settle_unclaimed(there.unclaimed, [*there.strangers, *here.strangers], [], nobody(), narrower)
    assert made.carried.is_empty()
    assert made.withdrawn.is_empty()
    assert remembering.remembered_after(here, 4)["bucket"].to_list() == [7]


def test_a_record_that_moved_into_buckets_that_remember_nothing_is_no_vanished_record() -> None:
    """The partition it moved to had no memory at all; it is still known as seen."""
    old = remembered(entity="referral").with_columns(bucket=pl.lit(99, pl.UInt16))
    there = plan.plan_partition({"referral": decided(PERMITTED, key=b"other")}, old, narrower)
    here = plan.plan_partition({"referral": decided(HELD)}, memory.empty(), narrower)
    made = plan.settle_unclaimed(
        there.unclaimed, [*there.strangers, *here.strangers], ["hub"], nobody(), narrower
    )
    assert made.withdrawn.is_empty()
    assert made.carried["bucket"].to_list() == [7]


@pytest.mark.parametrize(
    ("fate", "fingerprint", "operation"),
    [(PERMITTED, b"now", plan.KEEP), (PERMITTED, b"then", plan.SEND), (HELD, b"then", plan.NOTHING)],
)
def test_a_record_that_moved_here_is_held_against_what_was_sent_of_it(
    fate: int, fingerprint: bytes, operation: int
) -> None:
    """Moved as it is, it is not sent again; its old memory is neither carried nor taken for vanished; its
    children wait for nothing that was sent.
    """
    old = remembered(fingerprint, entity="referral").with_columns(bucket=pl.lit(99, pl.UInt16))
    there = plan.plan_partition({"referral": decided(PERMITTED, key=b"other")}, old, narrower)
    tables = {
        "referral": decided(fate),
        "contact": decided(PERMITTED, key=b"c", _parent_referral=b"k1"),
    }
    here = plan.plan_partition(tables, memory.empty(), narrower, moved=old)
    assert here.planned["referral"]["_op"][0] == operation
    assert here.planned["contact"]["_op"][0] == plan.SEND
    made = plan.settle_unclaimed(
        there.unclaimed, [*there.strangers, *here.strangers], ["hub"], nobody(), narrower
    )
    assert made.withdrawn.is_empty()
    stays = pl.concat([made.carried, remembering.remembered_after(here, 4)]).filter(pl.col("key") == b"k1")
    assert stays["bucket"].to_list() == [7]


def test_what_the_flow_no_longer_asks_for_is_withdrawn_though_nobody_looked_at_it() -> None:
    """Its source was not pulled: the assessment alone decides, and no brake is asked."""
    made = plan.settle_unclaimed(
        unclaimed().unclaimed, [], [], nobody(), narrower, still_asked=pl.col("source") != "hub"
    )
    assert made.withdrawn["reason"].to_list() == ["withheld"]
    assert made.carried.is_empty()


def test_what_has_expired_is_remembered_though_its_source_no_longer_shows_it() -> None:
    """A row that is away for a night comes back as it was: it rests, and is not disclosed a second time."""
    made = unclaimed(batch=memory.EXPIRED)
    away = plan.settle_unclaimed(made.unclaimed, made.strangers, ["hub"], nobody(), narrower)
    assert away.withdrawn.is_empty(), "the recipient no longer has it"
    assert away.unseen == {}, "and misses nothing"
    back = plan.plan_partition({"person": decided(PERMITTED)}, away.carried, narrower)
    assert back.planned["person"].select("_op", "_reason").row(0) == (plan.KEEP, plan.HAS_EXPIRED)
    stopped = plan.settle_unclaimed(
        made.unclaimed, [], ["hub"], nobody(), narrower, still_asked=pl.lit(value=False)
    )
    assert stopped.carried.is_empty(), "whom a choice stops is not kept for its sake"


def test_a_held_reference_that_stands_on_two_rows_is_remembered_once() -> None:
    """It was sent as one record, so memory keeps one; else it would be two the night it is mended."""
    twice = pl.concat([decided(HELD), decided(HELD)])
    made = plan.plan_partition({"person": twice}, remembered(b"then"), narrower)
    assert remembering.remembered_after(made, 4)["key"].to_list() == [b"k1"]
