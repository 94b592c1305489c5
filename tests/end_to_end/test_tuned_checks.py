"""A check that a provider is asked in another way: quieter, off, with another threshold, until its day."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from common import clock
from config.documents import DocumentRefused
from config.site import load_site
from quality import FindingStore, State
from sync.tuned import tuned
from tests.nights import NightSite


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site; how it is with another provider begins with theirs."""
    return hub_settled


@pytest.fixture
def night(settled: NightSite, tmp_path: Path) -> NightSite:
    """Return a site after its first night, to be changed."""
    shutil.copytree(settled.folder, tmp_path / "site")
    return NightSite(tmp_path / "site")


def tune(night: NightSite, check: str, more: str, days: int = 60) -> None:
    """Let a check be asked of the hub in another way."""
    path = night.folder / "providers.yaml"
    until = (clock.today() + timedelta(days=days)).isoformat()
    said = f"    checks:\n      - {{check: {check}, {more}, reason: Known and looked at, until: {until}}}\n"
    text = path.read_text(encoding="utf-8")
    assert "  hub:\n" in text
    path.write_text(text.replace("  hub:\n", f"  hub:\n{said}", 1), encoding="utf-8")


def told(night: NightSite, check: str) -> dict[str, set[str]]:
    """Return how the living findings of the check are told, by source."""
    found: dict[str, set[str]] = {}
    for finding in FindingStore.of(night.site).open():
        if finding.check == check:
            found.setdefault(finding.source, set()).add(finding.severity)
    return found


def test_a_check_is_told_more_quietly_to_one_provider_and_to_nobody_else(night_of_all: NightSite) -> None:
    """The same findings, at another severity; the run says why, until when, and of how many it spoke."""
    night = night_of_all
    before = told(night, "PER-04")
    assert before["hub"] == before["community_support"] == {"error"}
    tune(night, "PER-04", "severity: info")
    summary = night.night()
    assert told(night, "PER-04") == before | {"hub": {"info"}}
    (said,) = summary.to_json()["tuned"]
    assert said["findings"] > 0
    assert (said["provider"], said["check"], said["severity"], said["holds"]) == (
        "hub",
        "PER-04",
        "info",
        True,
    )
    assert said["reason"] == "Known and looked at"


def test_a_check_that_is_off_withdraws_what_it_found_and_calls_nothing_mended(night: NightSite) -> None:
    """Nobody asked, so nothing passed; the count of what it would have said is still shown."""
    assert told(night, "PER-13")["hub"] == {"warning"}
    tune(night, "PER-13", "severity: 'off'")
    summary = night.night()
    assert "hub" not in told(night, "PER-13")
    frame = FindingStore.of(night.site).frame(states=frozenset(State), source="hub")
    ended = frame.filter(check="PER-13").select("state", "reason").unique()
    assert ended.rows() == [("withdrawn", "switched_off")]
    assert summary.to_json()["tuned"][0]["findings"] > 0
    assert (
        summary.to_json()["checks"].get("PER-13", {}).get("failed", 0) < len(frame.filter(check="PER-13")) + 9
    )


def test_after_its_last_day_it_is_asked_as_everywhere_and_said_to_be_over(night: NightSite) -> None:
    """Until the day it holds, the day itself included; then `check` and `status` tell that it has passed."""
    tune(night, "PER-04", "severity: info", days=-1)
    summary = night.night().to_json()
    assert told(night, "PER-04")["hub"] == {"error"}
    assert summary["tuned"][0]["holds"] is False
    (day,) = [day for day in summary["days"] if day["path"] == "providers.yaml"]
    assert day["days_left"] == -1
    assert "check PER-04 is asked of hub" in day["what"]


def test_its_last_day_still_counts(night: NightSite) -> None:
    """The day is the last on which it holds."""
    tune(night, "PER-04", "severity: info", days=0)
    assert tuned(night.site, clock.today()).standing[0][2] is True
    assert tuned(night.site, clock.today() + timedelta(days=1)).standing[0][2] is False


@pytest.mark.parametrize(
    ("check", "more", "days", "said"),
    [
        ("REF-01", "severity: 'off'", 60, "it holds records, so it cannot be switched off"),
        ("CHR-06", "severity: 'off'", 60, "somebody's safety may hang on it, so it cannot be switched off"),
        (
            "PER-05",
            "severity: 'off'",
            60,
            "it keeps wrong fields from being sent, so it cannot be switched off",
        ),
        ("PER-99", "severity: info", 60, "there is no such check"),
        ("PER-04", "percent: 10", 60, "it has no threshold"),
        ("PER-04", "severity: info", 367, "more than a year ahead"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_its_line(
    night: NightSite, check: str, more: str, days: int, said: str
) -> None:
    """Safety and identity cannot be silenced, and nothing is silenced for good."""
    tune(night, check, more, days)
    with pytest.raises(DocumentRefused) as refused:
        tuned(night.site, clock.today())
    (problem,) = refused.value.problems
    assert said in problem.text
    line = next(n for n, text in enumerate(_lines(night), start=1) if f"check: {check}" in text)
    assert problem.line == line


def test_a_night_under_what_is_refused_sends_nothing(night: NightSite) -> None:
    """It ends as for any declared file that does not load."""
    tune(night, "REF-01", "severity: 'off'")
    summary = night.night()
    assert summary.exit_code == 10
    assert not any(flow.batch_id for flow in summary.flows)


@pytest.mark.parametrize("more", ["", "severity: silent", "percent: 0", "severity: info, colour: red"])
def test_a_tuning_that_says_nothing_or_too_much_does_not_load(night: NightSite, more: str) -> None:
    """It says how loudly, or where the threshold lies, with a reason of some words."""
    tune(night, "PER-04", more or "severity: null")
    with pytest.raises(DocumentRefused):
        load_site(night.folder)


def _lines(night: NightSite) -> list[str]:
    return (night.folder / "providers.yaml").read_text(encoding="utf-8").splitlines()
