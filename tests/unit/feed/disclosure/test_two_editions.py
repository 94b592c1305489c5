"""Two editions of one period: nobody works out who came between them, however numbers are put together."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import optimize

from feed.disclosure.cells import known_of
from feed.disclosure.door import as_read
from feed.disclosure.gate import differences, exposures
from feed.disclosure.profile import Profile
from feed.disclosure.protect import protect
from feed.disclosure.released import Released
from feed.disclosure.structure import CountShape, Structure
from tests.unit.feed.disclosure.made_tables import APRIL, BOTH, HES, MAY, UNDER_FIVE, counts, shown
from tests.unit.feed.disclosure.test_earlier_releases import DAY, bare, release

ROWS = Structure((CountShape("people_seen"),))


@pytest.fixture
def released(tmp_path: Path) -> Released:
    """Return a memory in which nothing was released yet."""
    return Released(tmp_path / "released.sqlite", "readers")


def as_planned_alone(exact: pl.DataFrame, profile: Profile = HES) -> pl.DataFrame:
    """Return what a planner without memory would publish."""
    return protect(exact, ROWS, profile).reasons


def named(published: pl.DataFrame, released: Released, profile: Profile = HES) -> set[str]:
    """Return the tables of the numbers that moved by few."""
    before = released.before(ROWS, profile, DAY)
    found = differences(published, ROWS, profile, before)
    return {table for one in found for table in one.tables}


def quarter(april: int, may: int) -> pl.DataFrame:
    """Return two months and both together, without any ward that is small."""
    months = ((APRIL, april), (MAY, may), (BOTH, april + may))
    return pl.concat(
        counts({"a": total - total // 3, "b": total // 3}, period=label) for label, total in months
    )


def test_a_month_that_moved_by_one_is_not_had_from_the_other_months(released: Released) -> None:
    """April 100, then 101; May 100, then 120; both exactly 221: April is not told by subtraction."""
    release(released, quarter(100, 100))
    more = quarter(101, 120)
    before = released.before(ROWS, HES, DAY)
    rounded = (pl.col("breakdown") == "borough") & (pl.col("period") == APRIL)
    april_alone = (
        bare(more)
        .with_columns(
            value=pl.when(rounded).then(100).otherwise("value"),
            shown=pl.when(rounded).then(pl.lit("rounded")).otherwise("shown"),
        )
        .filter(pl.col("breakdown") == "borough")
    )
    found, _ = exposures(april_alone, more, ROWS, HES, before)
    assert {one.kind for one in found} == {"moved"}
    kept = release(released, more)
    exactly = kept.filter(pl.col("shown") == "exact")["period"].to_list()
    assert len(exactly) < 2


def test_the_first_person_of_a_ward_is_not_told_by_a_total_that_moved_by_one(released: Released) -> None:
    """76 in all, none in c; then about 75, and some in c: of those who came there is one, and c's."""
    release(released, counts({"a": 36, "b": 40, "c": 0}))
    more = counts({"a": 36, "b": 40, "c": 1})
    assert any("by ward" in table for table in named(as_planned_alone(more), released))
    assert shown(release(released, more))["c"] in {"withheld", "suppressed"}


def test_a_ward_that_nobody_came_from_before_is_not_told_by_its_name(released: Released) -> None:
    """76 in all, and no word of c; then about 75: a row of c, whatever stands in it, would be the one."""
    release(released, counts({"a": 36, "b": 40}))
    more = counts({"a": 36, "b": 40, "c": 1})
    assert any("by ward" in table for table in named(as_planned_alone(more), released))
    assert shown(release(released, more)) == {"a": "35", "b": "40"}
    remembered = released.before(ROWS, HES, DAY)
    assert remembered.filter(pl.col("category") == "c")["shown"].to_list() == ["withheld"]


def test_the_first_of_the_lots_for_the_borough_only_is_not_told_by_a_row(released: Released) -> None:
    """A row of them where there was none: one person came to carers' support. So it stays away."""
    release(released, counts({"a": 36, "b": 40}))
    for there in range(1, 3):
        kept = release(released, counts({"a": 36, "b": 40, "borough_only": there}))
        assert set(shown(kept)) == {"a", "b"}


def test_lots_for_the_borough_only_stand_apart_where_they_did_before(released: Released) -> None:
    """In the first release of a table, and from then on."""
    for there in (20, 21):
        kept = release(released, counts({"a": 36, "b": 40, "borough_only": there}))
        assert shown(kept)["borough_only"] == "borough_only"


def test_a_ward_that_many_came_from_at_once_stands_there(released: Released) -> None:
    """Twenty more, of whom some are of c: nobody knows of how many."""
    release(released, counts({"a": 36, "b": 40}))
    assert shown(release(released, counts({"a": 36, "b": 57, "c": 3})))["c"] == "suppressed"


def test_a_ward_that_nobody_is_left_of_stands_there_with_none(released: Released) -> None:
    """A row that is gone would tell that there is none by another way than a number."""
    release(released, counts({"a": 36, "b": 40, "c": 20}))
    assert shown(release(released, counts({"a": 60, "b": 70})))["c"] == "0"


def test_a_rounded_number_that_flips_does_not_tell_the_one_who_came(released: Released) -> None:
    """About 20, then about 25, while all together grew by one at most: 22 before, 23 now, and known to be."""
    release(released, counts({"a": 22, "b": 54}))
    more = counts({"a": 23, "b": 54})
    assert any("by ward" in table for table in named(as_planned_alone(more), released))
    kept = shown(release(released, more))
    assert kept["a"] != "25" or kept["b"] == "suppressed"


def test_two_hidden_wards_together_did_not_grow_by_one(released: Released) -> None:
    """Where nothing is rounded: the total grew by 20, the wards that are shown by 19."""
    release(released, counts({"a": 3, "b": 8, "c": 60}), profile=UNDER_FIVE)
    more = counts({"a": 4, "b": 8, "c": 79})
    assert named(as_planned_alone(more, UNDER_FIVE), released, UNDER_FIVE)
    release(released, more, profile=UNDER_FIVE)


def test_one_record_that_was_taken_away_is_not_told_either(released: Released) -> None:
    """April 101, then 100, worked out from May and both together."""
    release(released, quarter(101, 120))
    less = quarter(100, 140).filter(pl.col("breakdown") == "borough")
    assert named(bare(less), released)
    release(released, less)


def test_an_edition_before_the_last_is_not_forgotten(released: Released) -> None:
    """None in c, then no word of c, then two: with the first edition in hand, one or two."""
    for there in range(2):
        release(released, counts({"a": 35, "b": 40, "c": there}))
    third = counts({"a": 35, "b": 40, "c": 2})
    assert named(as_planned_alone(third), released)
    assert shown(release(released, third))["c"] == "withheld"


def test_what_did_not_move_and_what_moved_by_many_is_told_as_before(released: Released) -> None:
    """The same numbers again, and twenty more: nothing is hidden that was not."""
    first = release(released, quarter(100, 100))
    assert release(released, quarter(100, 100)).equals(first)
    many = release(released, quarter(120, 130))
    assert many.filter(pl.col("breakdown") == "borough")["shown"].to_list() == ["exact"] * 3


WARDS = ("a", "b", "c", "d", "all")


def nights(count: int) -> Iterator[pl.DataFrame]:
    """Yield the counts of as many nights, one person more each, in one ward after the other."""
    wards = {"a": 21, "b": 47, "c": 0, "d": 7}
    for night in range(count):
        yield counts(wards)
        wards["abcd"[night % 4]] += 1


def with_all_editions(editions: list[pl.DataFrame]) -> Iterator[tuple[str, float, float]]:
    """Yield between what every number lies, and how far each moved, to one who has all editions at once.

    Written apart from the door: one programme over all nights, in which the wards add up and none grows less.
    """
    size, nights_ = len(WARDS), len(editions)
    placed = [edition.sort(pl.col("category").replace_strict(WARDS, range(size))) for edition in editions]
    bounds = [pair for one in placed for pair in one.select("lower", "upper").iter_rows()]
    adds = np.kron(np.eye(nights_), np.array([1.0, 1, 1, 1, -1]))
    grows = np.kron(np.eye(nights_)[:-1] - np.eye(nights_, k=1)[:-1], np.eye(size))
    fits = {
        "A_ub": grows, "b_ub": np.zeros(len(grows)), "A_eq": adds, "b_eq": np.zeros(nights_), "bounds": bounds
    }  # fmt: skip
    each = np.eye(nights_ * size)
    wanted = {
        f"{ward} of {night}": each[night * size + at]
        for night in range(nights_)
        for at, ward in enumerate(WARDS)
    }
    since = {
        f"{name} since {other}": each[night * size + at] - each[other * size + at]
        for night in range(1, nights_)
        for other in {0, night - 1}
        for at, name in enumerate(WARDS)
    }
    for name, target in (wanted | since).items():
        least, most = optimize.linprog(target, **fits), optimize.linprog(-target, **fits)
        yield name, least.fun, (-most.fun if most.status == 0 else np.inf)


@pytest.mark.parametrize(("profile", "count"), [(HES, 30), (UNDER_FIVE, 9)])
def test_editions_with_one_person_more_each_tell_of_no_one(
    released: Released, profile: Profile, count: int
) -> None:
    """Whoever has all the nights of a month at once pins no small number, and no number that moved by few."""
    editions = [release(released, exact, profile=profile) for exact in nights(count)]
    read = [as_read(known_of(edition, ROWS, profile)) for edition in editions]
    pinned = [
        name
        for name, low, high in with_all_editions(read)
        if 1 <= round(low, 6) <= profile.suppress_to and high - low < profile.least_width
    ]
    assert pinned == []
