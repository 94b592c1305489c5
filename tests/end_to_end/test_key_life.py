"""Keys from night to night: listed with age and last use, changed, revoked; and what each of it leads to."""

import json
from datetime import timedelta

import pytest

from common import clock
from sealing.revoking import revoke
from tests.end_to_end.test_how_to_commands import typed
from tests.end_to_end.test_rotation_of_batch_keys import council_is, verifies_alone
from tests.nights import NightSite
from tests.released import warehouse_rows
from tests.small_sample import a_day_later


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def test_the_list_tells_age_and_last_use_and_names_what_is_old_or_open_to_others(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key that no run used has no last use; one that is old, or whose rights are wide, is named."""
    assert typed(["keys", "list", "--json"], night) == 0
    found = {key["role"]: key for key in json.loads(capsys.readouterr().out)}
    today = clock.today().isoformat()
    for role in ("signing", "council", "log", "memory", "receipt", "pseudonym-early_help"):
        assert (found[role]["age_days"], found[role]["last_used_on"]) == (0, today), role
    assert found["choices"]["last_used_on"] is None
    assert not any(key["old"] or key["exposed"] or key["revoked"] for key in found.values())
    (night.site.keys.private / "log.key").chmod(0o640)
    aside = night.site.keys.private / "retired" / "v7"
    aside.mkdir(parents=True, mode=0o700)
    (aside / "council.key").write_bytes((night.site.keys.private / "council.key").read_bytes())
    (aside / "council.key").chmod(0o604)
    settings = night.folder / "site.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "\nkeys:\n" in text
    settings.write_text(text.replace("\nkeys:\n", "\nkeys:\n  warn_after_days: 30\n"), encoding="utf-8")
    with clock.frozen(clock.now() + timedelta(days=30)):
        assert typed(["keys", "list"], night) == 0
    said = capsys.readouterr()
    changed = [role for role in found if role not in {"log", "memory", "choices", "witness"}]
    assert said.err.count("30 days old, and the site says 30") == len(changed) < len(found)
    assert "Role log: 30 days old" not in said.err
    assert "Role log: others may read its private part" in said.err
    assert "Role council, v7: others may read its private part" in said.err
    secrets = [path.read_text().splitlines()[1] for path in night.site.keys.private.glob("*.key")]
    assert not any(secret in said.out + said.err for secret in secrets)


def test_a_leaked_council_key_is_revoked_and_what_was_sealed_to_it_is_refused_and_sent_again(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a batch is on its way the sync side waits (E412). The council side, told of the leak, refuses the
    batch unopened; the next night seals the same records to the new key, and nothing is lost.
    """
    rows = warehouse_rows(night)
    council_is(night, "elsewhere")
    night.drop(a_day_later())
    assert {flow.state for flow in night.night().flows} == {"delivered"}
    council_is(night, "embedded")
    assert typed(["keys", "rotate", "council"], night) == 0
    capsys.readouterr()
    assert typed(["keys", "revoke", "council", "--version", "1"], night) == 40
    assert "E412" in capsys.readouterr().err
    revoke("council", 1, night.site.keys.private, night.site.keys.public)  # the council's own machine
    assert typed(["load", "--json"], night) == 51
    assert capsys.readouterr().out.count("other_recipient") == 2
    assert warehouse_rows(night) == rows
    assert typed(["keys", "rotate", "receipt"], night) == 0
    assert typed(["keys", "revoke", "receipt", "--version", "1"], night) == 40, "its answers are on their way"
    assert "E412" in capsys.readouterr().err
    assert typed(["run", "--json"], night) in {1, 51}
    capsys.readouterr()
    assert typed(["run", "--json"], night) in {0, 1}
    summary = json.loads(capsys.readouterr().out)
    assert {flow["state"] for flow in summary["flows"]} <= {"remembered", "nothing_sent"}
    assert warehouse_rows(night) != rows
    assert typed(["keys", "revoke", "council", "--version", "1"], night) == 0
    assert typed(["keys", "revoke", "receipt", "--version", "1"], night) == 0
    assert typed(["audit", "verify"], night) == 0
    assert verifies_alone(night, night.site.keys.public)[0] == 0
    answer = min((night.folder / "var").glob("landing/receipts/*/00000001.json"))
    given = answer.read_bytes()
    answer.unlink()
    assert typed(["load"], night) == 0
    assert answer.read_bytes() == given, "left again as it is, under the key of before"


def test_a_party_whose_key_is_revoked_has_signed_nothing_that_may_run(
    night: NightSite, capsys: pytest.CaptureFixture[str]
) -> None:
    """The assessment in force lacks its signature from that moment on, and no run sends anything."""
    role = next(path.stem for path in sorted(night.site.keys.public.glob("controller-*.pub")))
    assert typed(["keys", "revoke", role], night) == 0
    assert "counts under no assessment in force" in capsys.readouterr().err
    assert typed(["run"], night) == 11
    assert "E705" in capsys.readouterr().err
    assert typed(["keys", "list"], night) == 0
    assert f"Revoked on {clock.today()}: role {role}, version 1." in capsys.readouterr().err
    assert typed(["keys", "revoke", "memory"], night) == 40
