"""The assessment that ran was signed: auditors find who did, and what of it was changed or taken away."""

import ast
import base64
import hashlib
import itertools
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785

import commands
from audit import standalone_signatures
from audit.log import DisclosureLog
from commands.last_resort import carry_out
from sealing.keys import load_signer
from sealing.notes import signature_line
from sealing.signing import Purpose, Signer
from sealing.trust import role_of
from sharing import load_dpia
from sharing.signing.texts import attested_text
from tests.asked_of_the_log import audit, json_of
from tests.nights import NightSite

PARTIES = ["community_support", "domestic_abuse_support", "hub", "smbc"]


@pytest.fixture
def site(two_nights: NightSite, tmp_path: Path) -> NightSite:
    """Return a copy of the site of three nights, free to be changed."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    return NightSite(tmp_path / "site")


def older(site: NightSite) -> NightSite:
    """Return the site with its log as runs wrote it that named no list of signatures, signed as ever."""
    folder = site.site.var / "log"
    lines = (folder / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    for name in ("leaves.jsonl", "checkpoint", "checkpoints.jsonl"):
        (folder / name).unlink()
    log = DisclosureLog(folder, load_signer("log", site.site.keys.private))
    leaves = [
        {name: said for name, said in json.loads(line).items() if name != "signatures"} for line in lines
    ]
    for identity, own in itertools.groupby(leaves, key=lambda leaf: str(leaf["identity"])):
        log.append_once(identity, list(own))
    return site


def kept(site: NightSite, digest: str = "*") -> tuple[Path, list[Any]]:
    """Return the one list of signatures that is kept with the log for the assessment, and where."""
    (path,) = (site.site.var / "log" / "signatures").glob(f"{digest}/*")
    return path, json.loads(path.read_bytes())


def put(site: NightSite, entries: Any, digest: str = "*") -> None:
    """Put another list in its place, under its own right digest, as whoever may write there could."""
    path, _ = kept(site, digest)
    content = rfc8785.dumps(entries)
    path.unlink()
    (path.parent / f"{hashlib.sha256(content).hexdigest()}.json").write_bytes(content)


def alone(site: NightSite, monkeypatch: pytest.MonkeyPatch) -> int | str:
    """Return how the verifier that knows no Viaduct ends."""
    arguments = ["x", str(site.site.var / "log"), "--keys", str(site.site.keys.public)]
    monkeypatch.setattr(sys, "argv", arguments)
    return standalone_signatures.main()


def test_all_who_signed_are_named(
    two_nights: NightSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By `audit verify`, which counts those that hold, and by the verifier alone."""
    (one,) = json.loads(json_of(two_nights, "verify"))["assessments"]
    assert sorted(signed["party"] for signed in one["signed"]) == PARTIES
    assert f"4 signatures hold: {', '.join(PARTIES)}." in audit(two_nights, "verify")[1]
    capsys.readouterr()
    assert alone(two_nights, monkeypatch) == 0
    assert capsys.readouterr().out.endswith(f"signed by {', '.join(PARTIES)}\n")


def attested(site: NightSite, **facts: str) -> dict[str, Any]:
    """Return that the hub signed a document, attested by a key the site trusts; some facts told otherwise."""
    dpia, attestor = load_dpia(site.site.dpia), Signer(bytes(32))
    public = base64.b64encode(attestor.verifier.public).decode()
    text = (site.site.keys.public / "log.pub").read_text(encoding="utf-8").split("\n")
    path = site.site.keys.public / "dpia-attestor.pub"
    path.write_text("\n".join([text[0].replace("log", "dpia-attestor"), public, ""]), encoding="utf-8")
    said = {"party": "hub", "signedBy": "Jo Zqsigner, d\u00e9puty", "signedOn": "2026-11-20"}
    document = {"uri": "https://records.example/7", "sha256": "7" * 64}
    told = {**said, "uri": document["uri"], "documentSha256": document["sha256"]}
    line = signature_line(
        Purpose.ATTESTATION, attested_text(dpia, dpia.sha256, dict(told)), "dpia-attestor", attestor
    )
    return {**said, "document": document, "attestation": line, **facts}


def test_a_document_signed_elsewhere_counts_by_the_attestor_s_word(
    site: NightSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In place of the hub's own line; told of another day or party, it is nobody's."""
    older(site)
    others = [entry for entry in kept(site)[1] if role_of("hub") not in entry]
    put(site, [*others, attested(site)])
    assert audit(site, "verify")[0] == 0
    capsys.readouterr()
    assert alone(site, monkeypatch) == 0
    assert "hub (a document that the attestor saw)" in capsys.readouterr().out
    for fact in ({"signedOn": "2026-11-21"}, {"party": "smbc"}):
        put(site, [*others, attested(site, **fact)])
        assert audit(site, "verify")[0] == 60
        assert str(alone(site, monkeypatch)).startswith("WRONG")


def _another_digit(entries: list[Any]) -> Any:
    mark, _, encoded = entries[0].rpartition(" ")
    blob = bytearray(base64.b64decode(encoded))
    blob[40] ^= 1
    return [f"{mark} {base64.b64encode(bytes(blob)).decode()}", *entries[1:]]


def _of_a_stranger(entries: list[Any]) -> Any:
    line = signature_line(Purpose.ASSESSMENT, "x\n", role_of("hub"), Signer(bytes(32)))
    return [line if role_of("hub") in entry else entry for entry in entries]


def _under_another_name(entries: list[Any]) -> Any:
    return [entries[0], *(entry.replace("controller-", "controller-x") for entry in entries[1:])]


@pytest.mark.parametrize(
    "change",
    [
        _another_digit,
        _of_a_stranger,
        _under_another_name,
        lambda entries: entries[1:],
        lambda _: [],
        lambda _: {"signatures": []},
        lambda _: [{"party": "hub"}],
    ],
    ids=["digit", "stranger", "name", "cut", "emptied", "no list", "no document"],
)
def test_a_list_that_is_not_the_one_that_was_signed_is_found(
    site: NightSite, monkeypatch: pytest.MonkeyPatch, change: Callable[[list[Any]], Any]
) -> None:
    """A signature changed, made by another, renamed; one taken out, or all: the right digest helps nobody."""
    older(site)
    put(site, change(kept(site)[1]))
    code, said = audit(site, "verify")
    assert (code, len(said.splitlines())) == (60, 4), said
    assert "signatures/" in said
    assert str(alone(site, monkeypatch)).startswith("WRONG")


def test_a_log_that_keeps_nobody_s_signature_is_said_to_keep_none(
    site: NightSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As one from before assessments were signed; an empty folder was not always empty, and is wrong."""
    path, _ = kept(older(site))
    path.unlink()
    assert audit(site, "verify")[0] == 60
    assert "nothing is kept any more" in str(alone(site, monkeypatch))
    shutil.rmtree(path.parents[1])
    code, said = audit(site, "verify")
    assert code == 0
    assert "no signature can be checked here: none is kept" in said
    capsys.readouterr()
    assert alone(site, monkeypatch) == 0
    assert "nobody's signature is kept" in capsys.readouterr().out


def _attested_instead(site: NightSite) -> None:
    others = [entry for entry in kept(site)[1] if role_of("hub") not in entry]
    put(site, [*others, attested(site)])


def _an_entry_more(site: NightSite) -> None:
    path, entries = kept(site)
    path.write_bytes(rfc8785.dumps([*entries, entries[0]]))


GONE = "a list on which a run relied is gone"


@pytest.mark.parametrize(
    ("done", "said", "said_alone"),
    [
        (lambda site: shutil.rmtree(site.site.var / "log" / "signatures"), GONE, GONE),
        (lambda site: kept(site)[0].unlink(), GONE, GONE),
        (lambda site: put(site, kept(site)[1][::-1]), GONE, GONE),
        (_attested_instead, GONE, GONE),
        (_an_entry_more, "not what had this digest", "not the document of this digest"),
    ],
    ids=["all of them", "the list", "another order", "another that holds", "another content"],
)
def test_the_list_on_which_a_run_relied_is_missed(
    site: NightSite,
    monkeypatch: pytest.MonkeyPatch,
    done: Callable[[NightSite], None],
    said: str,
    said_alone: str,
) -> None:
    """Each run's leaf names it: also where every signature left holds, and where no folder is left at all."""
    lines = (site.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    named = [leaf["signatures"] for leaf in map(json.loads, lines) if leaf["kind"] == "run"]
    assert named == [kept(site)[0].stem] * 3
    done(site)
    code, words = audit(site, "verify")
    assert (code, len(words.splitlines())) == (60, 4), words
    assert said in words
    assert said_alone in str(alone(site, monkeypatch))


def test_without_a_controller_s_key_its_signature_does_not_count(
    site: NightSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the keys of before it does: a signature is no worse because its key was exchanged since."""
    key = site.site.keys.public / "controller-hub.pub"
    retired = key.parent / "retired" / "v1" / key.name
    retired.parent.mkdir(parents=True)
    key.rename(retired)
    assert audit(site, "verify")[0] == 0
    assert alone(site, monkeypatch) == 0
    retired.unlink()
    assert audit(site, "verify")[0] == 60
    assert "no key controller-hub.pub" in str(alone(site, monkeypatch))


def test_of_a_later_version_those_are_missed_whom_it_needed(
    site: NightSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any one controller for a patch; and its list is not gone unseen while one of an earlier is kept."""
    first = load_dpia(site.site.dpia).sha256
    site.edit_dpia("status: approved", "status: suspended")
    site.sign(patch=True)
    assert site.night().exit_code == 11
    second = load_dpia(site.site.dpia).sha256
    assert [one["sha256"] for one in json.loads(json_of(site, "verify"))["assessments"]] == [first, second]
    older(site)
    path, entries = kept(site, second)
    put(site, entries[:1], second)
    assert audit(site, "verify")[0] == 0
    capsys.readouterr()
    assert alone(site, monkeypatch) == 0
    assert "; not by " in capsys.readouterr().out.splitlines()[1]
    put(site, [], second)
    assert "not signed by one of " in audit(site, "verify")[1]
    assert str(alone(site, monkeypatch)).startswith("WRONG")
    shutil.rmtree(path.parent)
    assert "nothing is kept any more" in audit(site, "verify")[1]
    assert "nothing is kept any more" in str(alone(site, monkeypatch))


def test_the_canonical_json_of_a_file_is_what_its_digest_is_taken_of(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """As `dpia check --canonical` writes it, for who has no YAML reader; it is the copy kept with the log."""
    out = tmp_path / "assessment.json"
    words = ["--site", str(two_nights.folder), "dpia", "check", str(two_nights.site.dpia)]
    assert carry_out(lambda: commands._named([*words, "--canonical", str(out)])) == 0
    path, _ = kept(two_nights)
    assert hashlib.sha256(out.read_bytes()).hexdigest() == path.parent.name
    assert out.read_bytes() == (path.parents[2] / "assessments" / f"{path.parent.name}.json").read_bytes()


def test_the_verifier_is_one_short_file_that_needs_cryptography_alone() -> None:
    """Under 200 lines; every import is of the standard library or of `cryptography`."""
    text = Path(standalone_signatures.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    outside = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert outside == {"cryptography"}
