"""The doctor: each fault is really made on a settled site, and each is told by its code, changing nothing."""

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from commands.sample_site import Account, write_sample_site
from common import clock
from config.site import Site, load_site
from sealing.revoking import revoke
from sync.doctor.keeping import lock_lines
from sync.doctor.lines import Line, State
from sync.doctor.machine import rights_lines
from tests.end_to_end.test_how_to_commands import typed
from tests.nights import NightSite
from tests.released import tree
from tests.reliability.certificates import YEAR, Authority

NOBODY = 65534
LAKE = "\nlake: {format: dlt, destination: duckdb, credentials: file:secrets/nowhere}\nkeys:\n"
SOURCE = Account("https://127.0.0.1:1", "org", "org-secret-word", "user", "user-secret-word")
HOLDER = """
import sys, time
from pathlib import Path
from sync.lock import one_run_at_a_time
with one_run_at_a_time(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def asked(night: NightSite, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, str]]]:
    """Return a function that asks the doctor: the exit code, and the code of each line that is not OK."""

    def ask(*words: str) -> tuple[int, dict[str, str]]:
        before = tree(night.folder)
        code = typed(["doctor", "--json", *words], night)
        said = json.loads(capsys.readouterr().out)
        assert tree(night.folder) == before
        assert said["exit_code"] == code
        failed = [line["exit_code"] for line in said["lines"] if line["state"] == "FAIL"]
        assert code == max(failed, default=0)
        bad = [line for line in said["lines"] if line["state"] != "OK"]
        assert all(line["code"] and line["remedy"] for line in bad)
        return code, {f"{line['check']}, {line['about']}": line["code"] for line in bad}

    return ask


def test_a_site_that_is_well_is_told_line_by_line(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every check has a line that says OK, the exit code is 0, and no secret is shown."""
    assert typed(["doctor"], night) == 0
    said = capsys.readouterr()
    for check in ("clock", "disk", "permissions", "keys", "secrets", "lock", "log", "connectivity"):
        assert f"OK    {check}, " in said.out, check
    assert "FAIL" not in said.out + said.err
    assert "WARN" not in said.out
    secrets = [path.read_text().splitlines()[1] for path in night.site.keys.private.glob("*.key")]
    assert not any(secret in said.out + said.err for secret in secrets)


def _older_clock(night: NightSite) -> None:
    path = max((night.site.var / "runs").glob("*.json"))
    os.utime(path, (time.time() + 3600, time.time() + 3600))


def _full_disk(night: NightSite) -> None:
    _set(night, "\nkeys:\n", "\nlimits: {free_megabytes: 16777216}\nkeys:\n")


def _large_nights(night: NightSite) -> None:
    path = max((night.site.var / "runs").glob("*.json"))
    summary = json.loads(path.read_bytes())
    summary["flows"][0]["bytes"] = 1 << 50
    path.write_text(json.dumps(summary), encoding="utf-8")


def _open_retired(night: NightSite) -> None:
    folder = night.site.keys.private / "retired" / "v1"
    folder.mkdir(parents=True, mode=0o700)
    shutil.copy(night.site.keys.private / "council.key", folder)
    (folder / "council.key").chmod(0o640)


def _damaged_log(night: NightSite) -> None:
    path = night.site.var / "log" / "leaves.jsonl"
    content = path.read_bytes()
    assert b'"run"' in content
    path.write_bytes(content.replace(b'"run"', b'"rum"', 1))


def _drop_folder_gone(night: NightSite) -> None:
    source = night.folder / "drop" / "hub"
    shutil.rmtree(source)


FAULTS: dict[str, tuple[Callable[[NightSite], Any], int, str, str]] = {
    "the clock is behind what was written": (_older_clock, 11, "clock, run history", "D101"),
    "the disk is too full": (_full_disk, 50, "disk, var", "D201"),
    "the disk is too full for a large night": (_large_nights, 0, "disk, var", "D202"),
    "a private key is open to others": (
        lambda night: (night.site.keys.private / "log.key").chmod(0o640), 40, "keys, log", "E406"
    ),
    "a private key of before is open to others": (_open_retired, 40, "keys, council", "E406"),
    "the key to the other warehouse is lost": (
        lambda night: _set(night, "\nkeys:\n", LAKE), 10, "secrets, site", "E111"
    ),
    "a public key may be replaced by others": (
        lambda night: (night.site.keys.public / "controller-hub.pub").chmod(0o666),
        40, "keys, public controller-hub.pub", "E413",
    ),
    "a folder above the keys may be written to by others": (
        lambda night: night.site.var.chmod(0o777), 40, "keys, private var", "E406"
    ),
    "the memory is open to others": (
        lambda night: (night.site.var / "state").chmod(0o755), 0, "permissions, var/state", "D302"
    ),
    "a private key is lost": (
        lambda night: (night.site.keys.private / "memory.key").unlink(), 40, "keys, memory", "D402"
    ),
    "a key was revoked": (
        lambda night: revoke("council", None, night.site.keys.private, night.site.keys.public),
        40, "keys, in force", "E411",
    ),
    "the log was changed": (_damaged_log, 60, "log, var/log", "E601"),
    "the log is lost": (lambda night: shutil.rmtree(night.site.var / "log"), 0, "log, var/log", "D801"),
    "the warehouse is no warehouse": (
        lambda night: Path(str(night.site.warehouse)).write_bytes(b"no warehouse" * 999),
        50, "connectivity, warehouse", "E513",
    ),
    "the drop folder is gone": (_drop_folder_gone, 20, "connectivity, source hub", "E305"),
}  # fmt: skip


@pytest.mark.parametrize("fault", list(FAULTS))
def test_each_fault_is_told_by_its_code(
    night: NightSite, asked: Callable[..., tuple[int, dict[str, str]]], fault: str
) -> None:
    """It is found where it is, and nothing else is said to be wrong."""
    make, code, where, what = FAULTS[fault]
    make(night)
    assert asked() == (code, {where: what})


def test_a_year_later_the_keys_are_old_and_those_of_batches_too_old(
    night: NightSite, asked: Callable[..., tuple[int, dict[str, str]]]
) -> None:
    """What the site calls old is a warning; what the assessment forbids fails, as the run would."""
    with clock.frozen(clock.now() + timedelta(days=366)):
        code, said = asked()
    assert code == 11
    assert said.pop("keys, assessment") == "E831"
    assert set(said.values()) == {"D401"}
    flows = {f"keys, {path.stem}" for path in night.site.keys.private.glob("pseudonym-*.key")}
    assert {"keys, signing", "keys, council", *flows} <= set(said)
    assert not {"keys, log", "keys, memory", "keys, choices"} & set(said), "there is no way to change them"


def test_a_folder_that_this_user_may_not_write_to_fails(night: NightSite) -> None:
    """Asked as another user than the scheduler's, the doctor says that a run could not write."""
    with tempfile.TemporaryDirectory() as outside:
        folder = Path(outside) / "site"
        shutil.copytree(night.folder, folder)
        for path in (Path(outside), folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        found = {line.about for line in _as_nobody(folder) if line.code == "D301"}
        for path in (Path(outside), folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert {"var", "var/state", "var/log"} <= found


def test_a_lock_that_is_held_is_told_and_not_taken(night: NightSite) -> None:
    """By a live process it is a run at work; for longer than a run may last it is a warning."""
    path = night.site.var / "state" / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        (line,) = lock_lines(night.site)
        hurried = replace(night.site, limits=night.site.limits.model_copy(update={"run_minutes": 0}))
        (late,) = lock_lines(hurried)
        holder.kill()
    if not Path("/proc/locks").exists():
        pytest.skip("this system does not tell who holds a lock")
    assert (line.state, f"Process {holder.pid}," in line.says) == (State.OK, True)
    assert (late.state, late.code) == (State.WARN, "D701")
    (line,) = lock_lines(night.site)
    assert "Nobody holds it" in line.says


@dataclass
class Wrong:
    """What is wrong with a server: how far its clock is, for how long it keeps silent."""

    apart: timedelta = timedelta(0)
    silent_seconds: float = 0.0


@contextmanager
def server(certificate: Path, wrong: Wrong) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a server over TLS, and what it was asked."""
    requests: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            requests.append(f"{self.command} {self.path} {self.headers}")
            time.sleep(wrong.silent_seconds)
            self.send_response_only(200)
            self.send_header("Date", format_datetime(datetime.now(UTC) + wrong.apart, usegmt=True))
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None: ...

    with Quiet(("127.0.0.1", 0), Answers) as listening:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        listening.socket = context.wrap_socket(
            listening.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{listening.server_port}", requests
        listening.shutdown()


SERVERS: dict[str, tuple[timedelta, Wrong, set[str]]] = {
    "well": (timedelta(0), Wrong(), set()),
    "its clock is an hour off": (timedelta(0), Wrong(apart=timedelta(hours=1)), {"clock: D102"}),
    "its certificate runs out soon": (YEAR - timedelta(days=9), Wrong(), {"certificates: D501"}),
    "its certificate has run out": (YEAR + timedelta(days=1), Wrong(), {"certificates: D502"}),
    "it is silent": (timedelta(0), Wrong(silent_seconds=3), {"connectivity: D602"}),
}


@pytest.mark.parametrize("case", list(SERVERS))
def test_a_portal_is_touched_and_nobody_is_signed_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """Its clock and its certificate are told in days; it is asked for the head of a page, with no secret."""
    age, wrong, expected = SERVERS[case]
    authority = Authority(tmp_path)
    with server(authority.certificate("portal", age=age), wrong) as (address, requests):
        night = _portal_site(tmp_path / "site", address, authority.file)
        began, patient = time.monotonic(), "1" if wrong.silent_seconds else "20"
        typed(["doctor", "--json", "--seconds", patient], night)
        assert time.monotonic() - began < (8 if wrong.silent_seconds else 30)
    said = json.loads(capsys.readouterr().out)
    lines = [line for line in said["lines"] if line["about"].startswith("source hub")]
    assert {f"{line['check']}: {line['code']}" for line in lines if line["code"]} == expected
    if case == "well":
        assert ["days" in line["says"] for line in lines if line["check"] == "certificates"] == [True, True]
    assert all(request.startswith("HEAD / ") for request in requests)
    assert "secret-word" not in json.dumps(said) + "".join(requests)


def test_secrets_that_are_lost_or_open_to_others_and_a_server_that_is_away_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each by the error that a run would meet; the secret itself is in nothing that is said."""
    night = _portal_site(tmp_path / "site", SOURCE.address, None)
    (night.folder / "secrets" / "hub-user").chmod(0o644)
    (night.folder / "secrets" / "hub-organisation").unlink()
    assert typed(["doctor", "--json", "--seconds", "1"], night) == 40
    text = capsys.readouterr().out
    said = {(line["check"], line["code"]) for line in json.loads(text)["lines"]}
    assert {("secrets", "E111"), ("secrets", "E112"), ("connectivity", "D601"), ("keys", "D402")} <= said
    assert "secret-word" not in text


def _portal_site(folder: Path, address: str, ca_file: Path | None) -> NightSite:
    site: Site = write_sample_site(folder, {"hub": replace(SOURCE, address=address)})
    for name in set(site.sources) - {"hub"}:
        shutil.copy(folder / "sources" / "hub.yaml", folder / "sources" / f"{name}.yaml")
    for path in (folder / "sources").glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("provider: hub", f"provider: {path.stem}")
        more = f"\nca_file: {ca_file.name}\n" if ca_file else ""
        path.write_text(text + more, encoding="utf-8")
    if ca_file:
        shutil.copy(ca_file, folder / ca_file.name)
    load_site(folder)
    return NightSite(folder)


def _as_nobody(folder: Path) -> list[Line]:
    """Return what is said of the rights when an account without any asks."""
    site, before = load_site(folder), os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        return list(rights_lines(site))
    finally:
        os.seteuid(before)


def _set(night: NightSite, old: str, new: str) -> None:
    settings = night.folder / "site.yaml"
    text = settings.read_text(encoding="utf-8")
    assert old in text
    settings.write_text(text.replace(old, new, 1), encoding="utf-8")
