"""`health --council`: what comes to the landing zone, and whether it is answered."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import commands
from commands.last_resort import carry_out
from common import clock, log
from sealing.keys import load_signer, load_verifier
from sealing.receipt import Refusal, open_receipt, sign_receipt
from tests.end_to_end.test_how_to_commands import told
from tests.nights import NightSite
from tests.released import tree

HOUR = timedelta(hours=1)
Asked = Callable[[timedelta], dict[str, Any]]


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


@pytest.fixture
def made_at(night: NightSite) -> datetime:
    """Return when the batches of the settled site were made, as their names say."""
    name = next((night.site.landing / "early_help").glob("*/manifest.json")).parent.name
    return datetime.strptime(name.split("-")[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@pytest.fixture
def asked(night: NightSite, made_at: datetime, capsys: pytest.CaptureFixture[str]) -> Asked:
    """Return what asks `health --council --json` so long after the batches were made."""

    def ask(later: timedelta) -> dict[str, Any]:
        capsys.readouterr()
        words = ["health", "--council", "--json", "--site", str(night.folder)]
        with clock.frozen(made_at + later):
            code = carry_out(lambda: commands._named(words))
        log.shut()
        said = dict(json.loads(capsys.readouterr().out))
        assert said["exit_code"] == code
        return said

    return ask


def codes(said: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Return code, flow and count of each problem."""
    return [(one["code"], one["flow"], one["count"]) for one in said["problems"]]


def test_what_has_come_and_was_loaded_is_well_until_nothing_more_comes(
    night: NightSite, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    """For five days, a long weekend; after that each flow is told, since its last batch. Nothing is written
    by asking, and no private key, state or warehouse is needed.
    """
    for part in ("state", "log", "runs", "keys"):
        shutil.rmtree(night.folder / "var" / part)
    night.site.warehouse.unlink()  # type: ignore[union-attr]
    before = tree(night.folder)
    well = asked(120 * HOUR)
    assert (well["exit_code"], well["problems"]) == (0, [])
    assert [(one["flow"], one["waiting"], one["last_outcome"]) for one in well["flows"]] == [
        ("commissioning", 0, "loaded"),
        ("early_help", 0, "loaded"),
    ]
    quiet = asked(121 * HOUR)
    assert codes(quiet) == [("H201", "commissioning", 1), ("H201", "early_help", 1)]
    assert quiet["exit_code"] == 50
    assert tree(night.folder) == before
    (words,) = [words for words in told("know_by_eight.md") if "--council" in words]
    assert carry_out(lambda: commands._named([*words, "--site", str(night.folder)])) == 0
    assert capsys.readouterr().err == "All is well.\n"


def test_a_batch_that_has_come_and_is_not_answered_is_a_problem_after_its_time(
    night: NightSite, asked: Asked
) -> None:
    """Its receipt is taken away, as if nobody had loaded it: told after twelve hours, with how many wait."""
    (night.site.landing / "receipts/early_help/00000001.json").unlink()  # type: ignore[operator]
    assert codes(asked(12 * HOUR)) == []
    late = asked(13 * HOUR)
    assert codes(late) == [("H202", "early_help", 1)]
    assert late["flows"][1]["waiting_since"] == late["flows"][1]["last_at"]


def test_a_flow_of_which_nothing_has_ever_come_is_told_and_an_empty_landing_zone_too(
    night: NightSite, asked: Asked
) -> None:
    """The assessment says which flows there are; of none that is there no batch has come for days."""
    shutil.rmtree(night.site.landing / "early_help")  # type: ignore[operator]
    assert codes(asked(128 * HOUR)) == [("H201", "commissioning", 1), ("H201", "early_help", 1)]
    shutil.rmtree(night.site.landing)  # type: ignore[arg-type]
    empty = asked(128 * HOUR)
    assert codes(empty) == [("H201", "commissioning", 1), ("H201", "early_help", 1)]
    assert [one["last_at"] for one in empty["flows"]] == [None, None]


def test_a_batch_that_was_refused_is_a_problem_until_another_is_loaded(
    night: NightSite, asked: Asked
) -> None:
    """The council's own signed refusal of the last batch: exit 51, since it was given."""
    path = night.site.landing / "receipts/early_help/00000001.json"  # type: ignore[operator]
    receipt = open_receipt(path.read_bytes(), load_verifier("receipt", night.site.keys.public))
    refusal = receipt.model_copy(update={"outcome": "refused", "reason": Refusal.COLUMNS, "entities": {}})
    path.write_bytes(sign_receipt(refusal, load_signer("receipt", night.site.keys.private)))
    said = asked(HOUR)
    assert (codes(said), said["exit_code"]) == ([("H203", "early_help", 1)], 51)
    assert said["problems"][0]["since"] == receipt.at


def test_a_receipt_that_nobody_of_ours_signed_is_no_answer(
    night: NightSite, made_at: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused as such, exit 40: whoever may write receipts cannot make the council's health good."""
    path = night.site.landing / "receipts/early_help/00000001.json"  # type: ignore[operator]
    path.write_bytes(path.read_bytes().replace(b'"loaded"', b'"refused"').replace(b"null", b'"columns"'))
    with clock.frozen(made_at):
        assert carry_out(lambda: commands._named(["health", "--council", "--site", str(night.folder)])) == 40
    log.shut()
    assert "E4" in capsys.readouterr().err
