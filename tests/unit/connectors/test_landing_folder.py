"""The folder landing gives a file its name only when it is whole and durable."""

import os
import stat
from pathlib import Path

import pytest

from connectors.landing_errors import LandingUnavailable
from connectors.landing_folder import LandingFolder

ONE = "early_help/00000001-20221201T060000Z-a1b2c3"


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "person-0001.parquet.age"
    path.write_bytes(b"sealed")
    return path


def test_the_manifest_appears_last(tmp_path: Path, sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are renamed into place one by one: sealed files, then the signature, the manifest at last."""
    order: list[str] = []
    rename = os.replace
    monkeypatch.setattr(os, "replace", lambda old, new: (order.append(Path(new).name), rename(old, new)))
    LandingFolder(tmp_path / "landing").publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    assert order == [sealed.name, "manifest.json.sig", "manifest.json"]


def test_every_file_is_durable_before_the_manifest_shows(
    tmp_path: Path, sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is synced before it gets its name."""
    steps: list[str] = []
    sync, rename = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("sync"), sync(handle)))
    monkeypatch.setattr(os, "replace", lambda old, new: (steps.append("name"), rename(old, new)))
    LandingFolder(tmp_path / "landing").publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    names = [at for at, step in enumerate(steps) if step == "name"]
    assert len(names) == 3
    assert all(steps[at - 1] == "sync" and steps[at + 1] == "sync" for at in names)


def test_a_landing_that_can_not_be_written_says_so(tmp_path: Path, sealed: Path) -> None:
    """A landing zone that is no folder ends with exit 50 and the batch still in the outbox."""
    (tmp_path / "landing").write_bytes(b"")
    with pytest.raises(LandingUnavailable) as refused:
        LandingFolder(tmp_path / "landing").publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    assert refused.value.exit_code == 50
    assert "stays in the outbox" in str(refused.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize(
    ("above", "folder", "file"), [(0o2750, 0o2750, 0o640), (0o755, 0o755, 0o644), (0o700, 0o700, 0o600)]
)
def test_what_is_laid_down_is_as_readable_as_the_folder_it_is_laid_into(
    tmp_path: Path, above: int, folder: int, file: int
) -> None:
    """Whoever set up the meeting place says who reads there, though our processes share nothing else."""
    source = tmp_path / "person-0001.parquet.age"
    source.write_bytes(b"sealed")
    (tmp_path / "landing" / "early_help").mkdir(parents=True)
    (tmp_path / "landing" / "early_help").chmod(above)
    before = os.umask(0o077)
    try:
        LandingFolder(tmp_path / "landing").publish(ONE, {source.name: source}, b"manifest", b"signature")
    finally:
        os.umask(before)
    batch = tmp_path / "landing" / ONE
    assert stat.S_IMODE(batch.stat().st_mode) == folder
    assert {stat.S_IMODE(path.stat().st_mode) for path in batch.iterdir()} == {file}
