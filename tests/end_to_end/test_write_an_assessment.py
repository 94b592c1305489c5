"""The page for a data officer who writes an assessment: its command is run, and says what the page shows."""

import re
import shutil
from pathlib import Path

from tests.front_door import ROOT, verb

PAGE = (ROOT / "docs/how_to/write_an_assessment.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```\n(.*?)\n\s*```", PAGE, flags=re.DOTALL)
TAKEN_OUT = (r"    request:\n      \{requestedBy: smbc.*?\}\n", r"  - \{what: early_help@smbc.*\n")


def test_check_says_what_the_page_shows(tmp_path: Path) -> None:
    """The two mistakes of the page, made in a copy of the example, are told in the page's words, exit 10."""
    command, *told = [shown.strip() for shown in SHOWN]
    site = tmp_path / "mysite"
    shutil.copytree(ROOT / "config/example", site, ignore=shutil.ignore_patterns("var"))
    path = site / "dpia/charity-crm-to-warehouse.yaml"
    text = path.read_text(encoding="utf-8")
    for taken in TAKEN_OUT:
        text, count = re.subn(taken, "", text, count=1, flags=re.DOTALL if "request" in taken else 0)
        assert count == 1
    path.write_text(text, encoding="utf-8")
    words = command.replace("mysite", str(site)).split()[2:]
    said = verb(*words, temporary=tmp_path / "temporary")
    assert said.code == 10
    assert len(told) == 2
    for line in told:
        assert line in said.out + said.err
