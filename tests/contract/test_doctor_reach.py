"""What the doctor says of real servers: PostgreSQL and SFTP, each well, away, or not believed."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from config.alerts import AlertSettings
from config.azure import BlobLanding
from config.landing import SftpLanding
from config.secrets import SecretReference
from config.site import Site
from config.watching import PingSettings
from sync.doctor.reach import ADDED_TO, NOT_MADE, PROXIED, Reach
from tests.alert_servers import mail_server, webhook
from tests.azure_blob import BlobAccount
from tests.postgres import LOADER, Server
from tests.reliability.certificates import Authority
from tests.sftp_servers import SftpServer, new_key, private, public
from tests.unit.scheduler.nights_by_clock import site_at

Told = list[tuple[str, str, str]]


def told(site: Site, seconds: float = 5.0) -> Told:
    """Return of each line of warehouse and landing zone: check, what about, and its code or what it says."""
    lines = Reach(replace(site, sources={}), seconds).lines()
    return [(line.check, line.about, line.code or line.says.split(",")[0]) for line in lines]


def of(site: Site, about: str, seconds: float = 5.0) -> Told:
    """Return the lines of one place."""
    return [line for line in told(site, seconds) if line[1].startswith(about)]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site without sources, its landing zone a folder."""
    return site_at(tmp_path)


def test_a_postgresql_warehouse_is_signed_in_to_and_its_certificate_is_told_in_days(
    site: Site, postgres: Server
) -> None:
    """Well: reached, and how long its certificate and that of its authority hold. Stopped: E515."""
    placed = replace(site, warehouse=postgres.new_database())
    well = of(placed, "warehouse")
    assert ("connectivity", "warehouse", "It is reached and can be read.") in well
    held = [line for line in well if line[0] == "certificates"]
    assert {about for _, about, _ in held} == {"warehouse", "warehouse, ca_file"}
    assert all(says.startswith("It holds until ") for *_, says in held)
    postgres.stop("fast")
    try:
        assert ("connectivity", "warehouse", "E515") in of(placed, "warehouse")
    finally:
        postgres.start()


def test_a_warehouse_that_another_authority_vouches_for_is_not_believed(
    site: Site, postgres: Server, tmp_path: Path
) -> None:
    """E516, as a load would say, and no days of a certificate that proves nothing."""
    stranger = Authority(tmp_path, "stranger").file
    server = postgres.new_database().model_copy(update={"ca_file": str(stranger)})
    found = of(replace(site, warehouse=server), "warehouse")
    assert ("connectivity", "warehouse", "E516") in found
    assert ("certificates", "warehouse") not in {line[:2] for line in found}


def test_an_sftp_landing_zone_is_listed_and_one_with_another_key_is_told_nothing(
    site: Site, sftp_server: SftpServer, tmp_path: Path
) -> None:
    """Well: reached. With another host key: E391. Away: E501, after one attempt, within the doctor's time."""
    (sftp_server.root / "landing").mkdir()
    well = _landing(sftp_server, tmp_path, public(sftp_server.host_key))
    reached = [("connectivity", "landing", "It is reached and can be read.")]
    assert of(replace(site, landing=well), "landing") == reached
    other = _landing(sftp_server, tmp_path, public(new_key()))
    assert of(replace(site, landing=other), "landing") == [("connectivity", "landing", "E391")]
    sftp_server.stop()
    began = time.monotonic()
    assert of(replace(site, landing=well), "landing") == [("connectivity", "landing", "E501")]
    assert time.monotonic() - began < 6
    sftp_server.start()


def test_a_landing_zone_that_is_only_added_to_is_asked_for_its_answers_and_no_more_is_said(
    site: Site, blob_account: BlobAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Well: what was asked, and that adding was not. Not let into the answers: E504. Away: E501."""
    monkeypatch.setenv("BATCHES", blob_account.sas(blob_account.batches, "c"))
    monkeypatch.setenv("ANSWERS", blob_account.sas(blob_account.answers, "rl"))
    placed = replace(site, landing=_blob(blob_account, blob_account.address()))
    assert of(placed, "landing") == [("connectivity", "landing", ADDED_TO)]
    assert blob_account.blobs(blob_account.batches) == blob_account.blobs(blob_account.answers) == {}
    away = replace(site, landing=_blob(blob_account, "https://127.0.0.1:9"))
    assert of(away, "landing") == [("connectivity", "landing", "E501")]
    monkeypatch.setenv("ANSWERS", blob_account.sas(blob_account.answers, "c"))
    assert of(placed, "landing") == [("connectivity", "landing", "E504")]


def test_a_landing_folder_that_nobody_has_made_is_not_said_to_be_reached(site: Site, tmp_path: Path) -> None:
    """It is well, for a run makes it; but nothing was read."""
    absent = replace(site, landing=tmp_path / "landing")
    assert of(absent, "landing") == [("connectivity", "landing", NOT_MADE)]


def _blob(account: BlobAccount, address: str) -> BlobLanding:
    said = {"connector": "azure_blob", "account": address, "batches": account.batches}
    keys = {"answers": account.answers, "batches_sas": "env:BATCHES", "answers_sas": "env:ANSWERS"}
    return BlobLanding.model_validate(said | keys)


def _landing(server: SftpServer, folder: Path, host_key: str) -> SftpLanding:
    secret = folder / "client_key"
    secret.write_text(private(server.accounts["viaduct"].key), encoding="utf-8")
    secret.chmod(0o600)
    said = {
        "connector": "sftp", "host": "127.0.0.1", "port": server.port, "user": "viaduct",
        "folder": "/landing", "host_keys": [host_key.strip()], "client_key": f"file:{secret}",
    }  # fmt: skip
    return SftpLanding.model_validate(said).model_copy(
        update={"client_key": SecretReference("file", str(secret))}
    )


def test_a_warehouse_that_would_log_values_is_told(site: Site, postgres: Server) -> None:
    """E517, as the load would say: the loader's role alone would not know."""
    placed = replace(site, warehouse=postgres.new_database())
    with postgres.admin() as admin:
        admin.execute(f"ALTER ROLE {LOADER} SET log_error_verbosity = 'default'")
    try:
        assert ("connectivity", "warehouse", "E517") in of(placed, "warehouse")
    finally:
        with postgres.admin() as admin:
            admin.execute(f"ALTER ROLE {LOADER} SET log_error_verbosity = 'terse'")


def test_whoever_is_told_of_problems_is_reached_and_nobody_is_told_anything(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail server by STARTTLS, its proof in days; webhook and pings by a line alone, their addresses in
    nothing that is said. Away, or without TLS: D601. Behind a proxy of the machine: said, and not tried.
    """
    authority = Authority(tmp_path)
    with mail_server(authority.certificate("mail")) as box, webhook() as hook:
        monkeypatch.setenv("HOOK", hook.address)
        placed = telling(site, box.port, authority.file)
        lines = [
            line
            for line in Reach(replace(placed, sources={}), 5.0).lines()
            if line.about.startswith(("alerts", "pings"))
        ]
        found = {(line.check, line.about): line.code for line in lines}
        assert set(found.values()) == {""}
        about = {"alerts, mail_server", "alerts, it.webhook", "pings"}
        assert {name for check, name in found if check == "connectivity"} == about
        assert {name for check, name in found if check == "certificates"} == {
            "alerts, mail_server",
            "alerts, mail_server, ca_file",
        }
        assert "hook-secret-word" not in str(lines)
        assert (hook.cards, box.mails) == ([], [])
    away = of(placed, "alerts") + of(placed, "pings")
    assert {about for check, about, code in away if code == "D601"} == about
    with mail_server(None) as plain:
        assert ("connectivity", "alerts, mail_server", "D601") in of(
            telling(site, plain.port, authority.file), "alerts"
        )
    monkeypatch.setenv("HOOK", "https://hooks.council.example/hook-secret-word")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert of(placed, "pings") == [("connectivity", "pings", PROXIED.split(",")[0])]


def telling(site: Site, port: int, ca_file: Path) -> Site:
    """Return the site with people who are told by a mail server at this port, a webhook, and pings."""
    server = {"host": "127.0.0.1", "port": port, "sender": "v@council.example", "ca_file": str(ca_file)}
    said = {"it": {"mail": ["it@council.example"], "webhook": "env:HOOK"}, "mail_server": server}
    pings = PingSettings.model_validate({"address": "env:HOOK"})
    return replace(site, alerts=AlertSettings.model_validate(said), pings=pings)
