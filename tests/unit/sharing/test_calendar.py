"""The days an assessment depends on: each known, each governing its own flows, reviews alone to be waived."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sharing import Dpia, DpiaNotInForce, load_dpia
from sharing.calendar import Due, calendar
from sharing.dated import DATED, HISTORY, Stops
from sharing.diff import Effect, compare
from sharing.document import DpiaFile
from sharing.lawpacks import law_pack
from tests.unit.sharing.records import EXAMPLE, example

TEXT = EXAMPLE.read_text(encoding="utf-8")
ALL = ("early_help", "commissioning", "lot_8_counts", "hub_counts")
POLICY = "legalBases/domestic-abuse-support-early-help/article9/apd/reviewBy"
WAIVER = (
    "waivers:\n  - {{id: W1, rule: {rule}, reason: The review is under way, approvedOn: {approved}, "
    "expiresOn: {ends}, approvedBy: [{{by: A. Example, role: Caldicott guardian}}, "
    "{{by: B. Example, party: hub}}]}}\n"
)


def edited(tmp_path: Path, *changes: tuple[str, str]) -> Dpia:
    """Return the example with words replaced, each found there once at least."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "dpia.yaml"
    path.write_text(text, encoding="utf-8")
    return load_dpia(path)


def waived(rule: str, approved: str, ends: str) -> tuple[str, str]:
    """Return the change that puts a waiver into the example."""
    return "waivers: []\n", WAIVER.format(rule=rule, approved=approved, ends=ends)


def due(dpia: DpiaFile, path: str, today: date = date(2026, 12, 1)) -> Due:
    """Return the day at this place."""
    return next(each for each in calendar(dpia, today) if each.path == path)


def test_every_day_of_the_format_is_in_the_calendar_or_said_to_be_history() -> None:
    """A day that is added to the format and forgotten here fails: nobody would ask whether it has passed."""
    of_law = {kind for kind in DATED if kind.startswith("lawPack/")}
    assert set(days_in(DpiaFile.model_json_schema(by_alias=True))) == (set(DATED) - of_law) | set(HISTORY)


def days_in(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the place of each day of the schema; a star stands for a name."""

    def walk(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
        if "$ref" in node:
            yield from walk(schema["$defs"][node["$ref"].rpartition("/")[2]], path)
        for option in node.get("anyOf", []):
            yield from walk(option, path)
        if node.get("format") == "date":
            yield "/".join(path)
        if "items" in node:
            yield from walk(node["items"], (*path, "*"))
        if isinstance(node.get("additionalProperties"), dict):
            yield from walk(node["additionalProperties"], (*path, "*"))
        for inner in node.get("patternProperties", {}).values():
            yield from walk(inner, (*path, "*"))
        for name, inner in node.get("properties", {}).items():
            yield from walk(inner, (*path, name))

    yield from walk(schema, ())


def test_the_example_s_days_say_what_they_stop_and_how_many_are_left() -> None:
    """The file's days govern all flows; a basis', those that name it; a measure's stops nothing."""
    known = {each.path: each for each in calendar(example(), date(2026, 12, 1))}
    assert list(known) == [each.path for each in sorted(known.values(), key=lambda one: (one.on, one.path))]
    told = {path: (known[path].stops, known[path].flows) for path in known}
    assert told["validity/reviewBy"] == (Stops.FILE, ALL)
    assert told["agreements/dsa-1/endDate"] == (Stops.FLOWS, ALL)
    assert told[POLICY] == (Stops.FLOWS, ("early_help",))
    assert told["operators/sync-host/article28/signedOn"] == (Stops.FLOWS, ALL)
    assert told["lawPack/uk:law/nhs-act-2006/s2b/inForceFrom"] == (
        Stops.FLOWS,
        ("commissioning", "lot_8_counts", "hub_counts"),
    )
    assert told["measures/M6/reviewBy"] == (Stops.NOTHING, ALL)
    assert known["validity/reviewBy"].days_left(date(2027, 3, 1)) == 30
    assert known["validity/reviewBy"].days_left(date(2027, 4, 2)) == -2
    assert known["validity/effectiveFrom"].begins


def test_a_flow_that_has_ended_is_governed_by_nothing(tmp_path: Path) -> None:
    """Nobody is told to renew what no flow depends on."""
    ended = edited(
        tmp_path,
        (
            "    status: active\n    identifiability: pseudonymised",
            "    status: ended\n    identifiability: pseudonymised",
        ),
    )
    assert due(ended, "agreements/dsa-1/endDate").flows == ("early_help", "lot_8_counts", "hub_counts")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            ('policy-document", reviewBy: 2027-09-30', 'policy-document", reviewBy: 2026-11-30'),
            "policy document",
        ),
        (("signedOn: 2026-09-14", "signedOn: 2026-12-02"), "contract of sync-host"),
        (("requestedOn: 2026-09-20", "requestedOn: 2026-10-01"), ""),
    ],
    ids=["policy document", "Article 28 contract", "request"],
)
def test_what_has_passed_stops_the_flows_it_governs(
    change: tuple[str, str], why: str, tmp_path: Path
) -> None:
    """An expired block stops its flows and leaves the others alone; the file itself stands."""
    dpia, today = edited(tmp_path, change), date(2026, 12, 1)
    stopped = [flow for flow in ALL if dpia.why_flow_stops(flow, today)]
    assert all(why in reason for flow in stopped for reason in dpia.why_flow_stops(flow, today))
    expected = {"policy document": ["early_help"], "contract of sync-host": list(ALL), "": []}[why]
    assert stopped == expected
    assert bool(dpia.why_not_in_force(today)) == (expected == list(ALL))


def test_two_agreements_stop_each_their_own_flow(tmp_path: Path) -> None:
    """One ends, or is suspended: its flow stops with exit 11, the other flow runs on."""
    start = TEXT.index("  - id: dsa-1")
    block = TEXT[start : TEXT.index("# How a person is recognised")]
    at = TEXT.index("    agreement: dsa-1", TEXT.index("  - id: commissioning\n    title"))
    text = TEXT[:at] + "    agreement: dsa-2" + TEXT[at + len("    agreement: dsa-1") :]
    second = block.replace("dsa-1", "dsa-2").replace("endDate: 2027-09-30", "endDate: 2026-12-31")
    path = tmp_path / "dpia.yaml"
    path.write_text(text.replace(block, block.rstrip() + "\n" + second, 1), encoding="utf-8")
    dpia = load_dpia(path)
    assert dpia.require_in_force(date(2027, 1, 1)) is dpia
    dpia.require_flow_in_force("commissioning", date(2026, 12, 31))
    with pytest.raises(DpiaNotInForce, match="the last day of agreement dsa-2 was 2026-12-31") as stopped:
        dpia.require_flow_in_force("commissioning", date(2027, 1, 1))
    assert stopped.value.exit_code == 11
    dpia.require_flow_in_force("early_help", date(2027, 1, 1))
    path.write_text(path.read_text().replace("status: in_force", "status: suspended", 1), encoding="utf-8")
    dpia = load_dpia(path)
    assert dpia.why_flow_stops("early_help", date(2026, 12, 1)) == [
        "agreement dsa-1 is suspended, not in force."
    ]
    assert dpia.why_flow_stops("commissioning", date(2026, 12, 1)) == []


def test_a_provision_that_is_repealed_stops_the_flows_that_stand_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The law pack's own days are asked every night, and not on the assessment's first day alone."""
    pack, code = law_pack("uk/2026-09-30"), "uk:law/nhs-act-2006/s2b"
    ended = pack.provisions[code].model_copy(update={"in_force_until": date(2026, 12, 31)})
    then = pack.model_copy(update={"provisions": pack.provisions | {code: ended}})
    monkeypatch.setattr("sharing.calendar.law_pack", lambda _name: then)
    dpia = example()
    assert dpia.why_flow_stops("commissioning", date(2026, 12, 31)) == []
    (why,) = dpia.why_flow_stops("commissioning", date(2027, 1, 1))
    assert f"lawPack/{code}/inForceUntil" in why
    assert dpia.why_flow_stops("early_help", date(2027, 1, 1)) == []


def test_a_code_that_is_a_paragraph_and_an_authority_ends_with_the_first_of_the_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Schedule 1 and Article 10 know some codes both: the narrower of the two spans is kept."""
    pack, code = law_pack("uk/2026-09-30"), "uk:dpa2018/sch1/para2"
    paragraph = pack.schedule1[code].model_copy(update={"in_force_until": date(2027, 1, 31)})
    authority = pack.article10[code].model_copy(update={"in_force_until": date(2026, 12, 31)})
    then = pack.model_copy(
        update={
            "schedule1": pack.schedule1 | {code: paragraph},
            "article10": pack.article10 | {code: authority},
        }
    )
    monkeypatch.setattr("sharing.calendar.law_pack", lambda _name: then)
    (why,) = example().why_flow_stops("early_help", date(2027, 1, 1))
    assert f"lawPack/{code}/inForceUntil" in why


def test_a_waiver_carries_a_missed_review_to_its_last_day_and_no_further(tmp_path: Path) -> None:
    """The review was due 31 March: with the waiver the file runs to 20 April, from its approval on."""
    dpia = edited(tmp_path, waived("validity/reviewBy", "2027-04-05", "2027-04-20"))
    open_days = [date(2027, 3, 25) + timedelta(days) for days in range(40)]
    running = [day for day in open_days if not dpia.why_not_in_force(day)]
    missed = [date(2027, 4, 1) + timedelta(days) for days in range(4)]
    assert sorted({*running, *missed}) == [day for day in open_days if day <= date(2027, 4, 20)]
    assert not set(running) & set(missed)
    assert [waiver.id for waiver in dpia.waivers_used(date(2027, 4, 6))] == ["W1"]
    assert dpia.waivers_used(date(2027, 3, 31)) == []
    assert "its waiver ended on 2027-04-20" in dpia.why_not_in_force(date(2027, 4, 21))[0]


def test_a_waiver_of_a_policy_document_keeps_its_own_flow_running(tmp_path: Path) -> None:
    """What is waived is one day of one basis; the file's own review is as strict as before."""
    missed = ('policy-document", reviewBy: 2027-09-30', 'policy-document", reviewBy: 2026-11-30')
    dpia = edited(tmp_path, missed, waived(POLICY, "2026-11-20", "2026-12-20"))
    assert dpia.why_flow_stops("early_help", date(2026, 12, 20)) == []
    assert dpia.why_flow_stops("early_help", date(2026, 12, 21)) != []
    assert dpia.why_not_in_force(date(2027, 4, 1)) != []


def test_a_waiver_widens_whatever_of_it_is_new_or_changed(tmp_path: Path) -> None:
    """It is part of what is signed: to add one, to lengthen one, or to swap who approves it demands MAJOR."""
    before = edited(tmp_path, waived("validity/reviewBy", "2027-04-05", "2027-04-20"))
    longer = edited(tmp_path, waived("validity/reviewBy", "2027-04-05", "2027-04-28"))
    other = edited(tmp_path, waived("measures/M6/reviewBy", "2027-02-05", "2027-02-20"))
    for old, new in ((example(), before), (before, longer), (before, other)):
        assert Effect.WIDENS in {change.effect for change in compare(old, new)}
    assert Effect.WIDENS not in {change.effect for change in compare(before, example())}


def test_the_calendar_says_nothing_of_who_approved(tmp_path: Path) -> None:
    """Its lines go to operators and pages: places and days, no name."""
    dpia = edited(tmp_path, waived("validity/reviewBy", "2027-04-05", "2027-04-20"))
    assert "Example" not in json.dumps([vars(each) for each in calendar(dpia, date(2027, 4, 6))], default=str)
