"""No bit of a batch can be changed, and no file of it cut short, without its being refused by name.

A push plays one place in 97, another one each day; the long run every bit of header, manifest and signature,
one bit in 97 of the body, and a cut at every byte.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from commands.load import REFUSED
from sealing.manifest import MANIFEST_NAME, SIGNATURE_NAME, sign_manifest
from sealing.receipt import Refusal
from tests.batches import SENDER, Parties, Sealed, Sender, parties
from tests.reliability.batch_attacks import ENTITY, STRANGER, Scene, people, start_of_pieces
from tests.reliability.book import Row, RowBook
from tests.today import SEED
from tests.warehouses import asked
from warehouse.load import load_landing

ONE_IN = 97
FORGED = "20230101T020000Z-{:06x}"
Damaged = Iterable[bytes]
Choose = Callable[[range], range]


def every(places: range) -> range:
    """Choose every place."""
    return places


def one_in_97(places: range) -> range:
    """Choose one place in 97, another one each day."""
    return places[SEED % min(ONE_IN, len(places)) :: ONE_IN]


def bits(content: bytes, places: range) -> Damaged:
    """Yield the bytes with one bit changed, at each of these places in turn."""
    for place in places:
        changed = bytearray(content)
        changed[place // 8] ^= 1 << place % 8
        yield bytes(changed)


def cuts(content: bytes, places: range) -> Damaged:
    """Yield the bytes cut off before each of these places."""
    return (content[:place] for place in places)


def bits_of_header(sealed: bytes, choose: Choose) -> Damaged:
    return bits(sealed, choose(range(start_of_pieces(sealed) * 8)))


def bits_of_body(sealed: bytes, choose: Choose) -> Damaged:
    all_of_them = range(start_of_pieces(sealed) * 8, len(sealed) * 8)
    chosen = all_of_them[SEED % ONE_IN :: ONE_IN]
    return bits(sealed, chosen if choose is every else chosen[SEED % 8 :: 8])


def bits_anywhere(content: bytes, choose: Choose) -> Damaged:
    return bits(content, choose(range(len(content) * 8)))


def cuts_anywhere(content: bytes, choose: Choose) -> Damaged:
    return cuts(content, choose(range(len(content.removesuffix(b"\n")))))


def another_file(sender: Sender, base: Sealed, content: bytes, *, right: bool) -> None:
    """Publish the next batch of the flow with these bytes for its file."""
    number, previous = sender.sequence + 1, sender.previous
    again = base.changed(
        sequence=number, previous_manifest_sha256=previous, run_id=f"20221203T020000Z-{number:06x}"
    )
    scene = Scene(sender.landing, sender, again)
    if right:
        scene.made_right(content)
    else:
        scene.put()
        scene.file.write_bytes(content)
    sender.settle(scene.batch)


def another_name(sender: Sender, base: Sealed, content: bytes, name: str) -> None:
    """Put the next batch into one more folder, with these bytes for its manifest or its signature."""
    number = len(list((sender.landing / sender.flow).iterdir()))
    place = base.put(sender.landing, f"{sender.flow}/00000002-{FORGED.format(number)}")
    (place / name).write_bytes(content)


@dataclass(frozen=True)
class Sweep:
    """One kind of damage to one part of a batch, done at many places; the one reason it is refused for."""

    fault: str
    place: str
    damage: Callable[[bytes, Choose], Damaged]
    part: str
    reason: Refusal
    right: bool = False

    def content(self, batch: Sealed) -> bytes:
        """Return the bytes that are damaged."""
        if self.part == ENTITY:
            return batch.files[ENTITY]
        if self.part == MANIFEST_NAME:
            return batch.manifest.canonical_bytes()
        return sign_manifest(batch.manifest, SENDER)

    def publish(self, sender: Sender, choose: Choose) -> int:
        """Put a batch there for each place that is chosen; return how many there are."""
        base = sender.build(people(3, name=STRANGER))
        put = (
            partial(another_file, right=self.right)
            if self.part == ENTITY
            else partial(another_name, name=self.part)
        )
        damaged = list(self.damage(self.content(base), choose))
        for content in damaged:
            put(sender, base, content=content)
        return len(damaged)


FILES = [
    Sweep("one bit changed", "header of a sealed file", bits_of_header, ENTITY, Refusal.SEALED_DIGEST),
    Sweep("one bit changed", "body of a sealed file", bits_of_body, ENTITY, Refusal.SEALED_DIGEST),
    Sweep("cut short", "sealed file", cuts_anywhere, ENTITY, Refusal.SEALED_DIGEST),
]
RIGHT = [
    replace(
        sweep, fault=f"{sweep.fault}, digest and signature made right", reason=Refusal.ENVELOPE, right=True
    )
    for sweep in FILES
]
WORDS = [
    Sweep(fault, place, damage, part, Refusal.MANIFEST_SIGNATURE)
    for fault, damage in (("one bit changed", bits_anywhere), ("cut short", cuts_anywhere))
    for place, part in (("manifest", MANIFEST_NAME), ("signature", SIGNATURE_NAME))
]
SWEEPS = [*FILES, *RIGHT, *WORDS]


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("batch_bits") as book:
        yield book


def swept(folder: Path, choose: Choose) -> tuple[Parties, dict[str, Sender], dict[str, int]]:
    """Load a first batch in a flow for each sweep, then damage the next ones at the chosen places."""
    both = parties(folder)
    senders = {f"flow_{number:02d}": both.sender(f"flow_{number:02d}") for number in range(len(SWEEPS))}
    for sender in senders.values():
        sender.publish(people(1))
    assert {answer.outcome for answer in load_landing(both.zone, both.warehouse, both.council)} == {"loaded"}
    told = {flow: sweep.publish(senders[flow], choose) for flow, sweep in zip(senders, SWEEPS, strict=True)}
    return both, senders, told


def damaged_anywhere(folder: Path, choose: Choose, book: RowBook, say: Callable[[str], None]) -> None:
    """Refuse each of the damaged batches by the reason of its sweep; then each flow goes on."""
    both, senders, told = swept(folder, choose)
    answers = load_landing(both.zone, both.warehouse, both.council)
    for (flow, sender), sweep in zip(senders.items(), SWEEPS, strict=True):
        reasons = [answer.reason for answer in answers if answer.flow == flow]
        assert reasons == [sweep.reason] * told[flow]
        assert len(reasons) > 0, "a sweep that damages nothing proves nothing"
        assert asked(both, f"SELECT given_name FROM {flow}.person") == [("Ann",)]
        book.saw(Row(sweep.fault, "batch", sweep.place, REFUSED, sweep.reason, True))
        sender.publish(people(2, name="Bea"))
    say(
        f"seed {SEED}: "
        + ", ".join(f"{sweep.place} {told[flow]}" for flow, sweep in zip(told, SWEEPS, strict=True))
    )
    true = [
        answer
        for answer in load_landing(both.zone, both.warehouse, both.council)
        if answer.outcome == "loaded"
    ]
    assert [answer.flow for answer in true] == list(senders)


def test_a_batch_damaged_at_one_place_in_97_is_refused_by_name(
    tmp_path: Path, book: RowBook, say: Callable[[str], None]
) -> None:
    """Each sampled bit and cut has its reason, no table has a row of it, and the next batch is loaded."""
    damaged_anywhere(tmp_path, one_in_97, book, say)


@pytest.mark.soak
def test_a_batch_damaged_at_any_place_is_refused_by_name(
    tmp_path: Path, book: RowBook, say: Callable[[str], None]
) -> None:
    """The same at every bit and every byte, and at one bit in 97 of the body."""
    damaged_anywhere(tmp_path, every, book, say)


def test_every_row_of_the_book_has_its_sweep(book: RowBook) -> None:
    """No committed row outlives its sweep."""
    assert book.keys() == {("batch", sweep.fault, sweep.place) for sweep in SWEEPS}
