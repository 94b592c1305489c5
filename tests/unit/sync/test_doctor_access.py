"""The doctor says when a key (SAS) to the landing zone ends, and shows nothing of it."""

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.storage.blob import generate_container_sas

from common import clock
from config.azure import BlobLanding
from sync.arrivals import problems_of_arrivals
from sync.days import coming, in_words
from sync.doctor.asking import examine
from sync.doctor.keeping import access_lines
from sync.doctor.machine import disk_lines
from tests.unit.scheduler.nights_by_clock import site_at
from tests.unit.sharing.records import example

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCOUNT_KEY = "5ecretKeyw=="


def made(ends: datetime) -> str:
    """Return a key as Microsoft's own library makes it."""
    said = generate_container_sas(
        "viaductlanding", "batches", account_key=ACCOUNT_KEY, permission="c", expiry=ends
    )
    return str(said)


WELL = made(NOW + timedelta(days=31, hours=1))
KEYS = {
    "far": (WELL, "", "It holds until 2026-04-01, 31 days."),
    "a question mark before it": (f"?{WELL}", "", "It holds until 2026-04-01, 31 days."),
    "soon": (made(NOW + timedelta(days=30, hours=23)), "D403", "It holds until 2026-04-01, 30 days."),
    "in an hour": (made(NOW + timedelta(hours=1)), "D403", "It holds until 2026-03-01, 0 days."),
    "an hour ago": (made(NOW - timedelta(hours=1)), "D404", "On 2026-03-01."),
    "a day alone": ("sp=c&se=2026-03-09&sig=5ecretSig", "D403", "It holds until 2026-03-09, 7 days."),
    "its signer's key ends first": (
        "sp=c&se=2027-03-09T00%3A00Z&ske=2026-03-05T00%3A00%3A00Z&sig=5ecretSig",
        "D403", "It holds until 2026-03-05, 3 days.",
    ),
    "an access policy says it": ("sp=c&si=nightly&sig=5ecretSig", "", "It does not say until when it holds."),
    "no words we know": ("se=5ecretEnd&sig=5ecretSig", "", "It does not say until when it holds."),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(KEYS))
def test_a_key_to_the_landing_zone_is_told_of_from_thirty_days_before_its_end(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the day it says itself; an ended one fails. The other key is looked at by itself."""
    key, code, says = KEYS[kind]
    monkeypatch.setenv("BATCHES", key)
    monkeypatch.setenv("ANSWERS", WELL)
    said = {"connector": "azure_blob", "account": "https://viaductlanding.blob.core.windows.net"}
    landing = BlobLanding.model_validate(said | {"batches_sas": "env:BATCHES", "answers_sas": "env:ANSWERS"})
    with clock.frozen(NOW):
        first, second = access_lines(replace(site_at(tmp_path), landing=landing))
    assert (first.check, first.about, first.code) == ("secrets", "landing, batches_sas", code)
    assert first.says.endswith(says)
    assert (second.about, second.code) == ("landing, answers_sas", "")
    assert not [part for part in (key, "5ecret", "sig") if part in f"{first}{second}"]


def test_the_end_of_a_key_is_told_every_night_and_to_the_council_side_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its last whole second in London: a day of the calendar, of `status`, `check`, each run's summary and
    `health --council`, and of none of them once the key does not say when it ends.
    """
    monkeypatch.setenv("BATCHES", made(NOW + timedelta(days=6)))
    monkeypatch.setenv("ANSWERS", "sp=c&si=nightly&sig=5ecretSig")
    said = {"connector": "azure_blob", "account": "https://viaductlanding.blob.core.windows.net"}
    landing = BlobLanding.model_validate(said | {"batches_sas": "env:BATCHES", "answers_sas": "env:ANSWERS"})
    site = replace(site_at(tmp_path), landing=landing)
    with clock.frozen(NOW):
        (day,) = [one for one in coming(site, example()) if one["path"].startswith("landing/")]
        (problem,) = problems_of_arrivals(site, [], NOW)
    assert (day["path"], day["on"], day["within"]) == ("landing/batches_sas", "2026-03-07", 7)
    assert day["flows"] == ["early_help", "commissioning", "lot_8_counts", "hub_counts"]
    assert in_words(day).startswith(
        "the last day of batches_sas, which lets us into the landing zone, is 2026-03-07, in 6 days; after it"
    )
    assert (problem.code, problem.about, problem.count) == ("H105", "landing/batches_sas", 6)
    assert "5ecret" not in f"{day}{problem}"
    assert "sig" not in f"{day}{problem}"


def test_a_landing_zone_without_keys_and_a_key_that_is_lost_have_no_such_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder needs none; an identity has none; what cannot be read is told as a secret that is missing."""
    site = site_at(tmp_path)
    said = {"connector": "azure_blob", "account": "https://viaductlanding.blob.core.windows.net"}
    monkeypatch.delenv("LOST", raising=False)
    for more in ({"identity": "system"}, {"batches_sas": "env:LOST", "answers_sas": "env:LOST"}):
        assert list(access_lines(replace(site, landing=BlobLanding.model_validate(said | more)))) == []
    assert list(access_lines(site)) == []


def test_the_whole_doctor_looks_at_the_keys_of_the_landing_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has ended is among all that it says."""
    monkeypatch.setenv("BATCHES", made(NOW - timedelta(hours=1)))
    said = {"connector": "azure_blob", "account": "https://127.0.0.1:9", "batches": "batches"}
    keys = {"batches_sas": "env:BATCHES", "answers": "answers", "answers_sas": "env:BATCHES"}
    landing = BlobLanding.model_validate(said | keys)
    site = replace(site_at(tmp_path), landing=landing, sources={})
    with clock.frozen(NOW):
        found = {(line.about, line.code) for line in examine(site, [], [], 2.0)}
    assert ("landing, batches_sas", "D404") in found


def test_the_disk_must_hold_a_copy_of_the_warehouse_file(tmp_path: Path) -> None:
    """A load works on a copy: a file as large as what is free is told of, though every batch is small."""
    site = replace(site_at(tmp_path), warehouse=tmp_path / "warehouse.duckdb")
    assert [line.code for line in disk_lines(site)] == [""]
    site.warehouse.touch()
    os.truncate(site.warehouse, shutil.disk_usage(tmp_path).free)
    assert [line.code for line in disk_lines(site)] == ["D202"]
