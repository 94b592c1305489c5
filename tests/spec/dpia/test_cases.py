"""The cases information governance wrote for each flow, run line by line."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from canonical import ENTITIES, Kind, spec, unreadable_bit
from tests.unit.sharing.records import flow, whole_person

FOLDER = Path("tests/spec/dpia")
OUTCOMES = {"leaves": 0, "held": 1, "stays": 2}
WORDS = {"true": True, "false": False, "blank": None}


def cases() -> list[tuple[str, dict[str, str]]]:
    """Return every line of every table: the flow, and the cells by heading."""
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        heading: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not line.startswith("|"):
                heading = []
            elif not heading:
                heading = cells
            elif not set(line) <= set("|-"):
                found.append((path.stem, dict(zip(heading, cells, strict=True))))
    return found


CASES = cases()


def given(text: str) -> dict[str, pl.DataFrame]:
    """Return the tables of the person a case describes."""
    changes: dict[str, Any] = {}
    source = "hub"
    for change in filter(None, (part.strip() for part in text.split(";"))):
        name, word = (part.strip() for part in change.split("=", 1))
        if name == "source":
            source = word
            continue
        entity, field = name.split(".")
        if word == "unreadable":
            changes[f"{entity}___unreadable"] = 1 << unreadable_bit(entity, field)
        changes[f"{entity}__{field}"] = None if word == "unreadable" else WORDS.get(word, word)
    return whole_person(source, **changes)


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['case']}" for name, case in CASES])
def test_the_flow_does_what_the_case_says(name: str, case: dict[str, str]) -> None:
    """The record leaves, stays or is held for the reason given, without the fields listed and no others."""
    governed = flow(name)
    decided = governed.decide(given(case["given"]))[case["record"]]
    assert decided["_fate"].to_list() == [OUTCOMES[case["outcome"]]]
    assert decided["_reason"].to_list() == [case["reason"]]
    if case["outcome"] == "leaves":
        empty = {field.strip() for field in case["left empty"].split(",") if field.strip()}
        shared = governed.released_columns[case["record"]]
        source = given(case["given"])[case["record"]]
        there = {
            field for field in shared if field not in source.columns or source[field].is_not_null().all()
        }
        missing = {field for field in there if decided[field].is_null().all()}
        assert missing == empty & there
        assert empty <= set(shared)


@pytest.mark.parametrize("name", ["early_help", "commissioning"])
def test_every_entity_of_a_flow_has_a_case(name: str) -> None:
    """An entity that nobody wrote a case for has not been thought about."""
    told = {case["record"] for flow_name, case in CASES if flow_name == name}
    assert (
        set(flow(name).released_columns) - told
        <= {
            "early_help": {"characteristics", "service"},
            "commissioning": {"organisation", "service_episode", "outcome_measure"},
        }[name]
    )


def test_the_tables_name_only_what_exists() -> None:
    """A case about a field we do not have would prove nothing."""
    for _, case in CASES:
        assert case["record"] in ENTITIES
        for field in filter(None, (part.strip() for part in case["left empty"].split(","))):
            assert spec(case["record"]).fields[field].kind in set(Kind)
