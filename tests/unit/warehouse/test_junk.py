"""Junk in the landing zone holds up nobody: the others are loaded, and what is wrong is named."""

import os
from pathlib import Path

import pytest

from common import log
from common.errors import ViaductError
from connectors.landing_errors import BatchDiffers, BatchNotWhole, LandingRefusesUs, LandingUnavailable
from connectors.landing_folder import LandingFolder
from connectors.sftp_errors import HostKeyDiffers
from tests.batches import Change, Parties, row
from warehouse.load import load_landing
from warehouse.stores import store


def people(number: int) -> Change:
    return Change("person", [row("person", number, given_name="Ann")])


class Vanishing(LandingFolder):
    """A landing zone in which a manifest goes between being listed and being read."""

    def __init__(
        self, folder: Path, flow: str, fault: type[BatchNotWhole] | type[LandingUnavailable]
    ) -> None:
        super().__init__(folder)
        self._flow_that_goes, self._fault = flow, fault

    def read(self, batch: str, name: str) -> bytes:
        if batch.startswith(self._flow_that_goes):
            raise self._fault(f"batch {batch}")
        return super().read(batch, name)


class LateListing(LandingFolder):
    """A landing zone that does not list the newest files of a batch yet."""

    def names(self, batch: str) -> list[str]:
        return super().names(batch)[:0]


class OtherHost(LandingFolder):
    """A landing zone whose server is another one, or lets nobody in, when a sealed file is asked for."""

    def __init__(self, folder: Path, fault: type[ViaductError]) -> None:
        super().__init__(folder)
        self._fault = fault

    def read(self, batch: str, name: str) -> bytes:
        if name.endswith(".age"):
            raise self._fault(f"batch {batch}")
        return super().read(batch, name)


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe", "empty", "junk", "no manifest"])
def test_a_junk_batch_of_one_flow_holds_up_no_other(both: Parties, kind: str) -> None:
    """Whatever stands where a manifest should, the batches beside it are loaded in the same load."""
    junk = both.landing / "commissioning" / "00000001-20221201T020000Z-junk00"
    junk.mkdir(parents=True)
    _put(junk / "manifest.json", kind, both.landing)
    (both.landing / "early_help").mkdir()
    (both.landing / "early_help" / "00000000-junk").symlink_to(junk)
    both.sender().publish(people(1))
    answers = load_landing(both.zone, both.warehouse, both.council)
    assert [answer.flow for answer in answers if answer.outcome == "loaded"] == ["early_help"]
    assert {answer.flow for answer in answers if answer.outcome == "refused"} <= {"commissioning"}
    assert list(both.zone.receipts("early_help")) == [1]


def _put(path: Path, kind: str, landing: Path) -> None:
    if kind in ("link", "dangling"):
        (landing / "elsewhere").write_bytes(b"{}")
        path.symlink_to(landing / ("elsewhere" if kind == "link" else "nowhere"))
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe" and hasattr(os, "mkfifo"):
        os.mkfifo(path)
    elif kind in ("empty", "junk"):
        path.write_bytes(b"" if kind == "empty" else b"\xff{junk")


def test_a_batch_that_cannot_be_read_is_named_in_the_log(both: Parties, tmp_path: Path) -> None:
    """It gets no answer, so a later load may find it whole; the others are loaded."""
    both.sender("commissioning").publish(people(1))
    both.sender().publish(people(1))
    log.configure(tmp_path / "log.jsonl")
    zone = Vanishing(both.landing, "commissioning", BatchNotWhole)
    answers = load_landing(zone, both.warehouse, both.council)
    log.shut()
    assert [(answer.flow, answer.outcome) for answer in answers] == [("early_help", "loaded")]
    written = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    assert '"batch_not_whole"' in written
    assert '"commissioning/00000001-' in written
    assert [answer.flow for answer in load_landing(both.zone, both.warehouse, both.council)] == [
        "commissioning"
    ]


def test_a_landing_that_is_away_ends_the_load(both: Parties) -> None:
    """A zone that cannot be read is not taken for one in which a batch is missing."""
    both.sender().publish(people(1))
    with pytest.raises(LandingUnavailable):
        load_landing(Vanishing(both.landing, "early_help", LandingUnavailable), both.warehouse, both.council)
    assert not store(both.warehouse).exists()


def test_a_batch_whose_files_are_listed_late_is_loaded(both: Parties) -> None:
    """What can be read by its name is there, whatever a list says; a good batch is not refused for it."""
    both.sender().publish(people(1))
    (answer,) = load_landing(LateListing(both.landing), both.warehouse, both.council)
    assert answer.outcome == "loaded"


@pytest.mark.parametrize("fault", [HostKeyDiffers, LandingRefusesUs, LandingUnavailable])
def test_a_landing_zone_that_may_not_be_asked_refuses_no_batch(
    both: Parties, fault: type[ViaductError]
) -> None:
    """That a server is another one, or lets nobody in, says nothing of a file: the batch has no answer."""
    both.sender().publish(people(1))
    with pytest.raises(fault):
        load_landing(OtherHost(both.landing, fault), both.warehouse, both.council)
    assert both.zone.receipts("early_help") == {}
    (answer,) = load_landing(both.zone, both.warehouse, both.council)
    assert answer.outcome == "loaded"


def test_a_receipt_that_cannot_be_left_holds_up_no_other(both: Parties) -> None:
    """Another receipt under its number is an error, raised when all other receipts are there."""
    for flow in ("commissioning", "early_help"):
        both.sender(flow).publish(people(1))
    both.zone.put_receipt("commissioning", 1, b"junk")
    with pytest.raises(BatchDiffers):
        load_landing(both.zone, both.warehouse, both.council)
    assert both.zone.receipts("commissioning") == {1: b"junk"}
    assert list(both.zone.receipts("early_help")) == [1]
