"""What a source's account saw, night by night: a narrower view is told from records that were closed.

A view is a set of words (projects, branches, fields, options), kept as keyed digests with the number of rows
that showed each. Words that the source lists itself count at once; words that only rows show count from
LEAST_ROWS on, so that the last case of a project does not look like a permission taken away.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from connectors.visibility import Visibility

LEAST_ROWS = 5
MOST_WORDS = 5_000
Seen = dict[str, dict[str, int | None]]


@dataclass(frozen=True)
class Narrowing:
    """How many words of a list are gone, of how many.

    rows: how many rows showed them last time; 0 where the source itself listed them.
    """

    place: str
    gone: int
    before: int
    rows: int

    def __str__(self) -> str:
        """Return the narrowing in words, without any of the words that are gone."""
        aspect, _, name = self.place.partition("/")
        shown = f", which {self.rows} rows showed" if self.rows else ""
        return f"{aspect} of {name}: {self.gone} of {self.before} gone{shown}"


@dataclass
class View:
    """One source's view tonight.

    seen: per place "aspect/list", the digest of each word with the number of rows that show it; None
          where the source lists the word itself.
    """

    key: bytes = field(repr=False)
    seen: Seen = field(default_factory=dict)
    too_many: set[str] = field(default_factory=set)

    def listed(self, visibility: Visibility) -> None:
        """Take what the source itself says that the account can see."""
        for aspect, lists in visibility.seen.items():
            for name, words in lists.items():
                self.names(aspect, name, words)

    def names(self, aspect: str, name: str, words: Iterable[str]) -> None:
        """Take a whole list of words."""
        place = f"{aspect}/{name}"
        self.seen.setdefault(place, {}).update((self._digest(place, word), None) for word in words)

    def cells(self, aspect: str, name: str, words: pl.Series) -> None:
        """Add a batch's cells of the column that shows this aspect. Given: text; blank cells show nothing.

        A column of more than MOST_WORDS words is no list of projects: it is left out of the view.
        """
        place = f"{aspect}/{name}"
        seen = self.seen.setdefault(place, {})
        if place in self.too_many:
            return
        counted = words.str.strip_chars().value_counts(name="rows")
        if counted.height + len(seen) > MOST_WORDS:
            self.too_many.add(place)
            seen.clear()
            return
        for word, rows in counted.iter_rows():
            if word:
                digest = self._digest(place, word)
                seen[digest] = (seen.get(digest) or 0) + rows

    def export(self, name: str, rows: int) -> None:
        """Take one export's number of rows: one that is empty tonight, and was not before, is gone."""
        place = "exports/the source"
        if rows:
            self.seen.setdefault(place, {})[self._digest(place, name)] = rows

    def narrowed(self, before: Seen, *, in_part: bool = False) -> list[Narrowing]:
        """Return what was seen before and is not seen now, list by list.

        Given: whether only a part of the rows was read; then only what the source lists itself can be missed.
        """
        found = []
        for place, words in sorted(before.items()):
            now = self.seen.get(place, {})
            gone = {word: rows for word, rows in words.items() if word not in now and _counts(rows, in_part)}
            if gone and place not in self.too_many:
                rows = sum(number or 0 for number in gone.values())
                found.append(Narrowing(place, len(gone), len(words), rows))
        return found

    def counts(self, before: Seen) -> dict[str, dict[str, int]]:
        """Return per place how many words are seen, new and gone: for the run's summary."""
        return {
            place: {
                "seen": len(words := self.seen.get(place, {})),
                "new": len(words.keys() - before.get(place, {}).keys()) if before else 0,
                "gone": len(before.get(place, {}).keys() - words.keys()),
            }
            for place in sorted({*self.seen, *before})
        }

    def _digest(self, place: str, word: str) -> str:
        said = f"viaduct view\x1f{place}\x1f{word}".encode()
        return hmac.digest(self.key, said, "sha256")[:16].hex()


def _counts(rows: int | None, in_part: bool) -> bool:
    return rows is None or (rows >= LEAST_ROWS and not in_part)


def in_words(narrowings: list[Narrowing]) -> str:
    """Return the narrowings of one source in one line."""
    return "; ".join(str(part) for part in narrowings)
