"""The drills of docs/how_to/drills.md, walked by the commands that the page tells somebody to type."""

import json
import re
import shutil
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from common import clock
from common.clock import LONDON
from demo.portal_process import PortalProcess
from demo.sample import Sample
from sharing import load_dpia
from tests.end_to_end.test_how_to_commands import PAGES, typed
from tests.nights import ACCEPTED_BY, NightSite
from tests.one_source import few_people, of_the_hub_alone
from tests.reliability.places import takes_turns
from tests.reliability.portal_site import PortalSite, later, serve
from tests.small_sample import whole_sample

PAGE = "drills.md"
GOOD = {0, 1}
BACKED_UP = ("state", "registers", "log", "runs", "keys")
ENDS = ("validity/reviewBy", "validity/expiresOn")
TESTS = Path(__file__).parents[1]


@cache
def people() -> Sample:
    """Return the hub with a handful of people; nobody may change its rows."""
    return few_people(whole_sample(), 24)


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return a site of the hub alone, with a handful of people, after its first night; it stays as it is."""
    night = NightSite.of(tmp_path_factory.mktemp("drills") / "site", whole_sample())
    for name in set(night.site.sources) - {"hub"}:
        (night.folder / "sources" / f"{name}.yaml").unlink()
    night.site.dpia.write_text(of_the_hub_alone(_text(night.site.dpia)), encoding="utf-8")
    night.drop(people())
    assert night.first_night().exit_code in GOOD
    assert night.canonical_rows()["early_help.person"]
    return night


@pytest.fixture
def hub(after_a_night: NightSite, tmp_path: Path) -> NightSite:
    """Return a copy of it, free to be changed."""
    return _copied(after_a_night, tmp_path / "site")


def test_each_drill_of_the_page_names_a_test_that_walks_it() -> None:
    """Nine drills, each with its test: a name that is no test, or a drill without one, is found here."""
    text = (PAGES / PAGE).read_text(encoding="utf-8")
    drills = re.findall(r"(?m)^## (.+)$", text)
    assert len(drills) == 9
    known = {name for path in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", _text(path))}
    for drill, said in zip(drills, text.split("\n## ")[1:], strict=True):
        named = re.findall(r"`(test_\w+)`", said)
        assert named, drill
        assert set(named) <= known, drill


@takes_turns(0, of=4)
def test_a_lost_host_is_made_anew_from_the_backup_and_goes_on(
    after_a_night: NightSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another machine with the site's files and last night's backup sends what the lost one would have."""
    lost, twin = (_copied(after_a_night, tmp_path / name) for name in ("lost", "twin"))
    new = tmp_path / "new-host"
    shutil.copytree(lost.folder, new, ignore=shutil.ignore_patterns("var"))
    for name in BACKED_UP:
        shutil.copytree(lost.site.var / name, new / "var" / name)
    for elsewhere in ("landing", "warehouse.duckdb"):
        shutil.move(lost.site.var / elsewhere, new / "var" / elsewhere)
    shutil.rmtree(lost.folder)
    night = NightSite(new)
    for site in (night, twin):
        site.drop(later(people()))
    assert typed(["doctor"], night) == 0
    assert typed(["run"], night) in GOOD
    assert typed(["run"], twin) in GOOD
    assert _rows_but_times(night) == _rows_but_times(twin)
    assert typed(["audit", "verify"], night) == 0
    capsys.readouterr()


@takes_turns(1, of=4)
def test_a_lost_key_is_put_back_or_made_anew(
    hub: NightSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of the sync side comes back from its sealed copy; the council's is made anew, and all is sent."""
    night = hub
    private, public, rows = night.site.keys.private, night.site.keys.public, night.canonical_rows()
    shutil.move(private / "signing.key", tmp_path / "sealed-copy")
    assert typed(["run"], night) == 40
    assert typed(["doctor"], night) == 40
    assert "keys, signing: D402" in capsys.readouterr().out
    shutil.move(tmp_path / "sealed-copy", private / "signing.key")
    assert typed(["doctor"], night) == 0
    for path in (private / "council.key", public / "council.pub"):
        path.unlink()
    assert typed(["keys", "new", "council"], night) == 0
    capsys.readouterr()
    assert typed(["run", "--full", "--json"], night) in GOOD
    flows = json.loads(capsys.readouterr().out)["flows"]
    assert {flow["state"] for flow in flows} == {"remembered"}
    assert night.canonical_rows() == rows


@pytest.mark.soak  # its parts are in make test: a password that is refused, a source that comes back
def test_a_crm_password_that_changed_is_renewed_where_the_site_says_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused once that night (exit 21), nothing withdrawn; with the new password all is as before."""
    served = tmp_path / "served"
    serve(few_people(whole_sample(), 12), served)
    with PortalProcess(served) as portal:
        site = PortalSite.of(tmp_path / "site", portal)
        assert site.night(accept_growth=True, accept_flagged=ACCEPTED_BY).exit_code in GOOD
        night = site.night_site
        rows, secret = night.canonical_rows(), night.folder / "secrets" / "hub-user"
        ours = secret.read_text(encoding="utf-8")
        secret.write_text("what it was before", encoding="utf-8")
        assert typed(["run"], night) == 21
        assert "E311" in capsys.readouterr().err
        assert typed(["check", "--connect"], night) == 21
        assert night.canonical_rows() == rows
        secret.write_text(ours, encoding="utf-8")
        assert typed(["check", "--connect"], night) == 0
        assert typed(["run"], night) in GOOD
        assert night.canonical_rows() == rows


@pytest.mark.soak  # that it is refused whole is in make test: the matrix of tests/reliability
def test_a_column_that_was_renamed_is_written_into_the_mapping(
    hub: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused whole (exit 22), nothing withdrawn; with the new name in the mapping nothing is sent anew."""
    night, rows = hub, hub.canonical_rows()
    for export in (night.folder / "drop").rglob("people.csv"):
        head, mark, rest = export.read_bytes().partition(b"\n")
        assert b"Forename" in head
        export.write_bytes(head.replace(b"Forename", b"First name") + mark + rest)
    assert typed(["run"], night) == 22
    assert "E331" in capsys.readouterr().err
    assert night.canonical_rows() == rows
    mapping = night.folder / "mappings" / "charitylog_people.yaml"
    mapping.write_text(_text(mapping).replace("column: Forename", "column: First name"), encoding="utf-8")
    assert typed(["check"], night) == 0
    capsys.readouterr()
    assert typed(["run", "--json"], night) in GOOD
    flows = json.loads(capsys.readouterr().out)["flows"]
    assert {flow["state"] for flow in flows} == {"nothing_sent"}
    assert night.canonical_rows() == rows


@pytest.mark.soak  # test_a_sudden_drop_refuses_that_source_and_no_other is in make test
def test_a_brake_that_holds_is_looked_into_and_then_released(
    hub: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most of the people gone: nothing moves until a person has looked and says so; the log tells that."""
    night, rows = hub, hub.canonical_rows()
    night.drop(few_people(whole_sample(), 3))
    assert typed(["run"], night) == 23
    assert "--accept-drop" in capsys.readouterr().err
    assert night.canonical_rows() == rows
    asked = ["run", "--source", "hub", "--accept-drop"]
    assert typed([*asked, "--dry-run"], night) in GOOD
    assert night.canonical_rows() == rows
    assert typed(asked, night) in GOOD
    assert night.canonical_rows() != rows
    assert [leaf["accepted"] for leaf in _leaves(night) if leaf["kind"] == "run"][-1] == ["accept_drop"]


@takes_turns(2, of=4)
def test_an_assessment_about_to_expire_is_named_before_and_stops_everything_after(
    hub: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """A week ahead status, calendar and health tell it; after it nothing is sent till the next is signed."""
    night = hub
    dpia = load_dpia(night.site.dpia, sources=night.site.sources)
    days = {due.last_day for due in dpia.calendar(clock.today()) if due.path in ENDS}
    last = min(days)
    rows = night.canonical_rows()
    with clock.frozen(_noon(last - timedelta(days=5))):
        assert typed(["status"], night) == 0
        said = capsys.readouterr()
        assert "in 5 days; after it nothing runs" in said.out + said.err
        assert typed(["dpia", "calendar"], night) == 0
        assert last.isoformat() in capsys.readouterr().out
        for kind in ("objection", "restriction", "consent", "court-order"):
            assert typed(["choices", "refresh", "--type", kind], night) == 0
        assert typed(["run"], night) in GOOD
        capsys.readouterr()
        typed(["health", "--json"], night)
        near = [one for one in json.loads(capsys.readouterr().out)["problems"] if one["code"] == "H105"]
        assert {one["actor"] for one in near} == {"governance"}
    with clock.frozen(_noon(last + timedelta(days=1))):
        assert typed(["run"], night) == 11
        assert "E70" in capsys.readouterr().err
        assert night.canonical_rows() == rows
        later_on = (last + timedelta(days=180)).isoformat()
        night.edit_dpia(last.isoformat(), later_on, _text(night.site.dpia).count(last.isoformat()))
        assert typed(["run"], night) == 11
        night.sign()
        assert typed(["run"], night) in GOOD


@takes_turns(3, of=4)
def test_a_warehouse_is_rebuilt_from_nothing_out_of_the_landing_zone(
    hub: NightSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is gone: with the receipts moved aside, `load` loads every batch in order: the same rows.

    Nothing runs meanwhile, and the next night goes on: nothing is sent anew.
    """
    night = hub
    night.drop(later(people()))
    assert typed(["run"], night) in GOOD
    rows = night.canonical_rows()
    assert typed(["pause", "--reason", "the warehouse is being rebuilt"], night) == 0
    assert typed(["run", "--due"], night) in (0, 75)
    Path(str(night.site.warehouse)).unlink()
    shutil.move(Path(str(night.site.landing)) / "receipts", tmp_path / "receipts-aside")
    assert typed(["load"], night) == 0
    assert night.canonical_rows() == rows
    assert typed(["doctor"], night) == 0
    assert typed(["resume"], night) == 0
    capsys.readouterr()
    assert typed(["run", "--json"], night) in GOOD
    assert {flow["state"] for flow in json.loads(capsys.readouterr().out)["flows"]} == {"nothing_sent"}


@pytest.mark.soak  # from what lies in the landing zone is in make test
def test_a_warehouse_whose_batches_are_swept_is_filled_by_a_full_run(
    hub: NightSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only manifests are left: the batches are refused by name, then everything is sent again."""
    night, rows = hub, hub.canonical_rows()
    landing = Path(str(night.site.landing))
    for body in landing.rglob("*.age"):
        body.unlink()
    Path(str(night.site.warehouse)).unlink()
    shutil.move(landing / "receipts", tmp_path / "receipts-aside")
    assert typed(["load"], night) == 51
    assert "file_missing" in "".join(capsys.readouterr())
    assert typed(["run", "--full"], night) in GOOD
    assert typed(["load"], night) == 0
    assert night.canonical_rows() == rows


def _leaves(night: NightSite) -> list[dict[str, Any]]:
    """Return every line of the disclosure log."""
    return [json.loads(line) for line in _text(night.site.var / "log" / "leaves.jsonl").splitlines()]


def _copied(night: NightSite, folder: Path) -> NightSite:
    shutil.copytree(night.folder, folder)
    return NightSite(folder)


def _rows_but_times(night: NightSite) -> dict[str, set[tuple[object, ...]]]:
    """Return the rows of every table; of a tombstone what was withdrawn, and not at which second."""
    return {
        name: {row[:2] for row in rows} if name.endswith(".withdrawn_records") else set(rows)
        for name, rows in night.canonical_rows().items()
    }


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=LONDON)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
