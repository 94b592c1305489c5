"""WEMWBS forms: one row per completed form. The short form numbers its own questions 1 to 7."""

from dataclasses import dataclass
from datetime import date

from demo.book import Book
from demo.dates import day_text
from demo.people import Row

ITEMS = {"WEMWBS": tuple(range(1, 15)), "SWEMWBS": tuple(range(1, 8))}


@dataclass(frozen=True)
class Sitting:
    """When a form was filled in, and with which tool."""

    tool: str
    timepoint: str
    day: date


def answer_form(book: Book, referral: Row, sitting: Sitting, wellbeing: int) -> Row:
    """Return the form: answers of 1 to 5 around the level of wellbeing, not all the same, and their total."""
    draw = book.draw
    items = ITEMS[sitting.tool]
    answers = [min(5, max(1, wellbeing + draw.choice((-1, 0, 0, 1)))) for _ in items]
    answers[0], answers[1] = 2, 3
    cells = {f"Item {item}": str(answer) for item, answer in zip(items, answers, strict=True)}
    return book.add(
        "outcomes",
        {
            "Diary Reference Number": referral["Diary Reference Number"],
            "Org Person ID": referral["Org Person ID"],
            "Tool": sitting.tool,
            "Timepoint": sitting.timepoint,
            "Completed Date": day_text(sitting.day),
            **cells,
            "Total": str(sum(answers)),
            "Self Completed": draw.choices(("Yes", "No", ""), (70, 25, 5))[0],
        },
    )


def answer_baseline_and_exit(book: Book, referral: Row, started: date, closed: date | None) -> None:
    """Add a form at the start and, for a case closed at least two weeks later, one at the end."""
    draw = book.draw
    tool = "SWEMWBS" if book.source == "community_support" and draw.random() < 0.3 else "WEMWBS"
    level = draw.choice((1, 2, 2, 3))
    answer_form(book, referral, Sitting(tool, "Baseline", started), level)
    if closed and (closed - started).days >= 14 and draw.random() < 0.75:
        answer_form(book, referral, Sitting(tool, "Exit", closed), min(5, level + draw.choice((0, 1, 1, 2))))
