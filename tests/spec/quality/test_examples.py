"""The worked examples of the checks: the same files are printed in docs/reference/checks.md."""

from pathlib import Path

import pytest

from quality import catalogue, check_named
from quality.checks import SUBMISSION
from quality.examples import Example, Examples, answer, applies_to_all, named, read_examples
from tests.spec.quality.exports import answer_of_row

FILES = read_examples()
CASES = [
    pytest.param(file, example, id=f"{file.check}: {example.says}")
    for file in FILES
    for example in file.examples
]
CHECKS = [check.id for check in catalogue()]


@pytest.mark.parametrize(("file", "example"), CASES)
def test_the_check_answers_as_the_example_says(file: Examples, example: Example, tmp_path: Path) -> None:
    """Each example is answered as it is printed: of a record, or of a row that is read by the mapping."""
    if check_named(file.check).told_by_mapping:
        assert answer_of_row(file.check, file.mapping, example, tmp_path) == example.answer
    else:
        assert answer(file.check, example) == example.answer
        if example.answer == "fails" and check_named(file.check).entity != SUBMISSION:
            assert named(file.check, example) == example.names


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_has_an_example_of_each_answer(check: str) -> None:
    """No check is without a passing, a failing and an unknown example.

    Where there are records to which it does not apply, one of these is shown too.
    """
    examples = [example for file in FILES if file.check == check for example in file.examples]
    spared = set() if applies_to_all(check, examples[0]) else {"does not apply"}
    needed = {"passes", "fails", "unknown", *spared}
    assert {example.answer for example in examples} == needed


def test_every_example_is_of_a_check() -> None:
    """No file of examples is left over from a check that is gone."""
    assert {file.check for file in FILES} == set(CHECKS)


def test_an_export_is_shown_where_the_mapping_answers_and_nowhere_else() -> None:
    """A check of records has no mapping to be read by, and a check of rows no record to be asked of."""
    for file in FILES:
        of_rows = check_named(file.check).told_by_mapping
        assert bool(file.mapping) is of_rows
        for example in file.examples:
            assert bool(example.export) is of_rows
            assert not (example.record and of_rows)
            assert bool(example.refused) is (of_rows and example.answer == "unknown")
