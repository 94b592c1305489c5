"""Counting records: whom it counts, whom it leaves out, and that how people are divided changes nothing."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from sharing import ReleaseRefused
from sharing.counter import Counter, lineage
from tests.unit.sharing.records import example, together, whole_person
from tests.unit.sharing.test_refusals_of_law import changed

LOT_8 = {
    "referral__lot_code": "L8-DA",
    "service_episode__lot_code": "L8-DA",
    "onward_referral__lot_code": "L8-DA",
    "need__need_code": "SOC.DA",
}
QUARTER = date(2022, 4, 1)
Tables = dict[str, pl.DataFrame]


def counter(**left_out: tuple[str, ...]) -> Counter:
    """Return what counts the example's flow."""
    return Counter(example(), example().flow("lot_8_counts"), left_out)


def counted(*parts: Tables, by: Counter | None = None) -> dict[str, tuple[int, int]]:
    """Return records and people of each count in the one quarter of the invented records."""
    made = by or counter()
    for part in parts:
        made.note(part)
    sums = made.sums()
    assert set(sums["start"]) <= {QUARTER}
    return {row["count_id"]: (row["records"], row["people"]) for row in sums.iter_rows(named=True)}


def helped(mark: str = "1", source: str = "domestic_abuse_support", **changes: Any) -> Tables:
    """Return one person whom lot 8 helps."""
    return whole_person(source, mark, **(LOT_8 | changes))


def test_each_count_counts_the_records_of_its_own_sources() -> None:
    """One person of each: the hub's are counted where the hub is named, and nowhere else."""
    both = together(helped(), helped("2", "hub"), helped("3", "community_support"))
    assert counted(both) == {
        "people_affected": (1, 1),
        "people_helped_by_lot_8": (1, 1),
        "referrals_to_lot_8": (1, 1),
        "onward_to_lot_8": (1, 1),
    }


def test_a_condition_that_is_not_met_or_cannot_be_answered_counts_nothing() -> None:
    """Another lot, and no lot at all."""
    elsewhere = helped(referral__lot_code="L4-CS", need__need_code="ECON.BEN", service_episode__lot_code=None)
    assert counted(elsewhere) == {}


def test_whoever_is_worried_about_their_own_behaviour_is_counted_apart() -> None:
    """K40: the two are never one number."""
    own = counted(together(helped(), helped("2", need__need_code="SOC.DAP")))
    assert own["people_affected"] == own["people_worried_about_own_behaviour"] == (1, 1)


def test_somebody_who_comes_twice_is_one_person_and_two_records() -> None:
    """Two referrals of one person in a quarter."""
    again = helped(referral__referral_id="referral-2", referral___reference="referral-2")
    twice = {name: pl.concat([table, again[name]]).unique() for name, table in helped().items()}
    assert counted(twice)["referrals_to_lot_8"] == (2, 1)


def test_what_a_check_holds_is_not_counted() -> None:
    """A held referral, and what hangs on it where it is held itself; the person's other records are."""
    assert "referrals_to_lot_8" not in counted(helped(referral___held=True))
    assert "people_affected" in counted(helped(referral___held=True))


@pytest.mark.parametrize("stop", range(1, 5))
def test_whom_a_choice_stops_is_not_counted(stop: int) -> None:
    """An objection, a restriction, an order: the person's records count for nothing."""
    stopped = {name: table.with_columns(_stop=pl.lit(stop, pl.UInt8)) for name, table in helped().items()}
    assert counted(stopped) == {}


def test_invented_people_of_a_provider_are_not_counted() -> None:
    """Canary people are in the provider's system and in no figure."""
    assert counted(helped(), by=counter(domestic_abuse_support=("person-1",))) == {}


def test_a_record_without_its_day_is_in_no_quarter() -> None:
    """It is counted nowhere rather than in a quarter that somebody guessed."""
    assert "people_affected" not in counted(helped(need__raised_on=None))


def test_parts_of_whole_people_add_up_to_the_whole() -> None:
    """However many partitions: the sums are the same."""
    people = [helped(str(mark)) for mark in range(5)]
    assert (
        counted(together(*people))
        == counted(*people)
        == counted(together(*people[:2]), together(*people[2:]))
    )


def test_a_day_of_what_the_record_belongs_to_may_be_asked_for() -> None:
    """A need counted by the day of its referral."""
    path = "flows/lot_8_counts/aggregate/counts/people_affected/by"
    file = changed({path: "referral.received_on"})
    block = next(flow for flow in file.flows if flow.id == "lot_8_counts")
    made = Counter(example(), block)
    made.note(helped(referral__received_on=date(2022, 8, 1)))
    sums = made.sums().filter(pl.col("count_id") == "people_affected")
    assert sums["start"].to_list() == [date(2022, 7, 1)]


def heard(number: int, answer: str | None, first: int = 0, **changes: Any) -> Tables:
    """Return so many people of the hub who said where they heard of it."""
    said = {
        "referral__lot_code": "L3-SSH",
        "referral__status": "accepted",
        "referral__parent_referral_id": None,
    }
    return together(
        *(
            whole_person("hub", str(first + mark), **(said | {"referral__heard_about_us": answer} | changes))
            for mark in range(number)
        )
    )


def answers(*parts: Tables) -> list[tuple[int, int, int]]:
    """Return what is told of the ways of hearing: how many, and what is behind the rarest that counts."""
    made = Counter(example(), example().flow("hub_counts"))
    for part in parts:
        made.note(part)
    found = made.sums().filter(count_id="ways_of_hearing")
    return found.select("answers", "records", "people").rows()


def test_an_answer_counts_once_enough_people_gave_it() -> None:
    """Ten of one and nine of another are one way, with ten behind it; nine alone are none at all."""
    assert answers(together(heard(10, "Leaflet"), heard(9, "Website", 10))) == [(1, 10, 10)]
    assert answers(heard(9, "My sister told me")) == []


def test_an_answer_is_the_same_however_it_was_typed_and_however_people_are_divided() -> None:
    """Capitals, spaces and wide letters make no other answer; nor do ten partitions."""
    typed = [" Leaflet", "LEAFLET", "leaflet\u00a0", "\uff2ceaflet"] * 3
    parts = [heard(1, answer, mark) for mark, answer in enumerate(typed)]
    assert answers(*parts) == answers(together(*parts)) == [(1, 12, 12)]
    spaced = heard(10, "GP surgery"), heard(11, "GP  Surgery ", 10), heard(10, "Web", 30)
    assert answers(*spaced) == [(2, 10, 10)]


def test_answers_are_those_of_the_referrals_that_are_counted() -> None:
    """No answer, a duplicate, a copy of the portal's, another lot, a held one: each is no answer."""
    for changes in (
        {"referral__heard_about_us": None},
        {"referral__status": "duplicate"},
        {"referral__parent_referral_id": "referral-77"},
        {"referral__lot_code": "L4-CS"},
        {"referral___held": True},
    ):
        assert answers(heard(10, "Leaflet", **changes)) == []


def test_ten_referrals_of_one_person_make_no_way_of_hearing() -> None:
    """People are asked for, not rows: one who is referred ten times has said it alone."""
    again = [
        heard(1, "Leaflet", referral__referral_id=f"referral-{mark}", referral___reference=f"referral-{mark}")
        for mark in range(10)
    ]
    once = {name: pl.concat([each[name] for each in again]).unique() for name in again[0]}
    assert answers(once) == []


def test_no_word_of_an_answer_is_kept_between_partitions() -> None:
    """What is kept of an answer is a number."""
    made = Counter(example(), example().flow("hub_counts"))
    made.note(heard(3, "CANARY my sister"))
    kept = pl.concat(made._parts).filter(count_id="ways_of_hearing")
    assert len(kept) == 1
    assert kept.schema["answers"] == pl.UInt64
    assert "canary" not in str(kept.to_dicts()).lower()


@pytest.mark.parametrize(
    ("purpose", "status", "counted_as"),
    [
        ("share_council", "given", ["agreed_to_sharing"]),
        ("share_council", "refused", ["refused_sharing"]),
        ("share_council", "withdrawn", ["took_back_sharing"]),
        ("share_council", "not_asked", ["not_asked_about_sharing"]),
        ("share_council", "best_interests", ["shared_on_another_basis"]),
        ("share_council", "not_required_other_basis", ["shared_on_another_basis"]),
        ("marketing", "refused", []),
        ("share_council", None, []),
    ],
)
def test_what_people_answered_about_sharing_is_counted_by_answer(
    purpose: str, status: str | None, counted_as: list[str]
) -> None:
    """K37: each answer in one count, no other purpose, and nothing of what cannot be read."""
    made = Counter(example(), example().flow("hub_counts"))
    made.note(whole_person("hub", consent__purpose=purpose, consent__status=status))
    assert made.sums().filter(pl.col("count_id") != "ways_of_hearing")["count_id"].to_list() == counted_as


def test_tables_that_no_check_has_seen_are_not_counted() -> None:
    """Whether a record is held is not known of them."""
    with pytest.raises(ReleaseRefused, match="only inspected tables"):
        counter().note({name: table.drop("_held") for name, table in helped().items()})


def test_what_cannot_be_asked_is_told_without_a_value() -> None:
    """A column of another type stops the flow; no cell is in what is said."""
    broken = helped()
    broken["need"] = broken["need"].with_columns(raised_on=pl.lit("CANARY need.raised_on"))
    with pytest.raises(ReleaseRefused) as refused:
        counter().note(broken)
    assert "CANARY" not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_record_hangs_on_all_that_its_parents_hang_on() -> None:
    """A need hangs on its referral, and on its person."""
    assert lineage("need") == {"need", "referral", "person"}
