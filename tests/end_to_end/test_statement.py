"""The signed statement of a run: its numbers are the run's, and no byte of it can be changed unseen."""

import json
import random
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import standalone
from audit.checkpoint import Checkpoint
from audit.errors import ProofRefused
from audit.reading import read_log
from audit.statement import sign_statement
from audit.tail import LeavesOfRun
from demo.sample import Sample
from sealing.keys import load_signer, load_verifier
from sealing.trust import Trust, read_trust
from sync.signed_by import signed_by
from sync.stated import held_statement
from sync.statement import say_of_run
from tests.asked_of_the_log import audit, json_of
from tests.nights import NightSite
from tests.released import opened
from tests.secret_words import SecretWords

SEED = 20221201


PARTIES = ["community_support", "domestic_abuse_support", "hub", "smbc"]


def runs(night: NightSite) -> list[str]:
    """Return the names of the runs, oldest first."""
    return sorted(path.stem for path in (night.site.var / "runs").glob("*.json"))


@pytest.fixture(scope="module")
def first(two_nights: NightSite, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Return the statement of the first night, as printed and as signed."""
    folder, run = tmp_path_factory.mktemp("statements"), runs(two_nights)[0]
    said = json.loads(json_of(two_nights, "statement", run, "--out", str(folder)))
    return said, folder / f"{run}.txt"


def summary(night: NightSite, at: int) -> dict[str, Any]:
    """Return what the run wrote down when it ended."""
    path = night.site.var / "runs" / f"{runs(night)[at]}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_its_numbers_are_those_of_the_run_and_of_the_opened_files(
    two_nights: NightSite, first: tuple[dict[str, Any], Path]
) -> None:
    """Records in and reasons as the run counted them; rows sent as the council's side can count them."""
    said, _ = first
    counted = {flow["flow"]: flow for flow in summary(two_nights, 0)["flows"]}
    rows = dict.fromkeys(counted, 0)
    for path, table in opened(two_nights).items():
        flow, batch = path.split("/")[:2]
        rows[flow] += table.height if batch.endswith(said["run"]) else 0
    for flow in said["figures"]["flows"]:
        told = counted[flow["flow"]]["entities"]
        assert flow["records_in"] == {entity: counts["records"] for entity, counts in told.items()}
        reasons: dict[str, int] = {}
        for counts in told.values():
            for reason, number in counts["reasons"].items():
                reasons[reason] = reasons.get(reason, 0) + number
        assert flow["reasons"] == dict(sorted(reasons.items()))
        assert flow["rows_sent"] == rows[flow["flow"]] > 100
        assert flow["batch"] == counted[flow["flow"]]["batch_id"]
        assert flow["manifest_sha256"] == counted[flow["flow"]]["manifest_sha256"]
    released = said["figures"]["brakes_released"]
    assert released == summary(two_nights, 0)["accepted"]
    assert "accept_growth" in released
    assert said["outcome"]["exit_code"] == 1
    assert said["gaps"] == []


def test_it_says_to_whom_what_for_and_under_which_law(first: tuple[dict[str, Any], Path]) -> None:
    """In the words of the assessment that ran, found by its digest; with what no log can prove."""
    said, _ = first
    for flow in said["figures"]["flows"]:
        assessment = said["assessments"][flow["dpia"]["sha256"]]
        words = assessment["flows"][flow["flow"]]
        assert words["recipient"] == "Stockport Metropolitan Borough Council"
        assert assessment["law_pack"] == "uk/2026-09-30"
        assert assessment["waivers"] == []
        assert any("Care Act 2014" in basis for basis in words["basis"])
        assert flow["key"].startswith("age1")
    assert "No log can prove" in said["cannot_be_proved"]


def test_what_was_taken_back_is_told_apart_and_a_night_without_change_says_nothing_was_sent(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """The second night sent and withdrew; the third has a statement of nothing, of both flows."""
    out = ("--out", str(tmp_path))
    second = json.loads(json_of(two_nights, "statement", runs(two_nights)[1], *out))["figures"]
    assert second["rows_withdrawn"] > 0
    assert not second["nothing_sent"]
    third = json.loads(json_of(two_nights, "statement", "latest", *out))["figures"]
    assert third["nothing_sent"]
    assert [flow["batch"] for flow in third["flows"]] == [None, None]
    assert third["rows_sent"] == third["rows_withdrawn"] == 0
    page = (tmp_path / f"{runs(two_nights)[2]}.html").read_text(encoding="utf-8")
    assert "Nothing was sent in this run." in page


def test_the_page_lists_the_fields_of_what_each_batch_sent_and_of_nothing_else(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """Of an entity without a file in the batch no field stands there; beside it, which columns held one."""
    out = ("--out", str(tmp_path))
    said = json.loads(json_of(two_nights, "statement", runs(two_nights)[1], *out))
    page = (tmp_path / f"{runs(two_nights)[1]}.html").read_text(encoding="utf-8")
    batches = [leaf for leaf in said["leaves"] if leaf["kind"] == "batch"]
    left_out: set[str] = set()
    for leaf in batches:
        sent = {file["entity"] for file in leaf["files"] if file["operation"] == "upsert"}
        left_out |= leaf["fields"].keys() - sent
        table = page.split(f"Fields that may be in them, flow {leaf['flow'].replace('_', ' ')}")[-1]
        rows = table.partition("</table>")[0].split('<th scope="row">')[1:]
        told = {row.partition("<")[0].replace(" ", "_"): row for row in rows}
        assert set(told) == sent
        for entity, row in told.items():
            cell = row.split('<td class="prose">')[2]
            assert re.findall(r'<span class="code">(.*?)</span>', cell) == leaf["filled"].get(entity, [])
    assert batches
    assert left_out


def test_the_page_says_the_numbers_of_the_statement_and_no_value(
    sample: Sample, first: tuple[dict[str, Any], Path]
) -> None:
    """Totals stand on the page as in the signed text; no word of a record stands in either."""
    said, path = first
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert f"{said['figures']['rows_sent']:,} rows were sent" in page
    words = SecretWords.of(sample)
    assert words.within(path.read_bytes() + path.with_suffix(".html").read_bytes()) == set()


def test_any_flipped_byte_of_it_is_found_with_and_without_viaduct(
    two_nights: NightSite, first: tuple[dict[str, Any], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes drawn over all of it, each flipped alone; and the text cut short."""
    site, kept = two_nights.site, first[1].read_bytes()
    path = tmp_path / "statement.txt"
    arguments = [str(site.var / "log"), "--keys", str(site.keys.public), "--document", str(path)]
    monkeypatch.setattr(sys, "argv", ["x", *arguments])
    path.write_bytes(kept)
    assert standalone.main() == 0
    assert audit(two_nights, "verify", "--statement", str(path))[0] == 0
    draw = random.Random(SEED)
    places = [0, len(kept) - 1, *(draw.randrange(len(kept)) for _ in range(30))]
    changed = [kept[:at] + bytes([kept[at] ^ (1 << draw.randrange(8))]) + kept[at + 1 :] for at in places]
    for number, content in enumerate([*changed, kept[:-1], b""]):
        path.write_bytes(content)
        assert standalone.main() != 0, number
        if number % 8 == 0:
            assert audit(two_nights, "verify", "--statement", str(path))[0] == 60, number


def altered(said: dict[str, Any], part: str, **values: Any) -> dict[str, Any]:
    """Return the statement with these values in one part of it."""
    return said | {part: said[part] | values}


def test_a_statement_that_says_other_than_the_log_is_refused_though_our_key_signed_it(
    two_nights: NightSite, first: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    """Rows, root, size, leaves; the words of the assessment and who signed it. The standalone verifier finds
    what can be told from the log alone.
    """
    said, kept = first
    site, log = two_nights.site, two_nights.site.var / "log"
    signer, verifier = load_signer("log", site.keys.private), load_verifier("log", site.keys.public)
    reading, path = read_log(log, verifier), tmp_path / "s.txt"
    key = standalone.from_base64((site.keys.public / "log.pub").read_text(encoding="ascii").split("\n")[1])
    leaves, due = standalone.check_tree(log, key, [])
    of_log = [
        altered(said, "figures", rows_sent=0, nothing_sent=True),
        altered(said, "figures", rows_withdrawn=1),
        altered(said, "log", root="00" * 32),
        altered(said, "log", size=999),
        altered(said, "log", size=None),
        altered(said, "log", size="1"),
        said | {"leaves": said["leaves"][:-1]},
    ]
    ((digest, words),) = said["assessments"].items()
    more = [*words["signed"], words["signed"][0] | {"party": "nobody"}]
    changed = ({"signed": []}, {"signed": None}, {"signed": more}, {"waivers": [{}]}, {"flows": {}})
    of_file = [altered(said, "assessments", **{digest: words | one}) for one in changed]
    assert held_statement(site, sign_statement(said, signer), reading, "s")["run"] == said["run"]
    for wrong in [*of_log, *of_file, said | {"assessments": {}}, altered(said, "figures", flows=[])]:
        with pytest.raises(ProofRefused):
            held_statement(site, sign_statement(wrong, signer), reading, "s")
    for wrong in of_log:
        path.write_bytes(sign_statement(wrong, signer))
        with pytest.raises((RuntimeError, TypeError)):
            standalone.check_document(path, key, leaves, due)
    assert standalone.check_document(kept, key, leaves, due).endswith(f"run {said['run']}")


def test_of_a_statement_that_leaves_out_what_came_later_it_is_said_that_the_log_tells_more(
    two_nights: NightSite, first: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    """Cut to the size before the run's batches were logged: true of that day, and both verifiers say so."""
    said, path, log = first[0], tmp_path / "early.txt", two_nights.site.var / "log"
    key = standalone.from_base64(
        (two_nights.site.keys.public / "log.pub").read_text(encoding="ascii").split("\n")[1]
    )
    leaves, due = standalone.check_tree(log, key, [])
    size = min(due.keys() - {0})
    early = say_of_run(
        two_nights.site, LeavesOfRun(said["run"], size, leaves[:size]), Checkpoint("o", size, due[size]), None
    )
    path.write_bytes(sign_statement(early, load_signer("log", two_nights.site.keys.private)))
    told = standalone.check_document(path, key, leaves, due)
    assert told.endswith(f"run {said['run']}; the log tells more of this run since")
    code, words = audit(two_nights, "verify", "--statement", str(path))
    assert (code, "The log tells more of this run since." in words) == (0, True)
    assert "The log tells more" not in audit(two_nights, "verify", "--statement", str(first[1]))[1]


def test_a_run_that_nobody_knows_has_no_statement(two_nights: NightSite) -> None:
    """Wrong usage, in words."""
    code, said = audit(two_nights, "statement", "20200101T000000Z-000000")
    assert code == 2
    assert "neither the log nor the run history" in " ".join(said.split())


def test_it_names_who_signed_the_file(two_nights: NightSite, first: tuple[dict[str, Any], Path]) -> None:
    """The four parties by the keys trusted here; with a key gone, its party is named no more."""
    said, path = first
    signed = [one["signed"] for one in said["assessments"].values()]
    assert [sorted(each["party"] for each in one) for one in signed] == [PARTIES]
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert all(f"<li>{party.replace('_', ' ')}</li>" in page for party in PARTIES)
    trust = read_trust(two_nights.site.keys.public)
    fewer = replace(trust, current={r: key for r, key in trust.current.items() if r != "controller-hub"})
    (digest,) = said["assessments"]
    log = two_nights.site.var / "log"
    assert "hub" not in {each["party"] for each in signed_by(log, digest, fewer)}
    assert signed_by(log, digest, Trust()) == []


def test_who_signed_what_does_not_load_here_is_not_known(two_nights: NightSite, tmp_path: Path) -> None:
    """Of a form that this program does not read, or not kept at all: not known, which is not nobody."""
    trust = read_trust(two_nights.site.keys.public)
    log = tmp_path / "log"
    shutil.copytree(two_nights.site.var / "log", log)
    (kept,) = (log / "assessments").glob("*.json")
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"sinceThen": "a newer form"}))
    assert signed_by(log, kept.stem, trust) is None
    assert signed_by(log, "0" * 64, trust) is None
