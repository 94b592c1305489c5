"""Every proposed rule has a place, and every check a rule or a reason of its own."""

import re
from collections import Counter
from pathlib import Path

import pytest

from quality import Effect, catalogue
from quality.rules import Place, Rule, rules

ROOT = Path(__file__).parents[3]
OF_OUR_OWN = {"PER-20", "PER-21", "ENT-01", "LNK-01", "LNK-02", "MAP-01", "MAP-02", "MAP-03"}
FAMILIES = {
    "SUB": 5, "PER": 13, "CHR": 6, "ADR": 7, "REF": 16, "CON": 3, "ADV": 5, "SIG": 3, "ONR": 4, "EPI": 7,
    "OUT": 9, "CHI": 7, "EHE": 1, "DIR": 4, "SG": 5, "KPI": 3,
}  # fmt: skip


def test_all_ninety_eight_rules_are_there_once() -> None:
    """No rule of any family is missing, none is given twice."""
    named = [rule.rule for rule in rules()]
    assert len(named) == len(set(named)) == 98
    assert Counter(name.split("-")[0] for name in named) == FAMILIES
    for family, count in FAMILIES.items():
        assert {f"{family}-{number:02}" for number in range(1, count + 1)} <= set(named)


def test_a_rule_asked_by_checks_names_them_and_every_check_has_its_rule() -> None:
    """The register and the catalogue are of one mind, over sixty rules long."""
    asked = [rule for rule in rules() if rule.asked is Place.CHECK]
    named = {check for rule in asked for check in rule.by.split(", ")}
    assert named | OF_OUR_OWN == {check.id for check in catalogue()}
    assert not named & OF_OUR_OWN
    assert all(rule.rule in rule.by for rule in asked)
    assert len(asked) > 60


def test_the_page_names_every_check_that_holds_a_record() -> None:
    """What holds a record is said in one place, with none left out and none too many."""
    page = (ROOT / "docs/explanation/checks_that_differ_from_the_list.md").read_text(encoding="utf-8")
    told = re.findall(r"[A-Z]{3}-[0-9]{2}", page.partition("## What holds a record")[2])
    assert sorted(told) == sorted(check.id for check in catalogue() if check.effect is Effect.HOLD_RECORD)


ELSEWHERE = [rule for rule in rules() if rule.asked is not Place.CHECK]


@pytest.mark.parametrize("rule", ELSEWHERE, ids=[rule.rule for rule in ELSEWHERE])
def test_a_rule_that_no_check_asks_says_who_does(rule: Rule) -> None:
    """What asks it, or makes it impossible to break, is a file that exists; none is put off."""
    assert (ROOT / rule.by).is_file()
    assert rule.why or rule.asked in {Place.RELEASE, Place.PULL}
