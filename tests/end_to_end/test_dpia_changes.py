"""The assessment is the program: change it, and the next night the warehouse is what it now allows."""

import shutil
from collections.abc import Callable
from datetime import timedelta

import polars as pl
import pytest

from common import clock
from common.errors import ViaductError
from demo import nights as later
from demo.sample import Sample
from tests.nights import NightSite
from tests.released import FLOWS, Council, counts, landed, opened, state, tree, warehouse_rows

Again = Callable[[], NightSite]
PEOPLE = "mappings/charitylog_people.yaml"
COHORT = "cohort: \"person.share_council = 'given'\""
NARROW = "cohort: \"person.share_council = 'given' and person.role_type = 'carer'\""


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def decide(night: NightSite, flow: str, field: str, action: str) -> None:
    """Give one field of a flow another action, in that flow's part of the file alone."""
    path = night.site.dpia
    text = path.read_text(encoding="utf-8")
    before, mark, after = text.partition(f"  - id: {flow}\n    title:")
    lines = after.splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if line.strip().startswith(f"{field}:"))
    old = next(word for word in ("disclose", "drop") if f"action: {word}" in lines[place])
    lines[place] = lines[place].replace(f"action: {old}", f"action: {action}")
    path.write_text(before + mark + "".join(lines), encoding="utf-8")


def test_a_field_taken_out_is_null_in_the_warehouse_and_comes_back_when_it_is_allowed_again(
    night: NightSite,
) -> None:
    """Narrowed: the column stays and is empty, in the same load. Widened: they are sent."""
    before = warehouse_rows(night)
    known = {path for path in opened(night) if "/characteristics" in path}
    decide(night, "commissioning", "employment_status", "drop")
    summary = night.night()
    council = Council(night)
    rows = council.count("commissioning", "characteristics")
    assert council.count("commissioning", "characteristics", "employment_status is not null") == 0
    assert counts(summary, "commissioning") == {"characteristics": {"released": rows}}
    assert state(summary, "early_help") == "nothing_sent"
    new = [table for path, table in opened(night).items() if "/characteristics" in path and path not in known]
    assert len(new) == 1
    assert "employment_status" not in new[0].columns
    decide(night, "commissioning", "employment_status", "disclose")
    again = night.night()
    assert counts(again, "commissioning") == {"characteristics": {"released": rows}}
    assert warehouse_rows(night) == before


def test_a_tightened_cohort_withdraws_at_once_and_a_widened_one_sends_behind_the_brake(
    night: NightSite,
) -> None:
    """Who is no longer in the cohort leaves with all their rows, however many; back, they are sent."""
    before = warehouse_rows(night)
    assert len(before["early_help.person"]) > 50
    night.edit_dpia(COHORT, NARROW)
    summary = night.night()
    assert summary.exit_code == 1
    after = warehouse_rows(night)
    told = next(f for f in summary.to_json()["flows"] if f["flow"] == "early_help")["entities"]
    gone = len(before["early_help.person"]) - len(after["early_help.person"])
    assert told["person"]["withdrawn"] == gone > 50
    assert told["person"]["withdrawn_reasons"] == {"cohort": gone}
    council = Council(night)
    left = {row["person_id"] for row in council.rows("early_help", "person")}
    for entity in ("address", "referral", "need"):
        assert {row["person_id"] for row in council.rows("early_help", entity)} <= left
    assert {n: r for n, r in after.items() if n.startswith("commissioning")} == {
        n: r for n, r in before.items() if n.startswith("commissioning")
    }
    night.edit_dpia(NARROW, COHORT)
    braked = night.night()
    assert braked.exit_code == 23
    assert warehouse_rows(night) == after
    night.night(accept_growth=True)
    back = warehouse_rows(night)
    assert {n: r for n, r in back.items() if "withdrawn" not in n} == {
        n: r for n, r in before.items() if "withdrawn" not in n
    }


def test_outside_its_validity_nothing_runs_and_nothing_changes(night: NightSite, sample: Sample) -> None:
    """Expired: exit 11; not yet in force: exit 11. No file changes but the logs and the note of the run."""
    night.drop(later.change(sample, "hub", "people", sample.table("hub", "people")[0]["Org Person ID"], {
        "Forename": "Zqfornever",
    }))  # fmt: skip
    before = tree(night.folder)
    for days in (500, -5):
        with clock.frozen(clock.now() + timedelta(days=days)):
            assert night.night().exit_code == 11
    changed = {path for path, content in tree(night.folder).items() if before.get(path) != content}
    assert all(path.startswith(("var/runs/", "var/logs/")) for path in changed), changed
    assert set(before) <= set(tree(night.folder))


def test_a_failing_example_stops_the_run_before_anything_is_pulled(night: NightSite) -> None:
    """Exit 30 with its place, what it expected and what came; not one export is opened, nothing changes."""
    example = """
  - id: nobody-who-refused
    given: {person.share_council: refused, person.family_name: Zqexample}
    flow: early_help
    expect: {outcome: PERMIT}
"""
    night.edit_dpia("examples: []", f"examples:{example}")
    night.sign()
    shutil.rmtree(night.folder / "drop")
    before = tree(night.folder)
    summary = night.night(accept_drop=True)
    assert summary.exit_code == 30
    (error,) = summary.errors
    assert "example nobody-who-refused, flow early_help: expected PERMIT, came WITHHOLD (cohort)." in str(
        error
    )
    assert "Nothing was sent." in str(error)
    assert summary.to_json()["sources"] == summary.to_json()["flows"] == []
    changed = {path for path, content in tree(night.folder).items() if before.get(path) != content}
    assert all(path.startswith(("var/runs/", "var/logs/")) for path in changed), changed
    assert not [path for path in changed if b"Zqexample" in (night.folder / path).read_bytes()]


def test_a_paused_flow_stands_still_while_the_other_goes_on(night: NightSite, sample: Sample) -> None:
    """Nothing of it is sent, withdrawn or forgotten; resumed, it catches up."""
    person = next(
        row["Org Person ID"] for row in sample.table("hub", "people")
        if Council(night).row("early_help", "person", "hub", row["Org Person ID"])
    )  # fmt: skip
    before = warehouse_rows(night)
    text = night.site.dpia.read_text(encoding="utf-8")
    head, mark, tail = text.partition("  - id: commissioning\n    title:")
    paused = head + mark + tail.replace("status: active", "status: paused", 1)
    night.site.dpia.write_text(paused, encoding="utf-8")
    night.drop(
        later.change(sample, "hub", "people", person, {"Surname": "Zqsurnew", "Date of Birth": "02/01/1950"})
    )
    summary = night.night()
    assert [flow["flow"] for flow in summary.to_json()["flows"]] == ["early_help"]
    assert counts(summary, "early_help")["person"] == {"released": 1}
    after = warehouse_rows(night)
    assert {n for n in after if after[n] != before[n]} >= {"early_help.person"}
    assert not [n for n in after if n.startswith("commissioning") and after[n] != before[n]]
    night.site.dpia.write_text(text, encoding="utf-8")
    caught_up = night.night()
    assert counts(caught_up, "commissioning")["person"] == {"released": 1}


@pytest.mark.parametrize(
    ("file", "old", "new", "line_of"),
    [
        ("dpia", "    cohort: everyone", "    cohrot: everyone", "cohrot"),
        ("dpia", "    cohort: everyone", "    cohort: everyone\n    cohort: everyone", "cohort: everyone"),
        ("dpia", "{action: disclose, why: \"To see", "{acton: disclose, why: \"To see", "acton"),
        (PEOPLE, "converter: nhs_number", "convertor: nhs_number", "convertor"),
        (PEOPLE, "      uprn: {", "      uprn: {column: UPRN}\n      uprn: {", "uprn"),
        ("sources/hub.yaml", "provider: hub", "provider: hub\nprovder: hub", "provder"),
        ("site.yaml", "name: Stockport (example)", "name: Stockport\nname: Stockport", "name: Stockport"),
        ("site.yaml", "sample: true", "sampel: true", "sampel"),
    ],
)  # fmt: skip
def test_a_misspelt_or_duplicated_key_lets_nothing_leave(
    night: NightSite, sample: Sample, file: str, old: str, new: str, line_of: str
) -> None:
    """Exit 10 with the file and a line; no batch, no change in the warehouse, whichever file it is."""
    path = night.site.dpia if file == "dpia" else night.folder / file
    night.drop(later.vanish(sample, "hub", "contacts", sample.table("hub", "contacts")[0]["Contact ID"]))
    before, warehouse = landed(night), night.site.warehouse.read_bytes()
    database = night.site.warehouse
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    said = refusal(night)
    assert f"{path.name}, line " in said
    lines = path.read_text(encoding="utf-8").splitlines()
    named = {lines[int(part.split(":")[0]) - 1] for part in said.split(", line ")[1:]}
    assert any(line_of in line for line in named), (named, said)
    path.write_text(text, encoding="utf-8")
    assert landed(night) == before
    assert database.read_bytes() == warehouse


def refusal(night: NightSite) -> str:
    """Return the words of a run that must end with exit 10, however early it stopped."""
    try:
        errors: list[ViaductError] = night.night().errors
    except ViaductError as error:
        errors = [error]
    assert max(error.exit_code for error in errors) == 10
    return "\n".join(str(error) for error in errors)


def test_an_unknown_column_is_told_by_its_place_and_goes_nowhere(night: NightSite, sample: Sample) -> None:
    """A column that nobody maps: its place is in the summary, its words are in no file of the site."""
    for person in sample.table("hub", "people"):
        assert "Notes" not in person
    path = night.folder / "drop" / "hub" / "people.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    wider = [f"{header},Notes", *(f"{line},Zqnewsecret" for line in lines)]
    path.write_text("\r\n".join(wider) + "\r\n", encoding="utf-8", newline="")
    summary = night.night(full=True, accept_growth=True)
    hub = next(one for one in summary.to_json()["sources"] if one["source"] == "hub")
    assert hub["unknown_columns"]["people"] == [f"column {header.count(',') + 2}"]
    assert all(state(summary, flow) == "remembered" for flow in FLOWS)
    words = [
        text
        for table in opened(night).values()
        for column in table.columns
        if table[column].dtype == pl.String
        for text in table[column].drop_nulls()
    ]
    assert any(word.startswith("Zqfor") for word in words), "the search must find what did leave"
    assert not [word for word in words if "Zqnewsecret" in word]
    found = [name for name, content in tree(night.site.var).items() if b"Zqnewsecret" in content]
    assert found == []
