"""The sample: three providers' exports from one seed, the flaws planted in them, the figures they give.

Everybody in it is invented. The same seed and the same instant give the same bytes.
"""

import csv
import dataclasses
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from demo.book import Book, Table
from demo.figures import PUBLISHED, Figures
from demo.flaws import Flaw, LookAlike, plant
from demo.hub import write_hub
from demo.lives import live
from demo.people import Population
from demo.providers import write_abuse_support, write_community_support
from demo.quirks import roughen
from demo.words import CANARIES, EXPORTS, SOURCES
from demo.young import write_young_carers

__all__ = [
    "CANARIES",
    "EXPORTS",
    "EXTRACTED_AT",
    "SOURCES",
    "Flaw",
    "Sample",
    "generate",
    "write_csvs",
    "write_truth",
]

EXTRACTED_AT = datetime(2022, 12, 8, 6, 0, tzinfo=ZoneInfo("Europe/London"))
ABOUT = "about.json"
BOM = "\ufeff"
_SECRET_COLUMNS = (
    "Forename",
    "Surname",
    "Known As",
    "Date of Birth",
    "NHS Number",
    "Address Line 1",
    "Address Line 2",
    "Town",
    "Postcode",
    "UPRN",
    "Telephone",
)
_SECRET_TEXTS = {"referrals": ("Referrer Name", "Referral Reason"), "contacts": ("Worker", "Details")}


@dataclass(frozen=True)
class Sample:
    """Three providers' data at one instant; tables are lists of rows, never changed in place once made."""

    seed: int
    extracted_at: datetime
    sources: dict[str, dict[str, Table]]
    truth: tuple[Flaw, ...]
    figures: Figures = PUBLISHED
    look_alikes: tuple[LookAlike, ...] = ()

    def table(self, source: str, export: str) -> Table:
        """Return the rows of one export."""
        return self.sources[source][export]

    @property
    def references(self) -> frozenset[str]:
        """Return every reference that a row of the sample has of its own, over all providers."""
        return frozenset(
            row[EXPORTS[export][0]]
            for tables in self.sources.values()
            for export in EXPORTS
            for row in tables[export]
        )

    def secrets(self) -> frozenset[str]:
        """Return every personal value as exported; NHS numbers also unspaced, birth dates also in ISO."""
        found: set[str] = set()
        for tables in self.sources.values():
            for row in tables["people"]:
                found.update(row[column] for column in _SECRET_COLUMNS)
                found.add(row["NHS Number"].replace(" ", ""))
                found.add("-".join(reversed(row["Date of Birth"].split("/"))))
            for export, columns in _SECRET_TEXTS.items():
                found.update(row[column] for row in tables[export] for column in columns)
        return frozenset(value for value in found if len(value) > 4)


def generate(seed: int = 2022, extracted_at: datetime = EXTRACTED_AT) -> Sample:
    """Return the sample that the seed stands for.

    Given:   an aware instant that the exports are as at; dates planted "in the future" lie after it.
    Returns: ten tables for each of three providers, the planted flaws, and the published figures.
    """
    books = {
        source: Book(source, Random(f"{seed} {source}"), Random(f"{seed} {source} aside"))
        for source in SOURCES
    }
    hub = write_hub(books["hub"], Population(Random(f"{seed} people"), Random(f"{seed} people aside")))
    write_community_support(books["community_support"], hub)
    write_abuse_support(books["domestic_abuse_support"], hub)
    live(hub, books)
    write_young_carers(books["community_support"], hub)
    truth, alike = plant(hub, books, extracted_at)
    roughen(books, Random(f"{seed} quirks"))
    tables = {source: book.tables for source, book in books.items()}
    return Sample(seed, extracted_at, tables, tuple(truth), look_alikes=tuple(alike))


def csv_text(export: str, rows: Iterable[dict[str, str]]) -> str:
    """Return the export as the portal writes it: BOM, header, CRLF, quoted only where needed."""
    text = io.StringIO(newline="")
    text.write(BOM)
    writer = csv.DictWriter(text, EXPORTS[export], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_csvs(sample: Sample, folder: Path) -> None:
    """Write FOLDER/SOURCE/EXPORT.csv for every export, and FOLDER/about.json with their instant."""
    for source, tables in sample.sources.items():
        (folder / source).mkdir(parents=True, exist_ok=True)
        for export, rows in tables.items():
            (folder / source / f"{export}.csv").write_text(
                csv_text(export, rows), encoding="utf-8", newline=""
            )
    about = {"invented": True, "seed": sample.seed, "data_as_at": sample.extracted_at.isoformat()}
    (folder / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def write_truth(sample: Sample, path: Path) -> None:
    """Write the planted flaws and the figures as JSON."""
    flaws = [
        {
            "source": flaw.source,
            "entity": flaw.entity,
            "reference": flaw.reference,
            "check": flaw.check,
            "field": flaw.field,
            "fate": flaw.fate,
        }
        for flaw in sample.truth
    ]
    alike = [dataclasses.asdict(one) for one in sample.look_alikes]
    figures = sample.figures.as_json()
    truth = {"invented": True, "seed": sample.seed, "figures": figures, "flaws": flaws, "look_alikes": alike}
    path.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
