"""The pages in a real browser: nothing fetched, nothing run, nobody shut out, no width too small."""

from pathlib import Path
from typing import Any

import pytest

from common import clock
from reports import write_all
from reports.incident import incident_page
from reports.person import person_page
from reports.statement import signed_statement_page
from tests.browsing import contrast_with_white, undecided, violations
from tests.golden.reports import sample_documents as documents
from tests.golden.reports import sample_incident, sample_person, sample_statement
from tests.golden.reports import sample_inputs as sample
from tests.golden.reports import sample_quality as quality
from tests.golden.reports import sample_runs as runs

DATA_QUALITY = "data_quality/index.html"
PAGES = [
    "index.html",
    "operator/index.html",
    "governance/index.html",
    f"governance/{sample.RUN_IDS[1]}.html",
    f"governance/{sample.RUN_IDS[2]}.html",
    "incident.html",
    "person.html",
    "statement.html",
    "provider/hub.html",
    "provider/domestic_abuse_support.html",
    DATA_QUALITY,
]
WORKLISTS = ["provider/hub.html", "provider/domestic_abuse_support.html"]
PHONE = 360
"""The narrowest window, in CSS pixels, in which every page is read without moving it sideways."""
NARROWEST = 320
"""That of a worklist: a small phone, or a window of 1280 pixels at 400 per cent."""
LOOKED_AT = {
    "color-contrast: text": "axe cannot tell what is behind the words of a drawing: their colours are "
    "measured against the page's white by test_the_words_of_a_drawing_can_be_read.",
}
"""What axe leaves undecided on a worklist and a person has looked at, with why it is as it should be."""
DOCUMENTS = [f"governance/{name}" for name in [*documents.NAMES, *runs.NAMES]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reports")
    documents.written(out / "governance", documents.short())
    runs.written(out)
    with clock.frozen(sample.NOW):
        quality.written(out, sample.SITE, sample.NOW)
        write_all(
            out,
            site=sample.SITE,
            summaries=sample.summaries(),
            findings=sample.findings(),
            catalogue=sample.CHECKS,
            providers=sample.PROVIDERS,
            published=sample.PUBLISHED,
        )
        (out / "incident.html").write_bytes(incident_page(sample_incident.pack()))
        (out / "person.html").write_bytes(person_page(sample_person.told()))
        (out / "statement.html").write_bytes(signed_statement_page(sample_statement.statement(), b"note"))
    return out


@pytest.mark.parametrize("name", [*PAGES, *DOCUMENTS])
def test_a_page_asks_for_nothing_and_shuts_nobody_out(browser: Any, site: Path, name: str) -> None:
    """The file is all there is: one request, its own; its policy lets its own style through, and it says
    nothing on the console. No violation of WCAG 2.2 AA, and no page wider than its window, on a phone; what
    is not a document of the same make is looked at on a desk too.
    """
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_page(viewport={"width": PHONE, "height": 900})
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((site / name).as_uri())
    assert asked == [(site / name).as_uri()]
    assert said == []
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.masthead, .top')).backgroundColor")
        == "rgb(18, 52, 59)"
    )
    for width in (NARROWEST if name in WORKLISTS else PHONE, 1200) if name in PAGES else (PHONE,):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], width
        assert name not in WORKLISTS or undecided(page) <= set(LOOKED_AT), width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_words_of_a_drawing_can_be_read(browser: Any, site: Path) -> None:
    """Every word of a worklist's drawing stands out from the page by 4.5 to 1, which axe cannot tell."""
    page = browser.new_page()
    page.goto((site / WORKLISTS[0]).as_uri())
    colours = page.evaluate("[...document.querySelectorAll('svg text')].map(e => getComputedStyle(e).fill)")
    behind = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert behind in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    assert len(colours) > 5
    assert all(contrast_with_white(colour) >= 4.5 for colour in colours)
    page.close()


def test_a_worklist_is_filtered_and_put_in_order_by_the_keyboard(browser: Any, site: Path) -> None:
    """Choosing hides what is not meant, tells how many are left where a screen reader hears it, and can be
    taken back; the order changes within every check. On paper everything stands again.
    """
    page = browser.new_page()
    page.goto((site / WORKLISTS[0]).as_uri())
    rows, groups = page.locator("tr[data-state]:visible"), page.locator("#groups section:visible")
    every, headings = rows.count(), groups.count()
    heard = page.locator("#found")
    assert heard.get_attribute("role") == "status"
    page.locator("#by-overdue").focus()
    page.keyboard.press("Space")
    assert rows.count() == 3
    assert groups.count() == 1
    assert heard.inner_text() == f"3 of {every} records of this page are shown."
    page.locator("#by-severity").select_option("warning")
    assert heard.inner_text().startswith("No record of this page is like that.")
    page.locator("button[type=reset]").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('tr[data-state][hidden]').length === 0")
    assert (rows.count(), groups.count()) == (every, headings)
    page.locator("#by-state").select_option("disputed")
    assert [rows.count(), groups.count()] == [1, 0]
    page.locator("#by-state").select_option("")
    page.locator("#by-check").select_option("PER-05")
    assert groups.count() == 1
    page.locator("#by-order").select_option("record")
    shown = page.locator("#groups section:visible tbody th").all_inner_texts()
    assert shown == sorted(shown)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("document.querySelectorAll('tr[data-state][hidden]').length === 0")
    page.close()


def test_a_worklist_says_the_same_without_javascript(browser: Any, site: Path) -> None:
    """Every record, reason, day and number is there; only the filter, which could do nothing, is not."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": NARROWEST, "height": 900})
    page = context.new_page()
    page.goto((site / WORKLISTS[0]).as_uri())
    assert page.locator("tr[data-state]:visible").count() == 40
    assert not page.locator("#filter").is_visible()
    page.locator("summary").click()
    assert page.locator("details table").is_visible()
    assert page.locator("main h1, main h2, main h3").count() > 8
    context.close()


def test_a_screen_reader_is_told_what_a_worklist_s_cells_are(browser: Any, site: Path) -> None:
    """Where a phone stacks the cells of a row, the table stays one: rows, row headings, column headings."""
    page = browser.new_page(viewport={"width": NARROWEST, "height": 900})
    page.goto((site / WORKLISTS[0]).as_uri())
    table = page.get_by_role("table", name="Two people share one NHS number: 6 people")
    assert table.get_by_role("row").count() == 7
    assert table.get_by_role("columnheader").all_inner_texts() == ["Record", "Due", "Open for", "State"]
    assert table.get_by_role("rowheader").count() == 6
    assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1
    assert page.get_by_role("contentinfo").count() == 1
    page.close()


def test_the_check_bites_on_a_bad_page(browser: Any, tmp_path: Path) -> None:
    """A page with pale words, a chart without a name and a table cell without a heading is found out."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!DOCTYPE html><html><title>x</title><body><p style='color:#bbb;background:#fff'>pale</p>"
        "<svg role='img'></svg><a href='#x'></a>"
        "<p style='background: linear-gradient(#fff, #000)'>on a picture</p>"
        "</body></html>",
        encoding="utf-8",
    )
    page = browser.new_page()
    page.goto(bad.as_uri())
    found = {each.partition(":")[0] for each in violations(page)}
    assert {"color-contrast", "html-has-lang", "link-name", "svg-img-alt"} <= found
    assert undecided(page) - set(LOOKED_AT)
    page.close()


def test_a_page_is_read_without_javascript(browser: Any, site: Path) -> None:
    """The numbers behind a chart open without a script."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / DATA_QUALITY).as_uri())
    page.locator("summary").first.click()
    assert page.locator("details table").first.is_visible()
    context.close()


def test_a_printed_page_shows_what_is_folded_on_the_screen(browser: Any, site: Path) -> None:
    """On paper the numbers behind every chart are there, and the links to other pages are not."""
    page = browser.new_page()
    page.goto((site / DATA_QUALITY).as_uri())
    page.emulate_media(media="print")
    assert page.locator("details table").first.is_visible()
    assert not page.locator("nav").first.is_visible()
    page.close()


def test_the_keyboard_reaches_the_content_first(browser: Any, site: Path) -> None:
    """The first stop of the Tab key skips the masthead, and is seen."""
    page = browser.new_page()
    page.goto((site / PAGES[1]).as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.close()


def test_hostile_words_run_nothing(browser: Any, tmp_path: Path) -> None:
    """A script in a name, a reference or an error of the input is words on the page and does not run."""
    hostile = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    run = sample.summary(2)
    run["sources"][2]["error"] = [hostile]
    finding = {**sample.findings()[0], "reference": hostile}
    out = tmp_path / "reports"
    write_all(
        out, site=hostile, summaries=[run], findings=[finding], catalogue=[], providers=sample.PROVIDERS
    )
    page = browser.new_page()
    for name in ("index.html", "operator/index.html", "provider/hub.html"):
        page.goto((out / name).as_uri())
        page.wait_for_timeout(50)
        assert page.title() != "ran"
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == (name == "provider/hub.html")
    page.close()
