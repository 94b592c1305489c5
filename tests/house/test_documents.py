"""What is written about Viaduct is what Viaduct is."""

import re
from pathlib import Path

import pytest

import commands
from commands.app import app_of
from commands.last_resort import carry_out
from common.errors import Failure
from scheduler.who_acts import OF_GOVERNANCE, OF_PROVIDERS, who_acts
from tools.reference import FOLDER, PAGES, ROOMS, every_error
from tools.runbook import words_of

ROOT = Path(__file__).parents[2]
WORDS = (
    "person",
    "referral",
    "organisation",
    "service",
    "export",
    "row",
    "column",
    "cell",
    "field",
    "mapping",
    "converter",
    "DPIA",
    "flow",
    "purpose",
    "lawful basis",
    "special category",
    "controller",
    "release",
    "withhold",
    "redact",
    "generalise",
    "pseudonymise",
    "suppress",
    "seal",
    "open",
    "envelope",
    "batch",
    "manifest",
    "receipt",
    "hold",
    "withdraw",
    "finding",
    "error",
    "run",
    "disclosure log",
    "statement",
)
EXIT_CODES = {0, 1, 2, 10, 11, 20, 21, 22, 23, 30, 40, 50, 51, 60, 61, 70, 75, 130, 143}

OF_USAGE = {"E610", "E903", "E904", "E911", "E956", "E958"}
"""What was typed cannot be done: a folder that is taken, a command that is none."""


OF_IT_THOUGH_POLICY = {
    "E307", "E391", "E406", "E411", "E412", "E413", "E506", "E809", "E830", "E831", "E833", "E922",
    "E943", "E967",
}  # fmt: skip
"""A certificate, a key, a clock, a pause, a receipt that nobody signed: a policy of ours, mended by IT."""


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_is_fresh(name: str) -> None:
    """The page in docs/reference is what the code says today; `make docs` writes it."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]()


def test_every_error_is_documented_and_within_its_band() -> None:
    """Every error has a docstring, a title, a remedy, an exit code of the contract and a code of its room."""
    for error in every_error():
        assert error.__doc__, error.code
        assert re.fullmatch(r"E[1-9]\d\d", error.code)
        assert error.exit_code in EXIT_CODES - {0, 1, 130, 143}
        assert (error.exit_code == 2) == (error.code in OF_USAGE), error.code
        assert error.title.endswith(".")
        assert error.remedy.rstrip(")").endswith((".", "check")) or "run_sync.py" in error.remedy, error.code


def test_every_exit_code_is_explained() -> None:
    """The runbook has a line for each exit code of the contract."""
    page = (FOLDER / "exit_codes.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"(?m)^\| \[(\d+)\]\(runbook/\1\.md\) \|", page)} == EXIT_CODES


def test_every_error_stands_on_the_page_of_its_exit_code_with_who_acts_and_what_to_do() -> None:
    """Whoever has an exit code in hand finds there every error that leads to it, and needs no second page."""
    for error in every_error():
        page = (FOLDER / "runbook" / f"{error.exit_code}.md").read_text(encoding="utf-8")
        said = page.partition(f"### {error.code} ")[2].partition("###")[0]
        assert f"- Who acts: {who_acts(error.code)} " in said, error.code
        assert f"- What to do: {error.remedy}\n" in said, error.code


def test_every_exit_code_says_how_things_stand_and_what_to_do() -> None:
    """No page of the runbook is a heading over nothing."""
    for code in EXIT_CODES:
        stands, steps = words_of(code)
        assert len(stands.split()) >= 8, code
        assert re.match(r"1\. \w|1\. `", steps), code


def test_what_governance_or_a_provider_acts_on_are_errors_that_exist() -> None:
    """A code that was retired leaves the lists; a rule of policy is governance's, unless IT can mend it."""
    codes = {error.code for error in every_error()}
    assert codes >= OF_GOVERNANCE | OF_PROVIDERS
    assert not OF_GOVERNANCE & OF_PROVIDERS
    policy = {error.code for error in every_error() if error.failure is Failure.POLICY}
    assert policy - OF_GOVERNANCE - OF_PROVIDERS == OF_IT_THOUGH_POLICY


def glossary() -> dict[str, str]:
    text = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^\*\*(.+?)\*\*\s+(.+)$", text))


def test_the_glossary_gives_each_word_one_meaning() -> None:
    """Every word of the house is there once, with a meaning."""
    text = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    assert set(WORDS) <= set(glossary())
    assert len(re.findall(r"(?m)^\*\*", text)) == len(glossary())


def test_the_glossary_names_every_room_and_verb() -> None:
    """Whoever meets a room or a verb finds its meaning there."""
    text = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    verbs = [command.name for command in app_of().registered_commands]
    verbs += [group.name for group in app_of().registered_groups]
    assert [name for name in (*ROOMS, "demo") if f"`{name}/`" not in text] == []
    assert [verb for verb in verbs if f"`{verb}`" not in text] == []


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"], ids=lambda p: p.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """No page points to a file that is not there."""
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_found_from_the_index() -> None:
    """Whoever looks for a page need not know its name; what nobody links to, nobody reads."""
    pages = {page.resolve() for page in ROOT.glob("docs/**/*.md")} - {ROOT / "docs/index.md"}
    text = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / link).resolve() for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)}
    assert sorted(page.relative_to(ROOT).as_posix() for page in pages - linked) == []


def test_each_decision_has_a_number_of_its_own() -> None:
    """A number that a page or a comment names means one decision."""
    numbers = [page.name[:4] for page in sorted(ROOT.glob("docs/decisions/*.md"))]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == "0001"


def test_the_example_site_loads(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` finds nothing wrong with any file of the example, and says what a site must add itself."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("VIADUCT_SITE", raising=False)
    code = carry_out(lambda: commands._named(["check"]))
    said = capsys.readouterr().err
    assert code in {0, 11}, said
    assert "Still to be done before a run:" in said
    assert "keys new signing" in said


def test_the_example_brings_the_look_up_of_the_sample() -> None:
    """The example's postcodes are those the sample's people live in."""
    example, sample = ROOT / "config/example/lookups/postcodes.csv", ROOT / "demo/lookups/postcodes.csv"
    assert example.read_bytes() == sample.read_bytes()


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: page.stem)
def test_no_page_waits_for_words(page: Path) -> None:
    """A line of one word in capitals, outside what is to be typed, was to be replaced and was not."""
    told = re.sub(r"(?ms)^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"))
    assert re.findall(r"(?m)^[A-Z_]{2,}$", told) == []
