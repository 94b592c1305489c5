"""`audit person`: what was disclosed about one person, behind a form, logged naming nobody, and proved."""

import html
import io
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from audit import standalone_proof
from audit.secrets import PersonSecrets
from demo.sample import Sample
from sealing.keys import load_secret
from sync.person_digest import person_digest
from tests.asked_of_the_log import audit, json_of, written
from tests.nights import NightSite
from tests.released import FLOWS, Council
from tests.small_sample import a_day_later

TELLING = (
    "Forename", "Surname", "Date of Birth", "NHS Number", "Address Line 1", "Town", "Postcode", "UPRN",
    "Telephone",
)  # fmt: skip
"""What of a person's row in the export tells who they are and where."""


@pytest.fixture(scope="module")
def site(two_nights: NightSite, tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return a copy of the site of three nights, whose log may be asked."""
    folder = tmp_path_factory.mktemp("asked") / "site"
    shutil.copytree(two_nights.folder, folder)
    return NightSite(folder)


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a form on which everything is clear."""
    return written(tmp_path_factory.mktemp("form") / "release.yaml")


def person_in(night: NightSite, sample: Sample, *flows: str) -> str:
    """Return the reference of somebody of the hub who is in these flows' warehouse, and in no other's."""
    council = Council(night)
    for row in sample.sources["hub"]["people"]:
        there = {flow for flow in FLOWS if council.row(flow, "person", "hub", row["Org Person ID"])}
        if there == set(flows):
            return str(row["Org Person ID"])
    raise AssertionError(f"nobody of the sample is in {flows} alone")


def leaves(night: NightSite) -> list[dict[str, Any]]:
    """Return the leaves of the log."""
    text = (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def asked(night: NightSite, reference: str, form: Path, *words: str) -> dict[str, Any]:
    """Return the history of somebody of the hub."""
    told = json_of(night, "person", reference, "--source", "hub", "--release", str(form), *words)
    return dict(json.loads(told))


def test_the_history_tells_what_the_council_holds_and_where_nothing_was_disclosed(
    site: NightSite, sample: Sample, form: Path
) -> None:
    """Somebody in one flow's warehouse alone: that flow's first batch told of them, the other flow's none."""
    told = asked(site, person_in(site, sample, "commissioning"), form)
    assert {one["flow"] for one in told["disclosures"]} == {"commissioning"}
    first = told["disclosures"][0]
    assert first["batch"].startswith("commissioning/00000001-")
    assert first["recipient"] == "Stockport Metropolitan Borough Council"
    assert first["purpose"].startswith("See whether")
    assert first["rows_sent"] > 0
    assert first["basis"]
    assert "person" in first["fields"]
    assert "organisation" not in first["fields"]
    assert first["law_pack"] == "uk/2026-09-30"
    assert first["answer"] == "receipt"
    absent = [one for one in told["not_disclosed"] if one["flow"] == "early_help"]
    assert [one["batches"] for one in absent] == [[1, 2]]
    assert told["absences_proved"] is False, "without --proof they are looked up, and the data say so"


def test_the_page_shows_what_the_data_show_and_neither_name_nor_address(
    site: NightSite, sample: Sample, form: Path, tmp_path: Path
) -> None:
    """Page and data lie beside each other, as printed; nothing of the person's own row stands on the page.

    A page may lie on a printer: it holds no reference either, and its name is the question's.
    """
    reference = person_in(site, sample, "early_help", "commissioning")
    told = asked(site, reference, form, "--out", str(tmp_path / "out"))
    data, page = sorted((tmp_path / "out").iterdir(), key=lambda path: path.suffix, reverse=True)
    assert data.stem == page.stem == f"history-{told['access']['run']}"
    assert json.loads(data.read_text(encoding="utf-8")) == told
    text = html.unescape(page.read_text(encoding="utf-8"))
    for one in told["disclosures"]:
        assert [said for said in (one["purpose"], one["batch"], *one["basis"]) if said not in text] == []
        assert f", to {one['recipient']}" in text
        shown = {f"{e}.{field['released_as']}" for e, fields in one["fields"].items() for field in fields}
        assert shown <= set(re.findall(r'<span class="code">([a-z0-9_.]+)</span>', text))
    (row,) = (row for row in sample.sources["hub"]["people"] if row["Org Person ID"] == reference)
    cells = {row[name] for name in TELLING if row[name]}
    named = {cell for cell in {*cells, reference, told["access"]["salt"]} if cell in text}
    assert len(cells) > 4
    assert named == set()
    assert "domestic_abuse_safety" not in text, "questions stand in words"


def test_only_what_a_batch_sent_is_listed_and_whether_its_columns_held_a_value(
    site: NightSite, sample: Sample, form: Path
) -> None:
    """Of an entity without a file in the batch no field is told; `filled` is what the batch's leaf says."""
    before, after = (one.sources["hub"]["referrals"] for one in (sample, a_day_later()))
    changed = [row["Org Person ID"] for row in after if row not in before]
    council = Council(site)
    newly = next(one for one in changed if council.row("early_help", "person", "hub", one))
    batches = {f"{one['flow']}/{one['seq']:08d}": one for one in leaves(site) if one["kind"] == "batch"}
    left_out: set[str] = set()
    for one in asked(site, newly, form)["disclosures"]:
        leaf = batches[one["batch"].partition("-")[0]]
        sent = {file["entity"] for file in leaf["files"] if file["operation"] == "upsert"}
        assert set(one["fields"]) <= sent
        left_out |= leaf["fields"].keys() - sent
        for entity, fields in one["fields"].items():
            said = leaf["filled"].get(entity)
            told = [field["filled"] for field in fields]
            assert told == [None if said is None else field["released_as"] in said for field in fields]
    assert left_out, "some entity has no row in a batch that told of them"


def test_fields_are_told_as_the_recipient_sees_them(site: NightSite, sample: Sample, form: Path) -> None:
    """The day of birth left as year and month: its name and what it holds; which a rule may have emptied."""
    reference = person_in(site, sample, "commissioning")
    told = asked(site, reference, form)
    fields = {one["released_as"]: one for one in told["disclosures"][0]["fields"]["person"]}
    assert "birth_date" not in fields
    assert fields["birth_year_month"] == {
        "released_as": "birth_year_month",
        "made_from": "birth_date",
        "treatment": "generalise",
        "holds": "Year and month of birth, YYYY-MM.",
        "may_be_empty": True,
        "filled": True,
    }
    assert not fields["person_id"]["may_be_empty"]
    code, said = audit(site, "person", reference, "--source", "hub", "--release", str(form))
    assert code == 0
    assert "birth_year_month (made coarser from birth_date)" in " ".join(said.split())


def test_no_ground_tells_of_another_provider_s_service(site: NightSite, sample: Sample, form: Path) -> None:
    """A flow takes from three: of somebody of the hub, the hub's ground is told and the council's."""
    told = asked(site, person_in(site, sample, "early_help", "commissioning"), form)
    parties = {basis.partition(":")[0] for one in told["disclosures"] for basis in one["basis"]}
    assert parties == {"smbc", "hub"}
    assert {one["flow"] for one in told["disclosures"]} == {"early_help", "commissioning"}


def test_nothing_is_told_without_a_form_and_each_question_is_open_until_it_is_answered(
    site: NightSite, tmp_path: Path
) -> None:
    """No form: 2. A question left out, an approval too old or of tomorrow: 10, with its line; none logged."""
    before = len(leaves(site))
    code, said = audit(site, "person", "HP000004", "--source", "hub")
    assert code == 2
    assert "serious harm" in " ".join(said.split())
    path = written(tmp_path / "release.yaml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  thirdParty: clear\n", ""), encoding="utf-8")
    assert audit(site, "person", "HP000004", "--source", "hub", "--release", str(path))[0] == 10
    for day in ("2020-01-01", "2999-01-01"):
        written(path, day)
        code, said = audit(site, "person", "HP000004", "--source", "hub", "--release", str(path))
        assert code == 10
        assert "line 4" in said
        assert "Correct the form" in said
        assert "run_sync.py check" not in said
    assert len(leaves(site)) == before


def test_a_form_that_withholds_is_refused_and_the_refusal_is_logged(site: NightSite, tmp_path: Path) -> None:
    """Exit 30, no word of the history; the leaf says what was considered, and of nobody whom."""
    form = written(tmp_path / "release.yaml", safety="withhold")
    words = ["--source", "hub", "--release", str(form), "--out", str(tmp_path / "out")]
    code, said = audit(site, "person", "HP000004", *words)
    assert code == 30
    assert "domesticAbuseSafety" in said, "as the form calls it"
    assert "batch" not in said
    assert not (tmp_path / "out").exists()
    last = leaves(site)[-1]
    assert (last["kind"], last["outcome"]) == ("access", "refused")
    assert audit(site, "verify")[0] == 0


def test_the_question_is_logged_and_names_neither_the_person_nor_who_asked(
    site: NightSite, sample: Sample, form: Path
) -> None:
    """The leaf holds the reason and the answers; two questions about one person have nothing in common."""
    reference = person_in(site, sample, "early_help", "commissioning")
    first, second = (asked(site, reference, form)["access"] for _ in range(2))
    logged = leaves(site)[-2:]
    assert logged == [{k: v for k, v in one.items() if k != "salt"} for one in (first, second)]
    text = json.dumps(logged)
    assert reference not in text
    assert "Approver" not in text
    assert "SAR-2022-014" not in text
    assert first["form_sha256"] != second["form_sha256"]


def test_the_reference_may_come_by_the_input_which_no_list_of_processes_shows(
    site: NightSite, sample: Sample, form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` reads it; the answer is the same."""
    reference = person_in(site, sample, "commissioning")
    by_name = asked(site, reference, form)["disclosures"]
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{reference}\n"))
    assert asked(site, "-", form)["disclosures"] == by_name


def shown(path: Path, night: NightSite, monkeypatch: pytest.MonkeyPatch) -> int | str:
    """Return how the verifier of proofs ends on the file."""
    monkeypatch.setattr(sys, "argv", ["x", str(path), "--keys", str(night.site.keys.public)])
    return standalone_proof.main()


def test_the_proof_of_presence_and_absence_holds_without_the_log(
    site: NightSite, sample: Sample, form: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """With the log's public key alone: told of in one flow's first batch, in none of the other's."""
    path = tmp_path / "proof.json"
    told = asked(site, person_in(site, sample, "commissioning"), form, "--proof", str(path))
    assert told["absences_proved"] is True
    capsys.readouterr()
    assert shown(path, site, monkeypatch) == 0
    said = capsys.readouterr().out
    assert "flow commissioning, batches 1 to 2: the person is told of in 1 (upsert)" in said
    assert "flow early_help, batches 1 to 2: the person is told of in none" in said
    assert "on the word of whoever wrote the proof" in said
    code, verified = audit(site, "verify", "--proof", str(path))
    assert code == 0
    assert "told of in none" in verified


def test_an_absence_is_proved_run_by_run_and_an_opened_proof_ties_the_tags_to_the_secret(
    site: NightSite, sample: Sample, form: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one flow and one run; with the secret in it, another secret or another tag is found."""
    reference, path = person_in(site, sample, "commissioning"), tmp_path / "proof.json"
    run = next(leaf["run"] for leaf in leaves(site) if leaf["kind"] == "run")
    words = ["--source", "hub", "--release", str(form), "--out", str(path), "--open"]
    code, said = audit(site, "prove", "person", reference, *words, "--flow", "early_help", "--run", run)
    told, written = said.strip().split("\n")
    assert (code, told) == (0, "1 batches looked through, 0 tell of the person.")
    assert written == f"Written: {path.as_posix()}, readable by you alone."
    assert shown(path, site, monkeypatch) == 0
    document = json.loads(path.read_text(encoding="utf-8"))
    assert len(document["batches"]) == 1
    path.write_text(json.dumps(document | {"secret": "00" * 32}), encoding="utf-8")
    assert "not made from the person's secret" in str(shown(path, site, monkeypatch))


def test_no_changed_proof_holds(
    site: NightSite, sample: Sample, form: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch or an operation left out, neighbours apart, another leaf, another checkpoint: all refused."""
    path = tmp_path / "proof.json"
    asked(site, person_in(site, sample, "commissioning"), form, "--proof", str(path))
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert shown(path, site, monkeypatch) == 0

    def with_change(change: Any) -> int | str:
        document = json.loads(json.dumps(whole))
        change(document)
        path.write_text(json.dumps(document), encoding="utf-8")
        return shown(path, site, monkeypatch)

    def absent(document: dict[str, Any]) -> dict[str, Any]:
        return next(
            one
            for batch in document["batches"]
            for one in batch["people"]
            if len(one["beside"]) == 2 and all(one["beside"])
        )

    changes = [
        lambda d: d["batches"].insert(2, d["batches"].pop(0)),
        lambda d: d["batches"][0]["people"].pop(),
        lambda d: absent(d)["beside"].__setitem__(0, None),
        lambda d: absent(d).__setitem__("tag", absent(d)["beside"][0]["line"][-66:-2]),
        lambda d: absent(d).__setitem__("tag", "00" * 32),
        lambda d: absent(d)["beside"][0].__setitem__("index", absent(d)["beside"][0]["index"] - 1),
        lambda d: absent(d)["beside"][1]["path"].pop(),
        lambda d: d["batches"][0]["batch"].__setitem__("line", d["batches"][1]["batch"]["line"]),
        lambda d: d.__setitem__("checkpoint", d["checkpoint"].replace("\n", "\n1", 1)),
        lambda d: d.__setitem__("batches", []),
    ]
    assert [number for number, change in enumerate(changes) if with_change(change) == 0] == []


def test_who_has_no_secret_any_more_is_told_so_and_nothing_is_guessed(
    site: NightSite, sample: Sample, form: Path, tmp_path: Path
) -> None:
    """A stranger and somebody whose secret was destroyed get one answer: the log cannot tell."""
    shutil.copytree(site.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    reference = person_in(night, sample, "commissioning")
    assert asked(night, reference, form)["secret_kept"]
    table = PersonSecrets(night.site.var / "state" / "people.sqlite")
    key = load_secret("memory", night.site.keys.private)
    assert table.destroy(person_digest(key, "hub", reference))
    for name in (reference, "nobody-at-all"):
        told = asked(night, name, form)
        assert (told["secret_kept"], told["disclosures"], told["not_disclosed"]) == (False, [], [])
        assert told["absences_proved"] is False
    words = ["--source", "hub", "--release", str(form), "--proof", str(tmp_path / "p")]
    assert audit(night, "person", reference, *words)[0] == 2
