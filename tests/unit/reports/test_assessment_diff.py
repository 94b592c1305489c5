"""`dpia diff --out`: the page says what the JSON says, escaped, and no more."""

import html
import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from commands.app import app_of
from reports.assessment_diff import diff_page, flagged_words
from sync.replay.telling import UNTOLD

EXAMPLE = Path("config/example/dpia/charity-crm-to-warehouse.yaml")
HOSTILE = "<script>document.title='ran'</script>"
NAMED = {"id": "DPIA-1", "version": "1.0.0", "sha256": "a" * 64}


def reading(**replay: Any) -> dict[str, Any]:
    """Return a comparison of two versions that widens, with a replay if one is given."""
    said = {
        "old": NAMED,
        "new": NAMED | {"version": "1.1.0"},
        "widens": True,
        "changes": [{"path": "flows/x", "effect": "widens", "says": HOSTILE, "before": None, "after": 1}],
        "version_refused_because": ["version 1.1.0 widens"],
    }
    return said | ({"replay": replay} if replay else {})


def replayed() -> dict[str, Any]:
    """Return a replay: a new flow with records of a person in danger, a changed field, and an error."""
    number = {"rows": 1220, "people": 1114, "flagged": 12}
    return {
        "sources": [
            {"source": "hub", "outcome": "done", "extracted_at": "2022-12-01T02:00:00+00:00"},
            {"source": "far", "outcome": "refused", "extracted_at": None},
        ],
        "people": 4321,
        "flagged": {"before": 31, "after": None, "fewer_than": 8},
        "errors": [["E305  It does not answer.", "source far", HOSTILE, "Ask."]],
        "new_status": "draft",
        "new_not_in_force_because": ["it is a draft"],
        "new_examples_failing": [{"example": "EX-1", "flow": "a", "wrong": ["came released"]}],
        "flows": [
            {
                "flow": "early_help",
                "recipient": {"party": "smbc", "name": f"Council {HOSTILE}"},
                "runs": {"before": False, "after": True},
                "people": {"newly_disclosed": {"people": 77, "flagged": None, "fewer_than": 8}},
                "first_night_stops": ["the first night would stop: 1,220 rows"],
                "entities": {
                    "address": {
                        "records": {"newly_disclosed": number | {"fields": {"ward": number}}},
                        "fields": {"town": {"changed": number | {"flagged": None, "fewer_than": 8}}},
                    }
                },
            }
        ],
    }


def words(page: bytes) -> str:
    """Return the words of the page without its style sheet."""
    body = re.sub(r"<style>.*?</style>", "", page.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_the_page_has_every_number_of_the_replay_and_runs_no_word_of_it() -> None:
    """People newly told of, rows, people and those under the flag; the endangered first; all escaped."""
    page = diff_page(reading(**replayed()), site="Sample", sample=True)
    assert HOSTILE.encode() not in page
    text = words(page)
    for said in (
        "4,321 people",
        "31 before; after it either nearly as many (the difference is below 8), or below 8 in all.",
        "77 people would be told of for the first time",
        "fewer than 8 of them under the safety flag",
        "It lets more out",
        "not read, so not counted",
        "EX-1, flow a: came released",
        "is draft and does not run as it is: it is a draft",
        "the first night would stop: 1,220 rows",
        ": a new flow",
        "E305",
    ):
        assert said in text, said
    rows = [
        "address the record itself, with ward newly disclosed 1,220 1,114 12",
        "address town changed 1,220 1,114 fewer than 8",
    ]
    assert text.index(rows[0]) < text.index(rows[1])


def test_of_a_flow_in_which_nothing_is_told_to_change_the_page_says_that_alone() -> None:
    """No line of fewer than eight people, who may be nobody; the same words as the text has."""
    said = replayed()
    said["flows"][0] |= {
        "people": {"newly_disclosed": {"people": None, "flagged": None, "fewer_than": 8}},
        "first_night_stops": [],
        "entities": {},
    }
    text = words(diff_page(reading(**said), site="Sample", sample=True))
    assert UNTOLD.capitalize() in text
    assert "told of for the first time" not in text


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, None, "fewer than 8 before and fewer than 8 after"),
        (None, 31, "fewer than 8 before and 31 after"),
        (31, 1582, "31 before and 1,582 after"),
        (
            31,
            None,
            "31 before; after it either nearly as many (the difference is below 8), or below 8 in all",
        ),
    ],
)
def test_how_many_are_under_the_flag_is_read_in_one_way(
    before: int | None, after: int | None, said: str
) -> None:
    """Page and text have the same words for what is told and for what is not."""
    assert flagged_words({"before": before, "after": after, "fewer_than": 8}) == said


def test_without_a_replay_the_page_says_that_nobody_was_counted() -> None:
    """It names the verb that counts, and claims no number of people."""
    text = words(diff_page(reading(), site="DPIA-1", sample=False))
    assert "Nothing was pulled or decided for this page" in text
    assert "Under the safety flag" not in text


@pytest.mark.parametrize("new_status", ["active", "paused"])
def test_the_verb_writes_what_it_prints_for_its_owner_alone(tmp_path: Path, new_status: str) -> None:
    """Each line of `changes` stands on the page, under its effect; two that are the same say so."""
    new, out = tmp_path / "new.yaml", tmp_path / "diff.html"
    text = EXAMPLE.read_text(encoding="utf-8")
    new.write_text(text.replace("    status: active", f"    status: {new_status}"), encoding="utf-8")
    asked = ["dpia", "diff", str(EXAMPLE), str(new), "--json", "--out", str(out)]
    said = json.loads(CliRunner().invoke(app_of(), asked, standalone_mode=False).stdout)
    page = words(out.read_bytes())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert bool(said["changes"]) == (new_status == "paused")
    for change in said["changes"]:
        assert " ".join(change["says"].split()) in page
    assert ("The two say the same." in page) == (not said["changes"])
    assert all(f"{why}." in page for why in said["version_refused_because"])
