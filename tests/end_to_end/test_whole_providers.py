"""What shows only of a provider as a whole: months and rows that are not there, found and closed again."""

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from demo.sample import Sample
from quality import CountStore, FindingStore, State
from tests.nights import NightSite
from tests.small_sample import whole_sample

BEYOND = {"SUB-03", "SUB-04", "SUB-05", "CHR-01", "CHR-03", "PER-09", "ONR-03"}
SUBMISSION = {"SUB-03", "SUB-04", "SUB-05"}
DATED = {"referrals": "Referral Date", "contacts": "Contact Date", "outcomes": "Completed Date"}
JULY, NOVEMBER = "/07/2022", "/11/2022"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site; what is said of all three begins with theirs."""
    return hub_settled


def found(night: NightSite) -> set[tuple[str, str, str, str]]:
    """Return the living findings of the submission: source, check, what is named, field."""
    rows = FindingStore.of(night.site).open()
    return {(f.source, f.check, f.record, f.field) for f in rows if f.check in SUBMISSION}


def test_every_check_beyond_one_record_counts_what_it_was_asked_of(all_settled: NightSite) -> None:
    """Months, quarters and exports are counted as records are, and the week's line adds all of them up."""
    counted, sources = CountStore.of(all_settled.site), all_settled.site.sources
    answers = counted.answers(sources)
    asked = answers.group_by("check").agg(pl.col("passed", "failed", "not_applicable").sum())
    told = {check: sum(numbers) for check, *numbers in asked.iter_rows()}
    assert {check for check in BEYOND if not told.get(check)} == set()
    (hub,) = counted.weeks(["hub"]).rows(named=True)
    assert hub["passed"] == answers.filter(source="hub")["passed"].sum()
    assert 0 < hub["valid"] <= hub["answered"] < hub["applies"]


def test_rows_lost_between_the_crm_and_us_are_told_and_closed_when_they_come(
    settled: NightSite, tmp_path: Path
) -> None:
    """The source counts more rows than its file holds: the pull is refused, and the provider reads why."""
    shutil.copytree(settled.folder, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    total = night.folder / "drop" / "hub" / "referrals.csv.rows"
    total.write_text("4000\n", encoding="utf-8")
    assert night.night().exit_code == 22
    assert found(night) == {("hub", "SUB-04", "referrals", "rows")}
    night.night()
    assert found(night) == {("hub", "SUB-04", "referrals", "rows")}
    total.unlink()
    night.night()
    assert found(night) == set()
    frame = FindingStore.of(night.site).frame(states=frozenset(State), source="hub")
    assert frame.filter(check="SUB-04")["state"].to_list() == ["closed"]


def with_a_hole(sample: Sample) -> Sample:
    """Return the sample without Community Support's July, and without half of the hub's November."""
    without = {
        name: [row for row in rows if JULY not in row.get(DATED.get(name, ""), "")]
        for name, rows in sample.sources["community_support"].items()
    }
    hub = sample.sources["hub"]
    late = [row for row in hub["referrals"] if NOVEMBER in row["Referral Date"]]
    gone = {row["Diary Reference Number"] for row in late[::2]}
    halved = {
        name: [row for row in rows if row.get("Diary Reference Number") not in gone]
        for name, rows in hub.items()
    }
    return replace(sample, sources=sample.sources | {"community_support": without, "hub": halved})


@pytest.mark.soak
def test_a_month_that_is_not_covered_and_half_a_month_of_referrals_are_told(tmp_path: Path) -> None:
    """A date filter, and a project filter; with the whole exports both are mended."""
    whole = whole_sample()
    night = NightSite.of(tmp_path / "site", with_a_hole(whole))
    night.first_night()
    assert found(night) == {
        ("community_support", "SUB-03", "2022-07", "period"),
        ("hub", "SUB-05", "referrals 2022-11", "referrals"),
    }
    night.drop(whole)
    night.night(accept_growth=True)
    assert found(night) == set()
