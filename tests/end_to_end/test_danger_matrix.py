"""Whatever the flag says, whoever is linked to whom, whichever row tells: no path leads to a place."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mappings import abuse
from sharing import compile as compiling
from sharing import safety
from sharing.compiled import Rule
from sharing.places import places
from sync import people
from sync.summary import Summary
from tests import danger_world as made_up
from tests.danger_world import FRIENDS, HUB, Somebody, danger_sample
from tests.nights import NightSite
from tests.released import FLOWS, Council, opened

BLANK = '      person.safe_to_contact: {means: "yes", why: "Asked of everybody and recorded only if not yes'
LINK_COLUMNS = {"person_id", "referral_id", "contact_id", "parent_referral_id"}
NEVER_COLUMNS = {"safety_flag", "reveals_abuse", "sensitive_location", "address_type", "safe_to_contact"}
TELLING = {"advice": "advice", "signposting": "signposting", "onward": "onward_referral"}
MARKS = {"person": "P", "address": "P", "referral": "R", "need": "N", "contact": "C"}
Patch = pytest.MonkeyPatch


class World:
    """The site, everybody in it, and what the council holds after a first night."""

    def __init__(self, night: NightSite, everybody: list[Somebody]) -> None:
        self.night, self.everybody = night, everybody
        self.summary: Summary = night.first_night()
        self.council = Council(night)

    def rows_of(self, flow: str, one: Somebody) -> dict[str, dict[str, Any]]:
        """Return the person's rows in the flow, by entity."""
        named = {entity: one.of(mark) for entity, mark in MARKS.items()}
        named |= {TELLING[one.row]: one.telling} if one.row in TELLING else {}
        found = {e: self.council.row(flow, e, one.source, name) for e, name in named.items()}
        return {entity: row for entity, row in found.items() if row is not None}

    def cells(self) -> dict[str, set[str]]:
        """Return, per flow, every value of every file ever landed, opened with the council's key."""
        found: dict[str, set[str]] = {flow: set() for flow in FLOWS}
        for path, table in opened(self.night).items():
            for column in table.iter_columns():
                if column.dtype == pl.String:
                    found[path.split("/")[0]] |= set(column.drop_nulls().unique().to_list())
        return found


def site_of(folder: Path) -> tuple[NightSite, list[Somebody]]:
    """Return the world's site: the hub never explained one blank, and one source has no such column."""
    sample, everybody = danger_sample()
    night = NightSite.of(folder, sample)
    night.edit_dpia(BLANK + ' (data manager, 2026-09-02)."}\n', "")
    mapping = folder / "mappings" / "charitylog_people.yaml"
    text = mapping.read_text(encoding="utf-8")
    line = "      sensitive_location: {column: Sensitive Location, converter: boolean}\n"
    assert line in text
    ignored = "ignore:\n  - {column: Sensitive Location, why: Not exported there.}\n"
    short = text.replace(line, "").replace("ignore:\n", ignored).replace("charitylog_people", "people_short")
    (folder / "mappings" / "people_short.yaml").write_text(short, encoding="utf-8")
    source = folder / "sources" / f"{FRIENDS}.yaml"
    source.write_text(
        source.read_text(encoding="utf-8").replace(
            "mappings/charitylog_people.yaml", "mappings/people_short.yaml"
        ),
        encoding="utf-8",
    )
    return night, everybody


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[NightSite, list[Somebody]]:
    """Return the site before its first night."""
    return site_of(tmp_path_factory.mktemp("danger") / "site")


@pytest.fixture(scope="module")
def world(made: tuple[NightSite, list[Somebody]], tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the world after a first night."""
    return World(_copy(made[0], tmp_path_factory.mktemp("night") / "site"), made[1])


def _copy(night: NightSite, folder: Path) -> NightSite:
    shutil.copytree(night.folder, folder)
    return NightSite(folder)


def no_place_leaves(world: World) -> None:
    """Ask of each person in each flow: the rows are there, and of those in danger no place is in them."""
    cells = world.cells()
    for flow in FLOWS:
        for one in world.everybody:
            rows = world.rows_of(flow, one)
            who = flow, one.state, one.row, one.reference
            there = set() if one.held else {"person", "address"} | _case(flow, one)
            assert there <= rows.keys(), (who, "a row that is missing is a sign too")
            assert not (one.held and rows), (who, "a record of two is held")
            for entity, row in rows.items():
                home = {c for c in places().home.get(entity, ()) if row.get(c) is not None}
                assert not (one.ground and home), (who, entity, home)
                seen = {c for c in places().visit.get(entity, ()) if row.get(c) is not None}
                linked = {c for c in LINK_COLUMNS & row.keys() if row[c] is not None}
                assert not (one.ground and seen and linked), (who, entity, seen, linked)
            if one.ground:
                found = {word for word in one.words for value in cells[flow] if word in value}
                assert not found, (who, "found by a word")


def _case(flow: str, one: Somebody) -> set[str]:
    """Return the case, but for one of no lot that tells of abuse: no figure counts it, whosever it is."""
    return set() if flow == "commissioning" and one.row == "referral" else {"referral"}


def no_refuge_shows(world: World) -> None:
    """Ask of each row that tells: nobody sees whose it is, and no column says who is in danger."""
    for one in world.everybody:
        early, counted = (world.rows_of(flow, one) for flow in FLOWS)
        told = TELLING.get(one.row, one.row)
        if one.row in {*TELLING, "need"}:
            assert told not in early, (one.state, one.row)
        if one.row != "none" and told in counted:
            linked = {c for c in LINK_COLUMNS & counted[told].keys() if counted[told][c] is not None}
            assert linked <= {"referral_id"} if told == "referral" else not linked, (
                one.state,
                one.row,
                linked,
            )
    asked = "select distinct column_name from information_schema.columns where table_schema in ('early_help',"
    shown = {name for (name,) in world.night.query(f"{asked} 'commissioning')")}
    assert len(shown) > 50
    assert not NEVER_COLUMNS & shown
    assert not {value for values in world.cells().values() for value in values if "refuge" in value.lower()}


def nothing_leaks(world: World) -> None:
    """Ask both."""
    no_place_leaves(world)
    no_refuge_shows(world)


def test_the_world_holds_every_combination_and_the_night_took_it_all(world: World) -> None:
    """Eight states by six rows by five links at the hub, and a source without the column, none refused."""
    combinations = len(made_up.STATES) * len(made_up.ROWS) * len(made_up.LINKS)
    assert len(world.everybody) == 2 * (combinations + 4)
    assert world.summary.errors == []
    assert {one.state for one in world.everybody} == {*made_up.STATES, made_up.COLUMN_MISSING, "linked"}


def test_no_path_leads_to_a_place(world: World) -> None:
    """Of nobody in danger, by a flag of their own or of somebody they share a home with, a place leaves."""
    no_place_leaves(world)


def test_no_row_shows_a_refuge_or_that_somebody_is_in_danger(world: World) -> None:
    """What tells of abuse stays behind or is linked to nobody; no column and no word says it."""
    no_refuge_shows(world)


def test_whoever_is_not_in_danger_is_found_where_they_live(world: World) -> None:
    """The nets above would hold an empty warehouse too: this one would not."""
    cells = world.cells()["early_help"]
    calm = [one for one in world.everybody if not one.ground and not one.held]
    assert len(calm) > 50
    for one in calm:
        row = world.rows_of("early_help", one)["address"]
        assert row["ward"] is not None
        assert any(one.words[0].upper() in value.upper() for value in cells) or one.state == "linked"
        assert world.rows_of("commissioning", one)["address"]["ward"] is not None


def test_the_share_counts_each_person_once_by_the_first_ground(world: World) -> None:
    """What information governance is shown of the hub is what this world was made of."""
    hub = [one for one in world.everybody if one.source == HUB]
    told = {one.source: one.flagged for one in world.summary.sources}[HUB]
    assert told["people"] == len(hub)
    assert told["grounds"] == {
        name: Counter(one.ground for one in hub)[name] for name in ("proof", "unreadable", "blank", "spread")
    }


def _the_flag_stays_alone(patch: Patch) -> None:
    nobody = pl.DataFrame(schema={"person": pl.UInt64, "label": pl.UInt64})
    patch.setattr(people, "components", lambda _: nobody)


def _a_word_that_cannot_be_read_is_a_blank(patch: Patch) -> None:
    patch.setattr(safety, "_unreadable", lambda _: pl.lit(value=False))


def _a_blank_is_a_no(patch: Patch) -> None:
    read = safety._read
    patch.setattr(
        safety,
        "_read",
        lambda name, blank: (
            read(name, blank).fill_null(pl.lit("yes"))
            if name.field == "safe_to_contact"
            else read(name, blank)
        ),
    )


def _an_address_is_compared_letter_by_letter(patch: Patch) -> None:
    patch.setattr(people, "place", pl.col)


def _a_code_tells_nothing(patch: Patch) -> None:
    patch.setattr(abuse, "_code", lambda *_: pl.lit(value=False))
    patch.setattr(abuse, "_code_if_given", lambda *_: pl.lit(value=False))


def _one_rule_is_forgotten(patch: Patch) -> None:
    rules_of: Callable[..., list[Rule]] = compiling.rules_of
    patch.setattr(compiling, "rules_of", lambda *asked: [r for r in rules_of(*asked) if r.id != "S3"])


PLANTS = [
    _the_flag_stays_alone,
    _a_code_tells_nothing,
    pytest.param(_a_word_that_cannot_be_read_is_a_blank, marks=pytest.mark.soak),
    pytest.param(_one_rule_is_forgotten, marks=pytest.mark.soak),
    pytest.param(_a_blank_is_a_no, marks=pytest.mark.soak),
    pytest.param(_an_address_is_compared_letter_by_letter, marks=pytest.mark.soak),
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__.strip("_"))
def test_a_planted_bug_is_seen(
    plant: Callable[[Patch], None], made: tuple[NightSite, list[Somebody]], tmp_path: Path
) -> None:
    """Each bug lets something through that one of the nets holds."""
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        spoilt = World(_copy(made[0], tmp_path / "site"), made[1])
    with pytest.raises(AssertionError):
        nothing_leaks(spoilt)
