"""Who may be in one provider's system twice, against a plain reading of the same rows."""

import random
from datetime import date
from typing import Any

import polars as pl
import pytest

from canonical import polars_schema
from quality.soundex import soundex
from sync.digests import Digest
from sync.likeness import MOST, Alike, LikenessNotes, alike

Row = dict[str, Any]
DIGEST = Digest(7)
TEXTS = {"_source": pl.String, "_reference": pl.String}
OWN = DIGEST.of(pl.col("_source"), pl.col("_reference"))
FAMILY = ("Zqsmith", "ZQSMYTH", "Zqsmithe", "Zqjones", "Zqjohns", "O'Zqbrien", "Zqöbrien", None)
GIVEN = ("Zqanna", "Zqann", "Zqbeth", None)
BORN = (date(1980, 3, 5), date(1980, 3, 6), None)
POSTCODES = ("SK1 3XE", "SK1 3AA", "SK1 4AA", "ZZ99 3VZ", None)
NUMBERS = ("9434765919", "9990000018", None, None)


def made(seed: int, count: int) -> list[Row]:
    """Return invented people of two sources; each may have two homes."""
    draw = random.Random(seed)
    return [
        {
            "_source": draw.choice(("hub", "far")),
            "_reference": f"P{number:03}",
            "family_name": draw.choice(FAMILY),
            "given_name": draw.choice(GIVEN),
            "birth_date": draw.choice(BORN),
            "nhs_number": draw.choice(NUMBERS),
            "postcodes": draw.sample(POSTCODES, draw.choice((1, 1, 2))),
        }
        for number in range(count)
    ]


def told(people: list[Row], batches: int = 1) -> Alike:
    """Return what is told of the people, read in so many batches."""
    notes = {source: LikenessNotes() for source in ("hub", "far")}
    names, numbers = [], []
    for at in range(batches):
        for source, note in notes.items():
            part = [row for row in people[at::batches] if row["_source"] == source]
            person = pl.DataFrame(
                part, schema=polars_schema("person") | {"_source": pl.String, "_reference": pl.String}
            )
            homes = [
                row | {"_person": row["_reference"], "postcode": code}
                for row in part
                for code in row["postcodes"]
            ]
            address = pl.DataFrame(
                homes, schema={"_source": pl.String, "_person": pl.String, "postcode": pl.String}
            )
            note.take({"person": person}, DIGEST)
            note.take({"address": address}, DIGEST)
            names.append(person.select(person=OWN, reference="_reference"))
            mark = DIGEST.of(pl.col("nhs_number"))
            numbers.append(person.select(person=OWN, mark=mark).drop_nulls())
    return alike(notes.values(), names, numbers)


def plainly(people: list[Row]) -> dict[str, str]:
    """Return for each later record the first it is like, read pair by pair."""
    sounds = {name: soundex(pl.Series([name]))[0] for name in {*FAMILY, *GIVEN} if name is not None}

    def same(one: Row, other: Row) -> bool:
        sectors = [
            {str(code)[:5] for code in row["postcodes"] if code and code[:2] == "SK"} for row in (one, other)
        ]
        given = [row["given_name"] for row in (one, other)]
        return bool(
            one["_source"] == other["_source"]
            and one["birth_date"] is not None and one["birth_date"] == other["birth_date"]
            and one["family_name"] and other["family_name"]
            and sounds[one["family_name"]] == sounds[other["family_name"]]
            and sectors[0] & sectors[1]
            and (None in given or sounds[given[0]] == sounds[given[1]])
            and not (one["nhs_number"] and other["nhs_number"])
        )  # fmt: skip

    found: dict[str, str] = {}
    for at, row in enumerate(people):
        first = next((other["_reference"] for other in people[:at] if same(row, other)), None)
        if first is not None:
            found[str(row["_reference"])] = str(first)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_who_is_like_whom_is_what_reading_pair_by_pair_finds(seed: int) -> None:
    """Each later record once, with the first it is like; the batches in which they came do not matter."""
    people = made(seed, 90)
    found = told(people, batches=1 + seed % 3)
    own = DIGEST.of(pl.col("_source"), pl.col("_reference"))
    named = pl.DataFrame(people, schema={"_source": pl.String, "_reference": pl.String}).select(
        "_reference", mark=own
    )
    met = dict(
        named.join(found.others, left_on="mark", right_on="person").select("_reference", "other").iter_rows()
    )
    assert met == plainly(people)
    assert len(met) > 3


def test_a_crowd_that_is_alike_is_a_default_and_nothing_is_told_of_it() -> None:
    """Of more people than can be one, nobody is said to be another; thousands are not paired."""
    row = made(1, 1)[0] | {
        "family_name": "Zqsmith", "given_name": None, "birth_date": BORN[0], "nhs_number": None,
        "postcodes": ["SK1 3XE"], "_source": "hub",
    }  # fmt: skip
    crowd = [row | {"_reference": f"P{number}"} for number in range(MOST + 1)]
    assert told(crowd).others.is_empty()
    assert told(crowd).crowded.len() == MOST + 1
    assert told(crowd[:-1]).others.height == MOST - 1


def test_a_name_sounds_as_the_national_archives_code_it() -> None:
    """Their own examples, names with accents, and words without a letter."""
    names = {
        "Robert": "R163", "Rupert": "R163", "Rubin": "R150", "Ashcraft": "A261", "Ashcroft": "A261",
        "Tymczak": "T522", "Pfister": "P236", "Honeyman": "H555", "Lee": "L000", "Gutierrez": "G362",
        "Jackson": "J250", "VanDeusen": "V532", "O'Brien": "O165", "Müller": "M460", "李": None, "": None,
    }  # fmt: skip
    assert soundex(pl.Series(list(names))).to_list() == list(names.values())
    assert soundex(pl.Series([None], dtype=pl.String)).to_list() == [None]
