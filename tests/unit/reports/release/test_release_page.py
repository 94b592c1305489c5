"""The commissioner's page tells what is published, and why what is not is not."""

import html
import re

import polars as pl
import pytest
from pydantic import ValidationError

from common import clock
from feed.about import About
from feed.declared import declarations
from feed.release.revisions import COLUMNS
from feed.release.sheet import empty
from feed.release.words import AsOf
from reports.release import release_page
from reports.release.readings import Readings
from tests.golden.reports import sample_inputs
from tests.golden.reports import sample_release as sample


def text_of(page: bytes) -> str:
    """Return the words of the page."""
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(body).split())


def test_the_same_release_makes_the_same_page_whenever_it_is_made() -> None:
    """Nothing of the clock is in it."""
    first = sample.page()
    with clock.frozen(sample_inputs.NOW):
        assert sample.page() == first


def test_hidden_numbers_say_why() -> None:
    """Each reason has its words, and nowhere stands a number or a nothing in its place."""
    text = text_of(sample.page())
    for words in ("Hidden: of few people, or it would", "too few to rely on", "for the whole borough only"):
        assert words in text
    assert "nan" not in text.lower().split()
    assert "None" not in text


def test_sources_stand_in_both_meanings() -> None:
    """Organisations that referred, and ways in which people heard: the second by quarter, as it came."""
    text = text_of(sample.page())
    assert "118 Organisations that referred" in text or "Organisations that referred 118" in text
    assert "Ways in which people heard of the hub in Q2 of 2022-23 6" in text


def test_every_published_table_answers_seven_questions() -> None:
    """Those without words of their own say so, and none is silent about the address for feedback."""
    text = text_of(sample.page())
    for question in (
        "Who is it for?", "What is it used for?", "How useful is it, and how complete?",
        "Are people confident in sharing it?", "Is the format right?", "What is missing?",
        "How would you like it?",
    ):  # fmt: skip
        assert text.count(question) == 5
    assert text.count("Tell us: feed@stockport.example") == 5
    assert "Commissioners of early help, and the providers themselves." in text


def test_invented_people_are_said_to_be_invented() -> None:
    """On the page of a sample, and on no other."""
    assert "invented" in text_of(sample.page())
    real = sample.contents(sample=False, publisher=sample.Publisher("Council"))
    page = release_page(real, 1, sample.none_yet(), sample.declared())
    assert "are invented" not in text_of(page)


def test_a_later_edition_says_how_many_numbers_it_changed() -> None:
    """Revisions of this edition are counted, those of earlier ones are not."""
    row = dict.fromkeys(empty(COLUMNS).columns, "x") | {
        "from_value": 1.0,
        "to_value": 2.0,
    }
    rows = [row | {"edition": edition} for edition in (2, 3, 3)]
    revisions = pl.DataFrame(rows, schema=empty(COLUMNS).schema)
    page = release_page(sample.contents(), 3, revisions, sample.declared())
    assert "edition 3 of these figures. 2 numbers differ" in text_of(page)


def test_a_period_that_was_not_over_says_so_before_its_pictures() -> None:
    """Seen on its last day it is not whole; a day later it is, and nothing is said."""
    words = "This period was not over when it was counted: it ends on 30 November 2022"
    early, whole = (AsOf(3, f"2022-{day}T03:00:00Z") for day in ("11-30", "12-01"))
    assert words in text_of(sample.page(as_of=early)).partition("Month by month")[0]
    assert words not in text_of(sample.page(as_of=whole))


def test_nothing_published_is_a_page_that_still_stands() -> None:
    """A period in which nothing was counted has a page without pictures."""
    bare = sample.contents(observations=sample.contents().observations.clear())
    page = release_page(bare, 1, sample.none_yet(), sample.declared())
    assert b"Month by month" not in page
    assert b"figures for commissioners" in page


def test_a_reading_is_written_as_people_write_it() -> None:
    """Counts by thousands, per cents, lengths in their unit, money in pounds."""
    rows = [
        sample.row("K15", 1, statistic="median", unit="days"),
        sample.row("K15", 12.5, statistic="p90", unit="days"),
        sample.row("K36", 20480, statistic="sum", unit="GBP"),
        sample.row("K13", 99.9, statistic="percent", unit="%", numerator=4995, denominator=5000),
    ]
    read = Readings(pl.DataFrame(rows, schema=sample.OBSERVATIONS), sample.PERIOD)
    told = [
        read.one("K15", "median"),
        read.one("K15", "p90"),
        read.one("K36", "sum"),
        read.one("K13", "percent"),
    ]
    assert [each.measured for each in told if each] == ["1 day", "12.5 days", "£20,480", "99.9%"]


def test_an_answer_is_a_sentence() -> None:
    """One word is no answer, and an eighth question is refused."""
    with pytest.raises(ValidationError):
        About(who="Us", used_for="To see how it goes.", useful="It is useful.", missing="Nothing is missing.")


def test_of_every_table_that_is_declared_something_is_said() -> None:
    """Whoever adds a table answers for it."""
    assert [topic.topic for topic in declarations().topics if topic.about is None] == []


def test_what_came_as_counts_stands_apart_with_its_own_rule() -> None:
    """By quarter, as it came; where nothing came yet, that is said, and without such a flow nothing is."""
    text = text_of(sample.page())
    assert "Domestic abuse support, Q2 of 2022-23" in text
    assert "People affected by domestic abuse, Q1 of 2022-23 45" in text
    assert "People affected by domestic abuse, Q2 of 2022-23 hidden" in text
    assert "Counted and protected before it left the provider's side." in text
    lacking = sample.row("K40", "not_available", table="domestic_abuse", note="No counts have been loaded.")
    both = [lacking, lacking | {"kpi": "K40.worried"}]
    one = pl.DataFrame(both, schema=sample.OBSERVATIONS)
    part = text_of(sample.page(observations=one)).partition("The tables, and")[0]
    assert part.count("Domestic abuse support: no counts have been loaded.") == 1
    assert "Domestic abuse" not in text_of(sample.page(observations=one.clear()))


@pytest.mark.parametrize(
    ("feedback", "link"),
    [
        ("feed@stockport.example", 'href="mailto:feed@stockport.example"'),
        ("https://stockport.example/feed", 'href="https://stockport.example/feed"'),
        ("javascript:alert(1)", ""),
        ("Room 4, ask for A@B", ""),
    ],
)
def test_feedback_is_a_link_where_it_is_an_address(feedback: str, link: str) -> None:
    """A web address or a mail address can be followed; anything else is words."""
    page = sample.page(publisher=sample.Publisher("Council", feedback=feedback)).decode()
    assert html.escape(feedback) in page
    assert link in page
    assert not re.search(r'href="(javascript|mailto:Room)', page)
