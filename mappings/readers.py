"""How each column of an export is read, so that what stands in one can be held against its neighbours.

A strict column refuses what does not fit it: a day, a reference with a pattern, a code. A free column takes
any words. A column that nobody maps is neither: what stood in it is not known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from mappings.cells import Cells
from mappings.converters import ONE_WORD, POSTCODE
from mappings.dates import DateFormat, read_times
from mappings.fields import FieldPlan
from mappings.load import Mapping
from mappings.words import normal, normal_word, nowhere

# A column that several fields read is judged by the strictest of its converters.
STRICTNESS = (
    "reference",
    "parent_reference",
    "references",
    "nhs_number",
    "uprn",
    "postcode",
    "instant",
    "date",
    "integer",
    "decimal",
    "coordinate",
    "code",
    "boolean",
    "code_as_is",
    "time_known",
    "text",
)
OF_WORDS = frozenset({"code", "boolean", "code_as_is", "kinds"})
DAYS = frozenset({"date", "instant"})
# By these a word is recognised and by none is it read, so digits of any script count.
DIGITS = r"[\d \-.,+£]{1,16}"
# A word of the column's own make that is only mistyped: it is a finding, and tells of no shift.
OWN_MAKE = {
    "date": r"[\d/.\-: T]{1,19}",
    "instant": r"[\d/.\-: T]{1,19}",
    "time": r"[\d:. ]{1,8}",
    "nhs_number": DIGITS,
    "uprn": DIGITS,
    "integer": DIGITS,
    "decimal": DIGITS,
    "coordinate": DIGITS,
    "postcode": r"(?=.*\d)[A-Za-z0-9 .\-]{1,10}|[A-Za-z]{1,4}",
    "reference": r"(?=\S*\d)\S{1,40}",
    "parent_reference": r"(?=\S*\d)\S{1,40}",
    "references": r"(?=.*\d)[^\n]{1,200}",
    "text": r"[\w./\-]{1,20}",
}
NUMBERS = 10**9
GENERIC_NHS = r"\d{3} ?\d{3} ?\d{4}"
GENERIC_UPRN = r"[1-9]\d{8,11}"
GENERIC_DAY = (
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?: \d{1,2}:\d{2}(?::\d{2})?)?"
    r"|\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?"
)
TELLING = {
    "date": GENERIC_DAY,
    "instant": GENERIC_DAY,
    "nhs_number": GENERIC_NHS,
    "uprn": GENERIC_UPRN,
    "postcode": POSTCODE.removeprefix("^").removesuffix("$"),
}


@dataclass(frozen=True)
class Reader:
    """How one column's words are read.

    kind:    its converter, or "time", "kinds" (words that say what a row makes), "free".
    plan:    the field that reads it; None for a column read by its name alone.
    pattern: of references, and how the texts of the column look.
    known:   words that a column of kinds knows.
    telling: how a word of the column looks wherever it stands; None where its words look like any others.
    """

    name: str
    kind: str
    plan: FieldPlan | None = field(default=None, repr=False)
    pattern: str | None = None
    known: frozenset[str] = frozenset()
    times: tuple[DateFormat, ...] = field(default=(), repr=False)
    telling: str | None = None

    @property
    def strict(self) -> bool:
        """Return whether the column refuses words that do not fit it."""
        return self.kind != "free"

    @property
    def of_words(self) -> bool:
        """Return whether the column holds words of a list: codes, yes and no, kinds of row."""
        return self.kind in OF_WORDS

    def unread(self, cells: Cells) -> pl.Series:
        """Return which of the column's words it refuses; a null word is never refused."""
        words = cells.column(self.name).words
        refused = self._refused(cells, words)
        if not words.null_count() and not refused.null_count():
            return refused
        both = {"word": words, "refused": refused}
        told = pl.DataFrame(both).select_seq(
            pl.col("refused").fill_null(False) & pl.col("word").is_not_null()
        )
        return told.to_series()

    def accepts(self, words: list[str]) -> list[bool]:
        """Return which words the column would take; one that takes anything says nothing."""
        any_word = self.kind in {"reference", "parent_reference"} and self.pattern is None
        if not self.strict or any_word or not words:
            return [False] * len(words)
        batch = pl.DataFrame({self.name: pl.Series(words, dtype=pl.String)})
        cells = Cells(batch, {}, (), None)
        refused = cells.column(self.name).spread(self.unread(cells))
        return (~refused & (batch[self.name].str.strip_chars() != "")).to_list()

    def own_make(self, word: str) -> bool:
        """Return whether the word looks like one of the column's, mistyped."""
        pattern = OWN_MAKE.get(self.kind)
        return pattern is not None and re.fullmatch(pattern, word) is not None

    def _refused(self, cells: Cells, words: pl.Series) -> pl.Series:
        if self.kind == "reference":
            return cells.converted_reference(self.name, self.pattern)[1]
        if self.kind == "parent_reference":
            return ~words.str.contains(f"(?i)^(?:{self.pattern or ONE_WORD})$")
        if self.kind == "kinds":
            return ~normal(words).is_in(sorted(self.known))
        if self.kind == "time":
            return read_times(words, self.times).is_null()
        return nowhere(len(words)) if self.plan is None else self._refused_by_field(cells, self.plan)

    def _refused_by_field(self, cells: Cells, plan: FieldPlan) -> pl.Series:
        values, unread = cells.converted(plan)
        if self.kind == "integer":
            least, most = plan.declared.least, plan.declared.most
            bounds = -NUMBERS if least is None else least, NUMBERS if most is None else most
            return unread | ~values.is_between(*bounds).fill_null(value=True)
        looks = {"nhs_number": "[0-9]{9,10}", "postcode": POSTCODE, "text": self.pattern or ""}.get(self.kind)
        return unread if looks is None else ~values.str.contains(f"^(?:{looks})$")


def readers(mapping: Mapping) -> dict[str, Reader]:
    """Return how each column that the mapping takes is read, by the column's name."""
    found: dict[str, Reader] = {}
    plans = [plan for entity in mapping.entities for plan in entity.fields if plan.declared.column]
    for plan in sorted(plans, key=_rank):
        found.setdefault(str(plan.declared.column), _reader(plan))
    for name, times in _times(mapping):
        if not found.get(name, Reader(name, "free")).strict or found[name].kind == "time_known":
            found[name] = Reader(name, "time", times=times)
    said = mapping.declared
    for name in filter(None, [said.reference.column, *(entity.person for entity in said.entities)]):
        if name not in found or found[name].kind == "reference":
            found[name] = _reference(name, mapping.patterns.get(name))
    if said.row_kinds is not None:
        known = frozenset(normal_word(word) for word in said.row_kinds.known)
        found[said.row_kinds.column] = Reader(said.row_kinds.column, "kinds", known=known)
    return found


def _rank(plan: FieldPlan) -> tuple[bool, int, bool]:
    said = plan.declared
    return plan.splitter is not None, STRICTNESS.index(str(said.converter)), said.pattern is None


def _times(mapping: Mapping) -> Iterator[tuple[str, tuple[DateFormat, ...]]]:
    for entity in mapping.entities:
        for plan in entity.fields:
            if plan.declared.time_column is not None:
                yield plan.declared.time_column, plan.time_formats
            elif plan.declared.converter == "time_known":
                yield str(plan.declared.column), plan.time_formats


def _reader(plan: FieldPlan) -> Reader:
    said = plan.declared
    name, kind = str(said.column), str(said.converter)
    if kind in {"reference", "parent_reference"} and plan.splitter is None:
        return _reference(name, said.pattern, kind)
    open_words = kind == "code_as_is" and plan.known is None
    open_words |= kind == "boolean" and said.other is not None
    if plan.splitter is not None or open_words or (kind == "text" and said.looks_like is None):
        return Reader(name, "free", plan)
    pattern = said.pattern or said.looks_like
    telling = pattern if _is_telling(pattern) else TELLING.get(kind)
    return Reader(name, kind, plan, pattern=pattern, telling=telling)


def _reference(name: str, pattern: str | None, kind: str = "reference") -> Reader:
    return Reader(name, kind, pattern=pattern, telling=pattern if _is_telling(pattern) else None)


def _is_telling(pattern: str | None) -> bool:
    """Return whether no everyday word or number looks like the references of this pattern."""
    everyday = ("7", "42", "2022", "20221201", "1000000", "Smith", "flat")
    return pattern is not None and not any(re.fullmatch(pattern, word, re.IGNORECASE) for word in everyday)
