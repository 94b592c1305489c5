"""A key was changed while batches were on their way: those are loaded, nothing new is believed under it."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from common import clock
from sealing.earlier import Earlier
from sealing.envelope import Identity, new_identity
from sealing.receipt import Receipt
from sealing.signing import Signer
from tests.batches import RECEIPTS, SENDER, Change, Parties, row
from warehouse.load import load_landing
from warehouse.open_batch import Council

CHANGED_ON = date(2022, 12, 3)
NEW = Signer(bytes([7]) * 32)


def people(*numbers: int) -> Change:
    return Change("person", [row("person", number) for number in numbers])


def load(both: Parties, council: Council, at: str) -> list[Receipt]:
    with clock.frozen(datetime.fromisoformat(at)):
        return load_landing(both.zone, both.warehouse, council)


def outcomes(answers: list[Receipt]) -> list[str]:
    return [str(answer.reason or answer.outcome) for answer in answers]


def after_change(both: Parties) -> Council:
    """The council side once it has the sender's new key, and the one of before with its last day."""
    return replace(both.council, sender=NEW.verifier, senders_before=(Earlier(SENDER.verifier, CHANGED_ON),))


@pytest.mark.parametrize(
    ("made", "answered", "said"),
    [
        ("2022-12-03T10:00:00Z", "2022-12-02T02:30:00Z", "loaded"),
        ("2022-12-04T02:00:00Z", "2022-12-02T02:30:00Z", "manifest_signature"),
        ("2022-12-03T10:00:00Z", "2022-12-04T02:30:00Z", "manifest_signature"),
    ],
    ids=["on its way", "made after", "dated back"],
)
def test_a_batch_under_the_key_of_before_is_loaded_only_if_it_was_on_its_way(
    both: Parties, made: str, answered: str, said: str
) -> None:
    """Made by the day of the change, of a flow without a later answer: a thief cannot date a new one back."""
    sender = both.sender()
    sender.publish(people(1))
    assert outcomes(load(both, both.council, answered)) == ["loaded"]
    sender.publish(people(2), created_at=made)
    assert outcomes(load(both, after_change(both), "2022-12-05T02:30:00Z")) == [said]


def test_after_the_change_the_chain_goes_on_under_the_new_key(both: Parties) -> None:
    """The next batch, signed by the new key, is loaded; one signed by a key nobody knows is not."""
    sender, council = both.sender(), after_change(both)
    sender.publish(people(1))
    assert outcomes(load(both, council, "2022-12-03T02:30:00Z")) == ["loaded"]
    forged = sender.build(people(3))
    replace(forged, signer=Signer(bytes([9]) * 32)).put(both.landing)
    assert outcomes(load(both, council, "2022-12-05T02:30:00Z")) == ["manifest_signature"]
    folder = both.landing / forged.manifest.batch_id
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    replace(forged, signer=NEW).put(both.landing)
    assert outcomes(load(both, council, "2022-12-05T02:30:00Z")) == ["loaded"]


@pytest.mark.parametrize("kept", [True, False])
def test_a_batch_sealed_to_the_council_s_key_of_before_opens_while_that_is_kept(
    both: Parties, kept: bool
) -> None:
    """With the old private part aside it is loaded; without, it is for another recipient."""
    old = both.council.identity
    council = Council(Identity(new_identity()), SENDER.verifier, RECEIPTS, (old,) if kept else ())
    both.sender().publish(people(1, 2))
    answers = load(both, council, "2022-12-05T02:30:00Z")
    assert outcomes(answers) == ["loaded" if kept else "other_recipient"]
