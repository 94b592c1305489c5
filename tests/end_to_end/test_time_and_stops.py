"""What is out of date stops what it governs: one flow or all, at the start or just before it leaves."""

import json
import re
import shlex
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyrage import x25519

import commands
from commands.last_resort import carry_out
from common import clock, log
from feed.model import in_words
from sync.place import prepare
from sync.run import Wish, run_sync
from sync.steps import Steps
from sync.stopped import kept, require_flow
from sync.summary import FlowSummary, Summary
from tests.nights import NightSite
from tests.released import landed, state, warehouse_rows
from tests.small_sample import a_day_later

RULE = "legalBases/domestic-abuse-support-early-help/article9/apd/reviewBy"
PAGE = Path("docs/how_to/before_something_expires.md")
TRIPWIRES = Path("docs/how_to/tripwires.md")


def policy_until(night: NightSite, days: int) -> None:
    """Let the policy document behind early_help be due for review so many days from now."""
    text = night.site.dpia.read_text(encoding="utf-8")
    said = next(line for line in text.splitlines() if 'policy-document", reviewBy: ' in line)
    day = clock.today() + timedelta(days=days)
    night.edit_dpia(said, said.split("reviewBy: ")[0] + f"reviewBy: {day},")
    night.sign()


def leaves(night: NightSite, kind: str) -> list[dict[str, Any]]:
    """Return the leaves of one kind in the disclosure log."""
    lines = (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    return [leaf for line in lines if (leaf := json.loads(line))["kind"] == kind]


def codes(summary: Summary) -> dict[str, str]:
    """Return the error code of each flow that stopped."""
    return {flow.flow: flow.error.code for flow in summary.flows if flow.error}


class Turning:
    """A watcher that sets the clock to another instant when a step is reached."""

    def __init__(self, step: str, to: datetime) -> None:
        self.step, self.to, self.turned = step, to, False

    def __call__(self, step: str, _done: int, _of: int) -> None:
        if step == self.step and not self.turned:
            self.turned = True
            clock._frozen.set(self.to.astimezone(UTC))


def turned(night: NightSite, step: str, seconds: float = 4) -> Summary:
    """Return what a run did in which the clock went on, at a step, from two seconds before midnight."""
    midnight = datetime.combine(clock.today() + timedelta(days=1), time(), clock.LONDON)
    watcher = Turning(step, midnight + timedelta(seconds=seconds - 2))
    night.sign()
    with clock.frozen(midnight - timedelta(seconds=2)):
        summary = run_sync(night.site, Wish(), watcher)
    assert watcher.turned
    return summary


def test_a_clock_that_is_set_or_a_file_that_expires_beside_the_run_lets_nothing_leave(
    night: NightSite,
) -> None:
    """Set by hours or years, no day is certain: nothing leaves, and nothing is removed as if its time was up.
    The review of the whole file missed at midnight: nothing, exit 11.
    """
    night.drop(a_day_later())
    before = landed(night)
    skewed = turned(night, "planned", 7200)
    assert (skewed.exit_code, set(codes(skewed).values()), landed(night)) == (11, {"E833"}, before)
    assert [leaf["code"] for leaf in leaves(night, "stopped")] == ["E833", "E833"]
    years = turned(night, "planned", 7 * 366 * 86_400)
    assert (skewed.swept, years.swept, leaves(night, "disposal")) == ({}, {}, [])
    night.edit_dpia(f"reviewBy: {clock.today() + timedelta(days=180)}", f"reviewBy: {clock.today()}")
    gone = turned(night, "indexed")
    assert (gone.exit_code, landed(night)) == (11, before)
    assert gone.error is not None
    assert gone.error.code == "E702"
    stopped = [(leaf["run"], leaf["code"]) for leaf in leaves(night, "stopped")]
    assert stopped[4:] == [(gone.run_id, "E702")] * 2


def test_an_expired_block_stops_the_flow_it_governs_and_the_other_goes_on(night: NightSite) -> None:
    """A policy document lapses at midnight, before its flow is sealed: exit 11, nothing new of it leaves.

    What was sent stays, the log says that it was stopped, and the other flow is delivered.
    """
    before, rows = landed(night), warehouse_rows(night)
    policy_until(night, 0)
    night.drop(a_day_later())
    stopped = turned(night, "planned")
    assert (stopped.exit_code, codes(stopped)) == (11, {"early_help": "E702"})
    assert (state(stopped, "early_help"), state(stopped, "commissioning")) == ("nothing_sent", "remembered")
    new = {path for path in landed(night) if path not in before}
    assert new
    assert not [path for path in new if "early_help" in path]
    kept = {name: found for name, found in warehouse_rows(night).items() if name.startswith("early_help")}
    assert kept == {name: found for name, found in rows.items() if name.startswith("early_help")}
    (leaf,) = leaves(night, "stopped")
    assert (leaf["flow"], leaf["code"], leaf["run"]) == ("early_help", "E702", stopped.run_id)


def test_a_batch_that_was_sealed_in_time_waits_once_its_flow_is_out_of_force(night: NightSite) -> None:
    """Sealed yesterday, not delivered, and today the policy document has lapsed: it stays in the outbox.

    Once the document is renewed, the same bytes go.
    """
    policy_until(night, 0)
    night.drop(a_day_later())
    before = landed(night)
    summary = turned(night, "sealed")
    assert codes(summary)["early_help"] == "E702"
    assert state(summary, "early_help") == "sealed"
    (waiting,) = Path(night.site.var / "state" / "outbox" / "early_help").iterdir()
    manifest = (waiting / "manifest.json").read_bytes()
    policy_until(night, -1)
    again = night.night()
    assert again.exit_code == 11
    assert [flow.error.code for flow in again.earlier if flow.error] == ["E702"]
    assert not [path for path in landed(night) if path not in before and "early_help" in path]
    policy_until(night, 90)
    night.night()
    assert manifest in {content for path, content in landed(night).items() if "early_help" in path}


def test_what_is_coming_is_told_at_90_30_and_7_days_with_what_it_stops(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys, registers, the assessment: in status, in check, which it does not fail, on the page.

    Each command of the page on what to do about them is typed here.
    """
    policy_until(night, 5)
    with_json = json.loads(said("status --json", night, capsys)[0])
    days = {day["path"]: day for day in with_json["days"]}
    assert days[RULE]["within"] == 7
    assert (days[RULE]["days_left"], days[RULE]["flows"]) == (5, ["early_help"])
    assert any("policy document of domestic-abuse-support" in need for need in with_json["needs"])
    assert {day["within"] for day in days.values()} >= {7, 90}
    assert "registers/rights/objections" in days
    with clock.frozen(clock.now() + timedelta(days=340)):
        later = json.loads(said("status --json", night, capsys)[0])
    keys = [day for day in later["days"] if day["path"].startswith("keys/")]
    assert {day["path"]: (day["within"], day["stops"]) for day in keys} == {
        **dict.fromkeys(("keys/council", "keys/signing"), (30, "file")),
        **dict.fromkeys(("keys/pseudonym-early_help", "keys/pseudonym-commissioning"), (30, "nothing")),
    }
    beside = night.site.dpia.with_name("new.yaml")
    beside.write_bytes(night.site.dpia.read_bytes())
    look, check, dpia = re.findall(r"(?m)^ *python run_sync\.py (.+)$", PAGE.read_text(encoding="utf-8"))
    words = "the last day for the review of the policy document of domestic-abuse-support-early-help"
    out, told = said(look, night, capsys)
    assert words in " ".join((out + told).split())
    out, told = said(check, night, capsys)
    assert f"{words} is {clock.today() + timedelta(days=5)}, in 5 days; after it" in told
    said(dpia.replace("new.yaml", str(beside)), night, capsys)


def typed(command: str, night: NightSite) -> int:
    """Return the exit code of a verb on this site."""
    try:
        return carry_out(lambda: commands._named(["--site", str(night.folder), *shlex.split(command)]))
    finally:
        log.shut()


def said(command: str, night: NightSite, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Return what a verb, which must succeed, wrote for programs and for people."""
    code = typed(command, night)
    told = capsys.readouterr()
    assert code == 0, told.err
    return told.out, told.err


def test_a_run_under_a_waiver_says_so_wherever_a_run_is_told_of(night: NightSite) -> None:
    """The review of the policy document was missed, and two people waived it: the flow runs."""
    from commands.pages import build_pages

    policy_until(night, -3)
    day, end = clock.today() - timedelta(days=1), clock.today() + timedelta(days=20)
    night.edit_dpia(
        "waivers: []\n",
        f"waivers:\n  - {{id: W1, rule: {RULE}, reason: The review is under way, approvedOn: {day}, "
        f"expiresOn: {end}, approvedBy: [{{by: A. Example, role: Caldicott guardian}}, "
        "{by: B. Example, party: hub}]}\n",
    )
    night.drop(a_day_later())
    summary = night.night()
    assert codes(summary) == {}
    assert summary.to_json()["waivers"] == [{"id": "W1", "rule": RULE, "until": end.isoformat()}]
    (leaf,) = leaves(night, "waived")
    assert (leaf["waiver"], leaf["rule"], leaf["until"]) == ("W1", RULE, end.isoformat())
    said = json.loads((night.site.var / "statements" / f"{summary.run_id}.json").read_bytes())
    assert said["figures"]["waivers_used"] == ["W1"]
    build_pages(night.site)
    page = (night.site.var / "reports" / "operator" / "index.html").read_text(encoding="utf-8")
    assert f"<td>{in_words(end)}</td>" in page
    assert "Days that are coming" in page
    assert "A. Example" not in page
    assert asked(night) is None
    with clock.frozen(datetime.combine(end, time(23), clock.LONDON)):
        assert asked(night) is None
    with clock.frozen(datetime.combine(end + timedelta(days=1), time(1), clock.LONDON)):
        assert asked(night) == "E702"


def test_more_than_was_agreed_waits_whole_until_a_person_lets_one_night_through_by_name(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """One row too many, and too soon: exit 23, nothing of the flow leaves.

    The commands of the page on tripwires show it and let it through, once; the log says so.
    """
    agreed = "{frequency: P1D, maxRows: 200000, maxFirstSeenSubjects: 20000}"
    night.edit_dpia(agreed, "{frequency: P7D, maxRows: 1}")
    before, rows = landed(night), warehouse_rows(night)
    night.drop(a_day_later())
    night.sign()
    look, release = re.findall(r"(?m)^ *python run_sync\.py (.+)$", TRIPWIRES.read_text(encoding="utf-8"))
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert typed(look, night) == 23
        told = capsys.readouterr().err
        assert "E832" in told
        assert "the assessment allows 1 a night (maxRows)" in " ".join(told.split())
        assert "by its frequency it sends next on" in " ".join(told.split())
        assert landed(night) == before
        assert typed(release, night) == 1
    accepted = leaves(night, "run")[-1]
    assert (accepted["accepted"], accepted["flows"]) == (["accept_volume"], ["early_help"])
    assert warehouse_rows(night) != rows
    summary = json.loads((night.site.var / "runs" / f"{accepted['run']}.json").read_text(encoding="utf-8"))
    assert summary["flows"][0]["volume_accepted"]["by"] == "Jane Example, data protection officer"
    assert "Jane" not in (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8")


def asked(night: NightSite) -> str | None:
    """Return why early_help may not run at this moment, by its code, as a run asks it."""
    with prepare(night.site, dry_run=True) as place, kept(summary := FlowSummary("early_help", {})):
        require_flow(place, "early_help", Steps())
    return summary.error.code if summary.error else None


def test_a_recipient_s_key_that_is_missing_or_not_the_one_named_seals_nothing(night: NightSite) -> None:
    """An assessment may name the key itself: then no other is sealed to. A label says nothing of a key."""
    public = night.site.keys.public / "council.pub"
    own, label = public.read_text(encoding="utf-8").splitlines()[1], "keyId: council-2026"
    assert asked(night) is None
    night.edit_dpia(label, f"keyId: {own}")
    assert asked(night) is None
    other = str(x25519.Identity.generate().to_public())
    night.edit_dpia(own, other)
    assert asked(night) == "E834"
    night.edit_dpia(other, own)
    public.unlink()
    assert asked(night) == "E405"
