"""What was published of a cell and is true still is published so again; what was ever told stays known."""

from pathlib import Path

import polars as pl
import pytest

from feed.disclosure.cells import known_of, still_true
from feed.disclosure.door import as_read
from feed.disclosure.gate import exposures
from feed.disclosure.moved import too_soon
from feed.disclosure.plan import planned
from feed.disclosure.protect import protect
from feed.disclosure.released import Released
from tests.unit.feed.disclosure.made_tables import APRIL, HES, UNDER_FIVE, counts, published, shown
from tests.unit.feed.disclosure.test_earlier_releases import ALONE, DAY, release

WARDS = {"a": 12, "b": 3, "c": 30}


@pytest.fixture
def released(tmp_path: Path) -> Released:
    """Return a memory in which nothing was released yet."""
    return Released(tmp_path / "released.sqlite", "readers")


@pytest.fixture
def chosen(released: Released) -> Released:
    """Return a memory of a release in which ward c was hidden for the sake of b; today none would be."""
    first = published(
        ("people_seen", APRIL, "ward", "a", 10, "rounded"),
        ("people_seen", APRIL, "ward", "b", None, "suppressed"),
        ("people_seen", APRIL, "ward", "c", None, "suppressed"),
        ("people_seen", APRIL, "borough", "all", 45, "exact"),
    )
    known = as_read(known_of(first, ALONE, HES))
    released.settle(released.enter(APRIL, known, DAY), was_released=True)
    return released


def test_the_same_counts_are_published_as_they_were_though_another_choice_would_do(chosen: Released) -> None:
    """Ward c stays hidden, so nothing was published anew and no table is too early."""
    assert shown(protect(counts(WARDS), ALONE, HES).published)["c"] == "30"
    before = chosen.before(ALONE, HES, DAY)
    again = protect(counts(WARDS), ALONE, HES, before).published
    assert shown(again) == {"a": "10", "b": "suppressed", "c": "suppressed"}
    assert too_soon(known_of(again, ALONE, HES), before, HES, DAY) == {}


def test_one_person_more_changes_the_cells_that_have_to_change_and_no_other(chosen: Released) -> None:
    """The total moved by one and is rounded now; the wards stand as they did."""
    kept = release(chosen, counts(WARDS | {"c": 31}))
    assert shown(kept) == {"a": "10", "b": "suppressed", "c": "suppressed"}
    assert kept.filter(pl.col("breakdown") == "borough").select("value", "shown").rows() == [(45, "rounded")]


@pytest.mark.parametrize(
    ("ward", "count", "then"),
    [
        ("a number in its range", 12, ("rounded", True)),
        ("a number out of it", 13, ("rounded", False)),
        ("one that became small", 7, ("suppressed", False)),
        ("one that was hidden", 9, ("secondary", True)),
        ("one that was hidden and is none", 0, ("rounded", False)),
        ("one of which nothing was said", 20, ("withheld", True)),
    ],
)
def test_what_is_true_still_is_shown_again_and_what_is_small_is_hidden(
    released: Released, ward: str, count: int, then: tuple[str, bool]
) -> None:
    """The profile comes first: what it hides is hidden, however it was shown."""
    last = {
        "one that was hidden": (None, "suppressed"),
        "one that was hidden and is none": (None, "suppressed"),
        "one of which nothing was said": (None, "withheld"),
    }.get(ward, (10, "rounded"))
    known = known_of(published(("people_seen", APRIL, "ward", ward, *last)), ALONE, HES)
    released.settle(released.enter(APRIL, as_read(known), DAY), was_released=True)
    before = released.before(ALONE, HES, DAY)
    plan = planned(counts({ward: count, "beside": 40}), ALONE, HES, before)
    assert plan.filter(pl.col("category") == ward).select("shown", "given").rows() == [then]


def test_what_an_earlier_edition_told_is_known_though_the_last_one_hid_it(
    released: Released,
) -> None:
    """Ward a was told as 20, then hidden; it is 20 still, so b is what the total leaves."""
    for a in (20, None):
        edition = published(
            ("people_seen", APRIL, "ward", "a", a, "suppressed" if a is None else "exact"),
            ("people_seen", APRIL, "ward", "b", None, "suppressed"),
        )
        known = as_read(known_of(edition, ALONE, UNDER_FIVE))
        released.settle(released.enter(APRIL, known, DAY), was_released=True)
    exact = counts({"a": 20, "b": 3})
    before = released.before(ALONE, UNDER_FIVE, DAY)
    assert still_true(before, exact).filter(pl.col("category") == "a").select("lower", "upper").rows() == [
        (20.0, 20.0)
    ]
    now = published(
        ("people_seen", APRIL, "ward", "a", None, "secondary"),
        ("people_seen", APRIL, "ward", "b", None, "suppressed"),
        ("people_seen", APRIL, "borough", "all", 23, "exact"),
    )
    assert exposures(now, exact, ALONE, UNDER_FIVE, before)[0]
    release(released, exact, profile=UNDER_FIVE)
