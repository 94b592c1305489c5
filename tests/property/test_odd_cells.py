"""Nights with one odd cell: it costs its own field, or its own source, and nobody else's records."""

import json
import os
import secrets
from pathlib import Path

import polars as pl
import pytest

from commands.status import gather
from mappings import Compiled
from sync.run import Wish, run_sync
from tests.nights import ACCEPTED_BY
from tests.tiny.nights import TinyNights
from tests.tiny.site import EXTRACTED_AT
from tests.tiny.start import settled, work_folder

HUB, FRIENDS = "hub", "community_support"
CANARY = "Zqsur999x"


@pytest.fixture
def nights() -> TinyNights:
    """Return the site after its first night, which was at once and whole."""
    return settled().copy(work_folder() / f"odd-{secrets.token_hex(4)}")


def first(nights: TinyNights, source: str, export: str = "people") -> str:
    return nights.model.world.names(source, export)[0]


def told_anywhere(folder: Path, word: str) -> list[str]:
    """Return the files under var/ that hold the word, as it is or as JSON writes it."""
    forms = (word.encode(), json.dumps(word).strip('"').encode())
    files = [path for path in (folder / "var").rglob("*") if path.is_file()]
    return [path.name for path in files if any(form in path.read_bytes() for form in forms)]


def test_a_digit_that_is_not_ours_costs_one_field_and_no_night(nights: TinyNights) -> None:
    """A day with a digit of another script is unreadable; both sources are read, and the night is whole."""
    world, born = nights.model.world, "01/02/19\uff142"
    world.change(HUB, "people", first(nights, HUB), {"Born": born})
    world.change(FRIENDS, "people", first(nights, FRIENDS), {"Surname": CANARY})
    nights.site.drop(world)
    summary = nights.site.night()
    assert [source.outcome for source in summary.sources] == ["done", "done"]
    hub = next(source for source in summary.sources if source.source == HUB)
    assert hub.cells["people"]["unread"]["Born"] == {"other": 1}
    assert summary.exit_code <= 1
    released = nights.council.warehouse("early_help")[0]
    assert CANARY in str(released)
    assert not told_anywhere(nights.site.folder, born)


def test_a_fault_of_our_own_stops_one_source_and_is_told_without_a_word_of_it(
    nights: TinyNights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub's people make our code fail: it is refused by export, the other source goes on, and what
    keeps a run from going on says so in `status`.
    """
    world = nights.model.world
    world.change(FRIENDS, "people", first(nights, FRIENDS), {"Surname": CANARY})
    nights.site.drop(world)
    apply = Compiled.apply

    def fails(self: Compiled, batch: pl.DataFrame, *more: object) -> object:
        if self.source == HUB and self.mapping.export == "people":
            raise ValueError(batch["Surname"][0])
        return apply(self, batch, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Compiled, "apply", fails)
    summary = nights.site.night()
    hub, friends = sorted(summary.sources, key=lambda source: source.source, reverse=True)
    assert (hub.outcome, friends.outcome, summary.exit_code) == ("refused", "done", 70)
    assert hub.error is not None
    assert hub.error.code == "E900"
    assert hub.error.where.startswith("source hub, export people: ValueError in tests/property/")
    assert hub.error.__context__ is None
    assert CANARY in str(nights.council.warehouse("early_help")[0])
    assert "Zqsur" not in json.dumps(summary.to_json())
    monkeypatch.undo()
    needs = gather(nights.site.read(), 1)["needs"]
    assert any("source hub, export people" in need for need in needs)
    assert nights.site.night().exit_code <= 1


def test_a_fault_that_stops_the_whole_run_is_written_down(
    nights: TinyNights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index cannot be built: exit 70, a summary under var/runs, and `status` names the fault's place."""

    def fails(*_: object, **__: object) -> None:
        raise KeyError(CANARY)

    monkeypatch.setattr("sync.run.index_of", fails)
    nights.site.drop(nights.model.world)
    assert run_sync(nights.site.read(), Wish()).exit_code == 70
    state = gather(nights.site.read(), 1)
    assert [run["exit_code"] for run in state["runs"]] == [70]
    assert "KeyError in tests/property/test_odd_cells.py" in state["needs"][0]
    assert not told_anywhere(nights.site.folder, CANARY)


HOME = {"UPRN": "10023336956", "Street": "4 Zqstr Road", "Postcode": "SK4 1AA"}


@pytest.mark.parametrize(
    ("uprn", "street", "elsewhere"),
    [
        ("10023336956.0", "\uff14 Zqstr Road", False),
        ("10023336957.0", "\uff15 Zqstr Road", True),
    ],
)
def test_an_address_is_the_same_however_its_numbers_are_written(
    nights: TinyNights, uprn: str, street: str, elsewhere: bool
) -> None:
    """Who lives with a person in danger has no address in the feed, for a fraction or for wide digits."""
    world = nights.model.world
    endangered, one, other = world.names(HUB, "people")
    world.answer(HUB, other, agreed=True)
    world.change(HUB, "people", endangered, {**HOME, "Sensitive": "Yes"})
    world.change(HUB, "people", one, {"UPRN": uprn, "Street": "Flat B", "Safe to Contact": "Yes"})
    wide = {"Street": street, "Postcode": HOME["Postcode"], "Safe to Contact": "Yes"}
    world.change(HUB, "people", other, wide)
    sent = lines_sent(nights)
    assert ["Flat B" in sent, street in sent] == [elsewhere, elsewhere]


def lines_sent(nights: TinyNights) -> str:
    """Return what the council knows of addresses after one more night."""
    nights.site.drop(nights.model.world)
    assert nights.site.night(accept_growth=True, accept_drop=True, accept_flagged=ACCEPTED_BY).exit_code <= 1
    rows, _ = nights.council.warehouse("early_help")
    return str([row for key, row in rows.items() if key[0] == "address"])


def test_who_printed_the_extract_is_told_nowhere(nights: TinyNights) -> None:
    """A cell to the right of the header is no header, and is in no file of the site."""
    nights.site.drop(nights.model.world)
    path = nights.site.folder / "drop" / HUB / "people.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    wider = [f"{header},Printed by Zqnona Smith", *(f"{row}," for row in rows)]
    path.write_text("\r\n".join(wider) + "\r\n", encoding="utf-8", newline="")
    os.utime(path, (EXTRACTED_AT, EXTRACTED_AT))
    summary = nights.site.night()
    hub = next(source for source in summary.sources if source.source == HUB)
    assert hub.unknown_columns["people"] == ["column 14"]
    assert not told_anywhere(nights.site.folder, "Zqnona")
