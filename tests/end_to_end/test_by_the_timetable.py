"""Nights by the timetable: what failed is tried again alone, a long run stops, and a stop loses nothing."""

import json
import os
import shutil
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import commands
from commands.last_resort import carry_out
from commands.scheduled import LAST, run_what_is_due
from common import clock, log
from tests.end_to_end.test_how_to_commands import told
from tests.nights import NightSite
from tests.released import warehouse_rows
from tests.scheduled_nights import HaltedScheduler, make_due, say_in_schedule, slot_of_tomorrow
from tests.small_sample import a_day_later

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it.")
Rows = dict[str, set[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


@pytest.fixture(scope="module")
def whole(settled: NightSite, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """Return the warehouse after a night a day later that nothing disturbs."""
    folder = tmp_path_factory.mktemp("whole") / "site"
    shutil.copytree(settled.folder, folder)
    night = NightSite(folder)
    night.drop(a_day_later())
    assert night.night().exit_code == 1
    return warehouse_rows(night)


def typed(night: NightSite, *words: str) -> int:
    """Return the exit code of `run --due` on this site, with these words more."""
    try:
        return carry_out(lambda: commands._named(["run", "--due", *words, "--site", str(night.folder)]))
    finally:
        log.shut()


def due_run(night: NightSite, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return what `run --due --json` printed."""
    typed(night, "--json")
    return dict(json.loads(capsys.readouterr().out))


def test_a_source_that_failed_is_tried_again_alone_and_the_night_ends_as_if_it_had_not(
    night: NightSite, whole: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hub's folder is away at the slot: exit 20, the others are carried; later it runs alone.
    Between the two, and after them, nothing is due; the warehouse holds what a whole night gives.
    """
    slot = slot_of_tomorrow()
    night.drop(a_day_later())
    night.sign()
    folder = night.folder / "drop" / "hub"
    folder.rename(folder.with_name("away"))
    with clock.frozen(slot):
        first = run_what_is_due(night.site)
    assert first is not None
    assert (first.exit_code, first.to_try_again) == (20, ["hub"])
    assert set(first.asked) == set(night.site.sources)
    folder.with_name("away").rename(folder)
    with clock.frozen(slot + timedelta(minutes=29)):
        assert due_run(night, capsys) == {"outcome": "nothing_due", "exit_code": 0}
    with clock.frozen(slot + timedelta(minutes=31)):
        second = due_run(night, capsys)
        assert (second["exit_code"], second["asked"], second["to_try_again"]) == (1, ["hub"], [])
    with clock.frozen(slot + timedelta(hours=2)):
        assert run_what_is_due(night.site) is None
    assert warehouse_rows(night) == whole


def test_what_is_due_takes_no_other_wish(night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """A night by the timetable is a whole one: --due beside another choice is wrong usage."""
    for words in (("--source", "hub"), ("--full",), ("--accept-drop",), ("--since", "2022-11-01")):
        assert typed(night, *words) == 2
        assert f"--due goes without {words[0]}" in " ".join(capsys.readouterr().err.split())


def test_a_run_that_takes_too_long_stops_before_it_sends_and_says_so(
    night: NightSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time is over when it has planned: E807 for each flow, nothing sealed, all to be tried again.
    Were it to hang, the process would be ended a minute later.
    """
    say_in_schedule(night, "longest_run_minutes: 1")
    night.drop(a_day_later())
    night.sign()
    before, now, hard_ends = warehouse_rows(night), time.monotonic, set[float]()

    def late(reached: str, _done: int, _of: int) -> None:
        hard_ends.update(one.interval for one in threading.enumerate() if isinstance(one, threading.Timer))
        if reached == "planned":
            monkeypatch.setattr("sync.steps.time.monotonic", lambda: now() + 90)

    with clock.frozen(slot_of_tomorrow()):
        summary = run_what_is_due(night.site, late)
    assert summary is not None
    assert [(flow.state, flow.error.code) for flow in summary.flows if flow.error] == [
        ("nothing_sent", "E807")
    ] * 2
    assert (summary.exit_code, summary.to_try_again) == (20, sorted(night.site.sources))
    assert warehouse_rows(night) == before
    assert hard_ends == {60 + night.site.schedule.stop_within_seconds}
    assert not any(one.name == LAST and one.is_alive() for one in threading.enumerate())


@needs_signals
def test_a_scheduler_that_is_asked_to_stop_lets_the_step_end_and_loses_nothing(
    night: NightSite, whole: Rows
) -> None:
    """Asked between logging and delivering: 143, one batch waits whole; the next run that is due finishes it,
    and the warehouse is as after a night that nobody disturbed.
    """
    night.drop(a_day_later())
    night.sign()
    make_due(night)
    before = warehouse_rows(night)
    scheduler = HaltedScheduler(night, "logged")
    assert scheduler.halted_at == "logged"
    scheduler.ask(signal.SIGTERM, night.site.var / "logs" / "viaduct.jsonl")
    assert scheduler.process.poll() is None
    code, said = scheduler.ends(go_on=True)
    assert (code, "Traceback" in said) == (143, False)
    assert warehouse_rows(night) == before
    assert len(list((night.site.var / "state/outbox").glob("*/*/manifest.json"))) == 1
    assert run_what_is_due(night.site) is None
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        finished = run_what_is_due(night.site)
        assert (finished is not None, run_what_is_due(night.site)) == (True, None)
    assert warehouse_rows(night) == whole != before


@needs_signals
@pytest.mark.parametrize(("seconds", "signals", "code"), [(1, 1, 143), (600, 2, -signal.SIGTERM)])
def test_a_step_that_does_not_end_is_ended(night: NightSite, seconds: int, signals: int, code: int) -> None:
    """After the seconds that the site gives it, or at once when asked twice; nothing has left."""
    say_in_schedule(night, f"stop_within_seconds: {seconds}")
    make_due(night)
    scheduler = HaltedScheduler(night, "pulled")
    log_file = Path(night.site.var / "logs" / "viaduct.jsonl")
    scheduler.ask(signal.SIGTERM, log_file)
    for _ in range(signals - 1):
        scheduler.process.send_signal(signal.SIGTERM)
    scheduler.process.wait(timeout=30)
    assert scheduler.ends()[0] == code
    assert ("stop_took_too_long" in log_file.read_text("utf-8")) == (signals == 1)
    assert not list((night.site.var / "runs").glob("*.json"))


def test_the_page_s_commands_do_what_it_says(night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is due today; `status` tells when the next run is, and who paused the hub until when."""
    look, serve, show, stop, go_on = told("run_every_night.md")
    assert (look, serve) == (["run", "--due"], ["schedule"])

    def say(words: list[str]) -> str:
        assert carry_out(lambda: commands._named([*words, "--site", str(night.folder)])) == 0
        return " ".join(capsys.readouterr().err.split())

    assert say(look).endswith("Nothing is due.")
    say(stop)
    assert "Paused: source hub, since " in say(show)
    assert "until 2099-01-31, by " in say(show)
    assert "Goes on: source hub. hub: next " in say(go_on)
    assert "Paused" not in say(show)
    log.shut()
