"""Invented records for the tests of the checks: dirty in every way the checks know, from a seed.

People come in circles: whatever hangs together carries the number of its circle, so that a test can cut the
tables into partitions of whole people. Organisations and services are handed whole.
"""

import random
from datetime import UTC, datetime, timedelta

import polars as pl

from canonical import polars_schema, spec
from quality import Facts
from quality.examples import TOLD
from tests.unit.quality.child_makers import handed_whole
from tests.unit.quality.circles import Circle, Row
from tests.unit.quality.makers import MAKERS

EXTRACTED_AT = datetime(2022, 12, 1, 6, tzinfo=UTC)
SOURCES = ("hub", "far")
FACTS = Facts({"hub": EXTRACTED_AT, "far": EXTRACTED_AT - timedelta(days=30)}, ("999",), True, "E08000007")
Tables = dict[str, pl.DataFrame]
WHOLE = ("service", "organisation")
FLAGS = (True, None, *(False,) * 18)
UNREADABLE: dict[str, tuple[str, ...]] = {
    "person": ("birth_date", "nhs_number", "role_type"),
    "address": ("postcode", "uprn"),
    "characteristics": ("ethnicity_2021", "gender", "accommodation_status"),
    "referral": ("received_at", "closed_at", "closure_reason", "referrer_org_id", "referrer_type"),
    "contact": ("duration_min",),
    "advice": ("category",),
    "signposting": ("to_org_id",),
    "onward_referral": ("to_org_id", "to_service_id", "outcome"),
    "service_episode": ("ended_on", "end_reason", "started_on"),
    "outcome_measure": ("item_03", "item_14", "raw_total"),
    "outcome": ("awarded_on",),
    "early_help_episode": ("end_reason",),
    "directory_service": ("name", "status", "longitude"),
}


def made(seed: int, count: int, *, repeated: bool = False) -> Tables:
    """Return tables of every entity: about `count` people, and what hangs on them.

    Given: repeated, to have a few references stand on two rows with different content.
    """
    draw = random.Random(seed)
    circles = [Circle(draw, number, SOURCES[number % 2]) for number in range(count // 2)]
    whole = handed_whole(draw, SOURCES)
    rows = whole | {name: [row for one in circles for row in maker(one)] for name, maker in MAKERS.items()}
    for entity, listed in rows.items():
        for number, row in enumerate(listed):
            _note(draw, entity, row, number)
    for entity in ("person", "referral", "child_review") if repeated else ():
        rows[entity] = rows[entity] + _again(draw, rows[entity])
    return {entity: _table(entity, listed) for entity, listed in rows.items()}


def _note(draw: random.Random, entity: str, row: Row, number: int) -> None:
    """Give the row its technical columns, and have some cells not be readable."""
    names = list(spec(entity).fields)
    unread = [name for name in UNREADABLE.get(entity, ()) if draw.random() < 0.08]
    row |= dict.fromkeys(unread)
    row["_unreadable"] = sum(1 << names.index(name) for name in unread)
    row["_reference_repeated"] = None if entity in WHOLE else draw.choice(FLAGS)
    row["_row"], row["_reference"] = number, row[spec(entity).key[0]]


def _again(draw: random.Random, rows: list[Row]) -> list[Row]:
    """Return some rows a second time, with another row's content under the same reference and person."""
    chosen = draw.sample(rows, len(rows) // 40)
    for row in chosen:
        row["_reference_repeated"] = True
    others = draw.sample(rows, len(chosen))
    own = ("_source", "_reference", "_person", "person_id", "referral_id", "review_id")
    return [
        other
        | {name: row[name] for name in own if name in row}
        | {"_row": len(rows) + at, "_reference_repeated": True}
        for at, (row, other) in enumerate(zip(chosen, others, strict=True))
    ]


def _table(entity: str, rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=polars_schema(entity) | TOLD, orient="row")


def part_of(tables: Tables, number: int, parts: int) -> Tables:
    """Return the rows of every circle whose number falls into the part; what is handed whole is in none."""
    circle = pl.coalesce(
        pl.col("_reference").str.extract(r"-(\d+)-\d+$"), pl.col("_reference").str.extract(r"(\d{4})$")
    )
    mine = circle.cast(pl.Int64) % parts == number
    return {entity: table.filter(mine) for entity, table in tables.items() if entity not in WHOLE}
