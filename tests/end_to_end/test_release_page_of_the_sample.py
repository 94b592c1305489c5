"""The page of the whole sample's eight months: on four sheets, with every headline, and nobody shut out."""

import re
from typing import Any

import pytest

from tests.browsing import undecided, violations
from tests.end_to_end.conftest import EIGHT_MONTHS
from tests.end_to_end.test_release_page_in_a_browser import LOOKED_AT, MOST_PAGES, NARROWEST
from tests.nights import NightSite

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
