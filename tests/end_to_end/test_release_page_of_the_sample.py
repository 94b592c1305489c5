"""The page of the whole sample's eight months: on four sheets, with every headline, and nobody shut out."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from feed.declared import declarations
from feed.observations import OBSERVATIONS
from feed.release.revisions import none_yet
from reports.release import release_page
from tests.browsing import undecided, violations
from tests.end_to_end.conftest import EIGHT_MONTHS
from tests.end_to_end.test_release_page_in_a_browser import LOOKED_AT, MOST_PAGES, NARROWEST
from tests.golden.reports import sample_release
from tests.nights import NightSite

REVISED = dict.fromkeys(none_yet().columns, "K01") | {"edition": 2, "from_value": 3663.0, "to_value": 3670.0}
HEADLINES = ["3,663", "1,106", "2,167", "1,283", "1,194", "429"]


@pytest.fixture(scope="module")
def address(sample_published: NightSite) -> str:
    return (sample_published.site.var / "feed" / EIGHT_MONTHS / "index.html").resolve().as_uri()


def test_the_sample_s_page_is_whole_on_a_screen_and_on_four_sheets(browser: Any, address: str) -> None:
    """The figures of the award entry stand first; every table has its questions; no word is cut."""
    page = browser.new_page(viewport={"width": NARROWEST, "height": 900})
    page.goto(address)
    assert page.locator(".tiles--headline dd").all_inner_texts() == HEADLINES
    assert page.locator("figure").count() > 20
    assert "Nothing has been said of this yet" not in page.content()
    assert violations(page) == []
    assert undecided(page) <= set(LOOKED_AT)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST
    printed = page.pdf(prefer_css_page_size=True, format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= MOST_PAGES
    page.close()


@pytest.mark.parametrize("width", [NARROWEST, 1200])
def test_no_word_of_a_drawing_leaves_it(browser: Any, address: str, width: int) -> None:
    """Every word stands within its drawing, at any width, and no two values over columns touch."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    outside = page.evaluate(
        """[...document.querySelectorAll('figure > svg text')].filter(word => {
            const box = word.getBoundingClientRect(), frame = word.closest('figure').getBoundingClientRect();
            return box.left < frame.left - 2 || box.right > frame.right + 2;
        }).map(word => word.textContent)"""
    )
    assert outside == []
    touching = page.evaluate(
        """[...document.querySelectorAll('figure > svg')].flatMap(svg => {
            const boxes = [...svg.querySelectorAll('text.value')].map(word => word.getBoundingClientRect());
            return boxes.slice(1).filter((box, n) => box.left < boxes[n].right
                && Math.abs(box.top - boxes[n].top) < box.height).map(() => svg.id || 'svg');
        })"""
    )
    assert touching == []
    page.close()


def test_more_that_is_told_still_goes_on_four_sheets(
    browser: Any, sample_published: NightSite, tmp_path: Path
) -> None:
    """Counts of domestic abuse support, a second edition, half of all categories hidden: no fifth sheet."""
    folder = sample_published.site.var / "feed" / EIGHT_MONTHS
    tables = (pl.read_parquet(folder / f"{topic.topic}.parquet") for topic in declarations().topics)
    observations = half_hidden(with_counts(pl.concat(tables).cast(OBSERVATIONS)))
    full = sample_release.contents(observations=observations)
    revisions = pl.DataFrame([REVISED], schema=none_yet().schema)
    (tmp_path / "index.html").write_bytes(release_page(full, 2, revisions))
    page = browser.new_page(viewport={"width": NARROWEST, "height": 900})
    page.goto((tmp_path / "index.html").as_uri())
    assert "1 number differs from the edition before" in page.inner_text("main")
    assert page.locator("#domestic-abuse-name").count() == 1
    assert violations(page) == []
    printed = page.pdf(prefer_css_page_size=True, format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= MOST_PAGES
    page.close()


def half_hidden(observations: pl.DataFrame) -> pl.DataFrame:
    """Return the figures with every other category of a breakdown hidden."""
    nth = pl.col("category").rank("dense").over("kpi", "statistic", "period", "breakdown")
    hidden = (pl.col("breakdown") != "borough") & (nth % 2 == 0)
    numbers = ("value", "numerator", "denominator", "lower", "upper")
    return observations.with_columns(
        *(pl.when(~hidden).then(name).alias(name) for name in numbers),
        shown=pl.when(hidden).then(pl.lit("suppressed")).otherwise("shown"),
    )


def with_counts(observations: pl.DataFrame) -> pl.DataFrame:
    """Return the figures with those that came as counts, of two quarters, every other one hidden."""
    (topic,) = (each for each in declarations().topics if each.topic == "domestic_abuse")
    rows = [
        sample_release.row(
            kpi, "suppressed" if (place + turn) % 2 else 30, period=quarter, table="domestic_abuse",
            unit="people", shown="suppressed" if (place + turn) % 2 else "rounded", note="Rounded to 10.",
        )
        for turn, quarter in enumerate(("2022-23-Q1", "2022-23-Q2"))
        for place, kpi in enumerate(kpi.id for kpi in topic.kpis)
    ]  # fmt: skip
    others = observations.filter(pl.col("table") != "domestic_abuse")
    return pl.concat([others, pl.DataFrame(rows, schema=observations.schema)])


def test_no_table_answers_a_question_in_the_words_of_another(browser: Any, address: str) -> None:
    """Seven answers of every table, each its own: who asks, from which records, how it is laid out."""
    page = browser.new_page()
    page.goto(address)
    answers = page.evaluate(
        """[...document.querySelectorAll('.questions details')].map(
            table => [...table.querySelectorAll('dd')].map(answer => answer.textContent))"""
    )
    assert len(answers) > 12
    for question in zip(*answers, strict=True):
        assert len(set(question)) == len(answers)
    page.close()
