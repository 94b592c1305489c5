"""Every fault of the portal at the first, the middle and the last export: the real portal, the real run.

A push plays half of the faults, each at one of its places, others every day; `make soak` plays the rest.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.errors import ViaductError
from demo.portal_process import PortalProcess
from demo.sample import Sample
from sync.summary import Summary
from tests.killed_nights import log_of, what_is_left
from tests.nights import ACCEPTED_BY
from tests.one_source import few_people
from tests.reliability.book import Row, RowBook
from tests.reliability.places import one_place_today
from tests.reliability.portal_cases import (
    ANOTHER,
    AWAY,
    LIST,
    MIDDLE,
    Case,
    borne,
    refused,
)
from tests.reliability.portal_site import PortalSite, later, serve
from tests.reliability.recorder import Recorder
from tests.reliability.unchanged import SEEN_AGAIN, Held, said_of
from tests.secret_words import SecretWords
from tests.small_sample import whole_sample

PEOPLE = 24


class World:
    """A portal whose data have moved on; a site that has not seen that yet, and one that has."""

    def __init__(self, folder: Path, portal: PortalProcess, elsewhere: Recorder) -> None:
        self.portal, self.elsewhere, self.served = portal, elsewhere, folder / "served"
        self.sample = later(few_people(whole_sample(), PEOPLE))
        self.words = SecretWords.of(self.sample)
        template = PortalSite.of(folder / "site", portal)
        assert template.night(accept_growth=True, accept_flagged=ACCEPTED_BY).exit_code == 0
        serve(self.sample, self.served)
        self.behind, self.level = template.copy("behind"), template.copy("level")
        assert self.level.night().exit_code == 0
        self._templates = {
            site.folder: (site.copy(f"{site.folder.name}-kept"), Held.of(site.folder))
            for site in (self.behind, self.level)
        }

    def kept(self, site: PortalSite) -> PortalSite:
        """Return the copy of the site as it was before any night of the matrix."""
        return self._templates[site.folder][0]

    def play(self, case: Case, site: PortalSite) -> tuple[Summary, list[str]]:
        """Return what a night under the fault did, and what it changed that it may not; all is put back."""
        kept, before = self._templates[site.folder]
        if case.limits:
            site.limit(**case.limits)
        self._switch_on(case)
        try:
            summary = site.night()
        finally:
            self.portal.heal()
            self.portal.unlock()
        if case.limits:
            site.limit()
        changes = before.changes(Held.of(site.folder))
        if changes:
            kept.copy(site.folder.name)
        return summary, changes

    def _switch_on(self, case: Case) -> None:
        value = self.elsewhere.address if case.value == AWAY else case.value
        if case.fault == "other_export":
            value = ANOTHER[case.export]
        if case.signing_in and case.export:
            self.portal.fault("session_expired", case.export, times=1)
        place = "sign-in/user" if case.signing_in else "listing" if case.place == LIST else case.export
        skip = 1 if case.signing_in and case.export else 0
        self.portal.fault(case.fault, place, "hub", case.times, skip=skip, value=value)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("matrix")
    first: Sample = few_people(whole_sample(), PEOPLE)
    serve(first, folder / "served")
    with Recorder() as elsewhere, PortalProcess(folder / "served") as portal:
        yield World(folder, portal, elsewhere)


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("portal_matrix") as rows:
        yield rows


def named(case: Case) -> str:
    return f"{case.words}, {case.place}"


@pytest.mark.parametrize("case", one_place_today(refused(), lambda case: case.words, turns=2), ids=named)
def test_a_fault_refuses_the_source_and_changes_nothing(world: World, book: RowBook, case: Case) -> None:
    """The documented code and exit code, four lines without a value, and not a byte of the site moves."""
    summary, changes = world.play(case, world.behind)
    assert [error.code for error in summary.errors] == [case.code], summary.to_json()["errors"]
    assert summary.exit_code == ViaductError.registry[str(case.code)].exit_code
    assert_told_well(summary.errors[0], world.words)
    assert world.words.within(json.dumps(summary.to_json()).encode()) == set()
    assert changes == said_of(case.code)
    assert world.elsewhere.asked == []
    book.saw(Row(case.words, "portal", case.place, summary.exit_code, case.code, True, case.note))


@pytest.mark.parametrize("case", one_place_today(borne(), lambda case: case.words, turns=2), ids=named)
def test_a_fault_is_borne_and_the_night_is_as_any_other(world: World, book: RowBook, case: Case) -> None:
    """Nothing is refused, every row is read, and a site that was level with the portal stays as it is."""
    summary, changes = world.play(case, world.level)
    assert summary.errors == [], summary.to_json()["errors"]
    assert summary.exit_code == 0
    rows = {name: counts.rows for name, counts in summary.sources[0].exports.items()}
    assert rows == {name: len(table) for name, table in world.sample.sources["hub"].items()}
    assert [change for change in changes if change != SEEN_AGAIN] == ([case.keeps] if case.keeps else [])
    book.saw(Row(case.words, "portal", case.place, summary.exit_code, None, False, case.note))


def assert_told_well(error: ViaductError, words: SecretWords) -> None:
    """What happened, where, that nothing of it was sent, what to do; without a value."""
    lines = [line.strip() for line in error.lines()]
    assert lines[0] == f"{error.code}  {error.title}"
    assert lines[1].startswith("source hub")
    assert lines[-2] == "Nothing that source hub gave in this run was sent."
    assert lines[-1]
    assert words.within("\n".join(lines).encode()) == set()
    assert error.__context__ is None


def test_one_reworded_option_blanks_its_cells_and_says_so(world: World, book: RowBook) -> None:
    """Fewer than half of the cells: each is a finding. What cannot be read may tell of abuse, so that more
    people count as in danger than somebody has accepted: their flows wait for that.
    """
    note = "blank, with findings; while more people count as in danger than was accepted, no flow delivers"
    case = Case("one option reworded", "relabelled_option", MIDDLE[0], None, note=note)
    summary, changes = world.play(case, world.level)
    assert {error.code for error in summary.errors} == {"E816"}
    assert summary.exit_code == 23
    assert summary.findings["new"] > 0
    assert changes != []
    book.saw(Row(case.words, "portal", case.place, summary.exit_code, "E816", False, case.note))


def test_a_session_may_expire_at_every_export_of_one_night(world: World, book: RowBook) -> None:
    """Ten sessions end under us in one night, and every row is read: as often as the site declares."""
    names = list(world.sample.sources["hub"])
    for name in names:
        world.portal.fault("session_expired", name, "hub", times=1)
    place = "each export of one night"
    case = Case("session expires once", "slow", place, None, limits={"sign_ins": len(names) + 1}, times=0)
    summary, changes = world.play(case, world.level)
    assert summary.errors == []
    assert [change for change in changes if change != SEEN_AGAIN] == []
    assert {name: counts.rows for name, counts in summary.sources[0].exports.items()} == {
        name: len(table) for name, table in world.sample.sources["hub"].items()
    }
    book.saw(Row(case.words, "portal", place, summary.exit_code, None, False, f"sign_ins: {len(names) + 1}"))


def test_a_healed_night_brings_the_site_level(world: World) -> None:
    """After all these nights the site that was behind ends as the one that met no fault; its log verifies."""
    world.behind.night()
    assert what_is_left(world.behind.folder) == what_is_left(world.level.folder)
    assert log_of(world.behind.folder).leaves["batch"] == log_of(world.level.folder).leaves["batch"]


def test_every_case_is_in_the_book_and_nothing_else(book: RowBook) -> None:
    """No row outlives its case; every fault is played at the first, the middle and the last export."""
    played = {("portal", case.words, case.place) for case in (*refused(), *borne())}
    alone = {
        ("portal", "one option reworded", MIDDLE[0]),
        ("portal", "session expires once", "each export of one night"),
    }
    assert book.keys() - alone == played


def test_a_night_that_sends_is_no_unchanged_one(world: World) -> None:
    """The net itself: a good night on the site that is behind shows as a change, in many files."""
    site = world.kept(world.behind).copy("planted")
    before = Held.of(site.folder)
    site.night()
    found = before.changes(Held.of(site.folder))
    assert "var/warehouse.duckdb" in found
    assert any("memory" in name for name in found)
    assert any(name.startswith("var/landing/") for name in found)
    assert "a leaf that says batch" in found
