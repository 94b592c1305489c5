"""Somebody is anonymised in the CRM and no flag says so: it is an erasure, and no list of gaps to fill."""

import csv
import os
import secrets
from typing import Any

import polars as pl
import pytest

from demo import nights as later
from demo.lives import IDENTITY_COLUMNS
from demo.sample import Sample
from quality import FindingStore, State
from sync.kernel import OWN
from tests.clients import case_of, quiet_client
from tests.nights import ACCEPTED_BY, NightSite
from tests.released import Council
from tests.tiny.nights import TinyNights
from tests.tiny.site import EXTRACTED_AT, TinySite
from tests.tiny.start import settled as settled_tiny_site
from tests.tiny.start import work_folder
from tests.tiny.world import IDENTITY, World

BLANK = dict.fromkeys(IDENTITY_COLUMNS, "")
FOUND = "PER-20"
REPLACED = dict.fromkeys(IDENTITY, "") | {"Forename": "Unknown", "Surname": "Unknown"}


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def findings(night: NightSite, person: str) -> set[str]:
    """Return the checks that are open of what is a person's own."""
    store = FindingStore(night.site.var / "state" / "findings.sqlite")
    return {one.check for one in store.open("hub") if one.record == person}


def told(summary: Any) -> dict[str, int]:
    return next(source.anonymised for source in summary.sources if source.source == "hub")


def test_who_is_emptied_together_leaves_the_identified_flow_and_comes_back(
    night: NightSite, sample: Sample
) -> None:
    """Early help withdraws the person at once and stays without them; commissioning keeps the events, with no
    features; nobody is asked to fill the gaps in; the fields put back, all is as it was.
    """
    person = quiet_client(sample)
    case = case_of(sample, person)
    before = Council(night)
    assert before.row("early_help", "person", "hub", person)
    night.drop(later.change(sample, "hub", "people", person, BLANK))
    first = night.night()
    assert told(first) == {"recognised": 1, "new": 1}
    flow = next(flow for flow in first.to_json()["flows"] if flow["flow"] == "early_help")
    assert flow["entities"]["person"]["withdrawn_reasons"] == {"anonymised": 1}
    for number in range(2):
        after = Council(night)
        assert after.row("early_help", "person", "hub", person) is None
        assert after.row("early_help", "referral", "hub", case) is None
        assert after.row("early_help", "address", "hub", person) is None
        kept = after.row("commissioning", "person", "hub", person)
        assert kept is not None
        assert kept["birth_year_month"] is None
        assert after.row("commissioning", "referral", "hub", case)
        assert findings(night, person) == {FOUND}
        if number == 0:
            assert told(night.night()) == {"recognised": 1, "new": 0}
    night.drop(sample)
    assert told(night.night()) == {"recognised": 0, "new": 0}
    again = Council(night)
    for flow_id in ("early_help", "commissioning"):
        for entity, name in (("person", person), ("address", person), ("referral", case)):
            was, now = (one.row(flow_id, entity, "hub", name) for one in (before, again))
            assert _bare(was) == _bare(now)
    assert findings(night, person) == set()


def _bare(row: dict[str, Any] | None) -> dict[str, Any]:
    left_out = {"run_id", "batch_sequence", "released_at"}
    return {name: value for name, value in (row or {}).items() if name not in left_out}


def emptied(site: TinySite, world: World, people: list[str]) -> None:
    """Lay the exports down with these people's identity emptied, and no flag set."""
    for person in people:
        world.change("hub", "people", person, dict.fromkeys(IDENTITY, ""))
    site.drop(world)


def without_column(site: TinySite, column: str) -> None:
    """Take a column that nothing is read from out of the hub's people: its account sees less."""
    path = site.folder / "drop/hub/people.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        columns = [name for name in rows[0] if name != column]
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    os.utime(path, (EXTRACTED_AT, EXTRACTED_AT))


@pytest.fixture
def nights() -> TinyNights:
    """Return a tiny site with eight people of the hub, after a night."""
    nights = settled_tiny_site().copy(work_folder() / f"erased-{secrets.token_hex(4)}")
    for number in range(5):
        nights.model.world.arrive("hub", 20 + number, agreed=True)
    nights.site.drop(nights.model.world)
    assert nights.site.night(accept_growth=True, accept_flagged=ACCEPTED_BY).errors == []
    return nights


def shared(site: TinySite) -> int:
    """Return how many people early help knows of."""
    return int(NightSite(site.folder).query("select count(*) from early_help.person")[0][0])


def nameless(site: NightSite) -> int:
    """Return of how many people early help has no name any more."""
    unnamed = "family_name is null"
    return int(NightSite(site.folder).query(f"select count(*) from early_help.person where {unnamed}")[0][0])


def test_very_many_at_once_wait_until_a_person_has_asked(nights: TinyNights) -> None:
    """More than the brake lets through: nothing of the source moves, until somebody says that it is right."""
    site, world = nights.site, nights.model.world
    path = site.folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("at_least: 4", "at_least: 1"), encoding="utf-8")
    before = shared(site)
    emptied(site, world, world.names("hub", "people")[-2:])
    for _ in range(2):
        night = site.night()
        assert ([error.code for error in night.errors], night.exit_code) == (["E836"], 23)
        assert shared(site) == before
    assert "2 of 8 people" in str(night.errors[0])
    assert told(site.night(accept_drop=True)) == {"recognised": 2, "new": 2}
    assert shared(site) == before - 2
    assert site.night().errors == []


def test_most_of_a_small_charity_at_once_wait_however_many_the_brake_leaves_alone(nights: TinyNights) -> None:
    """Five of eight people, where the brake lets fifty through: nobody is withdrawn before somebody asked."""
    site, world = nights.site, nights.model.world
    path = site.folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("at_least: 4", "at_least: 50"), encoding="utf-8")
    before = shared(site)
    for person in world.names("hub", "people")[-5:]:
        world.change("hub", "people", person, REPLACED)
    site.drop(world)
    night = site.night()
    assert [error.code for error in night.errors] == ["E836"]
    assert "5 of 8 people" in str(night.errors[0])
    assert shared(site) == before


def test_an_account_that_sees_less_tells_of_no_erasure_until_a_person_has_said(nights: TinyNights) -> None:
    """With a column gone, people who are blank are told of each night and stay; the column back, or the view
    let pass, it is asked on the night after. Until then nothing of what was emptied stays at the council.
    """
    site, world = nights.site, nights.model.world
    before, people = shared(site), world.names("hub", "people")[-2:]
    assert nameless(site) == 0
    emptied(site, world, people)
    without_column(site, "Telephone")
    for _ in range(2):
        night = site.night()
        assert ([error.code for error in night.errors], night.exit_code) == (["E811"], 23)
        assert "2 people have lost name and identity." in str(night.errors[0])
        assert (told(night), shared(site)) == ({"recognised": 0, "new": 0}, before)
        assert nameless(site) == 2
    assert (told(site.night(accept_drop=True)), shared(site)) == ({"recognised": 0, "new": 0}, before)
    assert (told(site.night()), shared(site)) == ({"recognised": 2, "new": 2}, before - 2)


@pytest.mark.parametrize("back", [(), IDENTITY])
def test_what_the_account_sees_again_tells_whose_identity_is_gone(
    nights: TinyNights, back: tuple[str, ...]
) -> None:
    """The control: the column is back, and who is still blank has been erased; who is not is as before."""
    site, world = nights.site, nights.model.world
    before, person = shared(site), world.names("hub", "people")[-1]
    was = dict(world.tables["hub"]["people"][person])
    emptied(site, world, [person])
    without_column(site, "Telephone")
    assert "1 person has lost name and identity." in str(site.night().errors[0])
    world.change("hub", "people", person, {name: was[name] for name in back})
    site.drop(world)
    night, erased = site.night(), 0 if back else 1
    assert (night.errors, told(night)) == ([], {"recognised": erased, "new": erased})
    assert shared(site) == before - erased


def test_who_was_erased_before_stays_so_while_the_account_sees_less(nights: TinyNights) -> None:
    """Who was anonymised already stays so on a night that shows less: nothing about them is waited for."""
    site, world = nights.site, nights.model.world
    before = shared(site)
    emptied(site, world, world.names("hub", "people")[-1:])
    assert told(site.night()) == {"recognised": 1, "new": 1}
    without_column(site, "Telephone")
    night = site.night()
    assert (night.errors, told(night)) == ([], {"recognised": 1, "new": 0})
    assert shared(site) == before - 1


def test_one_alone_is_withdrawn_and_a_lost_memory_stops_the_run(nights: TinyNights) -> None:
    """Without what was held nobody would know any more who is anonymised: the run stops before it shares."""
    site, world = nights.site, nights.model.world
    before = shared(site)
    emptied(site, world, world.names("hub", "people")[-1:])
    assert told(site.night()) == {"recognised": 1, "new": 1}
    assert shared(site) == before - 1
    kept = site.folder / "var/state/identity/hub.parquet"
    content = kept.read_bytes()
    assert not any(word in content for word in (b"Zq", b"HP0", b"7700"))
    kept.unlink()
    assert [error.code for error in site.night().errors] == ["E815"]
    kept.write_bytes(b"torn")
    assert {error.code for error in site.night().errors} == {"E808"}
    kept.write_bytes(content)
    assert site.night().errors == []
    assert shared(site) == before - 1


def test_a_number_in_place_of_a_name_is_recognised_until_the_name_is_back(nights: TinyNights) -> None:
    """All else emptied with it: withdrawn that night, so on the next, and undone by putting it back."""
    site, world = nights.site, nights.model.world
    before, person = shared(site), world.names("hub", "people")[-1]
    was = dict(world.tables["hub"]["people"][person])
    world.change("hub", "people", person, dict.fromkeys(IDENTITY, "") | {"Surname": "Person 4711"})
    site.drop(world)
    for new in (1, 0):
        assert told(site.night()) == {"recognised": 1, "new": new}
        assert shared(site) == before - 1
    world.change("hub", "people", person, was)
    site.drop(world)
    assert told(site.night()) == {"recognised": 0, "new": 0}
    assert shared(site) == before


def told_of(site: TinySite, person: str) -> dict[str, tuple[str, str]]:
    """Return how the findings of what is a person's own stand, and why, by check."""
    found = FindingStore.of(site.read()).frame(states=frozenset(State))
    rows = found.filter((pl.col("record") == person) & pl.col("entity").is_in(OWN))
    return {check: (state, why) for check, state, why in rows.select("check", "state", "reason").iter_rows()}


def test_what_had_been_asked_of_the_erased_is_withdrawn_and_asked_anew_when_they_are_back(
    nights: TinyNights,
) -> None:
    """An open gap is neither mended nor asked on; the identity back with its gap, it is asked again."""
    site, world = nights.site, nights.model.world
    person = world.names("hub", "people")[-1]
    world.change("hub", "people", person, {"Born": ""})
    site.drop(world)
    site.night()
    assert told_of(site, person) == {"PER-04": ("open", "")}
    before = dict(world.tables["hub"]["people"][person])
    emptied(site, world, [person])
    site.night()
    assert told_of(site, person) == {"PER-04": ("withdrawn", "anonymised"), FOUND: ("open", "")}
    world.change("hub", "people", person, before)
    site.drop(world)
    site.night()
    assert told_of(site, person) == {"PER-04": ("open", "found_again"), FOUND: ("closed", "delivered")}


def test_what_is_asked_of_a_merged_record_is_withdrawn_and_the_survivor_is_asked_anew(
    nights: TinyNights,
) -> None:
    """The loser's gap goes with it; a gap of the one that is left is a finding of its own."""
    site, world = nights.site, nights.model.world
    survivor, loser = world.names("hub", "people")[-2:]
    world.change("hub", "people", loser, {"Born": ""})
    site.drop(world)
    site.night()
    assert told_of(site, loser) == {"PER-04": ("open", "")}
    world.merge("hub", survivor, loser)
    world.change("hub", "people", survivor, {"Born": ""})
    site.drop(world)
    site.night()
    assert told_of(site, loser) == {"PER-04": ("withdrawn", "merged")}
    assert told_of(site, survivor) == {"PER-04": ("open", "")}
