"""Who is known to the hub and to Community Support is one person at the council, and nobody else is told."""

import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from demo.sample import Sample
from sync.linking.table import links_path, read_links
from tests.end_to_end.conftest import PortalNights
from tests.nights import NightSite
from tests.small_sample import small_sample

SOURCES = ("hub", "community_support")
PERSON = "Org Person ID"
PAIRS = """select h.person_id::varchar, c.person_id::varchar, h.linked_person_id = c.linked_person_id
from commissioning.referral r join commissioning.referral p on r.parent_referral_id = p.referral_id
join commissioning.person c on c.person_id = r.person_id
join commissioning.person h on h.person_id = p.person_id
where r.source_system = 'community_support' and p.source_system = 'hub'
and h.linked_person_id is not null and c.linked_person_id is not null"""


@dataclass(frozen=True)
class Identity:
    """Whom the sample invented, by what no flaw and no second provider has changed."""

    forename: str
    surname: str
    telephone: str


def identities(sample: Sample, source: str) -> set[Identity]:
    rows = sample.table(source, "people")
    return {identity(row) for row in rows if row["Forename"]}


def identity(row: dict[str, str]) -> Identity:
    return Identity(row["Forename"], row["Surname"], row["Telephone"])


@pytest.fixture(scope="module")
def linked(portal_nights: PortalNights) -> list[tuple[str, str]]:
    """Return source and link of everybody at the council of whom it knows one."""
    rows = portal_nights.night.query(
        "select source_system, linked_person_id::varchar from commissioning.person"
        " where linked_person_id is not null"
    )
    return [(str(source), str(link)) for source, link in rows]


def test_who_was_sent_on_through_the_portal_is_one_person(portal_nights: PortalNights) -> None:
    """Nine in ten of the hub's people at Community Support have one link; of the rest a detail is gone."""
    pairs = portal_nights.night.query(PAIRS)
    assert len(pairs) > 300
    assert sum(same for _, _, same in pairs) > 0.9 * len(pairs)


def test_nobody_is_linked_to_somebody_else(
    portal_nights: PortalNights, linked: list[tuple[str, str]]
) -> None:
    """There are not more links of two providers than people known to both; a link holds two records of one
    provider only where somebody has two there, which the provider is asked about (PER-09).
    """
    of_two = {link for source, link in linked if source == SOURCES[0]}
    of_two &= {link for source, link in linked if source == SOURCES[1]}
    both = set.intersection(*(identities(portal_nights.sample, source) for source in SOURCES))
    assert 350 < len(of_two) <= len(both)
    planted = [flaw for flaw in portal_nights.sample.truth if flaw.check == "PER-09"]
    twice = {who: many for who, many in Counter(linked).items() if many > 1}
    assert {(source, many) for (source, _), many in twice.items()} == {("hub", 2)}
    assert 0 < len(twice) <= len(planted)


def test_a_link_is_no_key_of_anybody_and_no_other_flow_has_it(portal_nights: PortalNights) -> None:
    """The pseudonym of a link is made under the flow's key and equals no row's; early help has none."""
    query = portal_nights.night.query
    (keys,) = query("select count(*) from commissioning.person where linked_person_id in"
                    " (select person_id from commissioning.person)")  # fmt: skip
    assert keys == (0,)
    columns = query(
        "select table_schema from information_schema.columns where column_name = 'linked_person_id'"
    )
    assert columns == [("commissioning",)]


def test_of_domestic_abuse_support_nobody_is_linked_or_remembered(portal_nights: PortalNights) -> None:
    """The table of links knows nobody of a source that the assessment does not link."""
    table = pl.read_parquet(links_path(portal_nights.night.site.var / "state"))
    assert set(table["source"]) == set(SOURCES)


def test_whoever_may_be_in_danger_is_not_linked_at_the_council(portal_nights: PortalNights) -> None:
    """Where the rest of the person is emptied, the link is too."""
    assert portal_nights.night.query(
        "select count(*) from commissioning.person where role_type is null and linked_person_id is not null"
    ) == [(0,)]


def test_the_second_night_changes_no_link(portal_nights: PortalNights) -> None:
    """Nothing is sent on a night on which nothing changed."""
    assert {flow["state"] for flow in portal_nights.second["flows"]} == {"nothing_sent"}


@pytest.fixture
def night(settled: NightSite, tmp_path: Path) -> NightSite:
    shutil.copytree(settled.folder, tmp_path / "site")
    return NightSite(tmp_path / "site")


def people(night: NightSite) -> set[tuple[object, ...]]:
    return night.canonical_rows()["commissioning.person"]


def links(night: NightSite) -> int:
    """Return how many people there are, by the table of links."""
    return read_links(night.site.var / "state")["link"].n_unique()


def test_a_dry_run_writes_no_link_and_a_night_without_a_source_changes_none(night: NightSite) -> None:
    """A run that writes nothing writes no link; what one source does not tell tonight stays as it was."""
    path = links_path(night.site.var / "state")
    before, rows = path.read_bytes(), people(night)
    assert night.night(dry_run=True, sources=("hub",)).exit_code in {0, 1}
    assert path.read_bytes() == before
    night.night(sources=("hub",))
    assert path.read_bytes() == before
    assert people(night) == rows


def test_a_number_that_is_added_links_two_and_taken_back_leaves_no_trace(night: NightSite) -> None:
    """Community Support enters the number of somebody the hub knows: one person, until it is put right."""
    before, apart = people(night), links(night)
    night.drop(with_the_number_of_the_hub(small_sample()))
    assert night.night().exit_code in {0, 1}
    assert links(night) == apart - 1
    night.drop(small_sample())
    assert night.night().exit_code in {0, 1}
    assert people(night) == before


def with_the_number_of_the_hub(sample: Sample) -> Sample:
    """Return the sample with the number and birthday of a client of the hub at Community Support too."""
    sources = {source: dict(tables) for source, tables in sample.sources.items()}
    met = set.intersection(*(identities(sample, source) for source in SOURCES))
    planted = {flaw.reference for flaw in sample.truth}
    known, other = (
        next(
            row
            for row in sources[source]["people"]
            if row["NHS Number"] and row["Report Person Type"] == "Client"
            if row[PERSON] not in planted and identity(row) not in met
        )
        for source in SOURCES
    )
    changed = other | {name: known[name] for name in ("NHS Number", "Date of Birth")}
    sources["community_support"]["people"] = [
        changed if row is other else row for row in sources["community_support"]["people"]
    ]
    return replace(sample, sources=sources)
