"""What is published through dlt: at each destination that runs here, what the warehouse file holds.

dlt is an extra: `make soak` runs this in an environment of its own.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from common import clock
from config.lake import DestinationPlace
from config.secrets import SecretReference
from sealing.manifest import RetentionTerm
from tests.batches import COLUMNS, RECEIPTS, Change, Parties, parties, row
from tests.lakes import Rows, in_order, read_warehouse
from warehouse.destination import publish_destination
from warehouse.errors import DestinationFailed
from warehouse.load import load_landing
from warehouse.retention import apply_retention

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(find_spec("dlt") is None, reason="dlt was not tried: install requirements-dlt.txt."),
    pytest.mark.filterwarnings("ignore"),
]
CANARY, PASSWORD = "Zqcanary", "Zq-dlt-password"
KINDS = ("duckdb", "postgres", "filesystem")
LATER = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server that runs for all tests of this file."""
    from tests.postgres import started

    with started() as server:
        with server.admin() as admin:
            admin.execute(f"CREATE ROLE dlt_writer LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
        yield server


class Place:
    """A destination, and an oracle that asks it with none of the product's code."""

    def __init__(self, kind: str, folder: Path, line: str) -> None:
        self.kind, self.folder, self.line = kind, folder, line
        secret = folder / "credentials"
        secret.touch(0o600)
        secret.write_text(line)
        self.settings = DestinationPlace(kind, SecretReference("file", str(secret)))

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        if self.kind == "postgres":
            import psycopg

            with psycopg.connect(self.line, options="-c timezone=UTC") as connection:
                return connection.execute(question.encode()).fetchall()
        import duckdb

        if self.kind == "duckdb":
            with duckdb.connect(self.line.removeprefix("duckdb:///"), read_only=True) as opened:
                opened.execute("SET TimeZone = 'UTC'")
                return opened.execute(question).fetchall()
        with duckdb.connect() as opened:
            opened.execute("SET TimeZone = 'UTC'")
            opened.execute("CREATE SCHEMA early_help")
            for table in (self.folder / "lake/early_help").iterdir():
                if (files := list(table.glob("*.parquet"))) and not table.name.startswith("_"):
                    named = ", ".join(f"'{file}'" for file in files)
                    opened.execute(
                        f"CREATE VIEW early_help.{table.name} AS SELECT * FROM read_parquet([{named}])"
                    )
            return opened.execute(question).fetchall()

    def shows(self, wanted: dict[str, Rows]) -> dict[str, Rows]:
        """Return the rows of the same tables, in the words of a lake."""
        columns = {name: ", ".join(f'"{column}"' for column in columns_of(name)) for name in wanted}
        return {name: in_order(self.ask(f"SELECT {columns[name]} FROM {name}")) for name in wanted}


def columns_of(name: str) -> list[str]:
    table = name.partition(".")[2]
    others = {
        "batches": "sequence batch_id run_id dpia_id dpia_version released_at loaded_at rows_upserted "
        "rows_withdrawn",
        "withdrawn_records": "entity key batch_sequence withdrawn_at reason",
    }
    provenance = ["batch_sequence", "run_id", "released_at"]
    return others[table].split() if table in others else [*COLUMNS[table], *provenance]


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "duckdb":
        return Place("duckdb", tmp_path, f"duckdb:///{tmp_path}/there.duckdb")
    if request.param == "filesystem":
        return Place("filesystem", tmp_path, f"file://{tmp_path}/lake")
    server = request.getfixturevalue("postgres")
    name = f"dlt_{abs(hash(tmp_path)) % 10**8}"
    with server.admin() as admin:
        admin.execute(f"CREATE DATABASE {name}")
    return Place(
        "postgres",
        tmp_path,
        f"postgresql://dlt_writer:{PASSWORD}@127.0.0.1:{server.port}/{name}?sslmode=disable",
    )


@pytest.fixture
def both(tmp_path: Path) -> Parties:
    return parties(tmp_path)


def people(*numbers: int, name: str = "Ann", **other: Any) -> Change:
    return Change("person", [row("person", n, given_name=name, **other) for n in numbers])


def load(both: Parties, place: Place) -> list[str]:
    publish = partial(publish_destination, both.warehouse, place.settings)
    answers = load_landing(both.zone, both.warehouse, both.council, publish=publish)
    return [str(answer.reason or answer.outcome) for answer in answers]


def agrees(both: Parties, place: Place) -> bool:
    wanted = read_warehouse(both.warehouse)
    assert place.shows(wanted) == wanted
    return True


def test_every_night_the_destination_shows_what_the_file_holds(
    both: Parties, place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    """First all, then what changed, then a withdrawal, a field that is released no more, and what expired.

    Nothing is left on our disk, no password or value is said, and a load with nothing new writes nothing.
    """
    sender = both.sender()
    term = RetentionTerm(entity="person", period="P1Y", since="disclosure")
    sender.publish(people(1, 2, 3, name=CANARY), Change("referral", [row("referral", 1, priority="x")]))
    assert load(both, place) == ["loaded"]
    assert agrees(both, place)
    sender.publish(people(2, 4, name="Bea"), Change("person", [row("person", 3)], "withdraw"))
    assert load(both, place) == ["loaded"]
    assert agrees(both, place)
    assert len(place.ask("SELECT * FROM early_help.person")) == 3
    fewer = [column for column in COLUMNS["person"] if column != "given_name"]
    sender.publish(Change("person", [row("person", 4)], columns=fewer), retention=[term])
    assert load(both, place) == ["loaded"]
    assert agrees(both, place)
    assert place.ask("SELECT count(given_name) FROM early_help.person") == [(0,)]
    before = place.ask("SELECT * FROM early_help.viaduct_state")
    assert load(both, place) == []
    assert place.ask("SELECT * FROM early_help.viaduct_state") == before
    publish = partial(publish_destination, both.warehouse, place.settings)
    with clock.frozen(LATER):
        (done,) = apply_retention(both.zone, both.warehouse, RECEIPTS, [], publish=publish)
    assert done.total("expired") == 3
    assert agrees(both, place)
    assert place.ask("SELECT count(*) FROM early_help.person") == [(0,)]
    assert not list(both.landing.parent.glob(".warehouse.duckdb.loading"))
    said = "".join(capfd.readouterr())
    assert CANARY not in said
    assert PASSWORD not in said


@pytest.mark.parametrize("place", ["duckdb", "postgres"], indirect=True)
def test_no_copy_of_a_row_stays_in_the_staging_schema(both: Parties, place: Place) -> None:
    """Dlt merges by way of a second schema; what passed through it is not left there."""
    sender = both.sender()
    for name in ("Ann", CANARY):
        sender.publish(people(1, 2, name=name))
        load(both, place)
    names = place.ask(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'early_help_staging' "
        "AND table_name NOT LIKE '\\_dlt%' ESCAPE '\\'"
    )
    assert ("person",) in names
    assert all(place.ask(f"SELECT count(*) FROM early_help_staging.{name}") == [(0,)] for (name,) in names)


def test_rows_that_somebody_took_away_or_added_are_put_right(both: Parties, place: Place) -> None:
    """What is counted and differs is sent whole: a merge alone would never notice."""
    if place.kind == "filesystem":
        pytest.skip("A folder is written whole each time.")
    sender = both.sender()
    sender.publish(people(1, 2, 3))
    load(both, place)
    spoil(place, "DELETE FROM early_help.person WHERE batch_sequence = 1")
    sender.publish(people(4))
    load(both, place)
    assert agrees(both, place)


def test_a_warehouse_that_was_rebuilt_is_sent_whole(both: Parties, place: Place) -> None:
    """What the destination says it shows is no state of this file, so nothing is merged into it."""
    sender = both.sender()
    sender.publish(people(1, name=CANARY))
    load(both, place)
    both.warehouse.unlink()
    for path in (both.landing / "receipts").rglob("*.json"):
        path.unlink()
    with clock.frozen(LATER):
        assert load(both, place) == ["loaded"]
    assert agrees(both, place)


def test_an_answer_that_was_lost_is_settled_by_reading_back(
    both: Parties, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written, and the answer lost: it is found. Not written: an error, no receipt; the next load ends it."""
    from warehouse import destination_line

    told = destination_line.Line.tell

    def answer_lost(self: Any, shown: Any) -> None:
        told(self, shown)
        raise OSError(CANARY)

    def not_written(self: Any, shown: Any) -> None:
        raise OSError(CANARY)

    sender = both.sender()
    sender.publish(people(1))
    monkeypatch.setattr(destination_line.Line, "tell", not_written)
    with pytest.raises(DestinationFailed) as caught:
        load(both, place)
    assert CANARY not in str(caught.value)
    assert not list((both.landing / "receipts").rglob("*.json"))
    monkeypatch.setattr(destination_line.Line, "tell", answer_lost)
    assert load(both, place) == ["loaded"], "the answer to the batch of before, left only now"
    assert len(list((both.landing / "receipts").rglob("*.json"))) == 1
    assert agrees(both, place)


def test_a_destination_that_is_away_is_an_error_without_its_words(both: Parties, tmp_path: Path) -> None:
    """Neither the password nor the server's own words are said, and no receipt is left."""
    both.sender().publish(people(1, name=CANARY))
    away = Place("postgres", tmp_path, f"postgresql://dlt_writer:{PASSWORD}@127.0.0.1:1/nowhere")
    with pytest.raises(DestinationFailed) as caught:
        load(both, away)
    assert caught.value.exit_code == 50
    assert PASSWORD not in "\n".join(caught.value.lines())
    assert caught.value.__context__ is None
    assert not list((both.landing / "receipts").rglob("*.json"))


def test_nothing_is_told_to_the_makers_of_the_library(both: Parties, tmp_path: Path) -> None:
    """Its telemetry is off while it works, and its settings are gone from the environment afterwards."""
    from dlt.common.runtime import anon_tracker

    both.sender().publish(people(1))
    load(both, Place("duckdb", tmp_path, f"duckdb:///{tmp_path}/there.duckdb"))
    assert anon_tracker._THREAD_POOL is None, "what would send was never made"
    assert anon_tracker._WRITE_KEY is None
    assert not [name for name in os.environ if name.startswith(("RUNTIME__", "DLT_"))]


def spoil(place: Place, statement: str) -> None:
    if place.kind == "postgres":
        import psycopg

        with psycopg.connect(place.line, autocommit=True) as connection:
            connection.execute(statement.encode())
        return
    import duckdb

    with duckdb.connect(place.line.removeprefix("duckdb:///")) as opened:
        opened.execute(statement)
