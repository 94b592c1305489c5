"""What law, agreements, notices, keys and measures refuse: each mistake told, and nothing beside it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.documents import Place, Problem, plain, read_tree
from sharing import DpiaRefused, load_dpia
from sharing.calendar import calendar
from sharing.document import DpiaFile
from sharing.lawpacks import LawPack, law_pack
from sharing.lawpacks.pack import Commencement
from sharing.refusals import provisions, refusals
from sharing.refusals.look import Look
from tests.unit.sharing.records import EXAMPLE

SPEC = plain(read_tree(Path("tests/spec/dpia/refusals_of_law.yaml")))
ONCE_READ = {case["mistake"] for case in SPEC["section 16LA once its commencement has been read"]}
CASES: dict[str, dict[str, Any]] = {case["mistake"]: case for cases in SPEC.values() for case in cases}
TREE = read_tree(EXAMPLE)
SCHEMA = DpiaFile.model_json_schema(by_alias=True)
NEEDED = sorted(SCHEMA["required"])
NAMES = ("id", "party", "what")
COUNTS = ("lot_8_counts", "hub_counts")
DECISION = {"action": "disclose", "why": "A practitioner has to know how to speak with the person."}
SIXTEEN_LA = "uk:law/children-act-2004/s16la"
IN_FULL = {
    "parties/domestic_abuse_support/childrenAct2004": "s16LA4c_provider",
    "legalBases/domestic-abuse-support-early-help/law": [SIXTEEN_LA],
    "legalBases/domestic-abuse-support-early-help/relevance": {
        "decided": "practitioner_marked",
        "ref": "CRM box",
    },
    "flows/early_help/decisionOnDuty": "required_when_withheld",
}
REVIEW = {"by": "Records officer", "since": "2026-09-01", "ref": "R-1"}


def changed(change: dict[str, Any]) -> DpiaFile:
    """Return the example with these places changed; null takes a key or an item out."""
    return _changed(json.loads(json.dumps(plain(TREE), default=str)), change)


def of_rows(change: dict[str, Any]) -> list[Problem]:
    """Return everything the example is told when it has no flow of counts, and is changed."""
    tree = json.loads(json.dumps(plain(TREE), default=str))
    tree["flows"] = [flow for flow in tree["flows"] if "aggregate" not in flow]
    tree["retention"] = [term for term in tree["retention"] if not term["what"].startswith(COUNTS)]
    for notice in tree["transparency"]["privacyNotices"]:
        notice["covers"] = [flow for flow in notice["covers"] if flow not in COUNTS]
    return list(refusals(_changed(tree, change), Place(EXAMPLE, TREE), None))


def _changed(tree: Any, change: dict[str, Any]) -> DpiaFile:
    for path, value in change.items():
        *steps, last = path.split("/") if not path.startswith("retention/") else path.split("/", 2)
        node = tree
        for step in steps:
            node = node[_key(node, step)]
        key = _key(node, last)
        if value is None:
            node.pop(key)
        elif isinstance(node, list) and key == len(node):
            node.append(value)
        else:
            node[key] = value
    return DpiaFile.model_validate_json(json.dumps(tree, default=str))


def _key(node: Any, step: str) -> Any:
    if isinstance(node, dict):
        return step
    named = [at for at, item in enumerate(node) if isinstance(item, dict) and step in _names(item)]
    return named[0] if named else int(step)


def _names(item: dict[str, Any]) -> set[str]:
    return {str(item[name]) for name in NAMES if name in item}


def problems(change: dict[str, Any]) -> list[Problem]:
    """Return everything the changed file is told."""
    return list(refusals(changed(change), Place(EXAMPLE, TREE), None))


def once_read() -> LawPack:
    """Return a law pack of the test's own: that of the example, with a day of s.16LA that was read."""
    pack = law_pack("uk/2026-09-30")
    said = Commencement(read=True, source="Invented regulations, read at https://example/uksi")
    known = pack.provisions[SIXTEEN_LA].model_copy(
        update={"in_force_from": date(2026, 9, 30), "commencement": said}
    )
    return pack.model_copy(update={"provisions": pack.provisions | {SIXTEEN_LA: known}})


@pytest.mark.parametrize("mistake", sorted(CASES))
def test_the_file_does_not_load_with(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mistake is told with the words of the law, at a line of the file; nothing else is told."""
    case = CASES[mistake]
    if mistake in ONCE_READ:
        monkeypatch.setattr("sharing.refusals.law_pack", lambda _: once_read())
    found = of_rows(case["change"])
    for said in case["told"]:
        assert any(said in problem.text for problem in found), "\n".join(map(str, found))
    assert all(problem.line > 1 for problem in found)
    if "among" not in case:
        assert len(found) == len(case["told"]), "\n".join(map(str, found))


def test_the_example_is_told_nothing() -> None:
    """What is refused above is refused for the mistake alone."""
    assert problems({}) == []


@pytest.mark.parametrize(
    "change",
    [
        {
            "parties/hub/function": "Advocacy under Care Act 2014 s.67",
            "legalBases/hub-commissioning/article6": "uk:6-1-e",
        },
        {
            "dataSets/person/fields/preferred_language/freeText": True,
            "flows/early_help/fields/person/preferred_language": DECISION | {"review": REVIEW},
        },
        {
            "flows/commissioning/options/nationalDataOptOut/applies": True,
            "personStops/4": {
                "type": "national_data_opt_out",
                "register": "rights/opt_outs",
                "maxAgeDays": 21,
                "effect": "WITHHOLD",
            },
        },
        {"transparency/art14Within": "P28D"},
        {
            "measures/M5/evidence": "See test:test_what_was_sealed_opens_to_the_same_bytes, rule:sealed. https://e.example/a"
        },
        {"flows/commissioning/status": "ended", "transparency/privacyNotices/hub/covers": ["early_help"]},
    ],
    ids=[
        "a function of its own",
        "free text that is read",
        "the opt-out applied",
        "told in four weeks",
        "evidence that there is",
        "an end",
    ],
)
def test_what_shows_all_that_is_asked_is_told_nothing(change: dict[str, Any]) -> None:
    """The same places with their evidence load: the refusals above are for what is lacking."""
    assert of_rows(change) == []


def test_section_16la_in_full_is_told_nothing_once_its_commencement_has_been_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A duty, a relevance decision and a record of what is not shared: with the day read, it is a ground."""
    assert [problem.text[:33] for problem in problems(IN_FULL)] == ["Children Act 2004 s.16LA (duty to"]
    monkeypatch.setattr("sharing.refusals.law_pack", lambda _: once_read())
    assert problems(IN_FULL) == []


def test_no_day_of_the_assessment_opens_a_provision_that_nobody_has_read() -> None:
    """A legal basis has no word for when its law began: it cannot say so in the law pack's place."""
    with pytest.raises(ValidationError, match="inForceFrom"):
        changed(IN_FULL | {"legalBases/domestic-abuse-support-early-help/inForceFrom": "2026-09-30"})


def test_a_day_that_nobody_has_read_holds_in_no_calendar() -> None:
    """Even a file that should never have been loaded runs no flow on a provision without a day."""
    days = {due.path: due for due in calendar(changed(IN_FULL), date(2030, 1, 1))}
    day = days[f"lawPack/{SIXTEEN_LA}/inForceFrom"]
    assert (day.flows, day.holds(date(2030, 1, 1))) == (("early_help",), False)


def test_data_about_offences_move_where_every_party_has_its_authority() -> None:
    """Authority and policy document of all seven bases, and the field may leave."""
    policy = {"uri": "https://example/policy", "sha256": "0" * 64, "reviewBy": "2027-09-30"}
    change: dict[str, Any] = {"dataSets/referral/fields/priority/sensitivity": "criminal_offence"}
    for basis in plain(TREE)["legalBases"]:
        place = f"legalBases/{basis['id']}"
        change[f"{place}/criminalOffence"] = {"applies": True, "authority": "uk:dpa2018/sch1/para36+18"}
        change[f"{place}/article9/apd"] = policy
    assert problems(change) == []


@pytest.mark.parametrize("block", NEEDED)
def test_an_assessment_lacks_no_block(block: str) -> None:
    """What a sound assessment cannot lack is not left out: each block is asked for by name."""
    tree = {key: value for key, value in plain(TREE).items() if key != block}
    with pytest.raises(ValidationError) as refused:
        DpiaFile.model_validate(tree)
    assert [(each["type"], each["loc"]) for each in refused.value.errors()] == [("missing", (block,))]


def test_waivers_examples_and_a_predecessor_may_be_absent() -> None:
    """These three, and how published figures are hidden, are left out where there are none; stops never."""
    assert set(SCHEMA["properties"]) - set(NEEDED) == {
        "disclosureControl",
        "examples",
        "supersedes",
        "waivers",
    }


def test_a_provision_that_has_been_repealed_refuses() -> None:
    """A provision of the pack that ended before the first day is no ground."""
    pack = law_pack("uk/2026-09-30")
    ended = pack.provisions["uk:law/care-act-2014/s6"].model_copy(
        update={"in_force_until": date(2026, 9, 30)}
    )
    then = pack.model_copy(update={"provisions": pack.provisions | {"uk:law/care-act-2014/s6": ended}})
    look = Look(changed({}), Place(EXAMPLE, TREE), None)
    told = [problem.text for problem in provisions.refusals(look, then)]
    assert told == [f"{ended.name} is no longer in force on 2026-10-01."] * 3


def test_mistakes_of_law_are_told_with_file_and_line_all_at_once(tmp_path: Path) -> None:
    """In the file as it stands on disk, each at the line where it was written."""
    text = EXAMPLE.read_text(encoding="utf-8")
    mistakes = {
        "    agreement: dsa-1\n": "    agreement: dsa-9\n",
        'enforcedBy: ["rule:sealed"]': 'enforcedBy: ["rule:seeled"]',
        "reason: individual_care": "reason: indivdual_care",
    }
    for old, new in mistakes.items():
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "dpia.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DpiaRefused) as refused:
        load_dpia(path)
    lines = text.splitlines()
    told = [(problem.text, lines[problem.line - 1]) for problem in refused.value.problems]
    for word in ("dsa-9", "indivdual_care", "rule:seeled"):
        assert [word in line for text, line in told if text.startswith(f"{word}: no such")] == [True]
    assert len(told) == 3
    assert refused.value.exit_code == 10
