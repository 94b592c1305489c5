"""A landing zone shows whole batches only, whatever lies in its place, and whoever put it there."""

import os
import shutil
import tracemalloc
from pathlib import Path

import pytest

from connectors import landing_zone
from connectors.landing import Landing
from connectors.landing_errors import BatchNotWhole, LandingUnavailable
from tests.contract.conftest import BELOW_A_FOLDER

ONE = "early_help/00000001-20221201T060000Z-a1b2c3"


pytestmark = pytest.mark.parametrize("landing", BELOW_A_FOLDER, indirect=True)


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "person-0001.parquet.age"
    path.write_bytes(b"sealed")
    return path


@pytest.fixture
def filled(tmp_path: Path, landing: Landing, sealed: Path) -> Landing:
    """A landing zone with one batch and its receipt, and a folder beside it that links will lead to."""
    landing.publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    landing.put_receipt("early_help", 1, b"loaded")
    shutil.copytree(tmp_path / "landing", tmp_path / "elsewhere")
    return landing


def test_a_folder_without_a_manifest_is_no_batch(tmp_path: Path, landing: Landing, sealed: Path) -> None:
    """What a killed publication left is not listed, and the next publication clears it away."""
    folder = tmp_path / "landing" / ONE
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


def test_a_damaged_file_is_made_whole_by_publishing_again(
    tmp_path: Path, landing: Landing, sealed: Path
) -> None:
    """The same batch again mends what a bad disk did to it."""
    landing.publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    (tmp_path / "landing" / ONE / sealed.name).write_bytes(b"sealeX")
    landing.publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    assert landing.read(ONE, sealed.name) == b"sealed"


@pytest.mark.parametrize("level", ["early_help", ONE, f"{ONE}/manifest.json"])
def test_no_link_is_followed_to_a_batch(tmp_path: Path, filled: Landing, level: str) -> None:
    """A flow, a batch or a manifest that is a link is not there, wherever the link leads."""
    _link(tmp_path, level)
    assert filled.batches("early_help") == []
    assert filled.flows() == ([] if level == "early_help" else ["early_help"])
    with pytest.raises(BatchNotWhole):
        filled.read(ONE, "manifest.json")


@pytest.mark.parametrize("level", ["early_help", ONE])
def test_nothing_is_written_or_removed_through_a_link(
    tmp_path: Path, sealed: Path, filled: Landing, level: str
) -> None:
    """What lies behind a link stays as it is."""
    _link(tmp_path, level)
    (tmp_path / "elsewhere" / ONE / "manifest.json").unlink()
    before = sorted(path.name for path in (tmp_path / "elsewhere" / ONE).iterdir())
    with pytest.raises(LandingUnavailable):
        filled.publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    with pytest.raises(LandingUnavailable):
        filled.drop_bodies(ONE)
    assert sorted(path.name for path in (tmp_path / "elsewhere" / ONE).iterdir()) == before


@pytest.mark.parametrize("level", ["receipts", "receipts/early_help", "receipts/early_help/00000001.json"])
def test_no_link_is_followed_to_a_receipt(tmp_path: Path, filled: Landing, level: str) -> None:
    """A receipt behind a link is no receipt, and none is written through one."""
    _link(tmp_path, level)
    assert filled.receipt("early_help", 1) is None
    assert filled.receipts("early_help") == {}
    if level.endswith(".json"):
        filled.put_receipt("early_help", 1, b"another")
        assert filled.receipt("early_help", 1) == b"another"
    else:
        with pytest.raises(LandingUnavailable):
            filled.put_receipt("early_help", 1, b"another")
    assert (tmp_path / "elsewhere/receipts/early_help/00000001.json").read_bytes() == b"loaded"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_never_waited_for(tmp_path: Path, filled: Landing, sealed: Path) -> None:
    """A pipe in place of a receipt, file or manifest is not there; publishing again puts the file back."""
    for name in ("receipts/early_help/00000001.json", f"{ONE}/{sealed.name}", f"{ONE}/manifest.json"):
        (tmp_path / "landing" / name).unlink()
        os.mkfifo(tmp_path / "landing" / name)
    (tmp_path / "landing/receipts/early_help/00000002.json").mkdir()
    assert filled.receipts("early_help") == {}
    assert filled.batches("early_help") == []
    filled.publish(ONE, {sealed.name: sealed}, b"manifest", b"signature")
    assert filled.read(ONE, sealed.name) == b"sealed"


def test_junk_beside_a_batch_is_not_listed(tmp_path: Path, filled: Landing) -> None:
    """Names in other digits or of unlikely length are no batches and no flows, manifest or not."""
    for name in (f"{'x' * 200}/00000001-a", "early_help/٠٠٠٠٠٠٠٢-a", "early_help/00000003-"):
        (tmp_path / "landing" / name).mkdir(parents=True)
        (tmp_path / "landing" / name / "manifest.json").write_bytes(b"junk")
    assert filled.flows() == ["early_help"]
    assert filled.batches("early_help") == [ONE]


def test_a_manifest_or_receipt_beyond_all_measure_is_not_read(
    filled: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody fills our memory with a file that has the right name."""
    monkeypatch.setattr(landing_zone, "LARGEST_WORDS", 5)
    assert filled.receipts("early_help") == {}
    with pytest.raises(BatchNotWhole):
        filled.read(ONE, "manifest.json")
    assert filled.read(ONE, "person-0001.parquet.age") == b"sealed"


def test_a_file_larger_than_any_may_be_is_not_taken_in_to_be_measured(
    tmp_path: Path, filled: Landing, sealed: Path
) -> None:
    """Its size is looked at first: 64 GiB that take no space cost no memory either."""
    with (tmp_path / "landing" / ONE / sealed.name).open("r+b") as stream:
        stream.truncate(1 << 36)
    tracemalloc.start()
    with pytest.raises(BatchNotWhole):
        filled.read(ONE, sealed.name)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 << 20


def _link(tmp_path: Path, level: str) -> None:
    """Put a link to the same thing elsewhere in place of what is in the landing zone."""
    path = tmp_path / "landing" / level
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    path.symlink_to(tmp_path / "elsewhere" / level)
