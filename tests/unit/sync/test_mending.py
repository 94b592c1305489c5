"""Whether what was mended has arrived, told by the fates of one night in every flow."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from common import clock
from quality import FINDINGS, GONE, UNDECIDED, FindingStore, State
from sync.digests import Digest
from sync.mending import Mending
from sync.plan import FATE_HELD, FATE_RELEASED, FATE_UNCHANGED, FATE_WITHHELD
from sync.vanished import shared_by_others

NIGHT = datetime(2022, 12, 1, 5, tzinfo=UTC)
NOBODY = pl.Series("person", [], pl.UInt64)
EVERY = ("P1", "P2")


def found(*records: str, entity: str = "person") -> pl.DataFrame:
    """Return a finding of each of these records."""
    told = ("PER-05", "nhs_number", "error", "blank_field", "")
    rows = [("hub", entity, name, 7, *told) for name in records]
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")


@pytest.fixture
def store(tmp_path: Path) -> FindingStore:
    """Return a store with a finding of each person."""
    store = FindingStore(tmp_path / "findings.sqlite")
    store.record(found(*EVERY), "run-0", ["hub"], NIGHT)
    return store


def mending(store: FindingStore, forgotten: pl.Series = NOBODY) -> Mending:
    """Return what follows the next night's findings."""
    watched = {
        str(key[0]): rows for key, rows in store.watched().partition_by("entity", as_dict=True).items()
    }
    return Mending(store, "run-1", True, Digest(7), watched, forgotten, GONE.to_frame())


def there(*records: str, erased: tuple[str, ...] = ()) -> dict[str, pl.DataFrame]:
    """Return a partition with these people, of whom some are anonymised."""
    rows = [("hub", name, name, name in erased) for name in records]
    names = {
        "_source": pl.String,
        "_reference": pl.String,
        "_person": pl.String,
        "anonymised": pl.Boolean,
    }
    return {"person": pl.DataFrame(rows, schema=names, orient="row")}


def fates(*numbers: int) -> dict[str, pl.Series]:
    """Return the fates of a flow."""
    return {"person": pl.Series(numbers, dtype=pl.UInt8)}


def stands(store: FindingStore) -> dict[str, tuple[str, str]]:
    """Return how each finding stands, and why."""
    told = store.frame(set(State))
    return {row["record"]: (row["state"], row["reason"]) for row in told.iter_rows(named=True)}


def settle(night: Mending, done: list[bool], unasked: tuple[str, ...] = ()) -> None:
    """Let a night on which nothing was found be recorded and handed over."""
    with clock.frozen(NIGHT):
        night.record(found(), UNDECIDED.to_frame(), ["hub"], ["hub"])
        night.close(done, unasked)


@pytest.mark.parametrize(
    ("first", "second", "received", "state", "why"),
    [
        (FATE_RELEASED, FATE_UNCHANGED, True, "closed", "delivered"),
        (FATE_UNCHANGED, FATE_WITHHELD, True, "closed", "delivered"),
        (FATE_UNCHANGED, FATE_WITHHELD, False, "closed", "delivered"),
        (FATE_WITHHELD, FATE_WITHHELD, False, "closed", "nothing_shared"),
        (FATE_RELEASED, FATE_UNCHANGED, False, "mended", "passes"),
        (FATE_RELEASED, FATE_HELD, True, "mended", "passes"),
        (FATE_HELD, FATE_WITHHELD, True, "mended", "passes"),
    ],
)
def test_a_record_has_arrived_when_no_flow_owes_it(
    store: FindingStore, first: int, second: int, received: bool, state: str, why: str
) -> None:
    """Held it is owed by one flow; released, until its batch is remembered; withheld by rule, by none."""
    night = mending(store)
    night.note(there(*EVERY), [fates(first, FATE_UNCHANGED), fates(second, FATE_UNCHANGED)])
    settle(night, [received, True])
    assert stands(store) == {"P1": (state, why), "P2": ("closed", "delivered")}


def test_a_record_that_is_there_twice_has_arrived_when_both_have(store: FindingStore) -> None:
    """Two rows of one reference, of which one waits: it is owed."""
    night = mending(store)
    night.note(there("P1", "P2"), [fates(FATE_UNCHANGED, FATE_UNCHANGED)])
    night.note(there("P1"), [fates(FATE_HELD)])
    settle(night, [True])
    assert [stands(store)[name][0] for name in EVERY] == ["mended", "closed"]


def test_what_a_flow_owes_that_was_not_asked_nobody_knows(store: FindingStore) -> None:
    """Its sources' findings wait for a night on which it is asked."""
    flows = {"early_help": ("hub",), "commissioning": ("hub", "other"), "third": ("other",)}
    assert shared_by_others(flows, {"early_help"}) == ["hub", "other"]
    assert shared_by_others(flows, {"early_help", "commissioning"}) == ["other"]
    night = mending(store)
    night.note(there(*EVERY), [fates(FATE_UNCHANGED, FATE_UNCHANGED)])
    settle(night, [True], ("hub",))
    assert {state for state, _ in stands(store).values()} == {"mended"}


def test_who_is_not_there_has_vanished(store: FindingStore) -> None:
    """Not mended: nobody looked at the record."""
    night = mending(store)
    night.note(there("P2"), [fates(FATE_UNCHANGED)])
    settle(night, [True])
    assert stands(store) == {"P1": ("withdrawn", "vanished"), "P2": ("closed", "delivered")}


def test_nobody_is_asked_to_mend_what_is_a_forgotten_persons(store: FindingStore) -> None:
    """Found or not, the findings of somebody whom the council has forgotten are withdrawn; none opens."""
    digest = there("P1")["person"].select(Digest(7).person("_reference")).to_series()
    night = mending(store, digest)
    night.note(there(*EVERY), [fates(FATE_WITHHELD, FATE_UNCHANGED)])
    with clock.frozen(NIGHT):
        counts = night.record(found(*EVERY), UNDECIDED.to_frame(), ["hub"], ["hub"])
    assert stands(store) == {"P1": ("withdrawn", "forgotten"), "P2": ("open", "")}
    assert (counts["new"], counts["reopened"], counts["withdrawn"]) == (0, 0, 1)


def test_what_is_found_of_a_whole_export_closes_without_a_delivery(store: FindingStore) -> None:
    """Nothing is sent of a period or an export: once it passes it is over."""
    store.record(found("EXPORT 2022-05", entity="submission"), "run-0", [], NIGHT)
    night = mending(store)
    night.note(there(*EVERY), [fates(FATE_HELD, FATE_HELD)])
    settle(night, [True])
    assert stands(store)["EXPORT 2022-05"] == ("closed", "no_record")
