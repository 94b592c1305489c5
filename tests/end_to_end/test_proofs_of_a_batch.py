"""Nothing else was in a batch, the log only grew, somebody else saw it: proved, and refused if untrue."""

import json
import re
import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

from audit import standalone_proof
from tests.asked_of_the_log import audit, json_of, written
from tests.nights import NightSite
from tests.released import FLOWS, opened

NUMBERS = re.compile(r"which sent ([\d,]+) rows; opens those of ([\d,]+) of the ([\d,]+) people")
NAME = ("--name", "charity.example/witness")


@pytest.fixture
def site(two_nights: NightSite, tmp_path: Path) -> NightSite:
    """Return a copy of the site of three nights, free to be changed."""
    shutil.copytree(two_nights.folder, tmp_path / "site")
    return NightSite(tmp_path / "site")


@pytest.mark.parametrize("flow", FLOWS)
def test_every_row_of_a_batch_is_committed_to_by_one_person_s_leaf(
    two_nights: NightSite, tmp_path: Path, flow: str
) -> None:
    """The second batch of each flow: what was sent and taken back, counted from the opened files."""
    path = tmp_path / "opening.parquet"
    assert audit(two_nights, "prove", "rows", flow, "2", "--out", str(path))[0] == 0
    told = json.loads(json_of(two_nights, "prove", "file", flow, "2", "--opening", str(path)))
    files = {name: table for name, table in opened(two_nights).items() if name.startswith(told["batch"])}
    assert len(files) == told["files"]
    assert sum(table.height for table in files.values()) >= sum(told["rows"].values())
    assert told["rows"]["sent"] > 0
    assert told["rows"]["taken_back"] > 0


def test_a_row_more_a_row_of_another_or_another_file_is_found(site: NightSite, tmp_path: Path) -> None:
    """An opening that lacks a record or gives it to somebody else; what was taken back is not guessed."""
    path = tmp_path / "opening.parquet"
    words = ("prove", "file", "commissioning", "2", "--opening", str(path))
    assert audit(site, "prove", "rows", "commissioning", "2", "--out", str(path))[0] == 0
    table = pl.read_parquet(path)
    assert audit(site, *words)[0] == 0
    turned = table.with_columns(pl.col("tag", "row_secret").reverse())
    for wrong in (table.clear(), turned):
        wrong.write_parquet(path)
        code, said = audit(site, *words)
        assert (code, len(said.splitlines())) == (60, 4)
    table.write_parquet(path)
    code, said = audit(site, "prove", "file", "commissioning", "1", "--opening", str(path))
    assert code == 60
    assert "which is not why" in said
    code, said = audit(site, "prove", "rows", "commissioning", "9", "--out", str(path))
    assert (code, len(said.splitlines()), said[:4]) == (60, 4, "E609")
    assert "flow commissioning, batch 9: its batches are 1 to 2." in said
    assert "audit incident --since" in said


def test_a_batch_of_which_rows_were_taken_back_is_not_called_false(site: NightSite, tmp_path: Path) -> None:
    """The first batch, after the second took rows back: not shown, and nobody is told to believe nothing."""
    path = tmp_path / "opening.parquet"
    code, said = audit(site, "prove", "rows", "commissioning", "1", "--out", str(path))
    assert code == 0
    rows, opens, people = (
        int(each.replace(",", "")) for each in NUMBERS.search(" ".join(said.split())).groups()
    )
    first = {name: table for name, table in opened(site).items() if name.startswith("commissioning/00000001")}
    assert rows == sum(table.height for table in first.values())
    assert 0 < opens < people
    code, said = audit(site, "prove", "file", "commissioning", "1", "--opening", str(path))
    assert (code, said[:4], len(said.splitlines())) == (30, "E611", 4)
    assert "neither for it nor against it" in " ".join(said.split())


def test_growth_since_a_kept_checkpoint_is_proved_without_the_log(
    two_nights: NightSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From each kept checkpoint; from another one of the same log the same proof holds nothing."""
    site = two_nights.site
    lines = (site.var / "log" / "checkpoints.jsonl").read_text(encoding="utf-8").splitlines()
    kept, proof = tmp_path / "kept", tmp_path / "proof"

    def ends() -> int | str:
        words = [str(proof), "--keys", str(site.keys.public), "--kept", str(kept)]
        monkeypatch.setattr(sys, "argv", ["x", *words])
        return standalone_proof.main()

    notes = [json.loads(line)["note"] for line in lines]
    for at, note in enumerate(notes[1:], start=1):
        kept.write_text(note, encoding="utf-8")
        assert audit(two_nights, "prove", "growth", "--since", str(kept), "--out", str(proof))[0] == 0
        assert ends() == 0, at
        if at > 1:
            kept.write_text(notes[at - 1], encoding="utf-8")
            assert "another checkpoint" in str(ends())
        kept.write_text(note, encoding="utf-8")
        content = proof.read_text(encoding="utf-8").split("\n")
        if content[1]:
            proof.write_text("\n".join([content[0], *content[2:]]), encoding="utf-8")
            assert ends() != 0, at


def test_a_witness_signs_that_the_log_grew_and_its_signature_is_held_to_the_log(
    site: NightSite, tmp_path: Path
) -> None:
    """Twice, each time from what it signed last; kept and verified; with an old proof it refuses."""
    folder, request, signed = tmp_path / "witness", tmp_path / "request", tmp_path / "cosigned"
    folder.mkdir()
    shutil.copy(site.site.keys.public / "log.pub", folder)
    cosign = ("witness", "cosign", str(request), "--folder", str(folder), *NAME, "--out", str(signed))
    assert audit(site, "prove", "growth", "--out", str(request))[0] == 0
    code, said = audit(site, *cosign)
    assert code == 0, said
    key = next(line for line in said.splitlines() if line.startswith("charity.example/witness+"))
    unknown = audit(site, "witness", "keep", str(signed))[1]
    assert "no witness that is known" in unknown
    assert "on a line of its own in the file witnesses" in unknown
    (site.site.keys.public / "witnesses").write_text(f"{key}\n", encoding="utf-8")
    assert audit(site, "witness", "keep", str(signed))[0] == 0
    form = str(written(tmp_path / "release.yaml"))
    assert audit(site, "person", "nobody", "--source", "hub", "--release", form)[0] == 0
    assert audit(site, *cosign)[0] == 60
    assert audit(site, "prove", "growth", "--since", str(signed), "--out", str(request))[0] == 0
    assert audit(site, *cosign)[0] == 0
    assert audit(site, "witness", "keep", str(signed))[0] == 0
    found = json.loads(json_of(site, "verify"))
    (seen,) = found["witnessed"]
    assert (seen["witness"], seen["size"]) == ("charity.example/witness", found["size"])
    (path,) = sorted((site.site.var / "log" / "witnessed").glob("*.note"))[-1:]
    kept = path.read_bytes()
    path.write_bytes(kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:])
    assert audit(site, "verify")[0] == 60


def test_a_witness_signs_nothing_of_a_log_that_was_written_anew(site: NightSite, tmp_path: Path) -> None:
    """A shorter one, another of the same key, one of another key: each is refused, and nothing is written."""
    from audit.checkpoint import Checkpoint, sign_checkpoint
    from sealing.keys import load_signer
    from sealing.signing import Signer

    folder, request, signed = tmp_path / "witness", tmp_path / "request", tmp_path / "cosigned"
    folder.mkdir()
    shutil.copy(site.site.keys.public / "log.pub", folder)
    cosign = ("witness", "cosign", str(request), "--folder", str(folder), *NAME, "--out", str(signed))
    assert audit(site, "prove", "growth", "--out", str(request))[0] == 0
    assert audit(site, *cosign)[0] == 0
    signed.unlink()
    size = int(request.read_text(encoding="utf-8").split("\n")[3])
    ours, theirs = load_signer("log", site.site.keys.private), Signer(bytes(range(32)))
    for count, signer in ((size - 1, ours), (size, ours), (size + 1, ours), (size, theirs)):
        note = sign_checkpoint(Checkpoint("viaduct/disclosure-log", count, bytes(32)), signer)
        request.write_bytes(f"old {size}\n\n".encode() + note)
        code, said = audit(site, *cosign)
        assert (code, len(said.splitlines())) == (60, 4)
    assert not signed.exists()
