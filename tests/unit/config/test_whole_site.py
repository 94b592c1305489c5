"""A site is looked through whole: one reading names the faults of every file, whatever else is broken."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import commands
from commands.last_resort import carry_out
from config.site import survey

EXAMPLE = Path("config/example")
SECRET = "Hunter2-Zqsecret"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the example."""
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE, site, ignore=shutil.ignore_patterns("var"))
    return site


def change(path: Path, old: str, new: str) -> int:
    """Change the words once and return the line of the first change."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[tuple[str, int, str]], str]:
    """Return the exit code of `check`, each problem as (file, line, text), and all that was printed."""
    code = carry_out(lambda: commands._named(["check", "--site", str(folder), "--json"]))
    said = capsys.readouterr()
    shown: dict[str, Any] = json.loads(said.out)
    problems = [problem for error in shown["errors"] for problem in error["problems"]]
    own = [(Path(one["file"]).relative_to(folder).as_posix(), one["line"], one["text"]) for one in problems]
    return code, own, said.out + said.err


def test_the_faults_of_every_file_are_said_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Site, providers, sources, mappings, assessment and look-up: each is read though all the others fail."""
    dpia = "dpia/charity-crm-to-warehouse.yaml"
    planted = {
        ("site.yaml", change(folder / "site.yaml", "council_side:", "concil_side:")): "council_side",
        ("providers.yaml", change(folder / "providers.yaml", "link:", "lnk:")): "link",
        ("sources/hub.yaml", change(folder / "sources/hub.yaml", "charitylog_portal", "charitylog_portl")): (
            "charitylog_portal"
        ),
        ("sources/hub.yaml", change(folder / "sources/hub.yaml", "user:", "usr:")): "user",
        (dpia, change(folder / dpia, "purpose: early-help", "purpose: early-hlp")): "early-help",
    }
    mapping = folder / "mappings/charitylog_people.yaml"
    planted["mappings/charitylog_people.yaml", change(mapping, "nhs_number:", "nhs_nmber:")] = "nhs_number"
    lookup = folder / "lookups/postcodes.csv"
    planted["lookups/postcodes.csv", change(lookup, "ZQ1 1DX", "nowhere")] = "postcode"
    code, found, _ = checked(folder, capsys)
    assert code == 10
    for (file, line), words in planted.items():
        assert any((file, line) == (at, on) and words in text for at, on, text in found), (file, line, found)
    assert len({file for file, _, _ in found}) == 6


def test_an_unknown_key_hides_nothing_of_its_own_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Site, source, mapping and assessment are looked through for what they say though a key is mistyped."""
    dpia, people = "dpia/charity-crm-to-warehouse.yaml", "mappings/charitylog_people.yaml"
    changes = [
        ("site.yaml", "receipt_within_hours", "receipt_within_hour"),
        ("site.yaml", "lookups/postcodes.csv", "lookups/postcode.csv"),
        ("sources/hub.yaml", "null_words:", "null_wrds:"),
        ("sources/hub.yaml", "provider: hub", "provider: hubb"),
        ("sources/hub.yaml", "mappings/charitylog_needs.yaml", "mappings/charitylog_neds.yaml"),
        (people, "ignore:", "ignre:"),
        (people, "nhs_number:", "nhs_nmber:"),
        (dpia, "title:", "sgnoff: {}\ntitle:"),
        (dpia, "purpose: early-help", "purpose: early-hlp"),
    ]
    planted = {(file, change(folder / file, old, new)) for file, old, new in changes}
    code, found, _ = checked(folder, capsys)
    assert code == 10
    assert planted <= {(file, line) for file, line, _ in found}, planted - {(f, n) for f, n, _ in found}
    assert len([text for _, _, text in found if "no such key" in text]) == 4


def test_a_file_that_is_no_yaml_does_not_hide_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With site.yaml and every source unreadable the mappings and the assessment are still looked through."""
    for path in (folder / "site.yaml", *(folder / "sources").glob("*.yaml")):
        path.write_text("a: [", encoding="utf-8")
    line = change(folder / "mappings/charitylog_people.yaml", "nhs_number:", "nhs_nmber:")
    dpia = folder / "dpia/charity-crm-to-warehouse.yaml"
    other = change(dpia, "purpose: early-help", "purpose: early-hlp")
    code, found, _ = checked(folder, capsys)
    assert code == 10
    places = {(file, line) for file, line, _ in found}
    assert {("mappings/charitylog_people.yaml", line), (f"dpia/{dpia.name}", other)} <= places
    assert {file for file, _, _ in found} >= {
        "site.yaml",
        "sources/hub.yaml",
        "sources/community_support.yaml",
    }


MISPLACED = {
    "out of the folder": ("../outside.yaml", "stays within this folder"),
    "out and in again": ("../site/mappings/charitylog_needs.yaml", "stays within this folder"),
    "from the root": ("/etc/hostname", "stays within this folder"),
    "from a drive": ("C:/needs.yaml", "stays within this folder"),
    "the other slash": ("mappings\\charitylog_needs.yaml", "stays within this folder"),
    "a dot": ("./mappings/charitylog_needs.yaml", "stays within this folder"),
    "a folder": ("mappings", "is no file"),
    "a file as a folder": ("site.yaml/needs.yaml", "there is no file"),
    "a link": ("mappings/linked.yaml", "is a link"),
    "through a link": ("elsewhere/needs.yaml", "is a link"),
    "another case": ("mappings/Charitylog_needs.yaml", "Did you mean charitylog_needs.yaml?"),
    "not there": ("mappings/charitylog_neds.yaml", "Did you mean charitylog_needs.yaml?"),
}


@pytest.mark.parametrize(("path", "said"), MISPLACED.values(), ids=MISPLACED)
def test_a_declared_path_may_not_lead(path: str, said: str, folder: Path) -> None:
    """Mappings, assessment and look-up are plain files within the site, by their exact names."""
    (folder.parent / "outside.yaml").write_text("a: 1\n", encoding="utf-8")
    (folder / "mappings/linked.yaml").symlink_to(folder / "mappings/charitylog_needs.yaml")
    (folder.parent / "else").mkdir()
    (folder.parent / "else/needs.yaml").write_text("a: 1\n", encoding="utf-8")
    (folder / "elsewhere").symlink_to(folder.parent / "else")
    lines = {
        "sources/hub.yaml": change(folder / "sources/hub.yaml", "mappings/charitylog_needs.yaml", path),
        "site.yaml": change(folder / "site.yaml", "dpia/charity-crm-to-warehouse.yaml", path),
    }
    lookup = change(folder / "site.yaml", "lookups/postcodes.csv", path)
    found = survey(folder).problems
    places = {(problem.file.relative_to(folder).as_posix(), problem.line) for problem in found}
    assert places == {*lines.items(), ("site.yaml", lookup)}
    assert all(said in problem.text or "mappings" not in problem.text for problem in found), found


def test_files_that_differ_in_case_or_ending_are_refused(folder: Path) -> None:
    """What one system takes for one file, or nobody reads, is said; so is a source of an odd name."""
    source = (folder / "sources/hub.yaml").read_text(encoding="utf-8")
    for name in ("Hub.yaml", "other.yml", "more.YAML", "my source.yaml", "h\u0443b.yaml"):
        (folder / "sources" / name).write_text(source, encoding="utf-8")
    (folder / "mappings/charitylog_Needs.yaml").write_text("a: 1\n", encoding="utf-8")
    found = {(problem.file.name, problem.text.split(":")[0]) for problem in survey(folder).problems}
    odd = "A source's file has a name of small letters, digits and underscores."
    assert found == {
        ("Hub.yaml", odd),
        ("my source.yaml", odd),
        ("h\u0443b.yaml", odd),
        ("hub.yaml", "This name differs from Hub.yaml in case alone."),
        ("other.yml", "This file is not read"),
        ("more.YAML", "This file is not read"),
        ("charitylog_needs.yaml", "This name differs from charitylog_Needs.yaml in case alone."),
    }


@pytest.mark.parametrize(
    "where",
    [
        "user_secret: {SECRET}",
        "user_secret: '{SECRET}'",
        "user_secret: [{SECRET}]",
        "user_secret: {{password: {SECRET}}}",
        "user_secret: env:{SECRET}",
        "user_secret: file:{SECRET}",
        "user_secret: credential:{SECRET}",
        "user_secret: environment:{SECRET}",
        "user_secret: !secret {SECRET}",
        "user_secret: &{SECRET} x",
        "user_secret: {SECRET}: x",
        "user_secret: '{SECRET}",
        "user_secret: |\n  {SECRET}",
        "user_secret: env:A\npassword: {SECRET}",
        "user_secret: env:A\naddress: https://viaduct:{SECRET}@hub.example/",
        "user_secret: env:A\nuser_secret: {SECRET}",
        "user_secret: env:A\ntimeout_seconds: {SECRET}",
        "user_secret: env:A\nlawful_basis: {SECRET}\x07",
    ],
)
def test_a_pasted_secret_is_not_printed(where: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever a password stands in place of its reference, `check` names the line and not the password."""
    change(folder / "sources/hub.yaml", "user_secret: env:VIADUCT_HUB_USER", where.format(SECRET=SECRET))
    code, found, printed = checked(folder, capsys)
    assert SECRET not in printed
    refers = where.startswith(("user_secret: file:", "user_secret: credential:"))
    assert bool(found) != refers
    assert code == 10 or refers
    assert "user_secret: file:…" in printed or "file:" not in where
