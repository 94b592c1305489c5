"""A row that is gone lifts nothing: neither the safety flag nor a refusal, however few rows there were."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.source import Snapshot
from demo.nights import PERSON, _with_tables
from demo.sample import Sample
from sync import pull
from sync.place import Workplace
from sync.summary import SourceSummary, Summary
from tests.clients import quiet_client, sent
from tests.nights import NightSite
from tests.released import Council, warehouse_rows

WHOLE_PULL = pull._pull
NOTHING = {"early_help": {}, "commissioning": {}}
Gone = tuple[NightSite, Sample, int]


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def kept(summary: Summary) -> int:
    """Return how many of the hub's people keep what rows that are gone had said."""
    return next(told.kept for told in summary.sources if told.source == "hub")


def endangered(sample: Sample) -> list[str]:
    """Return the hub's people of whom only a risk tells that they are in danger, or lives with one."""
    return [row[PERSON] for row in sample.table("hub", "risks") if row["Risk"] == "Domestic abuse"]


@pytest.fixture(scope="module")
def risks_gone(settled: NightSite, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Gone:
    """Return a site after a night on which the hub's risks of abuse were gone, and its exit code."""
    folder = tmp_path_factory.mktemp("gone") / "site"
    shutil.copytree(settled.folder, folder)
    night = NightSite(folder)
    rows = [row for row in sample.table("hub", "risks") if row["Risk"] != "Domestic abuse"]
    left = _with_tables(sample, "hub", {"risks": rows})
    night.drop(left)
    summary = night.night()
    assert sent(summary) == NOTHING
    assert kept(summary) >= len(endangered(sample)) > 0
    return night, left, summary.exit_code


def copied(gone: Gone, folder: Path) -> NightSite:
    """Return the site once more, to go on from."""
    shutil.copytree(gone[0].folder, folder)
    return NightSite(folder)


def test_risks_that_are_gone_change_nothing_that_was_shared(
    settled: NightSite, sample: Sample, risks_gone: Gone
) -> None:
    """Every risk of abuse vanishes, fewer than any brake asks: exit 1, and both flows' tables stay."""
    night, _, code = risks_gone
    assert code == 1
    assert warehouse_rows(night) == warehouse_rows(settled)


def test_what_is_kept_is_kept_every_night_and_said(risks_gone: Gone, tmp_path: Path) -> None:
    """The second night after is as the first: nobody gets used to it, and the operator is told."""
    night = copied(risks_gone, tmp_path / "site")
    summary = night.night()
    assert (summary.exit_code, sent(summary)) == (1, NOTHING)
    assert kept(summary) > 0


def test_a_person_may_let_go_of_what_is_gone(risks_gone: Gone, sample: Sample, tmp_path: Path) -> None:
    """With --accept-drop the flag of whom only those risks told goes, and with it the blank address."""
    night = copied(risks_gone, tmp_path / "site")
    blank = {one: Council(night).row("commissioning", "address", "hub", one) for one in endangered(sample)}
    assert all(row["ward"] is None for row in blank.values() if row)
    night.night(accept_drop=True)
    shown = {one: Council(night).row("commissioning", "address", "hub", one) for one in blank}
    assert any(row["ward"] is not None for row in shown.values() if row)
    assert kept(night.night()) == 0


def test_a_record_that_is_there_again_speaks_for_itself(
    risks_gone: Gone, sample: Sample, tmp_path: Path
) -> None:
    """All risks are there again, and two of them say something else: that counts, and nothing is kept."""
    night = copied(risks_gone, tmp_path / "site")
    rows = [dict(row) for row in sample.table("hub", "risks")]
    for row in rows:
        if row["Risk"] == "Domestic abuse":
            row["Risk"] = "Fire"
    night.drop(_with_tables(sample, "hub", {"risks": rows}))
    summary = night.night()
    assert kept(summary) == 0
    assert sent(summary)["commissioning"]["address"]["released"] > 0


def a_part_of_the_hub(place: Workplace, told: SourceSummary, asked: pull.Asked) -> Snapshot | None:
    """Pull as ever, and say of the hub that it was read in part."""
    snapshot = WHOLE_PULL(place, told, asked)
    if snapshot is None or told.source != "hub":
        return snapshot
    told.complete = False
    return replace(snapshot, complete=False)


def test_a_refusal_that_is_gone_does_not_become_an_older_yes(
    settled: NightSite, sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Yes, then no, then only the yes is in the export: nothing of the person is sent to named early help,
    neither on a night that reads everything nor on one that reads a part.
    """
    shutil.copytree(settled.folder, tmp_path / "site")
    night, person = NightSite(tmp_path / "site"), quiet_client(sample)
    rows = sample.table("hub", "consents")
    yes = next(row for row in rows if row[PERSON] == person and row["Purpose"] == "Share with council")
    no = yes | {"Consent ID": "HG999999", "Status": "Refused", "Recorded": "01/12/2022 09:00"}
    night.drop(_with_tables(sample, "hub", {"consents": [*rows, no]}))
    night.night()
    assert Council(night).row("early_help", "person", "hub", person) is None
    night.drop(sample)
    summary = night.night()
    assert Council(night).row("early_help", "person", "hub", person) is None
    assert (summary.exit_code, kept(summary)) == (1, 1)
    with monkeypatch.context() as patch:
        patch.setattr(pull, "_pull", a_part_of_the_hub)
        assert night.night().errors == []
        assert Council(night).row("early_help", "person", "hub", person) is None, "a night that reads a part"
    assert night.night(accept_drop=True).exit_code in {0, 1}
    assert Council(night).row("early_help", "person", "hub", person) is not None


def test_it_is_kept_per_row_and_by_keyed_digests_alone(risks_gone: Gone, sample: Sample) -> None:
    """State: sixteen bytes for a row, sixteen for whom it is about; no reference stands anywhere in it."""
    files = sorted((risks_gone[0].folder / "var/state/safety/proofs").glob("*.parquet"))
    assert [path.stem for path in files] == ["hub"]
    people = [row[PERSON].encode() for source in sample.sources for row in sample.table(source, "people")]
    held = b"".join(path.read_bytes() for path in files)
    assert not [one for one in people if one in held]
