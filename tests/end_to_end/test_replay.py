"""`dpia diff --replay`: what a new assessment would change, against what two real nights let out."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from canonical import spec
from demo.sample import Sample
from sharing import load_dpia
from sync import pull
from sync.replay import Replay, replay, sentences, to_json
from sync.replay.counting import WITHIN, Tally
from tests.nights import ACCEPTED_BY, PROVENANCE, NightSite
from tests.released import tree
from tests.reliability.places import takes_turns

COUNCIL = "Stockport Metropolitan Borough Council"
COHORT = "cohort: \"person.share_council = 'given'\""
CARERS = "cohort: \"person.share_council = 'given' and person.role_type = 'carer'\""
NUMBER = 'nhs_number:               {action: disclose, why: "Matches'
BLANK = '      address.sensitive_location: {means: false, why: "A tick box'
NEWLY, GONE = "newly_disclosed", "no_longer_disclosed"
Rows = dict[bytes, dict[str, Any]]


@dataclass(frozen=True)
class TwoNights:
    """Two assessments, and what the warehouse holds after a real night under each."""

    site: NightSite
    old: Path
    new: Path
    rows_old: dict[str, Rows]
    rows_new: dict[str, Rows]

    def replayed(self, *, back: bool = False) -> Replay:
        """Return the replay from the old to the new, or back."""
        pair = [load_dpia(path) for path in (self.old, self.new)]
        return replay(self.site.site, *(reversed(pair) if back else pair))


def held(night: NightSite) -> dict[str, Rows]:
    """Return every row of the warehouse by its key, per FLOW.ENTITY."""
    with closing(duckdb.connect(str(night.site.warehouse), read_only=True)) as warehouse:
        tables = warehouse.execute(
            "select table_schema, table_name from information_schema.tables where table_schema in"
            " ('early_help', 'commissioning') and table_name not like '%withdrawn%'"
        ).fetchall()
        found = {}
        for flow, entity in tables:
            rows = warehouse.execute(f'select * from {flow}."{entity}"')
            names = [column[0] for column in rows.description or []]
            found[f"{flow}.{entity}"] = {
                row[names.index(spec(entity).key[0])]: {
                    name: value
                    for name, value in zip(names, row, strict=True)
                    if name not in {*PROVENANCE, "source_system"}
                }
                for row in rows.fetchall()
            }
    return found


def two_nights(again: Callable[[], NightSite], *changes: tuple[str, str]) -> TwoNights:
    """Return the settled site under the shipped assessment, and a copy that ran under a changed one."""
    old, new = again(), again()
    for before, after in changes:
        new.edit_dpia(before, after)
    summary = new.night(accept_growth=True, accept_flagged=ACCEPTED_BY)
    assert summary.exit_code == 1, summary.to_json()["errors"]
    return TwoNights(old, old.site.dpia, new.site.dpia, held(old), held(new))


def expected(before: Rows, after: Rows) -> dict[str, Any]:
    """Return how many rows, and fields of rows in both, came and went: worked out from two warehouses."""
    both = before.keys() & after.keys()
    counts: dict[str, Any] = {
        "records": {NEWLY: len(after.keys() - before.keys()), GONE: len(before.keys() - after.keys())},
        "fields": {},
    }
    for name in {name for rows in (before, after) for row in rows.values() for name in row}:
        pairs = [(before[key].get(name), after[key].get(name)) for key in both]
        told = {
            NEWLY: sum(was is None and now is not None for was, now in pairs),
            GONE: sum(was is not None and now is None for was, now in pairs),
            "changed": sum(None not in {was, now} and was != now for was, now in pairs),
        }
        counts["fields"][name] = {change: number for change, number in told.items() if number}
    return {
        "records": {change: number for change, number in counts["records"].items() if number},
        "fields": {name: told for name, told in counts["fields"].items() if told},
    }


def counted(told: Replay, flow: str, entity: str) -> dict[str, Any]:
    """Return the replay's rows of one entity in the shape of `expected`: as counted, small counts too."""
    found: dict[str, Any] = {"records": {}, "fields": {}}
    for (of, change, name), count in tally_of(told, flow).cells.items():
        if of == entity and not name:
            found["records"][change.value] = count.rows
        elif of == entity and not name.startswith(WITHIN):
            found["fields"].setdefault(name, {})[change.value] = count.rows
    return found


def people_of(told: Replay, flow: str) -> dict[str, int]:
    return {
        change.value: count.people for change, count in tally_of(told, flow).people.items() if count.people
    }


def tally_of(told: Replay, flow: str) -> Tally:
    (tally,) = (tally for way, tally in told.tallies.items() if way.flow == flow)
    return tally


@takes_turns(0, of=2)
def test_a_narrowed_field_and_a_changed_cohort_are_counted_as_two_real_nights_have_them(
    again: Callable[[], NightSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row by row and field by field, there and back; a field narrowed there is widened on the way back.

    Back is replayed in three partitions. Whom nobody would be told of any more is who leaves the warehouse.
    """
    nights = two_nights(again, (COHORT, CARERS), (NUMBER, NUMBER.replace("disclose", "drop")))
    before = tree(nights.site.folder)
    there = nights.replayed()
    monkeypatch.setattr(pull, "partitions_for", lambda _: 3)
    back = nights.replayed(back=True)
    assert tree(nights.site.folder) == before
    changed = 0
    for name, rows in nights.rows_old.items():
        flow, entity = name.split(".")
        after = nights.rows_new[name]
        assert counted(there, flow, entity) == expected(rows, after), name
        assert counted(back, flow, entity) == expected(after, rows), name
        changed += expected(rows, after)["records"].get(GONE, 0)
    assert changed > 100
    assert counted(there, "early_help", "person")["fields"]["nhs_number"][GONE] >= 1
    gone = len(nights.rows_old["early_help.person"]) - len(nights.rows_new["early_help.person"])
    assert people_of(there, "early_help") == {GONE: gone}
    assert people_of(back, "early_help") == {NEWLY: gone}
    assert people_of(there, "commissioning") == {}


@takes_turns(1, of=2)
def test_a_changed_safety_rule_and_a_flow_that_goes_or_comes_are_counted_with_the_endangered_first(
    again: Callable[[], NightSite],
) -> None:
    """A blank that proves nothing any more endangers more people: who they are is told by no line."""
    pause = "    title: What was done and what came of it, to the commissioners, under pseudonyms\n"
    nights = two_nights(again, (BLANK, f"#{BLANK}"))
    paused = nights.new.with_name("paused.yaml")
    text = nights.new.read_text(encoding="utf-8")
    head, mark, tail = text.partition(pause)
    paused.write_text(head + mark + tail.replace("status: active", "status: paused", 1), encoding="utf-8")
    site, old = nights.site.site, load_dpia(nights.old)
    there = replay(site, old, load_dpia(paused))
    back = replay(site, load_dpia(paused), old)
    assert there.flagged[1] > there.flagged[0] > 0
    assert back.flagged == (there.flagged[1], there.flagged[0])
    for name, rows in nights.rows_old.items():
        flow, entity = name.split(".")
        after = nights.rows_new[name] if flow == "early_help" else {}
        assert counted(there, flow, entity) == expected(rows, after), name
        assert counted(back, flow, entity) == expected(after, rows), name
    whole = len(nights.rows_old["commissioning.person"])
    assert people_of(there, "commissioning") == {GONE: whole}
    assert people_of(there, "early_help") == {}
    said = list(sentences(there))
    assert f"commissioning, to {COUNCIL}: no longer runs" in said
    assert f"commissioning, to {COUNCIL}: a new flow" in list(sentences(back))
    withdrawn = next(line for line in said if line.startswith("  would withdraw person of"))
    assert " under the safety flag, from Stockport" in withdrawn
    assert not any("address.ward" in line for line in said), "it would be emptied for fewer than eight"
    words = "\n".join([*said, json.dumps(to_json(there))])
    assert "Zq" not in words
    assert "SK" not in words.replace("SK1", "")


def test_a_source_that_cannot_be_read_is_told_and_left_out_as_in_a_run(
    night: NightSite, sample: Sample
) -> None:
    """Its exit code is a run's; the other sources are counted, and nothing is written."""
    for path in (night.folder / "drop" / "community_support").glob("*.csv"):
        path.unlink()
    before = tree(night.folder)
    dpia = load_dpia(night.site.dpia)
    told = replay(night.site, dpia, dpia)
    assert told.exit_code in {20, 22}
    said = to_json(told)
    assert {one["source"]: one["outcome"] for one in said["sources"]} == {
        "community_support": "refused", "domestic_abuse_support": "done", "hub": "done",
    }  # fmt: skip
    assert len(said["errors"]) == 1
    seen = sample.sources
    persons = {
        (name, row["Org Person ID"])
        for name in ("hub", "domestic_abuse_support")
        for row in seen[name]["people"]
    }
    assert said["people"] == len(persons) > 100
    assert "counts twice" in said["counted_as"]
    assert not any(flow["entities"] for flow in said["flows"])
    assert tree(night.folder) == before
