"""What people agreed to: sharing with the council above all, which about seven in ten did."""

from datetime import timedelta

from demo.book import Book
from demo.dates import LAST_DAY, Moment

_COUNCIL = (
    ("Given", 70),
    ("Refused", 10),
    ("Withdrawn", 6),
    ("Not yet asked", 6),
    ("Not required: other lawful basis", 2),
    ("Lacks capacity: best interests", 1),
    ("", 5),
)


def ask_consents(book: Book, person: str, at: Moment) -> None:
    """Record what a person agreed to when referred; about the council, a few changed their mind later."""
    draw = book.draw
    book.consent(person, "Service", "Given", at)
    if draw.random() < 0.3:
        book.consent(person, "Share with partners", draw.choice(("Given", "Given", "Refused")), at)
    if draw.random() < 0.1:
        book.consent(person, "Marketing", draw.choice(("Given", "Refused")), at)
    status = draw.choices([status for status, _ in _COUNCIL], [weight for _, weight in _COUNCIL])[0]
    latest = (LAST_DAY - at.day).days
    if not status:
        return
    if status == "Withdrawn":
        later = Moment(at.day + timedelta(days=min(latest, draw.randint(1, 60))), 17 * 60 + 50)
        book.consent(person, "Share with council", status, at, later)
        return
    book.consent(person, "Share with council", status, at)
    if status == "Refused" and latest > 1 and draw.random() < 0.1:
        later = Moment(at.day + timedelta(days=draw.randint(1, latest)), 11 * 60)
        book.consent(person, "Share with council", "Given", later)
