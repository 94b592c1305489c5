"""A batch that was tampered with in the landing zone is refused by name, and harms nothing but itself."""

import shutil
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from commands.load import REFUSED
from sealing.manifest import LARGEST_MANIFEST_BYTES
from sealing.receipt import Receipt, Refusal
from tests.batches import Change, Parties, Sender, parties, row
from tests.reliability.batch_attack_cases import ATTACKS, NAMED
from tests.reliability.batch_attacks import STRANGER, Attack, Scene, people
from tests.reliability.book import Row, RowBook
from tests.warehouses import asked
from warehouse.load import load_landing

GOOD = "early_help"
KNOWN = ("Ann", "Bea", "Cat", STRANGER)
Rows = dict[str, list[tuple[Any, ...]]]
LARGE = bytes(range(256)) * 800
MOST_MEMORY = 128 << 20
MANY = 12
NOT_READ = "not_read"
"""Stands where a reason would: what `load` names and gives no answer to."""


@dataclass
class Attacked:
    """What became of a landing zone in which every attack was made at once, each on a flow of its own."""

    both: Parties
    scenes: dict[str, Scene]
    before: Rows
    after: Rows
    answers: list[Receipt]
    memory: int
    unread: list[str]

    def answers_to(self, flow: str) -> list[Receipt]:
        """Return the answers to what lies in the flow's folder, or in that of its name with an ending."""
        return [answer for answer in self.answers if answer.flow.removesuffix("_other") == flow]


def rows_of(both: Parties, flows: Iterable[str]) -> Rows:
    """Return by flow every row of its people and of what it withdrew, with none of the product's code."""
    with closing(duckdb.connect(both.warehouse, read_only=True)) as warehouse:
        return {
            flow: [
                found
                for table in ("person", "withdrawn_records")
                for found in warehouse.execute(f"SELECT * FROM {flow}.{table} ORDER BY ALL").fetchall()
            ]
            for flow in flows
        }


def names_in(rows: list[tuple[Any, ...]]) -> list[str]:
    """Return the given names in these rows, sorted."""
    return sorted(value for values in rows for value in values if value in KNOWN)


def load(both: Parties) -> list[Receipt]:
    return load_landing(both.zone, both.warehouse, both.council)


def flow_of(attack: Attack) -> str:
    return f"flow_{ATTACKS.index(attack):02d}"


def attack_on(sender: Sender, attack: Attack) -> Scene:
    """Seal the next batch of the flow, and do to it what the attack does."""
    content = LARGE if attack.large else None
    batch = sender.build(Change("person", [row("person", 3, given_name=STRANGER)], content=content))
    scene = Scene(sender.landing, sender, batch)
    attack.does(scene)
    return scene


def measured(both: Parties, unread: list[str] | None = None) -> tuple[list[Receipt], int]:
    """Return what a load answers, and the most memory that Python held in it; what it could not read."""
    tracemalloc.start()
    try:
        answers = load_landing(both.zone, both.warehouse, both.council, unread=unread)
        return answers, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """Load the first batch of every flow, attack the second of each but the good one, and load again."""
    both = parties(tmp_path_factory.mktemp("attacked"))
    senders = {flow: both.sender(flow) for flow in (GOOD, *map(flow_of, ATTACKS))}
    for sender in senders.values():
        sender.publish(people(1, 2))
    assert {answer.outcome for answer in load(both)} == {"loaded"}
    before = rows_of(both, senders)
    senders[GOOD].publish(people(3, name="Bea"))
    scenes = {flow_of(attack): attack_on(senders[flow_of(attack)], attack) for attack in ATTACKS}
    unread: list[str] = []
    answers, memory = measured(both, unread)
    return Attacked(both, scenes, before, rows_of(both, senders), answers, memory, unread)


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("batches") as book:
        yield book


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.fault}: {attack.place}")
def test_each_attack_is_refused_by_name_and_reaches_no_table(
    attacked: Attacked, book: RowBook, attack: Attack
) -> None:
    """One reason and the tables as they were; or what is there is named, or nothing is seen of a batch:
    its sender misses the answer.
    """
    flow = flow_of(attack)
    answers = attacked.answers_to(flow)
    expected = [] if attack.reason is None and not attack.loads else [attack.reason]
    assert [answer.reason for answer in answers] == expected
    assert (attacked.after[flow] == attacked.before[flow]) is not attack.loads
    named = [batch for batch in attacked.unread if batch.startswith(f"{flow}/")]
    assert len(named) == (attack.note == NAMED)
    reason = NOT_READ if named else attack.reason
    code = REFUSED if reason else 0
    book.saw(Row(attack.fault, "batch", attack.place, code, reason, not attack.loads, attack.note))


def test_the_good_batch_beside_them_is_loaded_and_memory_stays_small(attacked: Attacked) -> None:
    """Nothing of it is lost, nothing of the attacked ones is beside it, and no giant was taken in whole."""
    good = [answer for answer in attacked.answers if answer.flow == GOOD]
    assert [(answer.sequence, answer.outcome) for answer in good] == [(2, "loaded")]
    assert names_in(attacked.after[GOOD]) == ["Ann", "Ann", "Bea"]
    assert attacked.memory < MOST_MEMORY, attacked.memory
    flows = {flow for (flow,) in asked(attacked.both, "SELECT DISTINCT schema_name FROM duckdb_schemas()")}
    assert not {flow for flow in flows if flow.endswith("_other")}


def mended(attacked: Attacked, attack: Attack) -> None:
    """Do what the sender does: after a refusal that used the number the next one, else the true one anew."""
    flow, scene = flow_of(attack), attacked.scenes[flow_of(attack)]
    if attack.loads or (attack.reason and attack.reason.uses_number):
        scene.sender.settle(scene.batch)
    else:
        folder = attacked.both.landing / flow
        folder.unlink() if folder.is_symlink() else shutil.rmtree(folder)
        scene.sender.history[0].put(scene.landing)
    scene.sender.publish(people(4, name="Cat"))


def test_after_each_attack_the_flow_goes_on(attacked: Attacked) -> None:
    """The true batch, or the next, is loaded: what an attacker can do is to make it wait."""
    for attack in ATTACKS:
        mended(attacked, attack)
    loaded = {answer.flow for answer in load(attacked.both) if answer.outcome == "loaded"}
    assert loaded == set(map(flow_of, ATTACKS))
    after = rows_of(attacked.both, loaded)
    for attack in ATTACKS:
        strangers = [STRANGER] if attack.loads else []
        assert names_in(after[flow_of(attack)]) == ["Ann", "Ann", "Cat", *strangers]


def test_every_row_of_the_book_has_its_attack(book: RowBook) -> None:
    """No committed row outlives its attack."""
    rows = {("batch", attack.fault, attack.place) for attack in ATTACKS}
    assert book.keys() == rows


def test_many_manifests_as_large_as_one_may_be_are_never_in_memory_together(tmp_path: Path) -> None:
    """Anybody may put folders there: each is refused by its signature, and memory is that of a few."""
    both = parties(tmp_path)
    both.sender(GOOD).publish(people(1))
    for number in range(MANY):
        place = both.landing / f"zzz/00000001-{number:08d}"
        place.mkdir(parents=True)
        with (place / "manifest.json").open("wb") as stream:
            stream.truncate(LARGEST_MANIFEST_BYTES)
    answers, memory = measured(both)
    refused = [(answer.flow, answer.reason) for answer in answers[1:]]
    assert answers[0].outcome == "loaded"
    assert refused == [("zzz", Refusal.MANIFEST_SIGNATURE)] * MANY
    assert memory < MANY // 2 * LARGEST_MANIFEST_BYTES, memory
