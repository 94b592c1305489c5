"""A source that cannot be read tonight: its records stay, and so does the danger that it told of."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from demo import nights as later
from demo.nights import find
from demo.sample import Sample
from tests.clients import quiet_client, sent
from tests.nights import NightSite
from tests.released import Council, warehouse_rows


def test_a_source_that_fails_keeps_its_records_and_stops_nobody_else(
    night: NightSite, sample: Sample
) -> None:
    """The portal's log-in page instead of an export: that source is refused, the others go on."""
    before = warehouse_rows(night)
    person = quiet_client(sample)
    night.drop(later.change(sample, "hub", "people", person, {"Surname": "Zqsurmarried"}))
    spoilt = night.folder / "drop" / "community_support" / "referrals.csv"
    spoilt.write_text("<!DOCTYPE html><html><title>Sign in</title></html>\n", encoding="utf-8")
    summary = night.night()
    assert summary.exit_code == 22
    outcomes = {one["source"]: one["outcome"] for one in summary.to_json()["sources"]}
    assert outcomes == {"hub": "done", "community_support": "refused", "domestic_abuse_support": "done"}
    assert sent(summary) == {"early_help": {"person": {"released": 1}}, "commissioning": {}}
    after = warehouse_rows(night)
    assert {name for name in after if after[name] != before[name]} == {"early_help.person"}


@pytest.fixture(scope="module")
def flagged_by_neighbour(
    settled: NightSite, sample: Sample, tmp_path_factory: pytest.TempPathFactory
) -> tuple[NightSite, Sample, str]:
    """Return a site on which somebody of lot 8 has come to live at a hub client's address."""
    folder = tmp_path_factory.mktemp("neighbour") / "site"
    shutil.copytree(settled.folder, folder)
    night, person = NightSite(folder), quiet_client(sample)
    home = find(sample, "hub", "people", person)
    known = sample.table("domestic_abuse_support", "people")[0]["Org Person ID"]
    where = {name: home[name] for name in ("Address Line 1", "Postcode")} | {"UPRN": ""}
    moved = later.change(sample, "domestic_abuse_support", "people", known, where)
    night.drop(moved)
    night.night()
    return night, moved, person


def place_of(night: NightSite, person: str) -> set[Any]:
    """Return what commissioning knows of where a hub person lives."""
    row = Council(night).row("commissioning", "address", "hub", person)
    assert row is not None
    return {row[name] for name in ("lsoa21", "ward", "neighbourhood")}


def test_an_address_is_shared_until_somebody_endangered_lives_there(
    night: NightSite, flagged_by_neighbour: tuple[NightSite, Sample, str]
) -> None:
    """An ordinary client's ward leaves; with a lot 8 person at the address only the row does."""
    changed, _, person = flagged_by_neighbour
    assert None not in place_of(night, person)
    assert place_of(changed, person) == {None}
    row = Council(changed).row("early_help", "address", "hub", person)
    assert row is not None
    assert {row[name] for name in ("line1", "postcode", "ward")} == {None}


def test_the_flag_that_a_missing_source_spread_still_holds(
    flagged_by_neighbour: tuple[NightSite, Sample, str], tmp_path: Path
) -> None:
    """Lot 8 cannot be read tonight: what it told of its people is remembered, and the address stays blank."""
    site, _, person = flagged_by_neighbour
    shutil.copytree(site.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    shutil.rmtree(night.folder / "drop" / "domestic_abuse_support")
    summary = night.night()
    assert summary.exit_code in {20, 22}
    assert place_of(night, person) == {None}
    assert sent(summary) == {"early_help": {}, "commissioning": {}}


def test_without_any_memory_of_a_missing_source_everybody_is_flagged(
    flagged_by_neighbour: tuple[NightSite, Sample, str], tmp_path: Path
) -> None:
    """What lot 8 never told cannot be excluded: not one address, and not one ward, of anybody is left."""
    site, _, _ = flagged_by_neighbour
    shutil.copytree(site.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    shutil.rmtree(night.folder / "drop" / "domestic_abuse_support")
    (night.site.var / "state" / "safety" / "domestic_abuse_support.parquet").unlink()
    night.night()
    council = Council(night)
    assert council.count("commissioning", "address", "ward is not null or lsoa21 is not null") == 0
    assert council.count("early_help", "address", "line1 is not null or postcode is not null") == 0
    assert council.count("commissioning", "address") > 50
