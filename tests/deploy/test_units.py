"""What is shipped for service managers: systemd itself finds nothing wrong with it, and little exposed."""

import configparser
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from config.timetable import SERVICE_RUN_MINUTES, SERVICE_STOP_SECONDS, SiteSchedule

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = ("viaduct.service", "viaduct-schedule.service", "viaduct-health.service", "viaduct-load.service")
MOST_EXPOSED = 15
"""In tenths: what `systemd-analyze security` may say of a service."""
ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture
def analyze() -> str:
    """Return systemd-analyze; without it these tests are not run, and continuous integration fails."""
    if ANALYZE is None:
        reason = "systemd-analyze is not here: sh tools/packages.sh systemd-analyze:systemd"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return ANALYZE


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return the units as they would stand on a host, with a program that is there, and the drop-in."""
    program = tmp_path / "opt"
    (program / ".venv/bin").mkdir(parents=True)
    (program / ".venv/bin/python").symlink_to("/bin/true")
    folder = tmp_path / "system"
    for unit in sorted(UNITS.glob("viaduct*")):
        text = unit.read_text(encoding="utf-8").replace("/opt/viaduct", program.as_posix())
        folder.mkdir(exist_ok=True)
        (folder / unit.name).write_text(text, encoding="utf-8")
    for service in SERVICES:
        (folder / f"{service}.d").mkdir()
        shutil.copy(UNITS / "credentials.conf", folder / f"{service}.d")
    return folder


def unit(name: str) -> configparser.SectionProxy:
    """Return the service section of a unit; of a key that is given twice the values stand line by line."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNITS / name, encoding="utf-8")
    return parser["Service"]


def verified(analyze: str, folder: Path) -> str:
    """Return what `systemd-analyze verify` has against the units; nothing if they are good."""
    units = sorted(str(path) for path in folder.glob("viaduct*") if path.is_file())
    said = subprocess.run(
        [analyze, "verify", "--man=no", *units], capture_output=True, text=True, check=False, timeout=60
    )
    about_ours = [line for line in (said.stdout + said.stderr).splitlines() if "viaduct" in line]
    return "\n".join(about_ours) + ("" if said.returncode == 0 else f"\nexit {said.returncode}")


def test_systemd_finds_nothing_wrong_with_the_units(analyze: str, installed: Path) -> None:
    """Each key is known, each program is there; a misspelt key, planted, is found."""
    assert verified(analyze, installed) == ""
    broken = installed / "viaduct.service"
    broken.write_text(broken.read_text("utf-8").replace("ProtectClock=", "ProtectClocks="), "utf-8")
    assert "ProtectClocks" in verified(analyze, installed)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_little_exposed(analyze: str, service: str, tmp_path: Path) -> None:
    """Systemd's own measure stays at or under 1.5 of 10; with one line of its protection gone it does not."""

    def exposed(path: Path) -> int:
        asked = [
            analyze,
            "security",
            "--offline=true",
            f"--threshold={MOST_EXPOSED}",
            "--no-pager",
            str(path),
        ]
        return subprocess.run(asked, capture_output=True, check=False, timeout=60).returncode

    assert exposed(UNITS / service) == 0
    bare = tmp_path / service
    bare.write_text((UNITS / service).read_text("utf-8").replace("CapabilityBoundingSet=\n", ""), "utf-8")
    assert exposed(bare) != 0


def test_all_services_are_held_alike(analyze: str) -> None:
    """What protects one protects the others, word by word."""
    held = [(UNITS / name).read_text("utf-8").split("# What the run may do")[1] for name in SERVICES]
    assert len({each.partition("\n[Install]")[0].strip() for each in held}) == 1


def test_a_good_night_is_a_good_night_for_systemd() -> None:
    """Exit 1 is success where a run ends, 143 where the service is stopped; what a person mends is left."""
    assert unit("viaduct.service")["SuccessExitStatus"] == "1"
    daemon = unit("viaduct-schedule.service")
    assert daemon["SuccessExitStatus"] == "143"
    assert daemon["RestartPreventExitStatus"].split() == ["2", "10", "75"]


def test_systemd_is_more_patient_than_the_site() -> None:
    """A run has stopped between two steps, by its own limits, before systemd kills it; what `check` compares
    a site's own limits with is what the units and the task say.
    """
    assert {unit(name)["TimeoutStopSec"] for name in SERVICES} == {str(SERVICE_STOP_SECONDS)}
    assert unit("viaduct.service")["TimeoutStartSec"] == f"{SERVICE_RUN_MINUTES // 60}h"
    task = (ROOT / "deploy/windows/viaduct.xml").read_text(encoding="utf-8")
    assert f"<ExecutionTimeLimit>PT{SERVICE_RUN_MINUTES // 60}H<" in task
    usual = SiteSchedule(at=["02:30"])
    assert all(int(unit(name)["TimeoutStopSec"]) > usual.stop_within_seconds for name in SERVICES)
    hours = int(unit("viaduct.service")["TimeoutStartSec"].removesuffix("h"))
    assert hours * 60 > usual.longest_run_minutes


def test_the_services_run_verbs_that_exist() -> None:
    """The words after run_sync.py are those that the pages on running, on alerts and on two hosts name."""
    pages = [ROOT / "docs/how_to" / name for name in ("run_every_night.md", "alerts.md", "two_hosts.md")]
    page = "".join(path.read_text(encoding="utf-8") for path in pages)
    for name in SERVICES:
        verb = unit(name)["ExecStart"].partition("run_sync.py ")[2]
        assert f"\npython run_sync.py {verb}\n" in page


def test_check_says_where_systemd_would_be_less_patient_than_the_site(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that may take longer than the units give it would be killed half way, night after night."""

    def beyond(minutes: int, seconds: int) -> str:
        asked = SiteSchedule(at=["02:30"], longest_run_minutes=minutes, stop_within_seconds=seconds)
        return " ".join(asked.beyond_the_service)

    assert beyond(270, 80) == ""
    assert re.findall(r"Timeout\w+=\w+", beyond(271, 80)) == ["TimeoutStartSec=331min"]
    assert re.findall(r"Timeout\w+=\w+", beyond(270, 81)) == ["TimeoutStopSec=111"]
    shutil.copytree(ROOT / "config/example", tmp_path / "site", ignore=shutil.ignore_patterns("var"))
    path = tmp_path / "site/site.yaml"
    text, usual = path.read_text(encoding="utf-8"), "longest_run_minutes: 240"
    assert text.count(usual) == 1
    path.write_text(text.replace(usual, "longest_run_minutes: 1440"), encoding="utf-8")
    assert carry_out(lambda: commands._named(["check", "--site", str(tmp_path / "site")])) == 0
    assert re.findall(r"Timeout\w+=\w+", capsys.readouterr().err) == ["TimeoutStartSec=1500min"]


NOT_HERE = (
    "sudo useradd", "sudo cp -r . ", "cd ", "sudo rm -rf ", "sudo sh -c 'umask 022; sh tools/setup.sh",
    "sudo chown ", "sudo chmod ", "export ", "sudo systemctl",
)  # fmt: skip
"""What a page has root do that a test may not: accounts, the whole program, the service manager."""


@pytest.mark.skipif(os.name == "nt", reason="The page is for Linux.")
def test_the_page_lays_everything_where_the_units_look_for_it(tmp_path: Path) -> None:
    """Its commands, but for those that need root, put site, units and drop-in where systemd reads them."""
    page = (ROOT / "docs/how_to/install_in_an_afternoon.md").read_text(encoding="utf-8")
    lines = "\n".join(re.findall(r"(?s)```sh\n(.*?)```", page)).splitlines()
    typed = [line for line in lines if line and not line.startswith(NOT_HERE)]
    assert len(typed) == 6
    for old, new in {
        "sudo -u viaduct ": "", "sudo ": "", "-o viaduct -g viaduct ": "", "/opt/viaduct/": f"{ROOT}/",
        "/var/lib/": f"{tmp_path}/lib/", "/etc/systemd/": f"{tmp_path}/etc/",
    }.items():  # fmt: skip
        typed = [line.replace(old, new) for line in typed]
    (tmp_path / "etc/system").mkdir(parents=True)
    subprocess.run(["sh", "-e"], input="\n".join(typed), text=True, cwd=ROOT, check=True, timeout=60)
    system = tmp_path / "etc/system"
    laid = {path.relative_to(system).as_posix() for path in system.rglob("*") if path.is_file()}
    assert laid == {
        "viaduct.service", "viaduct.timer", "viaduct.service.d/credentials.conf",
        "viaduct-health.service", "viaduct-health.timer",
    }  # fmt: skip
    enabled = [line.split()[-1] for line in lines if line.startswith("sudo systemctl enable --now ")]
    assert enabled == sorted(name for name in laid if name.endswith(".timer"))[::-1]
    assert stat.S_IMODE((tmp_path / "lib/viaduct").stat().st_mode) == 0o700
    assert (tmp_path / "lib/viaduct/site/site.yaml").is_file()
    assert unit("viaduct.service")["Environment"] == "VIADUCT_SITE=/var/lib/viaduct/site"


@pytest.mark.skipif(os.name == "nt", reason="The page is for Linux.")
def test_the_page_lets_everybody_read_the_program_and_nobody_else_change_it(tmp_path: Path) -> None:
    """Whatever the umask of whoever copied it was, private or open: its own command puts it right."""
    page = (ROOT / "docs/how_to/install_in_an_afternoon.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"(?m)^sudo (chmod .*) /opt/viaduct$", page)
    for name, folder, file in (("private", 0o700, 0o600), ("open", 0o777, 0o666)):
        made = tmp_path / name
        made.mkdir()
        (made / "run_sync.py").touch()
        (made / "run_sync.py").chmod(file)
        made.chmod(folder)
        subprocess.run([*line.split(), str(made)], check=True, timeout=60)
        assert [stat.S_IMODE(path.stat().st_mode) for path in (made, made / "run_sync.py")] == [0o755, 0o644]


def test_the_commands_of_the_pages_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the site that a page copies `status` says how it stands; `check` is typed in test_container.py."""
    shutil.copytree(ROOT / "config/example", tmp_path / "site", ignore=shutil.ignore_patterns("var"))
    monkeypatch.setenv("VIADUCT_SITE", str(tmp_path / "site"))
    pages = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/how_to").glob("install_*.md"))]
    typed = {words for page in pages for words in re.findall(r"(?m)^python run_sync\.py (.+)$", page)}
    assert typed == {"check", "status"}
    assert carry_out(lambda: commands._named(["status"])) == 0
    assert "Next runs, while the scheduler runs" in capsys.readouterr().out


def test_the_page_on_installing_names_files_that_are_there() -> None:
    """Every file under deploy that a page names is shipped, and every one that is shipped is named."""
    named = set()
    for page in (ROOT / "docs/how_to").glob("*.md"):
        text = page.read_text(encoding="utf-8").replace("\\", "/")
        named |= set(re.findall(r"deploy/[\w./-]*\w", text))
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "deploy").rglob("*") if path.is_file()}
    assert named == shipped - {"deploy/container/Containerfile.dockerignore"}
