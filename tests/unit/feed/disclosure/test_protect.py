"""What may leave: small counts hidden, the rest rounded, and more hidden until nothing can be worked out."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.disclosure.attack import attack
from feed.disclosure.profile import Profile
from feed.disclosure.protect import Protected, protect
from feed.disclosure.structure import CountShape, Structure
from tests.unit.feed.disclosure.made_tables import (
    APRIL,
    HES,
    MAY,
    UNDER_FIVE,
    counts,
    over_time,
    shown,
)

ALONE = Structure((CountShape("people_seen"),))
WITH_PART = Structure((CountShape("people_seen"), CountShape("seen_at_once", part_of="people_seen")))


def passes(kept: Protected, structure: Structure, profile: Profile = HES) -> bool:
    """Return whether an attack on what was let out, made anew, finds nothing."""
    return not attack(kept.reasons, structure, profile).exposed()


def test_a_table_of_opensafely_is_hidden_and_rounded_as_they_print_it() -> None:
    """3, 8, 16, 23 become hidden, 10, 15, 25; 18, 23, 31, 44 become 20, 25, 30, 45. The totals are exact."""
    women = counts({"a": 3, "b": 8, "c": 16, "d": 23}, count="people_seen")
    men = counts({"a": 18, "b": 23, "c": 31, "d": 44}, count="seen_at_once")
    both = Structure((CountShape("people_seen"), CountShape("seen_at_once")))
    kept = protect(pl.concat([women, men]), both, HES).published
    of = {name: kept.filter(pl.col("count_id") == name) for name in ("people_seen", "seen_at_once")}
    assert shown(of["people_seen"]) == {"a": "suppressed", "b": "10", "c": "15", "d": "25"}
    assert shown(of["seen_at_once"]) == {"a": "20", "b": "25", "c": "30", "d": "45"}
    assert sum(int(value) for value in shown(of["people_seen"]).values() if value.isdigit()) == 50
    assert sum(int(value) for value in shown(of["seen_at_once"]).values()) == 120


def test_eight_and_seven_do_not_tell_that_one_is_a_woman() -> None:
    """OpenSAFELY's third case: 8 people, 7 of them men; the one woman cannot be had by taking away."""
    exact = pl.concat([counts({"a": 8}), counts({"a": 7}, count="seen_at_once")])
    kept = protect(exact, WITH_PART, HES)
    assert shown(kept.published, "borough")["all"] in {"suppressed", "8"}
    assert passes(kept, WITH_PART)
    bare = exact.select(
        "count_id", "period", "breakdown", "category", value=pl.col("count"), shown=pl.lit("exact")
    )
    kinds = {found.kind for found in attack(bare, WITH_PART, HES).exposed()}
    assert kinds == {"cell", "complement"}


def test_sdctables_table_hides_the_four_cells_that_it_hides() -> None:
    """microdata1: women in A are 2; with them the men in A, and the women and men in C, and none more."""
    women, men = {"A": 2, "B": 19, "C": 10, "D": 14}, {"A": 18, "B": 14, "C": 12, "D": 11}
    table = over_time({APRIL: women, MAY: men})
    kept = protect(table, ALONE, UNDER_FIVE)
    hidden = kept.published.filter(pl.col("value").is_null()).select("period", "category").rows()
    assert sorted(hidden) == [(APRIL, "A"), (APRIL, "C"), (MAY, "A"), (MAY, "C")]
    assert passes(kept, ALONE, UNDER_FIVE)


def test_a_table_without_small_cells_hides_nothing() -> None:
    """Where no cell is small, every one is shown."""
    kept = protect(counts({"a": 8, "b": 12, "c": 0}), ALONE, HES)
    assert shown(kept.published) == {"a": "10", "b": "10", "c": "0"}
    assert shown(kept.published, "borough") == {"all": "20"}


def test_seven_is_hidden_and_eight_is_shown() -> None:
    """Where the threshold lies, on both sides of it; none is shown as none."""
    kept = protect(counts({"a": 7, "b": 7, "c": 8, "d": 0}), ALONE, HES)
    assert shown(kept.published) == {"a": "suppressed", "b": "suppressed", "c": "10", "d": "0"}


def test_the_last_cell_that_a_total_gives_away_takes_another_with_it() -> None:
    """9 people, 8 in one ward: the other ward has one. Both are hidden, under the same word."""
    kept = protect(counts({"a": 8, "b": 1}), ALONE, HES)
    assert shown(kept.published) == {"a": "suppressed", "b": "suppressed"}
    assert shown(kept.reasons) == {"a": "secondary", "b": "suppressed"}
    assert passes(kept, ALONE)


def test_few_people_behind_many_rows_are_hidden_too() -> None:
    """40 pieces of advice to 3 people are as telling as 3 people."""
    kept = protect(counts({"a": 40, "b": 60, "c": 90}, people={"a": 3}), ALONE, HES)
    assert shown(kept.published)["a"] == "suppressed"


def test_a_lot_for_the_borough_only_is_hidden_below_its_own_threshold() -> None:
    """Nine people of lot 7 are hidden, nine of another lot are not."""
    profile = Profile(borough_only_lots=("L7-CAR",))
    cells = {"L7-CAR": 9, "L4-CS": 9, "L5-CT": 70, "L6-HS": 80}
    kept = protect(counts(cells, breakdown="lot"), ALONE, profile)
    assert shown(kept.published, "lot") == {
        "L7-CAR": "suppressed",
        "L4-CS": "10",
        "L5-CT": "70",
        "L6-HS": "80",
    }


def test_what_is_apart_in_the_table_of_areas_is_never_shown() -> None:
    """The lots for the borough only stand apart in a table of areas; how many they are is not told there."""
    kept = protect(counts({"a": 40, "b": 60, "borough_only": 30}), ALONE, HES)
    assert shown(kept.published) == {"a": "40", "b": "60", "borough_only": "borough_only"}


def test_none_and_all_of_a_sensitive_count_are_hidden() -> None:
    """Where even nobody, or everybody, is telling, neither is shown."""
    shape = (CountShape("people_seen"), CountShape("seen_at_once", part_of="people_seen", sensitive=True))
    whole = counts({"a": 20, "b": 30, "c": 50})
    part = counts({"a": 20, "b": 0, "c": 20}, count="seen_at_once")
    kept = protect(pl.concat([whole, part]), Structure(shape), HES)
    of_part = shown(kept.published.filter(pl.col("count_id") == "seen_at_once"))
    assert of_part["a"] == of_part["b"] == "suppressed"
    assert passes(kept, Structure(shape))


def test_a_whole_less_its_part_is_protected_like_a_cell() -> None:
    """50 seen, 47 of them at once: the three others are not told by taking one from the other."""
    exact = pl.concat([counts({"a": 50}), counts({"a": 47}, count="seen_at_once")])
    kept = protect(exact, WITH_PART, HES)
    assert shown(kept.published.filter(pl.col("count_id") == "people_seen"), "borough") == {"all": "50"}
    assert shown(kept.published.filter(pl.col("count_id") == "seen_at_once"), "borough") == {"all": "45"}
    assert passes(kept, WITH_PART)


def test_months_do_not_give_away_the_month_that_is_hidden() -> None:
    """Two months and both together: the small month cannot be had from the other two."""
    kept = protect(over_time({APRIL: {"a": 5, "b": 0}, MAY: {"a": 60, "b": 40}}), ALONE, HES)
    assert shown(kept.published, "borough", APRIL) == {"all": "suppressed"}
    totals = kept.published.filter((pl.col("breakdown") == "borough") & (pl.col("period") != APRIL))
    assert sorted(totals["shown"]) == ["exact", "rounded"]
    assert passes(kept, ALONE)


def test_organisations_are_exact() -> None:
    """Three organisations are three organisations."""
    kept = protect(counts({"a": 3, "b": 1}), Structure((CountShape("people_seen", organisations=True),)), HES)
    assert shown(kept.published) == {"a": "3", "b": "1"}


def test_a_count_that_nobody_knows_is_refused() -> None:
    """A count without a shape does not slip through both planner and gate."""
    with pytest.raises(ValueError, match="seen_twice"):
        protect(counts({"a": 3}, count="seen_twice"), ALONE, HES)


small_counts = st.one_of(st.integers(0, 9), st.integers(0, 40))
wards = st.fixed_dictionaries(dict.fromkeys("abcd", small_counts))


@given(wards, wards, st.lists(st.integers(0, 3), min_size=8, max_size=8), st.sampled_from([HES, UNDER_FIVE]))
@settings(max_examples=9, deadline=None)
def test_what_the_planner_lets_out_always_passes_the_gate(
    april: dict[str, int], may: dict[str, int], fewer: list[int], profile: Profile
) -> None:
    """Whatever the counts, nothing small is shown, and an attack made anew finds nothing."""
    both = {APRIL: april, MAY: may}
    less = iter(fewer)
    part = {
        month: {ward: max(count - next(less), 0) for ward, count in cells.items()}
        for month, cells in both.items()
    }
    exact = pl.concat([over_time(both), over_time(part, "seen_at_once")])
    kept = protect(exact, WITH_PART, profile)
    assert passes(kept, WITH_PART, profile)
    told = kept.published.join(exact, on=["count_id", "period", "breakdown", "category"])
    small = pl.col("count").is_between(1, profile.suppress_to)
    assert told.filter(small & pl.col("value").is_not_null()).is_empty()
    assert told.filter((pl.col("value") - pl.col("count")).abs() > profile.off_by).is_empty()
