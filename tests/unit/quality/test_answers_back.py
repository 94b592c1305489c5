"""A worklist that came back: each line is taken or told by its number, and no cell is ever repeated."""

from dataclasses import replace
from datetime import date

import pytest

from quality.answer_words import Fault, Said, day_of, read_answer
from quality.answers_back import BadLine, Known, code_of, sorted_answers
from quality.life import FROM, LIVING, Action, Reason, State

TODAY = date(2026, 3, 2)
CODE = "Fabcdefghij234567"
OTHER = "Fzzzzzzzzzzzzzzzz"


def line(
    answer: str = "", reason: str = "", until: str = "", code: str = CODE, **more: str
) -> dict[str, str]:
    return {"finding": code, "answer": answer, "reason": reason, "until": until, **more}


def known(state: State = State.OPEN, reason: str = "", until: str = "", provider: str = "hub") -> Known:
    return Known(provider, state, reason, until, {"record": "P1", "check": "PER-05"})


def faults(*rows: dict[str, str], stands: Known | None = None) -> list[tuple[int, str]]:
    """Return the lines that are not taken; the first row stands on line 2."""
    of = {CODE: stands or known(), OTHER: known(provider="community")}
    found = sorted_answers(enumerate(rows, start=2), of, "hub", TODAY)
    return [(one.line, one.fault.name) for one in found.bad]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (line("acknowledge"), Said(Action.ACKNOWLEDGE, Reason.NONE, "")),
        (line(" Acknowledged "), Said(Action.ACKNOWLEDGE, Reason.NONE, "")),
        (line("accept", "refused", "2026-06-01"), Said(Action.ACCEPT, Reason.REFUSED, "2026-06-01")),
        (
            line("ACCEPT", "Asked, unknown", "01/06/2026"),
            Said(Action.ACCEPT, Reason.ASKED_UNKNOWN, "2026-06-01"),
        ),
        (line("dispute", "check is wrong"), Said(Action.DISPUTE, Reason.CHECK_IS_WRONG, "")),
        (line(), None),
        (line("   "), None),
        (line("delete"), Fault.ANSWER),
        (line("", "refused"), Fault.NO_ANSWER),
        (line("", "", "2026-06-01"), Fault.NO_ANSWER),
        (line("accept", "", "2026-06-01"), Fault.NO_REASON),
        (line("accept", "he said no", "2026-06-01"), Fault.REASON),
        (line("accept", "check_is_wrong", "2026-06-01"), Fault.REASON),
        (line("acknowledge", "refused"), Fault.REASON),
        (line("dispute"), Fault.NO_REASON),
        (line("accept", "refused"), Fault.NO_DAY),
        (line("accept", "refused", "soon"), Fault.DAY),
        (line("accept", "refused", "06/31/2026"), Fault.DAY),
        (line("accept", "refused", "2026-03-01"), Fault.DAY_PAST),
        (line("accept", "refused", "2026-03-02"), Said(Action.ACCEPT, Reason.REFUSED, "2026-03-02")),
        (line("accept", "refused", "2027-03-03"), Said(Action.ACCEPT, Reason.REFUSED, "2027-03-03")),
        (line("accept", "refused", "2027-03-04"), Fault.DAY_FAR),
        (line("dispute", "check_is_wrong", "2026-06-01"), Fault.DAY_TOO_MUCH),
    ],
)
def test_an_answer_is_read_as_people_write_it(cells: dict[str, str], said: Said | Fault | None) -> None:
    """Capitals, spaces and the forms of a day are forgiven; what is not of the list is not."""
    assert read_answer(cells, TODAY) == said


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-03-31", date(2027, 3, 31)),
        ("2027-03-31 00:00:00", date(2027, 3, 31)),
        ("2027-03-31T00:00:00", date(2027, 3, 31)),
        ("31/03/2027", date(2027, 3, 31)),
        ("1/2/27", date(2027, 2, 1)),
        ("31.03.2027", date(2027, 3, 31)),
        ("31-Mar-27", date(2027, 3, 31)),
        ("31 March 2027", date(2027, 3, 31)),
        ("03/31/2027", None),
        ("31/02/2027", None),
        ("46112", None),
        ("2027-03-31 13:00", None),
        ("٣١/٠٣/٢٠٢٧x", None),
        ("9999999-01-01", None),
    ],
)
def test_a_day_is_read_as_spreadsheets_save_it(text: str, day: date | None) -> None:
    """Year first, or day first as in Britain; a bare number is no day."""
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([line("acknowledge", code="")], [(2, "NO_CODE")]),
        ([line("acknowledge", code="P12345")], [(2, "NO_CODE")]),
        ([line("acknowledge", code="Faaaaaaaaaaaaaaaa")], [(2, "UNKNOWN")]),
        ([line("acknowledge", code=OTHER)], [(2, "OF_ANOTHER")]),
        ([line("acknowledge"), line("acknowledge")], []),
        (
            [line("acknowledge"), line("dispute", "check_is_wrong")],
            [(2, "CONTRADICTED"), (3, "CONTRADICTED")],
        ),
        ([line("delete"), line("acknowledge")], [(2, "ANSWER")]),
        ([line(code=""), line(code=OTHER)], []),
    ],
)
def test_a_line_that_is_not_taken_is_named_by_its_number(
    rows: list[dict[str, str]], wanted: list[tuple[int, str]]
) -> None:
    """The other lines are taken; whoever contradicts themselves is taken at no word."""
    assert faults(*rows) == wanted


@pytest.mark.parametrize("state", list(State))
def test_what_can_not_be_answered_from_where_it_stands_is_said(state: State) -> None:
    """An acknowledgement goes from open alone; over what is closed nothing is said any more."""
    found = faults(line("acknowledge"), stands=known(state))
    if state not in LIVING:
        assert found == [(2, "OVER")]
    elif state in FROM[Action.ACKNOWLEDGE] or state is State.ACKNOWLEDGED:
        assert found == []
    else:
        assert found == [(2, "NOT_FROM_HERE")]


def test_the_same_file_again_finds_everything_answered() -> None:
    """What stands as it is given is counted and left alone."""
    of = {CODE: known(State.ACCEPTED, "refused", "2026-06-01")}
    found = sorted_answers([(2, line("accept", "refused", "01/06/2026"))], of, "hub", TODAY)
    assert (found.already, found.answers, found.bad) == (1, {}, [])
    later = sorted_answers([(2, line("accept", "refused", "2026-07-01"))], of, "hub", TODAY)
    assert later.answers[CODE][1].until == "2026-07-01"


def test_columns_of_ours_are_not_read_and_their_change_is_pointed_out() -> None:
    """Whoever types over the record's reference answers the finding of the code all the same."""
    of = {CODE: known()}
    changed = line("acknowledge", record="P999", check="PER-05")
    found = sorted_answers([(2, changed), (3, line("acknowledge", record="P1"))], of, "hub", TODAY)
    assert (found.changed, list(found.answers)) == ([2], [CODE])


def test_a_code_is_known_in_capitals_too() -> None:
    """Some spreadsheets put words into capitals."""
    assert code_of({"finding": CODE.upper()}) == CODE
    assert code_of({"finding": f" {CODE} "}) == CODE
    assert code_of({}) == ""


def test_no_fault_holds_a_cell() -> None:
    """The words are a closed list."""
    found = sorted_answers([(2, line("CANARY", "CANARY", "CANARY"))], {CODE: known()}, "hub", TODAY)
    assert found.bad == [BadLine(2, Fault.ANSWER)]
    assert "CANARY" not in repr(found)


def test_a_grave_finding_is_accepted_as_right_alone() -> None:
    """Where safety hangs on it, or its record is held, "not known" is refused by the line's number."""
    grave = replace(known(), grave=True)
    for reason in ("asked_unknown", "refused", "no_place_for_it"):
        assert faults(line("accept", reason, "2026-06-01"), stands=grave) == [(2, "GRAVE")]
    assert faults(line("accept", "correct_as_is", "2026-06-01"), stands=grave) == []
    assert faults(line("dispute", "check_is_wrong"), stands=grave) == []
