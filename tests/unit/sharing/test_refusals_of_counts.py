"""What a flow of counts refuses: each mistake told, and nothing beside it; and what its format cannot say."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.documents import plain, read_tree
from sharing.diff import compare, refused_versions
from sharing.diff.change import Effect
from tests.unit.sharing.test_refusals_of_law import changed, problems

SPEC = plain(read_tree(Path("tests/spec/dpia/refusals_of_counts.yaml")))
CASES: dict[str, dict[str, Any]] = {case["mistake"]: case for cases in SPEC.values() for case in cases}
COUNTS = "flows/lot_8_counts/aggregate"


@pytest.mark.parametrize("mistake", sorted(CASES))
def test_the_file_does_not_load_with(mistake: str) -> None:
    """The mistake is told at a line of the file; nothing else is told."""
    case = CASES[mistake]
    found = problems(case["change"])
    for said in case["told"]:
        assert any(said in problem.text for problem in found), "\n".join(map(str, found))
    assert all(problem.line > 1 for problem in found)
    if "among" not in case:
        assert len(found) == len(case["told"]), "\n".join(map(str, found))


@pytest.mark.parametrize(
    "change",
    [
        {f"{COUNTS}/suppressBelow": 9},
        {f"{COUNTS}/roundTo": 1},
        {f"{COUNTS}/period": "month"},
        {f"{COUNTS}/area": "ward"},
        {f"{COUNTS}/settleDays": 0},
        {f"{COUNTS}/revisedQuarters": 9},
        {f"{COUNTS}/dimensions": ["ward"]},
        {f"{COUNTS}/counts/people_affected/breakdown": "age_band"},
        {f"{COUNTS}/counts": []},
    ],
    ids=str,
)
def test_no_finer_count_can_be_written_down(change: dict[str, Any]) -> None:
    """Below ten, exact, by month, by ward or by age: the format has no word for it."""
    with pytest.raises(ValidationError):
        changed(change)


@pytest.mark.parametrize(
    ("change", "effect"),
    [
        ({f"{COUNTS}/suppressBelow": 12}, Effect.WIDENS),
        ({f"{COUNTS}/roundTo": 10}, Effect.WIDENS),
        ({f"{COUNTS}/settleDays": 60}, Effect.NARROWS),
        ({f"{COUNTS}/revisedQuarters": 1}, Effect.NARROWS),
        ({f"{COUNTS}/settleDays": 7}, Effect.WIDENS),
        ({f"{COUNTS}/revisedQuarters": 8}, Effect.WIDENS),
        ({f"{COUNTS}/firstQuarter": "2021-22-Q1"}, Effect.WIDENS),
        ({f"{COUNTS}/counts/people_affected/where": "need.need_code = 'SOC.OFF'"}, Effect.WIDENS),
        ({f"{COUNTS}/counts/people_affected/label": "People who are affected"}, Effect.NEITHER),
        ({f"{COUNTS}/counts/people_affected": None}, Effect.WIDENS),
    ],
    ids=str,
)
def test_what_a_change_of_the_counts_does_is_told(change: dict[str, Any], effect: Effect) -> None:
    """Whatever may show a number that was hidden widens: one that gives way lets another be seen."""
    assert {one.effect for one in compare(changed({}), changed(change))} == {effect}


def test_another_order_of_the_counts_is_told_and_widens() -> None:
    """Of two that do not go together the first is shown: the order is a statement, not a way of writing."""
    before, after = changed({}), changed({})
    (flow,) = [flow for flow in after.flows if flow.id == "lot_8_counts"]
    turned = flow.aggregate.model_copy(update={"counts": flow.aggregate.counts[::-1]})
    flows = [
        each if each is not flow else flow.model_copy(update={"aggregate": turned}) for each in after.flows
    ]
    (told,) = compare(before, after.model_copy(update={"flows": flows}))
    assert (told.path, told.effect) == (("flows", "lot_8_counts", "aggregate", "order"), Effect.WIDENS)


def test_a_flow_of_counts_that_is_added_must_be_a_major_version() -> None:
    """It is a flow like any other: all whom it touches sign it."""
    without = {
        "flows/lot_8_counts": None,
        "retention/lot_8_counts@smbc": None,
    }
    found = compare(changed(without), changed({}))
    assert any(one.effect is Effect.WIDENS and one.path == ("flows", "lot_8_counts") for one in found)
    assert any("must be 2.0.0" in text for text in refused_versions("1.0.0", "1.1.0", found))
