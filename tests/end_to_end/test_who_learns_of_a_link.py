"""What a provider learns of a link: of its own records both references, of another's that there is one."""

import json
import re
import shutil
import sqlite3
import zipfile
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from demo.sample import Sample
from quality import Finding, FindingStore
from sharing import load_dpia
from sharing.choices import Choice
from sync.run import run_sync
from tests.end_to_end.test_choices import record
from tests.end_to_end.test_how_to_commands import typed
from tests.end_to_end.test_one_person_many_providers import PERSON, with_the_number_of_the_hub
from tests.nights import NightSite
from tests.parties import EVERYBODY, signed
from tests.released import landed
from tests.secret_words import SecretWords
from tests.small_sample import small_sample

AGAIN, NEARLY, THEIRS = "HP999998", "HP999999", "CP999999"
SILENT = "    probabilistic: none\n    whoLearns: nobody\n"
WEIGHED = "    probabilistic: splink\n    linkFrom: 0.999\n    tellFrom: 0.9\n    whoLearns: nobody\n"
TELLING = WEIGHED.replace("nobody", "each_provider_its_own")
TWO_SOURCES = (
    "select count(*) from (select linked_person_id from commissioning.person"
    " where linked_person_id is not null group by 1 having count(distinct source_system) > 1)"
)


@pytest.fixture(scope="module")
def told(settled: NightSite, tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return a site after a night on which each provider learns its own, and pairs are weighed."""
    folder = tmp_path_factory.mktemp("told") / "site"
    shutil.copytree(settled.folder, folder)
    night = NightSite(folder)
    night.drop(entered_again(with_the_number_of_the_hub(small_sample())))
    night.edit_dpia(SILENT, TELLING)
    night.sign()
    record(night, Choice.OBJECTION, objector()["hub"])
    assert typed(["run"], night) in {0, 1}
    return night


def entered_again(sample: Sample) -> Sample:
    """Return the sample with a client of the hub there twice more, once misspelt and moved.

    And with somebody known to both twice at Community Support, who may not be called there.
    """
    sources = {source: dict(tables) for source, tables in sample.sources.items()}
    hub, theirs = sources["hub"]["people"], sources["community_support"]["people"]
    unnumbered = {PERSON: AGAIN, "NHS Number": "", "NHS Number Status": ""}
    first = plain_client(sample)
    again = first | unnumbered
    moved = {PERSON: NEARLY, "Surname": first["Surname"] + "e", "Postcode": "ZQ19 9ZY", "UPRN": ""}
    danger = first | {PERSON: THEIRS, "Safe to Contact": "No"}
    sources["hub"]["people"] = [*hub, again, again | moved]
    sources["community_support"]["people"] = [*theirs, danger]
    return replace(sample, sources=sources)


def objector() -> dict[str, str]:
    """Return the reference at each provider of whom only a number has linked, and who objects at the hub."""
    before, after = small_sample(), with_the_number_of_the_hub(small_sample())
    old, new = (sample.table("community_support", "people") for sample in (before, after))
    (changed,) = [row for row in new if row not in old]
    number = changed["NHS Number"]
    (known,) = [row for row in after.table("hub", "people") if row["NHS Number"] == number]
    return {"hub": known[PERSON], "community_support": changed[PERSON]}


def plain_client(sample: Sample) -> dict[str, str]:
    """Return a client of the hub whom no flaw and nobody else's danger touches."""
    planted = {flaw.reference for flaw in sample.truth}
    return next(
        row
        for row in sample.table("hub", "people")
        if row["NHS Number"] and row["Report Person Type"] == "Client" and row[PERSON] not in planted
        if row["Date of Birth"] and not row["Date of Birth"].startswith("01/01")
    )


def found(night: NightSite, check: str) -> list[Finding]:
    store = FindingStore(night.site.var / "state" / "findings.sqlite")
    return [finding for finding in store.open(None) if finding.check == check]


def test_a_pair_of_one_provider_is_told_there_with_both_references(told: NightSite) -> None:
    """By details though one has no number, and by weight though it is not linked: once each."""
    first = plain_client(small_sample())[PERSON]
    pairs = {(one.source, one.record): one.other for one in found(told, "PER-09")}
    assert pairs["hub", AGAIN] == first
    assert pairs["hub", NEARLY] == first
    assert not [record for source, record in pairs if record == first]


def test_each_provider_learns_by_its_own_reference_that_another_helps(told: NightSite) -> None:
    """Whoever the council knows under one link of two sources is told at both; nobody's other reference."""
    told_of = defaultdict(set)
    for finding in found(told, "PER-21"):
        told_of[finding.source].add(finding.record)
        assert finding.other == ""
    ((both,),) = told.query(TWO_SOURCES)
    assert both > 3
    assert {source: len(records) for source, records in told_of.items()} == {
        "hub": both, "community_support": both,
    }  # fmt: skip


def test_of_whom_one_provider_says_that_there_is_danger_no_provider_learns(told: NightSite) -> None:
    """Who may not be called at Community Support is not told of at the hub either."""
    of = {finding.record for finding in found(told, "PER-21")}
    assert not of & {plain_client(small_sample())[PERSON], AGAIN, NEARLY, THEIRS}


def test_of_whom_a_choice_stands_at_one_provider_no_provider_learns(told: NightSite) -> None:
    """Who objects at the hub is told of at neither, though nobody else would keep the link from them."""
    assert not {finding.record for finding in found(told, "PER-21")} & set(objector().values())


def test_no_byte_of_a_providers_list_or_rows_holds_anothers_reference(told: NightSite) -> None:
    """Not the page, the CSV, the workbook or the store; and no value of a record is in any of them."""
    sample = entered_again(with_the_number_of_the_hub(small_sample()))
    references = {
        source: {row[PERSON].encode() for row in tables["people"]}
        for source, tables in sample.sources.items()
    }
    words = SecretWords.of(sample)
    for source, own in references.items():
        others = set().union(*(of for name, of in references.items() if name != source))
        rows = rows_of(told, source)
        laid = sorted((told.site.var / "drops" / source).iterdir())
        assert {path.suffix for path in laid} >= {".html", ".csv", ".xlsx"}
        said = [rows, *(unpacked(path) for path in laid)]
        assert not [reference for reference in others if any(reference in text for text in said)]
        assert [words.within(text) for text in said] == [set()] * len(said)
        if source != "domestic_abuse_support":
            assert any(reference in rows for reference in own)


def rows_of(night: NightSite, source: str) -> bytes:
    """Return all that the store holds in rows of the source, the history of its findings included."""
    path = night.site.var / "state" / "findings.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        tables = [name for (name,) in store.execute("select name from sqlite_master where type = 'table'")]
        rows = [row for name in tables for row in store.execute(f'select * from "{name}"')]
    return "\n".join(repr(row) for row in rows if source in row).encode()


def unpacked(path: Path) -> bytes:
    """Return the bytes of a file, of a workbook those of its parts."""
    held = path.read_bytes()
    if path.suffix != ".xlsx":
        return held
    with zipfile.ZipFile(BytesIO(held)) as parts:
        return b"\n".join(parts.read(name) for name in parts.namelist())


def test_the_runs_summary_counts_what_was_compared_and_linked(
    told: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts, and nothing else, in the summary and in what `status --json` prints."""
    assert typed(["status", "--json"], told) == 0
    linking = json.loads(capsys.readouterr().out)["runs"][0]["linking"]
    assert set(linking) == {"records", "agreeing", "contradicting", "compared", "weighed", "refused"}
    assert linking["agreeing"] > 3
    assert linking["compared"] > 0


def test_where_nobody_may_learn_any_more_the_findings_go(told: NightSite, tmp_path: Path) -> None:
    """With the first word the check applies to nobody; what a provider's own records say stays."""
    shutil.copytree(told.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    night.edit_dpia(TELLING, SILENT)
    assert night.night().exit_code in {0, 1}
    assert {one.state for one in found(night, "PER-21")} <= {"mended"}
    assert ("hub", AGAIN) in {(one.source, one.record) for one in found(night, "PER-09")}


def next_version(night: NightSite, number: str, old: str, new: str) -> Path:
    """Lay the next version down, with the lines of the one that ran still in it; return its file."""
    ran = load_dpia(night.site.dpia)
    ran.path.with_name(f"ran-{ran.version}.yaml").write_bytes(ran.path.read_bytes())
    text = re.sub(r"(?m)^supersedes: .*\n", "", ran.path.read_text(encoding="utf-8"))
    said = f"version: {number}\nsupersedes: {{version: {ran.version}, sha256: {ran.sha256}}}\n"
    assert old in text, old
    text = re.sub(r"(?m)^version: .*\n", said, text, count=1).replace(old, new, 1)
    ran.path.write_text(text, encoding="utf-8")
    return ran.path


def refused(night: NightSite, code: int = 11) -> str:
    """Return the words in which a run ends before anything is read, with nothing left and nobody told."""
    before, summary = landed(night), run_sync(night.site)
    assert (summary.exit_code, summary.sources, landed(night)) == (code, [], before)
    assert found(night, "PER-21") == []
    return str(summary.error)


def test_a_provider_learns_nothing_of_a_link_until_every_controller_has_signed_that(night: NightSite) -> None:
    """The lines under the version before count for nothing, each that is lacking is named; the last lets it
    run. A provider whose records are linked to nobody's is asked like the others.
    """
    path = next_version(night, "2.0.0", SILENT, SILENT.replace("nobody", "each_provider_its_own"))
    said = refused(night)
    assert said.startswith("E705")
    assert all(f"{party} signed other bytes than these" in said for party in EVERYBODY)
    for number, party in enumerate(EVERYBODY):
        lacking = ", ".join(sorted(EVERYBODY[number:]))
        assert f"not signed by {lacking}: it shares more than version 1.0.0" in refused(night)
        signed(path, party)
    assert run_sync(night.site).exit_code in {0, 1}
    assert {one.source for one in found(night, "PER-21")} == {"hub", "community_support"}


@pytest.mark.parametrize("number", ["1.0.1", "1.1.0"])
def test_that_a_provider_learns_of_a_link_is_no_small_change(night: NightSite, number: str) -> None:
    """Whoever reads the number alone is not misled: it does not load, so nobody can sign it either."""
    next_version(night, number, SILENT, SILENT.replace("nobody", "each_provider_its_own"))
    said = refused(night, 10)
    assert "must be 2.0.0, signed by all whom it touches" in said
    assert "whoLearns" in said


def test_any_one_controller_ends_it_that_providers_learn_of_links(told: NightSite, tmp_path: Path) -> None:
    """One signature is enough to tell less, and the findings go; none is not."""
    shutil.copytree(told.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    path = next_version(night, "9.0.0", TELLING, SILENT)
    summary = run_sync(night.site)
    assert summary.exit_code == 11
    assert "not signed by one of" in str(summary.error)
    signed(path, "domestic_abuse_support")
    assert run_sync(night.site).exit_code in {0, 1}
    assert {one.state for one in found(night, "PER-21")} <= {"mended"}
