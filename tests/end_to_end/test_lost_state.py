"""State that is lost, or put back from another night, stops the run; restore.md leads out of it."""

import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from sync.summary import Summary
from tests.nights import ACCEPTED_BY, PROVENANCE, NightSite
from tests.small_sample import a_day_later

PAGE = Path(__file__).parents[2] / "docs/how_to/restore.md"
FLOWS = ("early_help", "commissioning")
TOMBSTONES = "withdrawn_records"
LOST = {
    "state/memory/early_help.parquet": "E815",
    "state/chain/early_help.json": "E808",
    "state/treatments/early_help.json": "E815",
    "state/pulls.json": "E815",
    "state/safety/proofs": "E815",
    "state/absorbed.parquet": "E815",
    "state/numbers.parquet": "E815",
    "state/links.parquet": "E815",
    "log": "E815",
}


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


@pytest.fixture(scope="module")
def after_two(settled: NightSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site with two nights behind it, the state after the first kept beside it."""
    folder = tmp_path_factory.mktemp("lost")
    shutil.copytree(settled.folder, folder / "site")
    night = NightSite(folder / "site")
    shutil.copytree(folder / "site/var/state", folder / "state_of_the_first_night")
    night.drop(a_day_later())
    assert night.night(accept_drop=True).exit_code == 1
    return folder


@pytest.fixture(scope="module")
def undisturbed(after_two: Path) -> dict[str, set[tuple[object, ...]]]:
    """Return the warehouse after a third, full night of which the council has kept only that night's rows."""
    night = copied(after_two, after_two / "undisturbed")
    ended(night.night(full=True))
    keep_rows_of_the_last_batch(night)
    return rows(night)


@pytest.fixture(scope="module")
def anew(after_two: Path) -> dict[str, set[tuple[object, ...]]]:
    """Return the warehouse of a first night with the same keys and exports, for nobody remembers anything."""
    night = copied(after_two, after_two / "anew")
    for room in ("state", "log", "landing", "runs"):
        shutil.rmtree(night.site.var / room)
    night.site.warehouse.unlink()
    ended(night.first_night())
    return rows(night)


def rows(night: NightSite) -> dict[str, set[tuple[object, ...]]]:
    """Return the rows of every entity of every flow, provenance and tombstones left aside."""
    hidden = ", ".join(sorted(PROVENANCE))
    with closing(duckdb.connect(str(night.site.warehouse), read_only=True)) as warehouse:
        return {
            table: set(warehouse.execute(f"select * exclude ({hidden}) from {table}").fetchall())
            for table in tables_of(warehouse)
        }


def tables_of(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    found = warehouse.execute("select table_schema || '.' || table_name from information_schema.tables")
    return [name for (name,) in found.fetchall() if name.startswith(FLOWS) and TOMBSTONES not in name]


@pytest.fixture
def night(after_two: Path, tmp_path: Path) -> NightSite:
    return copied(after_two, tmp_path / "site")


def copied(of: Path, to: Path) -> NightSite:
    shutil.copytree(of / "site", to)
    return NightSite(to)


def ended(summary: Summary) -> Summary:
    assert summary.exit_code in {0, 1}, [error.code for error in summary.errors]
    return summary


def stopped(night: NightSite, code: str) -> None:
    """See that a run stops with the code, has pulled nothing and changes nothing but the run history."""
    before = kept(night)
    summary = night.night()
    assert [error.code for error in summary.errors] == [code]
    assert summary.exit_code == 70
    assert summary.sources == []
    assert "docs/how_to/restore.md" in summary.errors[0].remedy
    assert kept(night) == before


def kept(night: NightSite) -> dict[str, bytes]:
    """Return every file of the state and of the landing zone, by name."""
    found = [path for room in ("state", "landing") for path in (night.site.var / room).rglob("*")]
    return {path.as_posix(): path.read_bytes() for path in found if path.is_file() and path.name != "lock"}


def keep_rows_of_the_last_batch(night: NightSite) -> None:
    """Do what the page tells the council: delete what the full run did not bring again."""
    (statement,) = re.findall(r"delete from FLOW\.ENTITY where batch_sequence < N", PAGE.read_text("utf-8"))
    with closing(duckdb.connect(str(night.site.warehouse))) as warehouse:
        for flow in FLOWS:
            batches = warehouse.execute("select max(sequence) from viaduct_batches where flow = ?", [flow])
            last = batches.fetchall()[0][0]
            for table in tables_of(warehouse):
                if table.startswith(f"{flow}."):
                    warehouse.execute(statement.replace("FLOW.ENTITY", table).replace("N", str(last)))


def rewrite(path: Path, **changes: object) -> None:
    known = json.loads(path.read_bytes()) if path.exists() else {}
    path.write_text(json.dumps(known | changes), encoding="utf-8")


def chain_as_the_receipts_say(night: NightSite, **also: object) -> None:
    """Write each flow's chain anew from the council side's last receipt, as the page says."""
    for flow in FLOWS:
        last = max((night.site.landing / "receipts" / flow).glob("*.json"))
        receipt = json.loads(last.read_bytes())["receipt"]
        said = {"sequence": receipt["sequence"], "manifest_sha256": receipt["manifest_sha256"]}
        rewrite(night.site.var / f"state/chain/{flow}.json", **said, **also)


def test_what_is_lost_stops_the_run_and_comes_back_with_the_backup(night: NightSite, tmp_path: Path) -> None:
    """Without one file nothing is pulled, sent or forgotten; with the backup's the nights go on as ever."""
    for at, (file, code) in enumerate(LOST.items()):
        lost, backup = night.site.var / file, tmp_path / f"backup{at}"
        lost.rename(backup)
        stopped(night, code)
        shutil.rmtree(lost) if lost.is_dir() else None
        backup.rename(lost)
    assert [flow.state for flow in ended(night.night()).flows] == ["nothing_sent"] * 2


def test_a_memory_of_another_night_stops_the_run(after_two: Path, night: NightSite) -> None:
    """One file put back from an older backup is not taken for tonight's, though it can be read."""
    older = after_two / "state_of_the_first_night/memory/early_help.parquet"
    shutil.copyfile(older, night.site.var / "state/memory/early_help.parquet")
    stopped(night, "E815")


def test_a_lost_memory_without_a_backup_is_begun_anew(
    night: NightSite, anew: dict[str, set[tuple[object, ...]]]
) -> None:
    """Told that there is none, a full run sends it all again under the next number; no row stays behind."""
    for flow in FLOWS:
        (night.site.var / f"state/memory/{flow}.parquet").unlink()
        rewrite(night.site.var / f"state/chain/{flow}.json", memory_sha256=None)
    ended(night.night(full=True, accept_growth=True))
    keep_rows_of_the_last_batch(night)
    assert rows(night) == anew


def test_an_older_backup_is_brought_up_to_the_receipts(
    after_two: Path,
    night: NightSite,
    undisturbed: dict[str, set[tuple[object, ...]]],
    anew: dict[str, set[tuple[object, ...]]],
) -> None:
    """State of an earlier night knows fewer batches than the log; with the receipts' numbers it goes on.

    What was sent since and is held now is nobody's any more: the warehouse has no row that it would not have,
    and every row that a first night would bring.
    """
    shutil.rmtree(night.site.var / "state")
    shutil.copytree(after_two / "state_of_the_first_night", night.site.var / "state")
    stopped(night, "E815")
    chain_as_the_receipts_say(night)
    ended(night.night(full=True, accept_growth=True, accept_drop=True))
    keep_rows_of_the_last_batch(night)
    found = rows(night)
    assert all(anew[table] <= found[table] <= undisturbed[table] for table in found)


def test_a_lost_state_without_a_backup_is_begun_anew(
    night: NightSite, anew: dict[str, set[tuple[object, ...]]]
) -> None:
    """With nothing left but log, landing zone and keys, the receipts tell where the numbers go on."""
    shutil.rmtree(night.site.var / "state")
    stopped(night, "E815")
    chain_as_the_receipts_say(night, memory_sha256=None)
    rewrite(night.site.var / "state/pulls.json")
    ended(night.night(full=True, accept_growth=True, accept_flagged=ACCEPTED_BY))
    keep_rows_of_the_last_batch(night)
    assert rows(night) == anew


def test_lost_pulls_and_treatments_are_begun_anew_by_hand(night: NightSite) -> None:
    """An empty file says that somebody knows; treatments that nobody knows any more count as wider."""
    state = night.site.var / "state"
    before = rows(night)
    for path in (state / "pulls.json", state / "treatments/early_help.json"):
        path.unlink()
        stopped(night, "E815")
        path.write_text("{}\n", encoding="utf-8")
    ended(night.night())
    after = rows(night)
    assert all(after[table] <= before[table] for table in before)
    assert sum(map(len, after.values())) > sum(map(len, before.values())) / 2
