"""Chromium as a reader's eyes and ears: the browser, and what axe says of an open page."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield the browser; without it the test is left out, or fails where nothing may be left out."""
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


def asked(page: Any) -> Any:
    """Return what axe says of the open page by the rules of WCAG 2.2 AA, closed parts opened first."""
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(
            resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
        )
    return page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", RULES)


def violations(page: Any) -> list[str]:
    """Return what axe finds against the rules on the open page."""
    return [f"{each['id']}: {node['target']}" for each in asked(page)["violations"] for node in each["nodes"]]


def undecided(page: Any) -> set[str]:
    """Return what axe could not decide on the open page: the rule, and the kind of element."""
    unsure = [(each["id"], node["html"]) for each in asked(page)["incomplete"] for node in each["nodes"]]
    return {f"{rule}: {re.split('[ >]', source[1:])[0]}" for rule, source in unsure}


def contrast_with_white(colour: str) -> float:
    """Return the ratio of WCAG between a colour, as rgb(1, 2, 3), and white."""
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
