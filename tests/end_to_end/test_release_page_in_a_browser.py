"""The commissioner's pages in a real browser: desk, phone and paper, enlarged, in grey, by keyboard."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browsing import contrast_with_white, undecided, violations
from tests.golden.reports import sample_monitoring, sample_release

LOOKED_AT = {
    "color-contrast: text": "axe cannot tell what is behind the words of a drawing: their colours are "
    "measured against the page's white and the ribbons' blue by test_the_words_of_a_drawing_can_be_read.",
}
"""What axe leaves undecided and a person has looked at, with why it is as it should be."""
NARROWEST = 320
"""A small phone, or a window of 1280 pixels at 400 per cent."""
MOST_PAGES = 4


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("release")
    (folder / "index.html").write_bytes(sample_release.page())
    (folder / "contract.html").write_bytes(sample_monitoring.page())
    return (folder / "index.html").as_uri()


@pytest.mark.parametrize("width", [NARROWEST, 1200])
@pytest.mark.parametrize("name", ["index.html", "contract.html"])
def test_the_page_asks_for_nothing_and_shuts_nobody_out(
    browser: Any, address: str, name: str, width: int
) -> None:
    """One request, its own; nothing on the console; nothing axe minds or leaves undecided that nobody looked
    at; and no need to move it sideways, with every table of numbers open.
    """
    address = address.replace("index.html", name)
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    assert asked == [address]
    assert said == []
    assert violations(page) == []
    assert undecided(page) <= set(LOOKED_AT)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_words_of_a_drawing_can_be_read(browser: Any, address: str) -> None:
    """Every word in a drawing stands out by 4.5 to 1 from the page and from the ribbons behind it."""
    page = browser.new_page()
    page.goto(address)
    words = page.evaluate("[...document.querySelectorAll('svg text')].map(e => getComputedStyle(e).fill)")
    ribbon = page.evaluate("getComputedStyle(document.querySelector('path.flow')).fill")
    assert len(words) > 30
    behind = contrast_with_white(ribbon)
    assert all(contrast_with_white(word) / behind >= 4.5 for word in words)
    page.close()


def test_what_is_drawn_can_be_told_without_colour(browser: Any, address: str) -> None:
    """Bars, and the edges of ribbons, stand out by 3 to 1 in luminance; of two series one is hollow; what is
    hidden is drawn broken.
    """
    page = browser.new_page()
    page.goto(address)
    fill = page.evaluate("getComputedStyle(document.querySelector('rect.s0')).fill")
    hollow = page.evaluate("getComputedStyle(document.querySelector('rect.s1')).fill")
    edge = page.evaluate("getComputedStyle(document.querySelector('path.flow')).stroke")
    assert contrast_with_white(fill) / contrast_with_white(hollow) >= 3
    assert contrast_with_white(edge) >= 3
    assert page.evaluate("getComputedStyle(document.querySelector('rect.hidden')).strokeDasharray") != "none"
    page.close()


def test_it_prints_to_four_pages_without_the_tables(browser: Any, address: str) -> None:
    """On paper are the figures and pictures; the numbers behind them and the questions stay on the screen."""
    page = browser.new_page()
    page.goto(address)
    printed = page.pdf(prefer_css_page_size=True, format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= MOST_PAGES
    page.emulate_media(media="print")
    assert not page.locator("details").first.is_visible()
    assert not page.locator("#tables").is_visible()
    assert page.locator("figure svg").first.is_visible()
    page.close()


def test_the_numbers_open_by_the_keyboard_without_javascript(browser: Any, address: str) -> None:
    """The first stop leads past the head; every table of numbers opens by Enter."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": NARROWEST, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("details[open] table").first.is_visible()
    context.close()


def test_hostile_words_run_nothing(browser: Any, tmp_path: Path) -> None:
    """A script in the words of a site is words on the page."""
    hostile = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    path = tmp_path / "index.html"
    path.write_bytes(sample_release.page(title=hostile))
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(50)
    assert page.title() != "ran"
    assert page.locator("img, script").count() == 0
    page.close()
