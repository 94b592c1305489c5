"""A worklist that came back: each line held against the findings, and sorted by what is to be done.

What a cell holds is repeated nowhere: a line is named by its number, and what is wrong with it in our words.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from quality.answer_words import Fault, Said, read_answer
from quality.life import ACCEPTABLE_OF_SAFETY, FROM, LIVING, TO, Action, State

NEEDED = ("finding", "answer", "reason", "until")
"""The columns that are read; all others are ours."""
POINTED_OUT = ("record", "check")
"""Columns of ours of which a change is pointed out."""
CODE = re.compile(r"f[a-z2-7]{16}", re.IGNORECASE)
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """What is known of a finding that a line names.

    cells: what stands in columns that are pointed out.
    grave: whether safety may hang on it, or its record is held back.
    """

    provider: str
    state: State
    reason: str
    until: str
    cells: Cells = field(default_factory=dict, repr=False)
    grave: bool = False


@dataclass(frozen=True)
class BadLine:
    """A line that is not taken, and why."""

    line: int
    fault: Fault


@dataclass
class Sorted:
    """A file's answers.

    answers:    what is to be done, by code, with the line that says so.
    bad:        what is not taken.
    already:    how many answers stand as they are given.
    unanswered: how many lines say nothing.
    changed:    lines in which a column of ours was changed, which is passed over.
    """

    answers: dict[str, tuple[int, Said]] = field(default_factory=dict)
    bad: list[BadLine] = field(default_factory=list)
    already: int = 0
    unanswered: int = 0
    changed: list[int] = field(default_factory=list)


def code_of(cells: Cells) -> str:
    """Return the finding's code as our store writes it; nothing where the cell holds none."""
    said = cells.get("finding", "").strip()
    return f"F{said[1:].lower()}" if CODE.fullmatch(said) else ""


def sorted_answers(
    rows: Iterable[tuple[int, Cells]], known: Mapping[str, Known], provider: str, today: date
) -> Sorted:
    """Return what the rows come to.

    Given: each row's line and cells by column; what is known of the findings that they name, by code; whose
           worklist it is.
    """
    found = Sorted()
    said: dict[str, list[tuple[int, Said]]] = {}
    for line, cells in rows:
        answer = read_answer(cells, today)
        code = code_of(cells)
        if answer is None:
            found.unanswered += 1
        elif fault := _of_finding(code, known.get(code), provider) or _as_fault(answer):
            found.bad.append(BadLine(line, fault))
        elif isinstance(answer, Said):
            said.setdefault(code, []).append((line, answer))
            if _changed(cells, known[code].cells):
                found.changed.append(line)
    for code, lines in said.items():
        _settle(found, code, lines, known[code])
    found.bad.sort(key=lambda one: one.line)
    return found


def _settle(found: Sorted, code: str, lines: list[tuple[int, Said]], stands: Known) -> None:
    """Put what a file says of one finding where it belongs; the same twice is the same once."""
    line, said = lines[0]
    if any(other != said for _, other in lines):
        found.bad += [BadLine(number, Fault.CONTRADICTED) for number, _ in lines]
    elif (stands.state, stands.reason, stands.until) == (TO[said.action], said.reason, said.until):
        found.already += 1
    elif stands.grave and said.action is Action.ACCEPT and said.reason not in ACCEPTABLE_OF_SAFETY:
        found.bad += [BadLine(number, Fault.GRAVE) for number, _ in lines]
    elif stands.state not in FROM[said.action]:
        found.bad += [BadLine(number, Fault.NOT_FROM_HERE) for number, _ in lines]
    else:
        found.answers[code] = line, said


def _of_finding(code: str, stands: Known | None, provider: str) -> Fault | None:
    if not code:
        return Fault.NO_CODE
    if stands is None:
        return Fault.UNKNOWN
    if stands.provider != provider:
        return Fault.OF_ANOTHER
    return None if stands.state in LIVING else Fault.OVER


def _as_fault(answer: Said | Fault) -> Fault | None:
    return answer if isinstance(answer, Fault) else None


def _changed(cells: Cells, ours: Cells) -> bool:
    return any(name in cells and cells[name].strip() != said for name, said in ours.items())
