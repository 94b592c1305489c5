"""What is counted is declared once, and a declaration that leads nowhere is refused with file and line."""

from pathlib import Path

import pytest

from config.documents import DocumentRefused
from feed.counting import count_all
from feed.declared import declarations, load_declarations
from feed.facts import FACTS, facts_of
from feed.generate import PAGE, page
from feed.model import Area
from feed.periods import parse
from tests.feed_rows import write_rows

WHOLE = """\
topic: referrals
title: Referrals
words: How many came.
counts:
  - id: received
    fact: hub_referral
    unit: referrals
    breakdowns: [lot]
kpis:
  - id: K01
    name: Received
    kind: count
    numerator: received
    unit: referrals
    rule: All of them.
    source: this test
    breakdowns: [lot]
"""


RULE = "rule: All of them."


def refused(folder: Path, text: str) -> list[str]:
    """Return what is said of a declaration, each with its line."""
    (folder / "referrals.yaml").write_text(text)
    with pytest.raises(DocumentRefused) as refusal:
        load_declarations(folder)
    return [f"{problem.line}: {problem.text}" for problem in refusal.value.problems]


def test_a_whole_declaration_is_read(tmp_path: Path) -> None:
    """One count and one figure of it."""
    (tmp_path / "referrals.yaml").write_text(WHOLE)
    read = load_declarations(tmp_path)
    assert list(read.counts) == ["received"]
    assert read.kpis["K01"].all_breakdowns == ("borough", "lot")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("fact: hub_referral", "fact: hub_referal", "6: fact: there is no hub_referal. Did you mean hub_ref"),
        ("numerator: received", "numerator: recieved", "13: numerator: there is no recieved. Did you"),
        ("unit: referrals\n    br", "unity: referrals\n    br", "7: counts.0.unity: no such key. Did you"),
        ("breakdowns: [lot]\nkpis", "breakdowns: [lots]\nkpis", "8: breakdowns: there is no lots. Did you"),
        ("    breakdowns: [lot]\n", "    breakdowns: [lot, ward]\n", "17: breakdowns: received has no ward."),
        ("kind: count", "kind: share", "10: kpis.0: a share needs denominator."),
        (RULE, f"needs: {{referral: [lots]}}\n    {RULE}", "15: referral: there is no lots."),
        (RULE, f"completeness: {{field: lots, of: received}}\n    {RULE}", "15: field: there is no lots."),
        ("topic: referrals", "topic: other", "1: topic: the file of this topic is other.yaml."),
    ],
)  # fmt: skip
def test_a_name_that_leads_nowhere_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    """A typo in a declaration is no silent zero."""
    head, mark, tail = WHOLE.rpartition(old)
    assert mark
    found = refused(tmp_path, head + new + tail)
    assert any(line.startswith(told) for line in found), found


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    """Two rules for one figure would be none."""
    again = WHOLE.replace("kpis:", WHOLE[WHOLE.index("  - id: received") : WHOLE.index("kpis:")] + "kpis:")
    assert refused(tmp_path, again) == ["9: id: received is given twice, first in referrals.yaml."]


def test_every_declared_expression_is_understood_by_the_engine(tmp_path: Path) -> None:
    """Every count, spread and fact of this version can be asked of a warehouse without a row: all is zero."""
    empty = write_rows(tmp_path / "w.duckdb", {"referral": [], "advice": [], "person": []})
    with facts_of(empty, Area()) as facts:
        for fact in FACTS.values():
            facts.rows(f"SELECT * FROM fact_{fact.name}")
        raw = count_all(facts, parse("2022-04..2022-11"))
    assert raw.counts["count"].sum() == 0
    assert {"K01", "K04"}.isdisjoint(raw.missing)
    assert raw.missing["K12b"] == ["onward_referral.made_on", "onward_referral.lot_code"]
    assert set(declarations().kpis) >= {"K01", "K04", "K12b"}


def test_no_figure_is_told_of_what_is_not_counted() -> None:
    """Each count stands in a figure, or in the chain of parts below one: nothing is counted for nobody."""
    declared = declarations()
    used = {name for kpi in declared.kpis.values() for name in kpi.counts}
    used |= {kpi.completeness.of for kpi in declared.kpis.values() if kpi.completeness}
    assert set(declared.counts) == used


def test_the_reference_page_is_what_the_declarations_say() -> None:
    """docs/reference/feed/kpis.md is made from the declarations as they are today."""
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m feed.generate"


def test_every_figure_of_the_page_has_a_rule_and_a_source() -> None:
    """Nothing is published that nobody could defend."""
    told = page()
    for kpi in declarations().kpis.values():
        assert f"### {kpi.id} {kpi.name}\n\n{kpi.rule}\n" in told
        assert kpi.source in told
