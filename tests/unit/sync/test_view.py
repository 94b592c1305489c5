"""What an account sees, night by night, and when less of it counts."""

import json

import polars as pl
import pytest

from connectors.visibility import Visibility
from sync.view import LEAST_ROWS, MOST_WORDS, Narrowing, View, in_words

KEY = b"k" * 32


def view_of(projects: dict[str, int]) -> View:
    """Return a view of referrals that show each project in so many rows."""
    view = View(KEY)
    words = [word for word, rows in projects.items() for _ in range(rows)]
    view.cells("projects", "referrals", pl.Series(words, dtype=pl.String))
    return view


def test_the_same_projects_are_no_narrower_view() -> None:
    """Other numbers of rows change nothing; nor does a project more."""
    before = view_of({"Advice": 40, "Befriending": 9}).seen
    assert view_of({"Advice": 3, "Befriending": 1, "Transport": 8}).narrowed(before) == []


def test_a_project_that_no_row_shows_any_more_is_gone() -> None:
    """It is told with how many rows showed it, and without its name."""
    before = view_of({"Advice": 40, "Befriending": LEAST_ROWS}).seen
    gone = view_of({"Advice": 40}).narrowed(before)
    assert gone == [Narrowing("projects/referrals", 1, 2, LEAST_ROWS)]
    assert in_words(gone) == f"projects of referrals: 1 of 2 gone, which {LEAST_ROWS} rows showed"


def test_the_last_few_rows_of_a_project_are_no_permission_taken_away() -> None:
    """Fewer than LEAST_ROWS showed it: it may well have ended."""
    before = view_of({"Advice": 40, "Befriending": LEAST_ROWS - 1}).seen
    assert view_of({"Advice": 40}).narrowed(before) == []


def test_what_a_source_lists_itself_counts_at_once() -> None:
    """A field, branch, option or project that the source no longer lists is gone, however few rows had it."""
    before, now = View(KEY), View(KEY)
    lists = {
        "fields": {"referrals": ("id", "date", "project")},
        "dictionary": {"referrals/project": ("A", "B")},
    }
    before.listed(Visibility(lists))
    now.listed(
        Visibility({"fields": {"referrals": ("id", "date")}, "dictionary": {"referrals/project": ("A",)}})
    )
    assert [str(part) for part in now.narrowed(before.seen)] == [
        "dictionary of referrals/project: 1 of 2 gone",
        "fields of referrals: 1 of 3 gone",
    ]


def test_a_night_that_reads_a_part_misses_only_what_the_source_lists() -> None:
    """A project that none of the few rows shows is no permission taken away; a field not offered is one."""
    before, now = view_of({"Advice": 40, "Befriending": 40}), view_of({"Advice": 2})
    before.names("fields", "people", ("id", "telephone"))
    now.names("fields", "people", ("id",))
    assert len(now.narrowed(before.seen)) == 2
    assert [part.place for part in now.narrowed(before.seen, in_part=True)] == ["fields/people"]


def test_an_export_that_is_empty_tonight_is_gone() -> None:
    """A header alone, where rows were: the account may no longer see that kind of record."""
    before, now = View(KEY), View(KEY)
    before.export("risks", 11)
    now.export("risks", 0)
    assert [str(part) for part in now.narrowed(before.seen)] == [
        "exports of the source: 1 of 1 gone, which 11 rows showed"
    ]


def test_a_view_holds_keyed_digests_and_no_word() -> None:
    """The same word has another digest under another key and in another list."""
    view = view_of({"Refuge place": 6})
    assert "Refuge" not in json.dumps(view.seen)
    assert "Refuge" not in repr(view)
    other = View(b"x" * 32)
    other.cells("projects", "referrals", pl.Series(["Refuge place"] * 6))
    assert other.seen["projects/referrals"].keys() != view.seen["projects/referrals"].keys()
    assert view.narrowed(other.seen), "the control: other digests do count as gone"


def test_a_column_of_thousands_of_words_is_no_list() -> None:
    """It leaves the view, so that nobody's cells are kept even as digests."""
    view = View(KEY)
    view.cells("projects", "referrals", pl.Series([f"word {number}" for number in range(MOST_WORDS + 1)]))
    assert view.seen == {"projects/referrals": {}}
    assert view.narrowed(view_of({"Advice": 40}).seen) == []


def test_counts_say_how_many_words_are_seen_new_and_gone() -> None:
    """On the first night nothing is new: there was nothing to compare with."""
    first = view_of({"Advice": 9, "Befriending": 9})
    assert first.counts({}) == {"projects/referrals": {"seen": 2, "new": 0, "gone": 0}}
    second = view_of({"Advice": 9, "Transport": 1})
    assert second.counts(first.seen) == {"projects/referrals": {"seen": 2, "new": 1, "gone": 1}}


def test_an_unknown_aspect_is_refused() -> None:
    """A connector can not invent a fifth thing that accounts see."""
    with pytest.raises(ValueError, match="no aspect"):
        Visibility({"colours": {"referrals": ("red",)}})
