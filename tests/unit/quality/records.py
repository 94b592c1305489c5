"""Invented records for the tests of the checks: dirty in every way the checks know, from a seed."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from canonical import polars_schema, spec
from quality import Facts
from quality.examples import TOLD

EXTRACTED_AT = datetime(2022, 12, 1, 6, tzinfo=UTC)
FACTS = Facts({"hub": EXTRACTED_AT, "far": EXTRACTED_AT - timedelta(days=30)}, ("999",), True)
SOURCES = ("hub", "far")
NUMBERS = ("9434765919", "9434765918", "9999999999", "0123456789", "9990000018", "12345", "٩٤٣٤٧٦٥٩١٩", None)
POSTCODES = ("SK1 3XE", "12 High St SK1 3XE", "ZZ99 3VZ", "SK1 3XE ", "M1 1AE", "EC1A 1BB", "75001", None)
Row = dict[str, Any]
Tables = dict[str, pl.DataFrame]
Maker = Callable[[random.Random, int, int], Row]
SEMANTIC = {
    "person": ("birth_date", "nhs_number", "role_type"),
    "address": ("postcode",),
    "characteristics": ("ethnicity_2021",),
    "referral": ("received_at", "closed_at", "closure_reason", "referrer_org_id"),
    "contact": ("duration_min",),
    "outcome_measure": ("item_03", "item_14", "raw_total"),
}


def made(seed: int, count: int) -> Tables:
    """Return tables of every checked entity, `count` records each."""
    draw = random.Random(seed)
    makers: dict[str, Maker] = {
        "service": _service, "person": _person, "address": _address, "characteristics": _characteristics,
        "referral": _referral, "need": _need, "contact": _contact, "outcome_measure": _form,
        "consent": _consent,
    }
    return {entity: _table(entity, [_record(draw, entity, maker, n, count) for n in range(count)])
            for entity, maker in makers.items()}


def _record(draw: random.Random, entity: str, maker: Maker, n: int, count: int) -> Row:
    row = maker(draw, n, count)
    unreadable = 0
    names = list(spec(entity).fields)
    for name in SEMANTIC.get(entity, ()):
        if draw.random() < 0.1:
            row[name] = None
            unreadable |= 1 << names.index(name)
    key = spec(entity).key[0]
    reference = f"{entity}-{n}"
    return {
        "_source": SOURCES[n % 2], "_reference": reference, "_row": n, "_unreadable": unreadable,
        "_reference_repeated": draw.choice((True, False, False, None)), key: reference, **row,
    }


def _table(entity: str, rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=polars_schema(entity) | TOLD, orient="row")


def _service(draw: random.Random, _: int, __: int) -> Row:
    return {"lot_code": draw.choice((None, "L3-SSH")), "valid_from": draw.choice((None, date(2022, 4, 1)))}


def _person(draw: random.Random, _: int, __: int) -> Row:
    return {
        "nhs_number": draw.choice(NUMBERS), "role_type": draw.choice(("client", "carer", None)),
        "birth_date": draw.choice((None, date(1980, 1, 1))), "anonymous": draw.choice((True, False, None)),
        "anonymised": draw.choice((True, False, None)), "_nhs_shared": draw.choice((True, False, None)),
    }


def _address(draw: random.Random, _: int, __: int) -> Row:
    return {
        "postcode": draw.choice(POSTCODES), "postcode_district": "SK1",
        "lsoa21": draw.choice((None, "E01005743")),
        "postcode_status": draw.choice((None, "valid", "nonuk", "pseudo", "refused")),
    }


def _characteristics(draw: random.Random, _: int, __: int) -> Row:
    return {"ethnicity_2021": draw.choice((None, "White: Irish"))}


def _referral(draw: random.Random, n: int, count: int) -> Row:
    received = datetime(2022, 3, 31, 22, tzinfo=UTC) + timedelta(hours=draw.randrange(-5, 6500))
    return {
        "person_id": draw.choice((None, f"person-{n}", f"person-{n}")),
        "received_at": draw.choice((None, received, received)),
        "received_time_known": draw.choice((True, False, None)),
        "target_service_id": f"service-{draw.randrange(count + 3)}",
        "referrer_type": draw.choice((None, "01", "02", "03")), "referrer_org_id": draw.choice((None, "O1")),
        "status": draw.choice((None, "received", "in_service", "completed", "rejected", "duplicate")),
        "closed_at": draw.choice((None, date(2022, 9, 1))),
        "closure_reason": draw.choice((None, "NEEDS_MET")),
        "parent_referral_id": draw.choice((None, "hub:R1")),
        "_parent_known": draw.choice((True, False, None)),
        "_parent_received_at": draw.choice((None, received + timedelta(hours=draw.randrange(-30, 30)))),
    }


def _need(draw: random.Random, _: int, count: int) -> Row:
    primary = draw.choice((True, True, False, None))
    return {"referral_id": f"referral-{draw.randrange(count)}", "is_primary": primary}


def _contact(draw: random.Random, _: int, count: int) -> Row:
    referral = draw.randrange(count + 3)
    return {
        "referral_id": draw.choice((f"referral-{referral}", f"referral-{referral}", None)),
        "_row_person": draw.choice((None, f"person-{referral}", "person-x")),
        "attendance": draw.choice((None, "5", "3", "2", "7")), "duration_min": draw.choice((None, 0, 30)),
    }


def _form(draw: random.Random, _: int, __: int) -> Row:
    items = {f"item_{number:02}": draw.choice((3,) * 40 + (4, None)) for number in range(1, 15)}
    return items | {
        "tool": draw.choice(("WEMWBS", "SWEMWBS", None)), "raw_total": draw.choice((None, 42, 21, 0)),
        "metric_score": None,
    }


def _consent(draw: random.Random, n: int, count: int) -> Row:
    whose = n - n % 2 + draw.choice((n % 2, n % 2, 1 - n % 2)) + draw.choice((0, 0, count))
    return {"purpose": "service", "_person": draw.choice((f"person-{whose}", f"person-{whose}", None))}
