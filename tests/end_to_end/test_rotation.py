"""A flow's key changes: in one run every row stands under its new key, and nothing else is different."""

import shutil
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from commands.status import gather
from common import clock
from demo import nights as later
from demo.sample import Sample
from sealing import rotation
from sealing.errors import KeyUnusable
from sharing import load_dpia
from sync.council import retain_council_side
from sync.errors import KeyTooOld
from sync.place import prepare
from sync.rotation import require_fresh_keys
from sync.sweep import sweep
from tests.nights import NightSite
from tests.released import state, warehouse_rows

FLOW, ROLE = "commissioning", "pseudonym-commissioning"


def flow_of(summary: object, flow: str = FLOW) -> dict[str, object]:
    return next(one for one in summary.to_json()["flows"] if one["flow"] == flow)


def tables(night: NightSite, flow: str) -> dict[str, set[tuple[object, ...]]]:
    """Return the flow's rows, tombstones and provenance left aside."""
    rows = warehouse_rows(night).items()
    return {name: found for name, found in rows if name.startswith(flow) and "withdrawn" not in name}


def swept(night: NightSite, days: int) -> int:
    """Return how many old keys a sweep destroys so many days later."""
    with clock.frozen(clock.now() + timedelta(days=days)), prepare(night.site, dry_run=False) as place:
        return sweep(place)["old_keys"]


def keys_in(found: dict[str, set[tuple[object, ...]]]) -> set[object]:
    return {cell for rows in found.values() for row in rows for cell in row if isinstance(cell, UUID)}


def private(night: NightSite) -> Path:
    return night.site.keys.private


def test_a_rotated_flow_is_what_a_first_load_under_the_new_key_is(
    night: NightSite, sample: Sample, tmp_path: Path
) -> None:
    """One batch: old keys withdrawn, new rows in, children under their parents; no brake, nothing vanished.

    The other flow is not touched. The old key stays while rows stand under it and for its overlap; then no
    byte of it is left.
    """
    secret = rotation.load_version(ROLE, 1, private(night))
    before = {flow: tables(night, flow) for flow in (FLOW, "early_help")}
    assert rotation.rotate(ROLE, private(night)) == 2
    limited = night.night(sources=("hub",))
    assert (state(limited, FLOW), flow_of(limited)["rekeyed"]) == ("nothing_sent", {}), "not all sources"
    assert tables(night, FLOW) == before[FLOW]
    assert swept(night, 40) == 0, "the recipient still has rows under the old key"

    summary = night.night()
    assert state(summary, FLOW) == "remembered", summary.to_json()["errors"]
    assert state(summary, "early_help") == "nothing_sent"
    rows = sum(len(found) for found in before[FLOW].values())
    assert flow_of(summary)["rekeyed"] == {"from": 1, "to": 2, "rows": rows}
    after = tables(night, FLOW)
    assert tables(night, "early_help") == before["early_help"]
    assert {name: len(found) for name, found in after.items()} == {
        name: len(found) for name, found in before[FLOW].items()
    }
    assert len(keys_in(before[FLOW])) == len(keys_in(after)) > 100
    assert not keys_in(before[FLOW]) & keys_in(after), "no old key is left, in no link either"

    fresh = NightSite.of(tmp_path / "fresh", sample)
    # Links of people have their names under the memory key, to which the registers are bound.
    for role in (ROLE, "memory", "choices"):
        shutil.copy(private(night) / f"{role}.key", private(fresh) / f"{role}.key")
    shutil.copytree(night.site.registers, fresh.site.registers, dirs_exist_ok=True)
    fresh.first_night()
    assert after == tables(fresh, FLOW)

    assert swept(night, 29) == 0
    assert rotation.load_version(ROLE, 1, private(night)) == secret
    assert swept(night, 31) == 1
    assert rotation.retired_versions(ROLE, private(night)) == []
    left = b"".join(path.read_bytes() for path in private(night).rglob("*") if path.is_file())
    assert secret.hex().encode() not in left


def test_what_has_expired_rests_under_its_new_key_and_what_vanished_still_brakes(
    night: NightSite, sample: Sample
) -> None:
    """A change of keys sends nothing that the recipient had to remove, and hides no missing export."""
    retain_council_side(night.site, dry_run=False)
    kept = {name: len(found) for name, found in tables(night, "early_help").items()}
    rotation.rotate("pseudonym-early_help", private(night))
    people = sample.table("hub", "people")
    gone = sample
    for row in people[: len(people) * 3 // 4]:
        gone = later.vanish(gone, "hub", "people", row["Org Person ID"])
    night.drop(gone)
    braked = night.night(accept_growth=True)
    assert braked.exit_code == 23, braked.to_json()["errors"]
    assert {name: len(found) for name, found in tables(night, "early_help").items()} == kept
    night.drop(sample)
    summary = night.night()
    assert flow_of(summary, "early_help")["rekeyed"]["to"] == 2
    assert {name: len(found) for name, found in tables(night, "early_help").items()} == kept


def test_a_key_older_than_the_assessment_allows_is_named_to_the_operator(night: NightSite) -> None:
    """From the day after: which flow, since when it was due, and what to type."""
    with clock.frozen(clock.now() + timedelta(days=360)):
        assert not [text for text in gather(night.site, 1)["needs"] if "pseudonym key" in text]
    with clock.frozen(clock.now() + timedelta(days=367)):
        needs = [text for text in gather(night.site, 1)["needs"] if "pseudonym key" in text]
    assert len(needs) == 2
    assert any("keys rotate pseudonym --flow commissioning" in text for text in needs)
    with pytest.raises(KeyUnusable):
        rotation.rotate("signing", private(night))


def test_a_key_that_seals_and_has_outlived_its_age_sends_nothing(night: NightSite) -> None:
    """The council's key was made more than a year ago: exit 11, it is named, and no night is opened."""
    path = night.site.keys.public / "council.pub"
    header, key = path.read_text(encoding="ascii").splitlines()
    dpia = load_dpia(night.site.dpia)
    for days, refused in ((364, False), (367, True)):
        made = (clock.today() - timedelta(days=days)).isoformat()
        path.write_text(f"{header[:-10]}{made}\n{key}\n", encoding="ascii")
        with pytest.raises(KeyTooOld, match=f"council, made on {made}") if refused else nullcontext():
            require_fresh_keys(night.site, dpia)
    assert KeyTooOld.exit_code == 11
