"""What a PostgreSQL warehouse promises beside what all do: trust, rights, a log that holds no values."""

import datetime as dt
from pathlib import Path

import psycopg
import pytest

from canonical import ENTITIES, spec
from common.errors import ViaductError
from config.warehouse import PostgresWarehouse
from sealing.receipt import Refusal
from tests.batches import COLUMNS, SOURCE, Change, Parties, parties, row
from tests.postgres import FLOWS, Server
from tests.reliability.certificates import Authority
from warehouse.errors import (
    LoadUnderWay,
    WarehouseServerFailed,
    WarehouseServerNotReady,
    WarehouseServerNotTrusted,
)
from warehouse.load import load_landing
from warehouse.postgres_copy import copied
from warehouse.stores import store

CANARY = "Zqcanary"


@pytest.fixture
def both(tmp_path: Path, postgres: Server) -> Parties:
    return parties(tmp_path, postgres.new_database())


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def load(both: Parties) -> list[str]:
    return [
        str(answer.reason or answer.outcome)
        for answer in load_landing(both.zone, both.warehouse, both.council)
    ]


def refused(both: Parties, **settings: object) -> ViaductError:
    """Return the error of a load into a server with these settings; nothing of it may quote the server."""
    both.warehouse = both.warehouse.model_copy(update=settings)
    with pytest.raises(ViaductError) as caught:
        load(both)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert caught.value.exit_code == 50
    return caught.value


def test_every_field_of_every_entity_has_a_column_there(both: Parties, postgres: Server) -> None:
    """All that we agreed on can be loaded: the server takes every table, column name and type."""
    changes = [
        Change(entity, [row(entity, 1)], columns=[*spec(entity).fields, SOURCE]) for entity in ENTITIES
    ]
    both.sender().publish(*changes)
    assert load(both) == ["loaded"]
    with postgres.admin(both.warehouse.database) as admin:
        for entity in ENTITIES:
            assert admin.execute(f"SELECT count(*) FROM early_help_read.{entity}").fetchone() == (1,)


def test_text_of_every_kind_arrives_as_it_was_sent(both: Parties, postgres: Server) -> None:
    """Quotes, commas, line ends, the sign for the end of a copy, nothing at all and an empty text."""
    odd = [
        'a"b',
        "a,b",
        "a\nb",
        "a\r\nb",
        "\\.",
        "a\n\\.\nb",
        "\\N",
        "NULL",
        "",
        None,
        " ",
        "ä\u2028é",
        "%s ?",
    ]
    rows = [row("person", number, given_name=text) for number, text in enumerate(odd)]
    both.sender().publish(Change("person", rows))
    assert load(both) == ["loaded"]
    with postgres.admin(both.warehouse.database) as admin:
        found = admin.execute("SELECT given_name FROM early_help.person").fetchall()
    assert sorted(map(str, (name for (name,) in found))) == sorted(map(str, odd))
    with copied(both.warehouse, "early_help") as copy:
        again = copy.execute("SELECT given_name FROM early_help.person").fetchall()
    assert sorted(map(repr, again)) == sorted(map(repr, found)), "and is read back as it was"


def test_what_is_withdrawn_is_copied_too(both: Parties) -> None:
    """Whoever counts over the copy learns of which kind and in which batch, and no key."""
    sender = both.sender()
    sender.publish(people(1, 2))
    sender.publish(Change("person", [row("person", 2)], "withdraw"))
    assert load(both) == ["loaded", "loaded"]
    with copied(both.warehouse, "early_help") as copy:
        assert copy.execute("FROM early_help.withdrawn_records").fetchall() == [("person", 2)]


def test_counts_are_copied_once_and_not_again_from_the_view_of_them(both: Parties) -> None:
    """What readers see of a flow of counts lies beside its table, and a figure is told once."""
    counts = [row("aggregate_count", 1, count_id="ways_of_hearing")]
    both.sender().publish(
        Change("aggregate_count", counts, columns=["aggregate_count_id", "count_id", SOURCE])
    )
    assert load(both) == ["loaded"]
    with copied(both.warehouse, "commissioning") as copy:
        found = copy.execute(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = 'aggregate_count'"
        ).fetchall()
        assert found == [("early_help",)]
        assert copy.execute("SELECT count_id FROM early_help.aggregate_count").fetchall() == [
            ("ways_of_hearing",)
        ]


def test_text_that_the_server_cannot_hold_is_refused_by_name(both: Parties) -> None:
    """A text with a byte of zero is no text there; the batch is refused, not tried each night anew."""
    both.sender().publish(people(1, name="a\0b"))
    assert load(both) == [Refusal.COLUMN_TYPES]


def test_a_server_of_another_name_is_not_believed(both: Parties) -> None:
    """The certificate is for localhost; called by its number the same server is a stranger."""
    both.sender().publish(people(1))
    assert type(refused(both, host="127.0.0.1")) is WarehouseServerNotTrusted


def test_a_server_under_another_ca_is_not_believed(both: Parties, tmp_path: Path) -> None:
    """The right name, but signed by nobody we were told of."""
    both.sender().publish(people(1))
    other = Authority(tmp_path).file
    assert type(refused(both, ca_file=str(other))) is WarehouseServerNotTrusted


def test_a_server_that_speaks_plainly_is_not_spoken_to(both: Parties, postgres: Server) -> None:
    """Without TLS nothing is said to it, the password least of all."""
    both.sender().publish(people(1))
    postgres.configure(ssl="off")
    postgres.stop("fast")
    postgres.start()
    try:
        assert type(refused(both)) is WarehouseServerNotTrusted
    finally:
        postgres.configure()
        postgres.stop("fast")
        postgres.start()
    both.warehouse = postgres.address(both.warehouse.database)
    assert load(both) == ["loaded"]


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"role": "nobody_known"}, WarehouseServerNotReady),
        ({"database": "nowhere"}, WarehouseServerNotReady),
        ({"role_secret": None}, WarehouseServerNotReady),
        ({"port": 1}, WarehouseServerFailed),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_server_that_does_not_take_us_is_told_apart(both: Parties, settings: dict, error: type) -> None:
    """Account, database and password are for its administrator; a server that is away is tried again."""
    both.sender().publish(people(1))
    assert type(refused(both, **settings)) is error


def test_a_server_that_would_log_values_is_not_loaded_into(both: Parties, postgres: Server) -> None:
    """Without `terse` an error's detail holds the row, so nothing is loaded before that is set."""
    both.sender().publish(people(1))
    with postgres.admin(both.warehouse.database) as admin:
        admin.execute("ALTER ROLE viaduct_loader SET log_error_verbosity = 'default'")
        try:
            assert type(refused(both)) is WarehouseServerNotReady
        finally:
            admin.execute("ALTER ROLE viaduct_loader SET log_error_verbosity = 'terse'")
    assert load(both) == ["loaded"]


def test_no_value_of_a_row_stands_in_the_server_s_log(both: Parties, postgres: Server) -> None:
    """Errors of every kind are provoked under canaries; the log has the errors and none of the canaries.

    The server logs all it can: every statement, verbose errors, the statements of errors with their values.
    """
    sender, database = both.sender(), both.warehouse.database
    sender.publish(people(1))
    assert load(both) == ["loaded"]
    spoilt = [
        ("CHECK (length(given_name) < 5) NOT VALID", "violates check constraint"),
        ("EXCLUDE (given_name WITH =)", "conflicting key value"),
    ]
    rows = people(2, 3, name=CANARY)
    sender.publish(rows)
    at = len(postgres.log.read_bytes())
    with postgres.admin(database) as admin:
        for rule, _ in spoilt:
            admin.execute(f"ALTER TABLE early_help.person ADD CONSTRAINT spoilt {rule}")
            assert type(refused(both)) is WarehouseServerFailed
            admin.execute("ALTER TABLE early_help.person DROP CONSTRAINT spoilt")
        for kind, _ in (("varchar(3)", ""), ("date USING NULL", "")):
            admin.execute("DROP VIEW IF EXISTS early_help_read.person")
            admin.execute(f"ALTER TABLE early_help.person ALTER given_name TYPE {kind}")
            assert type(refused(both)) is WarehouseServerFailed
    logged = postgres.log.read_bytes()[at:].decode()
    for words in [*(words for _, words in spoilt), "value too long", "is of type date but expression"]:
        assert words in logged
    assert CANARY not in logged
    assert "statement: BEGIN" not in logged, "the loader's role logs no statements"
    assert "STATEMENT:" not in logged, "nor the statement that met an error"


def test_the_scan_of_the_log_finds_a_value_that_is_there(both: Parties, postgres: Server) -> None:
    """The same error under another role writes the row into the log: without the rights printed it leaks."""
    both.sender().publish(people(1))
    load(both)
    with postgres.admin(both.warehouse.database) as admin:
        admin.execute("ALTER TABLE early_help.person ADD CONSTRAINT spoilt CHECK (length(given_name) < 5)")
        with pytest.raises(psycopg.errors.CheckViolation):
            admin.execute(f"UPDATE early_help.person SET given_name = '{CANARY}' || source_system")
    assert f"{CANARY}hub" in postgres.log.read_text()


def test_each_role_can_do_its_work_and_nothing_else(both: Parties, postgres: Server) -> None:
    """The loader writes its schemas; a flow's reader reads that flow's views, nothing below or beside."""
    both.sender().publish(people(1))
    both.sender("commissioning").publish(people(1))
    assert load(both) == ["loaded", "loaded"]
    database = both.warehouse.database

    def allowed(role: str, statement: str) -> bool:
        with postgres.admin(database) as connection:
            connection.execute(f"SET ROLE {role}")
            try:
                connection.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                return False
        return True

    for flow, other in (FLOWS, FLOWS[::-1]):
        reader = f"{flow}_reader"
        assert allowed(reader, f"SELECT * FROM {flow}_read.person")
        assert allowed(reader, f"SELECT * FROM {flow}_read.batches")
        assert not allowed(reader, f"SELECT * FROM {flow}.person")
        assert not allowed(reader, f"SELECT * FROM {other}_read.person")
        assert not allowed(reader, "SELECT * FROM viaduct.viaduct_batches")
        assert not allowed(reader, f"DELETE FROM {flow}_read.person")
        assert not allowed(reader, f"CREATE TABLE {flow}_read.mine (x int)")
    for statement in (
        "CREATE TABLE public.mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SET log_error_verbosity = 'default'",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
    ):
        assert not allowed("viaduct_loader", statement), statement
    with postgres.admin(database) as admin:
        seen = admin.execute("SELECT sequence, rows_upserted FROM early_help_read.batches").fetchall()
    assert seen == [(1, 1)]


def test_views_show_a_column_as_soon_as_it_is_there(both: Parties, postgres: Server) -> None:
    """A field that the assessment newly releases is added to table and view; nothing is ever dropped."""
    sender = both.sender()
    sender.publish(people(1))
    wider = [*COLUMNS["person"], "family_name"]
    sender.publish(Change("person", [row("person", 2, family_name="Oak")], columns=wider))
    sender.publish(people(3))
    assert load(both) == ["loaded"] * 3
    with postgres.admin(both.warehouse.database) as admin:
        admin.execute("SET ROLE early_help_reader")
        found = admin.execute("SELECT family_name FROM early_help_read.person").fetchall()
    assert found == [(None,)] * 3, "the column stays, and is blank since it is released no more"


def test_a_schema_that_is_missing_is_asked_of_the_administrator(both: Parties) -> None:
    """The loader may make no schema; the error names it, and what to type."""
    both.sender("other_flow").publish(people(1))
    error = refused(both)
    assert type(error) is WarehouseServerNotReady
    assert "no schema other_flow" in str(error)
    assert "--print-grants" in str(error)


def test_a_second_loader_leaves_and_the_lock_dies_with_its_holder(both: Parties, postgres: Server) -> None:
    """One works, the other leaves with exit 75; when the first one's line is cut, the next may load."""
    both.sender().publish(people(1))
    with store(both.warehouse).only_loader():
        with pytest.raises(LoadUnderWay) as caught:
            load(both)
        assert caught.value.exit_code == 75
        cut_all(postgres, both.warehouse)
        assert load(both) == ["loaded"]


def test_a_second_load_writes_nothing(both: Parties, postgres: Server) -> None:
    """What was settled stays settled: the server's log of changes does not move by a row."""
    both.sender().publish(people(1))
    assert load(both) == ["loaded"]
    asked = "SELECT xmin::text, loaded_at FROM viaduct.viaduct_batches"
    with postgres.admin(both.warehouse.database) as admin:
        before = admin.execute(asked).fetchall()
        assert load(both) == []
        assert admin.execute(asked).fetchall() == before
        assert before[0][1] > dt.datetime(2022, 1, 1, tzinfo=dt.UTC)


def cut_all(postgres: Server, warehouse: PostgresWarehouse) -> int:
    """End every connection of the loader; return how many there were."""
    with postgres.admin() as admin:
        ended = admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'viaduct_loader' "
            "AND datname = %s",
            [warehouse.database],
        ).fetchall()
    return len(ended)
