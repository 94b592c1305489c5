"""NHS numbers and postcodes, against computations that share nothing with the columns."""

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.identifiers import (
    PLACEHOLDERS,
    nhs_number_is_placeholder,
    nhs_number_is_valid,
    postcode_is_well_formed,
)


def asked(expression: pl.Expr, words: list[str | None]) -> list[bool | None]:
    """Return the expression's answer for each word."""
    return pl.DataFrame({"word": words}, schema={"word": pl.String}).select(expression).to_series().to_list()


def by_hand(number: str) -> bool:
    """Return whether the number is valid, as the NHS Data Dictionary's four steps say it."""
    if len(number) != 10 or any(mark not in "0123456789" for mark in number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(10, 1, -1), strict=True))
    check = 11 - total % 11
    return int(number[9]) == (0 if check == 11 else check)


@settings(deadline=None)
@given(st.lists(st.one_of(st.from_regex(r"\A[0-9]{10}\Z"), st.text(max_size=12)), min_size=1))
def test_nhs_numbers_are_judged_as_by_hand(numbers: list[str]) -> None:
    """Any text at all gets the answer of the four steps."""
    answers = asked(nhs_number_is_valid(pl.col("word")), list(numbers))
    assert answers == [by_hand(number) for number in numbers]


def test_one_number_in_eleven_or_so_is_valid() -> None:
    """The check digit bites: about one random number in eleven passes."""
    draw = random.Random(7)
    numbers = [f"{draw.randrange(10**10):010}" for _ in range(20_000)]
    share = sum(bool(answer) for answer in asked(nhs_number_is_valid(pl.col("word")), list(numbers))) / 20_000
    assert 0.08 < share < 0.1


def test_every_placeholder_passes_the_check_digit_and_is_caught_by_the_list() -> None:
    """Modulus 11 alone would let every one of them through."""
    assert all(by_hand(number) for number in PLACEHOLDERS)
    caught = asked(nhs_number_is_placeholder(pl.col("word"), ()), list(PLACEHOLDERS))
    assert caught == [True] * len(PLACEHOLDERS)


def test_a_blank_number_is_neither_valid_nor_invalid() -> None:
    """Null stays null, so that no check takes a blank for a wrong number."""
    assert asked(nhs_number_is_valid(pl.col("word")), [None]) == [None]
    assert asked(~nhs_number_is_valid(pl.col("word")), [None]) == [None]


@pytest.mark.parametrize(
    "postcode",
    ["M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "SK1 3XE", "GIR 0AA", "ZZ99 3VZ"],
)
def test_postcodes_of_every_form_pass(postcode: str) -> None:
    """Each shape that Royal Mail uses, and the NHS pseudo postcodes."""
    assert asked(postcode_is_well_formed(pl.col("word")), [postcode]) == [True]


@pytest.mark.parametrize(
    "text",
    [
        "12 High St SK1 3XE",
        "SK1 3XE and more",
        "SK1 3XE\n",
        "\nSK1 3XE",
        "SK13XE",
        "sk1 3xe",
        "SK1  3XE",
        "SK1 3X",
        "SK1 3CE",
        "QK1 3XE",
        "SK123 3XE",
        "W1A 1HQ B33 8TH",
        "GIR 0AA x",
        "ZZ99 3VZ x",
        "S",
        "",
        "07700 900123",
    ],
)
def test_text_around_or_instead_of_a_postcode_fails(text: str) -> None:
    """The pattern is anchored at both ends in every alternative."""
    assert asked(postcode_is_well_formed(pl.col("word")), [text]) == [False]
