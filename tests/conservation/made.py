"""Exports of two providers for any number of nights: every column with an alphabet of its own, and odd rows.

Dates tell their column by their day: the days since 1970, divided by 16, leave the remainder of `DAY_OF`.
Words tell theirs by their stem (demo.words.STEMS). So a cell that turns up in the wrong place is known there.
"""

from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.exports import write_exports
from demo.words import EXPORTS, LETTERS, STEMS

SOURCES = ("hub", "community_support")
FIRST = date(2022, 4, 6)  # 19088 days since 1970, which is 16 times 1193
DAY_OF = {
    ("referrals", "Referral Date"): 0,
    ("referrals", "Triage Date"): 1,
    ("needs", "Raised Date"): 2,
    ("referrals", "Accepted Date"): 3,
    ("referrals", "Start Date"): 4,
    ("contacts", "Contact Date"): 5,
    ("outcomes", "Completed Date"): 6,
    ("referrals", "Referral Closure Date"): 7,
    ("referrals", "Date Awarded"): 8,
    ("relationships", "Start Date"): 9,
}
BORN = 15
PLACES = {"community_support": "7", "domestic_abuse_support": "8"}
ABSENT_PERCENT, RENAMED_PERCENT = 4, 2
ODD_ROWS = 3
Tables = dict[str, pl.DataFrame]


def made(folder: Path, rows: int, sources: tuple[str, ...] = SOURCES) -> dict[str, Tables]:
    """Return the exports of the providers with so many referrals each; all cells are text."""
    write_exports(folder, rows)
    tables = {
        export: pl.read_csv(folder / f"{export}.csv", infer_schema=False, empty_string_is_null=False)
        for export in EXPORTS
    }
    return {source: _of(source, _coloured(tables)) for source in sources}


def on_night(tables: Tables, number: int) -> Tables:
    """Return the exports so many nights later: some people are away with all that is theirs, some renamed.

    A few rows stand twice, a few without their reference, whatever the night.
    """
    person = pl.col("Org Person ID").str.slice(2).cast(pl.Int64)
    chance = (person * 7919 + number * 104_729) % 9973
    away = (chance % 100 < ABSENT_PERCENT) & pl.lit(number > 0)
    renamed = chance // 100 % 100 < RENAMED_PERCENT
    there: Tables = {}
    for export, table in tables.items():
        rows = table.filter(~away) if "Org Person ID" in table.columns else table
        if export == "relationships":
            rows = rows.join(
                there["people"], left_on="Related Org Person ID", right_on="Org Person ID", how="semi"
            )
        if export == "people":
            new = pl.when(renamed).then(pl.col("Surname") + f" {number}").otherwise("Surname")
            rows = rows.with_columns(new.alias("Surname"))
        there[export] = _with_odd_rows(export, rows)
    return there


def write(tables: Tables, folder: Path) -> None:
    """Write one CSV file per export, as the portal gives them."""
    folder.mkdir(parents=True, exist_ok=True)
    for export, table in tables.items():
        table.write_csv(folder / f"{export}.csv", include_bom=True, line_terminator="\r\n")


def _coloured(tables: Tables) -> Tables:
    """Return the tables with an alphabet per column, and with cells where the small generator leaves none."""
    made_of = {export: table.with_row_index("i") for export, table in tables.items()}
    for (export, column), day in DAY_OF.items():
        old = pl.col(column) if export != "relationships" else pl.lit("x")
        turn = pl.lit(FIRST) + pl.duration(days=16 * (pl.col("i").cast(pl.Int64) * 7 % 12) + day)
        # What is blank, and what is no date, stays so.
        dated = old.str.contains(r"^\d|^x$") & ~old.str.starts_with("31/02")
        made_of[export] = made_of[export].with_columns(
            pl.when(dated).then(turn.dt.strftime("%d/%m/%Y")).otherwise(pl.col(column)).alias(column)
        )
    born = pl.date(1940, 1, 1) + pl.duration(days=16 * (pl.col("i").cast(pl.Int64) * 37 % 1400) + _to_born())
    people = made_of["people"]
    made_of["people"] = people.with_columns(
        pl.when(pl.col("Date of Birth") != "")
        .then(born.dt.strftime("%d/%m/%Y"))
        .otherwise(pl.lit(""))
        .alias("Date of Birth"),
        _word("Town"), _word("Address Line 2"), _word("Known As"), _word("Telephone"),
        pl.format("1000{}", pl.col("i").cast(pl.String).str.zfill(8)).alias("UPRN"),
    )  # fmt: skip
    made_of["referrals"] = made_of["referrals"].with_columns(
        _word("Referrer Name"),
        _word("Referral Reason"),
        pl.when(pl.col("Goal Outcome") != "")
        .then(pl.lit("12.50"))
        .otherwise(pl.lit(""))
        .alias("Monetary Outcome"),
    )
    return {export: table.select(list(EXPORTS[export])) for export, table in made_of.items()}


def _to_born() -> int:
    """Return how many days after 1 January 1940 the first birthday of the alphabet lies."""
    return (BORN - (date(1940, 1, 1) - date(1970, 1, 1)).days) % 16


def _word(column: str) -> pl.Expr:
    return pl.format(f"{STEMS[column]}{{}}", pl.col("i") % 4000).alias(column)


def _of(source: str, tables: Tables) -> Tables:
    """Return the tables as the provider has them: its own letter, its own places, no number in common."""
    if source == "hub":
        return tables
    letter = LETTERS[source]
    theirs: Tables = {}
    for export, table in tables.items():
        names = [
            name
            for name in table.columns
            if name.endswith(" ID")
            or name in {"Diary Reference Number", "Signposted To", "External Referral To"}
        ]
        own = [
            pl.when(pl.col(name).str.contains(r"^[HD]"))
            .then(letter + pl.col(name).str.slice(1))
            .otherwise(pl.col(name))
            .alias(name)
            for name in names
        ]
        theirs[export] = table.with_columns(own)
    theirs["people"] = theirs["people"].with_columns(
        (pl.lit(PLACES[source]) + pl.col("Address Line 1")).alias("Address Line 1"),
        pl.col("UPRN").str.replace("1000", f"100{PLACES[source]}").alias("UPRN"),
        pl.lit("").alias("NHS Number"),
    )
    return theirs


def _with_odd_rows(export: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a few repeated to the letter, and a few without a usable reference."""
    if export in {"organisations", "services"} or rows.is_empty():
        return rows
    key = EXPORTS[export][0]
    again, blank, wrong = (rows.slice(at * 50, ODD_ROWS) for at in (1, 2, 3))
    return pl.concat([
        rows,
        again,
        blank.with_columns(pl.lit("").alias(key)),
        wrong.with_columns(pl.lit("see notes").alias(key)),
    ])  # fmt: skip
