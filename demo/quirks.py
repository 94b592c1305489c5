"""How cells look that people typed: words that stand for nothing, references written carelessly.

None of it is a flaw: what is meant is certain, and no check may speak.
"""

from random import Random

from demo.book import Book

NULL_WORDS = ("[Not Specified]", "N/A", "-")
SOMETIMES_BLANK = {
    "people": ("Ethnic Origin", "Employment Status", "Accommodation Type", "GP Practice"),
    "referrals": ("Referral Source", "Sub Category"),
}
REFERENCES = {"contacts": ("Consent ID",), "referrals": ("Referrer ID", "Portal Reference")}


def roughen(books: dict[str, Book], draw: Random) -> None:
    """Write a word for nothing into some blank cells, and some references in another case or with spaces."""
    for book in books.values():
        for export, columns in SOMETIMES_BLANK.items():
            for row in book.tables[export]:
                for column in columns:
                    if not row[column] and draw.random() < 0.1:
                        row[column] = draw.choice(NULL_WORDS)
        for export, columns in REFERENCES.items():
            for row in book.tables[export]:
                for column in columns:
                    cell = row[column]
                    if cell and draw.random() < 0.02:
                        row[column] = draw.choice((cell.lower(), f" {cell}", f"{cell}  "))
