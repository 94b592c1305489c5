"""The examples of an assessment: asked of the code that decides a night, and red at every planted bug."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import commands
from commands.last_resort import carry_out
from sharing import Dpia, deciding, load_dpia
from sharing.compiled import PersonRules
from sharing.document import Example, SafetyRule
from sharing.errors import ExamplesFail
from sync.examples import answers, refused_examples, require_examples
from tests.unit.sharing.records import EXAMPLE, example

RULES = [rule.id for rule in example().safety]
NEVER = "person.share_council = 'given' and person.share_council != 'given'"


def red(dpia: Dpia) -> list[str]:
    """Return the ids of the examples that come out otherwise than they say."""
    return [str(answer.example.id) for answer in answers(dpia) if answer.wrong]


def with_rule(rule_id: str, change: Callable[[SafetyRule], SafetyRule | None]) -> Dpia:
    """Return the example's assessment with one safety rule changed, or without it."""
    rules = [change(rule) if rule.id == rule_id else rule for rule in example().safety]
    return example().model_copy(update={"safety": [rule for rule in rules if rule is not None]})


def with_examples(*said: dict[str, object], **changes: object) -> Dpia:
    """Return the assessment with these examples alone."""
    made = [Example.model_validate(each) for each in said]
    return example().model_copy(update={"examples": made, **changes})


def test_every_example_of_the_shipped_assessment_comes_out_as_it_says() -> None:
    """Each is asked, none is red, and together they are in every flow of rows, both ways round."""
    found = answers(example())
    assert [answer.wrong for answer in found] == [()] * len(example().examples)
    assert {answer.outcome for answer in found} == {"PERMIT", "TRANSFORM", "REDACT", "WITHHOLD", "DENY"}
    assert {answer.example.flow for answer in found} == {"early_help", "commissioning"}


@pytest.mark.parametrize("rule_id", RULES)
def test_an_example_is_red_where_a_safety_rule_is_gone_or_never_met(rule_id: str) -> None:
    """Whichever rule is planted away, an example of the file tells it."""
    assert red(with_rule(rule_id, lambda _: None))
    assert red(with_rule(rule_id, lambda rule: rule.model_copy(update={"when": NEVER})))


@pytest.mark.parametrize("rule_id", RULES)
def test_an_example_is_red_where_the_code_forgets_a_rule(
    rule_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in the code that sets the rules, not in the file: the same examples find it."""
    real = deciding.rules_set

    def forgetful(plan: deciding.EntityPlan, person: PersonRules, blanks: deciding.Blanks) -> pl.Expr:
        bits = [rule.bit for rule in (*plan.rules, *plan.asked, *person.rules) if rule.id == rule_id]
        return real(plan, person, blanks) & pl.lit(~sum(set(bits)) & deciding.ALL_RULES, pl.UInt32)

    monkeypatch.setattr(deciding, "rules_set", forgetful)
    assert red(example())


def test_an_example_is_red_where_danger_does_not_reach_the_household() -> None:
    """A rule of one person's scope lets the address of their household out."""
    assert red(with_rule("S1", lambda rule: rule.model_copy(update={"scope": ["person"]}))) == [
        "shares-a-home-with-danger"
    ]


@pytest.mark.parametrize("stop", range(len(example().person_stops)))
def test_an_example_is_red_where_a_register_is_not_asked(stop: int) -> None:
    """Each register of the file has its example."""
    stops = [each for at, each in enumerate(example().person_stops) if at != stop]
    assert len(red(example().model_copy(update={"person_stops": stops}))) == 1


def test_an_example_is_red_where_a_cohort_a_row_filter_or_the_blank_of_a_source_is_loosened() -> None:
    """The rest of what decides: who is in, which rows, what a blank means."""
    flows = example().flows
    everyone = [flow.model_copy(update={"cohort": "everyone"}) for flow in flows]
    assert {"said-no", "never-asked"} <= set(red(example().model_copy(update={"flows": everyone})))
    unfiltered = [flow.model_copy(update={"where": {}}) for flow in flows]
    assert "referred-for-domestic-abuse" in red(example().model_copy(update={"flows": unfiltered}))
    hub, other, *rest = example().safety_sources
    loose = other.model_copy(update={"blanks": hub.blanks})
    told = red(example().model_copy(update={"safety_sources": [hub, loose, *rest]}))
    assert told == ["nobody-said-where-it-is-sensitive"]


def test_a_failing_example_is_named_with_what_was_expected_and_what_came_and_no_value(tmp_path: Path) -> None:
    """Exit 30 at a run, exit 10 in a check: the place, both outcomes, the fields; no word that was given."""
    path = tmp_path / "dpia.yaml"
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace('person.safe_to_contact: "no"', 'person.safe_to_contact: "yes"', 1)
    path.write_text(text, encoding="utf-8")
    dpia = load_dpia(path)
    with pytest.raises(ExamplesFail) as failed:
        require_examples(dpia)
    refused = refused_examples(dpia, answers(dpia))
    assert refused is not None
    assert (failed.value.exit_code, refused.exit_code) == (30, 10)
    (problem,) = refused.problems
    assert text.splitlines()[problem.line - 1].strip() == "- id: not-safe-to-contact"
    assert "example not-safe-to-contact, flow early_help: expected REDACT, came PERMIT" in problem.text
    assert "address.postcode leaves, and must not" in problem.text
    assert str(problem) in str(failed.value)
    assert "SK1" not in str(failed.value) + str(refused)
    assert require_examples(example()) is None


def test_the_example_of_a_flow_that_does_not_run_is_not_asked() -> None:
    """Whoever pauses a flow in a hurry need not rewrite its examples: nothing leaves in it."""
    early, *others = example().flows
    paused = early.model_copy(update={"status": "paused"})
    found = answers(example().model_copy(update={"flows": [paused, *others]}))
    asked = {answer.example.flow for answer in found if answer.outcome is not None}
    assert asked == {"commissioning"}
    assert not any(answer.wrong for answer in found)


def test_two_examples_never_meet_however_alike_their_people_are() -> None:
    """One address and one NHS number in two examples: the danger of one reaches nobody of the other."""
    alike = {
        "person.share_council": "given", "person.nhs_number": "9434765919", "address.line1": "1 Invented Row",
        "address.postcode": "SK1 0AA", "address.uprn": "100",
    }  # fmt: skip
    safe = {"given": alike, "flow": "early_help", "expect": {"outcome": "PERMIT"}}
    unsafe = {
        "given": alike | {"person.safe_to_contact": "no"},
        "flow": "early_help",
        "expect": {"outcome": "REDACT"},
    }
    assert red(with_examples(safe, unsafe)) == []
    together = safe | {"linked": {"household": {"person.safe_to_contact": "no"}}}
    assert answers(with_examples(together))[0].outcome == "REDACT"


@pytest.mark.parametrize(
    ("link", "scope", "outcome"),
    [
        ("same_address", "same_address", "REDACT"),
        ("same_address", "linked_children", "PERMIT"),
        ("linked_children", "linked_children", "REDACT"),
        ("linked_children", "same_address", "PERMIT"),
        ("household", "household", "REDACT"),
        ("household", "same_address", "PERMIT"),
    ],
)
def test_danger_reaches_through_a_link_as_far_as_the_scope_says(link: str, scope: str, outcome: str) -> None:
    """The links are those of the night's own index, and the scopes too."""
    case = {
        "given": {"person.share_council": "given"},
        "linked": {link: {"person.safe_to_contact": "no"}},
        "flow": "early_help",
        "expect": {"outcome": outcome},
    }
    (rule, *_) = example().safety
    rules = [rule.model_copy(update={"scope": ["person", scope]})]
    assert red(with_examples(case, safety=rules)) == []


def test_an_opt_out_is_found_by_the_number_and_without_one_nobody_can_ask() -> None:
    """In the register, withheld; not in it, shared; without a number, as the flow answers."""
    early, *others = example().flows
    answer = {"applies": True, "reason": "planning", "couldNotBeChecked": "REVIEW"}
    options = early.options.model_copy(
        update={"national_data_opt_out": type(early.options.national_data_opt_out).model_validate(answer)}
    )
    stop = type(example().person_stops[0]).model_validate(
        {"type": "national_data_opt_out", "register": "mesh/ndoo", "maxAgeDays": 21, "effect": "WITHHOLD"}
    )
    number = {"person.share_council": "given", "person.nhs_number": "9434765919"}
    cases = [
        (
            number | {"national_data_opt_out": True},
            {"outcome": "WITHHOLD", "reason": "national_data_opt_out"},
        ),
        (number | {"person.nhs_number": "9434765870"}, {"outcome": "PERMIT"}),
        ({"person.share_council": "given"}, {"outcome": "REVIEW", "reason": "opt_out_not_checked"}),
    ]
    said = [{"given": given, "flow": "early_help", "expect": expect} for given, expect in cases]
    flows = [early.model_copy(update={"options": options}), *others]
    assert red(with_examples(*said, flows=flows, person_stops=[stop])) == []


def test_what_is_not_said_of_a_record_is_a_blank_and_read_as_the_stricter() -> None:
    """A referral of which nobody says whether it tells of abuse endangers its person, and has no lot."""
    given: dict[str, object] = {"person.share_council": "given", "referral.priority": "urgent"}
    case = {
        "given": given,
        "flow": "early_help",
        "expect": {"outcome": "REDACT", "absent": ["referral.priority"]},
    }
    assert red(with_examples(case)) == []
    said = given | {"referral.lot_code": "L3-SSH", "referral.reveals_abuse": False}
    (answer,) = answers(with_examples(case | {"given": said}))
    assert answer.wrong == ("expected REDACT, came PERMIT", "referral.priority leaves, and must not")


def test_check_and_dpia_check_tell_a_failing_example_with_its_line_and_end_with_10(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`dpia check` shows every example and what came of it; both name the file and the line."""
    site = tmp_path / "site"
    shutil.copytree("config/example", site, ignore=shutil.ignore_patterns("var"))
    path = site / "dpia" / EXAMPLE.name
    text = path.read_text(encoding="utf-8").replace("outcome: DENY, reason", "outcome: PERMIT, reason")
    path.write_text(text, encoding="utf-8")
    line = next(
        n for n, said in enumerate(text.splitlines(), 1) if "domestic-abuse-support-is-not-asked" in said
    )
    told = f"line {line}: example domestic-abuse-support-is-not-asked, flow commissioning: expected PERMIT"
    assert carry_out(lambda: commands._named(["dpia", "check", str(path), "--json"])) == 10
    said = {each["example"]: each for each in json.loads(capsys.readouterr().out)["examples"]}
    assert len(said) == len(example().examples)
    assert [name for name, each in said.items() if each["wrong"]] == ["domestic-abuse-support-is-not-asked"]
    for verb in (["dpia", "check", str(path)], ["--site", str(site), "check"]):
        assert carry_out(lambda words=verb: commands._named(words)) >= 10
        shown = capsys.readouterr()
        assert told in shown.err
        assert "E711" in shown.err
