"""Either host of two: each verb asks what is that host's to have, and nothing of the other's."""

import json
import os
import shutil
from datetime import timedelta
from typing import Any

import pytest

from common import clock
from tests.alert_servers import webhook
from tests.end_to_end.test_alerts_of_a_night import _alert
from tests.end_to_end.test_how_to_commands import told, typed
from tests.nights import NightSite
from tests.released import tree

OF_COUNCIL = {"council", "receipt", "feed"}
OF_SENDER = {"signing", "log", "memory", "choices", "pseudonym-early_help", "pseudonym-commissioning"}


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def becomes(night: NightSite, where: str) -> NightSite:
    """Return the site as that host has it: its own keys, and of the files what the page says it needs."""
    path = night.folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    assert "council_side: embedded" in text
    path.write_text(text.replace("council_side: embedded", f"council_side: {where}"), encoding="utf-8")
    own = OF_COUNCIL if where == "here" else OF_SENDER
    for key in night.site.keys.private.rglob("*.key"):
        if key.stem not in own:
            key.unlink()
    if where == "elsewhere":
        night.site.warehouse.unlink()  # type: ignore[union-attr]
        return night
    for room in ("state", "log", "runs", "registers", "reports"):
        shutil.rmtree(night.folder / "var" / room, ignore_errors=True)
    for room in ("drop", "sources", "mappings", "lookups"):
        shutil.rmtree(night.folder / room, ignore_errors=True)
    (night.folder / "providers.yaml").unlink()
    for key in night.site.keys.public.rglob("*.pub"):
        if key.stem not in {*OF_COUNCIL, "signing"}:
            key.unlink()
    return night


class Host:
    """One host, and what a verb says on it."""

    def __init__(self, night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
        self.night, self.capsys = night, capsys

    def says(self, *words: str) -> tuple[int, Any]:
        """Return exit code and JSON; looking changes nothing."""
        before = tree(self.night.folder)
        self.capsys.readouterr()
        code = typed([*words, "--json"], self.night)
        said = self.capsys.readouterr()
        assert tree(self.night.folder) == before
        return code, json.loads(said.out) if said.out else said.err

    def doctor(self) -> tuple[int, dict[str, str], set[str]]:
        """Return the exit code, the code of each line that is not OK, and all that was asked."""
        code, said = self.says("doctor")
        asked = {f"{line['check']}, {line['about']}": line["code"] for line in said["lines"]}
        return code, {about: code for about, code in asked.items() if code}, set(asked)


def test_the_council_s_host_is_whole_with_its_own_keys_and_the_assessment(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Doctor, check --connect, status and health are content there, without source, mapping, provider,
    register, log, state, ping or key of the sync side; load loads.
    """
    host = Host(becomes(night, "here"), capsys)
    path = night.folder / "site.yaml"
    of_runs = "pings: {address: 'file:secrets/nowhere'}\n"
    path.write_text(path.read_text(encoding="utf-8") + of_runs, encoding="utf-8")
    code, bad, asked = host.doctor()
    assert (code, bad) == (0, {})
    assert "connectivity, warehouse" in asked
    assert not {one for one in asked if "source" in one or one.startswith("log,")}
    code, said = host.says("check", "--connect")
    assert (code, said["errors"], said["lacking"], said["resting"]) == (0, [], [], [])
    code, said = host.says("status")
    assert (code, said["needs"]) == (0, [])
    assert [(one["flow"], one["waiting"], one["last_outcome"]) for one in said["arrivals"]] == [
        ("commissioning", 0, "loaded"),
        ("early_help", 0, "loaded"),
    ]
    code, said = host.says("health")
    assert (code, said["problems"], len(said["flows"])) == (0, [], 2)
    (load, _) = told("two_hosts.md")
    assert typed(load, night) == 0
    assert "Nothing new has arrived." in capsys.readouterr().err
    assert typed(["status"], night) == 0
    assert "Nothing needs a person." in capsys.readouterr().err


def test_what_the_council_s_host_lacks_is_told_with_whose_it_is(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own two private keys it makes, the sender's public key it asks for; and after four days without a
    batch status says so. A landing zone that cannot be looked at is told as what it is.
    """
    host = Host(becomes(night, "here"), capsys)
    (night.site.keys.private / "receipt.key").unlink()
    (night.site.keys.public / "signing.pub").unlink()
    wanted = [
        "a key of the role receipt: python run_sync.py keys new receipt",
        "the sync side's public key of the role signing: ask the sync side for signing.pub",
    ]
    assert host.says("check")[1]["lacking"] == wanted
    assert host.doctor()[:2] == (40, {"keys, receipt": "D402", "keys, signing": "D402"})
    with clock.frozen(clock.now() + timedelta(days=200)):
        needs = host.says("status")[1]["needs"]
    assert [one.partition(":")[0] for one in needs[:2]] == ["flow commissioning", "flow early_help"]
    assert needs[2:4] == wanted
    (night.site.landing / "receipts/early_help/00000001.json").write_bytes(b"{}")  # type: ignore[operator]
    (problem,) = host.says("status")[1]["problems"]
    assert problem["code"] == "E409"


def test_nothing_runs_on_the_council_s_host(night: NightSite, capsys: pytest.CaptureFixture[str]) -> None:
    """A timer of the wrong host is told, exit 2: it does not find, night after night, that nothing is due."""
    becomes(night, "here")
    why = ["--reason", "The provider moves house"]
    for words in (["run"], ["run", "--due"], ["schedule"], ["pause", *why], ["resume"]):
        assert typed(words, night) == 2
        assert "council_side: here" in capsys.readouterr().err


def test_the_sync_side_s_host_asks_for_no_warehouse_and_no_key_of_the_council(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither is the password of a warehouse looked for nor the server touched, though site.yaml names both,
    nor a lake tried: the two hosts may share their declared files.
    """
    host = Host(becomes(night, "elsewhere"), capsys)
    path = night.folder / "site.yaml"
    server = (
        "warehouse: {connector: postgresql, host: 127.0.0.1, port: 1, database: w, role: l, sslmode: disable,"
        " role_secret: 'file:secrets/nowhere'}"
    )
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("warehouse:")]
    path.write_text("\n".join([*lines, server, ""]), encoding="utf-8")
    code, bad, asked = host.doctor()
    assert (code, bad) == (0, {})
    assert not {one for one in asked if "warehouse" in one}
    assert {"connectivity, source hub", "log, var/log"} <= asked
    code, said = host.says("check")
    assert (code, said["lacking"]) == (0, [])
    assert typed(["check", "--connect"], night) == 0
    assert "warehouse" not in capsys.readouterr().err
    path.write_text(
        "\n".join([*lines, "lake: {format: parquet, folder: /proc/no_lake}", ""]), encoding="utf-8"
    )
    assert typed(["check", "--connect"], night) == 0
    assert "lake" not in capsys.readouterr().err


def test_the_council_s_people_are_told_what_is_wrong_on_their_side_and_that_it_is_over(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """A batch that nobody answered, once when it begins. A landing zone that cannot be looked at is one
    problem, however often one looks, and hides what else there is: nothing is called over meanwhile.
    """
    receipt = night.site.landing / "receipts/early_help/00000001.json"  # type: ignore[operator]
    answered, before = receipt.read_bytes(), clock.now()
    becomes(night, "here")
    (from_cron,) = told("alerts.md")
    steps = [(None, 50), (None, 50), (b"{}", 40), (b"{}", 40), (answered, 0), (answered, 0)]
    with webhook() as hook:
        _alert(night, hook.address)
        for quarter, (content, code) in enumerate(steps):
            receipt.unlink(missing_ok=True)
            if content is not None:
                receipt.write_bytes(content)
            with clock.frozen(before + timedelta(hours=13, minutes=15 * quarter)):
                assert typed(from_cron, night) == code
        texts = [json.dumps(card) for card in hook.cards]
    for text, (new, over) in zip(texts, [("H202", 0), ("E409", 0), ("", 2)], strict=True):
        assert ("new (" in text) == bool(new)
        assert new in text
        assert (f"{over} over" in text) == bool(over)
    assert typed(["health", "--metrics"], night) == 2
    assert (night.folder / "var" / "state").stat().st_mode & 0o077 == 0 or os.name == "nt"
