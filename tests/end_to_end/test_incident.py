"""The incident pack counts what the council's side can count by opening the files, and names nobody."""

import hashlib
import json
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.secrets import PersonSecrets
from common import clock
from demo.sample import Sample
from tests.asked_of_the_log import audit, json_of
from tests.nights import NightSite
from tests.released import FLOWS, opened
from tests.secret_words import SecretWords


@pytest.fixture(scope="module")
def files(two_nights: NightSite) -> dict[str, pl.DataFrame]:
    """Return every file of the landing zone, opened with the council's key."""
    return opened(two_nights)


@pytest.fixture
def site(two_nights: NightSite, tmp_path: Path) -> NightSite:
    """Return a copy of the site of three nights, free to be changed."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    return NightSite(tmp_path / "site")


def pack_of(night: NightSite, *words: str) -> dict[str, Any]:
    """Return the pack as `audit incident --json` prints it."""
    return json.loads(json_of(night, "incident", *words))


def people_in(files: dict[str, pl.DataFrame]) -> set[Any]:
    """Return the released keys of everybody of whom these files hold a row, whatever the entity."""
    tables: dict[str, list[pl.DataFrame]] = {}
    for path, table in files.items():
        tables.setdefault(path.split("/")[-1].split("-")[0], []).append(table)
    joined = {entity: pl.concat(some, how="diagonal") for entity, some in tables.items()}
    named = [table["person_id"] for table in joined.values() if "person_id" in table.columns]
    if "contact" in joined and "referral" in joined:
        case = joined["referral"].select("referral_id", "person_id").drop_nulls()
        named.append(joined["contact"].join(case, on="referral_id", how="inner")["person_id"])
    return {key for series in named for key in series.drop_nulls().to_list()}


def people_taken_back(night: NightSite) -> int:
    """Return how many leaves of people tell of rows taken back, over all batches."""
    kept = (night.site.var / "log" / "people").rglob("*.jsonl")
    return sum(path.read_text(encoding="utf-8").count('"operation":"withdraw"') for path in kept)


def batch(night: NightSite, flow: str, number: int) -> str:
    """Return the name of a batch."""
    return next(path.name for path in sorted((night.site.landing / flow).glob(f"{number:08d}-*")))


def upserts(night: NightSite, files: dict[str, pl.DataFrame], name: str) -> dict[str, pl.DataFrame]:
    """Return the files of the batch that send rows, by what its manifest says."""
    said = json.loads((night.site.landing / name / "manifest.json").read_bytes())
    sent = {f"{name}/{file['name']}" for file in said["files"] if file["operation"] == "upsert"}
    return {path: table for path, table in files.items() if path in sent}


@pytest.mark.parametrize("flow", FLOWS)
def test_people_and_rows_of_a_batch_are_those_of_its_opened_files(
    two_nights: NightSite, files: dict[str, pl.DataFrame], flow: str
) -> None:
    """The first batch: distinct people over all its tables, rows by entity, and whose they are."""
    name = f"{flow}/{batch(two_nights, flow, 1)}"
    sent = upserts(two_nights, files, name)
    pack = pack_of(two_nights, "--batch", f"{flow}/1")
    people = people_in(sent)
    assert pack["people"]["at_least"] == pack["people"]["at_most"] == len(people) > 100
    assert pack["people"]["exact"]
    rows: dict[str, int] = {}
    for path, table in sent.items():
        entity = path.split("/")[-1].split("-")[0]
        rows[entity] = rows.get(entity, 0) + table.height
    told = pack["rows"]["entities"]
    assert {entity: counts["sent"] for entity, counts in told.items()} == rows
    of_source = pl.concat([table for path, table in sent.items() if "/person-" in path])
    counted = dict(of_source.group_by("source_system").len().iter_rows())
    lost = pack["people"]["by_source"].pop("not known", 0)
    assert sum(counted.values()) - sum(pack["people"]["by_source"].values()) == lost
    assert all(counted[source] >= number for source, number in pack["people"]["by_source"].items())


@pytest.mark.parametrize("flow", FLOWS)
def test_rows_that_a_later_batch_sent_anew_are_there_by_that_batch(
    two_nights: NightSite, files: dict[str, pl.DataFrame], flow: str
) -> None:
    """As sent and by another batch together are what the warehouse has of the people of the first batch."""
    people = people_in(upserts(two_nights, files, f"{flow}/{batch(two_nights, flow, 1)}"))
    told = pack_of(two_nights, "--batch", f"{flow}/1")["rows"]["entities"]
    for entity in ("person", "address", "characteristics"):
        there = [key.bytes in people for (key,) in two_nights.query(f"select person_id from {flow}.{entity}")]
        counts = told[entity]
        assert counts["still_there"] + counts["there_by_another_batch"] == sum(there) > 0, entity
    assert sum(counts["there_by_another_batch"] for counts in told.values()) > 0
    assert all(counts["still_there"] <= counts["sent"] for counts in told.values())


def test_of_two_batches_nobody_counts_twice(two_nights: NightSite, files: dict[str, pl.DataFrame]) -> None:
    """All batches of a flow, by the days; the second night's people are among the first night's."""
    today = str(clock.today())
    pack = pack_of(two_nights, "--since", today)
    for said in pack["flows"]:
        sent = {}
        for number in (1, 2):
            sent |= upserts(two_nights, files, f"{said['flow']}/{batch(two_nights, said['flow'], number)}")
        assert said["people"]["at_most"] == len(people_in(sent)), said["flow"]
    back = pack["people_taken_back"]
    assert back["without_secret"] == 0, "nobody was forgotten"
    assert 0 < back["at_most"] < people_taken_back(two_nights), "some were taken back from both flows"
    leaves = sum(one["people_leaves"] for one in pack["batches"])
    assert pack["people"]["at_most"] < leaves
    assert len(pack["batches"]) == 4
    assert pack_of(two_nights, "--until", "2001-01-01")["batches"] == []


def test_who_is_under_the_flag_is_as_the_rules_decided(two_nights: NightSite) -> None:
    """Whose surgery rule S1 emptied in early help: the same number, though the pack reads another memory."""
    state = two_nights.site.var / "state"
    treatments = json.loads((state / "treatments" / "early_help.json").read_bytes())
    emptied = [
        int(digest[:16], 16)
        for digest, said in treatments.items()
        if said["entity"] == "person" and said["fields"].get("gp_practice_code") == "redact"
    ]
    memory = pl.read_parquet(state / "memory" / "early_help.parquet").filter(pl.col("entity") == "person")
    flagged = memory.filter(pl.col("treatment").is_in(emptied))
    pack = pack_of(two_nights, "--key", "council")
    (said,) = (flow for flow in pack["flows"] if flow["flow"] == "early_help")
    assert said["people"]["flag"]["under"] == flagged.height > 20
    assert said["people"]["flag"]["not_under"] == memory.height - flagged.height > 20
    assert said["people"]["flag"]["not_known"] == said["people"]["at_most"] - memory.height


def test_where_a_source_was_never_read_its_people_s_flag_is_not_known(site: NightSite) -> None:
    """Without the memory of one source none of its people counts as free of the flag."""
    before = pack_of(site, "--key", "memory")["people"]["flag"]
    (site.site.var / "state" / "safety" / "hub.parquet").unlink()
    pack = pack_of(site, "--key", "memory")
    after = pack["people"]["flag"]
    assert after["under"] < before["under"]
    assert after["not_under"] < before["not_under"]
    assert sum(after.values()) == sum(before.values())
    assert any("hub" in line and "never read" in line for line in pack["not_known"])


def test_somebody_whose_secret_is_gone_still_counts_and_of_several_batches_the_bounds_are_told(
    site: NightSite,
) -> None:
    """Ten secrets destroyed: one batch counts as many people as before; of two nobody can join the leaves."""
    secrets = PersonSecrets(site.site.var / "state" / "people.sqlite")
    one, all_of_them = pack_of(site, "--batch", "early_help/1"), pack_of(site, "--key", "council")
    for person in secrets.everybody()["person"].sort().to_list()[:10]:
        assert secrets.destroy(person)
    again, bounds = pack_of(site, "--batch", "early_help/1"), pack_of(site, "--key", "council")["people"]
    assert (again["people"]["at_least"], again["people"]["at_most"]) == (one["people"]["at_least"],) * 2
    assert again["people"]["without_secret"] > 0
    assert again["people"]["flag"]["not_known"] >= again["people"]["without_secret"]
    truth = all_of_them["people"]["at_most"]
    assert bounds["at_least"] <= truth <= bounds["at_most"]
    assert bounds["at_least"] < bounds["at_most"]
    assert not bounds["exact"]


def test_a_file_is_found_by_path_name_and_digest_and_tells_of_its_people(
    two_nights: NightSite, files: dict[str, pl.DataFrame]
) -> None:
    """Commissioning's second file of referrals: three ways to name it, one pack; people within the bounds."""
    folder = batch(two_nights, "commissioning", 2)
    name = f"commissioning/{folder}/referral-0001.parquet.age"
    path = two_nights.site.landing / name
    packs = [
        pack_of(two_nights, "--file", word)
        for word in (str(path), name, hashlib.sha256(path.read_bytes()).hexdigest())
    ]
    changing = ("made_at", "clock")
    told = [{key: value for key, value in pack.items() if key not in changing} for pack in packs]
    assert told[0] == told[1] == told[2]
    (table,) = (table for where, table in files.items() if where == name)
    assert told[0]["rows"]["entities"]["referral"]["sent"] == table.height
    truth = table["person_id"].drop_nulls().n_unique()
    people = told[0]["people"]
    assert 0 < people["at_least"] <= truth <= people["at_most"] <= table.height
    assert told[0]["batches"][0]["whole"] is False
    fields = {(one["entity"], one["field"]) for one in told[0]["flows"][0]["fields"]}
    assert fields
    assert {entity for entity, _ in fields} == {"referral"}


def test_of_a_file_whose_rows_were_sent_anew_there_are_bounds_that_hold_and_words_why(
    settled: NightSite, tmp_path: Path
) -> None:
    """Everything of the first night is sent once more, so that no row of it stands as it came: of no file are
    the people 0 to everybody; of a file of persons the number is exact; each range says why it is one.
    """
    night = NightSite(shutil.copytree(settled.folder, tmp_path / "site"))
    night.night(full=True)
    ranges = 0
    for name, table in opened(night).items():
        if batch(night, "early_help", 1) not in name or "person_id" not in table.columns:
            continue
        people = pack_of(night, "--file", name)["people"]
        truth = table["person_id"].drop_nulls().n_unique()
        assert people["at_least"] <= truth <= people["at_most"] <= table.height, name
        assert people["exact"] == (people["why_a_range"] is None), name
        assert people["exact"] or "0 still stand" in people["why_a_range"]
        assert people["exact"] or re.search(r"[1-9][\d,]* people of the batch have", people["why_a_range"])
        assert people["exact"] or "/person-" not in name
        ranges += not people["exact"]
    assert ranges > 3


def test_a_file_whose_rows_all_still_stand_tells_of_its_people_exactly(
    settled: NightSite,
) -> None:
    """The needs of the first night, which alone do not tell whom the batch is about: the memory does."""
    name = f"early_help/{batch(settled, 'early_help', 1)}/need-0001.parquet.age"
    pack = pack_of(settled, "--file", name)
    table = opened(settled)[name]
    assert pack["people"]["exact"]
    assert pack["people"]["at_most"] == table["person_id"].n_unique() < table.height


def test_a_provider_s_people_are_told_apart(two_nights: NightSite, tmp_path: Path) -> None:
    """Everybody of domestic abuse support is under the flag; what still stands is what the warehouse has."""
    pack = pack_of(two_nights, "--provider", "domestic_abuse_support")
    people = pack["people"]
    assert [flow["flow"] for flow in pack["flows"]] == ["early_help"]
    assert {one["flow"] for one in pack["batches"]} == {"early_help"}
    source = "source_system = 'domestic_abuse_support'"
    ((standing,),) = two_nights.query(f"select count(*) from early_help.person where {source}")
    assert people["by_source"]["domestic_abuse_support"] == people["at_least"] == standing > 0
    assert people["flag"]["under"] == standing
    assert pack["rows"]["at_most"]
    for entity, counts in pack["rows"]["entities"].items():
        ((rows,),) = two_nights.query(f"select count(*) from early_help.{entity} where {source}")
        assert counts["still_there"] == rows, entity
    assert "Rows at the recipient are the provider's own." in pack["rows"]["note"]
    code, said = audit(
        two_nights, "incident", "--provider", "domestic_abuse_support", "--out", str(tmp_path / "pack")
    )
    assert code == 0
    assert "its own, there as sent" in said
    assert said.index("its own, there as sent") < said.index("all providers', sent")


def test_a_flow_stays_where_nobody_can_say_whose_records_it_carried(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """The assessments kept with the log are gone: every flow may have carried the provider's people."""
    copy = NightSite(tmp_path / "site")
    shutil.copytree(two_nights.folder, copy.folder)
    shutil.rmtree(copy.site.var / "log" / "assessments")
    pack = pack_of(copy, "--provider", "domestic_abuse_support")
    assert {one["flow"] for one in pack["batches"]} == set(FLOWS)


def test_a_key_reaches_what_it_opens(two_nights: NightSite) -> None:
    """The council's key every batch; a pseudonym key its flow; a signing key nothing, and that is said."""
    council = pack_of(two_nights, "--key", "council")
    public = (two_nights.site.keys.public / "council.pub").read_text(encoding="ascii").splitlines()[1]
    assert pack_of(two_nights, "--key", public)["batches"] == council["batches"]
    assert {one["flow"] for one in council["batches"]} == set(FLOWS)
    one_flow = pack_of(two_nights, "--key", "pseudonym-commissioning")
    assert {one["flow"] for one in one_flow["batches"]} == {"commissioning"}
    signing = pack_of(two_nights, "--key", "signing")
    assert (signing["batches"], signing["people"]["at_most"]) == ([], 0)
    assert "opens nothing" in signing["key"]["opens"]


def test_the_clock_runs_for_72_hours_from_when_somebody_became_aware(two_nights: NightSite) -> None:
    """From the instant given, in London's time where it says none; overdue after it; never in the future."""
    pack = pack_of(two_nights, "--batch", "early_help/1", "--aware-at", "2026-06-01T09:30")
    assert pack["clock"]["aware_at"] == "2026-06-01T08:30:00Z"
    assert pack["clock"]["report_by"] == "2026-06-04T08:30:00Z"
    assert (pack["clock"]["overdue"], pack["clock"]["hours_left"]) == (True, 0.0)
    fresh = pack_of(two_nights, "--batch", "early_help/1")["clock"]
    assert not fresh["overdue"]
    assert 71.9 <= fresh["hours_left"] <= 72.0
    later = (clock.now() + timedelta(hours=2)).isoformat()
    assert audit(two_nights, "incident", "--batch", "early_help/1", "--aware-at", later)[0] == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--file", "0" * 64), 60),
        (("--file", "Marigold-Canary.csv"), 60),
        (("--batch", "early_help/9"), 60),
        (("--batch", "Marigold Canary"), 2),
        (("--batch", "early_help1"), 2),
        (("--run", "20010101T000000Z-000000"), 60),
        (("--key", "pseudonym-nobody"), 40),
    ],
)
def test_what_the_log_does_not_know_is_an_error_of_four_lines(
    two_nights: NightSite, words: tuple[str, str], code: int
) -> None:
    """A file, batch, run or key that is none of ours: nothing is written, what was typed is not repeated."""
    ended, said = audit(two_nights, "incident", *words)
    assert (ended, len(said.splitlines())) == (code, 4), said
    assert "Marigold" not in said
    assert not (two_nights.site.var / "incidents").exists() or not list(
        (two_nights.site.var / "incidents").glob("*Marigold*")
    )


def test_a_changed_leaf_of_a_person_stops_the_pack(site: NightSite) -> None:
    """One digit of one person's leaf: the counts would be worth nothing, so there are none."""
    path = site.site.var / "log" / "people" / "early_help" / "00000001.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"rows":12', b'"rows":11', 1))
    assert path.read_bytes() != content
    assert audit(site, "incident", "--batch", "early_help/1")[0] == 60


def test_the_pack_names_nobody_on_the_page_or_as_data(
    site: NightSite, sample: Sample, tmp_path: Path
) -> None:
    """No word of the sample's people, and not one released key, in page or JSON; the log is as it was."""
    log = (site.site.var / "log" / "leaves.jsonl").read_bytes()
    out = tmp_path / "out"
    code, _ = audit(site, "incident", "--key", "council", "--out", str(out))
    assert code == 0
    assert (site.site.var / "log" / "leaves.jsonl").read_bytes() == log
    page, data = sorted(out.iterdir())
    words = SecretWords.of(sample)
    for path in (page, data):
        text = path.read_text(encoding="utf-8")
        assert words.within(text.encode()) == set(), path.name
    assert {path.suffix for path in (page, data)} == {".html", ".json"}
