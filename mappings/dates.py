"""Days and hours read strictly by a declared format, and the way from a clock on the wall to UTC."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from mappings.words import AS_WRITTEN, stepwise

NAIVE = pl.Datetime("us")
INSTANT = pl.Datetime("us", "UTC")
ZONE = "Europe/London"
HOUR = pl.duration(hours=1)
DAY_US = 86_400_000_000
CLOCK = frozenset({"hour", "minute", "second"})
TOKENS = {
    "yyyy": r"(?P<year>[12][0-9]{3})",
    "yy": r"(?P<year>[0-9]{2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "mm": r"(?P<month>[0-9]{2})",
    "m": r"(?P<month>[0-9]{1,2})",
    "HH": r"(?P<hour>[01][0-9]|2[0-3])",
    "MM": r"(?P<minute>[0-5][0-9])",
    "SS": r"(?P<second>[0-5][0-9])",
}
_TOKEN = re.compile("|".join(TOKENS))


@dataclass(frozen=True)
class DateFormat:
    """A declared format such as dd/mm/yyyy HH:MM, as an expression that fits the whole word or nothing."""

    text: str
    pattern: str
    parts: frozenset[str]
    shape: str
    years_from: int | None

    @property
    def has_day(self) -> bool:
        """Return whether a calendar day can be read."""
        return {"year", "month", "day"} <= self.parts

    @property
    def has_time(self) -> bool:
        """Return whether an hour and minute can be read."""
        return {"hour", "minute"} <= self.parts


def read_format(text: str, years_from: int | None = None) -> DateFormat:
    """Return the format. Errors: ValueError saying what is wrong with it."""
    tokens = _TOKEN.findall(text)
    literals = _TOKEN.sub("", text)
    if any(mark.isalnum() for mark in literals.replace("T", "")):
        raise ValueError("write it with dd, d, mm, m, yyyy, yy, HH, MM, SS and the marks between them")
    parts = [re.findall(r"<(\w+)>", TOKENS[token])[0] for token in tokens]
    if len(set(parts)) != len(parts):
        raise ValueError("it names the same part twice")
    if ("yy" in tokens) != (years_from is not None):
        said = (
            "say years_from, the first year that two digits may mean"
            if years_from is None
            else "drop years_from"
        )
        raise ValueError(
            f"years of two digits are ambiguous: write yyyy, or {said}" if "yy" in tokens else said
        )
    pattern = "".join(TOKENS.get(piece) or re.escape(piece) for piece in pieces(text))
    shape = re.sub(r"dd|d|mm|m|yy|HH|MM|SS", "9", text)
    return DateFormat(text, f"^{pattern}$", frozenset(parts), shape, years_from)


def pieces(text: str) -> list[str]:
    """Return the tokens of a format and what stands between them."""
    return [piece for piece in re.split(f"({_TOKEN.pattern})", text) if piece]


def read_days(words: pl.Series, formats: tuple[DateFormat, ...]) -> pl.Series:
    """Return each word as a calendar day; null where no format fits or there is no such day."""
    if not formats:
        return pl.repeat(None, len(words), dtype=pl.Date, eager=True)
    found = {f"form {at}": pl.col("word").str.extract_groups(form.pattern) for at, form in enumerate(formats)}
    days = [_day(pl.col(f"form {at}").struct, form) for at, form in enumerate(formats)]
    return stepwise(words, found, {words.name: pl.coalesce(days)}).to_series()


def _day(found: Any, form: DateFormat) -> pl.Expr:
    """Return the day that the parts of one format name."""
    year = found.field("year").cast(pl.Int32, strict=False)
    if form.years_from is not None:
        year = form.years_from + (year - form.years_from) % 100
    text = pl.format("{}-{}-{}", year, found.field("month"), found.field("day"))
    return text.str.to_date("%Y-%m-%d", strict=False)


def read_times(words: pl.Series, formats: tuple[DateFormat, ...]) -> pl.Series:
    """Return each word's time of day in microseconds; null where no format fits."""
    if not formats:
        return pl.repeat(None, len(words), dtype=pl.Int64, eager=True)
    found = {f"form {at}": pl.col("word").str.extract_groups(form.pattern) for at, form in enumerate(formats)}
    times = [_time(pl.col(f"form {at}").struct, form) for at, form in enumerate(formats)]
    return stepwise(words, found, {words.name: pl.coalesce(times)}).to_series()


def _time(found: Any, form: DateFormat) -> pl.Expr:
    """Return the time of day that the parts of one format name; null for what is no number."""
    # No word of a cell may end the run: what is no number is null.
    number = {part: found.field(part).cast(pl.Int64, strict=False) for part in form.parts & CLOCK}
    time: pl.Expr = number["hour"] * 3600 + number["minute"] * 60
    if "second" in number:
        time += number["second"]
    return time * 1_000_000


def to_utc(wall: pl.Series) -> pl.Series:
    """Return the instants that London's clocks showed.

    An hour shown twice is its first showing; an hour that was skipped is read as if the clocks had
    not yet been put forward. Both are settled the same way on every run.
    """
    return wall.to_frame().select(_utc(pl.col(wall.name))).to_series()


def _utc(wall: pl.Expr) -> pl.Expr:
    clock = wall.dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
    skipped = (wall - HOUR).dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null") + HOUR
    return pl.coalesce(clock, skipped).dt.convert_time_zone("UTC")


@dataclass(frozen=True)
class Midnight:
    """London days, their first instants, and whether the clocks stay the same all that day."""

    days: pl.Series
    first: pl.Series
    steady: pl.Series

    def each(self, change: Callable[[pl.Series], pl.Series]) -> "Midnight":
        """Return the same with each column changed."""
        return Midnight(change(self.days), change(self.first), change(self.steady))


def midnights(days: pl.Series) -> Midnight:
    """Return the days with what is worked out once for each."""
    day, first, following = pl.col("day"), pl.col("first"), pl.col("following")
    steady = (following - first).dt.total_microseconds() == DAY_US
    told = days.to_frame("day").lazy()
    told = told.select_seq(first=_utc(day.cast(NAIVE)), following=_utc(day.dt.offset_by("1d").cast(NAIVE)))
    made = told.select_seq(first, steady.alias("steady")).collect(optimizations=AS_WRITTEN)
    return Midnight(days, made["first"].alias(days.name), made["steady"].alias(days.name))


def at_time(midnight: Midnight, times: pl.Series) -> pl.Series:
    """Return the instants of these days and times of day.

    The change of clocks is worked out on the days it falls on, and costs nothing on the others.
    """
    instants = (midnight.first.to_physical() + times).cast(INSTANT)
    changing = ~midnight.steady.fill_null(True)
    if not changing.any():
        return instants
    wall = midnight.days.filter(changing).cast(NAIVE).to_physical() + times.filter(changing)
    wall = wall.cast(NAIVE)
    return instants.scatter(changing.arg_true(), to_utc(wall))
