"""The style sheet of the GOV.UK Design System is the part we may use, as it was taken, and nothing else."""

import hashlib
import re

import pytest

from reports.pages import TEMPLATES
from tools.govuk_frontend import LICENCE, SOURCE, VERSION, written

SHEET = (TEMPLATES / "govuk-frontend.css").read_text(encoding="utf-8")
HEAD, BODY = SHEET.split(" */\n", 1)


def test_the_style_sheet_says_where_it_is_from_and_is_what_was_written() -> None:
    """Version, digest of the package's file, licence, and a digest that shows a change by hand."""
    assert f"govuk-frontend {VERSION}," in HEAD
    assert SOURCE in HEAD
    assert LICENCE.read_text(encoding="utf-8") in HEAD
    assert HEAD.endswith(f"sha256 of what follows: {hashlib.sha256(BODY.encode()).hexdigest()}")


@pytest.mark.parametrize("sheet", ["govuk-frontend.css", "worklist.css", "release.css"])
def test_no_page_can_be_taken_for_one_of_the_government(sheet: str) -> None:
    """No crown, no logo, no typeface that is licensed to gov.uk alone, and nothing that is fetched."""
    rules = (TEMPLATES / sheet).read_text(encoding="utf-8").rpartition("*/\n")[2].lower()
    found = [
        word for word in ("crown", "logo", "transport", "@font-face", "url(", "@import") if word in rules
    ]
    assert found == []
    families = {name.replace(" ", "") for name in re.findall(r"font-family:([^;}]+)", rules)}
    assert {name for name in families if "mono" not in name} <= {"arial,sans-serif", "sans-serif"}


def test_the_cut_leaves_out_what_it_is_meant_to_leave_out() -> None:
    """Of a sheet that holds all of it, only the rules that a worklist uses come through."""
    made = written(
        '@charset "UTF-8";@font-face{font-family:GDS Transport;src:url(/a.woff2)}'
        ".govuk-body{font-family:GDS Transport,arial,sans-serif}.govuk-header__logotype-crown{width:1px}"
        ".govuk-header,.govuk-link{color:red}@media print{.govuk-body{color:#000}.govuk-panel{top:0}}"
        ".govuk-footer__copyright-logo{background:url(/crest.svg)}"
    )
    rules = made.split(" */\n", 1)[1]
    assert rules.splitlines() == [
        ".govuk-body{font-family:arial,sans-serif}",
        ".govuk-link{color:red}",
        "@media print{.govuk-body{color:#000}}",
    ]
