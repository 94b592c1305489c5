"""A warehouse that is counted part after part gives the same figures, and takes the memory of one part."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

import feed.facts
from benchmarks.feed import multiplied
from feed.counting import count_all
from feed.errors import CountsTooLarge
from feed.facts import Facts, facts_of
from feed.model import Area
from feed.parts import Part, number_of_parts
from feed.periods import parse
from feed.tally import NOBODY, PEOPLE_ADDED, Tally
from tests.feed_made import Maker
from tests.feed_rows import SCHEMA, write_rows
from tests.odd_rows import odd_tables
from tests.today import SEED

PERIOD = parse("2022-04..2022-11")
AT_ONCE = 10**9


def test_counted_in_parts_every_number_is_the_same(tmp_path: Path) -> None:
    """Whoever is linked to whom, and whatever hangs on whose referral: counts, statistics, sums and areas."""
    warehouse = write_rows(tmp_path / "w.duckdb", odd_tables(SEED, 120))
    told = []
    for rows_in_part in (AT_ONCE, 400):
        with facts_of(warehouse, Area(), ("L1-ASM",), rows_in_part) as facts:
            told.append(count_all(facts, PERIOD))
    whole, parts = told
    assert whole.counts["count"].sum() > 1000
    assert parts.counts.equals(whole.counts)
    assert parts.spreads.equals(whole.spreads)
    assert parts.empty == whole.empty
    money = ["total", "largest", "second"]
    assert parts.sums.drop(money).equals(whole.sums.drop(money))
    for name in money:
        assert parts.sums[name].to_list() == pytest.approx(whole.sums[name].to_list())
    assert parts.together is not None
    assert whole.together is not None
    assert set(parts.together.iter_rows()) == set(whole.together.iter_rows())


def test_ten_times_the_rows_are_ten_parts_of_which_none_is_larger(tmp_path: Path) -> None:
    """What stands in memory at once is what one part has, however many parts there are."""
    one, ten = tmp_path / "one.duckdb", tmp_path / "ten.duckdb"
    write_rows(one, Maker(SEED, 250).tables())
    with duckdb.connect(str(one)) as connection:
        connection.execute(f"CREATE TABLE {SCHEMA}.organisation (org_id UUID)")
    multiplied(one, ten, 2500)
    with facts_of(one, Area(), (), AT_ONCE) as facts:
        (alone,) = largest(facts)
        rows = sum(alone.values())
    with facts_of(ten, Area(), (), rows) as facts:
        parts = largest(facts)
    assert len(parts) >= 10
    assert sum(sum(part.values()) for part in parts) >= 9 * rows
    assert max(sum(part.values()) for part in parts) < 1.5 * rows


def largest(facts: Facts) -> list[dict[str, int]]:
    """Return of each part how many rows of each fact are counted in it."""
    return [
        {name: facts.rows(f"SELECT count(*) FROM fact_{name}")[0][0] for name in feed.facts.FACTS}
        for _ in facts.each_part()
    ]


def test_nothing_is_written_while_a_part_is_at_hand(tmp_path: Path) -> None:
    """No file but the warehouse is there, and it is as it was."""
    warehouse = write_rows(tmp_path / "w.duckdb", odd_tables(SEED, 40))
    before = warehouse.read_bytes()
    with facts_of(warehouse, Area(), (), 100) as facts:
        for _ in facts.each_part():
            assert [path.name for path in tmp_path.iterdir()] == [warehouse.name]
    assert warehouse.read_bytes() == before


def test_a_part_that_is_too_large_is_told_in_four_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit the memory that counting may take is an error of ours, not of the engine's."""
    warehouse = write_rows(tmp_path / "w.duckdb", Maker(SEED, 400).tables())
    monkeypatch.setattr(feed.facts, "MEMORY_MB", 2)
    with pytest.raises(CountsTooLarge) as refused, facts_of(warehouse, Area()) as facts:
        count_all(facts, PERIOD)
    assert len(str(refused.value).splitlines()) == 4


def test_rows_are_told_apart_by_keys_alone() -> None:
    """As many parts as it takes, one at the least; each key is of one of them."""
    assert [number_of_parts(rows, 100) for rows in (0, 1, 100, 101, 1000)] == [1, 1, 1, 2, 10]
    with duckdb.connect(":memory:") as connection:
        held = " + ".join(f"({Part(number, 3).holds('k')})::INT" for number in range(3))
        asked = f"SELECT DISTINCT {held} FROM (SELECT uuid() AS k FROM range(100))"
        assert connection.execute(asked).fetchall() == [(1,)]


def test_those_whom_no_row_names_are_one_person_in_all_parts() -> None:
    """Whichever part has rows of nobody in a count, they stand for one there; the named add up."""
    tally, cell = Tally(), {"period": "2022-04", "category": "all"}
    for named, flags in ((3, 1), (4, 2), (5, None)):
        frame = pl.DataFrame([{**cell, "p_one": named, "p_two": named, "p_people": named, NOBODY: flags}])
        tally.add(frame.cast({NOBODY: pl.Int64()}), PEOPLE_ADDED, "people")
    told = tally.people({"p_one": 0, "p_two": 1}, "people")
    assert told.rows(named=True) == [{**cell, "p_one": 13, "p_two": 13, "p_people": 12}]
