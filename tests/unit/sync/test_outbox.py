"""The outbox: a batch is there whole or not at all, and vanishes at once."""

from pathlib import Path

import pytest

from sync.errors import StateUnreadable
from sync.outbox import Batch, Chain, Outbox

RUN = "20221201T060000Z-abcdef"


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path, "early_help")


def published(outbox: Outbox, number: int) -> Batch:
    """Return a batch of two files, sealed and named."""
    draft = outbox.draft(number, RUN)
    names = [draft.add("person", b"one"), draft.add("person", b"three")]
    assert names == ["person-0001.parquet.age", "person-0002.parquet.age"]
    assert draft.bytes == 8
    draft.memory.write_bytes(b"memory")
    return draft.publish(b"{}", b"signature", {"leaf": 1})


def test_a_draft_is_no_batch_until_it_is_published(outbox: Outbox) -> None:
    """While it is being filled nobody sees a draft; a new run clears it away; published it is whole."""
    draft = outbox.draft(1, RUN)
    draft.add("person", b"half")
    assert outbox.waiting() == []
    outbox.clear_unfinished()
    assert list(outbox.folder.iterdir()) == []
    batch = published(outbox, 1)
    assert [one.id for one in outbox.waiting()] == [f"early_help/00000001-{RUN}"]
    assert (batch.sequence, batch.run_id, batch.manifest, batch.signature) == (1, RUN, b"{}", b"signature")
    assert [path.read_bytes() for path in batch.bodies.values()] == [b"one", b"three"]
    assert batch.note == {"leaf": 1}


def test_batches_wait_in_the_order_of_their_numbers(outbox: Outbox) -> None:
    """The oldest is finished first."""
    for number in (10, 2, 9):
        published(outbox, number)
    assert [batch.sequence for batch in outbox.waiting()] == [2, 9, 10]


def test_a_batch_remembers_how_far_it_has_come_and_goes_at_once(outbox: Outbox) -> None:
    """Marks and the receipt are files of their own; a removed batch waits no longer, nor any half of it."""
    batch = published(outbox, 1)
    assert not batch.has("logged")
    batch.mark("logged", "2022-12-01T06:00:00Z")
    batch.keep_receipt(b"signed")
    (again,) = outbox.waiting()
    assert again.has("logged")
    assert again.receipt == b"signed"
    again.remove()
    assert outbox.waiting() == []
    assert list(outbox.folder.iterdir()) == []


def test_the_chain_is_kept(outbox: Outbox) -> None:
    """Without a file the flow has used no number; then it is what was written."""
    assert outbox.chain() == Chain(0, None)
    outbox.advance(Chain(7, "ab"))
    assert outbox.chain() == Chain(7, "ab")
    day = {"on": "2026-12-01", "rows": 3, "people": 2}
    outbox.advance(Chain(8, "cd", sent_on="2026-12-01", day=day))
    assert outbox.chain() == Chain(8, "cd", sent_on="2026-12-01", day=day)


@pytest.mark.parametrize("day", [3, {"on": "2026-12-01"}, {"on": None, "rows": 1, "people": 1}])
def test_a_chain_whose_day_is_not_ours_is_refused(outbox: Outbox, day: object) -> None:
    """What has left today is never taken for nought because it cannot be read."""
    outbox.advance(Chain(7, "ab", day=day))  # type: ignore[arg-type]
    with pytest.raises(StateUnreadable):
        outbox.chain()


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[]", b'{"sequence": "7", "manifest_sha256": "ab"}'])
def test_a_chain_that_is_not_ours_is_refused(outbox: Outbox, tmp_path: Path, content: bytes) -> None:
    """A file of another shape is never taken for number nought: the run stops."""
    (tmp_path / "chain" / "early_help.json").write_bytes(content)
    with pytest.raises(StateUnreadable):
        outbox.chain()


def test_a_chain_that_is_lost_is_not_begun_anew(outbox: Outbox) -> None:
    """What was remembered was sent under a number: without that number the run stops before it seals."""
    outbox.memory_path.write_bytes(b"remembered")
    with pytest.raises(StateUnreadable):
        outbox.chain()
