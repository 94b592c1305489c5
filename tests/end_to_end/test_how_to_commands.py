"""Each command that a how-to tells somebody to type does what the page says."""

import json
import re
import shlex
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from common import log
from quality.life import REASONS
from reports.documents import FROM_THE_RUNS
from reports.worklist_files import ANSWERS
from tests.nights import NightSite
from tests.released import Council, landed, tree

PAGES = Path(__file__).parents[2] / "docs" / "how_to"


def told(page: str) -> list[list[str]]:
    """Return the words of every command of the page that stands on a line of its own."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return [shlex.split(line) for line in re.findall(r"(?m)^ *python run_sync\.py (.+)$", text)]


def typed(words: list[str], night: NightSite) -> int:
    """Return the exit code of the verb on this site."""
    try:
        return carry_out(lambda: commands._named([*words, "--site", str(night.folder)]))
    finally:
        log.shut()


def test_keeping_to_the_periods(night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """First what would go, then what went: the same numbers, and a certificate in the landing zone."""
    look, remove = told("retention.md")
    assert typed([*look, "--json"], night) == 0
    would = capsys.readouterr().out
    assert typed([*remove, "--json"], night) == 0
    went = capsys.readouterr().out
    numbers = re.compile(r'"(?:due|expired|blocked|waiting|no_clock|rows)": (\d+)')
    assert numbers.findall(would) == numbers.findall(went)
    assert sum(map(int, numbers.findall(would))) > 100
    assert (night.site.landing / "certificates" / "early_help" / "00000001.json").exists()
    assert typed(look, night) == 0
    said = capsys.readouterr()
    assert "Dry run: nothing was removed." in said.err
    assert "early_help" in said.out


def test_changing_the_key_of_a_flow(night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """The key is made, the dry run changes nothing, and the run sends the flow anew."""
    rotate, look, run = told("rotate_pseudonyms.md")
    assert typed(rotate, night) == 0
    assert "version 2 of its key is made" in capsys.readouterr().err
    before = landed(night)
    assert typed([*look, "--json"], night) in {0, 1}
    (flow,) = json.loads(capsys.readouterr().out)["flows"]
    assert (flow["state"], flow["rekeyed"]["to"]) == ("dry_run", 2)
    assert landed(night) == before
    assert typed([*run, "--json"], night) in {0, 1}
    flows = {flow["flow"]: flow for flow in json.loads(capsys.readouterr().out)["flows"]}
    assert flows["commissioning"]["rekeyed"] == flow["rekeyed"]
    assert flows["commissioning"]["state"] == "remembered"
    assert flows["early_help"]["state"] == "nothing_sent"


def test_answering_an_incident(
    two_nights: NightSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each way of asking that the page shows writes a page and its data, and tells until when."""
    said = [words for words in told("incident.md") if words[:2] == ["audit", "incident"]]
    assert len(said) == 4
    for number, words in enumerate(said):
        out = tmp_path / str(number)
        assert typed([*words, "--out", str(out)], two_nights) == 0
        assert "The ICO is to be told until" in capsys.readouterr().out
        assert {path.suffix for path in out.iterdir()} == {".html", ".json"}


def test_the_documents_of_the_assessment(
    night: NightSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The register is shown and stands as a page; the folder holds page and data for each question."""
    register, calendar, documents = told("documents.md")
    assert typed([*calendar, "--json"], night) == 0
    days = json.loads(capsys.readouterr().out)["days"]
    assert all(day["days_left"] <= 90 for day in days if day["band"] != "not_begun")
    assert {day["path"] for day in days} >= {"registers/rights/objections"}
    assert typed(calendar[:-2], night) == 0
    shown = capsys.readouterr().out
    assert "the last day for the review of the assessment" in shown
    assert "the last day of the key of the role council" in shown
    assert typed([*register, "--json"], night) == 0
    said = json.loads(capsys.readouterr().out)
    assert [use["use"] for use in said["uses"]] == ["early_help", "commissioning"]
    page = night.site.var / "reports/governance/register.html"
    assert said["assessment"]["sha256"] in page.read_text(encoding="utf-8")
    assert typed(register, night) == 0
    told_of = capsys.readouterr()
    assert "Special category data: yes: health" in told_of.out
    assert page.as_posix() in told_of.err
    out = tmp_path / documents[-1]
    assert typed([*documents[:-1], str(out)], night) == 0
    asked = set(re.findall(r"`([a-z_]+)\.html`", (PAGES / "documents.md").read_text(encoding="utf-8")))
    written = {path.name for path in out.iterdir()}
    assert written == {f"{name}.{kind}" for name in asked - {"index"} for kind in ("html", "json")}


def test_a_register_that_is_not_for_the_public(night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """With publishRegister: false the verb says so and shows nothing, and yesterday's page is gone."""
    register, *_ = told("documents.md")
    assert typed(register, night) == 0
    page = night.site.var / "reports/governance/register.html"
    assert page.exists()
    path = night.site.dpia
    path.write_text(
        path.read_text("utf-8").replace("publishRegister: true", "publishRegister: false"), "utf-8"
    )
    capsys.readouterr()
    assert typed(register, night) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "It is not published" in said.err
    assert not page.exists()
    assert page.with_name("measures.html").exists()


def test_trying_a_new_assessment(
    night: NightSite, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft without the ward: so many people, the recipient by name, and no file of the site changes."""
    *_, words = told("change_an_assessment.md")
    monkeypatch.chdir(tmp_path)
    Path("mysite/dpia").mkdir(parents=True)
    text = night.site.dpia.read_text(encoding="utf-8")
    Path("mysite/dpia/old.yaml").write_text(text, encoding="utf-8")
    ward = 'ward:          {action: disclose, why: "The neighbourhood team'
    assert ward in text
    draft = text.replace(ward, ward.replace("disclose", "drop"), 1).replace(
        "status: approved", "status: draft"
    )
    new = Path("mysite/dpia/new.yaml")
    new.write_text(draft.replace("version: 1.0.0\n", "version: 2.0.0\n", 1), encoding="utf-8")
    before = tree(night.folder)
    assert typed(words, night) == 0
    assert tree(night.folder) == before
    said = capsys.readouterr()
    form = r"(?m)^  would withdraw address\.ward of (\d+) people,? .*\((\d+) rows\)$"
    (line,) = re.findall(form, said.out)
    assert "early_help, to Stockport Metropolitan Borough Council" in said.out
    assert "new.yaml is draft and does not run as it is; it was only tried." in said.err
    people, rows = map(int, line)
    assert 50 < people <= rows == Council(night).count("early_help", "address", "ward is not null")


def test_a_worklist_is_mended(settled: NightSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's command writes both files; it names every answer and reason that the workbook offers."""
    monkeypatch.chdir(tmp_path)
    (write,) = told("mend_your_worklist.md")
    assert typed(write, settled) == 0
    assert {"hub.csv", "hub.xlsx"} <= {path.name for path in tmp_path.iterdir()}
    text = (PAGES / "mend_your_worklist.md").read_text(encoding="utf-8")
    offered = [*ANSWERS, *(reason for answer in ANSWERS for reason in REASONS[answer] if reason)]
    assert [word for word in offered if f"`{word}`" not in text] == []


def test_who_is_not_shared(settled: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """The worklist that the page points to is there, and the page names every page that a run makes."""
    (look,) = told("not_shared.md")
    assert typed(look, settled) == 0
    assert "REF-" in capsys.readouterr().out
    text = (PAGES / "not_shared.md").read_text(encoding="utf-8")
    assert all(f"| {document.title} |" in text for document in FROM_THE_RUNS)


def test_listing_case_reviews(night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """The early-help team sees keys, services and days; no name, and nothing is written down."""
    (words,) = told("case_reviews.md")
    before = tree(night.folder)
    assert typed([*words, "--on", "2022-11-30", "--json"], night) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["on"] == "2022-11-30"
    assert len(listed["due"]) > 0
    columns = [
        "person",
        "episode",
        "service",
        "provider",
        "since",
        "days_open",
        "last_review",
        "days_since_review",
    ]
    assert all(list(row) == columns for row in listed["due"])
    assert all(row["days_open"] > 90 for row in listed["due"])
    assert tree(night.folder) == before
    assert typed([*words, "--on", "2022-11-30"], night) == 0
    assert f"{len(listed['due'])} due." in capsys.readouterr().err
