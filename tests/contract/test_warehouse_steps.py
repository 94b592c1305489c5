"""A warehouse that another version of Viaduct made is brought up once, or left alone; of each kind."""

import pytest

from common.errors import ViaductError
from tests.batches import Change, Parties, Sender, row
from tests.warehouses import asked, changed
from warehouse import steps
from warehouse.errors import WarehouseIsNewer
from warehouse.load import load_landing

NEW = "CREATE TABLE viaduct_notes (note VARCHAR)"
KNOWN = [(number,) for number in range(1, len(steps.STEPS) + 1)]
ONE_MORE = [*KNOWN, (len(KNOWN) + 1,)]
DONE = "SELECT version FROM viaduct_schema ORDER BY version"
PEOPLE = "SELECT count(*) FROM early_help.person"


@pytest.fixture
def sender(both: Parties) -> Sender:
    """A sender whose first batch was loaded."""
    sender = both.sender()
    arrives(both, sender, 1)
    return sender


def arrives(both: Parties, sender: Sender, number: int) -> None:
    """Let a batch of one person arrive, and load what is there."""
    sender.publish(Change("person", [row("person", number, given_name="Ann")]))
    loaded(both)


def loaded(both: Parties) -> None:
    """Load what is there."""
    assert {one.outcome for one in load_landing(both.zone, both.warehouse, both.council)} == {"loaded"}


def test_a_warehouse_from_before_the_steps_were_counted_goes_on(both: Parties, sender: Sender) -> None:
    """What it holds stays; the first load counts the steps that it has."""
    changed(both, "DROP TABLE viaduct_schema")
    arrives(both, sender, 2)
    assert asked(both, DONE) == KNOWN
    assert asked(both, PEOPLE) == [(2,)]


def test_a_new_step_is_done_once(both: Parties, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that could not be done twice: the next load does it, the one after it does not."""
    monkeypatch.setattr(steps, "STEPS", (*steps.STEPS, NEW))
    arrives(both, sender, 2)
    assert asked(both, DONE) == ONE_MORE
    arrives(both, sender, 3)
    assert asked(both, DONE) == ONE_MORE
    assert asked(both, "SELECT count(*) FROM viaduct_notes") == [(0,)]


def test_a_step_that_fails_is_undone_and_the_batch_waits(
    both: Parties, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its first half nor its number stays; the batch is loaded once the step can be done."""
    with monkeypatch.context() as failing:
        failing.setattr(steps, "STEPS", (*steps.STEPS, f"{NEW}; ALTER TABLE nowhere ADD COLUMN x VARCHAR"))
        sender.publish(Change("person", [row("person", 2, given_name="Ann")]))
        with pytest.raises(ViaductError):
            load_landing(both.zone, both.warehouse, both.council)
    assert (asked(both, DONE), asked(both, PEOPLE)) == (KNOWN, [(1,)])
    monkeypatch.setattr(steps, "STEPS", (*steps.STEPS, NEW))
    loaded(both)
    assert (asked(both, DONE), asked(both, PEOPLE)) == (ONE_MORE, [(2,)])


def test_a_warehouse_of_a_later_version_is_left_alone(both: Parties, sender: Sender) -> None:
    """Nothing is loaded, nothing is answered, and the error says what to install."""
    changed(both, "INSERT INTO viaduct_schema VALUES (9, now())")
    sender.publish(Change("person", [row("person", 2, given_name="Ann")]))
    for _ in range(2):
        with pytest.raises(WarehouseIsNewer) as caught:
            load_landing(both.zone, both.warehouse, both.council)
        assert f"form 9; this version of Viaduct knows {len(KNOWN)}" in str(caught.value)
    assert asked(both, PEOPLE) == [(1,)]
    assert asked(both, "SELECT count(*) FROM viaduct_refusals") == [(0,)]
