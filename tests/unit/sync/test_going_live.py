"""Which share of flagged people waits for somebody: on a night that reads everybody, and a part of them."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from config.settings import Brakes
from sync import going_live
from sync.errors import BrakeFlagged
from sync.people import SourceNotes
from sync.summary import SourceSummary

ACCEPTED = {
    "people": 100,
    "flagged": 20,
    "percent": 20.0,
    "grounds": {},
    "said": "as said",
    "by": "Zadie",
    "on": "2022-12-01",
}


def gate(
    folder: Path, monkeypatch: pytest.MonkeyPatch, accepted: dict[str, Any] | None, *, whole: bool
) -> going_live.GoingLive:
    """Return the gate on a night that read ten people, eight of them under the flag."""
    monkeypatch.setattr(going_live, "said_of_flags", lambda *_: "as said")
    path = folder / "going_live.json"
    path.write_text(json.dumps({"early_help": {"hub": accepted}} if accepted else {}), encoding="utf-8")
    site = SimpleNamespace(brakes_of=lambda _: Brakes(), sources={})
    place: Any = SimpleNamespace(going_live_path=path, dpia=None, site=site, digest=None)
    everybody = pl.DataFrame({"person": pl.Series(range(10), dtype=pl.UInt64)})
    notes = SourceNotes(names=[everybody.with_columns(reference=pl.lit("R"))])
    index: Any = SimpleNamespace(flagged=everybody["person"].head(8))
    gathered: Any = {"hub": SimpleNamespace(notes=notes, complete=whole)}
    made = going_live.GoingLive(place, None)
    made.look(gathered, index, [SourceSummary("hub", "hub")])
    return made


def test_a_share_that_has_moved_waits_where_everybody_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 20 to 80 percent is a move of 60 points."""
    with pytest.raises(BrakeFlagged, match=r"moved by 60\.0 points"):
        gate(tmp_path, monkeypatch, ACCEPTED, whole=True).require("early_help", ["hub"])


def test_the_share_of_those_who_were_worked_on_is_not_the_share_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night that reads a part reads whom somebody saw lately: it says nothing of a share that has moved."""
    night = gate(tmp_path, monkeypatch, ACCEPTED, whole=False)
    assert night.require("early_help", ["hub"]) == {"hub": ACCEPTED}


def test_a_first_delivery_waits_on_a_night_that_reads_a_part_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody has accepted is never let through for want of numbers."""
    with pytest.raises(BrakeFlagged, match="nobody has accepted"):
        gate(tmp_path, monkeypatch, None, whole=False).require("early_help", ["hub"])
