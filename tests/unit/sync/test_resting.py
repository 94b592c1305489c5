"""Which registers govern a flow that rests: today's assessment and the version that speaks for it say."""

from typing import Any

import pytest

from sharing import Dpia
from sharing.choices import Choice
from sync.resting import GONE, governs, may_be_set_aside, status_of
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
