"""Files are whole or absent, folders stay where they were made, and nothing half written is left."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from common import files
from common.files import clear_parts, made_folder, whole_file, write_atomic


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the folders that were made durable, in order."""
    found: list[Path] = []
    real = files.fsync_folder
    monkeypatch.setattr(files, "fsync_folder", lambda folder: (found.append(folder), real(folder))[1])
    return found


def written_beside(path: Path, content: bytes) -> None:
    """Write the file as those do that others write into."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def test_every_folder_that_was_made_is_durable_in_the_one_above_it(
    tmp_path: Path, synced: list[Path]
) -> None:
    """Three folders made at once: the names of all three survive a power cut; made again, nothing is done."""
    made_folder(tmp_path / "a/b/c")
    assert set(synced) == {tmp_path, tmp_path / "a", tmp_path / "a/b"}
    synced.clear()
    made_folder(tmp_path / "a/b/c")
    assert synced == []


def test_a_file_is_replaced_whole_and_its_folder_made_durable(tmp_path: Path, synced: list[Path]) -> None:
    """The old content or the new: no third, and nothing beside it."""
    path = tmp_path / "made/state.json"
    for content in (b"one", b"two"):
        write_atomic(path, content)
        assert path.read_bytes() == content
        assert synced[-1] == path.parent
    assert [one.name for one in path.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize("write", [write_atomic, written_beside], ids=["write_atomic", "whole_file"])
def test_the_bytes_of_a_file_are_durable_before_its_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, bytes], None]
) -> None:
    """Synced, then renamed: after a power cut the name never stands for a file of no bytes."""
    steps: list[str] = []
    sync, rename = os.fsync, os.replace

    def synced(handle: int) -> None:
        told = os.fstat(handle)
        steps.append(f"synced {told.st_size}" if stat.S_ISREG(told.st_mode) else "folder")
        sync(handle)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", lambda old, new: (steps.append("named"), rename(old, new)))
    write(tmp_path / "state.json", b"seven b")
    assert steps == ["synced 7", "named", "folder"]


@pytest.mark.skipif(os.name == "nt", reason="There are no modes.")
def test_only_its_owner_reads_a_private_file(tmp_path: Path) -> None:
    """Unless told otherwise a file is its owner's alone, from its first byte on."""
    write_atomic(tmp_path / "ours", b"")
    write_atomic(tmp_path / "theirs", b"", private=False)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("ours", "theirs")] == [0o600, 0o644]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_what_cannot_be_finished_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """A disk that takes no more, at either call: the error comes out, the old file stands."""
    path = tmp_path / "state.json"
    write_atomic(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(OSError, match="No space") as one:
        write_atomic(path, b"new")
    with pytest.raises(OSError, match="No space") as other, whole_file(path) as temporary:
        temporary.write_bytes(b"new")
    assert one.value.filename == other.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]


def test_what_killed_processes_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    """Temporary files go at any depth, those that are young only where nobody else writes; folders stay."""
    keep = [tmp_path / "state.json", tmp_path / "deep/.hidden"]
    old, young = tmp_path / "deep/.a.0a1b2c3d.part", tmp_path / ".b.0a1b2c3d.part"
    made_folder(tmp_path / "deep/.c.0a1b2c3d.part")
    for path in (*keep, old, young):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    clear_parts(tmp_path, older_than_seconds=3600)
    assert (old.exists(), young.exists()) == (False, True)
    clear_parts(tmp_path)
    assert not young.exists()
    assert all(path.exists() for path in (*keep, tmp_path / "deep/.c.0a1b2c3d.part"))
    clear_parts(tmp_path / "absent")
