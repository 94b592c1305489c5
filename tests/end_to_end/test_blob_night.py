"""Nights that meet in Azure Blob: each side with its own keys and rights, over a line that fails and lies."""

import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common import clock
from sync.council import load_council_side
from tests.azure_blob import CREATES, READS_ANSWERS, BadLine, BlobAccount, Passing, azurite, bad_line
from tests.end_to_end.test_how_to_commands import told, typed
from tests.nights import NightSite
from tests.tiny.site import TinySite
from tests.tiny.start import settled
from tests.tiny.world import FLOWS, World

LANDING = """landing:
  connector: azure_blob
  account: {account}
  batches: {batches}
  answers: {answers}
  batches_sas: file:batches.sas
  answers_sas: file:answers.sas
  reads_batches: {reads}
  limits: {{first_wait_seconds: 0.01}}
"""
COUNCILS = ("council", "receipt")


@dataclass
class Sides:
    """The two sides after a first night, where they meet, and the world that the sources hold."""

    sync: TinySite
    council: TinySite
    account: BlobAccount
    line: BadLine
    world: World

    def change(self) -> None:
        """Let somebody new come to the hub."""
        self.world.arrive("hub", 77, agreed=True)
        self.sync.drop(self.world)

    def night(self) -> dict[str, Any]:
        return self.sync.night().to_json()

    def load(self) -> list[tuple[str, str]]:
        """Let the council side load; return its answers."""
        answers = load_council_side(self.council.read())
        return sorted((answer.flow, answer.outcome) for answer in answers)


def use_blob(site: TinySite, account: BlobAccount, port: int, *, sync: bool) -> None:
    """Let a side meet the other in these containers, by keys of its own."""
    keys = {
        "batches": account.sas(account.batches, CREATES if sync else "rld"),
        "answers": account.sas(account.answers, READS_ANSWERS if sync else "rlc"),
    }
    for name, key in keys.items():
        file = site.folder / f"{name}.sas"
        file.touch(mode=0o600)
        file.write_text(key, encoding="ascii")
    said = {"account": account.address(port), "batches": account.batches, "answers": account.answers}
    path = site.folder / "site.yaml"
    text = path.read_text(encoding="utf-8") + LANDING.format(**said, reads=str(not sync).lower())
    path.write_text(text, encoding="utf-8")
    site.council(here=False)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with azurite(tmp_path_factory.mktemp("azurite")) as port:
        yield port


@pytest.fixture
def sides(tmp_path: Path, port: int) -> Iterator[Sides]:
    """Yield the settled site parted in two; what has landed lies in the containers."""
    sync, council = (settled().site.copy(tmp_path / name) for name in ("sync", "council"))
    account = BlobAccount(port)
    landed = sync.folder / "var" / "landing"
    for path in sorted(path for path in landed.rglob("*") if path.is_file()):
        name = path.relative_to(landed).as_posix()
        there = account.answers if name.startswith("receipts/") else account.batches
        account.service.get_blob_client(there, name).upload_blob(path.read_bytes())
    for folder in (landed, council.folder / "var" / "landing", council.folder / "var" / "state"):
        shutil.rmtree(folder)
    for path in [*(sync.folder / "var/keys").rglob("*.key"), *(council.folder / "var/keys").rglob("*.key")]:
        if (path.stem in COUNCILS) == path.is_relative_to(sync.folder):
            path.unlink()
    (sync.folder / "var" / "warehouse.duckdb").unlink()
    with bad_line(port) as line:
        use_blob(sync, account, line.port, sync=True)
        use_blob(council, account, port, sync=False)
        yield Sides(sync, council, account, line, deepcopy(settled().model.world))
    account.service.close()


def rows(site: TinySite) -> dict[str, Any]:
    """Return what the council side's warehouse holds, provenance left aside."""
    return NightSite(site.folder).canonical_rows()


def states(night: dict[str, Any], of: str = "flows") -> set[str]:
    return {flow["state"] for flow in night[of]}


def test_a_night_over_azure_blob_ends_in_the_warehouse_that_a_folder_would_have(
    sides: Sides, tmp_path: Path
) -> None:
    """Delivered by a key that only adds, loaded by one that reads, remembered by the answer, and cut once."""
    alone = settled().site.copy(tmp_path / "alone")
    sides.change()
    alone.drop(sides.world)
    assert alone.night().exit_code in (0, 1)
    sides.line.after = lambda passing: -1 if passing.number == 3 else None
    assert states(sides.night()) == {"delivered"}
    assert sides.load() == sorted((flow, "loaded") for flow in FLOWS)
    assert sides.load() == []
    night = sides.night()
    assert night["exit_code"] in (0, 1), night
    assert states(night, "earlier_batches") == {"remembered"}
    assert rows(sides.council) == rows(alone)
    asked = {(seen.split()[0], seen.split()[1].split("/")[0]) for seen in sides.line.seen}
    assert asked == {("PUT", sides.account.batches), ("GET", sides.account.answers)}


def lie(passing: Passing) -> int | None:
    return 201 if passing.method == "PUT" else None


@pytest.mark.soak
def test_a_landing_zone_that_keeps_nothing_is_told_by_the_answer_that_does_not_come(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is remembered; when the answer is late the night ends with 50, and the same bytes go again."""
    sides.change()
    sides.line.fault = lie
    assert states(sides.night()) == {"delivered"}
    assert sides.load() == []
    assert states(sides.night(), "earlier_batches") == {"delivered"}
    sides.line.fault = None
    now = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: now)
    night = sides.night()
    assert (night["exit_code"], "E806" in json.dumps(night)) == (50, True)
    assert sides.load() == sorted((flow, "loaded") for flow in FLOWS)
    assert sides.night()["exit_code"] in (0, 1)


@pytest.mark.soak
def test_an_older_batch_that_is_shown_again_is_not_loaded_again(sides: Sides) -> None:
    """What lay there in the first night, under the second night's name: nothing of it is loaded."""
    sides.change()
    sides.night()
    before = rows(sides.council)
    held = sides.account.blobs(sides.account.batches)
    for flow in FLOWS:
        old, new = sorted({name.rpartition("/")[0] for name in held if name.startswith(f"{flow}/")})
        for name in [name for name in held if name.startswith(f"{new}/")]:
            blob = sides.account.service.get_blob_client(sides.account.batches, name)
            blob.delete_blob()
        for name in [name for name in held if name.startswith(f"{old}/")]:
            blob = sides.account.service.get_blob_client(sides.account.batches, name.replace(old, new))
            blob.upload_blob(held[name])
    answers = load_council_side(sides.council.read())
    assert {(answer.outcome, answer.reason, answer.uses_number) for answer in answers} == {
        ("refused", "batch_renamed", False)
    }
    assert rows(sides.council) == before
    assert states(sides.night(), "earlier_batches") == {"delivered"}


def test_the_page_lets_both_sides_see_that_they_are_let_in(
    sides: Sides, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check --connect` signs in on both sides and adds nothing; a key of the past is told, exit 50. The log
    is verified by itself: batches that may not be seen are not taken for batches that are gone.
    """
    check, load = told("azure_landing.md")
    before = sides.account.blobs(sides.account.batches)
    for site in (sides.sync, sides.council):
        assert typed(check, site) == 0  # type: ignore[arg-type]
        assert "landing: signed in" in capsys.readouterr().err
    assert typed(load, sides.council) == 0  # type: ignore[arg-type]
    assert sides.account.blobs(sides.account.batches) == before
    capsys.readouterr()
    assert typed(["audit", "verify", "--json"], sides.sync) == 0  # type: ignore[arg-type]
    found = json.loads(capsys.readouterr().out)
    assert (found["agreed"]["manifests"], found["landing"]) == (0, "not_read_here")
    assert typed(["audit", "verify"], sides.sync) == 0  # type: ignore[arg-type]
    assert "The landing zone was left out" in capsys.readouterr().err
    bundle = sides.sync.folder / "bundle"
    assert typed(["audit", "bundle", "--out", str(bundle)], sides.sync) == 0  # type: ignore[arg-type]
    assert "the landing zone may not be looked at here" in capsys.readouterr().err
    assert not (bundle / "landing").exists()
    past = sides.account.sas(sides.account.answers, READS_ANSWERS, hours=-1)
    (sides.sync.folder / "answers.sas").write_text(past, encoding="ascii")
    assert typed(check, sides.sync) == 50  # type: ignore[arg-type]
    said = capsys.readouterr().err
    assert "E504" in said
    assert "sig=" not in said
