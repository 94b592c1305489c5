"""Conditions: a closed grammar, strict names and types, and null that never slips through."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import polars_schema, spec
from sharing.condition_columns import compile_condition
from sharing.condition_names import read_condition

FIELDS = {"referral": spec("referral").fields}
OUTCOME = {"outcome": spec("outcome").fields}
Row = Mapping[str, Any]


def ask(text: str, **row: Any) -> bool | None:
    """Return the condition's answer for one referral."""
    node, wrong = read_condition(text, FIELDS)
    assert node is not None, wrong
    kinds = polars_schema("referral", technical=False)
    table = pl.DataFrame([pl.Series(name, [row.get(name)], dtype=kind) for name, kind in kinds.items()])
    answer = table.select(compile_condition(node, FIELDS, lambda name: pl.col(name.field)))
    return answer.to_series().to_list()[0]


@pytest.mark.parametrize(
    ("text", "row", "answer"),
    [
        ("referral.lot_code = 'L4-CS'", {"lot_code": "L4-CS"}, True),
        ("referral.lot_code != 'L8-DA'", {}, None),
        ("not referral.lot_code != 'L8-DA'", {}, None),
        ("referral.re_referral is not false", {}, True),
        ("referral.re_referral is false", {}, False),
        ("referral.re_referral = true", {}, None),
        ("referral.lot_code in ['L3-SSH', 'L4-CS']", {"lot_code": "L3-SSH"}, True),
        ("referral.lot_code not in ['L3-SSH']", {}, None),
        ("referral.closed_at is null or referral.closed_at >= '2022-04-01'", {}, True),
        ("referral.closed_at < '2022-04-01'", {"closed_at": date(2022, 3, 31)}, True),
        ("referral.triage_days <= 2 and referral.status = 'waiting'", {"triage_days": 3}, False),
        ("referral.triage_days <= 2 and referral.status = 'waiting'", {"triage_days": 2}, None),
        ("not (referral.triage_days > 2 or referral.triage_days < 0)", {"triage_days": 1}, True),
        ("referral.closed_at >= referral.received_on", {"closed_at": date(2022, 5, 1)}, None),
        (
            "referral.heard_about_us = 'the ''green'' leaflet'",
            {"heard_about_us": "the 'green' leaflet"},
            True,
        ),
    ],
)
def test_a_condition_answers_yes_no_or_cannot_say(text: str, row: Row, answer: bool | None) -> None:
    """A comparison with a blank cannot be answered; only `is` can be answered of a blank."""
    assert ask(text, **row) is answer


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("referral.lot_cod = 'L4-CS'", "no such field. Did you mean lot_code?"),
        ("referal.lot_code = 'L4-CS'", "Did you mean referral?"),
        ("referral.lot_code = 'L8'", "can never be its value"),
        ("referral.lot_code = 8", "can never be its value"),
        ("referral.lot_code < 'L8-DA'", "has no order"),
        ("referral.lot_code is true", "not a yes or no"),
        ("referral.triage_days = 'two'", "can never be its value"),
        ("referral.closed_at < '31/03/2022'", "can never be its value"),
        ("referral.person_id = 'P1'", "only 'is null' can be asked of it"),
        ("referral.received_at > '2022-04-01'", "only 'is null' can be asked of it"),
        ("referral.closed_at = referral.status", "of different types"),
        ("referral.lot_code = null", "write 'is null'"),
        ("referral.re_referral", "a comparison is missing"),
        ("referral.lot_code = 'L4-CS' or", "a field such as"),
        ("(referral.re_referral is true", "')' is missing"),
        ("referral.re_referral is true)", "does not belong there"),
        ("referral.re_referral is true; drop", "cannot be read"),
        ("len(referral.lot_code) > 1", "a field such as"),
        ("(" * 80 + "referral.re_referral is true" + ")" * 80, "nested too deep"),
        ("", "a field such as"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused_in_words(text: str, said: str) -> None:
    """Nothing outside the grammar, the schema and the code lists is ever guessed at."""
    node, wrong = read_condition(text, FIELDS)
    assert node is None
    assert any(said in problem for problem in wrong), wrong


# ---- an evaluator of its own, on plain values, that shares no line with the product

VALUES: dict[str, list[Any]] = {
    "achieved": ["met", "partly", "not_met", None],
    "outcome_code": ["a", "A", "it's", "", None],
    "awarded_on": [date(2022, 4, 1), date(2022, 12, 1), None],
    "money_gained_gbp": [Decimal("0.00"), Decimal("10.50"), Decimal("-3.25"), None],
}
CODES = [code for code in VALUES["achieved"] if code in dict.fromkeys(["met", "partly", "not_met"])]


def written(value: Any) -> str:
    """Return a value as the grammar writes it."""
    if isinstance(value, Decimal):
        return str(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return "'" + text.replace("'", "''") + "'"


def compared(op: str, one: Any, other: Any) -> bool | None:
    """Return a comparison by plain Python; None if a side is blank."""
    if one is None or other is None:
        return None
    return {
        "=": one == other,
        "!=": one != other,
        "<": op in "<=>=" and one < other,
        "<=": one <= other,
        ">": one > other,
        ">=": one >= other,
    }[op]


def both(one: bool | None, other: bool | None) -> bool | None:
    """Return Kleene's and."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


@st.composite
def single(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw one test: its text, and a function from a row to its answer."""
    name = draw(st.sampled_from(sorted(VALUES)))
    known = [value for value in VALUES[name] if value is not None and (name != "achieved" or value in LISTED)]
    ops = ["=", "!=", "<", "<=", ">", ">="] if name in {"awarded_on", "money_gained_gbp"} else ["=", "!="]
    kind = draw(st.sampled_from(["compare", "in", "null"]))
    if kind == "null":
        negated = draw(st.booleans())
        return (
            f"outcome.{name} is {'not ' if negated else ''}null",
            lambda row: (row[name] is None) is not negated,
        )
    if kind == "in":
        options = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
        negated = draw(st.booleans())
        text = f"outcome.{name} {'not ' if negated else ''}in [{', '.join(map(written, options))}]"
        return text, lambda row: None if row[name] is None else (row[name] in options) is not negated
    op, value = draw(st.sampled_from(ops)), draw(st.sampled_from(known))
    return f"outcome.{name} {op} {written(value)}", lambda row: compared(op, row[name], value)


LISTED = [
    code
    for code in ("met", "partly", "not_met", "not met")
    if read_condition(f"outcome.achieved = '{code}'", OUTCOME)[0] is not None
]


def combined(inner: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    """Return conditions put together of others."""

    def opposite(part: tuple[str, Any]) -> tuple[str, Any]:
        return f"not ({part[0]})", lambda row: None if (a := part[1](row)) is None else not a

    def conjunction(parts: tuple[tuple[str, Any], tuple[str, Any]]) -> tuple[str, Any]:
        (one, f), (two, g) = parts
        return f"({one}) and ({two})", lambda row: both(f(row), g(row))

    def disjunction(parts: tuple[tuple[str, Any], tuple[str, Any]]) -> tuple[str, Any]:
        (one, f), (two, g) = parts

        def answer(row: Row) -> bool | None:
            a, b = f(row), g(row)
            neither = both(None if a is None else not a, None if b is None else not b)
            return None if neither is None else not neither

        return f"({one}) or ({two})", answer

    pair = st.tuples(inner, inner)
    return inner.map(opposite) | pair.map(conjunction) | pair.map(disjunction)


CONDITION = st.recursive(single(), combined, max_leaves=8)
ROW = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})


@settings(max_examples=250, deadline=None)
@given(CONDITION, st.lists(ROW, min_size=1, max_size=6))
def test_polars_and_plain_python_answer_every_condition_alike(
    condition: tuple[str, Any], rows: list[Row]
) -> None:
    """The compiled expression and an independent three-valued evaluator agree on every row, nulls too."""
    text, answer = condition
    node, wrong = read_condition(text, OUTCOME)
    assert node is not None, wrong
    kinds = polars_schema("outcome", technical=False)
    table = pl.DataFrame(
        [pl.Series(name, [row.get(name) for row in rows], dtype=kinds[name]) for name in VALUES]
    )
    found = table.select(compile_condition(node, OUTCOME, lambda name: pl.col(name.field))).to_series()
    assert found.to_list() == [answer(row) for row in rows]
