"""From the warehouse to the signed folder, and on to the next edition with its reasons."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from feed.disclosure.door import OpenOnce
from feed.errors import WarehouseNotThere
from feed.model import Area
from feed.periods import parse
from feed.publish import Wanted, publish
from feed.release.build import Published
from feed.release.quality import Fate
from tests.feed_rows import write_rows
from tests.unit.feed.release.invented import KEYS, PUBLISHER, bytes_in

MAY = date(2022, 5, 4)
RECEIVED = {"lot_code": "L3-SSH", "status": "completed", "received_on": MAY}
TABLES: dict[str, list[dict[str, Any]]] = {
    "referral": [{**RECEIVED, "referral_id": f"r{i}", "person_id": f"p{i % 15}"} for i in range(20)],
    "advice": [{"advice_id": f"a{i}", "given_on": MAY, "person_id": f"p{i}"} for i in range(10)],
    "person": [{"person_id": f"p{i}"} for i in range(15)],
    "address": [],
    "onward_referral": [],
}
STONES = """CREATE TABLE commissioning.withdrawn_records AS SELECT 'referral' AS entity, uuid() AS key,
    2 AS batch_sequence, TIMESTAMPTZ '2022-12-02 06:00:00Z' AS withdrawn_at, 'withdrawn' AS reason"""
ELSEWHERE = """import sys, pathlib
from tests.unit.feed.release.test_publish import published
published(pathlib.Path(sys.argv[1]))"""
MORE = """INSERT INTO commissioning.referral
    SELECT * REPLACE (uuid() AS referral_id, 2 AS batch_sequence) FROM commissioning.referral LIMIT 3"""
SECOND = "batch_sequence = 2, released_at = TIMESTAMPTZ '2022-12-02 06:00:00Z', run_id = 'LATER'"


def published(path: Path, *changes: str, **more: Any) -> Published:
    """Publish a quarter of the warehouse, changed by a second batch where statements are given."""
    warehouse = path / "w.duckdb"
    if not warehouse.exists():
        write_rows(warehouse, TABLES)
    with duckdb.connect(str(warehouse)) as connection:
        for statement in changes:
            connection.execute(statement)
    wanted = Wanted(
        parse("2022-23-Q1"), Area(), PUBLISHER, path / "feed", path / "state",
        fates=lambda run: (Fate("referral", 0, 20),) if run == "RUN" else (),
    )  # fmt: skip
    return publish(warehouse, wanted, KEYS, **more)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse and the first edition of its quarter; nobody may change it."""
    path = tmp_path_factory.mktemp("base")
    assert published(path).edition == 1
    return path


@pytest.fixture
def site(base: Path, tmp_path: Path) -> Path:
    """Return a copy of the same, to go on from."""
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    return tmp_path


def revised(folder: Path) -> set[tuple[Any, ...]]:
    """Return what was revised of the whole borough in the quarter: figure, from, to, why."""
    told = pl.read_parquet(folder / "revisions.parquet")
    whole = (pl.col("breakdown") == "borough") & (pl.col("period") == "2022-23-Q1")
    kept = told.filter(whole, pl.col("kpi") == "K01", pl.col("measure") == "value")
    return set(kept.select("kpi", "from_value", "to_value", "because").rows())


def test_the_same_warehouse_is_the_same_bytes_in_any_process(base: Path, tmp_path: Path) -> None:
    """Time zone, hash seed, threads and day leave no trace: the release is as of the last batch."""
    around = os.environ | {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "77", "POLARS_MAX_THREADS": "3"}
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(tmp_path)], env=around, check=True)
    assert bytes_in(tmp_path / "feed") == bytes_in(base / "feed")
    said = json.loads((base / "feed" / "2022-23-Q1" / "datapackage.json").read_bytes())
    assert (said["created"], said["viaduct"]["as_of_batch"]) == ("2022-12-01T06:00:00Z", 1)


def test_figures_of_the_warehouse_stand_in_the_tables(base: Path) -> None:
    """Twenty referrals and ten pieces of advice, by the whole borough exact."""
    folder = base / "feed" / "2022-23-Q1"
    rows = pl.concat(pl.read_parquet(folder / f"{name}.parquet") for name in ("referrals", "advice"))
    whole = rows.filter(pl.col("period") == "2022-23-Q1", pl.col("breakdown") == "borough")
    counts = whole.filter(pl.col("statistic") == "count").select("kpi", "value", "shown").rows()
    assert {("K01", 20.0, "exact"), ("K04", 10.0, "exact")} <= set(counts)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            [MORE],
            {("K01", 20.0, 23.0, "late_records")},
        ),
        (
            [f"UPDATE commissioning.referral SET status = 'duplicate', {SECOND} WHERE rowid < 2"],
            {("K01", 20.0, 18.0, "mended_records")},
        ),
        (
            ["DELETE FROM commissioning.referral WHERE rowid = 0", STONES],
            {("K01", 20.0, 19.0, "withdrawn_records")},
        ),
        (
            [f"UPDATE commissioning.referral SET received_on = DATE '2022-09-01', {SECOND} WHERE rowid < 4"],
            {("K01", 20.0, 16.0, "mended_records")},
        ),
    ],
)  # fmt: skip
def test_why_a_figure_moved_is_told_from_the_batches(
    base: Path, site: Path, changes: Sequence[str], told: set[tuple[Any, ...]]
) -> None:
    """Late, mended, withdrawn, or mended into another quarter: each is told apart."""
    second = published(site, *changes)
    assert second.edition == 2
    assert {row for row in revised(second.folder) if row[0] == "K01"} == told
    assert bytes_in(site / "feed" / "earlier" / "2022-23-Q1" / "1") == bytes_in(base / "feed" / "2022-23-Q1")


CLOSED = """INSERT INTO commissioning.referral SELECT * REPLACE (uuid() AS referral_id, 2 AS batch_sequence,
    DATE '2022-01-05' AS received_on, DATE '2022-06-01' AS closed_at) FROM commissioning.referral LIMIT 12"""
LINKED = f"""UPDATE commissioning.person SET {SECOND}, linked_person_id =
    (SELECT min(person_id) FROM commissioning.person) WHERE rowid < 4"""
HOUSED = """INSERT INTO commissioning.address BY NAME SELECT uuid() AS address_id, person_id,
    'E01000001' AS lsoa21, 'E08000007' AS lad, 'E05000779' AS ward, source_system,
    2 AS batch_sequence, run_id, released_at FROM commissioning.person"""


@pytest.mark.parametrize(
    ("change", "kpi", "breakdown", "because"),
    [
        (CLOSED, "K21", "borough", {"late_records"}),
        (LINKED, "K02", "borough", {"mended_records"}),
        (HOUSED, "K04", "ward", {"late_records", "late_records, disclosure_control"}),
    ],
)
def test_a_figure_moves_by_records_of_another_period_or_kind_and_says_so(
    site: Path, change: str, kpi: str, breakdown: str, because: set[str]
) -> None:
    """Closed long after it came, found to be one person, housed in a ward: nothing was computed otherwise."""
    told = pl.read_parquet(published(site, change).folder / "revisions.parquet")
    mine = told.filter(pl.col("kpi") == kpi, pl.col("breakdown") == breakdown)
    assert not mine.is_empty()
    assert set(mine["because"]) <= because
    assert not set(told["because"]) & {"method_changed", "definition_changed"}


def test_without_memory_of_the_edition_every_touched_record_may_be_new_or_mended(site: Path) -> None:
    """A site that lost its state still says why, and no more than it knows."""
    (site / "state" / "2022-23-Q1.json").unlink()
    second = published(
        site, f"UPDATE commissioning.referral SET status = 'duplicate', {SECOND} WHERE rowid < 2"
    )
    assert ("K01", 20.0, 18.0, "late_records, mended_records") in revised(second.folder)


def test_a_change_that_moves_no_figure_is_no_edition(base: Path, site: Path) -> None:
    """A later batch that brought nothing of the period leaves every byte of the release."""
    before = bytes_in(base / "feed" / "2022-23-Q1")
    later = published(site, f"UPDATE commissioning.advice SET {SECOND}")
    assert (later.edition, later.is_new, bytes_in(later.folder)) == (1, False, before)


def test_held_and_withheld_are_those_of_the_run_that_brought_the_last_batch(base: Path) -> None:
    """Where the sync side is on this machine, its summary of that very run is read."""
    sheet = pl.read_parquet(base / "feed" / "2022-23-Q1" / "quality_sheet.parquet")
    held = sheet.filter(pl.col("part") == "held").select("subject", "value", "shown")
    assert held.rows() == [("referral", 20.0, "rounded")]


def test_a_warehouse_without_a_batch_publishes_nothing(tmp_path: Path) -> None:
    """There is nothing that figures could be as of."""
    write_rows(tmp_path / "w.duckdb", {name: [] for name in TABLES})
    with pytest.raises(WarehouseNotThere, match="E950"):
        published(tmp_path)
    assert not (tmp_path / "feed" / "2022-23-Q1").exists()


def test_what_was_not_touched_is_not_worked_out_again(base: Path, site: Path) -> None:
    """Where no count, word or rule is another, nothing is hidden, drawn or written anew."""

    class Shut(OpenOnce):
        def let_out(self, *_: object) -> pl.DataFrame:
            raise AssertionError

    assert not published(site, door=Shut()).is_new
    with pytest.raises(AssertionError):
        published(site, MORE, door=Shut())
    assert bytes_in(site / "feed") == bytes_in(base / "feed")
