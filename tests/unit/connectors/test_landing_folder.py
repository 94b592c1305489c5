"""The folder landing shows whole batches only, whatever happened while they were put there."""

import os
from pathlib import Path

import pytest

from connectors.errors import LandingUnavailable
from connectors.landing_folder import LandingFolder

ONE = "early_help/00000001-20221201T060000Z-a1b2c3"


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "person-0001.parquet.age"
    path.write_bytes(b"sealed")
    return path


def test_a_folder_without_a_manifest_is_no_batch(tmp_path: Path, sealed: Path) -> None:
    """What a killed publication left is not listed, and the next publication clears it away."""
    landing, folder = LandingFolder(tmp_path / "landing"), tmp_path / "landing" / ONE
    folder.mkdir(parents=True)
    for name in (".person-0001.parquet.age.ab12.part", "need-0001.parquet.age", "manifest.json.sig"):
        (folder / name).write_bytes(b"half")
    assert landing.batches("early_help") == []
    landing.publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json",
        "manifest.json.sig",
        sealed.name,
    ]


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


def test_a_damaged_file_is_made_whole_by_publishing_again(tmp_path: Path, sealed: Path) -> None:
    """The same batch again mends what a bad disk did to it."""
    landing = LandingFolder(tmp_path / "landing")
    landing.publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    (tmp_path / "landing" / ONE / sealed.name).write_bytes(b"sealeX")
    landing.publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    assert landing.read(ONE, sealed.name) == b"sealed"


def test_a_landing_that_can_not_be_written_says_so(tmp_path: Path, sealed: Path) -> None:
    """A landing zone that is no folder ends with exit 50 and the batch still in the outbox."""
    (tmp_path / "landing").write_bytes(b"")
    with pytest.raises(LandingUnavailable) as refused:
        LandingFolder(tmp_path / "landing").publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    assert refused.value.exit_code == 50
    assert "stays in the outbox" in str(refused.value)
