"""What a lake promises: it shows what the warehouse file holds, whole, and nothing that was taken back."""

import datetime as dt
import json
import os
import stat
import threading
from functools import partial
from pathlib import Path

import pytest

from canonical import ENTITIES, spec
from common import clock
from common.errors import ViaductError
from config.lake import LakePlace
from sealing.manifest import RetentionTerm
from tests.batches import COLUMNS, RECEIPTS, SOURCE, Change, Parties, parties, row
from tests.lakes import every_value, read_lake, read_warehouse
from warehouse.errors import LakeNotCleared, LakeNotOurs, LakeNotPublished, LoadUnderWay
from warehouse.lake import publish_lake
from warehouse.load import load_landing
from warehouse.retention import apply_retention
from warehouse.stores import store

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
CANARY = "Zqcanary"


@pytest.fixture
def both(tmp_path: Path) -> Parties:
    return parties(tmp_path)


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def withdraw(*numbers: int) -> Change:
    return Change("person", [row("person", n) for n in numbers], "withdraw")


def lake_of(both: Parties) -> LakePlace:
    return LakePlace("parquet", both.landing.parent / "lake")


def load(both: Parties, *, hours: float = 0) -> list[str]:
    """Load and publish at noon and so many hours; return the answers."""
    publish = partial(publish_lake, both.warehouse, lake_of(both))
    with clock.frozen(NOON + dt.timedelta(hours=hours)):
        answers = load_landing(both.zone, both.warehouse, both.council, publish=publish)
    return [str(answer.reason or answer.outcome) for answer in answers]


def names(both: Parties) -> list[str]:
    return [values[1] for values in read_lake(lake_of(both).folder)["early_help.person"]]


def versions(both: Parties) -> list[Path]:
    return list((lake_of(both).folder / "early_help").iterdir())


def receipts(both: Parties) -> list[str]:
    return sorted(path.name for path in (both.landing / "receipts").rglob("*.json"))


def test_every_table_of_every_flow_is_shown_row_for_row(both: Parties) -> None:
    """All entities with every field, tombstones, the list of batches: a reader sees what the file holds."""
    changes = [
        Change(entity, [row(entity, 1)], columns=[*spec(entity).fields, SOURCE]) for entity in ENTITIES
    ]
    sender = both.sender()
    sender.publish(*changes)
    sender.publish(people(2, 3, name='a"b\n,é'), withdraw(1))
    both.sender("commissioning").publish(people(1))
    assert load(both) == ["loaded"] * 3
    found = read_lake(lake_of(both).folder)
    assert found == read_warehouse(both.warehouse)
    assert len(found) == len(ENTITIES) + 2 + 3
    assert [name for name, rows in found.items() if not rows] == ["commissioning.withdrawn_records"]


def test_keys_are_text_and_types_are_those_that_every_reader_knows(both: Parties) -> None:
    """Spark takes no UUID of Parquet; days, instants in UTC and money are themselves."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    at = dt.datetime(2022, 4, 1, 9, 30, tzinfo=dt.UTC)
    both.sender().publish(
        Change("referral", [row("referral", 1, person_id=row("person", 1)["person_id"], received_at=at)]),
        Change("outcome", [row("outcome", 1, money_gained_gbp=None)]),
        Change("person", [row("person", 1, birth_date=dt.date(1950, 2, 3), safety_flag=True)]),
    )
    load(both)
    kinds = {
        field.name: field.type
        for file in lake_of(both).folder.rglob("*.parquet")
        for field in pq.read_schema(file)
    }
    assert kinds["referral_id"] == kinds["person_id"] == pa.string()
    assert kinds["received_at"] == pa.timestamp("us", "UTC")
    assert kinds["birth_date"] == pa.date32()
    assert kinds["safety_flag"] == pa.bool_()
    assert kinds["money_gained_gbp"] == pa.decimal128(12, 2)


def test_a_second_load_writes_nothing(both: Parties) -> None:
    """Nothing new has arrived: no file of the lake is touched, the pointer least of all."""
    both.sender().publish(people(1))
    load(both)
    before = {path: path.stat().st_mtime_ns for path in lake_of(both).folder.rglob("*")}
    assert load(both, hours=5) == []
    assert {path: path.stat().st_mtime_ns for path in lake_of(both).folder.rglob("*")} == before


def test_a_flow_that_did_not_change_is_not_written_again(both: Parties) -> None:
    """A batch of one flow leaves the other's version as it is."""
    both.sender("commissioning").publish(people(1))
    load(both)
    before = json.loads((lake_of(both).folder / "current.json").read_text())
    both.sender().publish(people(1))
    load(both, hours=1)
    after = json.loads((lake_of(both).folder / "current.json").read_text())
    assert after["flows"]["commissioning"] == before["flows"]["commissioning"]
    assert set(after["flows"]) == {"commissioning", "early_help"}


def test_a_refused_batch_shows_nothing(both: Parties) -> None:
    """A batch with a key that stands twice is answered, and the lake stays as it was."""
    sender = both.sender()
    sender.publish(people(1))
    load(both)
    before = (lake_of(both).folder / "current.json").read_bytes()
    sender.publish(people(5, 5, name=CANARY))
    assert load(both) == ["key_repeated"]
    assert (lake_of(both).folder / "current.json").read_bytes() == before
    assert CANARY not in every_value(lake_of(both).folder)


def test_withdrawn_rows_are_gone_at_once_and_from_every_file_after_the_hour(both: Parties) -> None:
    """The new state lacks them; the old version stays an hour for who still reads it, then it goes."""
    sender = both.sender()
    sender.publish(people(1, name=CANARY), people(2))
    load(both)
    sender.publish(withdraw(1))
    load(both, hours=1)
    assert names(both) == ["Ann"]
    assert CANARY in every_value(lake_of(both).folder), "who began before can still read on"
    load(both, hours=1.9)
    assert CANARY in every_value(lake_of(both).folder)
    load(both, hours=2)
    assert every_value(lake_of(both).folder) >= {"Ann"}
    assert CANARY not in every_value(lake_of(both).folder)
    assert not any(CANARY.encode() in path.read_bytes() for path in lake_of(both).folder.rglob("*.*"))


def test_a_clock_set_back_keeps_no_old_version(both: Parties) -> None:
    """Since when a version is old may lie ahead of a clock that was put right; it is removed all the same."""
    sender = both.sender()
    for number, hours in ((1, 50), (2, 51)):
        sender.publish(people(number, name=f"{CANARY}{number}"))
        load(both, hours=hours)
    sender.publish(withdraw(1))
    assert len(versions(both)) == 2
    load(both, hours=0)
    assert len(versions(both)) == 2, "that of this moment, and the one before it; the first is gone"
    load(both, hours=1)
    assert f"{CANARY}1" not in every_value(lake_of(both).folder)
    assert len(versions(both)) == 1


def test_rows_whose_time_is_over_are_gone_from_every_file_before_the_certificate(both: Parties) -> None:
    """A certificate says that rows were removed: so no version with them is kept, not for an hour."""
    term = RetentionTerm(entity="person", period="P1Y", since="disclosure")
    both.sender().publish(people(1, name=CANARY), retention=[term])
    load(both)
    publish = partial(publish_lake, both.warehouse, lake_of(both), dt.timedelta(0))
    with clock.frozen(NOON):
        (done,) = apply_retention(both.zone, both.warehouse, RECEIPTS, [], publish=publish)
    assert done.total("expired") == 1
    assert names(both) == []
    assert CANARY not in every_value(lake_of(both).folder)
    assert read_lake(lake_of(both).folder) == read_warehouse(both.warehouse)


def test_no_certificate_is_left_while_the_lake_still_shows_the_rows(both: Parties) -> None:
    """Where the lake cannot be published the certificate waits; the next time it is the same one."""
    term = RetentionTerm(entity="person", period="P1Y", since="disclosure")
    both.sender().publish(people(1), retention=[term])
    load(both)

    def away() -> None:
        raise LakeNotPublished("away")

    with clock.frozen(NOON):
        with pytest.raises(LakeNotPublished):
            apply_retention(both.zone, both.warehouse, RECEIPTS, [], publish=away)
        assert list(both.zone.certificates("early_help")) == []
        publish = partial(publish_lake, both.warehouse, lake_of(both), dt.timedelta(0))
        apply_retention(both.zone, both.warehouse, RECEIPTS, [], publish=publish)
    assert list(both.zone.certificates("early_help")) == [1]
    assert names(both) == []


@pytest.mark.parametrize("cause", ["a reader has it open", "it is a link to another disk"])
def test_no_certificate_is_left_while_an_old_version_cannot_be_removed(
    both: Parties, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    """What really lies in the lake is looked at before the certificate; once it could go, it is left.

    Windows does not remove a file that a reader has open, and some shares do not either.
    """
    term = RetentionTerm(entity="person", period="P1Y", since="disclosure")
    both.sender().publish(people(1, name=CANARY), retention=[term])
    load(both)
    (old,) = versions(both)
    if cause == "a reader has it open":
        monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    else:
        old.symlink_to(old.rename(tmp_path / "elsewhere"), target_is_directory=True)
    publish = partial(publish_lake, both.warehouse, lake_of(both), dt.timedelta(0))
    with clock.frozen(NOON):
        with pytest.raises(LakeNotCleared) as caught:
            apply_retention(both.zone, both.warehouse, RECEIPTS, [], publish=publish)
        assert (caught.value.exit_code, CANARY in str(caught.value)) == (50, False)
        assert names(both) == [], "the pointer shows the rows no more"
        assert list(both.zone.certificates("early_help")) == []
        monkeypatch.undo()
        if old.is_symlink():
            old.unlink()
        apply_retention(both.zone, both.warehouse, RECEIPTS, [], publish=publish)
    assert list(both.zone.certificates("early_help")) == [1]
    assert CANARY not in every_value(lake_of(both).folder)


def test_no_receipt_is_left_before_the_lake_shows_the_batch(both: Parties) -> None:
    """A lake that cannot be written is an error with exit 50; the next load publishes, then answers."""
    both.sender().publish(people(1, name=CANARY))
    folder = lake_of(both).folder
    folder.write_text("a file stands where the folder should be")
    with pytest.raises(LakeNotPublished) as caught:
        load(both)
    assert caught.value.exit_code == 50
    assert caught.value.__context__ is None
    assert CANARY not in str(caught.value)
    assert receipts(both) == []
    folder.unlink()
    assert load(both) == ["loaded"]
    assert receipts(both) == ["00000001.json"]
    assert names(both) == [CANARY]


def test_a_warehouse_that_was_there_before_is_shown_whole(both: Parties) -> None:
    """A lake that is named later, or was lost, is made from the file though nothing new has arrived."""
    both.sender().publish(people(1, 2))
    load_landing(both.zone, both.warehouse, both.council)
    assert load(both) == []
    assert read_lake(lake_of(both).folder) == read_warehouse(both.warehouse)


def test_a_file_that_was_harmed_is_published_anew(both: Parties) -> None:
    """Somebody took a file away or spoilt it: the next load shows the flow whole again."""
    both.sender().publish(people(1))
    load(both)
    (file,) = lake_of(both).folder.rglob("person.parquet")
    file.write_bytes(file.read_bytes()[:-1])
    assert load(both) == []
    assert read_lake(lake_of(both).folder) == read_warehouse(both.warehouse)


def test_a_folder_that_holds_anything_else_is_left_alone(both: Parties) -> None:
    """Only a folder that was empty is taken for a lake: nothing of others is written over or removed."""
    both.sender().publish(people(1))
    folder = lake_of(both).folder
    (folder / "early_help").mkdir(parents=True)
    (folder / "early_help/theirs.parquet").write_text("theirs")
    with pytest.raises(LakeNotOurs):
        load(both)
    assert [path.name for path in folder.rglob("*")] == ["early_help", "theirs.parquet"]
    assert receipts(both) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        b"{}",
        b"not json",
        b'{"kind": "delta", "format_version": 1}',
        b'{"kind": "parquet", "format_version": 2}',
    ],
)
def test_a_pointer_of_another_kind_is_not_written_over(both: Parties, spoilt: bytes) -> None:
    """A pointer that this version does not know belongs to somebody else, or to a later version."""
    both.sender().publish(people(1))
    load(both)
    (lake_of(both).folder / "current.json").write_bytes(spoilt)
    with pytest.raises(LakeNotOurs):
        load(both)
    assert (lake_of(both).folder / "current.json").read_bytes() == spoilt


def test_the_lake_of_another_warehouse_is_not_taken_over(both: Parties, tmp_path: Path) -> None:
    """A flow that this warehouse never had belongs to another: two publishers into one folder are refused."""
    both.sender("commissioning").publish(people(1))
    load(both)
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    other = parties(other_folder)
    other.sender().publish(people(1))
    publish = partial(publish_lake, other.warehouse, lake_of(both))
    with pytest.raises(LakeNotOurs):
        load_landing(other.zone, other.warehouse, other.council, publish=publish)


def test_a_second_loader_touches_no_lake(both: Parties) -> None:
    """The lock of the warehouse file is the lake's as well."""
    both.sender().publish(people(1))
    with store(both.warehouse).only_loader(), pytest.raises(LoadUnderWay):
        load(both)
    assert not lake_of(both).folder.exists()


def test_a_count_that_differs_moves_no_pointer(both: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is read back: where a row was lost in writing, the old state stays and no receipt is left."""
    from warehouse import lake

    both.sender().publish(people(1))
    load(both)
    before = read_lake(lake_of(both).folder)
    told = lake.lake_tables

    def one_row_lost(*given: object) -> list[object]:
        return [
            table if table.name != "person" else type(table)(
                table.name, f"SELECT * FROM ({table.query}) OFFSET 1", table.rows, table.columns
            )
            for table in told(*given)
        ]  # fmt: skip

    monkeypatch.setattr(lake, "lake_tables", one_row_lost)
    both.sender("commissioning").publish(people(1, 2, 3))
    with pytest.raises(LakeNotPublished) as caught:
        load(both)
    assert "WrongCount" in str(caught.value)
    assert read_lake(lake_of(both).folder) == before
    assert receipts(both) == ["00000001.json"]
    monkeypatch.undo()
    load(both)
    assert len(receipts(both)) == 2
    assert not list(lake_of(both).folder.rglob(".2*")), "what was half written is cleared away"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights.")
def test_the_group_reads_and_nobody_else(both: Parties) -> None:
    """Whatever the process lets its files be by default: owner and group, no world."""
    both.sender().publish(people(1))
    before = os.umask(0o077)
    try:
        load(both)
    finally:
        os.umask(before)
    modes = {
        stat.S_IMODE(path.stat().st_mode) for path in (lake_of(both).folder, *lake_of(both).folder.rglob("*"))
    }
    assert modes == {0o750, 0o640}


def test_a_reader_finds_a_whole_state_at_every_moment(both: Parties) -> None:
    """While three batches are published one after another, a reader follows the pointer without a pause.

    Each batch gives all its people one name: a reader that met half a state would meet two names, a file that
    is missing, or one of another digest.
    """
    sender = both.sender()
    sender.publish(
        people(*range(20), name="Name0"), Change("referral", [row("referral", 1, priority="Name0")])
    )
    load(both)
    over, met, faults = threading.Event(), set(), []

    def follow() -> None:
        while not over.is_set():
            try:
                state = read_lake(lake_of(both).folder)
                found = {values[1] for values in state["early_help.person"]}
                found |= {
                    value
                    for values in state["early_help.referral"]
                    for value in values
                    if "Name" in str(value)
                }
                assert len(found) == 1, found
                met.update(found)
            except (AssertionError, OSError, ValueError) as error:
                faults.append(repr(error))
                return

    reader = threading.Thread(target=follow)
    reader.start()
    for number in range(1, 4):
        name = f"Name{number}"
        sender.publish(people(*range(20), name=name), Change("referral", [row("referral", 1, priority=name)]))
        load(both, hours=number / 20)
    over.set()
    reader.join()
    assert faults == []
    assert len(met) > 1, "a reader that saw one state only proves nothing"


def test_no_error_of_a_lake_quotes_a_value(both: Parties) -> None:
    """The database's own words may hold a row; what is said names the folder and the kind."""
    both.sender().publish(people(1, name=CANARY))
    with pytest.raises(ViaductError) as caught:
        load_landing(
            both.zone,
            both.warehouse,
            both.council,
            publish=partial(publish_lake, both.warehouse, LakePlace("parquet", Path("/dev/null/lake"))),
        )
    assert CANARY not in "\n".join(caught.value.lines())
    assert COLUMNS["person"][1] not in "\n".join(caught.value.lines())
