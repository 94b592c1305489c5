"""Whole nights through the REST API while something is wrong with it, and what they leave behind.

A push plays half of the faults, each at one of its places, others every day; `make soak` plays the rest.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import nights as later
from demo.api_process import ApiProcess
from demo.api_world import number_of
from demo.sample import CANARIES, Sample, write_csvs
from sync.summary import Summary
from tests.nights import NightSite
from tests.one_source import few_people, of_the_hub_alone
from tests.released import FLOWS, counts
from tests.reliability.book import Row, RowBook
from tests.reliability.places import one_place_today
from tests.reliability.rest_cases import (
    BORNE,
    CAP,
    CAPPED,
    EVERY,
    PLACES,
    REFUSED,
    REWORDED,
    TEMPLATE,
    UNKNOWN,
    Case,
    named,
)
from tests.reliability.unchanged import SEEN_AGAIN, Held, said_of
from tests.rest_site import drop_files, rest_site, served
from tests.small_sample import whole_sample

LIMITS = "{first_wait_seconds: 0, longest_wait_seconds: 3, attempts: 2, largest_megabytes: 4}"
QUIET: dict[str, Any] = {"fates": {}, "held": 0, "new": 0, "closed": 0}
WINDOW = 92
PERSON, DIARY = "Org Person ID", "Diary Reference Number"


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("rest") as open_book:
        yield open_book


@dataclass
class Place:
    """A settled site, a copy of it as it was then, and what it held."""

    night: NightSite
    backup: Path
    held: Held

    @classmethod
    def of(cls, folder: Path, copy_of: Path) -> "Place":
        """Return the site as it is now, copied, and ready to be put back."""
        backup = folder.with_name(f"{folder.name}-kept")
        for each in (folder, backup):
            if each != copy_of:
                shutil.copytree(copy_of, each)
        return cls(NightSite(folder), backup, Held.of(folder))

    def put_back(self) -> None:
        """Make the site again what it was."""
        shutil.rmtree(self.night.folder)
        shutil.copytree(self.backup, self.night.folder)


@dataclass
class Stage:
    """The API, which serves a later day; a site of the hub alone that has not seen it, and one that has."""

    api: ApiProcess
    sample: Sample
    behind: Place
    level: Place

    def play(self, case: Case, place: Place) -> tuple[Summary, list[str]]:
        """Return what a night under the fault did, and what it changed; all is put back."""
        source = place.night.folder / "sources" / "hub.yaml"
        declared = source.read_bytes()
        if case.brakes:
            source.write_bytes(declared + f"brakes: {case.brakes}\n".encode())
        self.api.fault(case.name, case.place, times=case.times, about=case.about)
        if case.also:
            self.api.fault(case.also, "counts", times=None)
        summary = place.night.night()
        self.api.heal()
        source.write_bytes(declared)
        changes = place.held.changes(Held.of(place.night.folder))
        if set(changes) - {SEEN_AGAIN}:
            place.put_back()
        return summary, changes

    def rows(self) -> dict[str, int]:
        """Return how many rows each export has, as the API and the files serve them."""
        return {name: len(table) for name, table in self.sample.sources["hub"].items()}


def spread(sample: Sample) -> Sample:
    """Return the sample with every thirtieth person of the hub, so that what they did spans months."""
    people = sample.table("hub", "people")[::30]
    return replace(sample, sources={"hub": {**sample.sources["hub"], "people": people}})


def with_forms(sample: Sample) -> Sample:
    """Return the sample with every form that was filled in about its cases."""
    cases = {row[DIARY] for row in sample.table("hub", "referrals")}
    forms = [row for row in whole_sample().table("hub", "outcomes") if row[DIARY] in cases]
    assert forms
    return replace(sample, sources={"hub": {**sample.sources["hub"], "outcomes": forms}})


def next_day(sample: Sample) -> Sample:
    """Return the sample a day later, a client's name changed."""
    agreed = next(row for row in sample.table("hub", "consents") if row["Status"] == "Given")
    changed = later.change(sample, "hub", "people", agreed[PERSON], {"Surname": "Zqsurnextday"})
    return replace(changed, extracted_at=sample.extracted_at + timedelta(days=1))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, sample = tmp_path_factory.mktemp("rest"), with_forms(few_people(spread(whole_sample()), 60))
    with ApiProcess(served(folder / "served", sample)) as api:
        night = rest_site(folder / "behind", api, sample)
        for name in ("community_support", "domestic_abuse_support"):
            (night.folder / "sources" / f"{name}.yaml").unlink()
        path = night.folder / "sources" / "hub.yaml"
        path.write_text(f"{path.read_text(encoding='utf-8')}limits: {LIMITS}\n", encoding="utf-8")
        dpia = night.site.dpia
        dpia.write_text(of_the_hub_alone(dpia.read_text(encoding="utf-8")), encoding="utf-8")
        assert night.first_night().exit_code == 0
        write_csvs(next_day(sample), folder / "served")
        drop_files(night.folder, sample)
        behind = Place.of(night.folder, night.folder)
        assert told(night.night())["fates"]["early_help"] == {"person": {"released": 1}}
        level = Place.of(folder / "level", night.folder)
        behind.put_back()
        yield Stage(api, sample, behind, level)


def told(summary: Summary) -> dict[str, Any]:
    """Return what a night did, apart from how many rows it read."""
    fates = {flow: fates for flow in FLOWS if (fates := counts(summary, flow))}
    held = sum(entity["held"] for entity in summary.sources[0].entities.values())
    return {
        "fates": fates,
        "held": held,
        "new": summary.findings["new"],
        "closed": summary.findings["closed"],
    }


@pytest.mark.parametrize("case", one_place_today(REFUSED, lambda case: case.words, turns=2), ids=named)
def test_a_fault_refuses_the_source_and_changes_nothing(case: Case, stage: Stage, book: RowBook) -> None:
    """Exit code and error are those of the committed row, in four lines without a value; not a byte moves."""
    summary, changes = stage.play(case, stage.behind)
    assert len(summary.errors) == 1
    error = summary.errors[0]
    words = str(error)
    assert len(words.splitlines()) == 4
    keys = stage.api.keys("hub")
    assert not any(word in words for word in (*CANARIES, keys.source, keys.org, keys.user, "http"))
    assert changes == said_of(error.code)
    book.saw(Row(case.words, "rest", PLACES[case.place], summary.exit_code, error.code, True, case.note))


def saw_borne(case: Case, stage: Stage, book: RowBook, **differs: int) -> tuple[Summary, list[str]]:
    """Play a fault at the site that is level with the API; hold it to its row, and to the rows it read.

    Given: by how many rows the exports named there differ.
    """
    summary, changes = stage.play(case, stage.level)
    assert summary.errors == []
    read = {name: export.rows for name, export in summary.sources[0].exports.items()}
    assert read == {name: rows + differs.get(name, 0) for name, rows in stage.rows().items()}
    book.saw(Row(case.words, "rest", PLACES[case.place], summary.exit_code, None, False, case.note))
    return summary, changes


@pytest.mark.parametrize("case", one_place_today(BORNE, lambda case: case.words, turns=2), ids=named)
def test_a_fault_is_borne_and_the_night_is_as_any_other(case: Case, stage: Stage, book: RowBook) -> None:
    """Every row of every export is read; nothing is released, withdrawn, held or found that was not."""
    summary, changes = saw_borne(case, stage, book)
    assert told(summary) == QUIET
    assert [change for change in changes if change not in {SEEN_AGAIN, case.keeps}] == []


def test_smaller_windows_are_asked_for_where_an_answer_is_capped(stage: Stage, book: RowBook) -> None:
    """The cap is below what one window holds: windows are halved, and the night is as any other."""
    stage.api.forget()
    summary, changes = saw_borne(CAPPED, stage, book)
    assert told(summary) == QUIET
    assert set(changes) <= {SEEN_AGAIN}
    asked = re.findall(
        r"/done_contacts/field/[^/]*/date/([0-9-]{10}),([0-9-]{10})", "\n".join(stage.api.asked())
    )
    days = [(date.fromisoformat(last) - date.fromisoformat(first)).days for first, last in asked]
    assert len([length for length in days if length < WINDOW]) >= 4, "shorter than the source's file says"
    assert len(stage.sample.table("hub", "contacts")) > CAP * 4


def test_an_id_that_no_dictionary_holds_is_a_finding_and_an_empty_cell(stage: Stage, book: RowBook) -> None:
    """One client's cell cannot be read: one finding, and that client's row is sent again without it."""
    summary, _ = saw_borne(UNKNOWN, stage, book)
    sent = {flow: {"characteristics": {"released": 1}} for flow in FLOWS}
    assert told(summary) == {"fates": sent, "held": 0, "new": 1, "closed": 0}


def test_each_cell_of_a_reworded_option_is_a_finding(stage: Stage, book: RowBook) -> None:
    """Everybody of that option: a finding each, and the rows that said so are sent again without it."""
    people = stage.sample.table("hub", "people")
    assert min({row["Gender"] for row in people} - {""}) == "Female"
    theirs = sum(row["Gender"] == "Female" for row in people)
    said = {flow: f"select count(*) from {flow}.characteristics where gender = '2'" for flow in FLOWS}
    rows = {flow: stage.level.night.query(sql)[0][0] for flow, sql in said.items()}
    assert all(0 < number <= theirs for number in rows.values())
    summary, _ = saw_borne(REWORDED, stage, book)
    sent = {flow: {"characteristics": {"released": number}} for flow, number in rows.items()}
    assert told(summary) == {"fates": sent, "held": 0, "new": theirs, "closed": 0}


def test_referrals_without_a_template_are_withdrawn_and_what_hangs_on_them_is_held(
    stage: Stage, book: RowBook
) -> None:
    """The API hides them and their number; their contacts and needs are there and name a case that is not."""
    gone = [row[DIARY] for row in stage.sample.table("hub", "referrals") if number_of(row[DIARY]) % 20 == 0]
    tables = {name: stage.sample.table("hub", name) for name in ("contacts", "needs", "outcomes")}
    hanging = sum(row[DIARY] in gone for table in tables.values() for row in table)
    assert gone
    assert hanging
    summary, _ = saw_borne(TEMPLATE, stage, book, referrals=-len(gone))
    done = told(summary)
    assert {flow: fates["referral"] for flow, fates in done["fates"].items()} == {
        flow: {"withdrawn": len(gone)} for flow in FLOWS
    }
    assert {kind for fates in done["fates"].values() for counts in fates.values() for kind in counts} == {
        "withdrawn"
    }
    assert (summary.exit_code, done["held"], done["new"]) == (1, hanging, hanging)


def test_every_row_has_its_case(book: RowBook) -> None:
    """No row of the book outlives the fault that it tells of."""
    assert book.keys() == {("rest", case.words, PLACES[case.place]) for case in EVERY}


def test_the_night_after_carries_what_the_faults_held_up(stage: Stage) -> None:
    """Healed, the changed name goes out: no fault has made the memory believe that it had gone."""
    summary = stage.behind.night.night()
    stage.behind.put_back()
    assert counts(summary, "early_help") == {"person": {"released": 1}}
