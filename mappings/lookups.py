"""Look-ups: the places a postcode lies in, the services and organisations of the sources, bank holidays."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from config.documents import Problem
from mappings.errors import LookupRefused
from mappings.lookup_files import MOST_TOLD, read_lookup

HOLIDAYS = Path(__file__).with_name("bank_holidays_england.csv")
COLUMNS = {
    "oslaua": "lad",
    "osward": "ward",
    "lsoa11": "lsoa11",
    "lsoa21": "lsoa21",
    "neighbourhood": "neighbourhood",
}
# What a look-up may leave out; the field it tells is then empty, and a figure that needs it says so.
WARDS_BEFORE = {"osward_before": "ward_before"} | {
    f"osward_before_{change}": f"ward_before_{change}" for change in range(2, 10)
}
"""The wards of before each change, the latest change first."""
OPTIONAL = {**WARDS_BEFORE, "imd": "imd"}
CODED = ("lad", "ward", *WARDS_BEFORE.values(), "lsoa11", "lsoa21")
CODE = "^[A-Z][0-9]{8}$"
RANK = "^[0-9]{1,5}$"
AREAS_OF_ENGLAND = 32844
"""How many areas the English index of deprivation of 2019 ranks; the directory's `imd` is that rank."""
POSTCODE = "^[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}$"
LONGEST_NAME = 100


@dataclass(frozen=True)
class Postcodes:
    """The postcodes of a look-up file, and the places each lies in."""

    table: pl.DataFrame = field(repr=False)

    def places(self, postcodes: pl.Series) -> pl.DataFrame:
        """Return, for each postcode, its places; all null where the look-up does not have it."""
        asked = pl.DataFrame({"postcode": postcodes.str.replace_all(" ", "", literal=True)})
        return asked.join(self.table, on="postcode", how="left", maintain_order="left").drop("postcode")


@dataclass(frozen=True)
class Directory:
    """The services and organisations of all sources, whole, as canonical tables."""

    services: pl.DataFrame = field(repr=False)
    organisations: pl.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        """Give the organisations of a source that does not tell their type an unknown one."""
        if "_domestic_abuse" not in self.organisations.columns:
            unknown = self.organisations.with_columns(_domestic_abuse=pl.lit(None, pl.Boolean))
            object.__setattr__(self, "organisations", unknown)


def load_postcodes(path: Path) -> Postcodes:
    """Return the look-up in the columns of the ONS Postcode Directory.

    Errors: LookupRefused with every line that is no postcode with its places, or contradicts another.
    """
    table = read_lookup(path, ("pcds", *COLUMNS), tuple(OPTIONAL))
    postcode = pl.col("pcds").str.to_uppercase().str.replace_all(" ", "", literal=True).alias("postcode")
    places = [
        (
            pl.col(theirs).str.strip_chars().replace("", None)
            if theirs in table.columns
            else pl.lit(None, pl.String)
        ).alias(ours)
        for theirs, ours in (COLUMNS | OPTIONAL).items()
    ]
    known = table.select(postcode, *places)
    problems = list(_problems(path, known))
    if problems:
        raise LookupRefused(problems)
    told = known.unique("postcode", keep="first", maintain_order=True)
    before = list(WARDS_BEFORE.values())
    wards = pl.concat_str(before, separator=" ", ignore_nulls=True).replace("", None)
    return Postcodes(told.with_columns(imd_decile=imd_decile(), ward_before=wards).drop("imd", *before[1:]))


def imd_decile() -> pl.Expr:
    """Return the decile of a rank of the deprivation index of 2019; null outside England, and for no rank.

    Given:  `imd`, the rank as text, and `lsoa11`. Other nations rank their own areas under the same name.
    Source: English Indices of Deprivation 2019, which split 32,844 ranked areas into ten equal groups.
    """
    rank = pl.col("imd").cast(pl.Int32)
    decile = (rank * 10 + AREAS_OF_ENGLAND - 1) // AREAS_OF_ENGLAND
    ranked = pl.col("lsoa11").str.starts_with("E") & rank.is_between(1, AREAS_OF_ENGLAND)
    return pl.when(ranked).then(decile)


def _problems(path: Path, known: pl.DataFrame) -> Iterator[Problem]:
    """Yield what is wrong with the rows; row n stands on line n + 2. No cell is repeated."""
    faults = {"pcds: this is no postcode.": ~pl.col("postcode").str.contains(POSTCODE)}
    for theirs, ours in (COLUMNS | OPTIONAL).items():
        if ours in CODED:
            coded = pl.col(ours).str.contains(CODE)
            faults[f"{theirs}: write a code such as E01005745, or nothing."] = ~coded
        elif ours == "imd":
            faults["imd: write the rank of the area, or nothing."] = ~pl.col(ours).str.contains(RANK)
        else:
            faults[f"{theirs}: this is too long for a name."] = pl.col(ours).str.len_chars() > LONGEST_NAME
    ranks = pl.col("imd").drop_nulls().n_unique().over("lsoa11")
    faults["imd: this area (lsoa11) has another rank on another line."] = pl.col("lsoa11").is_not_null() & (
        ranks > 1
    )
    other = pl.struct(*CODED, "neighbourhood", "imd").n_unique().over("postcode") > 1
    faults["pcds: this postcode stands in other places on another line."] = other
    for text, fault in faults.items():
        lines = known.with_row_index("line", 2).filter(fault)["line"].head(MOST_TOLD)
        yield from (Problem(path, line, text) for line in lines)


@cache
def bank_holidays() -> pl.Series:
    """Return the bank holidays of England and Wales that are published."""
    table = pl.read_csv(HOLIDAYS, comment_prefix="#", schema={"day": pl.Date, "name": pl.String})
    return table["day"]
