"""`health` for machines: one exit code, JSON that tells names and counts, and not a byte written."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import commands
from commands.attending import pings_of
from commands.lacking import lacking
from commands.last_resort import carry_out
from common import clock, log
from config.site import Site, load_site
from config.watching import PingSettings
from tests.unit.scheduler.nights_by_clock import LONDON, ran

ROOT = Path(__file__).parents[3]
SLOT = datetime(2099, 3, 2, 2, 30, tzinfo=LONDON)
MORNING = SLOT.replace(hour=8)
AWAY = {"code": "E301", "exit_code": 20, "failure": "transient", "title": "T.", "remedy": "R.", "flow": None}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a copy of the example site, pulled in full at its slot on the day before."""
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "config" / "example", folder, ignore=shutil.ignore_patterns("var"))
    made = load_site(folder)
    ran(made, SLOT - timedelta(days=1), *made.sources)
    return made


@pytest.fixture
def asked(site: Site, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return what asks `health` at an instant, and gives its exit code, stdout and stderr."""

    def ask(at: datetime, *words: str) -> tuple[int, str, str]:
        with clock.frozen(at):
            code = carry_out(lambda: commands._named(["health", *words, "--site", str(site.folder)]))
        log.shut()
        said = capsys.readouterr()
        return code, said.out, said.err

    return ask


def everything(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return of each file and folder its size, its last change and its number."""
    return {
        path.relative_to(folder).as_posix(): (told.st_size, told.st_mtime_ns, told.st_ino)
        for path in sorted(folder.rglob("*"))
        for told in [path.lstat()]
    }


def test_a_night_that_worked_is_a_zero(site: Site, asked: Callable[..., tuple[int, str, str]]) -> None:
    """At eight in the morning after a run: exit 0, no line on stdout."""
    ran(site, SLOT, *site.sources, exit_code=1)
    code, out, err = asked(MORNING)
    assert (code, out) == (0, "")
    assert err.splitlines()[0] == "All is well."


def test_a_host_whose_scheduler_is_dead_says_so_and_is_not_written_to(
    site: Site, asked: Callable[..., tuple[int, str, str]]
) -> None:
    """No run began at the slot: exit 70, per source when it was due and what to type; no byte has changed."""
    before = everything(site.folder)
    code, out, _ = asked(MORNING)
    assert code == 70
    assert (
        "H101  source hub, since Mon 02 Mar 2099 02:30: Its slot has come and no run of it has begun." in out
    )
    assert "For IT: Is the scheduler there?" in out
    assert everything(site.folder) == before


def test_a_folder_that_may_not_be_written_to_can_be_asked(
    site: Site, asked: Callable[..., tuple[int, str, str]]
) -> None:
    """As another host sees it: the declared files, and `var` by a link to a share; nothing is made there."""
    share = site.folder.parent / "share"
    site.var.rename(share)
    site.var.symlink_to(share)
    before = everything(share)
    assert asked(MORNING)[0] == 70
    assert everything(share) == before


def test_the_json_tells_the_problems_and_each_source(
    site: Site, asked: Callable[..., tuple[int, str, str]]
) -> None:
    """One object on stdout and no word on stderr; its exit code is that of the process."""
    hub = {**AWAY, "source": "hub"}
    ran(site, SLOT, *site.sources, exit_code=20, met=[hub])
    code, out, err = asked(MORNING, "--json")
    told: dict[str, Any] = json.loads(out)
    assert (code, told["exit_code"], err) == (20, 20, "")
    assert [(one["key"], one["actor"], one["since"]) for one in told["problems"]] == [
        ("E301/hub", "it", "2099-03-02T02:30:00Z")
    ]
    assert [(one["source"], one["last_exit_code"]) for one in told["sources"]] == [
        (name, 20) for name in sorted(site.sources)
    ]
    assert {one["records"]["verdict"] for one in told["sources"]} == {"too little history"}


def test_what_is_tried_again_by_itself_is_told_and_wakes_nobody(
    site: Site, asked: Callable[..., tuple[int, str, str]]
) -> None:
    """Five minutes after a run that found the hub away: exit 0, with a line; an hour on with no try: 20."""
    hub = {**AWAY, "source": "hub"}
    ran(site, SLOT, *site.sources, exit_code=20, again=["hub"], met=[hub])
    code, out, _ = asked(SLOT + timedelta(minutes=5))
    assert code == 0
    assert out.splitlines()[1].strip() == "It is tried again by itself."
    assert asked(SLOT + timedelta(minutes=61))[0] == 20


def test_a_site_that_does_not_load_is_a_ten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks the wrong folder is not told that all is well."""
    assert carry_out(lambda: commands._named(["health", "--site", str(tmp_path)])) == 10
    assert "E101" in capsys.readouterr().err


def test_a_run_goes_on_where_the_address_of_its_pings_is_not(site: Site) -> None:
    """The variable is not set: no pings, and `check` says so beside the other secrets."""
    wanted = PingSettings.model_validate({"address": "env:VIADUCT_NO_PING"})
    site = replace(site, pings=wanted)
    assert pings_of(site, "20260302T023000Z-abcdef") is None
    assert [line for line in lacking(site) if line.startswith("pings, address: env:VIADUCT_NO_PING")]
