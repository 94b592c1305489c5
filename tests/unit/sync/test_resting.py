"""Which registers govern a flow that rests: today's assessment and the version that speaks for it say."""

from types import SimpleNamespace
from typing import Any

import pytest

from sharing import Dpia
from sharing.choices import Choice
from sharing.errors import RegisterRefused
from sync.digests import Digest
from sync.reach import versions_that_ran
from sync.resting import GONE, governs, may_be_set_aside, status_of, stops_in
from sync.standing import FoundBy, Standing
from tests.unit.sharing.records import example

FLOW = "early_help"


def today(**stops: Any) -> Dpia:
    """Return the example without early help; its stops name no flow but those given by their kind."""
    flows = [one for one in example().flows if one.id != FLOW]
    said = [
        one.model_copy(update={"flows": stops.get(one.type, one.flows)})
        for one in example().person_stops
        if stops.get(one.type, one.flows) != ()
    ]
    return example().model_copy(update={"flows": flows, "person_stops": said})


def with_option(answer: str) -> Dpia:
    """Return the example, in which early help answers objections in this way."""
    flows = [
        one.model_copy(update={"options": one.options.model_copy(update={"objection": answer})})
        for one in example().flows
    ]
    return example().model_copy(update={"flows": flows})


def test_a_flow_that_is_in_no_assessment_any_more_is_gone() -> None:
    """And one that is there stands as its own status says."""
    assert (status_of(today(), FLOW), status_of(example(), FLOW)) == (GONE, "active")


@pytest.mark.parametrize(
    ("kind", "flows"),
    [
        (Choice.COURT_ORDER, None),
        (Choice.CONSENT_WITHDRAWN, ["commissioning"]),
        (Choice.CONSENT_WITHDRAWN, ()),
    ],
    ids=["of every flow", "the older version names it", "the older version alone has it"],
)
def test_a_register_that_governed_the_flow_when_it_ran_governs_it_still(kind: Choice, flows: Any) -> None:
    """Today's version cannot name a flow that it does not have."""
    assert governs(today(**{kind.value: flows}), example(), kind, FLOW)


def test_there_is_a_right_to_object_where_the_version_that_speaks_for_the_flow_says_so() -> None:
    """Nobody objects to a flow without that right; to be forgotten is asked of every flow."""
    assert governs(today(), example(), Choice.OBJECTION, FLOW)
    assert not governs(today(), with_option("no_right"), Choice.OBJECTION, FLOW)
    assert governs(today(), with_option("no_right"), Choice.FORGOTTEN, FLOW)
    assert not governs(today(), example(), Choice.OPT_OUT, FLOW)


def test_a_decision_sets_an_objection_aside_where_both_versions_allow_it() -> None:
    """Today's stop must have the exception, and the flow must have answered so."""
    allows = with_option("honour_unless_compelling")
    without = [one.model_copy(update={"excepted": []}) for one in example().person_stops]
    assert may_be_set_aside(today(), allows, Choice.OBJECTION, FLOW)
    assert not may_be_set_aside(today(), with_option("honour"), Choice.OBJECTION, FLOW)
    stricter = today().model_copy(update={"person_stops": without})
    assert not may_be_set_aside(stricter, allows, Choice.OBJECTION, FLOW)


@pytest.mark.parametrize("said", [None, example()], ids=["nobody speaks for it", "a version speaks for it"])
def test_a_register_in_doubt_takes_nobody_back_from_a_flow_that_rests_but_who_stands_in_it(
    said: Dpia | None,
) -> None:
    """The flow sends nothing that could be withheld, and what it took back no run could send again."""
    lost = Standing(
        Choice.COURT_ORDER, "rights/orders", (), holds_if_stale=False, problem=RegisterRefused([])
    )
    place: Any = SimpleNamespace(dpia=today())
    stops = stops_in(place, said, FLOW, [lost], FoundBy(Digest(0)))
    assert (stops.everybody, stops.takes_all_back) == (0, False)


def head(kind: str, night: int, version: str | None, operation: str = "upsert") -> dict[str, Any]:
    """Return the head of a leaf, as a log's reader sees it."""
    said = {"kind": kind, "identity": f"{kind}:{night}", "run": f"run-{night}", "at": "2022-12-01T02:00:31Z"}
    files = {"files": [{"operation": operation}]} if kind == "batch" else {}
    return said | files | ({"dpia": {"sha256": version}} if version else {})


def test_a_batch_that_takes_back_under_an_earlier_version_does_not_make_it_the_last_that_ran() -> None:
    """Each version where its own run names it: a flow of both is spoken for by the later one still."""
    heads = [head("run", 1, "v1"), head("batch", 1, "v1"), head("run", 2, "v2"), head("batch", 2, "v2")]
    heads += [head("run", 3, "v3"), head("batch", 3, "v1", "withdraw")]
    assert versions_that_ran(heads) == ["v3", "v2", "v1"]


def test_in_a_log_whose_run_leaves_named_no_version_its_batches_name_it() -> None:
    """Such runs count by what else they logged, in the order of the log, before those that say it."""
    heads = [head("run", 1, None), head("batch", 1, "v1"), head("run", 2, None), head("stopped", 2, "v2")]
    heads += [head("run", 3, "v3"), head("batch", 3, "v1", "withdraw"), head("access", 4, None)]
    assert versions_that_ran(heads) == ["v3", "v2", "v1"]
