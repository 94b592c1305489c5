"""The law packs: each statement has its source, and what was not read in the law says so."""

import re

import pytest

from sharing.lawpacks import LawPack, known_packs, law_pack
from sharing.lawpacks.pack import Statement

TABLES = ("article6", "article9", "schedule1", "article10", "provisions", "annex2", "stops")
ADDRESS = re.compile(r"https://|crimeline\.co\.uk")


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
