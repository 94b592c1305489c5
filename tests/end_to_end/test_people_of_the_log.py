"""Of whom a batch told: the log commits to every row about every person, and names nobody."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.errors import DisclosureLogBroken
from audit.proofs import ProvablePeople
from audit.secrets import PersonSecrets, row_secrets, tags
from audit.verify import verify
from demo.sample import Sample
from sealing import keys
from sharing.release import release
from sync.digests import packed
from sync.place import look
from tests.nights import NightSite
from tests.released import FLOWS, Council, opened
from tests.small_sample import a_day_later

ABOUT_NOBODY = {"organisation", "service"}


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def leaves_of(night: NightSite, flow: str, sequence: int) -> list[dict[str, Any]]:
    """Return the leaves of the people that the batch tells of."""
    path = night.site.var / "log" / "people" / flow / f"{sequence:08d}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def batch_leaf(night: NightSite, flow: str, sequence: int) -> dict[str, Any]:
    """Return the batch's own leaf."""
    lines = (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    return next(
        leaf
        for leaf in map(json.loads, lines)
        if (leaf["kind"], leaf.get("flow"), leaf.get("seq")) == ("batch", flow, sequence)
    )


@pytest.mark.parametrize("flow", FLOWS)
def test_the_leaves_tell_of_every_row_about_a_person_and_of_no_other(settled: NightSite, flow: str) -> None:
    """Their rows add up to those of the files; organisations and services are about nobody."""
    leaves, told = leaves_of(settled, flow, 1), batch_leaf(settled, flow, 1)
    rows = sum(file["rows"] for file in told["files"] if file["entity"] not in ABOUT_NOBODY)
    assert sum(leaf["rows"] for leaf in leaves) == rows > 100
    assert told["people"]["leaves"] == len(leaves)


def test_one_person_s_leaf_is_worked_out_again_from_what_the_council_opened(
    settled: NightSite, sample: Sample
) -> None:
    """With the person's secret alone: tag, rows and content; without it nothing in the log is theirs."""
    person = next(
        row["Org Person ID"]
        for row in sample.sources["hub"]["people"]
        if Council(settled).row("early_help", "person", "hub", row["Org Person ID"]) is not None
    )
    with look(settled.site) as place:
        digest = place.digest
        who = pl.DataFrame({"_source": ["hub"], "_person": [person]}).select(digest.person()).to_series()
        secret = PersonSecrets(settled.site.var / "state" / "people.sqlite").find(packed(who)[0])
    assert secret is not None
    name = next(
        path.parent.name for path in Path(str(settled.site.landing)).glob("early_help/*/manifest.json")
    )
    batch = f"early_help/{name}"
    held = pl.Series([secret])
    tag, rows_from = tags(held, batch, "upsert")[0], row_secrets(held, batch)
    commitments = []
    for path, table in opened(settled).items():
        entity = Path(path).name.split("-")[0]
        if path.startswith(batch) and entity not in ABOUT_NOBODY:
            for index in mine(settled, sample, entity, table, person):
                row = release("early_help", entity, table[index : index + 1])
                commitments += row.commitments(rows_from, "upsert").to_list()
    leaf = next(one for one in leaves_of(settled, "early_help", 1) if one["subject"] == tag.hex())
    joined = b"".join(sorted(commitments))
    assert (leaf["rows"], leaf["content"]) == (
        len(commitments),
        hashlib.sha256(joined).hexdigest(),
    )
    kept = (settled.site.var / "log" / "people" / "early_help" / "00000001.jsonl").read_text().splitlines()
    proof = ProvablePeople(kept).told(tag.hex())
    assert proof is not None
    assert proof.holds(bytes.fromhex(batch_leaf(settled, "early_help", 1)["people"]["root"]))


def mine(night: NightSite, sample: Sample, entity: str, table: pl.DataFrame, person: str) -> list[int]:
    """Return which rows of an opened file are the person's, by the references in the exports."""
    references = {person} | {
        cell
        for rows in sample.sources["hub"].values()
        for row in rows
        if row.get("Org Person ID") == person
        for cell in row.values()
    }
    keyed = set(Council(night).keys("early_help", entity, "hub", sorted(references)))
    key = table.columns[0]
    return [at for at, value in enumerate(table[key].to_list()) if value in {one.bytes for one in keyed}]


def test_what_is_withdrawn_is_told_of_its_person_too(again: Callable[[], NightSite]) -> None:
    """People who vanished have leaves of the second batch, under tags that the first one does not hold."""
    night = again()
    night.drop(a_day_later())
    night.night()
    leaves, told = leaves_of(night, "commissioning", 2), batch_leaf(night, "commissioning", 2)
    gone = sum(
        file["rows"]
        for file in told["files"]
        if file["operation"] == "withdraw" and file["entity"] not in ABOUT_NOBODY
    )
    assert sum(leaf["rows"] for leaf in leaves if leaf["operation"] == "withdraw") == gone > 0
    first = {leaf["subject"] for leaf in leaves_of(night, "commissioning", 1)}
    assert not first & {leaf["subject"] for leaf in leaves}


def test_a_changed_removed_or_added_leaf_of_a_person_is_found(again: Callable[[], NightSite]) -> None:
    """The batch's own leaf commits to them all: exit 60, naming the file; untouched, the log verifies."""
    night = again()
    verifier = keys.load_verifier("log", night.site.keys.public)
    verify(night.site.var / "log", verifier)
    path = night.site.var / "log" / "people" / "early_help" / "00000001.jsonl"
    kept = path.read_bytes()
    lines = kept.splitlines(keepends=True)
    flipped = io.BytesIO(kept)
    flipped.seek(15)
    flipped.write(b"0" if kept[15:16] != b"0" else b"1")
    for changed in (flipped.getvalue(), b"".join(lines[1:]), kept + lines[0], b"", kept[:-1]):
        path.write_bytes(changed)
        with pytest.raises(DisclosureLogBroken) as caught:
            verify(night.site.var / "log", verifier)
        assert "people/early_help/00000001.jsonl" in str(caught.value)
    path.unlink()
    with pytest.raises(DisclosureLogBroken):
        verify(night.site.var / "log", verifier)


def test_a_dry_run_makes_no_secret(again: Callable[[], NightSite], sample: Sample) -> None:
    """It tells nobody of anybody, so nobody new is in the table of secrets."""
    night = again()
    table = night.site.var / "state" / "people.sqlite"
    before = table.read_bytes()
    night.drop(a_day_later())
    night.night(dry_run=True)
    assert table.read_bytes() == before
