"""A form's question, what the file answers to it, and the steps they stand in."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """A question and its answers; none means that the file does not say."""

    asks: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A list that belongs to a step, its columns named."""

    title: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Step:
    """One step of a form."""

    number: int
    title: str
    questions: list[Question]
    tables: list[Table] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the step as plain data."""
        return asdict(self)


def asked(question: str, *answers: str | None) -> Question:
    """Return the question with the answers that there are; empty ones are none."""
    return Question(question, tuple(answer for answer in answers if answer))
