"""The documents of the assessment as pages: whole, inert, with the same numbers as data beside them."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from reports import Beside, write_documents
from reports.documents import FROM_THE_ASSESSMENT, standing
from reports.governance import index_page
from tests.golden.reports import sample_documents as sample

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.written(tmp_path_factory.mktemp("governance"))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


class Words(HTMLParser):
    """The words of a page's content, its style left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.silent = self.silent or tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.silent = self.silent and tag != "style"

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def words(page: Path) -> str:
    parser = Words()
    parser.feed(read(page))
    return re.sub(r"\s+", " ", " ".join(parser.found))


@pytest.mark.parametrize("document", FROM_THE_ASSESSMENT, ids=lambda document: document.name)
def test_each_page_names_the_assessment_and_the_day_it_was_asked(folder: Path, document: Any) -> None:
    """Id, version, digest, the day, and that the people of a sample are invented stand on every page."""
    said, page = sample.told()[document.name], read(folder / f"{document.name}.html")
    for mark in (said["assessment"]["id"], said["assessment"]["version"], said["assessment"]["sha256"]):
        assert mark in page
    assert "22 November 2026" in page
    assert "The people in this sample are invented." in page
    assert "o be confirmed by a lawyer</strong>" in page


@pytest.mark.parametrize("document", FROM_THE_ASSESSMENT, ids=lambda document: document.name)
def test_the_data_beside_a_page_are_what_the_page_says(folder: Path, document: Any) -> None:
    """The JSON is the reading itself, and every number that leads the page stands in it."""
    said = json.loads((folder / f"{document.name}.json").read_text(encoding="utf-8"))
    assert said == json.loads(json.dumps(sample.told()[document.name], default=str))
    shown = words(folder / f"{document.name}.html")
    for key in ("percent", "by_code", "not_said", "to_confirm"):
        if key in said:
            assert re.search(rf"\b{said[key]}\b", shown), key


def test_a_page_fetches_nothing_and_runs_nothing(folder: Path) -> None:
    """No script, image, font or style from anywhere, and no link that leaves the machine."""
    for page in folder.glob("*.html"):
        text = read(page)
        assert not any(
            mark in text for mark in ("<script", "<img", "<link", "@import", "url(", "style=", "<iframe")
        )
        assert re.findall(r'(?:href|src)="(https?:[^"]*)"', text) == []


def test_hostile_words_are_inert_on_every_document(tmp_path: Path) -> None:
    """Whatever somebody wrote into an assessment is words on the page."""

    def spoilt(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: spoilt(value) for key, value in node.items()}
        if isinstance(node, list | tuple):
            return [spoilt(each) for each in node]
        return HOSTILE if isinstance(node, str) else node

    told = {name: spoilt(said) for name, said in sample.told().items()}
    sample.written(tmp_path, told)
    assert len(list(tmp_path.glob("*.html"))) == len(FROM_THE_ASSESSMENT)
    for page in tmp_path.glob("*.html"):
        assert "<script" not in read(page)
        assert "<img" not in read(page)
        assert "&lt;script&gt;" in read(page)


def test_a_register_that_is_not_published_leaves_no_page_behind(tmp_path: Path) -> None:
    """The page and the data of yesterday's register go when the assessment says that there is none."""
    sample.written(tmp_path)
    told = sample.told()
    withheld = {"assessment": told["register"]["assessment"], "published": False, "uses": []}
    sample.written(tmp_path, told | {"register": withheld})
    assert not list(tmp_path.glob("register.*"))
    assert len(list(tmp_path.glob("*.html"))) == len(FROM_THE_ASSESSMENT) - 1


def test_of_an_assessment_that_does_not_load_no_page_stands(tmp_path: Path) -> None:
    """A page that says `in force` does not outlive the file that it was made from."""
    sample.written(tmp_path)
    assert write_documents(Beside(tmp_path, "A site", sample=True, linked=True), {}) == []
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_pages_has_those_that_stand(tmp_path: Path) -> None:
    """The page of governance leads to each document, and to none that is not there."""
    sample.written(tmp_path / "governance")
    (tmp_path / "governance/register.html").unlink()
    found = standing(tmp_path)
    assert [each.name for each in found] == [
        each.name for each in FROM_THE_ASSESSMENT if each.name != "register"
    ]
    page = index_page("A site", [], found).decode()
    assert all(f'href="{each.name}.html"' in page and each.answers in page for each in found)
    assert "register.html" not in page


def test_the_public_register_leads_to_no_page_of_ours(folder: Path) -> None:
    """What is handed to the public has no way into the operator's or governance's pages."""
    text = read(folder / "register.html")
    assert "operator/index.html" not in text
    assert "governance/index.html" not in text
    assert "<nav" not in text


def test_a_question_on_which_the_file_is_silent_is_shown_as_not_said(folder: Path) -> None:
    """As many marks stand in the seven steps as the reading counts."""
    told = sample.told()["impact_assessment"]
    body = read(folder / "impact_assessment.html")
    assert body.count(">not said</strong>") == told["not_said"] > 0
    assert f"{told['asked'] - told['not_said']} of {told['asked']} questions" in body


def test_an_overdue_measure_is_seen_first_and_in_words(tmp_path: Path) -> None:
    """The warning and the tag stand there, and the row stands above all others."""
    told = sample.told()
    late = {**told["measures"], "overdue": 1}
    late["measures"] = [{**late["measures"][0], "overdue": True, "days_left": -1}, *late["measures"][1:]]
    page = words(sample.written(tmp_path, told | {"measures": late}) / "measures.html")
    assert "1 overdue" in page
    assert "1 day overdue" in page
    assert page.index("M6: Staff are trained") < page.index("M1: Addresses")
