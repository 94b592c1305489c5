"""What the account sees: fewer permissions are told from closures, and vanished records wait for a person."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from demo.book import Table
from demo.sample import Sample
from sync.summary import Summary
from tests.nights import NightSite
from tests.released import counts, warehouse_rows
from tests.reliability.places import takes_turns

HUB, OUTREACH = "hub", "Doorstep Outreach"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def without(sample: Sample, source: str, hidden: Callable[[dict[str, str]], bool]) -> Sample:
    """Return the sample without the referrals of which this holds, and what hangs on them."""
    tables = sample.sources[source]
    gone = {row["Diary Reference Number"] for row in tables["referrals"] if hidden(row)}
    kept: dict[str, Table] = {
        export: [dict(row) for row in rows if row.get("Diary Reference Number") not in gone]
        for export, rows in tables.items()
    }
    return replace(sample, sources={**sample.sources, source: kept})


def with_outreach(sample: Sample) -> Sample:
    """Return the sample with every fourth referral of the hub in a second project of its own."""
    tables = {export: [dict(row) for row in rows] for export, rows in sample.sources[HUB].items()}
    services = tables["services"]
    usual = next(row for row in services if row["Project"] == tables["referrals"][0]["Project"])
    services.append({**usual, "Service ID": "HS999", "Project": OUTREACH})
    for row in tables["referrals"][::4]:
        row["Project"] = OUTREACH
    return replace(sample, sources={**sample.sources, HUB: tables})


def outreach(row: dict[str, str]) -> bool:
    """Return whether the referral is of the second project."""
    return row["Project"] == OUTREACH


def mixed(row: dict[str, str]) -> bool:
    """Return whether the referral is one of a quarter of the hub's, of either project."""
    return int(row["Diary Reference Number"][-3:]) % 4 == 1


@pytest.fixture(scope="module")
def two_projects(tmp_path_factory: pytest.TempPathFactory, sample: Sample) -> tuple[NightSite, Sample]:
    """Return a settled site whose hub has two projects, and its exports."""
    wide = with_outreach(sample)
    night = unbraked(NightSite.of(tmp_path_factory.mktemp("projects") / "site", wide))
    assert night.first_night().exit_code == 1
    return night, wide


@pytest.fixture
def settled_wide(two_projects: tuple[NightSite, Sample], tmp_path: Path) -> tuple[NightSite, Sample]:
    """Return a copy of that site, free to be changed, and its exports."""
    shutil.copytree(two_projects[0].folder, tmp_path / "wide")
    return NightSite(tmp_path / "wide"), two_projects[1]


def unbraked(night: NightSite) -> NightSite:
    """Return the site with brakes that no drop of this sample reaches: only the view can hold."""
    path = night.folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    assert "at_least: 50" in text
    path.write_text(text.replace("at_least: 50", "at_least: 5000"), encoding="utf-8")
    return night


def told(summary: Summary, source: str = HUB) -> dict[str, object]:
    """Return what the summary says of a source."""
    return next(one for one in summary.to_json()["sources"] if one["source"] == source)


@takes_turns(0, of=2)
def test_a_project_taken_from_the_account_withdraws_nothing_until_a_person_says(
    settled_wide: tuple[NightSite, Sample],
) -> None:
    """Exit 23 each night, what was sent stays, the rest of the run goes on; --accept-drop withdraws."""
    night, wide = settled_wide
    before = warehouse_rows(night)
    gone = sum(map(outreach, wide.sources[HUB]["referrals"]))
    hidden = without(wide, HUB, outreach)
    for row in hidden.sources[HUB]["referrals"][:20]:
        row["Priority"] = "Routine" if row["Priority"] == "Urgent" else "Urgent"
    night.drop(hidden)
    for _ in range(2):
        summary = night.night()
        assert summary.exit_code == 23
        assert [error.code for error in summary.errors] == ["E811"]
        assert told(summary)["outcome"] == "vanished_held"
        assert OUTREACH not in str(summary.to_json())
    rows = warehouse_rows(night)
    assert {name: len(there) for name, there in rows.items()} == {
        name: len(there) for name, there in before.items()
    }
    assert rows != before, "the change of that night went through"
    accepted = night.night(accept_drop=True)
    assert accepted.exit_code == 1
    assert 0 < counts(accepted, "commissioning")["referral"]["withdrawn"] <= gone
    assert night.night().exit_code == 1


def test_a_project_given_back_ends_the_wait(settled_wide: tuple[NightSite, Sample]) -> None:
    """What vanished is there again: unchanged, and nothing is sent."""
    night, wide = settled_wide
    night.drop(without(wide, HUB, outreach))
    assert night.night().exit_code == 23
    night.drop(wide)
    summary = night.night()
    assert summary.exit_code == 1
    assert counts(summary, "commissioning") == {}
    assert counts(summary, "early_help") == {}


def test_closures_across_projects_are_withdrawn_that_night(settled_wide: tuple[NightSite, Sample]) -> None:
    """The control: as many are gone, but both projects are still there, so it is no narrower view."""
    night, wide = settled_wide
    assert sum(map(mixed, wide.sources[HUB]["referrals"])) > 20
    night.drop(without(wide, HUB, mixed))
    summary = night.night()
    assert summary.exit_code == 1
    assert told(summary)["vanished_held"] == 0
    assert counts(summary, "commissioning")["referral"]["withdrawn"] > 0


def test_a_window_or_one_flow_alone_does_not_make_a_narrower_view_the_usual_one(
    settled_wide: tuple[NightSite, Sample],
) -> None:
    """A night that can not conclude that anything vanished does not get used to seeing less."""
    night, wide = settled_wide
    night.drop(without(wide, HUB, outreach))
    assert night.night(since=wide.extracted_at.date()).exit_code in {0, 1}
    night.night(flows=("early_help",))
    summary = night.night()
    assert summary.exit_code == 23
    assert [error.code for error in summary.errors] == ["E811"]


def test_a_drop_beyond_the_brake_says_what_the_account_no_longer_sees(
    again: Callable[[], NightSite], sample: Sample
) -> None:
    """The source is refused as by the brake, but the four lines speak of the view, not of a drop."""
    night = again()
    before = warehouse_rows(night)
    tables = sample.sources[HUB]
    night.drop(replace(sample, sources={**sample.sources, HUB: {**tables, "contacts": []}}))
    summary = night.night()
    assert [error.code for error in summary.errors] == ["E811"]
    assert told(summary)["outcome"] == "refused"
    assert warehouse_rows(night) == before


def test_risks_that_the_account_may_no_longer_see_unset_no_flag(
    again: Callable[[], NightSite], sample: Sample
) -> None:
    """The hub's risks come as a header alone: people flagged by them stay flagged, and no address leaves."""
    night = again()
    before = warehouse_rows(night)
    tables = sample.sources[HUB]
    abuse = [row for row in tables["risks"] if row["Risk"] == "Domestic abuse"]
    assert abuse, "the sample holds people flagged by a risk"
    night.drop(replace(sample, sources={**sample.sources, HUB: {**tables, "risks": []}}))
    summary = night.night()
    after = warehouse_rows(night)
    assert not after["early_help.address"] - before["early_help.address"]
    assert not after["early_help.person"] - before["early_help.person"]
    assert told(summary)["view"]["exports/the source"]["gone"] == 1
    assert summary.exit_code in {1, 23}
