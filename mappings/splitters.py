"""Splitters: one part of a cell that holds several."""

import re
from collections.abc import Callable

import polars as pl

from mappings.words import nothing_if_blank

Splitter = Callable[[pl.Series], pl.Series]
OPEN_PART = re.compile(r"^([1-9])\+$")


def splitter(kind: str, part: int | str) -> Splitter:
    """Return the function that takes the part. Errors: ValueError saying which parts there are."""
    if kind == "name":
        if part not in {"given", "family"}:
            raise ValueError("a name has the parts given and family")
        return given_name if part == "given" else family_name
    open_part = OPEN_PART.match(str(part))
    if open_part:
        return comma_part(int(open_part[1]), onward=True)
    if isinstance(part, int) and 1 <= part <= 9:
        return comma_part(part)
    raise ValueError('the parts between commas are 1 to 9, or "5+" for the fifth and all that follow')


def comma_part(number: int, *, onward: bool = False) -> Splitter:
    """Return the n-th part between commas, empty parts left out; `onward` joins it with all that follow."""

    def take(words: pl.Series) -> pl.Series:
        parts = words.str.split(",").list.eval(pl.element().str.strip_chars())
        parts = parts.list.eval(pl.element().filter(pl.element() != ""))
        if onward:
            return nothing_if_blank(parts.list.slice(number - 1).list.join(", "))
        return parts.list.get(number - 1, null_on_oob=True)

    return take


def family_name(words: pl.Series) -> pl.Series:
    """Return what stands before the comma; without one the last word of two or more."""
    before = words.str.extract(r"^\s*([^,]*\S)\s*,")
    last = words.str.extract(r"^[^,]*\S\s+(\S+)\s*$")
    return before.zip_with(words.str.contains(",", literal=True).fill_null(False), last)


def given_name(words: pl.Series) -> pl.Series:
    """Return what stands after the comma; without one all but the last word, or the only word."""
    after = words.str.extract(r",\s*(.*\S)\s*$")
    first = words.str.extract(r"^([^,]*\S)\s+\S+\s*$")
    first = first.zip_with(first.is_not_null(), words)
    return after.zip_with(words.str.contains(",", literal=True).fill_null(False), first)
