"""A load over TLS whose line is cut at any byte, or whose server ends, leaves what an undisturbed one leaves.

A push plays one place of each fault, another one each day; the long run plays them all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.errors import ViaductError
from config.warehouse import PostgresWarehouse
from sealing.receipt import open_receipt
from tests.batches import RECEIPTS, Parties, parties
from tests.contract.test_postgres_crash import anew, people, publish, receipts_are_kept, soon, state
from tests.counted_line import ANSWER_RECORD, COMMIT_RECORD, CountedLine, Way, cut_it
from tests.loopback import listening
from tests.postgres import Server
from tests.reliability.book import Row, RowBook
from tests.today import SEED
from tests.warehouses import asked, with_lists
from warehouse.load import load_landing
from warehouse.postgres_line import try_line

__all__ = ["anew", "soon"]

AGAIN = "the next load ends as if nothing had happened"
MOMENTS, INTERVALS = 10, 20
PARTS = (1, 12, 25, 40, 60, 80)
LOST = ("E515", 50)
Anew = Callable[[str], Parties]
State = list[list[tuple[Any, ...]]]


@dataclass
class Peace:
    """What each load in peace leaves: the tables after none, one and all of the batches; what is answered."""

    after: list[State]
    answers: list[tuple[Any, ...]]
    carried: dict[Way, int]


def load(both: Parties, warehouse: PostgresWarehouse | None = None) -> int:
    return len(load_landing(both.zone, warehouse or both.warehouse, both.council))


def tables(both: Parties) -> State:
    """Return what was committed; nothing, before the first batch was."""
    there = asked(both, "SELECT to_regclass('early_help.person') IS NOT NULL")
    return state(both) if there == [(True,)] else []


def answers(both: Parties) -> list[tuple[Any, ...]]:
    """Return what the receipts in the landing zone say, the moment and the recipient's key left aside."""
    found = sorted((both.landing / "receipts").rglob("*.json"))
    receipts = [open_receipt(path.read_bytes(), RECEIPTS.verifier) for path in found]
    return [(it.batch_id, it.outcome, it.reason, tuple(it.entities.items())) for it in receipts]


def over(both: Parties, line: CountedLine) -> tuple[str, int] | None:
    """Load over the line, the server proved as ever; return code and exit code of its error, if any."""
    with listening(line) as port:
        try:
            load(both, both.warehouse.model_copy(update={"port": port}))
        except ViaductError as error:
            return error.code, error.exit_code
    return None


def one(both: Parties) -> None:
    """Lay down the smallest batch there is."""
    both.sender().publish(people(1))


def in_peace(postgres: Server, folder: Path, lay: Callable[[Parties], None]) -> Peace:
    """Load what is laid down batch by batch, counted, and keep what stands there after each."""
    folder.mkdir()
    quiet = parties(folder, postgres.new_database("quiet"))
    lay(quiet)
    line = CountedLine(postgres.port)
    batches = sorted((quiet.landing / "early_help").iterdir())
    hidden = folder / "hidden"
    after: list[State] = [[]]
    (quiet.landing / "early_help").rename(hidden)
    (quiet.landing / "early_help").mkdir()
    for batch in batches:
        (hidden / batch.name).rename(batch)
        load(quiet)
        after.append(tables(quiet))
    whole = parties_again(postgres, folder, lay)
    assert over(whole, line) is None
    assert line.commits == len(batches), "the line knows a commit when it sees one"
    assert tables(whole) == after[-1]
    return Peace(after, answers(quiet), line.carried)


def parties_again(postgres: Server, folder: Path, lay: Callable[[Parties], None]) -> Parties:
    (folder / "whole").mkdir()
    whole = parties(folder / "whole", with_lists(postgres.new_database()))
    lay(whole)
    return whole


def strike(both: Parties, line: CountedLine, peace: Peace) -> tuple[str, int] | None:
    """Load over the line that is struck, look at what stands there, load again, and look once more."""
    ended = over(both, line)
    assert line.struck, "a fault that never happens proves nothing"
    assert line.happens is cut_it or line.over.wait(60), "what happens to the server has ended"
    found = tables(both)
    assert found in peace.after, "whole batches, in their order, and no others"
    assert set(answers(both)) <= set(peace.answers[: peace.after.index(found)]), (
        "no receipt before its commit"
    )
    load(both)
    assert tables(both) == peace.after[-1]
    assert answers(both) == peace.answers
    assert receipts_are_kept(both)
    assert load(both) == 0
    return ended


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("postgresql") as book:
        yield book


def chosen(places: list[Any], *, all_of_them: bool, shift: int = 0) -> list[Any]:
    return places if all_of_them else [places[(SEED + shift) % len(places)]]


def cut_through_the_load(postgres: Server, folder: Path, make: Anew, book: RowBook, *, whole: bool) -> str:
    """Cut the line at intervals, towards the server and from it."""
    peace = in_peace(postgres, folder / "peace", publish)
    words: dict[Way, str] = {"out": "towards the server", "home": "from the server"}
    ends = []
    for shift, (way, said) in enumerate(words.items()):
        places = [peace.carried[way] * number // (INTERVALS + 1) for number in range(1, INTERVALS + 1)]
        for place in chosen(places, all_of_them=whole, shift=7 * shift):
            both = make(f"{way}{place}")
            publish(both)
            ended = strike(both, CountedLine(postgres.port, way, place), peace)
            assert ended in (None, LOST), (way, place)
            ends.append(f"{way} {place} of {peace.carried[way]}: {'done' if ended is None else ended[0]}")
        row = Row("line cut", "postgresql", f"at {INTERVALS} places {said}", 50, "E515", False, AGAIN)
        book.saw(row)
    return "; ".join(ends)


def cut_around_the_commit(postgres: Server, folder: Path, make: Anew, book: RowBook, *, whole: bool) -> str:
    """Cut the smallest batch's line within the record that asks for its commit, and within the answer's."""
    peace = in_peace(postgres, folder / "peace", one)
    asked_at = chosen(list(range(COMMIT_RECORD)), all_of_them=whole)
    answered_at = chosen(list(range(ANSWER_RECORD)), all_of_them=whole)
    places: list[tuple[Way, int]] = [("out", at) for at in (*asked_at, COMMIT_RECORD)]
    for way, at in places + [("home", at) for at in answered_at]:
        both = make(f"{way}{at}")
        one(both)
        ended = strike(both, CountedLine(postgres.port, way, at, commit=1), peace)
        lost = way == "out" and at < COMMIT_RECORD
        assert ended == (LOST if lost else None), (way, at)
    question, answer = "each byte of the question for the commit", "each byte of the answer to the commit"
    read = "found by reading back: loaded, and answered once"
    book.saw(Row("line cut", "postgresql", question, 50, "E515", True, "not there when read back; " + AGAIN))
    book.saw(Row("line cut", "postgresql", answer, 0, None, False, read))
    return (
        f"asked {len(asked_at) + 1} places of {COMMIT_RECORD}, answered {len(answered_at)} of {ANSWER_RECORD}"
    )


def signing_in(postgres: Server, make: Anew) -> dict[Way, int]:
    """Return how many bytes go each way until the role is signed in, has the lock, and hangs up."""
    line = CountedLine(postgres.port)
    with listening(line) as port:
        try_line(make("signing in").warehouse.model_copy(update={"port": port}))
    return line.carried


def ended_at_moments(postgres: Server, folder: Path, make: Anew, book: RowBook, *, whole: bool) -> str:
    """End the backend, or stop the whole server at once, when so much of the load has gone there."""
    peace = in_peace(postgres, folder / "peace", publish)
    first = signing_in(postgres, make)["out"]
    rest = peace.carried["out"] - first
    places = [first + rest * number // (MOMENTS + 1) for number in range(1, MOMENTS + 1)]

    def end_the_backend() -> None:
        with postgres.admin() as admin:
            loaders = "FROM pg_stat_activity WHERE usename = 'viaduct_loader'"
            assert admin.execute(f"SELECT pg_terminate_backend(pid, 5000) {loaders}").fetchall()

    def stop() -> None:
        postgres.stop()
        postgres.start()

    faults = {"backend ended": end_the_backend, "server stopped at once (`-m immediate`)": stop}
    ends = []
    for shift, (fault, happens) in enumerate(faults.items()):
        for place in chosen(places, all_of_them=whole, shift=3 * shift):
            both = make(f"moment{shift}-{place}")
            publish(both)
            ended = strike(both, CountedLine(postgres.port, "out", place, happens=happens), peace)
            assert ended in (None, LOST), (fault, place)
            ends.append(f"{fault} at {place}: {'done' if ended is None else ended[0]}")
        book.saw(Row(fault, "postgresql", f"{MOMENTS} moments of a load", 50, "E515", False, AGAIN))
    return "; ".join(ends)


def cut_while_signing_in(postgres: Server, folder: Path, make: Anew, book: RowBook, *, whole: bool) -> str:
    """Cut the line before the first question is asked: in the handshake, or while the role proves itself."""
    peace = in_peace(postgres, folder / "peace", one)
    carried = signing_in(postgres, make)
    places: list[tuple[Way, int]] = [(way, carried[way] * part // 100) for way in carried for part in PARTS]
    for way, at in chosen(places, all_of_them=whole):
        both = make(f"{way}{at}")
        one(both)
        assert strike(both, CountedLine(postgres.port, way, at), peace) == LOST, (way, at)
    book.saw(Row("line cut", "postgresql", "while signing in", 50, "E515", True, AGAIN))
    return f"signing in: {dict(carried)} bytes"


FAULTS = [cut_while_signing_in, cut_through_the_load, cut_around_the_commit, ended_at_moments]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_load_that_is_disturbed_leaves_whole_batches_and_is_made_good(
    postgres: Server, tmp_path: Path, anew: Anew, book: RowBook, say: Callable[[str], None], fault: Any
) -> None:
    """At a place of the day: tables after so many whole batches, no receipt too many; then as in peace."""
    say(f"seed {SEED}: {fault(postgres, tmp_path, anew, book, whole=False)}")


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_load_that_is_disturbed_anywhere_leaves_whole_batches_and_is_made_good(
    postgres: Server, tmp_path: Path, anew: Anew, book: RowBook, say: Callable[[str], None], fault: Any
) -> None:
    """The same at every interval, every byte of a commit and its answer, and every moment."""
    said = fault(postgres, tmp_path, anew, book, whole=True)
    say(said)
    assert "E515" in said or fault in (cut_around_the_commit, cut_while_signing_in)
