"""What a condition can answer while only some of its names are known."""

import pytest

from sharing.conditions import Name, Scalar, parse
from sharing.refusals.answers import ANY, Answers, answers

A, B = Name("need", "a"), Name("need", "b")


@pytest.mark.parametrize(
    ("text", "known", "possible"),
    [
        ("need.a is not false", {A: None}, {True}),
        ("need.a is not false", {A: True}, {True}),
        ("need.a is not false", {A: False}, {False}),
        ("need.a is not false", {}, {True, False}),
        ("need.a is true", {A: None}, {False}),
        ("need.a is null", {A: None}, {True}),
        ("need.a != 'x'", {A: "x"}, {False}),
        ("need.a != 'x'", {A: "y"}, {True}),
        ("need.a != 'x'", {A: None}, {None}),
        ("need.a > 3", {A: 4}, ANY),
        ("need.a = need.b", {A: "x"}, ANY),
        ("need.a in ['x', 'y']", {A: "x"}, {True}),
        ("need.a not in ['x', 'y']", {A: "x"}, {False}),
        ("need.a in ['x']", {A: None}, {None}),
        ("need.a in ['x']", {B: None}, ANY),
        ("not need.a = 'x'", {A: None}, {None}),
        ("not need.a = 'x'", {A: "x"}, {False}),
        ("need.a = 'x' and need.b = 'y'", {A: "z"}, {False}),
        ("need.a = 'x' and need.b = 'y'", {A: "x"}, ANY),
        ("need.a = 'x' or need.b = 'y'", {A: "x"}, {True}),
        ("need.a = 'x' or need.b = 'y'", {A: None, B: "z"}, {None}),
        ("need.a = 'x' or need.b is null", {A: "z"}, {True, False}),
    ],
)
def test_the_possible_answers_are_all_of_them_and_no_fewer(
    text: str, known: dict[Name, Scalar | None], possible: Answers
) -> None:
    """An unknown name may hold anything; a known one settles what it can settle."""
    assert answers(parse(text), known) == possible
