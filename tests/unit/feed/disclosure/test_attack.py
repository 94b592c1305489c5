"""The gate finds what planted releases give away, names their tables, and lets safe ones pass."""

import itertools

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.disclosure.attack import Attacked, attack
from feed.disclosure.gate import exposures
from feed.disclosure.plan import planned, shown_of
from feed.disclosure.structure import CellOf, CountShape, Structure, nested_areas
from tests.unit.feed.disclosure.made_tables import APRIL, BOTH, HES, MAY, counts, over_time, published

ALONE = Structure((CountShape("seen"),))


def attacked(frame: pl.DataFrame, structure: Structure = ALONE) -> Attacked:
    """Return what the tables give away under the usual profile."""
    return attack(frame, structure, HES)


def tables(found: Attacked) -> set[str]:
    """Return every table that is named."""
    return {table for exposed in found.exposed() for table in exposed.tables}


def test_a_small_count_that_is_shown_is_found() -> None:
    """Three people in a ward are three people."""
    found = attacked(published(("seen", APRIL, "ward", "a", 3, "exact")))
    assert [exposed.kind for exposed in found.exposed()] == ["cell"]
    assert tables(found) == {"seen by ward, 2022-04"}


def test_a_small_count_that_is_rounded_is_found() -> None:
    """Three people rounded to five: no number that may be shown rounds to it."""
    found = attacked(published(("seen", APRIL, "ward", "a", 5, "rounded")))
    assert [exposed.kind for exposed in found.exposed()] == ["contradiction"]
    assert tables(found) == {"seen by ward, 2022-04"}


def test_a_hidden_cell_that_its_total_gives_away_is_found_with_both_tables() -> None:
    """17 in the borough, 13 to 17 of them here: the other ward has 1 to 4."""
    found = attacked(
        published(
            ("seen", APRIL, "borough", "all", 17, "exact"),
            ("seen", APRIL, "ward", "a", 15, "rounded"),
            ("seen", APRIL, "ward", "b", None, "suppressed"),
        )
    )
    assert {"seen by ward, 2022-04", "seen by borough, 2022-04"} <= tables(found)


def test_two_hidden_cells_that_make_a_small_number_together_are_found() -> None:
    """Two people in two wards: one each, or who they are together is known."""
    found = attacked(
        published(
            ("seen", APRIL, "borough", "all", 100, "exact"),
            ("seen", APRIL, "ward", "a", None, "suppressed"),
            ("seen", APRIL, "ward", "b", None, "suppressed"),
            ("seen", APRIL, "ward", "c", 95, "exact"),
        )
    )
    assert {exposed.kind for exposed in found.exposed()} >= {"rest"}


def test_areas_within_areas_give_the_hidden_one_away() -> None:
    """A ward of two small areas, one of them hidden: the wards' table tells the other."""
    nested = nested_areas(
        [
            pl.DataFrame(
                {
                    "child_breakdown": ["lsoa21"] * 3,
                    "child": ["x", "y", "z"],
                    "parent_breakdown": ["ward"] * 3,
                    "parent": ["a", "a", "b"],
                }
            )
        ]
    )
    rows = published(
        ("seen", APRIL, "ward", "a", 43, "exact"),
        ("seen", APRIL, "lsoa21", "x", 40, "exact"),
        ("seen", APRIL, "lsoa21", "y", None, "suppressed"),
        ("seen", APRIL, "lsoa21", "z", 55, "exact"),
    )
    assert not attacked(rows).exposed()
    found = attacked(rows, Structure((CountShape("seen"),), nested))
    assert tables(found) == {"seen by lsoa21, 2022-04", "seen by ward, 2022-04"}


def test_an_area_seen_in_two_others_lies_in_neither() -> None:
    """Where a boundary moved, the parts do not make up the whole, and are part of neither."""
    pair = {
        "child_breakdown": ["lsoa21"] * 3,
        "child": ["x", "x", "y"],
        "parent_breakdown": ["ward"] * 3,
        "parent": ["a", "b", "a"],
    }
    assert nested_areas([pl.DataFrame(pair)]).rows() == [("lsoa21", "y", "ward", "a", False)]


def test_the_same_count_in_two_tables_is_one() -> None:
    """What one table hides and another shows is shown; so is a total that is a cell of another table."""
    twice = Structure((CountShape("seen", same_as="x"), CountShape("again", same_as="x")))
    rows = published(
        ("seen", APRIL, "ward", "a", None, "suppressed"), ("again", APRIL, "ward", "a", 3, "exact")
    )
    assert tables(attacked(rows, twice)) == {"seen by ward, 2022-04", "again by ward, 2022-04"}
    cell = Structure((CountShape("seen"), CountShape("closed", is_cell=CellOf("seen", "status", "closed"))))
    rows = published(
        ("seen", APRIL, "status", "closed", None, "suppressed"),
        ("closed", APRIL, "borough", "all", 3, "exact"),
    )
    assert "seen by status, 2022-04" in tables(attacked(rows, cell))


def test_few_people_behind_a_number_that_is_shown_are_found() -> None:
    """Forty rows of three people: the attack sees forty, the gate knows who stands behind them."""
    exact = counts({"a": 40, "b": 60}, people={"a": 3})
    rows = exact.select("count_id", "period", "breakdown", "category", value="count", shown=pl.lit("exact"))
    found, _ = exposures(rows, exact, ALONE_PEOPLE, HES)
    assert [(one.kind, one.tables) for one in found] == [("few", ("people_seen by ward, 2022-04",))]


def test_people_in_several_categories_are_not_taken_from_their_total() -> None:
    """Distinct people do not add up: 20 in all and 18 in one ward leave the other ward open."""
    people = Structure((CountShape("seen", additive=False),))
    rows = published(
        ("seen", APRIL, "borough", "all", 20, "exact"),
        ("seen", APRIL, "ward", "a", 20, "rounded"),
        ("seen", APRIL, "ward", "b", None, "suppressed"),
    )
    assert not attacked(rows, people).exposed()
    assert attacked(rows).exposed()


def test_what_is_counted_on_the_last_day_does_not_add_over_months() -> None:
    """Those waiting at the end of May are those waiting at the end of both months, and no sum."""
    waiting = Structure((CountShape("seen", at_the_end=True),))
    rows = published(
        ("seen", APRIL, "borough", "all", 95, "exact"),
        ("seen", MAY, "borough", "all", None, "suppressed"),
        ("seen", BOTH, "borough", "all", 100, "exact"),
    )
    assert attacked(rows).exposed()
    same = attacked(rows, waiting)
    assert [exposed.kind for exposed in same.exposed()] == ["contradiction"]


def test_no_message_about_what_is_exposed_holds_a_number_of_people() -> None:
    """The ranges are for information governance; what is printed names tables alone."""
    (exposed,) = attacked(published(("seen", APRIL, "ward", "a", 3, "exact"))).exposed()
    assert (exposed.low, exposed.high) == (3, 3)
    assert repr(exposed) == "Exposed(kind='cell', tables=('seen by ward, 2022-04',))"


two_wards = st.fixed_dictionaries({"a": st.integers(0, 12), "b": st.integers(0, 12)})


@given(two_wards, two_wards)
@settings(max_examples=8, deadline=None)
def test_what_is_exposed_is_what_all_tables_written_out_agree_on(
    april: dict[str, int], may: dict[str, int]
) -> None:
    """Four cells, their five sums, published as planned: the gate finds what enumeration finds."""
    frame = shown_of(planned(over_time({APRIL: april, MAY: may}), ALONE_PEOPLE, HES), HES)
    found = attack(frame, ALONE_PEOPLE, HES)
    numbers = found.known.numbers
    most = 13 * 2 + 2
    tables_ = np.array(list(itertools.product(range(most), repeat=4)), dtype=np.int16)
    columns = {(APRIL, "a"): 0, (APRIL, "b"): 1, (MAY, "a"): 2, (MAY, "b"): 3}
    sums = []
    for period, category in numbers.select("period", "category").iter_rows():
        months = (APRIL, MAY) if period == BOTH else (period,)
        wards = ("a", "b") if category == "all" else (category,)
        sums.append(tables_[:, [columns[month, ward] for month in months for ward in wards]].sum(axis=1))
    fits = np.ones(len(tables_), dtype=bool)
    for value, low, high in zip(sums, numbers["lower"], numbers["upper"], strict=True):
        fits &= (value >= low) & (value <= high)
    expected = {
        number
        for number, value in enumerate(sums)
        if value[fits].max() - value[fits].min() < HES.least_width and 1 <= value[fits].min() <= 7
    }
    narrow = {found.members(target)[0] for target in found.narrow if found.kind(target) == "cell"}
    assert narrow == expected


ALONE_PEOPLE = Structure((CountShape("people_seen"),))
