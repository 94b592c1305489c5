"""Look-ups: the places a postcode lies in, the services and organisations of the sources, bank holidays."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from config.documents import Problem, suggest
from mappings.errors import LookupRefused

HOLIDAYS = Path(__file__).with_name("bank_holidays_england.csv")
COLUMNS = {
    "oslaua": "lad",
    "osward": "ward",
    "lsoa11": "lsoa11",
    "lsoa21": "lsoa21",
    "neighbourhood": "neighbourhood",
}


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
    """Return the look-up in the columns of the ONS Postcode Directory. Errors: LookupRefused."""
    try:
        table = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError):
        table = None
    if table is None:
        raise LookupRefused([Problem(path, 1, "The file is missing, or is not a CSV file with a header.")])
    missing = [name for name in ("pcds", *COLUMNS) if name not in table.columns]
    if missing:
        raise LookupRefused(
            [Problem(path, 1, f"{name}: no such column.{suggest(name, table.columns)}") for name in missing]
        )
    postcode = pl.col("pcds").str.to_uppercase().str.replace_all(r"\s", "").alias("postcode")
    places = [
        pl.col(theirs).str.strip_chars().replace("", None).alias(ours) for theirs, ours in COLUMNS.items()
    ]
    known = table.select(postcode, *places).filter(pl.col("postcode").is_not_null())
    return Postcodes(known.unique("postcode", keep="first", maintain_order=True))


@cache
def bank_holidays() -> pl.Series:
    """Return the bank holidays of England and Wales that are published."""
    table = pl.read_csv(HOLIDAYS, comment_prefix="#", schema={"day": pl.Date, "name": pl.String})
    return table["day"]
