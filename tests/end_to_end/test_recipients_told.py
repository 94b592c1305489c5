"""Corrections, erasures, choices: the page tells what warehouse, registers and log tell otherwise."""

import io
import json
import shutil
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import commands
from canonical import ENTITIES, spec
from commands.pages import build_run_pages
from common import clock
from demo.sample import Sample
from sharing import load_dpia
from sharing.choices import Choice
from sync import registering
from sync.governance import readings
from sync.history import last_runs
from sync.place import look
from tests.clients import quiet_client
from tests.nights import PROVENANCE, NightSite
from tests.released import FLOWS, Council
from tests.secret_words import SecretWords

COUNCIL = "Stockport Metropolitan Borough Council"


def told_by(night: NightSite) -> dict[str, Any]:
    """Return the reading of the page."""
    site = night.site
    said = readings(site, list(last_runs(site)), load_dpia(site.dpia, sources=site.sources))
    return said["recipients_told"]


@dataclass(frozen=True)
class Told:
    """A day after three nights one person objects, another is forgotten, and a run follows."""

    night: NightSite
    day: date
    people: tuple[str, str]
    waiting: dict[str, Any]
    said: dict[str, Any]
    withdrawn: dict[str, dict[str, int]]
    files: list[Path]


@pytest.fixture(scope="module")
def told(two_nights: NightSite, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("told") / "site"
    shutil.copytree(two_nights.folder, folder)
    night, people = NightSite(folder), (quiet_client(sample, 2), quiet_client(sample, 9))
    with clock.frozen(clock.now() + timedelta(days=1)):
        with look(night.site) as place:
            which = registering.declared(place)[Choice.OBJECTION]
            registering.add(place, which, registering.people_of(place, "hub", [people[0]]), "")
        forget(night, people[1])
        waiting = told_by(night)
        before = {flow: keys_of(Council(night), flow) for flow in FLOWS}
        night.night()
        gone = {flow: before[flow] - keys_of(Council(night), flow) for flow in FLOWS}
        own = {flow: of_each(Council(two_nights), flow, people) for flow in FLOWS}
        withdrawn = {flow: {who: len(own[flow][who] & gone[flow]) for who in people} for flow in FLOWS}
        assert {flow: sum(counts.values()) for flow, counts in withdrawn.items()} == {
            flow: len(keys) for flow, keys in gone.items()
        }, "nobody else is withdrawn tonight"
        runs = list(last_runs(night.site))
        return Told(night, clock.today(), people, waiting, told_by(night), withdrawn, build(night, runs))


def build(night: NightSite, runs: list[dict[str, Any]]) -> list[Path]:
    """Return the page and its data, as a run writes them."""
    return [path for path in build_run_pages(night.site, runs) if path.stem == "recipients_told"]


def forget(night: NightSite, person: str) -> None:
    """Forget somebody as the data officer does; the reference is piped."""
    asked = [
        "audit",
        "forget",
        "-",
        "--source",
        "hub",
        "--reason",
        "objected",
        "--approved-by",
        "dpo",
        "--yes",
    ]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()):
        patch.setattr("sys.stdin", io.StringIO(f"{person}\n"))
        assert commands._named([*asked, "--yes", "--site", str(night.folder)]) == 0


def keys_of(council: Council, flow: str) -> set[tuple[str, UUID]]:
    """Return every row of the flow that the warehouse has, by entity and key."""
    return {
        (entity, row[spec(entity).key[0]])
        for entity in entities(council, flow)
        for row in council.rows(flow, entity)
    }


def entities(council: Council, flow: str) -> list[str]:
    """Return the entities of which the warehouse has a table for the flow."""
    found = council.night.query(
        f"select table_name from information_schema.tables where table_schema = '{flow}'"
    )
    return [name for (name,) in found if name in ENTITIES]


def of_each(council: Council, flow: str, people: tuple[str, ...]) -> dict[str, set[tuple[str, UUID]]]:
    """Return each person's rows in the flow: their own, those of their cases, and what hangs on those."""
    found, there = {}, entities(council, flow)
    for person in people:
        names = {council.key(flow, "person", "hub", person)}
        mine: set[tuple[str, UUID]] = set()
        for _ in range(3):
            for entity in there:
                key = spec(entity).key[0]
                mine |= {
                    (entity, row[key]) for row in council.rows(flow, entity) if names & set(row.values())
                }
            names |= {key for entity, key in mine if entity in {"person", "referral"}}
        found[person] = mine
    return found


def test_an_objection_is_told_in_every_flow_with_rows_recipient_and_receipt(told: Told) -> None:
    """The rows of the warehouse that went; sealed and loaded on the day; the council by its name."""
    lines = {line["flow"]: line for line in told.said["choices"]}
    assert set(lines) == set(FLOWS)
    for flow, line in lines.items():
        assert (line["choice"], line["choices"], line["state"]) == ("art21_objection", 1, "told")
        assert line["records"] == told.withdrawn[flow][told.people[0]] > 2
        assert line["recipient"] == COUNCIL
        assert line["recorded_on"] == line["sealed_on"] == line["told_on"] == told.day.isoformat()
        assert (line["days"], line["overdue"], line["late"]) == (0, False, False)


def test_an_erasure_waits_until_a_run_has_told_of_it(told: Told) -> None:
    """Before the run each flow waits; after it the rows that went are counted, and what is kept is said."""
    assert {line["state"] for line in told.waiting["erasures"]} == {"not_applied"}
    assert (told.waiting["not_yet_told"], told.said["not_yet_told"]) == (len(FLOWS), 0)
    lines = {line["flow"]: line for line in told.said["erasures"]}
    assert set(lines) == set(FLOWS)
    for flow, line in lines.items():
        assert (line["state"], line["people"], line["reason"]) == ("told", 1, "objected")
        assert line["records"] == told.withdrawn[flow][told.people[1]] > 2
        assert (line["secret"], line["kept_because"]) == ("destroyed", None)


def test_corrections_are_the_rows_that_stand_in_the_warehouse_with_another_content(
    told: Told, settled: NightSite, two_nights: NightSite
) -> None:
    """Ten referrals of another priority the day after, in each flow that lets the priority out."""
    for flow in FLOWS:
        before, after = contents(Council(settled), flow), contents(Council(two_nights), flow)
        changed = sum(after[key] != row for key, row in before.items() if key in after)
        rows = [line["rows"] for line in told.said["corrections"] if line["flow"] == flow]
        assert rows == ([changed] if changed else []), flow
    assert sum(line["rows"] for line in told.said["corrections"]) >= 10
    assert all(line["state"] == "told" for line in told.said["corrections"])
    assert told.said["not_counted"] == 0


def contents(council: Council, flow: str) -> dict[tuple[str, UUID], dict[str, Any]]:
    """Return the rows of a flow by entity and key, provenance left aside."""
    return {
        (entity, row[spec(entity).key[0]]): {k: v for k, v in row.items() if k not in PROVENANCE}
        for entity in entities(council, flow)
        for row in council.rows(flow, entity)
    }


def test_the_page_and_its_data_name_nobody(told: Told, sample: Sample) -> None:
    """Both are private, hold the same numbers, and neither a reference nor a word of any person."""
    words = SecretWords.of(sample)
    assert sorted(path.suffix for path in told.files) == [".html", ".json"]
    for path in told.files:
        said = path.read_bytes()
        assert words.within(said) == set()
        assert not [person for person in told.people if person.encode() in said]
        assert path.stat().st_mode & 0o077 == 0
    (data,) = (path for path in told.files if path.suffix == ".json")
    assert json.loads(data.read_bytes()) == told.said
