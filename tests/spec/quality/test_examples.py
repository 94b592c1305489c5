"""The worked examples of the checks: the same files are printed in docs/reference/checks.md."""

import pytest

from quality import catalogue
from quality.examples import Example, answer, applies_to_all, read_examples

FILES = read_examples()
CASES = [
    pytest.param(file.check, example, id=f"{file.check}: {example.says}")
    for file in FILES
    for example in file.examples
]
ASKED = [check.id for check in catalogue() if not check.told_by_mapping]


@pytest.mark.parametrize(("check", "example"), CASES)
def test_the_check_answers_as_the_example_says(check: str, example: Example) -> None:
    """Each example is answered as it is printed."""
    assert answer(check, example) == example.answer


@pytest.mark.parametrize("check", ASKED)
def test_every_check_has_an_example_of_each_answer(check: str) -> None:
    """No check is without a passing, a failing and an unknown example.

    Where there are records to which it does not apply, one of these is shown too.
    """
    examples = [example for file in FILES if file.check == check for example in file.examples]
    spared = set() if applies_to_all(check, examples[0]) else {"does not apply"}
    needed = {"passes", "fails", "unknown", *spared}
    assert {example.answer for example in examples} == needed


def test_every_example_is_of_a_check_that_is_asked() -> None:
    """No file of examples is left over from a check that is gone."""
    assert {file.check for file in FILES} == set(ASKED)
