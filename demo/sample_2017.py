"""The export that the council met first, in 2017: twelve columns, one row per referral; people invented."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from random import Random

from demo.dates import day_text
from demo.people import Population, Row

COLUMNS = (
    "Diary Reference Number",
    "Name",
    "DOB",
    "Referral Date",
    "Closure Date",
    "Address",
    "Postcode",
    "Project",
    "Sub Category",
    "Referrer",
    "Org Person ID",
    "Report Person Type",
)
PROJECTS = (
    ("Prevention Alliance", "Housing support"),
    ("Prevention Alliance", "Wellbeing"),
    ("Early Help", ""),
)
REFERRERS = ("Sample Surgery 1 (invented)", "Sample College 2 (invented)", "Self", "[Not Specified]")
SAMPLE_2017 = Path(__file__).parent / "sample_2017.csv"


def rows_2017(seed: int = 2017, count: int = 30) -> list[Row]:
    """Return the rows: a few people come twice, a few cases are still open, two words stand for nothing."""
    draw = Random(f"{seed} events")
    population = Population(Random(f"{seed} people"), Random(f"{seed} people aside"))
    people = [population.person() for _ in range(count - 4)]
    kinds = draw.choices(("Client", "Carer"), (9, 1), k=len(people))
    rows = []
    for number in range(count):
        at = number if number < len(people) else number - len(people)
        person = people[at]
        received = date(2017, 4, 3) + timedelta(days=number * 6)
        project, part = draw.choice(PROJECTS)
        closed = received + timedelta(days=draw.randint(7, 90)) if draw.random() < 0.8 else None
        home = person.home
        cells = (
            f"{20170001 + number}",
            f"{person.forename} {person.surname}",
            day_text(person.born),
            day_text(received),
            day_text(closed),
            ", ".join(line for line in (home.line1, home.line2, home.town) if line),
            home.postcode,
            project,
            part,
            draw.choice(REFERRERS),
            f"{5001 + at}",
            kinds[at],
        )
        rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return rows


def csv_2017() -> str:
    """Return the export as its CSV text."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows_2017())
    return text.getvalue()


def write_2017(path: Path = SAMPLE_2017) -> None:
    """Write the export; a test holds the file in the repository to what this writes."""
    path.write_text(csv_2017(), encoding="utf-8", newline="")
