"""The data dictionary of a release: what every figure and every column means, as a table and to be read."""

from collections.abc import Iterable, Sequence

import polars as pl

from feed.release.observed import SHOWN_MEANS
from feed.release.sheet import Column, Kind, Sheet, empty
from feed.release.words import Break, Definition

COLUMNS = (
    Column("kpi", Kind.TEXT, "The figure's number."),
    Column("name", Kind.TEXT, "What it is called."),
    Column("table", Kind.TEXT, "The table it stands in."),
    Column(
        "kind",
        Kind.TEXT,
        "How it is computed: count, share, ratio, distribution, spread, sum; none: not told.",
    ),
    Column("unit", Kind.TEXT, "What its numbers are of."),
    Column("rule", Kind.TEXT, "What is counted, in words."),
    Column("numerator", Kind.TEXT, "The count above the line.", required=False),
    Column("denominator", Kind.TEXT, "The count below the line.", required=False),
    Column("statistics", Kind.TEXT, "Which numbers are given, by comma.", required=False),
    Column("breakdowns", Kind.TEXT, "By what it is split, by comma.", required=False),
    Column("rounding", Kind.TEXT, "How it is rounded.", required=False),
    Column("source", Kind.TEXT, "Where the definition comes from.", required=False),
    Column("counted_from", Kind.TEXT, "From which records it is counted, by comma.", required=False),
)


def dictionary_sheet(definitions: Iterable[Definition]) -> Sheet:
    """Return the dictionary as a table, a row for each figure."""
    rows = [_row(definition) for definition in definitions]
    frame = pl.DataFrame(rows, schema=empty(COLUMNS).schema, orient="row")
    meaning = "What every figure of this release counts, in words, with where its definition comes from."
    like = Sheet("dictionary", "Dictionary of figures", meaning, COLUMNS, ("kpi",), frame)
    return Sheet.of(frame, like)


def dictionary_page(
    title: str, definitions: Sequence[Definition], sheets: Sequence[Sheet], breaks: Sequence[Break]
) -> str:
    """Return the dictionary in Markdown: figures, how to read them, breaks, and every column."""
    lines = [f"# {title}: what the figures mean", "", "## How a number may be read", ""]
    lines += [
        "| shown | means |",
        "|---|---|",
        *(f"| {code} | {says} |" for code, says in SHOWN_MEANS.items()),
    ]
    lines += ["", "## Figures", ""]
    for one in sorted(definitions, key=lambda each: each.id):
        lines += _figure(one)
    lines += ["## Not comparable", "", *(_breaks(breaks) or ["No break is declared."]), ""]
    lines += ["## Tables", ""]
    for alike in _alike(sheets):
        lines += _tables(alike)
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _alike(sheets: Sequence[Sheet]) -> list[list[Sheet]]:
    """Return the tables, those with the same columns together."""
    found: dict[tuple[Column, ...], list[Sheet]] = {}
    for sheet in sheets:
        found.setdefault(sheet.columns, []).append(sheet)
    return list(found.values())


def _figure(one: Definition) -> list[str]:
    of_two = one.denominator != ""
    facts = {
        "Above the line" if of_two else "Counted": one.numerator,
        "Below the line": one.denominator,
        "Given as": ", ".join(one.statistics),
        "Unit": one.unit,
        "Split by": ", ".join(one.breakdowns),
        "Rounded": one.rounding,
        "Counted from": ", ".join(one.entities),
        "Source": one.source,
        "Table": one.table,
    }
    told = [f"- {name}: {text}" for name, text in facts.items() if text]
    return [f"### {one.id} {one.name}", "", one.rule, "", *told, ""]


def _breaks(breaks: Sequence[Break]) -> list[str]:
    return [f"- {each.of}: {each.words}" for each in breaks]


def _tables(alike: Sequence[Sheet]) -> list[str]:
    names = ", ".join(sheet.name for sheet in alike)
    told = [f"- {sheet.name}: {sheet.title}. {sheet.meaning}" for sheet in alike]
    head = [f"### {names}", "", *told, "", f"One row for each {', '.join(alike[0].key)}.", ""]
    return [*head, "| column | holds | means |", "|---|---|---|", *map(_line, alike[0].columns), ""]


def _line(column: Column) -> str:
    codes = f" One of: {', '.join(column.codes)}." if column.codes else ""
    may = "" if column.required else ", may be empty"
    return f"| {column.name} | {column.kind}{may} | {column.meaning}{codes} |"


def _row(one: Definition) -> tuple[str | None, ...]:
    texts = (one.id, one.name, one.table, one.kind, one.unit, one.rule, one.numerator, one.denominator)
    lists = (one.statistics, one.breakdowns)
    more = (*(", ".join(each) for each in lists), one.rounding, one.source, ", ".join(one.entities))
    return (*texts[:6], *(text or None for text in (*texts[6:], *more)))
