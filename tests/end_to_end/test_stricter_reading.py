"""What cannot be taken keeps its stricter meaning, and old data are not believed."""

import os
from dataclasses import replace

import pytest

from demo.sample import EXTRACTED_AT, Sample
from tests.nights import NightSite
from tests.reliability.places import in_turn
from tests.small_sample import small_sample


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Return a small sample."""
    return small_sample()


def with_rows(sample: Sample, export: str, row: dict[str, str]) -> Sample:
    columns = dict.fromkeys(sample.table("hub", export)[0], "")
    tables = {**sample.sources["hub"], export: [*sample.table("hub", export), columns | row]}
    return replace(sample, sources={**sample.sources, "hub": tables})


def released_people(site: NightSite) -> int:
    return site.query("select count(*) from early_help.person where source_system = 'hub'")[0][0]


def shown_addresses(site: NightSite) -> int:
    return site.query("select count(line1) from early_help.address where source_system = 'hub'")[0][0]


def someone(site: NightSite, sample: Sample) -> str:
    """Return a person of the hub who lives with nobody, has agreed to share, and whose address is shown."""
    given = {
        row["Org Person ID"]
        for row in sample.table("hub", "consents")
        if (row["Purpose"], row["Status"]) == ("Share with council", "Given")
    }
    lines = [row["Address Line 1"] for row in sample.table("hub", "people")]
    shown = {line for (line,) in site.query("select line1 from early_help.address where line1 is not null")}
    return next(
        row["Org Person ID"]
        for row in sample.table("hub", "people")
        if row["Org Person ID"] in given
        and row["Address Line 1"] in shown
        and lines.count(row["Address Line 1"]) == 1
    )


@pytest.mark.parametrize("reference", in_turn("", "HG99999"))
def test_a_refusal_in_a_row_that_cannot_be_taken_still_withholds(
    night: NightSite, sample: Sample, reference: str
) -> None:
    """The consent row has no usable reference of its own, but the person it names is plain."""
    before = released_people(night)
    row = {"Consent ID": reference, "Org Person ID": someone(night, sample), "Purpose": "Share with council"}
    night.drop(with_rows(sample, "consents", row | {"Status": "Refused", "Recorded": "30/11/2022 09:00"}))
    assert night.night().exit_code == 1
    assert released_people(night) == before - 1


def test_a_risk_in_a_row_that_cannot_be_taken_still_hides_the_address(
    night: NightSite, sample: Sample
) -> None:
    """A domestic abuse risk without a reference is a finding, and the flag is set all the same."""
    before = shown_addresses(night)
    row = {"Risk ID": "", "Org Person ID": someone(night, sample), "Risk": "Domestic abuse", "Level": "High"}
    night.drop(with_rows(sample, "risks", row | {"Start Date": "01/11/2022"}))
    assert night.night().exit_code == 1
    assert shown_addresses(night) < before


@pytest.mark.parametrize("years", in_turn("-2", "100"))
def test_data_older_than_last_time_or_from_the_future_are_refused(night: NightSite, years: str) -> None:
    """An old export set laid down by mistake does not undo what people have said since."""
    before = night.canonical_rows()
    instant = EXTRACTED_AT.replace(year=EXTRACTED_AT.year + int(years)).timestamp()
    for path in (night.folder / "drop" / "hub").glob("*.csv"):
        os.utime(path, (instant, instant))
    summary = night.night()
    assert summary.exit_code == 22
    assert [error.code for error in summary.errors] == ["E810"]
    assert night.canonical_rows() == before
