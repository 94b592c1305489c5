"""State files are whole and durable; one that is torn stops the run, so that no wrong one goes through."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync.council import load_council_side
from tests.killed_nights import what_is_left
from tests.nights import NightSite
from tests.small_sample import a_day_later, small_sample

NOT_BY_RENAME = {"lock", "findings.sqlite", "people.sqlite", ".warehouse.duckdb.lock"}
TORN = [
    ("state/chain/early_help.json", "cut", "E808", 70),
    ("state/treatments/early_help.json", "other", "E808", 70),
    ("state/memory/early_help.parquet", "cut", "E815", 70),
    ("state/memory/early_help.parquet", "other", "E815", 70),
    ("state/pulls.json", "cut", "E808", 70),
    ("state/findings.sqlite", "other", None, 70),
    ("log/leaves.jsonl", "cut", None, 60),
]
Stamp = tuple[int, int]


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


class Disk:
    """Watches a process's own calls: which files were made durable, and what was renamed before it was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.synced: dict[int, Stamp] = {}
        self.renamed: list[str] = []
        self.too_early: list[str] = []
        self._open_folders: set[int] = set()
        fsync, replace = os.fsync, os.replace

        def watched_fsync(handle: Any) -> None:
            fsync(handle)
            said = os.fstat(handle if isinstance(handle, int) else handle.fileno())
            self.synced[said.st_ino] = said.st_size, said.st_mtime_ns
            self._open_folders.discard(said.st_ino)

        def watched_replace(source: Any, target: Any) -> None:
            paths = [path for path in [Path(source), *Path(source).rglob("*")] if path.is_file()]
            leaving = Path(target).name.startswith(".")
            self.too_early += [str(path) for path in paths if not leaving and not self.durable(path)]
            replace(source, target)
            self.renamed.append(str(target))
            self._open_folders.add(Path(target).parent.stat().st_ino)

        monkeypatch.setattr(os, "fsync", watched_fsync)
        monkeypatch.setattr(os, "replace", watched_replace)

    def durable(self, path: Path) -> bool:
        """Return whether the file was synced after it was last written."""
        said = path.stat()
        return self.synced.get(said.st_ino) == (said.st_size, said.st_mtime_ns)

    @property
    def renames_not_synced(self) -> int:
        """Return how many folders hold a rename that was never made durable."""
        return len(self._open_folders)


def test_every_file_of_a_night_is_synced_before_its_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a first and a changed night no file is renamed into place before its bytes are durable, every rename
    is made durable, and every file left in state, log, landing zone, runs and warehouse was synced as it is.
    """
    disk = Disk(monkeypatch)
    night = NightSite.of(tmp_path / "site", small_sample())
    assert night.first_night().exit_code == 1
    night.drop(a_day_later())
    assert night.night().exit_code == 1
    assert len(disk.renamed) > 40
    assert disk.too_early == []
    assert disk.renames_not_synced == 0
    left = [
        path
        for room in ("state", "log", "landing", "runs", "warehouse.duckdb")
        for path in [night.site.var / room, *(night.site.var / room).rglob("*")]
        if path.is_file() and path.name not in NOT_BY_RENAME
    ]
    assert len(left) > 30
    assert [str(path) for path in left if not disk.durable(path)] == []


def test_the_watch_sees_a_file_that_was_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file renamed without a sync, or written again after it, is seen."""
    disk = Disk(monkeypatch)
    for name, again in (("never", False), ("before", True)):
        path = tmp_path / f"{name}.part"
        path.write_bytes(b"one")
        if again:
            with path.open("rb+") as file:
                os.fsync(file)
            path.write_bytes(b"other")
        os.replace(path, tmp_path / name)
    assert len(disk.too_early) == 2
    assert disk.renames_not_synced == 1


@pytest.fixture(scope="module")
def eve(settled: NightSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site with a night behind it, and other exports for the next."""
    folder = tmp_path_factory.mktemp("state")
    shutil.copytree(settled.folder, folder / "eve")
    night = NightSite(folder / "eve")
    night.drop(a_day_later())
    return night.folder


def test_a_killed_loads_copy_is_cleared_away_even_when_nothing_has_arrived(eve: Path, tmp_path: Path) -> None:
    """A load killed after it has published leaves a copy with rows in clear; the next load removes it."""
    shutil.copytree(eve, tmp_path / "site")
    left = tmp_path / "site/var/.warehouse.duckdb.loading"
    left.mkdir()
    shutil.copyfile(eve / "var/warehouse.duckdb", left / "copy.duckdb")
    assert load_council_side(NightSite(tmp_path / "site").site) == []
    assert not left.exists()


@pytest.mark.parametrize(("file", "tear", "code", "exit_code"), TORN)
def test_a_torn_state_file_stops_the_run(
    eve: Path, tmp_path: Path, file: str, tear: str, code: str | None, exit_code: int
) -> None:
    """Cut off or overwritten, a state file stops the night with its code: nothing is sent or forgotten."""
    shutil.copytree(eve, tmp_path / "site")
    night, path = NightSite(tmp_path / "site"), tmp_path / "site" / "var" / file
    before = what_is_left(eve)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] if tear == "cut" else b"\x00\xff not ours \x00" * 40)
    said = ended(night.night)
    assert said[1] == exit_code
    assert code is None or said[0] == code
    path.write_bytes(content)
    assert what_is_left(night.folder) == before


def ended(night: Callable[[], Any]) -> tuple[str, int]:
    """Return code and exit code of what stopped the night."""
    from common.errors import ViaductError

    try:
        summary = night()
    except ViaductError as error:
        return error.code, error.exit_code
    return (summary.errors[0].code if summary.errors else "", summary.exit_code)
