"""The record of processing says what was sent, added up from the log, beside what is declared."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.errors import DisclosureLogBroken
from commands.documents import build_documents, folder_of
from sharing import load_dpia
from sharing.flow import SOURCE_COLUMN
from sharing.telling import Opened
from sharing.telling.observed import Observed, held_against, undeclared
from sync.filled import FEWEST
from sync.observed import observed_flows
from tests.nights import NightSite
from tests.released import opened
from tests.unit.sharing.records import example


def record(night: NightSite) -> dict[str, Any]:
    """Return the record as its data stand beside its page, made now."""
    build_documents(night.site)
    path = folder_of(night.site) / "record_of_processing.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_what_was_observed_is_what_the_runs_say_and_the_landing_zone_holds(
    two_nights: NightSite, tmp_path: Path
) -> None:
    """Three nights: batches as there are manifests, rows as the manifests count them, days as the runs'."""
    copy = NightSite(tmp_path / "site")
    shutil.copytree(two_nights.folder, copy.folder)
    said = record(copy)
    assert said["looked_at"] is True
    head = said["assessment"]
    assert (head["in_force"], head["lacking"], len(head["signed_by"])) == (True, [], 4)
    for flow, seen in said["observed"].items():
        manifests = [
            json.loads(path.read_bytes()) for path in copy.site.landing.glob(f"{flow}/*/manifest.json")
        ]
        files = [file for manifest in manifests for file in _inner(manifest)["files"]]
        assert seen["batches"] == len(manifests) == 2
        assert seen["nights"] == 3
        assert seen["receipts"] == len(list(copy.site.landing.glob(f"receipts/{flow}/*.json")))
        assert seen["rows_sent"] == sum(f["rows"] for f in files if f["operation"] == "upsert") > 100
        assert seen["rows_withdrawn"] == sum(f["rows"] for f in files if f["operation"] == "withdraw")
        assert (seen["undeclared"], seen["undeclared_entities"]) == ([], [])
        declared = load_dpia(copy.site.dpia).flow(flow)
        sent = {file["entity"] for file in files if file["operation"] == "upsert" and file["rows"]}
        assert set(seen["never_sent"]) == set(declared.fields) - sent
        columns = filled_in(copy, flow)
        assert seen["fields"] == sum(map(len, columns.values())) > 20
        may_leave = [
            f"{entity}.{decided.to if decided.action.value == 'generalise' else name}"
            for entity in declared.fields
            for name, decided in declared.decisions(entity).items()
            if decided.action.value != "drop"
        ]
        assert seen["fields_declared"] == len(may_leave)
        looked_into = [name for name in may_leave if name.split(".")[0] in columns]
        assert seen["never_filled"] == [
            name for name in looked_into if name.split(".")[1] not in columns[name.split(".")[0]]
        ]
        assert set(seen["not_looked_into"]) == sent - columns.keys()
        runs = [json.loads(path.read_bytes()) for path in (copy.site.var / "runs").glob("*.json")]
        assert seen["last_on"] in {run["started_at"][:10] for run in runs}
    page = (folder_of(copy.site) / "record_of_processing.html").read_text(encoding="utf-8")
    assert "Nothing was sent that is not declared." in page
    assert "not observed yet" not in page


def filled_in(night: NightSite, flow: str) -> dict[str, set[str]]:
    """Return the columns with a value in the files that were sealed, where ten people or more are in them."""
    found: dict[str, set[str]] = {}
    files = {path: table for path, table in opened(night).items() if path.startswith(f"{flow}/")}
    for batch in {path.split("/")[1] for path in files}:
        sent = [(path, table) for path, table in files.items() if f"/{batch}/" in path and table.width > 1]
        for entity in {path.split("/")[2].rsplit("-", 1)[0] for path, _ in sent}:
            rows = pl.concat([table for path, table in sent if f"/{entity}-" in path])
            people = rows["person_id"] if "person_id" in rows.columns else rows.to_series(0)
            if people.n_unique() >= FEWEST:
                columns = {name for name in rows.columns if rows[name].count() and name != SOURCE_COLUMN}
                found.setdefault(entity, set()).update(columns)
    return found


def _inner(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest.get("manifest", manifest)
    return found


def test_before_the_first_night_nothing_is_observed_and_the_page_says_so(tmp_path: Path) -> None:
    """Without a log there is nothing to add up."""
    assert observed_flows(tmp_path) == {}


@pytest.mark.parametrize(
    ("was", "becomes"), [(b'"kind":"batch"', b'"kind":"batch'), (b'"seq"', b'"at":3,"seq"')]
)
def test_a_leaf_that_cannot_be_read_is_told_and_not_passed_over(
    night: NightSite, was: bytes, becomes: bytes
) -> None:
    """A batch's leaf is damaged: no number is shown, and the page says what to type."""
    path = night.site.var / "log" / "leaves.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(was, becomes, 1))
    with pytest.raises(DisclosureLogBroken):
        observed_flows(path.parent)
    assert record(night)["looked_at"] is False
    page = (folder_of(night.site) / "record_of_processing.html").read_text(encoding="utf-8")
    assert "the log cannot be read: python run_sync.py audit verify" in page


def test_a_field_that_was_sent_and_is_not_declared_is_found() -> None:
    """A field more, a field treated otherwise, and an entity nobody named: each is listed."""
    flow = example().flow("commissioning")
    sent = {
        "person": {"person_id": "pseudonymise", "given_name": "disclose"},
        "referral": {"status": "pseudonymise"},
        "risk": {"level": "disclose"},
    }
    assert undeclared(flow, sent) == ["person.given_name", "referral.status", "risk.level"]
    day = date(2026, 11, 1)
    seen = Observed(1, 1, 0, day, day, 0, {"risk": 3, "person": 0}, ("age1",), {example().sha256: sent})
    told = held_against(Opened(example(), day), flow, seen)
    assert told is not None
    assert (len(told["undeclared"]), told["undeclared_entities"]) == (3, ["risk"])
    assert set(told["never_sent"]) == set(flow.fields)
