"""What a load does to the warehouse."""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

import pytest

from common import clock
from common.errors import ViaductError
from sealing.receipt import Loaded, open_receipt
from tests.batches import COLUMNS, Change, Parties, row, uuid_of
from tests.warehouses import asked
from warehouse.errors import LoadUnderWay, WarehouseUnavailable, WarehouseUnreadable
from warehouse.load import load_landing
from warehouse.stores import store


def load(both: Parties):
    return load_landing(both.zone, both.warehouse, both.council)


def ask(both: Parties, sql: str):
    return asked(both, sql)


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def withdraw(*numbers: int) -> Change:
    return Change("person", [row("person", n) for n in numbers], "withdraw")


def test_every_kind_of_field_arrives_as_its_own_type(both):
    """A key is a UUID, an instant an instant in UTC, money exact to the penny, and nothing became text."""
    at = dt.datetime(2022, 4, 1, 9, 30, tzinfo=dt.UTC)
    both.sender().publish(
        Change(
            "person",
            [row("person", 1, given_name="Ann", birth_date=dt.date(1950, 2, 3), safety_flag=False)],
        ),
        Change(
            "referral",
            [row("referral", 1, person_id=row("person", 1)["person_id"], received_at=at, triage_days=0)],
        ),
        Change("outcome", [row("outcome", 1, money_gained_gbp=Decimal("1234.50"))]),
    )
    (receipt,) = load(both)
    assert receipt.outcome == "loaded"
    assert ask(both, "SELECT person_id, birth_date, safety_flag FROM early_help.person") == [
        (uuid_of("person", 1), dt.date(1950, 2, 3), False)
    ]
    (found,) = ask(both, "SELECT person_id, received_at, triage_days, priority FROM early_help.referral")
    assert found == (uuid_of("person", 1), at, 0, None)
    assert ask(both, "SELECT money_gained_gbp FROM early_help.outcome") == [(Decimal("1234.50"),)]


def test_rows_say_which_batch_and_run_brought_them(both):
    """Each row carries its source, its batch's number and run, and the instant it was released."""
    batch = both.sender().publish(people(1)).manifest
    load(both)
    found = ask(both, "SELECT source_system, batch_sequence, run_id, released_at FROM early_help.person")
    assert found == [("hub", 1, batch.run_id, dt.datetime(2022, 12, 2, 2, tzinfo=dt.UTC))]


def test_a_row_sent_again_takes_the_place_of_the_first(both):
    """The key decides: a changed record is one row with the new values, its neighbours untouched."""
    sender = both.sender()
    sender.publish(people(1, 2))
    sender.publish(people(2, 3, name="Bea"))
    load(both)
    found = ask(both, "SELECT given_name, batch_sequence FROM early_help.person ORDER BY given_name")
    assert found == [("Ann", 1), ("Bea", 2), ("Bea", 2)]


def test_a_withdrawn_record_is_removed_and_leaves_a_tombstone(both):
    """The row is gone; what remains is its key, when, and the one word `withdrawn`."""
    sender = both.sender()
    sender.publish(people(1, 2))
    sender.publish(withdraw(2, 9))
    answers = load(both)
    assert answers[1].entities == {"person": Loaded(upserted=0, withdrawn=2)}
    assert ask(both, "SELECT person_id FROM early_help.person") == [(uuid_of("person", 1),)]
    stones = ask(both, "SELECT entity, key, withdrawn_at, reason FROM early_help.withdrawn_records")
    at = dt.datetime(2022, 12, 3, 2, tzinfo=dt.UTC)
    assert sorted(stones) == sorted(
        [("person", uuid_of("person", 2), at, "withdrawn"), ("person", uuid_of("person", 9), at, "withdrawn")]
    )


def test_withdrawals_come_before_upserts_within_a_batch(both):
    """A record withdrawn and sent in one batch is there afterwards, and has no tombstone."""
    sender = both.sender()
    sender.publish(people(1))
    sender.publish(people(1, name="Bea"), withdraw(1))
    load(both)
    assert ask(both, "SELECT given_name FROM early_help.person") == [("Bea",)]
    assert ask(both, "SELECT * FROM early_help.withdrawn_records") == []


def test_a_record_released_again_loses_its_tombstone(both):
    """A tombstone says that a record is withdrawn now, not that it once was."""
    sender = both.sender()
    for change in (people(1), withdraw(1), withdraw(1), people(1)):
        sender.publish(change)
    load(both)
    assert ask(both, "SELECT count(*) FROM early_help.person") == [(1,)]
    assert ask(both, "SELECT count(*) FROM early_help.withdrawn_records") == [(0,)]


def test_a_field_no_longer_released_is_blank_in_every_row(both):
    """Narrowing the release blanks the column of rows that were not sent again, in the same transaction."""
    sender = both.sender()
    sender.publish(people(1, 2))
    fewer = [column for column in COLUMNS["person"] if column != "given_name"]
    sender.publish(Change("person", [row("person", 2)], columns=fewer))
    load(both)
    assert ask(both, "SELECT DISTINCT given_name FROM early_help.person") == [(None,)]


def test_a_field_newly_released_is_added_to_the_table(both):
    """Columns are only ever added; rows from before have it blank."""
    sender = both.sender()
    sender.publish(people(1))
    sender.publish(
        Change(
            "person",
            [row("person", 2, family_name="Oak")],
            columns=[*COLUMNS["person"], "family_name"],
        )
    )
    load(both)
    assert ask(both, "SELECT family_name FROM early_help.person ORDER BY family_name NULLS LAST") == [
        ("Oak",),
        (None,),
    ]


@pytest.mark.parametrize("both", ["duckdb"], indirect=True)
def test_what_was_replaced_or_withdrawn_is_not_left_in_the_file(both):
    """No byte of a removed value stays in free blocks of the published file, nor in a file beside it."""
    sender = both.sender()
    sender.publish(people(*range(3000), name="CANARY-VALUE-0123456789"))
    load(both)
    assert b"CANARY-VALUE" in both.warehouse.read_bytes()
    sender.publish(people(*range(1500)), withdraw(*range(1500, 3000)))
    load(both)
    files = [path for path in both.warehouse.parent.glob(".*warehouse*") if path.is_file()]
    assert all(b"CANARY-VALUE" not in path.read_bytes() for path in [both.warehouse, *files])


@pytest.mark.parametrize("both", ["duckdb"], indirect=True)
def test_nothing_personal_lies_beside_the_warehouse_after_a_load(both):
    """The private copy, its journal and its spill folder are gone."""
    both.sender().publish(people(1))
    load(both)
    beside = {path.name for path in both.warehouse.parent.iterdir()}
    assert beside <= {"landing", "warehouse.duckdb", ".warehouse.duckdb.lock"}


@pytest.mark.parametrize("both", ["duckdb"], indirect=True)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
def test_the_warehouse_can_be_read_by_its_owner_only(both):
    """DuckDB makes files that everyone may read; ours are not."""
    both.sender().publish(people(1))
    load(both)
    assert both.warehouse.stat().st_mode & 0o777 == 0o600


def test_flows_live_in_schemas_of_their_own_and_count_for_themselves(both):
    """Each flow has its own numbers and tables; the list of batches holds both."""
    both.sender().publish(people(1))
    both.sender("commissioning").publish(people(1, name="nobody"))
    assert [receipt.flow for receipt in load(both)] == ["commissioning", "early_help"]
    assert ask(both, "SELECT given_name FROM early_help.person") == [("Ann",)]
    assert ask(both, "SELECT flow, sequence, rows_upserted FROM viaduct_batches ORDER BY flow") == [
        ("commissioning", 1, 1),
        ("early_help", 1, 1),
    ]


@pytest.mark.parametrize("both", ["duckdb"], indirect=True)
def test_a_second_load_changes_nothing_and_answers_nothing(both):
    """What was settled stays settled: no answer, and the file is not even touched."""
    both.sender().publish(people(1))
    load(both)
    before = both.warehouse.stat().st_mtime_ns, both.warehouse.read_bytes()
    assert load(both) == []
    assert (both.warehouse.stat().st_mtime_ns, both.warehouse.read_bytes()) == before


def test_a_lost_receipt_is_given_again_byte_for_byte(both):
    """The answer to a loaded batch is kept in the warehouse; asked again, it is the same answer."""
    both.sender().publish(people(1))
    (first,) = load(both)
    (path,) = both.landing.glob("receipts/early_help/*.json")
    content = path.read_bytes()
    path.unlink()
    with clock.frozen(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)):
        assert load(both) == [first]
    assert path.read_bytes() == content
    assert open_receipt(content, both.council.receipts.verifier) == first


def test_a_receipt_counts_what_was_loaded(both):
    """Per entity: how many rows were brought, over all files, and how many taken away."""
    both.sender().publish(
        people(1, 2), people(3), withdraw(7), Change("outcome", [row("outcome", n) for n in range(5)])
    )
    (receipt,) = load(both)
    assert receipt.entities == {
        "outcome": Loaded(upserted=5, withdrawn=0),
        "person": Loaded(upserted=3, withdrawn=1),
    }


def test_a_batch_with_an_empty_file_loads(both):
    """No rows is a number of rows."""
    both.sender().publish(people())
    (receipt,) = load(both)
    assert receipt.entities == {"person": Loaded(upserted=0, withdrawn=0)}


def test_two_loads_at_once_are_one_load_and_one_clear_answer(both):
    """The second leaves with exit 75 and changes nothing."""
    both.sender().publish(people(1))
    with store(both.warehouse).only_loader(), pytest.raises(LoadUnderWay) as refused:
        load(both)
    assert refused.value.exit_code == 75
    assert not store(both.warehouse).exists()


@pytest.mark.parametrize("both", ["duckdb"], indirect=True)
def test_a_file_that_is_no_warehouse_is_left_alone(both):
    """A stranger's file under our name is an error with exit 50, never overwritten."""
    both.warehouse.write_bytes(b"not a database")
    both.sender().publish(people(1))
    with pytest.raises(WarehouseUnreadable):
        load(both)
    assert both.warehouse.read_bytes() == b"not a database"


@pytest.mark.parametrize("both", ["duckdb"], indirect=True)
def test_a_database_error_shows_its_kind_and_no_value(both):
    """The words of the database may hold a cell; neither the error nor what it stems from carries them."""
    sender = both.sender()
    sender.publish(people(1))
    load(both)
    import duckdb

    with duckdb.connect(both.warehouse) as connection:
        connection.execute("ALTER TABLE early_help.person ALTER given_name TYPE DATE USING NULL")
    sender.publish(people(2, name="CANARY"))
    with pytest.raises(WarehouseUnavailable) as refused:
        load(both)
    error: BaseException | None = refused.value
    assert isinstance(error, ViaductError)
    assert error.__context__ is None
    assert error.__cause__ is None
    assert "CANARY" not in str(error)
    assert "ConversionException" in str(error)


@pytest.mark.parametrize("both", ["duckdb"], indirect=True)
def test_memory_is_bounded_by_one_file_and_not_by_the_batch(both):
    """A batch of several files loads under a limit that a copy of all of them would break."""
    count, files = 60_000, 6
    changes = [
        Change(
            "person", [row("person", n, given_name=f"name {n}") for n in range(i * count, (i + 1) * count)]
        )
        for i in range(files)
    ]
    both.sender().publish(*changes)
    (receipt,) = load_landing(both.zone, both.warehouse, both.council, memory_limit="64MB")
    assert receipt.entities["person"].upserted == count * files
    assert Path(both.warehouse).exists()
