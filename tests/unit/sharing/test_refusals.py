"""The DPIA file: every way in which it may not load, each with file, line and what is wrong."""

from datetime import date
from pathlib import Path

import pytest

from config.documents import Problem, plain, read_tree
from sharing import Dpia, DpiaNotInForce, DpiaRefused, compile_flow, load_dpia
from tests.unit.sharing.records import EXAMPLE, SECRETS, example

TEXT = EXAMPLE.read_text(encoding="utf-8")


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """Return a copy of the example in which words have been replaced, each of them found there."""
    text = TEXT
    for old, new in changes:
        assert old in text, f"not in the example: {old}"
        text = text.replace(old, new, 1)
    path = tmp_path / "dpia.yaml"
    path.write_text(text, encoding="utf-8")
    return path


SPEC = plain(read_tree(Path("tests/spec/dpia/refusals.yaml")))
REFUSED: dict[str, dict[str, str]] = {case["mistake"]: case for case in SPEC["anywhere"]}
COMMISSIONING: dict[str, dict[str, str]] = {case["mistake"]: case for case in SPEC["commissioning"]}
FLOW = TEXT.index("  - id: commissioning\n    title")


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """Return, per mistake, what a file that holds it is told; mistakes that do not meet share a file."""
    shared: list[tuple[str, list[str]]] = []
    alone: list[tuple[str, list[str]]] = []
    for why, case in sorted(REFUSED.items()):
        old, new = case["instead_of"], case["there_stands"]
        room = next((at for at, (text, _) in enumerate(shared) if old in text), None)
        if "alone" in case or room is None:
            assert old in TEXT, f"not in the example: {old}"
            (alone if "alone" in case else shared).append((TEXT.replace(old, new, 1), [why]))
        else:
            text, names = shared[room]
            shared[room] = (text.replace(old, new, 1), [*names, why])
    told: dict[str, list[Problem]] = {}
    for number, (text, names) in enumerate(shared + alone):
        path = tmp_path_factory.mktemp("dpia") / f"{number}.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DpiaRefused) as refused:
            load_dpia(path)
        assert refused.value.exit_code == 10
        told |= dict.fromkeys(names, refused.value.problems)
    return told


@pytest.mark.parametrize("why", sorted(REFUSED))
def test_the_file_does_not_load_with(why: str, problems: dict[str, list[Problem]]) -> None:
    """Each contradiction refuses the whole file, exit 10, naming file, line and what is wrong."""
    said = REFUSED[why]["said"]
    assert any(said in problem.text for problem in problems[why]), "\n".join(map(str, problems[why]))
    assert all(problem.line > 1 for problem in problems[why])


@pytest.mark.parametrize("what", sorted(COMMISSIONING))
def test_a_pseudonymised_flow_does_not_load_with(what: str, tmp_path: Path) -> None:
    """A flow in which nobody is to be recognised cannot be given what would let somebody be recognised."""
    case, text = COMMISSIONING[what], TEXT[FLOW:]
    for old, new in (("instead_of", "there_stands"), ("and_instead_of", "there_stands_also")):
        assert case.get(old, "") in text
        text = text.replace(case.get(old, ""), case.get(new, ""), 1)
    path = tmp_path / "dpia.yaml"
    path.write_text(TEXT[:FLOW] + text, encoding="utf-8")
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(path)
    assert any(case["said"] in problem.text for problem in refused.value.problems), str(refused.value)


def test_special_category_data_need_an_article_9_condition_of_everybody(tmp_path: Path) -> None:
    """The hub's basis without Article 9: every special category field of the flow is named."""
    at = TEXT.index("  - id: hub-commissioning")
    start, end = TEXT.index("    article9:", at), TEXT.index("    confidentiality:", at)
    path = tmp_path / "dpia.yaml"
    path.write_text(TEXT[:start] + TEXT[end:], encoding="utf-8")
    with pytest.raises(DpiaRefused, match="has no Article 9 condition") as refused:
        load_dpia(path)
    assert len(refused.value.problems) > 3


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Three mistakes in three blocks give three problems, in the order of their lines."""
    path = changed(
        tmp_path,
        ("purpose: early-help", "purpose: early-hlp"),
        ("person: [uprn, gp", "person: [uprnn, gp"),
        ("to: {party: smbc,", "to: {party: smb,"),
    )
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(path)
    lines = [problem.line for problem in refused.value.problems]
    assert len(lines) >= 3
    assert lines == sorted(lines)


def test_a_source_the_site_does_not_have_refuses_the_file() -> None:
    """The site's own list of sources is what a party may be controller of."""
    with pytest.raises(DpiaRefused, match="no such source of this site"):
        load_dpia(EXAMPLE, sources=["hub", "community_support"])


def test_the_example_loads_and_says_which_flows_run() -> None:
    """The file of the example site is whole."""
    assert example().active_flows == ["early_help", "commissioning", "lot_8_counts", "hub_counts"]


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2027, 3, 31), True),
        (date(2027, 4, 1), False),
        (date(2027, 10, 1), False),
    ],
)
def test_outside_its_dates_nothing_runs(day: date, covered: bool) -> None:
    """The first and last day count; a review that is overdue stops as expiry does. Exit 11."""
    if covered:
        assert example().require_in_force(day) is example()
        return
    with pytest.raises(DpiaNotInForce) as stopped:
        example().require_in_force(day)
    assert stopped.value.exit_code == 11


@pytest.mark.parametrize("status", ["draft", "in_review", "suspended", "superseded", "withdrawn"])
def test_only_an_approved_file_runs(status: str, tmp_path: Path) -> None:
    """Any other status loads, so that it can be read and compared, and does not run."""
    dpia = load_dpia(changed(tmp_path, ("status: approved", f"status: {status}")))
    with pytest.raises(DpiaNotInForce, match=status):
        dpia.require_in_force(date(2026, 12, 1))


def test_a_policy_document_past_its_review_stops_its_flow(tmp_path: Path) -> None:
    """An appropriate policy document that is out of date is no policy document; the other flow needs none."""
    change = ('policy-document", reviewBy: 2027-09-30', 'policy-document", reviewBy: 2026-11-30')
    dpia, today = load_dpia(changed(tmp_path, change)), date(2026, 12, 1)
    with pytest.raises(DpiaNotInForce, match="policy document"):
        dpia.require_flow_in_force("early_help", today)
    dpia.require_in_force(today)
    dpia.require_flow_in_force("commissioning", today)


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_a_flow_that_does_not_run_cannot_be_compiled(status: str, tmp_path: Path) -> None:
    """A paused flow decides nothing, so it neither sends nor withdraws."""
    at = TEXT.index("    status: active")
    path = tmp_path / "dpia.yaml"
    path.write_text(
        TEXT[:at] + f"    status: {status}" + TEXT[at + len("    status: active") :], encoding="utf-8"
    )
    dpia = load_dpia(path)
    assert dpia.active_flows == ["commissioning", "lot_8_counts", "hub_counts"]
    with pytest.raises(DpiaNotInForce):
        compile_flow(dpia, "early_help", SECRETS)


def test_the_digest_is_of_what_the_file_says_not_of_how_it_is_typed(tmp_path: Path) -> None:
    """Comments and spaces do not move it; a changed word does."""
    spaced = load_dpia(changed(tmp_path, ("kind: individual_care", "kind:   individual_care   # as agreed")))
    assert spaced.sha256 == example().sha256
    assert load_dpia(changed(tmp_path, ("what came of it", "what became of it"))).sha256 != example().sha256


def test_a_dpia_cannot_be_changed_once_read() -> None:
    """What runs is what was read."""
    dpia: Dpia = example()
    with pytest.raises(ValueError, match="frozen"):
        dpia.status = "draft"  # type: ignore[assignment,misc]


def test_a_value_that_cannot_be_read_is_told_with_what_is_wrong_whatever_it_is(tmp_path: Path) -> None:
    """A status that is none hides no agreement that is none; the error says that there may be more."""
    status = ("status: approved", "status: aproved")
    agreement = ("agreement: dsa-1", "agreement: dsa-2")
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(changed(tmp_path, status, agreement))
    first, second = refused.value.problems
    assert "superseded, withdrawn. Did you mean approved?" in first.text
    assert "dsa-2: no such agreement" in second.text
    assert "There may be more once these are put right" in "\n".join(refused.value.lines())
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(changed(tmp_path, agreement))
    assert any("dsa-2" in problem.text for problem in refused.value.problems)
    assert "There may be more" not in "\n".join(refused.value.lines())
