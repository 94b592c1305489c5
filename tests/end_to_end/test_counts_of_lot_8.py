"""Counts in place of rows, through real nights: what leaves of domestic abuse support, when, what never."""

import json
import os
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from demo.book import Table
from demo.sample import EXTRACTED_AT, Sample
from sealing.rotation import rotate
from sharing.counter import Counter
from sync.summary import Summary
from tests.nights import NightSite
from tests.released import landed, opened
from tests.secret_words import SecretWords
from tests.small_sample import whole_sample

FLOW, TABLE = "lot_8_counts", "lot_8_counts.aggregate_count"
WHOLE = ("organisations", "services")
PERSON, CASE = "Org Person ID", "Diary Reference Number"
ONWARD = "External Referral"
QUARTERS = {"2022-23-Q1": (4, 6), "2022-23-Q2": (7, 9), "2022-23-Q3": (10, 12)}
JANUARY = datetime(2023, 1, 29, 6, 0, tzinfo=UTC)
"""The first morning on which the quarter that ends in December has been over for 28 days."""
Cells = dict[tuple[str, str], int | None]


@cache
def sample() -> Sample:
    """Return domestic abuse support whole, of the hub those it sent there, and a few of the others."""
    whole = whole_sample()
    sent = {row[CASE] for row in whole.table("hub", "contacts") if is_onward(row)}
    owners = {row[CASE]: row[PERSON] for row in whole.table("hub", "referrals")}
    kept = {
        "hub": {owners[case] for case in sent},
        "community_support": {row[PERSON] for row in whole.table("community_support", "people")[:5]},
    }
    sources = {name: _of(tables, kept.get(name)) for name, tables in whole.sources.items()}
    return replace(whole, sources=sources, truth=())


def _of(tables: dict[str, Table], people: set[str] | None) -> dict[str, Table]:
    """Return the rows that name nobody else. Given: None for everybody."""
    if people is None:
        return tables
    owners = {row[CASE]: row[PERSON] for row in tables["referrals"]}

    def ours(row: dict[str, str]) -> bool:
        named = {row.get(PERSON), row.get("Related Org Person ID"), owners.get(row.get(CASE, ""))}
        return bool(named - {None}) and named - {None} <= people

    return {
        export: rows if export in WHOLE else [row for row in rows if ours(row)]
        for export, rows in tables.items()
    }


@cache
def lot_8_services() -> frozenset[str]:
    """Return the hub's own references of the services of lot 8."""
    services = whole_sample().table("hub", "services")
    return frozenset(row["Service ID"] for row in services if row["Lot"] == "L8-DA")


def is_onward(row: dict[str, str]) -> bool:
    """Return whether the hub's contact sends somebody to lot 8."""
    return row["Contact Type"] == ONWARD and row["External Referral Service"] in lot_8_services()


def raw_onward(given: Sample) -> dict[str, int]:
    """Return by hand, from the exports, how many the hub sent to lot 8 in each quarter."""
    months = [int(row["Contact Date"][3:5]) for row in given.table("hub", "contacts") if is_onward(row)]
    return {
        label: sum(first <= month <= last for month in months) for label, (first, last) in QUARTERS.items()
    }


def without(given: Sample, quarter: str, number: int) -> Sample:
    """Return the sample without so many of the hub's onward referrals to lot 8 in a quarter."""
    first, last = QUARTERS[quarter]
    found = [
        row
        for row in given.table("hub", "contacts")
        if is_onward(row) and first <= int(row["Contact Date"][3:5]) <= last
    ]
    gone = {row["Contact ID"] for row in found[:number]}
    contacts = [row for row in given.table("hub", "contacts") if row["Contact ID"] not in gone]
    return replace(given, sources={**given.sources, "hub": {**given.sources["hub"], "contacts": contacts}})


@dataclass
class Nights:
    """A site of which the flow of counts alone is run, night by night."""

    site: NightSite

    def run(self, given: Sample, at: datetime, **wish: Any) -> Summary:
        """Return what a night did whose exports are these, made at this instant."""
        self.give(given, at)
        asked = {"flows": (FLOW,), "accept_growth": True, "accept_drop": True} | wish
        return self.site.night(**asked)

    def give(self, given: Sample, at: datetime) -> None:
        """Lay down exports that were made at this instant."""
        self.site.drop(given)
        for path in (self.site.folder / "drop").rglob("*.csv"):
            os.utime(path, (at.timestamp(), at.timestamp()))

    def cells(self) -> Cells:
        """Return what the council sees: the number of each count and quarter."""
        rows = self.site.query(f"select count_id, period, value from {TABLE}")
        return {(count, period): value for count, period, value in rows}


def told(summary: Summary) -> dict[str, Any]:
    """Return the counts of the one entity that the flow has."""
    (flow,) = summary.flows
    assert flow.flow == FLOW
    assert [summary.error, flow.error] == [None, None]
    return dict(flow.entities["aggregate_count"])


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return a site that has not run."""
    return NightSite.of(tmp_path_factory.mktemp("counts") / "site", sample(), counts=True)


@pytest.fixture(scope="module")
def published(new: NightSite, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Return a site of which two quarters are published."""
    nights = Nights(copied(new, tmp_path_factory.mktemp("published") / "site"))
    nights.run(sample(), EXTRACTED_AT)
    return nights


def copied(site: NightSite, folder: Path) -> NightSite:
    """Return the site as it is, in another place."""
    shutil.copytree(site.folder, folder)
    return NightSite(folder)


@pytest.fixture
def nights(published: Nights, tmp_path: Path) -> Nights:
    return Nights(copied(published.site, tmp_path / "site"))


def test_a_quarter_s_counts_leave_once_and_nothing_that_happens_every_night_moves_them(
    new: NightSite, tmp_path: Path
) -> None:
    """Night after night one more is sent on: the council sees the same until the next quarter is due.

    Of 12, 15 and 10 in three quarters, 37 in all, it sees 10, 15 and 10.
    """
    assert raw_onward(sample()) == {"2022-23-Q1": 12, "2022-23-Q2": 15, "2022-23-Q3": 10}
    nights = Nights(copied(new, tmp_path / "site"))
    first = nights.run(without(sample(), "2022-23-Q1", 3), EXTRACTED_AT)
    assert (told(first)["records"], told(first)["released"]) == (10, 10)
    seen, there = nights.cells(), landed(nights.site)
    assert seen["onward_to_lot_8", "2022-23-Q1"] is None, "nine are hidden"
    assert seen["onward_to_lot_8", "2022-23-Q2"] == 15
    for fewer in (2, 1, 0):
        night = nights.run(without(sample(), "2022-23-Q1", fewer), EXTRACTED_AT + timedelta(days=3 - fewer))
        assert (told(night)["unchanged"], told(night)["released"]) == (10, 0)
        assert night.flows[0].state == "nothing_sent"
        assert (nights.cells(), landed(nights.site)) == (seen, there)
    whole = nights.run(sample(), EXTRACTED_AT + timedelta(days=4), full=True)
    assert (nights.cells(), told(whole)["released"]) == (seen, 0), "nor does sending all anew"
    almost = nights.run(sample(), JANUARY - timedelta(days=1))
    assert (nights.cells(), told(almost)["records"]) == (seen, 10), "the day before it is due"
    due = nights.run(sample(), JANUARY)
    revised = nights.cells()
    assert {period: revised["onward_to_lot_8", period] for period in QUARTERS} == {
        "2022-23-Q1": 10,
        "2022-23-Q2": 15,
        "2022-23-Q3": 10,
    }
    assert (told(due)["records"], told(due)["released"], told(due)["corrected"]) == (15, 6, 1)
    assert told(due)["unchanged"] == 9, "what rounds to the same does not leave again"


def test_what_leaves_of_the_sample_is_what_the_explanation_says(published: Nights) -> None:
    """The page's table, number by number; what is not a number there is hidden."""
    page = Path("docs/explanation/aggregates_of_domestic_abuse.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")][1:]
    told = [(value if value.isdigit() else None) for row in rows for value in row[1:]]
    names = (
        "people_affected",
        "people_worried_about_own_behaviour",
        "people_helped_by_lot_8",
        "referrals_to_lot_8",
        "onward_to_lot_8",
    )
    seen = published.cells()
    quarters = list(QUARTERS)[:2]
    assert told == [
        str(value) if (value := seen[name, quarter]) else None for name in names for quarter in quarters
    ]


def test_a_source_that_was_not_read_whole_makes_all_counts_wait(new: NightSite, tmp_path: Path) -> None:
    """Without the hub nothing of the quarter leaves; when it comes the quarter is counted, once, whole."""
    nights = Nights(copied(new, tmp_path / "site"))
    alone = nights.run(sample(), EXTRACTED_AT, sources=("domestic_abuse_support",))
    assert told(alone)["released"] == 0
    assert told(alone)["held"] == 10
    assert told(alone)["reasons"] == {"counts:source_not_whole": 10}
    window = nights.run(sample(), EXTRACTED_AT, since=date(2022, 6, 1))
    assert told(window)["held"] == 10
    both = nights.run(sample(), EXTRACTED_AT + timedelta(days=1))
    assert told(both)["released"] == 10


def test_a_count_that_is_no_longer_declared_is_taken_back_and_a_new_one_waits(nights: Nights) -> None:
    """Default deny by name: the old one's rows go at once; the new one begins with the next quarter."""
    nights.site.edit_dpia("id: people_affected\n", "id: people_in_need\n")
    changed = nights.run(sample(), EXTRACTED_AT + timedelta(days=1))
    assert told(changed)["withdrawn"] == 2
    assert told(changed)["withdrawn_reasons"] == {"withheld": 2}
    assert told(changed)["reasons"] == {"counts:published_without_it": 2}
    assert {count for count, _ in nights.cells()} == {
        "people_worried_about_own_behaviour",
        "people_helped_by_lot_8",
        "referrals_to_lot_8",
        "onward_to_lot_8",
    }
    nights.run(sample(), JANUARY)
    assert {period for count, period in nights.cells() if count == "people_in_need"} == set(QUARTERS)


def test_another_key_of_the_flow_counts_nothing_anew(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows name nobody: they keep their keys, and no night is made a day of publication."""
    monkeypatch.setattr(Counter, "note", None)
    before = nights.site.query(f"select * from {TABLE} order by all")
    rotate(f"pseudonym-{FLOW}", nights.site.site.keys.private)
    turned = nights.run(sample(), EXTRACTED_AT + timedelta(days=1))
    assert told(turned)["unchanged"] == 10
    assert nights.site.query(f"select * from {TABLE} order by all") == before


def test_no_number_of_fewer_than_ten_and_no_word_of_a_person_leaves(nights: Nights) -> None:
    """Looked for in what was sealed, as the council opens it, and in what the sync side keeps and says."""
    summary = nights.run(sample(), JANUARY)
    found = {name: table for name, table in opened(nights.site).items() if name.startswith(FLOW)}
    assert len(found) == 2
    for table in found.values():
        values = table["value"].drop_nulls().to_list()
        assert values
        assert all(value >= 10 and value % 5 == 0 for value in values)
        assert set(table["shown"]) == {"rounded", "suppressed"}
    words = SecretWords.of(sample())
    for table in found.values():
        assert words.within(str(table.to_dicts()).encode()) == set()
    small = {"people_worried_about_own_behaviour"}
    assert {value for (count, _), value in nights.cells().items() if count in small} == {None}
    said = json.dumps(summary.to_json(), default=str)
    leaves = (nights.site.site.var / "log").rglob("*")
    text = said + "".join(path.read_text(errors="replace") for path in leaves if path.is_file())
    assert words.within(text.encode()) == set()
    assert "people_worried" not in said, "a summary says how many cells, and of no count how many people"
