"""The spool's room on disk: a ceiling, what must stay free, and places that are used again."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.budget import RunBudget
from connectors.errors import SpoolDamaged
from connectors.patience import Later, Patience
from connectors.settings import Limits
from connectors.spool import FRAME_BYTES, Spool
from connectors.spool_errors import SpaceShort, SpoolFull
from connectors.spool_room import Ceiling, Room

MIB = 1 << 20


def test_the_ceiling_holds_and_what_was_written_before_it_is_whole(tmp_path: Path) -> None:
    """The byte that would pass the ceiling is refused in four lines; what waits already can be read still."""
    with Spool(tmp_path, in_memory_bytes=0, ceiling=Ceiling(most_bytes=3 * MIB)) as spool:
        first = spool.writer()
        first.write(b"a" * (2 * MIB))
        kept = first.close()
        with pytest.raises(SpoolFull) as full:
            spool.writer().write(b"b" * (2 * MIB))
        assert full.value.exit_code == 22
        assert "3 MiB may wait on disk" in full.value.where
        assert "spool_megabytes" in full.value.next_step
        assert spool.bytes_on_disk <= 3 * MIB
        assert kept.open().read() == b"a" * (2 * MIB)


def test_places_that_were_let_go_are_used_again(tmp_path: Path) -> None:
    """Ten times the ceiling passes through, as long as it is let go of; what is kept stays whole."""
    with Spool(tmp_path, in_memory_bytes=0, ceiling=Ceiling(most_bytes=6 * MIB)) as spool:
        writer = spool.writer()
        writer.write(b"kept" * (MIB // 4))
        kept = writer.close()
        for number in range(30):
            writer = spool.writer()
            writer.write(bytes([number]) * (2 * MIB - 777 * number))
            passing = writer.close()
            assert passing.open().read() == bytes([number]) * (2 * MIB - 777 * number)
            passing.discard()
        assert kept.open().read() == b"kept" * (MIB // 4)
        assert spool.bytes_on_disk <= 4 * MIB


def test_what_was_let_go_can_not_be_read_in_another_place(tmp_path: Path) -> None:
    """A frame whose place others use does not open as theirs: each has a number of its own."""
    with Spool(tmp_path, in_memory_bytes=0) as spool:
        frame = spool.seal(b"a" * FRAME_BYTES)
        spool.let_go(frame)
        other = spool.seal(b"b" * FRAME_BYTES)
        assert (other.offset, other.length) == (frame.offset, frame.length)
        with pytest.raises(SpoolDamaged):
            spool.unseal(frame)
        assert spool.unseal(other) == b"b" * FRAME_BYTES


@settings(max_examples=60)
@given(lengths=st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=60))
def test_no_two_places_overlap(
    lengths: list[tuple[int, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However places come and go, no byte belongs to two, and none lies past the end."""
    room, held = Room(tmp_path_factory.getbasetemp(), Ceiling()), dict[int, int]()
    for length, goes in lengths:
        offset = room.take(length)
        assert offset + length <= room.end
        assert all(offset + length <= other or other + size <= offset for other, size in held.items())
        held[offset] = length
        if goes:
            gone = min(held)
            room.give_back(gone, held.pop(gone))


def test_a_disk_with_too_little_room_is_left_alone(tmp_path: Path) -> None:
    """Where less is free than the site wants, nothing is begun, and nothing more is written on the way."""
    spool = Spool(tmp_path / "absent" / "spool", in_memory_bytes=0, ceiling=Ceiling(free_bytes=1 << 60))
    with spool, pytest.raises(SpaceShort) as short:
        spool.require_room()
    assert short.value.exit_code == 50
    assert not (tmp_path / "absent").exists()
    with Spool(tmp_path, in_memory_bytes=0, ceiling=Ceiling(free_bytes=1 << 60)) as spool:
        with pytest.raises(SpaceShort):
            spool.writer().write(b"a" * (2 * MIB))
        assert spool.bytes_on_disk == 0


def test_sources_share_the_retries_of_one_run() -> None:
    """What one source has spent of the run's retries is not there for the next, whatever its own allow."""
    budget = RunBudget(retries=3)
    limits = Limits(
        attempts=3, retries_per_run=10, first_wait_seconds=0, longest_wait_seconds=0, budget=budget
    )
    asked: list[str] = []

    def fails(source: str) -> None:
        def ask() -> None:
            asked.append(source)
            raise Later(SpaceShort, "busy")

        with pytest.raises(SpaceShort, match="attempts"):
            Patience(source, limits, sleep=lambda _: None).repeat(ask, source)

    for source in ("one", "two", "three"):
        fails(source)
    assert asked == ["one"] * 3 + ["two"] * 2 + ["three"]


def test_no_pull_lasts_longer_than_the_run() -> None:
    """A pull ends with the run that it belongs to, and no wait leads beyond it."""
    ended = Patience("one", Limits(budget=RunBudget(ends_at=0.0)), sleep=lambda _: None)
    assert ended.left_seconds < 0
    assert Patience("one", Limits()).left_seconds > 3000
    assert RunBudget(ends_at=1e12).until(5) < 1e12
