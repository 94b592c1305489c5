"""`audit verify`: kept checkpoints, manifests, receipts and assessments are those that the log tells of."""

import json
import shutil
from pathlib import Path

import pytest

from audit.checkpoint import Checkpoint, sign_checkpoint
from sealing.keys import load_signer
from tests.asked_of_the_log import audit, json_of
from tests.nights import NightSite


@pytest.fixture
def site(two_nights: NightSite, tmp_path: Path) -> NightSite:
    """Return a copy of the site of three nights, free to be changed."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    return NightSite(tmp_path / "site")


def notes(night: NightSite) -> list[str]:
    """Return every checkpoint ever signed, from the empty log on."""
    lines = (night.site.var / "log" / "checkpoints.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["note"] for line in lines]


def refused(night: NightSite, *words: str) -> str:
    """Return what `audit verify` says when it ends with 60: four lines."""
    code, said = audit(night, "verify", *words)
    assert code == 60, said
    assert len(said.splitlines()) == 4
    return said


def test_what_lies_elsewhere_is_counted_once_it_fits(two_nights: NightSite) -> None:
    """Four batches of two nights, their receipts, and the one assessment."""
    found = json.loads(json_of(two_nights, "verify"))
    assert found["landing"] == "read"
    agreed = found["agreed"]
    assert agreed == {
        "manifests": 4,
        "receipts": 4,
        "waiting": 0,
        "assessments": 1,
        "assessments_not_kept": 0,
    }


def test_the_log_begins_with_what_every_kept_checkpoint_signed(two_nights: NightSite, tmp_path: Path) -> None:
    """From the first leaf to the last: each proves its consistency; none proves anything of no leaf."""
    kept = tmp_path / "kept"
    for note in notes(two_nights)[1:]:
        kept.write_text(note, encoding="utf-8")
        said = json.loads(json_of(two_nights, "verify", "--since", str(kept)))["since"]
        assert [one["size"] for one in said] == [int(note.split("\n")[1])]
    kept.write_text(notes(two_nights)[0], encoding="utf-8")
    assert "before the first leaf" in refused(two_nights, "--since", str(kept))


def test_a_log_that_was_rolled_back_or_written_anew_is_not_the_one_somebody_kept(
    site: NightSite, two_nights: NightSite, tmp_path: Path
) -> None:
    """A shorter log, another log of our own key, a note of another key: each is refused in four lines."""
    kept, newest = tmp_path / "kept", notes(two_nights)[-1]
    signer = load_signer("log", site.site.keys.private)
    kept.write_bytes(sign_checkpoint(Checkpoint("viaduct/disclosure-log", 5, bytes(32)), signer))
    assert "not those that it signed" in refused(two_nights, "--since", str(kept))
    kept.write_text(newest.replace("\n", "\n1", 1), encoding="utf-8")
    assert "not a checkpoint" in refused(two_nights, "--since", str(kept))
    log = site.site.var / "log"
    earlier = notes(site)[:-2]
    size = int(earlier[-1].split("\n")[1])
    for name, count in (("leaves.jsonl", size), ("checkpoints.jsonl", len(earlier))):
        lines = (log / name).read_bytes().splitlines(keepends=True)
        (log / name).write_bytes(b"".join(lines[:count]))
    (log / "checkpoint").write_text(earlier[-1], encoding="utf-8")
    assert audit(site, "verify")[0] == 0
    kept.write_text(newest, encoding="utf-8")
    assert "some are gone" in refused(site, "--since", str(kept))


def test_a_changed_missing_or_foreign_manifest_is_found(site: NightSite) -> None:
    """A byte of it, of its signature, the file gone, and a batch that the log never told of."""
    batch = min(Path(str(site.site.landing)).glob("early_help/0*"))
    for name in ("manifest.json", "manifest.json.sig"):
        path = batch / name
        kept = path.read_bytes()
        path.write_bytes(kept[:40] + bytes([kept[40] ^ 1]) + kept[41:])
        assert f"batch early_help/{batch.name}" in refused(site)
        path.write_bytes(kept)
    manifest = (batch / "manifest.json").read_bytes()
    (batch / "manifest.json").unlink()
    assert "gone from the landing zone" in refused(site)
    (batch / "manifest.json").write_bytes(manifest)
    shutil.copytree(batch, batch.with_name(batch.name.replace("00000001", "00000009")))
    assert "does not tell of it" in refused(site)


def test_a_changed_or_missing_receipt_is_found(site: NightSite) -> None:
    """A byte of it, or all of it."""
    path = Path(str(site.site.landing)) / "receipts" / "commissioning" / "00000001.json"
    kept = path.read_bytes()
    path.write_bytes(kept[:60] + bytes([kept[60] ^ 1]) + kept[61:])
    assert "receipts/commissioning/00000001.json" in refused(site)
    path.unlink()
    assert "receipts/commissioning/00000001.json" in refused(site)


def test_the_assessment_that_ran_is_kept_with_the_log_and_no_other(site: NightSite) -> None:
    """Under its digest, once for two nights; a changed byte is found, one taken away is counted."""
    (path,) = (site.site.var / "log" / "assessments").glob("*")
    kept = path.read_bytes()
    assert json.loads(kept)["kind"] == "DataProtectionImpactAssessment"
    path.write_bytes(kept[:99] + bytes([kept[99] ^ 1]) + kept[100:])
    assert f"assessments/{path.name}" in refused(site)
    path.unlink()
    assert json.loads(json_of(site, "verify"))["agreed"]["assessments_not_kept"] == 1
