"""A night that fails is told, and that it is over; no way of telling changes how a run ends."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from config.alerts import AlertSettings
from tests.alert_servers import webhook
from tests.end_to_end.test_how_to_commands import PAGES, told, typed
from tests.nights import NightSite

PAGE = "alerts.md"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def test_the_settings_of_the_page_are_settings() -> None:
    """Whoever copies the block and writes their own names has alerts."""
    (block,) = re.findall(r"```yaml\n(.*?)```", (PAGES / PAGE).read_text(encoding="utf-8"), re.DOTALL)
    said = AlertSettings.model_validate(yaml.safe_load(block)["alerts"])
    assert said.quiet_hours is not None
    assert set(said.providers) == {"hub"}


def test_a_night_that_fails_is_told_after_the_run_and_so_is_its_end(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a webhook that is dead the run ends as without one, and health says so; once it is there, cron's
    round tells what stands; the next good run tells that it is over.
    """
    (from_cron,) = told(PAGE)
    export = next((night.folder / "drop" / "hub").glob("referrals*.csv"))
    shutil.copy2(export, night.folder / "kept")
    export.write_bytes(b"Renamed " + export.read_bytes())
    with webhook() as hook:
        _alert(night, "http://127.0.0.1:1/dead-secret-word")
        assert typed(["run"], night) == 22
        assert typed(["health"], night) == 50
        said = capsys.readouterr()
        assert "H107  it/webhook" in said.out
        assert "secret-word" not in said.out + said.err
        _alert(night, hook.address)
        assert typed(from_cron, night) == 22
        assert typed(["health"], night) == 22
        assert "Told: it/webhook." in capsys.readouterr().err
        shutil.copy2(night.folder / "kept", export)
        assert typed(["run"], night) in {0, 1}
        headings = [card["attachments"][0]["content"]["body"][0]["text"] for card in hook.cards]
    first, last = headings[0], headings[-1]
    assert "new (" in first
    assert "E331" in first
    assert "over (" in last
    assert "E331" in last
    assert typed(from_cron, night) == 0


def test_health_without_alerts_has_nobody_to_tell(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """It cannot be meant, so it is refused; and a provider who is not there is refused by check."""
    assert typed(["health", "--alert"], night) == 2
    assert "has no alerts" in capsys.readouterr().err
    settings = night.folder / "site.yaml"
    more = "\nalerts: {it: {webhook: 'env:HOOK'}, providers: {hubb: {webhook: 'env:HOOK'}}}\n"
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert typed(["check"], night) == 10
    assert "alerts.providers: hubb is not in providers.yaml" in capsys.readouterr().err


def _alert(night: NightSite, address: str) -> None:
    path, settings = night.folder / "hook", night.folder / "site.yaml"
    path.write_text(address, encoding="utf-8")
    path.chmod(0o600)
    text = settings.read_text(encoding="utf-8")
    if "alerts:" not in text:
        settings.write_text(f"{text}\nalerts: {{it: {{webhook: 'file:hook'}}}}\n", encoding="utf-8")
    assert Path(night.site.folder / "hook").exists()
