"""Referrals by where people live: the ward of the day, the tenth of deprivation, who has no place in it."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from canonical import code_rows
from feed.counting import count_all
from feed.dimensions import dimension
from feed.facts import SHARED, facts_of
from feed.model import Area
from feed.periods import parse
from tests.feed_rows import key, write_rows
from tests.today import SEED

OLD, NEW = "E05000779", "E05015014"
HOME = {"ward": NEW, "ward_before": OLD, "lsoa21": "E01005745", "neighbourhood": "Alderbeck", "imd_decile": 3,
        "lad": "E08000007", "postcode_status": "valid"}  # fmt: skip
LAST_OLD, FIRST_NEW = date(2023, 5, 3), date(2023, 5, 4)
GEOGRAPHY = ("ward", "neighbourhood", "lsoa21", "imd_decile", "area_kind")
Rows = list[dict[str, Any]]


def received(path: Path, referrals: Rows, addresses: Rows, period: str) -> dict[str, dict[str, int]]:
    """Return how many referrals stand in each category of each geography; categories of none are left out."""
    tables = {"referral": referrals, "person": [], "address": addresses, "advice": [], "onward_referral": []}
    with facts_of(write_rows(path / "w.duckdb", tables), Area()) as facts:
        counts = count_all(facts, parse(period)).counts
    found = counts.filter(
        (pl.col("count_id") == "referrals_received") & (pl.col("period") == period) & (pl.col("count") > 0)
    )
    told: dict[str, dict[str, int]] = {}
    for row in found.iter_rows(named=True):
        told.setdefault(row["breakdown"], {})[row["category"]] = row["count"]
    return told


def referral(person: str, day: date) -> dict[str, Any]:
    return {"person_id": person, "received_on": day, "lot_code": "L3-SSH", "status": "completed"}


def placed(path: Path, homes: Rows, day: date, area: Area | None = None) -> list[dict[str, str]]:
    """Return the geography of one referral of each home's person on the day, in the order of the homes."""
    people = [f"p{at}" for at in range(len(homes))]
    tables = {
        "referral": [referral(person, day) for person in people],
        "address": [home | {"person_id": person} for home, person in zip(homes, people, strict=True)],
        "person": [],
    }
    columns = ", ".join(GEOGRAPHY)
    with facts_of(write_rows(path / f"{day}.duckdb", tables), area or Area()) as facts:
        told = facts.frame(f"SELECT person, {columns} FROM fact_hub_referral").rows_by_key(
            "person", named=True, unique=True
        )
    return [told[str(key(person))] for person in people]


WARDS: list[tuple[date, Mapping[str, Any], str]] = [
    (LAST_OLD, {}, OLD),
    (LAST_OLD, {"ward_before": None}, "unknown"),
    (LAST_OLD, {"ward": OLD, "ward_before": None}, OLD),
    (LAST_OLD, {"ward": "E05009999"}, "E05009999"),
    (LAST_OLD, {"ward": None}, OLD),
    (LAST_OLD, {"ward": None, "ward_before": None}, "unknown"),
    (FIRST_NEW, {}, NEW),
    (FIRST_NEW, {"ward": OLD, "ward_before": None}, "unknown"),
    (FIRST_NEW, {"ward": None}, "unknown"),
    (FIRST_NEW, {"ward": "no ward"}, "unknown"),
]


@pytest.mark.parametrize("day", [LAST_OLD, FIRST_NEW])
def test_a_referral_counts_in_the_ward_of_its_own_day(day: date, tmp_path: Path) -> None:
    """Wards changed on 4 May 2023; a code in no list of ours always was one; what is none is not known."""
    cases = [(HOME | home, ward) for on, home, ward in WARDS if on == day]
    told = placed(tmp_path, [dict(home) for home, _ in cases], day)
    assert [row["ward"] for row in told] == [ward for _, ward in cases]


def test_wards_that_changed_twice_count_by_the_day_of_each_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lists of wards: the day decides among all of them, first and last days included."""
    of_three = """SELECT * FROM (VALUES ('E05000001', DATE '0001-01-01', DATE '2014-05-21'),
        ('E05000779', DATE '2014-05-22', DATE '2023-05-03'),
        ('E05015014', DATE '2023-05-04', DATE '9999-12-31')) v(code, first_on, last_on)"""
    monkeypatch.setitem(SHARED, "feed_ward", of_three)
    homes = [
        HOME | {"ward_before": before} for before in ("E05000779 E05000001", "E05000779", "E05000001", None)
    ]
    days = [date(2014, 5, 21), date(2014, 5, 22), LAST_OLD, FIRST_NEW]
    told = [[row["ward"] for row in placed(tmp_path, homes, day)] for day in days]
    assert told == [
        ["E05000001", "unknown", "E05000001", "unknown"],
        [OLD, OLD, "unknown", "unknown"],
        [OLD, OLD, "unknown", "unknown"],
        [NEW, NEW, NEW, NEW],
    ]


KINDS: list[tuple[Mapping[str, Any], str]] = [
    ({}, "inside"),
    ({"lad": "E08000003", "lsoa21": "E01005100", "ward": "E05011368"}, "outside"),
    ({"lad": "E08000003", "lsoa21": None, "ward": None}, "outside"),
    ({"lad": None, "lsoa21": None, "postcode_status": "nonuk"}, "outside"),
    ({"lad": None, "lsoa21": None, "postcode_status": "no_fixed_abode"}, "no_fixed_abode"),
    ({"lad": None, "lsoa21": None, "postcode_status": "pseudo"}, "pseudo"),
    ({"lad": None, "lsoa21": None, "postcode_status": "missing"}, "unknown"),
    ({"lad": None, "lsoa21": None, "postcode_status": "refused"}, "unknown"),
    ({"lad": None, "lsoa21": None, "postcode_status": "valid"}, "unknown"),
    ({"lad": None, "lsoa21": None, "postcode_status": None}, "unknown"),
]


def test_who_lives_nowhere_in_the_borough_is_counted_apart_in_every_geography(tmp_path: Path) -> None:
    """Another district, no fixed abode and other pseudo postcodes are told apart, and from the not known."""
    told = placed(tmp_path, [dict(HOME | home) for home, _ in KINDS], FIRST_NEW)
    here = {"ward": NEW, "neighbourhood": "Alderbeck", "lsoa21": "E01005745", "imd_decile": "3"}
    for row, (_, kind) in zip(told, KINDS, strict=True):
        areas = here if kind == "inside" else dict.fromkeys(here, kind)
        assert {name: row[name] for name in GEOGRAPHY} == {**areas, "area_kind": kind}


@pytest.mark.parametrize(
    ("name", "people", "told"),
    [
        ("Alderbeck", 10, "Alderbeck"),
        ("Alderbeck", 9, "unknown"),
        ("St Mary’s & Dunmere (north)", 10, "St Mary’s & Dunmere (north)"),
        ("1 High Street", 10, "unknown"),
        ("<b>Alderbeck</b>", 10, "unknown"),
        ("=cmd", 10, "unknown"),
        ("Alder\nbeck", 10, "unknown"),
        ("A" * 61, 10, "unknown"),
    ],
)
def test_a_neighbourhood_is_named_where_ten_people_live_and_its_name_is_one(
    tmp_path: Path, name: str, people: int, told: str
) -> None:
    """No list knows the names: what a wrong column of the look-up holds of one person is not published."""
    rows = placed(tmp_path, [HOME | {"neighbourhood": name}] * people, FIRST_NEW)
    assert {row["neighbourhood"] for row in rows} == {told}


def test_of_several_addresses_the_one_that_tells_a_place_counts(tmp_path: Path) -> None:
    """A person is in one place, and never multiplied by their addresses."""
    homes = [
        {"person_id": "ann", "postcode_status": "missing"},
        HOME | {"person_id": "ann"},
        {"person_id": "ann", "lad": "E08000003", "postcode_status": "valid"},
    ]
    told = received(tmp_path, [referral("ann", FIRST_NEW)], homes, "2023-24-Q1")
    assert told["area_kind"] == {"inside": 1}
    assert told["ward"] == {NEW: 1}


def test_a_site_that_names_no_district_calls_nobody_an_outsider(tmp_path: Path) -> None:
    """What cannot be told is not told."""
    (told,) = placed(tmp_path, [HOME | {"lad": "E08000003"}], FIRST_NEW, Area(district=None))
    assert told["area_kind"] == "inside"


def test_wards_have_names_and_those_that_are_no_more_say_so() -> None:
    """Two wards of one name are told apart."""
    assert dimension("ward").label(OLD) == "Bramhall North (until May 2023)"
    assert dimension("ward").label(NEW) == "Bramhall North"
    labels = [dimension("ward").label(row["code"]) for row in code_rows("stockport_wards")]
    assert len(set(labels)) == len(labels) == 42


def test_every_geography_equals_a_count_by_hand(tmp_path: Path) -> None:
    """A loop over rows of a random warehouse, around the day on which the wards changed, says the same."""
    draw = Random(SEED)
    wards = [row["code"] for row in code_rows("stockport_wards")]
    old, new = wards[:21], wards[21:]
    homes: Rows = []
    for at in range(120):
        home: dict[str, Any] = {"person_id": f"p{at}", "postcode_status": "valid", "lad": "E08000007"}
        home |= {"lsoa21": f"E010057{draw.randint(40, 60)}", "imd_decile": draw.choice([None, *range(1, 11)])}
        home |= {"ward": draw.choice([None, *new]), "ward_before": draw.choice([None, *old])}
        home |= {"neighbourhood": draw.choice(["Alderbeck", "Dunmere", None])}
        if draw.random() < 0.3:
            nothing = dict.fromkeys(("lad", "lsoa21", "ward", "ward_before", "imd_decile", "neighbourhood"))
            home |= nothing | {
                "postcode_status": draw.choice(["no_fixed_abode", "pseudo", "missing", None, "nonuk"]),
                "lad": draw.choice([None, None, "E08000003"]),
            }
        homes.append(home)
    referrals = [
        referral(f"p{draw.randrange(130)}", FIRST_NEW + timedelta(days=draw.randint(-40, 60)))
        for _ in range(600)
    ]
    told = received(tmp_path, referrals, homes, "2023-24-Q1")
    by_person = {home["person_id"]: home for home in homes}
    for breakdown in GEOGRAPHY:
        assert told[breakdown] == _by_hand(referrals, by_person, breakdown)


def _by_hand(referrals: Rows, homes: Mapping[str, Mapping[str, Any]], breakdown: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for row in referrals:
        if not date(2023, 4, 1) <= row["received_on"] <= date(2023, 6, 30):
            continue
        home = homes.get(row["person_id"], {})
        kind = {"nonuk": "outside", "no_fixed_abode": "no_fixed_abode", "pseudo": "pseudo"}.get(
            home.get("postcode_status") or "", "unknown"
        )
        if home.get("lad") == "E08000003":
            kind = "outside"
        elif home.get("lad"):
            kind = "inside"
        name = "ward_before" if breakdown == "ward" and row["received_on"] < FIRST_NEW else breakdown
        place = home.get(name)
        inside = "inside" if breakdown == "area_kind" else str(place) if place is not None else "unknown"
        counted[inside if kind == "inside" else kind] += 1
    return dict(counted)
