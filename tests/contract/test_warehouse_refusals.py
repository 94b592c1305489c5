"""The promise of every warehouse: a batch that was tampered with is refused by name and touches no table."""

import base64
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.parquet import ParquetFile

from sealing.envelope import Identity, new_identity, seal
from sealing.receipt import Refusal, open_receipt
from sealing.signing import Purpose, Signer
from tests.batches import (
    COLUMNS,
    SENDER,
    Change,
    Parties,
    Sealed,
    Sender,
    key_of,
    parquet,
    row,
    write,
)
from tests.warehouses import asked, changed
from warehouse import unpacking
from warehouse.errors import TooLittleMemory
from warehouse.load import load_landing
from warehouse.open_batch import SOURCE


@pytest.fixture
def sender(both) -> Sender:
    """A sender whose first batch was loaded."""
    sender = both.sender()
    sender.publish(people(1, 2))
    assert [receipt.outcome for receipt in load(both)] == ["loaded"]
    return sender


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def load(both: Parties):
    return load_landing(both.zone, both.warehouse, both.council)


def rows(both: Parties):
    return asked(both, "SELECT * FROM early_help.person ORDER BY person_id")


def refused(both: Parties) -> list[Refusal | None]:
    """Return the reasons of this load; nothing of what was refused may be in any table."""
    before = rows(both)
    answers = load(both)
    assert all(receipt.outcome == "refused" for receipt in answers)
    assert rows(both) == before
    assert asked(both, "SELECT count(*) FROM viaduct_batches") == [(1,)]
    return [receipt.reason for receipt in answers]


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


def only_file(place: Path) -> Path:
    return next(place.glob("*.age"))


def flip_a_file(place: Path) -> None:
    flip(only_file(place), -20)


def cut_a_file(place: Path) -> None:
    path = only_file(place)
    path.write_bytes(path.read_bytes()[:-1])


def lose_a_file(place: Path) -> None:
    only_file(place).unlink()


def add_a_file(place: Path) -> None:
    shutil.copyfile(only_file(place), place / "person-0002.parquet.age")


def link_a_file(place: Path) -> None:
    path = only_file(place)
    elsewhere = place.parent.parent / "elsewhere.age"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def flip_the_manifest(place: Path) -> None:
    path = place / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"rows":1', b'"rows":2'))


def pretty_print_the_manifest(place: Path) -> None:
    path = place / "manifest.json"
    path.write_bytes(path.read_bytes() + b"\n")


def lose_the_signature(place: Path) -> None:
    (place / "manifest.json.sig").unlink()


def flip_the_signature(place: Path) -> None:
    (place / "manifest.json.sig").write_bytes(b"A" * 86 + b"==\n")


def say_nothing(place: Path) -> None:
    (place / "manifest.json").write_bytes(b"")


TAMPERED: list[tuple[Callable[[Path], None], Refusal]] = [
    (flip_a_file, Refusal.SEALED_DIGEST),
    (cut_a_file, Refusal.SEALED_DIGEST),
    (lose_a_file, Refusal.FILE_MISSING),
    (add_a_file, Refusal.FILE_EXTRA),
    (flip_the_manifest, Refusal.MANIFEST_SIGNATURE),
    (pretty_print_the_manifest, Refusal.MANIFEST_SIGNATURE),
    (lose_the_signature, Refusal.MANIFEST_SIGNATURE),
    (flip_the_signature, Refusal.MANIFEST_SIGNATURE),
    (say_nothing, Refusal.MANIFEST_SIGNATURE),
]


@pytest.mark.parametrize(
    ("tamper", "reason"), TAMPERED, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_a_batch_changed_on_its_way_is_refused(both, sender, tamper, reason):
    """One bit, one byte, one file more or less: refused by name, and the warehouse stays as it was."""
    tamper(sender.build(people(3)).put(both.landing))
    assert refused(both) == [reason]


@pytest.mark.skipif(os.name == "nt", reason="Links need rights that most accounts of Windows lack.")
def test_a_link_in_place_of_a_file_is_refused(both, sender):
    """A link could lead anywhere; only plain files are read."""
    link_a_file(sender.build(people(3)).put(both.landing))
    assert refused(both) == [Refusal.FILE_MISSING]


def test_a_batch_of_another_sender_is_refused(both, sender):
    """Well formed, the next in the row, sealed to us, but signed by a key we do not trust."""
    batch = sender.build(people(3))
    batch.signer = Signer(b"\x66" * 32)
    batch.put(both.landing)
    assert refused(both) == [Refusal.MANIFEST_SIGNATURE]


def test_a_receipt_key_cannot_sign_a_manifest(both, sender):
    """A signature made for one purpose never stands for another, even under one key."""
    batch = sender.build(people(3))
    batch.signer = both.council.receipts
    batch.put(both.landing)
    assert refused(both) == [Refusal.MANIFEST_SIGNATURE]


def test_a_batch_under_another_name_is_refused(both, sender):
    """An old batch under the next number, and a batch of one flow in the folder of another."""
    sender.history[0].put(both.landing, "early_help/00000002-20221203T020000Z-000002")
    sender.build(people(3)).put(both.landing, "commissioning/00000002-20221203T020000Z-000002")
    assert refused(both) == [Refusal.BATCH_RENAMED, Refusal.BATCH_RENAMED]


def test_another_batch_with_a_used_number_is_refused(both, sender):
    """The number of a loaded batch is taken, for its own sender too."""
    other = Sender(both.landing, sender.recipient).build(people(9), run_id="20230101T020000Z-abcdef")
    other.put(both.landing)
    assert refused(both) == [Refusal.SEQUENCE_USED]
    assert refused(both) == [Refusal.SEQUENCE_USED], "said again each time until somebody removes it"


def test_a_loaded_batch_whose_manifest_changed_since_is_refused(both, sender):
    """An older manifest put in place of the one that was loaded is not the one that was loaded."""
    place = both.landing / sender.history[0].manifest.batch_id
    shutil.rmtree(place)
    Sender(both.landing, sender.recipient).build(people(5)).put(both.landing)
    assert refused(both) == [Refusal.SEQUENCE_USED]


def test_a_batch_before_its_turn_waits_for_the_one_before(both, sender):
    """Out of order is refused and leaves the number free; once the missing one is there, both load."""
    missing = sender.settle(sender.build(people(3)))
    sender.publish(people(4))
    assert refused(both) == [Refusal.SEQUENCE_GAP]
    missing.put(both.landing)
    assert [(receipt.sequence, receipt.outcome) for receipt in load(both)] == [(2, "loaded"), (3, "loaded")]


def test_a_batch_that_follows_another_history_is_refused(both, sender):
    """The next number, but after a batch we never saw: the chain is broken, and the number is used."""
    sender.previous = "0" * 64
    sender.publish(people(3))
    assert refused(both) == [Refusal.CHAIN_BROKEN]


def test_a_batch_for_somebody_else_is_refused(both, sender):
    """Sealed to another key, whether the manifest says so or not."""
    stranger = Identity(new_identity()).recipient
    sender.settle(sender.build(people(3), recipient=stranger)).put(both.landing)
    batch = sender.build(people(4))
    sealed = seal(people(4).plain(), stranger)
    name = batch.manifest.files[0].name
    digest = hashlib.sha256(sealed).hexdigest()
    lying = Sealed(batch.manifest, {name: sealed}).with_file(
        0, sealed_sha256=digest, sealed_bytes=len(sealed)
    )
    lying.put(both.landing)
    assert refused(both) == [Refusal.OTHER_RECIPIENT, Refusal.ENVELOPE]


def test_a_file_that_is_not_what_the_manifest_says_is_refused(both, sender):
    """The digest under the seal, the size under the seal, and the number of rows are each compared."""
    for values, reason in (
        ({"plain_sha256": "0" * 64}, Refusal.PLAIN_DIGEST),
        ({"plain_bytes": 7}, Refusal.PLAIN_DIGEST),
        ({"sealed_bytes": 7}, Refusal.SEALED_DIGEST),
        ({"rows": 2}, Refusal.ROW_COUNT),
    ):
        sender.settle(sender.build(people(3)).with_file(0, **values)).put(both.landing)
        assert refused(both) == [reason]


def swap_columns() -> bytes:
    """The same columns in another order."""
    return parquet("person", COLUMNS["person"][::-1], [row("person", 3)])


def text_for_a_day() -> bytes:
    """A day written as text."""
    table = pq.read_table(pa.BufferReader(people(3).plain()))
    return write(table.set_column(2, "birth_date", pa.array(["1950-01-01"])))


def bytes_for_a_key() -> bytes:
    """A key that is 16 bytes but does not say it is a UUID."""
    table = pq.read_table(pa.BufferReader(people(3).plain()))
    return write(table.set_column(0, "person_id", pa.array([key_of("person", 3)], pa.binary(16))))


WRONG_CONTENT: list[tuple[Change, Refusal]] = [
    (Change("person", [row("person", 3)], content=b"PAR1 is not enough PAR1"), Refusal.NOT_PARQUET),
    (Change("person", [row("person", 3)], content=swap_columns()), Refusal.COLUMNS),
    (Change("person", [row("person", 3)], "withdraw", content=people(3).plain()), Refusal.COLUMNS),
    (Change("person", [row("person", 3)], content=text_for_a_day()), Refusal.COLUMN_TYPES),
    (Change("person", [row("person", 3)], content=bytes_for_a_key()), Refusal.COLUMN_TYPES),
    (Change("person", [{SOURCE: "hub"}]), Refusal.KEY_EMPTY),
    (Change("person", [row("person", 3) | {SOURCE: None}]), Refusal.SOURCE_EMPTY),
    (people(3, 3), Refusal.KEY_REPEATED),
    (people(1, 1), Refusal.KEY_REPEATED),
    (Change("person", [row("person", 3), row("person", 3)], "withdraw"), Refusal.KEY_REPEATED),
]


@pytest.mark.parametrize(("change", "reason"), WRONG_CONTENT, ids=lambda value: str(value)[:40])
def test_a_file_that_is_not_as_agreed_is_refused(both, sender, change, reason):
    """Columns, their order, their types, keys that are there and stand for one record each."""
    sender.publish(people(8), change)
    assert refused(both) == [reason]


@pytest.mark.parametrize("limit", ["LARGEST_UNPACKED", "MOST_ROWS"])
def test_a_file_that_says_it_unpacks_to_more_than_any_of_ours_is_refused_unread(
    both, sender, limit, monkeypatch
):
    """What its own end says is asked before a row of it is read: bytes in all columns, and rows."""
    sender.settle(sender.build(people(3, 4))).put(both.landing)
    with monkeypatch.context() as patch:
        patch.setattr(unpacking, limit, 1)
        patch.setattr(unpacking, "unpacked", None)
        assert refused(both) == [Refusal.NOT_PARQUET]


def test_a_host_short_of_memory_answers_nobody_and_loads_the_batch_later(both, sender, monkeypatch):
    """An honest batch has no refusal signed for what the host lacks: nothing loaded, no receipt, an error."""
    before = rows(both)
    sender.publish(people(3))

    def short(*_args, **_kwargs):
        raise pa.lib.ArrowMemoryError("malloc of size 64 failed")

    with monkeypatch.context() as patch:
        patch.setattr(ParquetFile, "read", short)
        with pytest.raises(TooLittleMemory) as told:
            load(both)
    assert (told.value.exit_code, told.value.__context__) == (50, None)
    assert rows(both) == before
    assert not (both.landing / "receipts/early_help/00000002.json").exists()
    assert [receipt.outcome for receipt in load(both)] == ["loaded"]


def test_a_key_in_two_files_is_refused(both, sender):
    """Twice the same record in one batch, though each file by itself is right."""
    sender.publish(people(3), people(4, 3))
    assert refused(both) == [Refusal.KEY_REPEATED]


def test_names_outside_the_agreed_schema_are_refused(both, sender):
    """An entity or a column we did not agree on reaches no table, signed or not."""
    batch = sender.build(people(3))
    shape = batch.manifest.entities["person"]
    for values, reason in (
        ({"entities": batch.manifest.entities | {"diary": shape}}, Refusal.ENTITY_UNKNOWN),
        (_columns(batch, [*shape.columns, "shoe_size"]), Refusal.COLUMNS),
        (_columns(batch, [name for name in shape.columns if name != SOURCE]), Refusal.COLUMNS),
        (_columns(batch, shape.columns, key=["given_name"]), Refusal.COLUMNS),
    ):
        sender.settle(sender.build(people(3), **values)).put(both.landing)
        assert refused(both) == [reason]


def _columns(batch: Sealed, columns: list[str], **values: list[str]):
    shape = batch.manifest.entities["person"].model_copy(update={"columns": columns, **values})
    return {"entities": {"person": shape}}


def test_the_chain_goes_on_after_a_refused_batch(both, sender):
    """A refused batch keeps its number and its signed refusal; the next one follows it and loads."""
    sender.publish(people(3, 3))
    sender.publish(people(4))
    answers = load(both)
    assert [(receipt.sequence, receipt.outcome) for receipt in answers] == [(2, "refused"), (3, "loaded")]
    content = (both.landing / "receipts/early_help/00000002.json").read_bytes()
    receipt = open_receipt(content, both.council.receipts.verifier)
    assert (receipt.reason, receipt.manifest_sha256) == (
        Refusal.KEY_REPEATED,
        sender.history[1].manifest.sha256,
    )
    assert load(both) == []


def test_a_forged_batch_cannot_take_the_number_of_the_true_one(both, sender):
    """Refusals that leave the number free leave no receipt; the true batch loads beside the forged one."""
    forged = sender.build(people(9), run_id="20220101T020000Z-ffffff")
    forged.signer = Signer(b"\x66" * 32)
    forged.put(both.landing)
    assert refused(both) == [Refusal.MANIFEST_SIGNATURE]
    assert not (both.landing / "receipts/early_help/00000002.json").exists()
    sender.publish(people(3))
    assert [receipt.outcome for receipt in load(both)] == ["refused", "loaded"]


def test_a_refused_file_undoes_the_files_before_it(both, sender):
    """The last of three files is wrong: the withdrawals and upserts before it are undone."""
    withdraw = Change("person", [row("person", 1)], "withdraw")
    sender.publish(withdraw, people(5), people(6, 6))
    assert refused(both) == [Refusal.KEY_REPEATED]
    assert asked(both, "SELECT count(*) FROM early_help.withdrawn_records") == [(0,)]


def test_a_manifest_that_is_signed_but_not_ours_is_refused(both, sender):
    """The trusted key signed it, yet it is not in our format."""
    place = sender.build(people(3)).put(both.landing)
    content = b'{"format":"viaduct-batch/9"}'
    (place / "manifest.json").write_bytes(content)
    signature = base64.b64encode(SENDER.sign(Purpose.MANIFEST, content))
    (place / "manifest.json.sig").write_bytes(signature)
    assert refused(both) == [Refusal.MANIFEST_UNREADABLE]


def test_what_was_loaded_is_counted_in_the_table(both, sender):
    """The count is taken where the rows ended up: a stray row under the batch's number undoes the batch."""
    columns = "given_name, birth_date, safety_flag, source_system, run_id, released_at"
    stray = f"gen_random_uuid(), 2, {columns} FROM early_help.person LIMIT 1"
    changed(both, f"INSERT INTO early_help.person (person_id, batch_sequence, {columns}) SELECT {stray}")
    sender.publish(people(3))
    assert refused(both) == [Refusal.ROW_COUNT]


def test_every_reason_is_shown_by_a_test():
    """The list of reasons is closed, and this file shows each of them."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [reason.name for reason in Refusal if f"Refusal.{reason.name}" not in text] == []
