"""The brakes: a first run, a sudden drop and a sudden growth wait for a person."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from commands.pages import build_pages
from demo.sample import Sample
from sync.plan import FATES
from tests.nights import NightSite
from tests.released import FLOWS, Council, counts, landed, state, warehouse_rows


def plain(page: Path) -> str:
    """Return a page's words without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")).split())


@pytest.fixture(scope="module")
def braked(tmp_path_factory: pytest.TempPathFactory, sample: Sample) -> tuple[NightSite, int]:
    """Return a site whose first run was not released, and its exit code."""
    night = NightSite.of(tmp_path_factory.mktemp("braked") / "site", sample)
    return night, night.night().exit_code


def test_a_first_run_that_nobody_released_sends_nothing_anywhere(braked: tuple[NightSite, int]) -> None:
    """Exit 23: nothing landed, no warehouse, no memory, no chain; the log names no batch."""
    night, code = braked
    assert code == 23
    site = night.site
    assert not Path(str(site.landing)).exists() or not landed(night)
    assert not site.warehouse.exists()
    for folder in ("memory", "chain", "outbox"):
        kept = [path for path in (site.var / "state" / folder).rglob("*") if path.is_file()]
        assert kept == [], folder
    leaves = [json.loads(line) for line in (site.var / "log" / "leaves.jsonl").read_text().splitlines()]
    assert {leaf["kind"] for leaf in leaves} <= {"run", "stopped"}


def test_what_a_brake_keeps_back_counts_as_held_and_never_as_sent(braked: tuple[NightSite, int]) -> None:
    """Per flow, and per source by best fate: nothing is released, what was to leave is held, why is said.

    A dry run says the same; and the pages show no record as sent, in the colour and the words of a stop.
    """
    night, _ = braked
    for dry in (True, False):
        summary = night.night(dry_run=dry).to_json()
        for told in (*summary["flows"], *summary["sources"]):
            counts = told["entities"].values()
            assert sum(one["released"] for one in counts) == 0
            assert sum(one["held"] for one in counts) > 100
            assert all(one["records"] == sum(one[fate] for fate in FATES) for one in counts)
        for flow in summary["flows"]:
            waits = [
                one["reasons"].get(f"stopped:{flow['error'][0][:4]}", 0) for one in flow["entities"].values()
            ]
            assert 0 < sum(waits) <= sum(one["held"] for one in flow["entities"].values())
    build_pages(night.site)
    pages = night.site.var / "reports"
    page = (pages / "governance" / f"{summary['run_id']}.html").read_text(encoding="utf-8")
    assert page.count('<div class="verdict bad"><p class="word">Stopped: nothing of this flow was sent.') == 2
    assert "nothing to send" not in page
    for name in ("index.html", "operator/index.html"):
        assert "0 records were sent" in plain(pages / name) or "records sent 0" in plain(pages / name), name


def test_a_first_run_waits_until_somebody_accepts_who_is_under_the_flag(
    braked: tuple[NightSite, int],
) -> None:
    """Growth alone is released: exit 23 by E816, the share and its grounds are told, and nothing leaves."""
    night, _ = braked
    summary = night.night(accept_growth=True)
    assert summary.exit_code == 23
    assert {flow.error.code for flow in summary.flows if flow.error} == {"E816"}
    assert not Path(str(night.site.landing)).exists() or not landed(night)
    assert not (night.site.var / "state" / "going_live.json").exists()
    for told in summary.to_json()["sources"]:
        share = told["flagged"]
        assert 0 < share["flagged"] == sum(share["grounds"].values()) <= share["people"], told["source"]
    shares = {told["source"]: told["flagged"] for told in summary.to_json()["sources"]}
    everybody = shares["domestic_abuse_support"]
    assert everybody["grounds"]["proof"] == everybody["people"], "to be known there is the danger"


def test_once_released_the_first_run_sends_and_says_who_released_it(braked: tuple[NightSite, int]) -> None:
    """The same site, both brakes released: both flows arrive, and the log keeps what was accepted."""
    night, _ = braked
    summary = night.first_night()
    assert all(state(summary, flow) == "remembered" for flow in FLOWS)
    leaves = (night.site.var / "log" / "leaves.jsonl").read_text().splitlines()
    runs = [leaf for leaf in map(json.loads, leaves) if leaf["kind"] == "run"]
    assert runs[-1]["accepted"] == ["accept_growth", "accept_flagged"]


def doubted(row: dict[str, str]) -> bool:
    """Return whether the row's cells have shifted: it is not believed, and flags its person."""
    return row["Contact Type"] == ""


def with_contacts(sample: Sample, source: str, keep: int, times: int = 1) -> Sample:
    """Return the sample with that source's contacts cut off, or repeated under new references."""
    tables = sample.sources[source]
    rows = [row for at, row in enumerate(tables["contacts"]) if at < keep or doubted(row)]
    copies = [
        {**row, "Contact ID": f"{row['Contact ID'][:2]}8{turn}{row['Contact ID'][4:]}"}
        for turn in range(1, times)
        for row in rows
        if row["Contact Type"] == "Contact"
    ]
    changed = {**tables, "contacts": [*rows, *copies]}
    return replace(sample, sources={**sample.sources, source: changed})


def test_a_sudden_drop_refuses_that_source_and_no_other(
    again: Callable[[], NightSite], sample: Sample
) -> None:
    """Nine of ten contacts gone: exit 23, everything of the source stays; released, they are withdrawn."""
    night = again()
    before = warehouse_rows(night)
    after_ten = sample.table("community_support", "contacts")[10:]
    gone = [row["Contact ID"] for row in after_ten if not doubted(row)]
    council = Council(night)
    lost = sum(
        council.row("commissioning", "contact", "community_support", name) is not None for name in gone
    )
    assert lost > 30
    night.drop(with_contacts(sample, "community_support", 10))
    summary = night.night()
    assert summary.exit_code == 23
    outcomes = {one["source"]: one["outcome"] for one in summary.to_json()["sources"]}
    assert outcomes == {"hub": "done", "community_support": "refused", "domestic_abuse_support": "done"}
    assert warehouse_rows(night) == before
    released = night.night(accept_drop=True)
    assert released.exit_code == 1
    assert counts(released, "commissioning") == {"contact": {"withdrawn": lost}}
    assert released.to_json()["accepted"] == ["accept_drop"]


def test_a_sudden_growth_refuses_that_source_and_no_other(night: NightSite, sample: Sample) -> None:
    """Three times the contacts: exit 23, nothing of it is sent."""
    before = warehouse_rows(night)
    night.drop(with_contacts(sample, "community_support", 10_000, times=3))
    summary = night.night()
    assert summary.exit_code == 23
    refused = [one["source"] for one in summary.to_json()["sources"] if one["outcome"] == "refused"]
    assert refused == ["community_support"]
    assert warehouse_rows(night) == before


def test_many_who_vanish_from_a_flow_wait_though_the_export_is_as_long_as_ever(
    night: NightSite, sample: Sample
) -> None:
    """Every contact renamed: the export has as many rows, yet the flow would lose them all. None goes."""
    before = warehouse_rows(night)
    tables = sample.sources["hub"]
    renamed = [{**row, "Contact ID": f"HC7{row['Contact ID'][3:]}"} for row in tables["contacts"]]
    changed = {**tables, "contacts": renamed}
    night.drop(replace(sample, sources={**sample.sources, "hub": changed}))
    summary = night.night()
    assert summary.exit_code == 23
    assert [one["outcome"] for one in summary.to_json()["sources"]] == ["done"] * 3
    assert all("vanished" in flow["held_back"] for flow in summary.to_json()["flows"])
    assert warehouse_rows(night) == before
    night.drop(sample)
    quiet = night.night()
    assert {state(quiet, flow) for flow in FLOWS} == {"nothing_sent"}
