"""What was released before is known: no later release may be subtracted from it to a small number."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from feed.disclosure.cells import known_of
from feed.disclosure.door import as_read
from feed.disclosure.errors import ReleasedUnreadable
from feed.disclosure.gate import differences, exposures, in_words
from feed.disclosure.moved import next_day, too_soon
from feed.disclosure.profile import Profile
from feed.disclosure.protect import protect
from feed.disclosure.released import Released
from feed.disclosure.structure import CountShape, Structure
from tests.unit.feed.disclosure.made_tables import APRIL, BOTH, HES, UNDER_FIVE, counts, shown

ALONE = Structure((CountShape("people_seen"),))
DAY = date(2022, 7, 4)
TOTAL = "people_seen by borough, 2022-04"
NEXT_QUARTER = date(2022, 10, 1)


@pytest.fixture
def released(tmp_path: Path) -> Released:
    """Return a memory in which nothing was released yet."""
    return Released(tmp_path / "released.sqlite", "readers")


def release(released: Released, exact: pl.DataFrame, day: date = DAY, profile: Profile = HES) -> pl.DataFrame:
    """Return what is published of the counts, and remember it."""
    before = released.before(ALONE, profile, day)
    kept = protect(exact, ALONE, profile, before)
    assert not exposures(kept.reasons, exact, ALONE, profile, before)[0]
    known = as_read(known_of(kept.told, ALONE, profile))
    released.settle(released.enter("2022-04", known, day), was_released=True)
    return kept.published


def bare(exact: pl.DataFrame) -> pl.DataFrame:
    """Return counts as they are, all shown."""
    return exact.select("count_id", "period", "breakdown", "category", value="count", shown=pl.lit("exact"))


def test_two_periods_that_overlap_are_not_subtracted_to_a_small_number(released: Released) -> None:
    """April was released, then April and May together: the three of May are not the difference of the two."""
    release(released, counts({"a": 100}, period=APRIL))
    both = counts({"a": 103}, period=BOTH)
    before = released.before(ALONE, HES, DAY)
    found, _ = exposures(bare(both), both, ALONE, HES, before)
    assert "people_seen by borough, 2022-04, released before" in in_words(found)
    kept = release(released, both)
    assert shown(kept, "borough", BOTH) == {"all": "105"}


def test_another_pattern_of_hidden_cells_does_not_open_the_one_before(released: Released) -> None:
    """What hid b behind a cannot be undone by a release that hides b behind c."""
    cells = {"a": 10, "b": 3, "c": 30}
    first = release(released, counts(cells))
    other = pl.concat([counts(cells), counts(cells, count="seen_at_once")])
    both = Structure((CountShape("people_seen", same_as="x"), CountShape("seen_at_once", same_as="x")))
    kept = protect(other, both, HES, released.before(both, HES, DAY))
    assert not exposures(kept.reasons, other, both, HES, released.before(both, HES, DAY))[0]
    assert shown(first)["b"] == "suppressed"


def test_a_nightly_rebuild_is_blocked(released: Released) -> None:
    """One person more overnight: the tables are named, and the day from which they may be published."""
    release(released, counts({"a": 60, "b": 40}))
    before = released.before(ALONE, HES, DAY)
    more = protect(counts({"a": 61, "b": 40}), ALONE, HES, before)
    known = known_of(more.published, ALONE, HES)
    assert too_soon(known, before, HES, date(2022, 7, 5)) == {"people_seen by borough, 2022-04": NEXT_QUARTER}
    assert too_soon(known, before, HES, NEXT_QUARTER) == {}
    same = protect(counts({"a": 60, "b": 40}), ALONE, HES, before)
    assert too_soon(known_of(same.published, ALONE, HES), before, HES, date(2022, 7, 5)) == {}


def test_a_revision_does_not_tell_the_one_person_more(released: Released) -> None:
    """100 was exact; 101 is published as 100 to the nearest five. Published as it is, the gate names it."""
    release(released, counts({"a": 60, "b": 40}))
    before = released.before(ALONE, HES, DAY)
    more = counts({"a": 61, "b": 40})
    assert shown(release(released, more), "borough") == {"all": "100"}
    moved, *_ = differences(bare(more), ALONE, HES, before)
    assert (moved.kind, moved.tables) == ("moved", (TOTAL, f"{TOTAL}, released before"))


def test_where_nothing_is_rounded_a_number_that_moved_by_few_is_hidden(released: Released) -> None:
    """Under the other profile, the total that moved by one is not shown again."""
    release(released, counts({"a": 60, "b": 40}), profile=UNDER_FIVE)
    kept = release(released, counts({"a": 61, "b": 40}), profile=UNDER_FIVE)
    assert shown(kept, "borough") == {"all": "suppressed"}


def test_a_number_that_moved_by_many_is_exact_again(released: Released) -> None:
    """Twenty late records are no small number."""
    release(released, counts({"a": 60, "b": 40}))
    assert shown(release(released, counts({"a": 70, "b": 50})), "borough") == {"all": "120"}


def test_what_was_released_longer_ago_than_the_profile_remembers_is_forgotten(released: Released) -> None:
    """And what went to another recipient says nothing here."""
    release(released, counts({"a": 60, "b": 40}))
    assert len(released.before(ALONE, HES, date(2023, 7, 1)))
    assert released.before(ALONE, HES, date(2023, 8, 1)).is_empty()
    assert Released(released.path, "somebody else").before(ALONE, HES, DAY).is_empty()


def test_a_release_that_was_not_published_is_taken_out_and_one_that_may_have_been_stays(
    released: Released,
) -> None:
    """Where the process ended in between, what was let out counts as known."""
    known = as_read(known_of(protect(counts({"a": 60}), ALONE, HES).published, ALONE, HES))
    released.settle(released.enter("2022-04", known, DAY), was_released=False)
    assert released.before(ALONE, HES, DAY).is_empty()
    released.enter("2022-04", known, DAY)
    assert len(released.before(ALONE, HES, DAY)) == 2


def test_no_count_that_was_hidden_stands_in_the_memory(released: Released) -> None:
    """Of a hidden cell it holds what any reader has: that it is hidden."""
    release(released, counts({"a": 60, "b": 3, "c": 40}))
    before = released.before(ALONE, HES, DAY)
    hidden = before.filter(pl.col("category") == "b").select("value", "shown", "lower", "upper").rows()
    assert hidden == [(None, "suppressed", 1.0, float("inf"))]


def test_a_memory_that_cannot_be_read_stops_everything(tmp_path: Path) -> None:
    """Without it nothing new may be compared with nothing."""
    path = tmp_path / "released.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(ReleasedUnreadable, match="E955"):
        Released(path, "readers").before(ALONE, HES, DAY)


@pytest.mark.parametrize(
    ("calendar", "day", "next_"),
    [
        ("quarterly", date(2022, 7, 4), date(2022, 10, 1)),
        ("quarterly", date(2022, 12, 31), date(2023, 1, 1)),
        ("monthly", date(2022, 12, 1), date(2023, 1, 1)),
        ("monthly", date(2022, 1, 31), date(2022, 2, 1)),
    ],
)
def test_the_calendar_is_fixed(calendar: str, day: date, next_: date) -> None:
    """The next day of publication is the first of the next quarter, or month; not so many days later."""
    profile = Profile(calendar="monthly") if calendar == "monthly" else Profile()
    assert next_day(day, profile) == next_


def test_an_edition_is_not_subtracted_from_one_before_the_last(released: Released) -> None:
    """100 exactly, then 101 as about 100, then 102: the first edition is still in everybody's hands."""
    release(released, counts({"a": 60, "b": 40}))
    release(released, counts({"a": 61, "b": 40}))
    third = counts({"a": 62, "b": 40})
    assert shown(release(released, third), "borough") == {"all": "100"}
    before = released.before(ALONE, HES, DAY)
    assert differences(bare(third), ALONE, HES, before)
