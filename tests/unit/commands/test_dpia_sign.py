"""`dpia sign` at the command line: what is said, what is written, and what is left alone."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from common import log
from sharing import load_dpia
from tests.unit.sharing.records import EXAMPLE

Said = pytest.CaptureFixture[str]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the example's site with a key of the hub and of the attestor."""
    folder = tmp_path / "site"
    shutil.copytree(EXAMPLE.parents[1], folder, ignore=shutil.ignore_patterns("var"))
    for role in ("controller-hub", "dpia-attestor"):
        assert typed(folder, "keys", "new", role) == 0
    return folder


def typed(site: Path, *words: str) -> int:
    """Return the exit code of a verb on the site."""
    try:
        return carry_out(lambda: commands._named([*words, "--site", str(site)]))
    finally:
        log.shut()


def file_of(site: Path) -> str:
    return str(site / "dpia" / EXAMPLE.name)


def test_a_controller_signs_and_the_file_says_so(site: Path, capsys: Said) -> None:
    """Digest and version are said, the line is written; again, nothing changes; `check` names who signed."""
    capsys.readouterr()
    assert typed(site, "dpia", "sign", file_of(site), "--as", "hub") == 0
    said = capsys.readouterr().err
    assert "version 1.0.0" in said
    assert "signed for hub" in said
    once = Path(file_of(site)).read_bytes()
    assert typed(site, "dpia", "sign", file_of(site), "--as", "hub", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["changed"], told["sha256"] in said) == (False, True)
    assert told["lacking"] == ["community_support", "domestic_abuse_support", "smbc"]
    assert Path(file_of(site)).read_bytes() == once
    assert typed(site, "dpia", "check", file_of(site)) == 0
    said = capsys.readouterr().err
    assert "Signed by hub." in said
    assert "not signed by community_support, domestic_abuse_support, smbc" in said
    private = (site / "var/keys/controller-hub.key").read_text(encoding="ascii").splitlines()[1]
    assert private not in said + once.decode()


def test_a_document_signed_elsewhere_is_attested_with_its_digest(
    site: Path, tmp_path: Path, capsys: Said
) -> None:
    """Name, day, address and the document's own digest stand in the file; half of it is a wrong usage."""
    paper = tmp_path / "signed.pdf"
    paper.write_bytes(b"%PDF-1.7 a page with the digest and a signature on it")
    words = ["dpia", "sign", file_of(site), "--as", "smbc", "--document", str(paper)]
    assert typed(site, *words) == 2
    facts = [
        "--signed-by",
        "Jo Zqsigner, director",
        "--on",
        "2026-11-20",
        "--uri",
        "https://records.example/7",
    ]
    assert typed(site, *words, *facts, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["signed"] == [
        {"party": "smbc", "by": "document", "name": "Jo Zqsigner, director", "on": "2026-11-20"}
    ]
    once = Path(file_of(site)).read_bytes()
    assert typed(site, *words, *facts) == 0
    assert Path(file_of(site)).read_bytes() == once


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--as", "community_support"], 40),
        (["--as", "nobody"], 2),
        (["--as", "hub", "--on", "2026-11-20"], 2),
    ],
)
def test_what_cannot_be_signed_leaves_the_file_alone(site: Path, words: list[str], code: int) -> None:
    """No key of the party here, a party that the file does not know, half a document: not a byte changes."""
    assert typed(site, "dpia", "sign", file_of(site), *words) == code
    assert Path(file_of(site)).read_bytes() == EXAMPLE.read_bytes()


def test_a_private_key_that_is_not_the_trusted_one_does_not_sign(site: Path, capsys: Said) -> None:
    """The two halves do not belong together: four lines, exit 40, the file untouched."""
    (site / "keys" / "controller-hub.pub").unlink()
    (site / "var/keys/controller-hub.key").rename(site / "var/keys/kept.key")
    assert typed(site, "keys", "new", "controller-hub") == 0
    (site / "var/keys/kept.key").replace(site / "var/keys/controller-hub.key")
    assert typed(site, "dpia", "sign", file_of(site), "--as", "hub") == 40
    assert "its private part is not that of controller-hub.pub" in capsys.readouterr().err
    assert Path(file_of(site)).read_bytes() == EXAMPLE.read_bytes()


def test_a_file_that_does_not_load_is_not_signed(site: Path, capsys: Said) -> None:
    """Exit 10 with the line; nobody signs what nobody could run."""
    path = Path(file_of(site))
    broken = path.read_text(encoding="utf-8").replace("status: approved", "statuss: approved", 1)
    path.write_text(broken, encoding="utf-8")
    assert typed(site, "dpia", "sign", file_of(site), "--as", "hub") == 10
    assert "statuss" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == broken


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_what_is_not_approved_is_not_signed(status: str, site: Path, capsys: Said) -> None:
    """Approving changes the bytes, and would take every signature away: so it comes first, and is said."""
    path = Path(file_of(site))
    path.write_text(path.read_text("utf-8").replace("status: approved", f"status: {status}", 1), "utf-8")
    before = path.read_bytes()
    capsys.readouterr()
    assert typed(site, "dpia", "sign", str(path), "--as", "hub") == 11
    said = capsys.readouterr().err
    assert said.startswith("E708")
    assert f"status is {status}" in said
    assert path.read_bytes() == before


def test_signatures_that_an_edit_has_undone_are_taken_out_and_why_is_said(site: Path, capsys: Said) -> None:
    """The file says another title than the one that was signed: the old line goes, in plain words."""
    path = Path(file_of(site))
    assert typed(site, "dpia", "sign", str(path), "--as", "hub") == 0
    path.write_text(re.sub(r"(?m)^title: .*$", "title: Another", path.read_text("utf-8")), "utf-8")
    capsys.readouterr()
    assert typed(site, "dpia", "sign", str(path), "--as", "hub") == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "Taken out: 1 signatures that were in the file." in said
    assert "the file was edited after they were made" in said


def test_a_party_gets_a_new_key_and_signs_anew(site: Path, capsys: Said) -> None:
    """Its old line counts no more, and goes when it signs again; the digest is the same throughout."""
    assert typed(site, "dpia", "sign", file_of(site), "--as", "hub") == 0
    assert typed(site, "keys", "rotate", "controller-hub") == 0
    capsys.readouterr()
    assert typed(site, "dpia", "check", file_of(site), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["signed"], "another key" in told["not_signed_because"][0]) == ([], True)
    assert typed(site, "dpia", "sign", file_of(site), "--as", "hub", "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["dropped"], [each["party"] for each in again["signed"]]) == (1, ["hub"])
    assert again["sha256"] == told["sha256"]
    assert typed(site, "keys", "rotate", "log") == 2


def test_each_command_of_the_page_does_what_it_says(site: Path, tmp_path: Path, capsys: Said) -> None:
    """A key, a look, a signature, an attestor, a document, a new key: as a data officer would type them."""
    text = (EXAMPLE.parents[3] / "docs/how_to/sign_an_assessment.md").read_text(encoding="utf-8")
    steps = [shlex.split(line) for line in re.findall(r"(?m)^ *python run_sync\.py (.+)$", text)]
    paper = tmp_path / "signed.pdf"
    paper.write_bytes(b"%PDF-1.7 signed")
    for role in ("controller-hub", "dpia-attestor"):
        (site / f"keys/{role}.pub").unlink()
        (site / f"var/keys/{role}.key").unlink()
    own = tmp_path / "own-keys"
    places = {"signed.pdf": str(paper), "own-keys": str(own), "mysite": str(site)}
    places |= dict.fromkeys((f"mysite/dpia/{EXAMPLE.name}", EXAMPLE.name), file_of(site))
    assert [typed(site, *(places.get(word, word) for word in step)) for step in steps] == [0] * 8
    said = capsys.readouterr().err
    assert (own.stat().st_mode & 0o777, (own / "controller-community_support.key").exists()) == (0o700, True)
    assert "signed for smbc" in said
    assert "Signed by hub (Jo Example, director, 2026-11-20, on a document)." in said
    assert "version 2 of its key is made" in said


def test_a_controller_elsewhere_signs_with_the_file_and_its_own_key_alone(
    site: Path, tmp_path: Path, capsys: Said
) -> None:
    """No site: what others signed stays; where its public key is trusted, the line counts."""
    assert typed(site, "dpia", "sign", file_of(site), "--as", "hub") == 0
    away = tmp_path / "away"
    own = away / "keys"
    own.mkdir(parents=True)
    shutil.copy(file_of(site), away / "assessment.yaml")
    gone = tmp_path / "no site here"
    assert typed(gone, "keys", "new", "controller-smbc", "--keys", str(own)) == 0
    words = ["dpia", "sign", str(away / "assessment.yaml"), "--as", "smbc", "--keys", str(own)]
    assert typed(gone, *words) == 0
    assert "signed for smbc" in capsys.readouterr().err
    assert {path.name for path in own.iterdir()} == {"controller-smbc.key", "controller-smbc.pub"}
    shutil.copy(own / "controller-smbc.pub", site / "keys")
    shutil.copy(away / "assessment.yaml", file_of(site))
    capsys.readouterr()
    assert typed(site, "dpia", "check", file_of(site), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["party"] for each in told["signed"]} == {"hub", "smbc"}
    strangers = [word if word != "smbc" else "community_support" for word in words]
    before = (away / "assessment.yaml").read_bytes()
    assert typed(gone, *strangers) == 40
    assert (away / "assessment.yaml").read_bytes() == before


def test_what_changes_against_the_version_before_is_said_before_it_is_signed(
    site: Path, capsys: Said
) -> None:
    """One field less than before, in words; what the version before lacks is said as well."""
    from tests.unit.sharing.test_signing import NARROWER, after

    new = after(load_dpia(Path(file_of(site))), "1.0.1", NARROWER)
    capsys.readouterr()
    assert typed(site, "dpia", "sign", str(new), "--as", "hub") == 0
    said = capsys.readouterr().err
    assert "Changed against version 1.0.0, which it supersedes (1):" in said
    assert "  narrows: commissioning: characteristics.employment_status" in said
    assert "Signed by hub." in said
    assert "version 1.0.0, which it supersedes: not signed by" in said
