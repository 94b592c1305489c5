"""A column between its neighbours, and what its words say of where they belong."""

from dataclasses import dataclass

import polars as pl

from mappings.asked import ANSWERS
from mappings.cells import Cells
from mappings.readers import Reader
from mappings.words import normal_word, nowhere

MOST_WORDS = 2000
LONGEST_JOINED = 120
# Words that people write where they know nothing: no evidence of anything.
PLACEHOLDERS = frozenset({
    "unknown", "not known", "not stated", "not recorded", "not given", "not applicable", "n/a", "na", "n/k",
    "nk", "none", "nil", "null", "other", "refused", "declined", "withheld", "confidential", "tbc", "tba",
    "nfa", "no fixed abode", "no fixed address", "prefer not to say", "pending", "-", "--", "?", "x", "xx",
})  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """A column that is read, and what stands on either side of it.

    left, right: the columns beside it; None where it is the first or last, or nobody maps that one.
    open_left, open_right: whether anything may stand there: free words, or a column that nobody maps.
    """

    reader: Reader
    left: Reader | None
    right: Reader | None
    open_left: bool
    open_right: bool

    @property
    def strict_beside(self) -> list[Reader]:
        """Return the columns beside it that refuse what does not fit them."""
        return [beside for beside in (self.left, self.right) if beside is not None and beside.strict]

    def of_beside(self, words: list[str]) -> set[str]:
        """Return the words that a column beside could read."""
        taken: set[str] = set()
        for beside in self.strict_beside:
            taken |= {word for word, fits in zip(words, beside.accepts(words), strict=True) if fits}
        return taken

    def run_together(self, words: list[str]) -> set[str]:
        """Return the words that are one of this column and one of the next without anything between."""
        if self.right is None and not self.open_right:
            return set()
        cuts = [(word, at) for word in words for at in range(1, min(len(word), LONGEST_JOINED))]
        firsts = self.reader.accepts([word[:at] for word, at in cuts])
        fitting = [cut for cut, fits in zip(cuts, firsts, strict=True) if fits]
        rests = [word[at:] for word, at in fitting]
        if self.right is not None and self.right.strict:
            seconds = self.right.accepts(rests)
        else:
            seconds = [_begins_anew(rest) for rest in rests]
        return {word for (word, _), fits in zip(fitting, seconds, strict=True) if fits}

    def torn(self, cells: Cells, rows: pl.Series) -> pl.Series:
        """Return which of these rows have one word of this column spread over it and the next."""
        if self.right is None:
            return nowhere(len(rows))
        joined = (cells.batch[self.reader.name] + cells.batch[self.right.name]).filter(rows)
        words = joined.unique().drop_nulls().head(MOST_WORDS).to_list()
        whole = [word for word, fits in zip(words, self.reader.accepts(words), strict=True) if fits]
        both = cells.filled(self.right.name).filter(rows) & joined.is_in(whole).fill_null(value=False)
        return nowhere(len(rows)).scatter(rows.arg_true(), both)

    def is_strange(self, word: str) -> bool:
        """Return whether the word may be of another column: unlike any of its own.

        An unknown word in a column of codes may be a new option; it is strange only beside columns that take
        anything, where it may have come from.
        """
        if self.reader.of_words:
            return self.open_left or self.open_right
        return not self.reader.own_make(word)


def between(known: dict[str, Reader], header: tuple[str, ...], at: int) -> Placed:
    """Return the column at this place of the header, between its neighbours."""
    left = known.get(header[at - 1]) if at > 0 else None
    right = known.get(header[at + 1]) if at + 1 < len(header) else None
    return Placed(
        known[header[at]],
        left,
        right,
        open_left=at > 0 and (left is None or not left.strict),
        open_right=at + 1 < len(header) and (right is None or not right.strict),
    )


def says_nothing(word: str) -> bool:
    """Return whether people write this where they know nothing."""
    return word in ANSWERS or normal_word(word) in PLACEHOLDERS


def _begins_anew(rest: str) -> bool:
    return len(rest) > 1 and (rest[0].isupper() or rest[0].isdigit())


def blank(cells: Cells, name: str) -> pl.Series:
    """Return the rows whose cell of the column holds nothing."""
    return ~cells.filled(name)
