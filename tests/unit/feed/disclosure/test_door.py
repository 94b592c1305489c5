"""The door of a site remembers what it lets out, and tells governance alone what it keeps back."""

import csv
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from commands.publishing import publish_feed
from common import clock
from feed.counting import RawCounts, count_all
from feed.disclosure import door as doors
from feed.disclosure.door import Guarded
from feed.disclosure.errors import ControlUnknown, FiguresMoved, NumbersGivenAway
from feed.disclosure.profile import Profile
from feed.disclosure.protect import Protected, protect
from feed.disclosure.released import Released
from feed.disclosure.shapes import structure_of
from feed.facts import Facts, facts_of
from feed.model import Area
from feed.periods import parse
from tests.feed_made import Maker
from tests.feed_rows import write_rows
from tests.nights import NightSite
from tests.small_sample import small_sample

PERIOD = parse("2022-04..2022-05")


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Facts, RawCounts]]:
    """Yield an invented warehouse, and its referrals as they are counted."""
    path = write_rows(tmp_path_factory.mktemp("door") / "w.duckdb", Maker(7, 400).tables())
    with facts_of(path, Area(), ()) as facts:
        raw = count_all(facts, PERIOD)
        few = raw.counts.filter(pl.col("count_id").is_in(["referrals_received", "referrals_accepted"]))
        yield facts, replace(raw, counts=few)


@pytest.fixture
def guarded(tmp_path: Path) -> Guarded:
    """Return a door that never let anything out."""
    return another(tmp_path)


def another(folder: Path) -> Guarded:
    """Return a door as another process makes it, on the same memory."""
    return Guarded(Profile(), Released(folder / "released.sqlite", "readers"), folder / "small_numbers")


def known(door: Guarded, facts: Facts) -> pl.DataFrame:
    """Return what the door remembers."""
    return door.released.before(structure_of(facts, PERIOD), door.profile, clock.today())


def twice(raw: RawCounts) -> RawCounts:
    """Return the counts of twice as many of everything: other numbers that add up."""
    return replace(raw, counts=raw.counts.with_columns(pl.col("count", "people") * 2))


def test_what_was_published_is_remembered_and_what_was_not_is_forgotten(
    guarded: Guarded, counted: tuple[Facts, RawCounts]
) -> None:
    """A release that failed leaves nothing behind; one that was published stands."""
    facts, raw = counted
    let_out = guarded.let_out(facts, raw)
    guarded.settle(was_released=False)
    assert known(guarded, facts).is_empty()
    assert guarded.let_out(facts, raw).equals(let_out)
    guarded.settle(was_released=True)
    people = structure_of(facts, PERIOD).shape().filter(~pl.col("organisations"))["count_id"]
    assert len(known(guarded, facts)) == len(let_out.filter(pl.col("count_id").is_in(people.implode())))


def test_what_a_process_let_out_before_it_was_killed_counts_as_published(
    guarded: Guarded, counted: tuple[Facts, RawCounts], tmp_path: Path
) -> None:
    """Nobody knows whether the files were there yet: other numbers wait for their day, the same do not."""
    facts, raw = counted
    guarded.let_out(facts, raw)
    after = another(tmp_path)
    with pytest.raises(FiguresMoved, match="E954"):
        after.let_out(facts, twice(raw))
    assert len(after.let_out(facts, raw))
    with clock.frozen(clock.now() + timedelta(days=93)):
        assert len(another(tmp_path).let_out(facts, twice(raw)))


def test_other_numbers_are_let_out_before_their_day_only_as_a_revision(
    guarded: Guarded, counted: tuple[Facts, RawCounts]
) -> None:
    """What is refused is not entered, so that nobody has to wait for a release that never was."""
    facts, raw = counted
    guarded.let_out(facts, raw)
    guarded.settle(was_released=True)
    with pytest.raises(FiguresMoved):
        guarded.let_out(facts, twice(raw))
    guarded.settle(was_released=True)
    assert known(guarded, facts)["release"].n_unique() == 1
    revising = replace(guarded, revise=True)
    revising.let_out(facts, twice(raw))
    revising.settle(was_released=True)
    assert known(guarded, facts)["release"].n_unique() == 2


def test_of_two_doors_at_once_each_settles_its_own(
    guarded: Guarded, counted: tuple[Facts, RawCounts], tmp_path: Path
) -> None:
    """Two processes come to the same numbers; the one that published nothing takes only its own back."""
    facts, raw = counted
    structure = structure_of(facts, PERIOD)
    shown = protect(raw.counts, structure, guarded.profile).published
    read = doors.as_read(doors.known_of(shown, structure, guarded.profile))
    entered = [
        (door, door.released.enter(PERIOD.label, read, clock.today()))
        for door in (guarded, another(tmp_path))
    ]
    with ThreadPoolExecutor() as pool:
        told = [
            pool.submit(door.released.settle, number, was_released=published)
            for (door, number), published in zip(entered, (True, False), strict=True)
        ]
    assert all(one.exception() is None for one in told)
    assert known(guarded, facts)["release"].unique().to_list() == [entered[0][1]]


def test_what_the_gate_finds_is_not_let_out_and_stands_in_the_report(
    guarded: Guarded, counted: tuple[Facts, RawCounts], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planner gone wrong shows every count: the door stays shut, and the error names no number."""
    facts, raw = counted

    def all_shown(counts: pl.DataFrame, *_: object) -> Protected:
        cells = counts.select(
            "count_id", "period", "breakdown", "category", value="count", shown=pl.lit("exact")
        )
        return Protected(cells, cells, cells)

    monkeypatch.setattr(doors, "protect", all_shown)
    with pytest.raises(NumbersGivenAway, match="E953") as refused:
        guarded.let_out(facts, raw)
    assert known(guarded, facts).is_empty()
    assert "referrals_received by ward, 2022-04" in str(refused.value)
    assert any(row["shown"] == "blocked" for row in reported(guarded))


def reported(door: Guarded) -> list[dict[str, str]]:
    """Return the rows of the report of small numbers."""
    (path,) = door.report.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def test_the_report_says_of_every_hidden_cell_why_and_how_well(
    guarded: Guarded, counted: tuple[Facts, RawCounts]
) -> None:
    """Each hidden cell stands there once; a small one is known to lie between one and seven, no narrower."""
    facts, raw = counted
    hidden = guarded.let_out(facts, raw).filter(pl.col("value").is_null())
    rows = [row for row in reported(guarded) if row["shown"] != "rounded"]
    assert len(rows) == len(hidden)
    small = [row for row in rows if row["why"] == "small itself"]
    assert small
    for row in small:
        low, high = int(row["at_least"]), int(row["at_most"])
        assert 1 <= low <= high <= 7
        assert high - low >= guarded.profile.least_width
    assert {row["why"] for row in rows} - {"small itself"}


def test_a_warehouse_that_was_never_told_a_profile_makes_no_figures(tmp_path: Path) -> None:
    """Silence is no decision: nothing is counted, nothing is written."""
    night = NightSite.of(tmp_path / "site", small_sample(), alone=True)
    warehouse = Path(str(night.site.warehouse))
    write_rows(warehouse, {"referral": []})
    with pytest.raises(ControlUnknown, match="E952"):
        publish_feed(night.site, PERIOD)
    assert not (night.site.var / "feed" / PERIOD.label).exists()
