"""However people are divided, a night finds, releases and remembers the same, dirty references included."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from demo.book import Table
from demo.sample import Sample
from quality import FindingStore
from sync import pull
from tests.killed_nights import Left, what_is_left
from tests.nights import NightSite
from tests.reliability.places import in_turn, takes_turns
from tests.small_sample import small_sample

Row = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What a night decided: everything that could differ with the division of people."""

    counts: dict[str, Any]
    findings: frozenset[tuple[Any, ...]]
    fates: dict[str, frozenset[tuple[Any, ...]]]
    left: Left


def dirty(sample: Sample) -> Sample:
    """Return the sample with references that do not hold, and rows that come twice, at the hub."""
    tables = {name: [dict(row) for row in rows] for name, rows in sample.sources["hub"].items()}
    people = [row["Org Person ID"] for row in tables["people"]]
    referrals, contacts = tables["referrals"], tables["contacts"]
    for number, row in enumerate(contacts[:12]):
        row["Org Person ID"] = ("", "HP999999", people[number + 20], "No such")[number % 4]
    for number, row in enumerate(contacts[12:18]):
        row["Diary Reference Number"] = ("HR999998", "")[number % 2]
    contacts[18] |= {"Diary Reference Number": "HR999997", "Org Person ID": "HP999998"}
    _again(tables, people)
    stray = dict(referrals[30])
    referrals.append(stray | {"Diary Reference Number": "HR990001", "Org Person ID": "HP999997"})
    referrals.append(stray | {"Diary Reference Number": "HR990002", "Org Person ID": ""})
    for number in range(4):
        contacts.append(
            contacts[40]
            | {"Contact ID": f"HC99000{number}", "Diary Reference Number": f"HR99000{number % 2 + 1}"}
        )
    for row in tables["needs"][:3]:
        row["Org Person ID"] = people[50]
    return replace(sample, sources={**sample.sources, "hub": tables})


def of_two_people(sample: Sample) -> Sample:
    """Return the sample with five references of the hub's referrals on a second person's row too."""
    tables = {name: [dict(row) for row in rows] for name, rows in sample.sources["hub"].items()}
    for number in range(5):
        second = tables["people"][40 + number]["Org Person ID"]
        tables["referrals"].append(tables["referrals"][number * 3] | {"Org Person ID": second})
    return replace(sample, sources={**sample.sources, "hub": tables})


def _again(tables: dict[str, Table], people: list[str]) -> None:
    """Repeat rows: to the letter, and under one reference with another content or another person."""
    for name in ("people", "referrals", "contacts", "consents", "needs"):
        rows = tables[name]
        rows += [dict(rows[60]), dict(rows[60]), dict(rows[61])]
    tables["people"].append(tables["people"][10] | {"Gender": "Not Known"})
    tables["consents"].append(tables["consents"][20] | {"Org Person ID": people[33]})
    for number in range(5):
        tables["contacts"].append(
            tables["contacts"][70 + number] | {"Org Person ID": people[45 + number], "Duration": "7"}
        )


def shuffled(sample: Sample) -> Sample:
    """Return the sample with the rows of every export in another order."""
    chance = Random(7)
    return replace(
        sample,
        sources={
            source: {name: chance.sample(rows, len(rows)) for name, rows in tables.items()}
            for source, tables in sample.sources.items()
        },
    )


@pytest.fixture(scope="module")
def outcome(settled: NightSite, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Outcome]:
    """Return a function that runs one night on a copy of a site, its people divided into so many."""
    samples = {"dirty": dirty(small_sample()), "of_two_people": of_two_people(small_sample())}
    samples["shuffled"] = shuffled(samples["dirty"])
    sites = tmp_path_factory.mktemp("partitions")

    @cache
    def run(sample: str, partitions: int) -> Outcome:
        folder = sites / f"{sample}-{partitions}"
        shutil.copytree(settled.folder, folder)
        night = NightSite(folder)
        night.drop(samples[sample])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pull, "partitions_for", lambda _size: partitions)
            said = night.night(accept_growth=True, accept_drop=True).to_json()
        assert said["exit_code"] == 1, said["errors"]
        return Outcome(_counts(said), _findings(folder), _fates(folder), what_is_left(folder))

    return run


def _counts(said: dict[str, Any]) -> dict[str, Any]:
    flows = {flow["flow"]: flow["entities"] for flow in said["flows"]}
    sources = {one["source"]: (one["exports"], one["entities"]) for one in said["sources"]}
    return {"flows": flows, "sources": sources, "checks": said["checks"]}


def _findings(site: Path) -> frozenset[tuple[Any, ...]]:
    """Return the open findings; their rows change with the order of rows."""
    found = FindingStore(site / "var/state/findings.sqlite").open(None)
    return frozenset((one.source, one.entity, one.record, one.check, one.field) for one in found)


def _fates(site: Path) -> dict[str, frozenset[tuple[Any, ...]]]:
    paths = sorted((site / "var/state/fates").rglob("*.parquet"))
    assert paths
    return {
        path.name: frozenset(pl.read_parquet(path).select("entity", "key", "fate", "reason").iter_rows())
        for path in paths
    }


def assert_same(one: Outcome, other: Outcome) -> None:
    """Both nights decided the same."""
    assert one.findings == other.findings
    assert one.counts == other.counts
    assert one.fates == other.fates
    assert one.left.rows == other.left.rows
    assert one.left.memory == other.left.memory
    assert one.left.sent == other.left.sent


@pytest.mark.parametrize("partitions", in_turn("2", "7"))
def test_two_and_seven_partitions_find_and_release_what_one_does(
    outcome: Callable[[str, int], Outcome], partitions: str
) -> None:
    """Findings, fates, reasons, rows and memory are those of one partition: contacts of nobody, referrals of
    strangers, one contact under two people, rows repeated, much of it sent before and much of it not.
    """
    one = outcome("dirty", 1)
    assert_same(one, outcome("dirty", int(partitions)))
    assert len({check for *_, check, _ in one.findings}) > 12
    assert one.counts["sources"]["hub"][0]["contacts"]["repeated"] == 3


@takes_turns(0, of=2, days=2)
def test_the_order_of_rows_changes_nothing(outcome: Callable[[str, int], Outcome]) -> None:
    """The same rows in any other order are found, released and remembered the same."""
    assert_same(outcome("dirty", 1), outcome("shuffled", 1))


@takes_turns(1, of=2, days=2)
@pytest.mark.parametrize("partitions", in_turn("2", "7"))
def test_a_referral_of_two_people_is_decided_alike_however_it_is_met(
    outcome: Callable[[str, int], Outcome], partitions: str
) -> None:
    """A reference that stands on the referrals of two people: nothing of it, nor of what hangs on it, depends
    on the division of people.
    """
    one = outcome("of_two_people", 1)
    assert_same(one, outcome("of_two_people", int(partitions)))
    assert any(check == "REF-02" for *_, check, _ in one.findings)


def test_memory_serves_any_division(night: NightSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one partition remembered is unchanged for three."""
    before = what_is_left(night.folder)
    monkeypatch.setattr(pull, "partitions_for", lambda _size: 3)
    summary = night.night()
    assert {flow.state for flow in summary.flows} == {"nothing_sent"}
    assert what_is_left(night.folder) == before
