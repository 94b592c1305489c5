"""The council holds both flows in one warehouse: laid side by side, they name nobody of an unlinked row."""

from collections import Counter
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from demo.sample import Sample
from tests.end_to_end.test_truth import abuse_cases
from tests.nights import NightSite
from tests.released import Council
from tests.small_sample import whole_sample

HUB = "source_system = 'hub'"
BY_CHANCE = 2
"""How many of the unlinked rows a join may name rightly: two, of forty-nine. Luck, and no more."""
RANK = 0.05
"""How far the order of one table may follow that of another: three standard errors over 3,663 rows."""
OF_BASE = 1.5
"""How much oftener than among all of them a case picked by elimination may tell of abuse."""
NOT_ASKED = {"batch_sequence", "run_id", "released_at"}
SIGNATURE = ("referrer_type", "priority", "triage_outcome", "status", "closure_reason")
BELOW = {
    "contact": ("attendance",),
    "need": ("need_code", "is_primary"),
    "advice": ("category",),
    "signposting": (),
    "onward_referral": ("outcome",),
}
Row = dict[str, Any]


class Attack:
    """A warehouse after a first night, and what is true of it; the truth is read from the exports alone."""

    def __init__(self, night: NightSite, sample: Sample) -> None:
        self.night, self.council = night, Council(night)
        rows = sample.table("hub", "referrals")
        self.cases = abuse_cases(sample)
        self.person_of = {row["Diary Reference Number"]: row["Org Person ID"] for row in rows}
        self.people = sorted({row["Org Person ID"] for row in sample.table("hub", "people")})
        self.in_danger = {self.person_of[case] for case in self.cases}

    def referrals(self, flow: str) -> dict[UUID, str]:
        """Return the hub's own references of a flow's referrals, which nobody at the council has."""
        return self.council.keys(flow, "referral", "hub", sorted(self.person_of))

    def persons(self, flow: str) -> dict[UUID, str]:
        """Return the hub's own references of a flow's people."""
        return self.council.keys(flow, "person", "hub", self.people)

    def hub(self, flow: str, entity: str) -> list[Row]:
        """Return the hub's rows."""
        return [row for row in self.council.rows(flow, entity) if row["source_system"] == "hub"]

    def placeless(self, flow: str) -> set[UUID]:
        """Return the people without an area, as anybody who reads the warehouse can tell them."""
        return {row["person_id"] for row in self.hub(flow, "address") if row["ward"] is None}

    def whole_case(self, referral: Row, below: dict[UUID, list[str]]) -> tuple[str, ...]:
        """Return all that both flows may tell of a case but its days."""
        return (*(str(referral[name]) for name in SIGNATURE), *sorted(below.get(referral["referral_id"], [])))

    def below(self, flow: str) -> dict[UUID, list[str]]:
        """Return, per referral, the rows that hang on it in words."""
        found: dict[UUID, list[str]] = {}
        for entity, columns in BELOW.items():
            for row in self.hub(flow, entity):
                words = " ".join([entity, *(str(row[name]) for name in columns)])
                found.setdefault(row["referral_id"], []).append(words)
        return found


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Attack:
    """Return the site after its first night on the whole sample."""
    night = NightSite.of(tmp_path_factory.mktemp("attack") / "site", whole_sample())
    assert night.first_night().exit_code == 1
    return Attack(night, whole_sample())


def test_no_column_that_both_flows_hold_names_the_person_of_an_unlinked_row(attack: Attack) -> None:
    """Every common column of referrals, a blank taken to fit anything: at most luck names anybody."""
    inner, outer = attack.referrals("commissioning"), attack.referrals("early_help")
    named = attack.hub("early_help", "referral")
    unlinked = [
        row
        for row in attack.hub("commissioning", "referral")
        if inner[row["referral_id"]] in attack.cases and row["person_id"] is None
    ]
    shared = [name for name in named[0] if name in unlinked[0] and name not in NOT_ASKED]
    asked = [name for name in shared if not isinstance(_first(named, name), UUID)]
    assert {"received_on", "closed_at", "lot_code", "source_system", "referrer_type", "status"} <= set(asked)
    agreed = {outer[row["referral_id"]] for row in named}
    hidden = [row for row in unlinked if inner[row["referral_id"]] in agreed]
    assert len(hidden) > 40, "the attack must have something to win"
    alone = attack.placeless("early_help")
    for pool in (named, [row for row in named if row["person_id"] in alone]):
        for meets in (_may_be, _is):
            right = 0
            for row in hidden:
                found = [each for each in pool if meets(row, each, asked)]
                right += len(found) == 1 and outer[found[0]["referral_id"]] == inner[row["referral_id"]]
            assert right <= BY_CHANCE, (len(pool), meets.__name__, right)


def _first(rows: list[Row], name: str) -> Any:
    return next((row[name] for row in rows if row[name] is not None), None)


def _may_be(one: Row, other: Row, names: list[str]) -> bool:
    return all(one[name] is None or other[name] is None or one[name] == other[name] for name in names)


def _is(one: Row, other: Row, names: list[str]) -> bool:
    return all(one[name] == other[name] for name in names)


def test_no_case_is_known_by_having_no_counterpart(attack: Attack) -> None:
    """Who is named in early help, and whose case is not found in the other flow, is no likelier at risk."""
    outer, alone = attack.referrals("early_help"), attack.placeless("early_help")
    below, there = attack.below("early_help"), attack.below("commissioning")
    other = attack.placeless("commissioning")
    known = {
        attack.whole_case(row, there)
        for row in attack.hub("commissioning", "referral")
        if row["person_id"] in other
    }
    pool = [row for row in attack.hub("early_help", "referral") if row["person_id"] in alone]
    picked = [row for row in pool if attack.whole_case(row, below) not in known]
    base = sum(outer[row["referral_id"]] in attack.cases for row in pool) / len(pool)
    hit = sum(outer[row["referral_id"]] in attack.cases for row in picked) / max(len(picked), 1)
    assert len(pool) > 300
    assert 0 < base < 0.2
    assert hit <= base * OF_BASE, (len(picked), hit, base)


def test_people_whose_cases_are_unlinked_carry_no_attribute(attack: Attack) -> None:
    """Nobody known to have a case that tells of abuse has an age, a part, an area or a feature."""
    keys = {key for key, name in attack.persons("commissioning").items() if name in attack.in_danger}
    assert len(keys) > 50
    for entity, kept in (
        ("person", {"person_id"}),
        ("address", {"address_id", "person_id"}),
        ("characteristics", {"characteristics_id", "person_id"}),
    ):
        rows = [row for row in attack.hub("commissioning", entity) if row["person_id"] in keys]
        told = {name for row in rows for name, value in row.items() if value is not None}
        assert told <= kept | NOT_ASKED | {"source_system"}, entity


def test_a_person_without_referral_and_area_is_seldom_one_at_risk(attack: Attack) -> None:
    """So many others are without them too that the sign says little: below one in four."""
    linked = {row["person_id"] for row in attack.hub("commissioning", "referral")}
    placed = {row["person_id"] for row in attack.hub("commissioning", "address") if row["lsoa21"]}
    names = attack.persons("commissioning")
    bare = [
        names[row["person_id"]]
        for row in attack.hub("commissioning", "person")
        if row["person_id"] not in linked | placed
    ]
    share = sum(name in attack.in_danger for name in bare) / len(bare)
    assert share < 0.25, (len(bare), share)


@pytest.mark.parametrize("flow", ["early_help", "commissioning"])
def test_the_order_of_rows_tells_nothing(attack: Attack, flow: str) -> None:
    """Where a referral stands in its table has nothing to do with where its person stands in theirs."""
    names = attack.persons(flow)
    people = attack.night.query(f"select person_id from {flow}.person where {HUB} order by rowid")
    place = {names[key]: at for at, (key,) in enumerate(people)}
    references = attack.referrals(flow)
    rows = attack.night.query(f"select referral_id from {flow}.referral where {HUB} order by rowid")
    pairs = [
        (at, place[person])
        for at, (key,) in enumerate(rows)
        if (person := attack.person_of[references[key]]) in place
    ]
    assert len(pairs) > 2000
    ranked = pl.DataFrame(pairs, schema=["referral", "person"], orient="row")
    assert abs(float(ranked.select(pl.corr("referral", "person", method="spearman")).item())) < RANK


def test_no_visible_referral_counts_a_hidden_one(attack: Attack) -> None:
    """Whoever has a case that tells of abuse is nowhere said to have come back."""
    for flow in ("early_help", "commissioning"):
        references = attack.referrals(flow)
        said = Counter(
            row["re_referral"]
            for row in attack.hub(flow, "referral")
            if attack.person_of[references[row["referral_id"]]] in attack.in_danger
        )
        assert set(said) == {None}, flow
        told = {row["re_referral"] for row in attack.hub(flow, "referral")}
        assert {None, True} <= told, "of others it is told"
