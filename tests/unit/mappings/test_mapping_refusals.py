"""A mapping that does not fit is refused: every problem at once, with its line and a suggestion."""

import pytest

from config.documents import DocumentRefused
from mappings import MappingRefused, load_mapping
from tests.unit.mappings.conftest import Write

REFERRAL = """\
entities:
  - entity: referral
    fields:
"""
CASES = {
    "a field we do not have": (
        "      persn_id: {column: P, converter: reference}",
        8,
        "persn_id: referral has no such field. Did you mean person_id?",
    ),
    "a field that is worked out": (
        "      lot_code: {column: L, converter: code}",
        8,
        "worked out by Viaduct",
    ),
    "the record's own key": ("      referral_id: {column: R, converter: reference}", 8, "own reference"),
    "a converter of another kind": (
        "      closed_at: {column: C, converter: text}",
        8,
        "the converter text does not give a date; these do: date.",
    ),
    "a column without a converter": ("      closed_at: {column: C}", 8, "this column has no converter"),
    "a column and a constant": (
        "      referrer_name: {column: C, constant: x}",
        8,
        "give a column with its converter, or a constant",
    ),
    "an option of another converter": (
        "      closed_at: {column: C, converter: date, format: dd/mm/yyyy, separator: x}",
        8,
        "separator means nothing to the converter date",
    ),
    "a date without a format": ("      closed_at: {column: C, converter: date}", 8, "needs a format"),
    "two-digit years": (
        "      closed_at: {column: C, converter: date, format: dd/mm/yy}",
        8,
        "years of two digits are ambiguous",
    ),
    "a format with other letters": (
        "      closed_at: {column: C, converter: date, format: dd Mon yyyy}",
        8,
        "write it with dd, d, mm",
    ),
    "a format without a year": (
        "      closed_at: {column: C, converter: date, format: dd/mm}",
        8,
        "are needed",
    ),
    "two formats of one shape": (
        "      closed_at: {column: C, converter: date, format: [dd/mm/yyyy, mm/dd/yyyy]}",
        8,
        "two formats of the same shape",
    ),
    "a code that is not ours": (
        "      priority: {column: C, converter: code, words: {High: '2',\n        Low: '9'}}",
        9,
        "Low: 9 is not one of our codes",
    ),
    "an open list without words": (
        "      heard_about_us: {column: C, converter: code}",
        8,
        "code list is open",
    ),
    "a list that we do not have": (
        "      heard_about_us: {column: C, converter: code, list: referral_statu}",
        8,
        "no such code list. Did you mean referral_status?",
    ),
    "another list than the field's": (
        "      priority: {column: C, converter: code, list: referral_status}",
        8,
        "its codes are those of dd_priority_type",
    ),
    "a words file that is not there": (
        "      priority: {column: C, converter: code, words_file: words.csv}",
        8,
        "words.csv: not a CSV file",
    ),
    "a constant that is no code": ("      priority: {constant: '9'}", 8, "9 is not in the code list"),
    "a word that is neither true nor false": (
        "      received_time_known: {column: C, converter: boolean, words: {J: jawohl}}",
        8,
        "say true or false",
    ),
    "a splitter without a part": (
        "      referrer_name: {column: C, converter: text, splitter: name}",
        8,
        "a splitter needs a part",
    ),
    "a part that there is not": (
        "      referrer_name: {column: C, converter: text, splitter: name, part: 3}",
        8,
        "the parts given and family",
    ),
    "a pattern that is none": (
        "      person_id: {column: C, converter: reference, pattern: '['}",
        8,
        "not a regular expression",
    ),
}


@pytest.mark.parametrize(("text", "line", "words"), CASES.values(), ids=CASES)
def test_a_field_that_does_not_fit_is_refused_with_its_line(
    write: Write, text: str, line: int, words: str
) -> None:
    """The refusal names the line of the field and says what is wrong with it."""
    with pytest.raises(MappingRefused) as refused:
        load_mapping(write(f"{REFERRAL}{text}\n"))
    assert [(problem.line, words in problem.text) for problem in refused.value.problems] == [(line, True)]
    assert refused.value.exit_code == 10


def test_every_problem_is_said_at_once(write: Write) -> None:
    """A file with three faults is refused once, with three lines."""
    text = (
        "ignore: [{column: P, why: never}]\n"
        "entities:\n"
        "  - entity: referral\n"
        "    fields:\n"
        "      person_id: {column: P, converter: reference}\n"
        "      closed_on: {column: C, converter: date, format: dd/mm/yyyy}\n"
        "  - entity: refferal\n"
        "    fields: {}\n"
    )
    with pytest.raises(MappingRefused) as refused:
        load_mapping(write(text))
    assert [problem.line for problem in refused.value.problems] == [5, 10, 11]
    assert "Did you mean closed_at?" in str(refused.value)
    assert "Did you mean referral?" in str(refused.value)
    assert "both taken and ignored" in str(refused.value)


FORMS = {
    "an unknown key": ("entities:\n  - {entity: need, fields: {}, wen: {}}\n", "Did you mean when?"),
    "an unknown converter": (
        "entities:\n  - entity: need\n    fields:\n      person_id: {column: P, converter: refrence}\n",
        "converter",
    ),
    "no entity": ("entities: []\n", "entities"),
}


@pytest.mark.parametrize(("text", "words"), FORMS.values(), ids=FORMS)
def test_a_file_of_another_form_is_refused(write: Write, text: str, words: str) -> None:
    """Keys and converters that do not exist are refused before anything is asked of our fields."""
    with pytest.raises(DocumentRefused) as refused:
        load_mapping(write(text))
    assert words in str(refused.value)


CONDITIONS = {
    "a first entity not made by every row": (
        "entities:\n  - {entity: need, when: {not_blank: [A]}, fields: {}}\n",
        "every row must make the first entity",
    ),
    "a first entity in two halves with a gap": (
        (
            "entities:\n"
            "  - {entity: need, when: {column: A, in: [x]}, fields: {}}\n"
            "  - {entity: need, when: {column: A, not_in: [z]}, fields: {}}\n"
        ),
        "every row must make the first entity",
    ),
    "a condition of no kind": (
        "entities:\n  - {entity: need, fields: {}}\n  - {entity: risk, when: {column: A}, fields: {}}\n",
        "when: say either",
    ),
    "a kind of row that is not listed": (
        (
            "row_kinds: {column: K, known: [a]}\n"
            "entities:\n"
            "  - {entity: need, fields: {}}\n"
            "  - {entity: risk, when: {column: K, in: [b]}, fields: {}}\n"
        ),
        "b is not among row_kinds",
    ),
    "a reference without a column": (
        "entities:\n  - {entity: need, fields: {}}\n  - {entity: risk, reference: x, fields: {}}\n",
        "write columns in braces",
    ),
}


@pytest.mark.parametrize(("text", "words"), CONDITIONS.values(), ids=CONDITIONS)
def test_rows_may_not_fall_between_records(write: Write, text: str, words: str) -> None:
    """Every row makes the first entity, and a condition says plainly which rows it means."""
    with pytest.raises(MappingRefused) as refused:
        load_mapping(write(text))
    assert words in str(refused.value)


def test_two_halves_without_a_gap_hold(write: Write) -> None:
    """An entity made one way for some words and another way for all others is made by every row."""
    text = (
        "entities:\n"
        "  - {entity: need, when: {column: A, in: [x]}, fields: {}}\n"
        "  - {entity: need, when: {column: A, not_in: [x]}, fields: {}}\n"
    )
    assert load_mapping(write(text)).export == "referrals"
