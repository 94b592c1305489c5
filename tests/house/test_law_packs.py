"""The law packs: each statement has its source, and what was not read in the law says so."""

import re
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from sharing.lawpacks import LawPack, known_packs, law_pack
from sharing.lawpacks.pack import InForce, Statement

TABLES = ("article6", "article9", "schedule1", "article10", "provisions", "annex2", "stops")
ADDRESS = re.compile(r"https://|crimeline\.co\.uk")
INSTRUMENT = re.compile(r"\bSI \d{4}/\d+|\bs\.\d+")
TWO_YEARS = timedelta(days=731)
DAY = date(2026, 9, 30)
INFERRED = {"read": "inferred", "source": "SI 1/1, as the note to its neighbour gives it"}


def statements(pack: LawPack) -> dict[str, Statement]:
    """Return every statement of the pack by table and code."""
    return {f"{table}.{code}": said for table in TABLES for code, said in getattr(pack, table).items()}


@pytest.mark.parametrize("name", known_packs())
def test_a_statement_is_read_somewhere_or_asks_for_a_lawyer(name: str) -> None:
    """Where a lawyer is not asked, the source says where the words were read."""
    for code, said in statements(law_pack(name)).items():
        assert said.confirm_with_lawyer or ADDRESS.search(said.source), f"{code}: no place where it was read"


@pytest.mark.parametrize("name", known_packs())
def test_a_pack_is_whole(name: str) -> None:
    """It is named for its date, and every paragraph that a condition names is in it."""
    pack = law_pack(name)
    assert pack.law_pack == name
    assert {code for said in pack.article9.values() for code in said.schedule1} <= set(pack.schedule1)
    assert set(pack.health_categories) <= set(pack.categories)


def test_the_pack_holds_the_provisions_of_adult_social_care_and_one_for_children_to_come() -> None:
    """What the example stands on, what a safeguarding board may ask, and s.16LA, which no flow uses."""
    provisions = law_pack("uk/2026-09-30").provisions
    assert {f"uk:law/care-act-2014/s{number}" for number in (2, 6, 7, 45)} <= set(provisions)
    assert {"uk:law/nhs-act-2006/s2b", "uk:law/domestic-abuse-act-2021/part4"} <= set(provisions)
    assert provisions["uk:law/children-act-2004/s16la"].children_act2004
    assert provisions["uk:law/children-act-2004/s16la"].confirm_with_lawyer
    assert provisions["uk:law/children-act-2004/s16la"].in_force_from is None


@pytest.mark.parametrize("name", known_packs())
def test_from_which_day_something_is_law_was_read_or_it_is_not_law(name: str) -> None:
    """A day has a place where it was read; one of the last two years the instrument that appoints it."""
    pack = law_pack(name)
    packed_on = date.fromisoformat(name.partition("/")[2])
    dated = {code: said for code, said in statements(pack).items() if isinstance(said, InForce)}
    assert {code.partition(".")[0] for code in dated} == {*TABLES} - {"stops"}
    for code, said in dated.items():
        where = said.commencement.source
        assert ADDRESS.search(where), f"{code}: no place where its day, or that there is none, was read"
        if said.in_force_from is None or said.in_force_from > packed_on - TWO_YEARS:
            assert INSTRUMENT.search(where), f"{code}: what appoints, or is to appoint, its day is not named"


@pytest.mark.parametrize("name", known_packs())
def test_a_day_that_was_read_is_not_of_an_instrument_that_was_not(name: str) -> None:
    """Where the source itself says that something was not read or found, the day is inferred at the most."""
    dated = {code: said for code, said in statements(law_pack(name)).items() if isinstance(said, InForce)}
    doubted = {code: said.commencement.read for code, said in dated.items() if doubts(said)}
    assert {code for code, read in doubted.items() if read is True} == set()
    inferred = {code for code, said in dated.items() if said.day_inferred}
    assert {code for code, read in doubted.items() if read} == inferred


def doubts(said: InForce) -> bool:
    """Return whether the source of its day says that what appoints the day was not read."""
    return bool(re.search(r"\bnot (?:\w+ )?(?:read|found|seen)\b|from memory", said.commencement.source))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"in_force_from": DAY, "commencement": {"read": False, "source": "a rumour"}}, "was not read"),
        ({"commencement": {"read": True, "source": "SI 1/1"}}, "say under inForceFrom which day"),
        (
            {"in_force_from": DAY, "commencement": {"read": True, "source": "SI 1/1", "expectedFrom": DAY}},
            "nothing is expectedFrom any more",
        ),
        ({"in_force_from": DAY}, "commencement"),
        ({"commencement": INFERRED}, "say under inForceFrom which day"),
        (
            {"in_force_from": DAY, "commencement": INFERRED | {"expectedFrom": DAY}},
            "nothing is expectedFrom any more",
        ),
        (
            {"in_force_from": DAY, "commencement": INFERRED, "confirmWithLawyer": False},
            "a lawyer must confirm it",
        ),
    ],
    ids=[
        "a day that was not read",
        "read, and no day",
        "read, and still expected",
        "nothing said of it",
        "inferred, and no day",
        "inferred, and still expected",
        "inferred, and no lawyer asked",
    ],
)
def test_a_pack_cannot_take_a_day_that_nobody_read_for_the_first_day_of_a_law(
    said: dict[str, object], why: str
) -> None:
    """The form itself refuses: a day stands where it was read, and nowhere else."""
    plain = {name.replace("in_force_from", "inForceFrom"): value for name, value in said.items()}
    with pytest.raises(ValidationError, match=why):
        InForce.model_validate({"source": "the Act", "confirmWithLawyer": True} | plain)


def test_an_inferred_day_is_a_day_that_a_lawyer_confirms() -> None:
    """The third word is no refusal: the two provisions that the example stands on load with it."""
    said = {"inForceFrom": DAY, "commencement": INFERRED, "source": "the Act", "confirmWithLawyer": True}
    assert InForce.model_validate(said).day_inferred
    provisions = law_pack("uk/2026-09-30").provisions.items()
    assert {code for code, each in provisions if each.day_inferred} == {
        "uk:law/nhs-act-2006/s2b",
        "uk:law/domestic-abuse-act-2021/part4",
    }
