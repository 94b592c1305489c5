"""What Viaduct keeps of itself goes in its time, and what must stay stays."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from audit.log import DisclosureLog
from audit.secrets import PersonSecrets
from audit.verify import verify
from commands.pages import build_pages
from common import clock
from sealing.keys import load_signer, load_verifier
from sync.place import prepare
from sync.run_leaves import log_run
from sync.statements import make_lacking
from sync.sweep import sweep
from tests.nights import NightSite
from tests.released import landed


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def swept(night: NightSite, days: int) -> dict[str, int]:
    """Return what a sweep removes so many days later, where the site alone would keep it for ten years."""
    lax = {"batch_bodies_days": 3650, "run_summaries_days": 3650}
    site = replace(night.site, retention=night.site.retention.model_copy(update=lax))
    with clock.frozen(clock.now() + timedelta(days=days)), prepare(site, dry_run=False) as place:
        log_run(place, [], [], [])
        return sweep(place)


def logged_disposals(night: NightSite) -> list[dict[str, Any]]:
    """Return what the log tells of secrets that were destroyed by their clock."""
    lines = (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    return [leaf for leaf in map(json.loads, lines) if leaf["kind"] == "disposal"]


def test_a_run_killed_before_it_destroys_has_logged_it_and_the_next_says_its_own(night: NightSite) -> None:
    """The log tells first: secrets that are still there although their leaf stands go with the next run."""
    killed = patch.object(PersonSecrets, "destroy_unused", side_effect=KeyboardInterrupt)
    with killed, pytest.raises(KeyboardInterrupt):
        swept(night, 6 * 366 + 1)
    (first,) = logged_disposals(night)
    assert swept(night, 6 * 366 + 2)["person_secrets"] == first["count"]
    assert [leaf["count"] for leaf in logged_disposals(night)] == [first["count"], first["count"]]
    verify(night.site.var / "log", load_verifier("log", night.site.keys.public))


def secrets_kept(night: NightSite) -> int:
    """Return of how many people the log's secrets are kept."""
    with closing(sqlite3.connect(night.site.var / "state" / "people.sqlite")) as people:
        return int(people.execute("SELECT count(*) FROM secret").fetchone()[0])


def test_a_clock_that_leapt_by_years_destroys_nothing_and_the_night_after_it_is_whole(
    night: NightSite,
) -> None:
    """A host that starts seven years ahead has no assessment in force: nothing leaves, and not one secret,
    body or summary goes, though by that clock all had their time. Put right, the next night is like any.
    """
    before, bodies = secrets_kept(night), landed(night)
    runs = {*(night.site.var / "runs").glob("*.json")}
    with clock.frozen(clock.now() + timedelta(days=7 * 366)):
        leapt = night.night()
    assert (leapt.exit_code, leapt.swept) == (11, {})
    assert (secrets_kept(night), landed(night), logged_disposals(night)) == (before, bodies, [])
    assert runs < {*(night.site.var / "runs").glob("*.json")}
    assert night.night().exit_code in {0, 1}
    assert secrets_kept(night) == before
    verify(night.site.var / "log", load_verifier("log", night.site.keys.public))


def close_one_finding(night: NightSite) -> None:
    store = night.site.var / "state" / "findings.sqlite"
    with closing(sqlite3.connect(store)) as findings:
        findings.execute(
            "UPDATE finding SET state = 'closed', ended_at = '2026-01-01T00:00:00Z' WHERE number = 1"
        )
        findings.commit()


def test_sealed_bodies_go_after_their_time_and_manifests_stay(night: NightSite) -> None:
    """Not a day early, by the assessment's word; then every body and no manifest, signature or receipt. The
    log still verifies.
    """
    before = landed(night)
    assert swept(night, 29)["bodies"] == 0
    assert landed(night) == before
    assert swept(night, 31)["bodies"] == 2
    left = landed(night)
    assert set(before) - set(left) == {name for name in before if name.endswith(".parquet.age")}
    assert left == {name: content for name, content in before.items() if name in left}
    assert len([name for name in left if name.endswith("manifest.json")]) == 2
    assert swept(night, 32)["bodies"] == 0
    verify(night.site.var / "log", load_verifier("log", night.site.keys.public))


def test_of_old_runs_and_closed_findings_counts_stay(night: NightSite) -> None:
    """One line of each run and no page, one number per check; open findings, recent runs are not touched."""
    close_one_finding(night)
    (run,) = (night.site.var / "runs").glob("*.json")
    build_pages(night.site)
    index = night.site.var / "reports" / "governance" / "index.html"
    page = index.with_name(f"{run.stem}.html")
    said = json.loads(run.read_bytes())
    with closing(sqlite3.connect(night.site.var / "state" / "findings.sqlite")) as findings:
        every = findings.execute("SELECT count(*) FROM finding").fetchone()[0]
    assert swept(night, 20)["run_summaries"] == 0
    assert page.exists()
    done = swept(night, 800)
    assert (done["run_summaries"], done["closed_findings"]) == (1, 1)
    assert (run.exists(), page.exists(), index.exists()) == (False, False, True)
    (line,) = (night.site.var / "runs" / "kept.jsonl").read_text(encoding="utf-8").splitlines()
    kept = json.loads(line)
    assert (kept["run_id"], kept["exit_code"]) == (said["run_id"], said["exit_code"])
    assert [flow["manifest_sha256"] for flow in kept["flows"]] == [
        flow["manifest_sha256"] for flow in said["flows"]
    ]
    with closing(sqlite3.connect(night.site.var / "state" / "findings.sqlite")) as findings:
        assert findings.execute("SELECT count(*) FROM finding").fetchone()[0] == every - 1
        assert findings.execute("SELECT sum(findings) FROM swept").fetchone()[0] == 1
    assert swept(night, 800)["run_summaries"] == 0


def test_after_its_time_a_statement_goes_and_is_not_made_again(night: NightSite) -> None:
    """Not a day early, all three files; a run of that day makes no statement of what is past its time."""
    (run,) = (path.stem for path in (night.site.var / "statements").glob("*.txt"))
    assert swept(night, 2191)["statements"] == 0
    assert swept(night, 2193)["statements"] == 1
    with clock.frozen(clock.now() + timedelta(days=2193)):
        signer = load_signer("log", night.site.keys.private)
        log = DisclosureLog(night.site.var / "log", signer)
        made = make_lacking(night.site, log, since=clock.now() - timedelta(days=2192))
    assert len(made) == 2
    assert run not in {path.stem for path in (night.site.var / "statements").iterdir()}


def test_after_the_period_of_the_log_its_secrets_are_destroyed_and_the_log_verifies(night: NightSite) -> None:
    """Six years after a batch last told of them nobody can say whom the tags mean; the tree stays."""
    path = night.site.var / "state" / "people.sqlite"
    with closing(sqlite3.connect(path)) as people:
        secrets = [secret for (secret,) in people.execute("SELECT secret FROM secret").fetchall()]
    assert len(secrets) > 100
    assert swept(night, 6 * 365)["person_secrets"] == 0
    assert swept(night, 6 * 366 + 1)["person_secrets"] == len(secrets)
    content = path.read_bytes()
    assert not [secret for secret in secrets if secret in content]
    (leaf,) = logged_disposals(night)
    assert (leaf["what"], leaf["count"]) == ("person_secrets", len(secrets))
    assert swept(night, 6 * 366 + 2)["person_secrets"] == 0
    assert logged_disposals(night) == [leaf]
    verify(night.site.var / "log", load_verifier("log", night.site.keys.public))
