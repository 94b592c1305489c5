"""The spool keeps bytes in memory or encrypted, gives them back exactly, and notices any change."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import SpoolDamaged
from connectors.spool import FRAME_BYTES, Spool

CANARY = b"Zebulon-Canary" * 1000


def test_what_is_written_is_read_again_and_again(spool: Spool) -> None:
    """A spooled stream gives the same bytes each time it is opened."""
    writer = spool.writer()
    content = os.urandom(3 * FRAME_BYTES + 17)
    writer.write(content)
    spooled = writer.close()
    assert spooled.size == len(content)
    assert spooled.open().read() == content
    assert spooled.open().read() == content


@settings(max_examples=40, deadline=None)
@given(
    blobs=st.lists(
        st.binary(max_size=3000) | st.sampled_from([bytes(FRAME_BYTES), bytes(300_000)]), max_size=12
    )
)
def test_blobs_come_back_one_by_one_in_order(
    blobs: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Blobs of any length, empty ones too, come back as written, from memory and from disk alike."""
    for room in (0, 2 * FRAME_BYTES, 1 << 30):
        with Spool(tmp_path_factory.mktemp("spool"), in_memory_bytes=room) as spool:
            writer = spool.writer()
            for blob in blobs:
                writer.write_blob(blob)
            assert list(writer.close().blobs()) == blobs


def test_few_bytes_never_touch_the_disk(spool: Spool) -> None:
    """Below the threshold there is no file at all."""
    writer = spool.writer()
    writer.write(CANARY)
    writer.close()
    assert spool.bytes_on_disk == 0


def test_what_goes_to_disk_can_not_be_read_there(tmp_path: Path) -> None:
    """The file behind the spool holds sealed bytes only, and its folder shows no name that tells anything."""
    with Spool(tmp_path / "private", in_memory_bytes=0) as spool:
        writer = spool.writer()
        writer.write(CANARY * 200)
        spooled = writer.close()
        assert spool._file is not None
        spool._file.seek(0)
        on_disk = spool._file.read()
        assert len(on_disk) > len(CANARY) * 200
        assert b"Canary" not in on_disk
        assert b"Canary" in spooled.open().read(), "the scan must be able to see it"
        assert not any("anary" in path.name for path in (tmp_path / "private").iterdir())


def test_nothing_is_left_after_closing_or_an_error(tmp_path: Path) -> None:
    """The folder is empty once the spool has closed, also when an error closed it."""
    spool = Spool(tmp_path / "private", in_memory_bytes=0)
    with pytest.raises(ZeroDivisionError), spool:
        _ = spool.writer().write(bytes(2 * FRAME_BYTES)) / 0
    assert list((tmp_path / "private").iterdir()) == []
    with pytest.raises(SpoolDamaged):
        spool.writer().write(bytes(2 * FRAME_BYTES))


@pytest.mark.parametrize("harm", ["flip", "cut", "swap"])
def test_a_changed_spool_is_noticed(tmp_path: Path, harm: str) -> None:
    """A flipped bit, a cut file or two frames swapped: reading stops, with no library error behind ours."""
    with Spool(tmp_path, in_memory_bytes=0) as spool:
        writer = spool.writer()
        writer.write(os.urandom(2 * FRAME_BYTES))
        spooled = writer.close()
        file = spool._file
        assert file is not None
        file.seek(0)
        content = bytearray(file.read())
        half = len(content) // 2
        if harm == "flip":
            content[half + 9] ^= 1
        content = content[half:] + content[:half] if harm == "swap" else content
        file.seek(0)
        file.write(content)
        if harm == "cut":
            file.truncate(len(content) - 1)
        with pytest.raises(SpoolDamaged) as refused:
            spooled.open().read()
        assert refused.value.__context__ is None


def test_no_nonce_is_used_twice(tmp_path: Path) -> None:
    """Every frame of a spool has its own number, whichever writer wrote it."""
    with Spool(tmp_path, in_memory_bytes=0) as spool:
        writers = [spool.writer() for _ in range(3)]
        for _ in range(4):
            for writer in writers:
                writer.write(bytes(FRAME_BYTES))
        frames = [part for writer in writers for part in writer.close()._parts]
        assert len({frame.number for frame in frames if not isinstance(frame, bytes)}) == len(frames) == 12


def test_what_is_let_go_makes_room_in_memory(tmp_path: Path) -> None:
    """After `discard` as many bytes fit into memory again."""
    with Spool(tmp_path, in_memory_bytes=FRAME_BYTES) as spool:
        for _ in range(5):
            writer = spool.writer()
            writer.write(bytes(FRAME_BYTES))
            writer.close().discard()
        assert spool.bytes_on_disk == 0


def test_a_spool_never_shows_what_it_holds(spool: Spool) -> None:
    """The repr of a spool and of what lies in it tells sizes only."""
    writer = spool.writer()
    writer.write(CANARY)
    assert "anary" not in repr(spool) + repr(writer.close())
