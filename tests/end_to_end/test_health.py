"""`health` beside real runs: one that is at work, one that was killed, and one that went well."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

import commands
from commands.last_resort import carry_out
from common import clock, log
from tests.end_to_end.test_how_to_commands import told, typed
from tests.nights import NightSite
from tests.ping_server import SECRET_PATH, ping_server
from tests.scheduled_nights import HaltedScheduler, make_due, say_in_schedule

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it.")


def health(night: NightSite, capsys: pytest.CaptureFixture[str], later: timedelta) -> dict[str, Any]:
    """Return what `health --json` tells after so long; its exit code is that of the process."""
    capsys.readouterr()
    with clock.frozen(clock.now() + later):
        code = carry_out(lambda: commands._named(["health", "--json", "--site", str(night.folder)]))
    log.shut()
    said = dict(json.loads(capsys.readouterr().out))
    assert said["exit_code"] == code
    return said


def due_hours_ago(night: NightSite) -> None:
    """Let every source be due, and its next slot lie hours ahead, at whatever time of day this is played."""
    ahead = clock.now().astimezone(clock.LONDON) + timedelta(hours=12)
    say_in_schedule(night, f'at: ["{ahead.hour if ahead.hour != 1 else 3:02}:30"]')
    make_due(night)


@contextmanager
def halted(night: NightSite, step: str) -> Iterator[HaltedScheduler]:
    """Yield a scheduler whose run halts at the step; it is killed at the end."""
    scheduler = HaltedScheduler(night, step)
    try:
        yield scheduler
    finally:
        scheduler.process.kill()
        scheduler.process.communicate()


@needs_signals
def test_a_run_that_is_killed_is_told_of_and_the_next_one_ends_it(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """At work: nothing. Killed by the system: told as passing after five minutes, exit 70 when nobody tried
    again in an hour; `run --due` takes it up, and all is well.
    """
    due_hours_ago(night)
    with halted(night, "pulled") as scheduler:
        assert scheduler.halted_at == "pulled"
        assert health(night, capsys, timedelta(minutes=4))["problems"] == []
    quiet, late = timedelta(minutes=6), timedelta(minutes=62)
    seen = [
        [(one["code"], one["source"], one["passing"]) for one in health(night, capsys, after)["problems"]]
        for after in (quiet, late)
    ]
    assert seen == [
        [("H102", source, passing) for source in sorted(night.site.sources)] for passing in (True, False)
    ]
    assert health(night, capsys, late)["exit_code"] == 70
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert carry_out(lambda: commands._named(["run", "--due", "--site", str(night.folder)])) == 1
        log.shut()
        after = health(night, capsys, timedelta(minutes=10))
    assert after["problems"] == []
    assert {one["records"]["number"] > 0 for one in after["sources"]} == {True}
    assert {one["seconds"]["number"] > 0 for one in after["sources"]} == {True}


def test_the_commands_of_the_page_and_a_run_that_pings_a_service_that_hangs(
    night: NightSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the page of eight in the morning says to type ends well. Its run pings: the start, then the
    exit code, under one id, with counts and no name; the service answers neither, and the run ends as ever.
    The address, a secret, stands nowhere below the site.
    """
    settings = night.folder / "site.yaml"
    said = "\npings: {address: env:VIADUCT_PING, wait_seconds: 1}\n"
    settings.write_text(settings.read_text("utf-8") + said, encoding="utf-8")
    look, release, for_programs, _ = told("know_by_eight.md")
    with ping_server(hangs=True) as server:
        monkeypatch.setenv("VIADUCT_PING", server.address)
        assert typed(look, night) == 0
        said = capsys.readouterr().err
        assert said.startswith("All is well.\nToo little history to know what is usual of:")
        assert server.asked == []
        assert typed([*release, "--json"], night) == 1
    run = json.loads(capsys.readouterr().out)
    (start, nothing), (end, told_of) = server.asked
    assert (start.partition("?")[0], nothing, end.partition("?")[0]) == ("/start", "", "/0")
    assert start.partition("?")[2] == end.partition("?")[2]
    lines = dict(line.split(": ") for line in told_of.splitlines())
    records = sum(counts["records"] for one in run["sources"] for counts in one["entities"].values())
    assert (lines["run"], lines["exit"], lines["records"]) == (run["run_id"], "1", str(records))
    assert not [name for name in [*night.site.sources, "early_help"] if name in told_of]
    numbers = (night.site.var / "metrics" / "viaduct.prom").read_text("utf-8")
    assert f"viaduct_run_exit_code {run['exit_code']}.0" in numbers
    assert "viaduct_source_ends_by_timestamp_seconds{" not in numbers
    assert typed(for_programs, night) == 0
    assert len(json.loads(capsys.readouterr().out)["sources"]) == len(night.site.sources)
    files = [path for path in night.folder.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert not [path for path in files if SECRET_PATH.encode() in path.read_bytes()]
