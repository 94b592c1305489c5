"""A PostgreSQL warehouse whose server, backend or line is lost at any moment ends as an undisturbed one."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common import clock
from common.errors import ViaductError
from config.warehouse import PostgresWarehouse
from sealing.manifest import RetentionTerm
from sealing.receipt import open_receipt
from tests.batches import RECEIPTS, Change, Parties, parties, row
from tests.loopback import listening
from tests.postgres import Server
from tests.postgres_proxy import COMMIT, Line
from tests.warehouses import asked, with_lists
from warehouse import postgres as product
from warehouse.errors import WarehouseServerFailed
from warehouse.load import load_landing
from warehouse.retention import apply_retention

LATER = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
MESSAGE = 1 + 4 + len(COMMIT)
ANSWER = (1 + 4 + len(COMMIT)) + (1 + 4 + 1)
TABLES = {
    "early_help.person": "*",
    "early_help.withdrawn_records": "*",
    "viaduct.viaduct_batches": "flow, sequence, batch_id, rows_upserted, rows_withdrawn",
    "viaduct.viaduct_refusals": "flow, sequence, batch_id, reason",
}


@pytest.fixture
def both(tmp_path: Path, postgres: Server) -> Parties:
    return parties(tmp_path, with_lists(postgres.new_database()))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is away stays away here: nobody needs to wait a minute for it."""
    monkeypatch.setattr(product, "SETTLE_SECONDS", 2.0)


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def publish(both: Parties) -> None:
    """Lay down three batches: one to load, one that replaces and withdraws, one to be refused."""
    sender = both.sender()
    sender.publish(people(*range(200)))
    sender.publish(people(2, 300, name="Bea"), Change("person", [row("person", 3)], "withdraw"))
    sender.publish(people(5, 5))


def through(both: Parties, port: int) -> PostgresWarehouse:
    """Return the warehouse at the near end of a line, in plain text so that the line knows a commit."""
    return both.warehouse.model_copy(update={"host": "127.0.0.1", "port": port, "sslmode": "disable"})


def load(both: Parties, warehouse: PostgresWarehouse | None = None) -> list[str]:
    answers = load_landing(both.zone, warehouse or both.warehouse, both.council)
    return [str(answer.reason or answer.outcome) for answer in answers]


def state(both: Parties) -> list[list[tuple[Any, ...]]]:
    return [
        sorted(asked(both, f"SELECT {columns} FROM {table}"), key=str) for table, columns in TABLES.items()
    ]


def receipts_are_kept(both: Parties) -> bool:
    """Return whether the receipts in the landing zone are those in the warehouse, the same bytes."""
    left = {path.read_text() for path in (both.landing / "receipts").rglob("*.json")}
    assert all(open_receipt(text.encode(), RECEIPTS.verifier) for text in left)
    kept = "SELECT receipt FROM viaduct_batches UNION ALL SELECT receipt FROM viaduct_refusals"
    return left == {receipt for (receipt,) in asked(both, kept)}


def undisturbed(postgres: Server, folder: Path) -> list[list[tuple[Any, ...]]]:
    """Return the state of a warehouse into which the same batches were loaded in peace."""
    quiet = parties(folder, postgres.new_database("quiet"))
    publish(quiet)
    assert load(quiet) == ["loaded", "loaded", "key_repeated"]
    return state(quiet)


def disturbed(both: Parties, line: Line) -> str:
    """Return how a load over the line ended: `done`, or the class of the error."""
    with listening(line) as port:
        try:
            load(both, through(both, port))
        except ViaductError as error:
            return type(error).__name__
    return "done"


def converges(both: Parties, wanted: list[list[tuple[Any, ...]]]) -> None:
    """One more load, and all is as if nothing had happened; another changes nothing."""
    load(both)
    assert state(both) == wanted
    assert receipts_are_kept(both)
    assert load(both) == []


def cuts_at(message: list[int], answer: list[int]) -> list[dict[str, int]]:
    return [{"asked": at} for at in message] + [{"answered": at} for at in answer]


def cut_around_the_commit(
    postgres: Server, folder: Path, both: Callable[[str], Parties], cuts: list[dict[str, int]]
) -> dict[str, int]:
    """Cut the line at each of the places; return how often a load ended how."""
    wanted = undisturbed(postgres, folder)
    ended: dict[str, int] = {}
    for number, cut in enumerate(cuts):
        mine = both(f"cut{number}")
        publish(mine)
        line = Line(postgres.port, **cut)
        how = disturbed(mine, line)
        assert line.struck, "a cut that never happens proves nothing"
        ended[how] = ended.get(how, 0) + 1
        if "answered" in cut or cut["asked"] == MESSAGE:
            assert how == "done", f"{cut}: the commit was there to be read back"
        converges(mine, wanted)
    return ended


@pytest.fixture
def anew(tmp_path: Path, postgres: Server) -> Callable[[str], Parties]:
    """Return a maker of parties with an empty warehouse each."""

    def make(name: str) -> Parties:
        folder = tmp_path / name
        folder.mkdir()
        return parties(folder, with_lists(postgres.new_database()))

    return make


def test_a_line_cut_around_the_commit_is_settled_by_reading_back(
    tmp_path: Path, postgres: Server, anew: Callable[[str], Parties]
) -> None:
    """Before the whole question arrived: not loaded, an error, and the next load loads. After: loaded."""
    cuts = cuts_at([0, 3, MESSAGE - 1], [0, 5, ANSWER - 1])
    ended = cut_around_the_commit(postgres, tmp_path, anew, cuts)
    assert ended == {WarehouseServerFailed.__name__: 3, "done": 3}


def test_a_backend_ended_as_it_commits_is_settled_by_reading_back(
    both: Parties, postgres: Server, tmp_path: Path
) -> None:
    """Ended before the answer, the batch is found; after it, the next batch is lost and loaded next time."""
    (tmp_path / "quiet").mkdir()
    wanted = undisturbed(postgres, tmp_path / "quiet")
    publish(both)

    def end() -> None:
        with postgres.admin() as admin:
            found = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'viaduct_loader'"
            assert admin.execute(found).fetchall()

    line = Line(postgres.port, happens=end)
    how = disturbed(both, line)
    assert line.over.wait(30)
    assert how in {"done", WarehouseServerFailed.__name__}
    found = asked(both, "SELECT count(*) FROM viaduct_batches")
    assert found == [(2,)] if how == "done" else found in ([(0,)], [(1,)])
    converges(both, wanted)


def stopped_at(postgres: Server, both: Parties, after: int) -> str:
    """Load into a server that is stopped at once when so many bytes went there, and started again."""
    line = Line(postgres.port, after=after, happens=postgres.stop)
    how = disturbed(both, line)
    assert line.struck
    assert line.over.wait(30), "the server is stopped before it is started again"
    postgres.start()
    return how


def stop_at_moments(
    postgres: Server, folder: Path, both: Callable[[str], Parties], moments: int
) -> tuple[int, list[str]]:
    """Stop the server at so many moments; return how many bytes a load is, and how each ended."""
    wanted = undisturbed(postgres, folder)
    whole = both("whole")
    publish(whole)
    measured = Line(postgres.port, after=1 << 40)
    assert disturbed(whole, measured) == "done"
    ended = []
    for number in range(moments):
        mine = both(f"stop{number}")
        publish(mine)
        ended.append(stopped_at(postgres, mine, measured.carried * (number + 1) // (moments + 1)))
        converges(mine, wanted)
    return measured.carried, ended


def test_a_server_stopped_in_the_middle_of_a_load_converges(
    tmp_path: Path, postgres: Server, anew: Callable[[str], Parties]
) -> None:
    """Stopped `-m immediate` at two moments: an error, and the next load makes the undisturbed warehouse."""
    _, ended = stop_at_moments(postgres, tmp_path, anew, 2)
    assert set(ended) == {WarehouseServerFailed.__name__}


def test_a_removal_whose_answer_is_lost_is_certified_once(both: Parties, postgres: Server) -> None:
    """The commit of what had its time is read back too: rows gone, one certificate, and it is left."""
    term = RetentionTerm(entity="person", period="P1Y", since="disclosure")
    both.sender().publish(people(1, 2), retention=[term])
    load(both)
    line = Line(postgres.port, answered=0)
    with listening(line) as port, clock.frozen(LATER):
        (done,) = apply_retention(both.zone, through(both, port), RECEIPTS, [])
        assert line.struck
        (again,) = apply_retention(both.zone, both.warehouse, RECEIPTS, [])
    assert (done.total("expired"), again.total("expired")) == (2, 0)
    assert asked(both, "SELECT count(*) FROM viaduct_certificates") == [(1,)]
    assert asked(both, "SELECT count(*) FROM early_help.person") == [(0,)]
    assert list(both.zone.certificates("early_help")) == [1]


@pytest.mark.soak
def test_every_byte_around_the_commit_and_ten_moments_of_a_load(
    tmp_path: Path, postgres: Server, anew: Callable[[str], Parties], say: Callable[[str], None]
) -> None:
    """All bytes of the question and of its answer, then the server stopped at ten moments: none differs."""
    (tmp_path / "cuts").mkdir()
    (tmp_path / "stops").mkdir()
    cuts = cuts_at(list(range(MESSAGE + 1)), list(range(ANSWER)))
    ended = cut_around_the_commit(postgres, tmp_path / "cuts", lambda name: anew(f"c{name}"), cuts)
    carried, stops = stop_at_moments(postgres, tmp_path / "stops", lambda name: anew(f"s{name}"), 10)
    say(f"cuts {len(cuts)}: {ended}; stops in {carried} bytes: {stops}")
    assert sum(ended.values()) == len(cuts)
    assert stops.count("done") < len(stops)
