"""The pages in a real browser: nothing fetched, nothing run, nobody shut out, no width too small."""

import os
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from common import clock
from reports import write_all
from reports.incident import incident_page
from reports.person import person_page
from reports.statement import signed_statement_page
from tests.golden.reports import sample_documents as documents
from tests.golden.reports import sample_incident, sample_person, sample_statement
from tests.golden.reports import sample_inputs as sample
from tests.golden.reports import sample_quality as quality
from tests.golden.reports import sample_runs as runs

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
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
    "data_quality/index.html",
    "commissioner/2022-04-01_2022-11-30.html",
]
PHONE = 360
"""The narrowest window, in CSS pixels, in which every page is read without moving it sideways."""
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
            figures=[sample.figures()],
        )
        (out / "incident.html").write_bytes(incident_page(sample_incident.pack()))
        (out / "person.html").write_bytes(person_page(sample_person.told()))
        (out / "statement.html").write_bytes(signed_statement_page(sample_statement.statement(), b"note"))
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None and os.environ.get("CI", "").lower() == "true":
        pytest.fail("Chromium is missing, so the pages were not looked at: apt-get install -y chromium")
    if CHROMIUM is None:
        pytest.skip("NOT LOOKED AT: Chromium is missing. Install it: apt-get install -y chromium")
    from playwright.sync_api import sync_playwright

    arguments = [
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


def violations(page: Any) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA on the open page, closed parts opened first."""
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(
            resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
        )
    found = page.evaluate(
        "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", RULES
    )
    return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]


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
        page.evaluate("getComputedStyle(document.querySelector('.masthead')).backgroundColor")
        == "rgb(18, 52, 59)"
    )
    for width in (PHONE, 1200) if name in PAGES else (PHONE,):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_check_bites_on_a_bad_page(browser: Any, tmp_path: Path) -> None:
    """A page with pale words, a chart without a name and a table cell without a heading is found out."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!DOCTYPE html><html><title>x</title><body><p style='color:#bbb;background:#fff'>pale</p>"
        "<svg role='img'></svg><a href='#x'></a></body></html>",
        encoding="utf-8",
    )
    page = browser.new_page()
    page.goto(bad.as_uri())
    found = {each.partition(":")[0] for each in violations(page)}
    assert {"color-contrast", "html-has-lang", "link-name", "svg-img-alt"} <= found
    page.close()


def test_a_page_is_read_without_javascript(browser: Any, site: Path) -> None:
    """The numbers behind a chart open without a script."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / PAGES[-1]).as_uri())
    page.locator("summary").first.click()
    assert page.locator("details table").first.is_visible()
    context.close()


def test_a_printed_page_shows_what_is_folded_on_the_screen(browser: Any, site: Path) -> None:
    """On paper the numbers behind every chart are there, and the links to other pages are not."""
    page = browser.new_page()
    page.goto((site / PAGES[-1]).as_uri())
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
        assert page.locator("img, script").count() == 0
    page.close()
