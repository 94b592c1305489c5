"""Minimisation on leaves that say each thing once, against the bare file of the example."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from common import clock
from sync.governance.minimisation import minimisation
from tests.unit.sharing.records import example
from tests.unit.sharing.test_telling import bare
from tests.unit.sync.test_recipients_told import FLOW, batch


def told(tmp_path: Path, *leaves: dict[str, Any], day: int = 9, month: int = 12) -> dict[str, Any]:
    """Return what the page tells of the flow."""
    lines = [json.dumps(one, separators=(",", ":"), sort_keys=True) for one in leaves]
    (tmp_path / "log").mkdir(exist_ok=True)
    (tmp_path / "log" / "leaves.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with clock.frozen(datetime(2022 + (month < 12), month, day, 8, tzinfo=UTC)):
        said = minimisation(SimpleNamespace(var=tmp_path), example())  # type: ignore[arg-type]
    return next(one for one in said["flows"] if one["flow"] == FLOW)


def of(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{one['entity']}.{one['field']}": one for one in said["fields"]}


def test_every_field_that_may_leave_stands_there_with_how_fine_it_is(tmp_path: Path) -> None:
    """By the bare file: what is dropped does not, what is made coarser has its coarser name and the finer."""
    fields = of(told(tmp_path))
    wanted, coarser = set(), {}
    (flow,) = (one for one in bare()["flows"] if one["id"] == FLOW)
    for entity, decisions in flow["fields"].items():
        for name, decided in decisions.items():
            if decided["action"] != "drop":
                wanted.add(f"{entity}.{decided.get('to', name)}")
                coarser[f"{entity}.{decided.get('to', name)}"] = name if "to" in decided else None
    assert set(fields) == wanted
    assert {name: one["coarser_than"] for name, one in fields.items()} == coarser


def test_a_field_is_asked_about_only_where_batches_were_looked_into_and_none_filled_it(
    tmp_path: Path,
) -> None:
    """An entity of few people, or a batch of before this was said, is not looked into: nobody is asked."""
    older, few = batch(1), batch(2) | {"filled": {}}
    said = told(tmp_path, older, few)
    assert (said["batches"], said["ask"]) == (2, 0)
    name = next(one["field"] for one in said["fields"] if one["entity"] == "person")
    spoken = batch(3) | {"filled": {"person": [name]}}
    fields = of(told(tmp_path, older, few, spoken))
    assert (fields[f"person.{name}"]["batches"], fields[f"person.{name}"]["filled"]) == (1, 1)
    asked = {place for place, one in fields.items() if one["ask"]}
    assert asked == {place for place in fields if place.startswith("person.")} - {f"person.{name}"}


def test_batches_of_more_than_ninety_days_ago_say_nothing(tmp_path: Path) -> None:
    """What was filled in another season is not evidence of today."""
    said = told(tmp_path, batch(3) | {"filled": {"person": []}}, day=4, month=3)
    assert (said["batches"], said["ask"]) == (0, 0)
