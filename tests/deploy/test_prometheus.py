"""The alert rules that are shipped, asked by promtool itself; and the numbers, as Prometheus reads them."""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

import commands
from commands.attending import write_numbers
from commands.last_resort import carry_out
from common import clock, log
from config.site import Site
from config.watching import MetricsSettings
from scheduler.claims import Claim, write_claims
from scheduler.due import claims_path
from scheduler.metrics import as_text, metrics_path, serve_metrics
from scheduler.pauses import Pause, begin_pause
from scheduler.pulse import beating
from tests.unit.scheduler.nights_by_clock import ran, site_at
from tests.unit.scheduler.test_health import DAY, FIRST, begun, local, night

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "viaduct.rules.yml"
CASES = RULES.with_name("viaduct.rules.test.yml")
PROMTOOL = shutil.which("promtool") or shutil.which("promtool", path=str(Path(sys.executable).parent))
HOURS = timedelta(hours=1)
Promtool = Callable[..., tuple[int, str]]


@pytest.fixture
def promtool() -> Promtool:
    """Return what runs promtool; without it these tests are not run, and continuous integration fails."""
    if PROMTOOL is None:
        reason = "promtool is not here: sh tools/promtool.sh .venv"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    tool = str(PROMTOOL)

    def run(*words: str, given: bytes = b"", at: Path = ROOT) -> tuple[int, str]:
        done = subprocess.run([tool, *words], input=given, capture_output=True, cwd=at, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()

    return run


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site of two sources with six good nights, a week apart."""
    made = site_at(tmp_path)
    (tmp_path / "var/state").mkdir(parents=True)
    write_claims(claims_path(made), dict.fromkeys(made.sources, Claim(FIRST - 100 * DAY)))
    for week in range(6):
        flows = [{"flow": "early_help", "entities": {"person": dict.fromkeys(FATES, week)}}]
        night(made, local(FIRST + 7 * week * DAY), flows=flows)
    return made


ACTORS = ("it", "governance", "provider")
FATES = ("records", "released", "unchanged", "held", "withheld", "withdrawn")
MORNING = local(FIRST + 35 * DAY) + 5 * HOURS


def numbers(text: bytes) -> dict[tuple[str, str], float]:
    """Return each number by its name and the source or flow it is of; nothing else may be a label."""
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            assert set(sample.labels) - {"actor"} in (set(), {"source"}, {"flow"})
            found[sample.name.removeprefix("viaduct_"), "/".join(sample.labels.values())] = sample.value
    return found


def test_the_rules_are_rules_and_every_alert_fires_when_it_should(promtool: Promtool) -> None:
    """As the page says to type it: the file as it is shipped, and the nights of its cases played."""
    page = (ROOT / "docs/how_to/watch_with_prometheus.md").read_text(encoding="utf-8")
    typed = re.findall(r"(?m)^promtool (.+)$", page)
    assert len(typed) == 2
    for words in typed:
        code, said = promtool(*words.split())
        assert code == 0, said
    alerts = {
        rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
    }
    assert alerts == set(re.findall(r"alertname: (\w+)", CASES.read_text())), "each alert has its case"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "absent(viaduct_metrics_written", "absent(viaduct_metrics_wrote", marks=pytest.mark.soak
        ),
        ("expr: absent(viaduct_metrics_written_timestamp_seconds)", "expr: viaduct_problems > 1e9"),
        ("> viaduct_source_due_timestamp_seconds + 1800", "> viaduct_source_due_timestamp_seconds + 3600"),
        ("time() > viaduct_source_ends_by_timestamp_seconds or ", ""),
        pytest.param(" or viaduct_source_not_ended == 1", "", marks=pytest.mark.soak),
        pytest.param(" unless on() (sum(viaduct_source_paused) > 0)", "", marks=pytest.mark.soak),
        pytest.param("viaduct_flow_failed == 1", "viaduct_flow_failed == 2", marks=pytest.mark.soak),
        pytest.param("viaduct_problems_beside > 0", "viaduct_problems_beside >= 0", marks=pytest.mark.soak),
    ],
)
def test_a_rule_that_is_wrong_is_found(promtool: Promtool, tmp_path: Path, old: str, new: str) -> None:
    """Each planted fault fails a case: the cases are no decoration."""
    text = RULES.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / RULES.name).write_text(text.replace(old, new), encoding="utf-8")
    shutil.copy(CASES, tmp_path)
    assert promtool("test", "rules", CASES.name, at=tmp_path)[0] != 0


def test_the_numbers_are_good_numbers_to_promtool(site: Site, promtool: Promtool) -> None:
    """Names, units, types and words of help are as Prometheus asks."""
    with clock.frozen(MORNING):
        text = as_text(site)
    assert promtool("check", "metrics", given=text) == (0, "")
    assert promtool("check", "metrics", given=b"viaduct_x_total 1\nviaduct_x_total 1\n")[0] != 0


def test_the_numbers_are_those_of_the_night(site: Site) -> None:
    """Of a source what it gave beside its usual, and when it is due; of a flow the fates of its records."""
    with clock.frozen(MORNING):
        told = numbers(as_text(site))
    due = local(FIRST + 36 * DAY).timestamp()
    of_hub = {name: value for (name, of), value in told.items() if of == "hub"}
    assert of_hub == {
        "source_last_run_timestamp_seconds": local(FIRST + 35 * DAY).timestamp(),
        "source_last_good_timestamp_seconds": local(FIRST + 35 * DAY).timestamp(),
        "source_due_timestamp_seconds": due,
        "source_paused": 0,
        "source_records": 1000,
        "source_usual_records": 1000,
        "source_pull_seconds": 120,
        "source_usual_pull_seconds": 120,
        **dict.fromkeys(
            (f"source_{name}" for name in ("not_begun", "not_ended", "too_fast", "far_fewer")), 0
        ),
    }
    assert {name: value for (name, of), value in told.items() if of == "early_help"} == {
        **{f"flow_{fate}_records": 5 for fate in FATES[1:]},
    }
    for failed in ("source_failed", "flow_failed"):
        of = {"source_failed": "hub", "flow_failed": "early_help"}[failed]
        assert [told[failed, f"{actor}/{of}"] for actor in ACTORS] == [0, 0, 0]
    assert (told["problems", ""], told["health_exit_code", ""]) == (0, 0)
    assert told["metrics_written_timestamp_seconds", ""] == MORNING.timestamp()


def test_what_is_due_stays_in_the_past_until_it_is_run(site: Site) -> None:
    """Missed for two nights, it is the first of them; paused without an end, there is none."""
    missed = local(FIRST + 36 * DAY)
    with clock.frozen(missed + DAY + HOURS):
        told = numbers(as_text(site))
        assert told["source_due_timestamp_seconds", "hub"] == missed.timestamp()
        assert (told["source_not_begun", "hub"], told["health_exit_code", ""]) == (1, 70)
        begin_pause(site, Pause(clock.now(), "operator", "a move"))
        told = numbers(as_text(site))
    assert ("source_due_timestamp_seconds", "hub") not in told
    assert (told["source_paused", "hub"], told["source_not_begun", "hub"]) == (1, 0)


def test_a_run_under_way_tells_by_when_it_has_ended(site: Site) -> None:
    """Half an hour and a minute after its four hours; its next slot is due, not the one that it serves."""
    slot = local(FIRST + 36 * DAY)
    begun(site, slot)
    with clock.frozen(slot), beating(site, "20260407T013000Z-abcdef", ["hub"]):
        told = numbers(as_text(site))
    ends_by = slot + timedelta(hours=4, minutes=31)
    assert told["source_ends_by_timestamp_seconds", "hub"] == ends_by.timestamp()
    assert told["source_due_timestamp_seconds", "hub"] == local(FIRST + 37 * DAY).timestamp()
    assert ("source_ends_by_timestamp_seconds", "community_support") not in told


def test_what_is_tried_again_is_due_then_and_counts_as_failed_when_nobody_tries(site: Site) -> None:
    """Half an hour after the run that failed; an hour after it nobody has tried."""
    slot = local(FIRST + 36 * DAY)
    away = {"code": "E301", "exit_code": 20, "failure": "transient", "title": "T.", "remedy": "R."}
    met = [{**away, "source": "hub", "flow": None}]
    ran(site, slot, "hub", "community_support", exit_code=20, again=["hub"], met=met)
    for minutes, failed in ((1, 0), (61, 1)):
        with clock.frozen(slot + timedelta(minutes=minutes)):
            told = numbers(as_text(site))
        assert told["source_due_timestamp_seconds", "hub"] == (slot + timedelta(minutes=30)).timestamp()
        assert [told["source_failed", f"{actor}/hub"] for actor in ACTORS] == [failed, 0, 0]
        assert [told["source_failed", f"{actor}/community_support"] for actor in ACTORS] == [0, 0, 0]


def test_each_problem_is_told_once_with_whose_it_is(site: Site) -> None:
    """One of a source, one of a flow, one of the whole site: three numbers, and nobody else's is raised."""
    bare = {"exit_code": 20, "failure": "system", "title": "T.", "remedy": "R.", "source": None, "flow": None}
    met = [
        bare | {"code": "E321", "source": "hub"},
        bare | {"code": "E711", "flow": "early_help"},
        bare | {"code": "E705"},
    ]
    ran(site, local(FIRST + 36 * DAY), "hub", "community_support", exit_code=20, met=met)
    with clock.frozen(local(FIRST + 36 * DAY) + HOURS):
        told = numbers(as_text(site))
    raised = {key for key, value in told.items() if value and ("failed" in key[0] or "beside" in key[0])}
    assert raised == {
        ("source_failed", "provider/hub"),
        ("flow_failed", "governance/early_help"),
        ("problems_beside", "governance"),
    }
    assert told["problems", ""] == 3


def test_the_file_is_whole_and_every_user_may_read_it(site: Site) -> None:
    """Under the umask of our processes too; it replaces the last one, and leaves nothing beside it."""
    before = os.umask(0o077)
    try:
        for _ in range(2):
            write_numbers(site)
    finally:
        os.umask(before)
    path = metrics_path(site)
    assert numbers(path.read_bytes())
    assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [one.name for one in path.parent.iterdir()] == ["viaduct.prom"]


def test_a_draft_that_a_kill_left_behind_is_cleared_by_the_next_run_alone(site: Site) -> None:
    """Other programs' drafts in that folder stay, and a look from outside takes nobody's away."""
    folder = metrics_path(site).parent
    folder.mkdir()
    left = {".viaduct.prom.0a1b2c3d.part", ".other.prom.0a1b2c3d.part"}
    for name in left:
        (folder / name).touch()
    write_numbers(site)
    assert {path.name for path in folder.iterdir()} == {*left, "viaduct.prom"}
    write_numbers(site, alone=True)
    assert {path.name for path in folder.iterdir()} == {".other.prom.0a1b2c3d.part", "viaduct.prom"}


def test_numbers_that_cannot_be_made_or_written_fail_nothing(site: Site) -> None:
    """A folder that is a file; a summary in the history that is not one of ours."""
    (site.var / "metrics").touch()
    write_numbers(site)
    (site.var / "metrics").unlink()
    ran(site, local(FIRST + 36 * DAY), "hub", sources=[{"source": "hub", "exports": 7}])
    with clock.frozen(local(FIRST + 37 * DAY)):
        write_numbers(site)
    assert not (site.var / "metrics").exists()


def test_the_verb_health_writes_the_numbers_when_it_is_asked_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And only then."""
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "config/example", folder, ignore=shutil.ignore_patterns("var"))
    for words, there in (([], False), (["--metrics"], True)):
        assert carry_out(partial(commands._named, ["health", *words, "--site", str(folder)])) == 0
        log.shut()
        assert (folder / "var/metrics/viaduct.prom").exists() is there
    capsys.readouterr()


def test_the_scheduler_answers_to_its_own_machine_alone(site: Site) -> None:
    """On the port that is set, at 127.0.0.1 and no other address; a port that is taken is no fault."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        object.__setattr__(site, "metrics", MetricsSettings(port=port))
        assert serve_metrics(site) is False
    assert serve_metrics(site) is True
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10)
    assert numbers(answer.content)["health_exit_code", ""] == 70, "nobody ran it since that April"
    with socket.socket() as elsewhere, pytest.raises(OSError, match="refused"):
        elsewhere.connect(("127.0.0.2", port))


def test_the_scheduler_serves_nothing_unless_a_port_is_set(site: Site) -> None:
    """As it comes."""
    assert serve_metrics(site) is False


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it.")
def test_the_verb_schedule_serves_the_numbers_while_it_keeps_the_timetable(tmp_path: Path) -> None:
    """A process of its own: it says where, answers there, and ends with 143 when it is asked to."""
    folder, port = tmp_path / "site", free_port()
    shutil.copytree(ROOT / "config/example", folder, ignore=shutil.ignore_patterns("var"))
    with (folder / "site.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"\nmetrics: {{port: {port}}}\n")
    command = [sys.executable, "run_sync.py", "schedule", "--site", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as scheduler:
        assert scheduler.stderr is not None
        address = f"http://127.0.0.1:{port}/metrics"
        try:
            assert scheduler.stderr.readline() == f"Numbers for Prometheus: {address}\n"
            told = numbers(requests.get(address, timeout=20).content)
        finally:
            scheduler.terminate()
        assert scheduler.wait(timeout=30) == 143
    found = {of.rpartition("/")[2] for _, of in told}
    assert found - {*ACTORS} == {"", "hub", "community_support", "domestic_abuse_support"}


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
