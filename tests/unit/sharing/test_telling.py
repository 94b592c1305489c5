"""What an assessment tells its readers, worked out a second time from the bare YAML."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from config.documents import plain, read_tree
from sharing import Dpia, load_dpia, telling
from sharing.lawpacks import law_pack
from sharing.loading import digest
from sharing.telling.question import Question
from sharing.telling.register import LEFT_OUT
from sharing.telling.said import NOT_ASKED, TRIGGERS, every, period
from sharing.vocabulary import FlowStatus
from tests.parties import EVERYBODY, signed, trust_of
from tests.unit.sharing.records import EXAMPLE, example

TODAY = date(2026, 11, 22)
PACK = Path("sharing/lawpacks/uk-2026-09-30.yaml")
ASKED = re.compile(r"([a-z_]+)\.([a-z_]+)")


@cache
def bare() -> dict[str, Any]:
    """Return the example as the YAML says it, read by nobody's models."""
    return plain(read_tree(EXAMPLE))


def opened(dpia: Dpia | None = None, today: date = TODAY) -> telling.Opened:
    return telling.Opened(dpia or example(), today)


def changed(**blocks: Any) -> Dpia:
    """Return the example with whole blocks put in place of its own."""
    return example().model_copy(update=blocks)


def leaving(flow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the bare file says of each field that leaves, or of what it becomes, or is counted by."""
    sets = {each["id"]: each["fields"] for each in bare()["dataSets"]}
    for entity, fields in flow["fields"].items():
        for name, decided in fields.items():
            if decided["action"] != "drop":
                yield sets[entity][decided.get("to", name)]
    for count in flow.get("aggregate", {}).get("counts", []):
        for entity, field in {tuple(count["by"].split(".")), *ASKED.findall(count["where"])}:
            yield sets[entity][field]


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from (str(key), *strings(value))
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif node is not None and not isinstance(node, bool | int | float):
        yield str(node)


def test_the_register_tells_of_each_flow_what_the_file_says() -> None:
    """Purpose, recipient, special category, dates, choices: each equals what the bare YAML comes to."""
    said, file = telling.public_register(opened()), bare()
    names = {party["id"]: party["name"] for party in file["parties"]}
    purposes = {each["id"]: each for each in file["purposes"]}
    assert [use["use"] for use in said["uses"]] == [flow["id"] for flow in file["flows"]]
    for use, flow in zip(said["uses"], file["flows"], strict=True):
        fields = list(leaving(flow))
        assert use["purpose"] == purposes[flow["purpose"]]["label"]
        assert use["not_for"] == purposes[flow["purpose"]]["notFor"]
        assert use["recipient"] == names[flow["to"]["party"]]
        assert set(use["shared_by"]) == {
            party["name"] for party in file["parties"] if set(party.get("sources", [])) & set(flow["from"])
        }
        assert use["special_category"] == any("specialCategory" in field for field in fields)
        assert use["criminal_offence"] == any(f["sensitivity"] == "criminal_offence" for f in fields)
        assert len(use["data"]) == len({f["category"] for f in fields if f["sensitivity"] != "none"})
        assert [each["name"] for each in use["bases"]] == [
            names[basis["party"]]
            for wanted in flow["basis"]
            for basis in file["legalBases"]
            if basis["id"] == wanted
        ]
        assert len(use["asked_in_every_run"]) == sum(
            flow["id"] in stop.get("flows", [flow["id"]]) for stop in file["personStops"]
        )
        assert (use["begins_on"], use["ends_on"]) == (date(2026, 10, 1), date(2027, 9, 30))
        assert {each["contact"] for each in use["contacts"]} <= set(file["rights"]["answeredBy"].values())
    assert [use["special_category"] for use in said["uses"]] == [True, True, True, False]


def test_the_right_to_object_follows_from_the_basis() -> None:
    """Told from the law pack's own table, for each basis alone: on legal obligation there is none."""
    grounds = plain(read_tree(PACK))["article6"]
    on = {basis["id"]: basis["article6"] for basis in bare()["legalBases"]}
    for use, flow in zip(telling.public_register(opened())["uses"], bare()["flows"], strict=True):
        assert use["may_object"] == any(grounds[on[basis]]["rights"]["object"] for basis in flow["basis"])
    for code, ground in grounds.items():
        alone = [basis.model_copy(update={"article6": code}) for basis in example().legal_bases]
        for use in telling.public_register(opened(changed(legal_bases=alone)))["uses"]:
            assert use["may_object"] == ground["rights"]["object"], code
            assert use["may_take_consent_back"] == ground["rights"]["withdraw"], code


def test_no_page_says_that_an_objection_is_honoured_where_no_register_of_them_is_asked() -> None:
    """The net behind the refusal at load: each page that speaks of objections knows the registers."""
    others = [stop for stop in example().person_stops if stop.type != "art21_objection"]
    unasked = opened(changed(person_stops=others))
    pages = (
        telling.public_register,
        telling.sharing_schedule,
        telling.sharing_decisions,
        telling.impact_assessment,
    )
    for page in pages:
        asked, said = (
            list(strings(json.loads(json.dumps(page(each), default=str)))) for each in (opened(), unasked)
        )
        assert any("objection is honoured" in text for text in asked)
        assert not any("objection is honoured" in text for text in said)
        assert NOT_ASKED in " ".join(said)


def test_nothing_in_the_register_finds_a_person_a_host_or_a_member_of_staff() -> None:
    """No word of the blocks on how people are protected, no contact but those named for the public."""
    said = set(strings(json.loads(json.dumps(telling.public_register(opened()), default=str))))
    file = bare()
    kept = [
        file[name] for name in ("operators", "safety", "safetySources", "measures", "signoff", "personLink")
    ]
    kept += [file["agreements"], file["pseudonyms"], file["description"], file["consultation"]]
    kept += [
        [flow.get(part, {}) for part in ("to", "cohort", "where", "drop", "schedule")]
        for flow in file["flows"]
    ]
    words = {word for node in kept for word in strings(node) if " " in word or "@" in word}
    assert len(words) > 100
    assert words & said == set()
    contacts = {word for party in file["parties"] for word in party["contacts"].values()}
    shown = {word for word in said if "@" in word}
    assert shown == set(file["rights"]["answeredBy"].values())
    assert contacts - shown, "the example has contacts that are not for the public"
    fields = {name for each in file["dataSets"] for name in each["fields"] if "_" in name}
    assert fields & said == set()


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("privacy@hub.example", True),
        ("https://hub.example/privacy", True),
        ("0161 000 0000", True),
        ("Rose House, 12 High Street, SK1 1AA", False),
        ("Jane Example, second floor", False),
        ("privacy@hub.example, Rose House", False),
    ],
)
def test_a_place_is_no_contact_point(contact: str, shown: bool) -> None:
    """Whatever else somebody writes beside an address of the web, the register does not repeat it."""
    rights = example().rights.model_copy(
        update={"answered_by": {"hub": contact, "smbc": "dpo@council.example"}}
    )
    said = telling.public_register(opened(changed(rights=rights)))
    text = json.dumps(said, default=str)
    assert (contact in text) == shown
    hub = [each for each in said["uses"][0]["contacts"] if each["name"].startswith("Support Hub")]
    assert [each["contact"] for each in hub] == [contact if shown else None]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("Help at Rose House, SK1 1AA", False),
        ("Help at Rose House, sk1  1aa", False),
        ("Help at Rose House, M11AE", False),
        ("Help under Care Act 2014 s.2 (SI 2026/82), lot L8-DA, E08000007", True),
    ],
)
def test_a_postcode_in_any_words_of_the_file_stays_out_of_the_register(words: str, kept: bool) -> None:
    """A purpose with an address in it is left out, and said to be; codes of law and lots are no postcodes."""
    purposes = [each.model_copy(update={"label": words}) for each in example().purposes]
    said = telling.public_register(opened(changed(purposes=purposes)))
    assert {use["purpose"] for use in said["uses"]} == {words if kept else LEFT_OUT}
    assert telling.public_register(opened())["assessment"]["sha256"] == example().sha256
    assert LEFT_OUT not in json.dumps(telling.public_register(opened()), default=str)


def test_a_register_that_is_not_to_be_published_has_no_uses() -> None:
    """`publishRegister: false` leaves the name of the assessment and nothing of what is shared."""
    kept = example().transparency.model_copy(update={"publish_register": False})
    said = telling.public_register(opened(changed(transparency=kept)))
    assert (said["published"], said["uses"]) == (False, [])
    assert set(said) == {"assessment", "published", "uses"}


def test_every_controller_has_every_item_of_article_30() -> None:
    """Each party's flows, people, data, recipients and terms, counted again from the bare YAML."""
    said, file = telling.record_of_processing(opened()), bare()
    assert [who["party"] for who in said["controllers"]] == [p["id"] for p in file["parties"]]
    for who, party in zip(said["controllers"], file["parties"], strict=True):
        own = {
            flow["id"]: flow
            for flow in file["flows"]
            if flow["to"]["party"] == party["id"] or set(flow["from"]) & set(party.get("sources", []))
        }
        assert [each["flow"] for each in who["activities"]] == list(own)
        assert who["contact"] == file["rights"]["answeredBy"][party["id"]]
        assert who["data_protection_officer"] == party["contacts"]["dpo"]
        for each in who["activities"]:
            flow = own[each["flow"]]
            fields = [f for f in leaving(flow) if f["sensitivity"] != "none"]
            assert len(each["data"]) == len({f["category"] for f in fields})
            assert len(each["special_categories"]) == len(
                {c for f in fields for c in f.get("specialCategory", [])}
            )
            assert [term["what"] for term in each["retention"]] == [
                term["what"] for term in file["retention"] if term["what"].startswith(f"{flow['id']}@")
            ]
            assert [basis["basis"] for basis in each["bases"]] == [
                b["id"] for b in file["legalBases"] if b["party"] == party["id"] and b["id"] in flow["basis"]
            ]
            assert each["part"] == ("receives" if flow["to"]["party"] == party["id"] else "gives")
    assert [who["name"] for who in said["processors"]] == [
        each["name"] for each in file["operators"] if each["role"] == "processor"
    ]
    assert [who["party"] for who in said["processors"][0]["for"]] == file["operators"][0]["onBehalfOf"]
    assert len(said["kept_by_viaduct"]) == sum("@" not in term["what"] for term in file["retention"])


def test_what_the_file_has_no_key_for_is_none_in_the_record() -> None:
    """A representative, and the contact of an operator, are not said, so nothing stands there."""
    said = telling.record_of_processing(opened())
    assert {who["representative"] for who in said["controllers"]} == {None}
    assert [who["contact"] for who in said["processors"]] == [None]
    assert said["transfers"] == {"outside_uk": False, "safeguards": []}


def test_the_schedule_has_every_field_with_its_reason() -> None:
    """Field for field and reason for reason as the bare YAML has them, what stays behind apart."""
    said = telling.sharing_schedule(opened())
    for told, flow in zip(said["flows"], bare()["flows"], strict=True):
        shown = {
            (each["entity"], rule["field"], rule["why"])
            for each in told["entities"]
            for rule in each["fields"]
        }
        assert shown == {
            (entity, name, decided["why"])
            for entity, fields in flow["fields"].items()
            for name, decided in fields.items()
            if decided["action"] != "drop"
        }
        behind = {
            (each["entity"], rule["field"], rule["why"])
            for each in told["entities"]
            for rule in each["left_behind"]
        }
        assert behind == {
            (entity, name, group["why"])
            for entity, groups in flow.get("drop", {}).items()
            for group in groups
            for name in group["fields"]
        }
        assert told["most_rows"] == flow["schedule"]["maxRows"]
        assert len(told["duties"]) == len(flow["constraints"]["recipientDuties"])
    gives = {party["party"]: party["gives"] for party in said["parties"]}
    assert gives == {
        party["id"]: [f["id"] for f in bare()["flows"] if set(f["from"]) & set(party.get("sources", []))]
        for party in bare()["parties"]
    }


def test_the_schedule_tells_a_fact_from_an_opinion_where_the_file_does() -> None:
    """Of every field that leaves, what the bare YAML says of it; nothing where it says nothing."""
    sets = {each["id"]: each["fields"] for each in bare()["dataSets"]}
    told = [
        (each["entity"], rule["to"] or rule["field"], rule["assertion"])
        for flow in telling.sharing_schedule(opened())["flows"]
        for each in flow["entities"]
        for rule in each["fields"]
    ]
    assert told == [(entity, name, sets[entity][name].get("assertion")) for entity, name, _ in told]
    assert {said for _, _, said in told} == {"opinion", "derived", None}


def test_the_seven_steps_have_seven_and_every_answer_is_a_sentence() -> None:
    """Nothing is None, nothing is a bare code, and the questions not answered are those counted."""
    said = telling.impact_assessment(opened())
    assert [step["number"] for step in said["steps"]] == [1, 2, 3, 4, 5, 6, 7]
    questions = [each for step in said["steps"] for each in step["questions"]]
    answers = [answer for each in questions for answer in each["says"]]
    assert said["asked"] == len(questions)
    assert said["not_said"] == sum(1 for each in questions if list(each["says"]) == [])
    assert said["not_said"] > 5
    assert [answer for answer in answers if not answer.strip() or re.search(r"\bNone\b|_", answer)] == [
        "Community Support (invented): community_support",
        "Domestic Abuse Support (invented): domestic_abuse_support",
    ]
    tables = {table["title"]: table["rows"] for step in said["steps"] for table in step["tables"]}
    assert [row[0] for row in tables["Risks before anything is done about them"]] == [
        risk["id"] for risk in bare()["risks"]
    ]
    assert len(tables["Measures, the risk left, and what enforces each"]) == len(bare()["measures"])


def test_a_question_without_an_answer_is_not_answered_for_the_file() -> None:
    """An answer of nothing, of None or of empty words is no answer."""
    assert telling.impact.asked("Who?", "", None) == Question("Who?", ())


def test_what_the_file_stops_saying_is_no_longer_answered() -> None:
    """Without triggers and processors two answers fall away, and the count of those not said rises."""
    fewer = changed(
        screening=example().screening.model_copy(update={"triggers": []}),
        operators=[each for each in example().operators if each.article28 is None],
    )
    before, after = telling.impact_assessment(opened()), telling.impact_assessment(opened(fewer))
    assert after["not_said"] == before["not_said"] + 2


def test_every_trigger_has_words() -> None:
    """A trigger that the format allows can be read aloud."""
    allowed = type(example().screening).model_fields["triggers"].annotation
    assert set(TRIGGERS) == set(allowed.__args__[0].__args__)  # type: ignore[union-attr]


def test_the_share_is_counted_from_what_enforces_each_measure() -> None:
    """Six of seven by code, as the bare YAML has them; a measure not approved counts for nothing."""
    said, file = telling.measures_enforced(opened()), bare()["measures"]
    by_code = [each["id"] for each in file if each["approved"] and each["enforcedBy"] != "manual"]
    approved = [each["id"] for each in file if each["approved"]]
    assert (said["by_code"], said["approved"]) == (len(by_code), len(approved)) == (6, 7)
    assert said["percent"] == round(100 * len(by_code) / len(approved)) == 86
    assert {each["measure"] for each in said["measures"] if each["by"] == "code"} == set(by_code)
    dropped = [
        each.model_copy(update={"approved": False}) if each.id == "M1" else each
        for each in example().measures
    ]
    less = telling.measures_enforced(opened(changed(measures=dropped)))
    assert (less["by_code"], less["approved"], less["not_approved"]) == (5, 6, 1)
    none = [each.model_copy(update={"approved": False}) for each in dropped]
    assert telling.measures_enforced(opened(changed(measures=none)))["percent"] is None


@pytest.mark.parametrize(("later", "overdue"), [(-1, 0), (0, 0), (1, 1)])
def test_an_overdue_measure_of_a_person_stands_first(later: int, overdue: int) -> None:
    """The day itself is not overdue; the day after is, and is said to be by one day."""
    due = date(2027, 1, 31)
    said = telling.measures_enforced(opened(today=due + timedelta(days=later)))
    first = said["measures"][0]
    assert (said["overdue"], first["measure"], first["days_left"]) == (overdue, "M6", -later)
    assert first["overdue"] == bool(overdue)


def days(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, date]]:
    """Yield every day of the bare YAML, by the names of the blocks above it."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from days(value, (*path, str(key)))
    elif isinstance(node, list):
        for value in node:
            yield from days(value, path)
    elif isinstance(node, date):
        yield "/".join(path), node


def test_the_calendar_has_every_day_of_the_file_and_those_of_its_law() -> None:
    """Each day of the bare YAML but those of history is there; each band is counted from the days again."""
    said = telling.expiry_calendar(opened(), opened().days)
    wanted = {on for path, on in days(bare()) if path != "consultation/when"}
    assert len(wanted) > 8
    assert wanted <= {day["on"] for day in said["days"]}
    left = [
        (day["last_day"] - TODAY).days for day in said["days"] if day["band"] not in {"begun", "not_begun"}
    ]
    bands = {"passed": (-9999, -1), "within_7": (0, 7), "within_30": (8, 30), "within_90": (31, 90)}
    for band, (least, most) in bands.items():
        assert said["counts"][band] == sum(least <= each <= most for each in left)
    assert said["counts"]["later"] == sum(each > 90 for each in left) > 0
    assert sum(said["counts"].values()) == len(said["days"])
    assert [day["last_day"] for day in said["days"]] == sorted(day["last_day"] for day in said["days"])


@pytest.mark.parametrize(
    ("before", "band"),
    [(91, "later"), (90, "within_90"), (30, "within_30"), (7, "within_7"), (0, "within_7"), (-1, "passed")],
)
def test_a_day_moves_from_band_to_band_as_it_comes_nearer(before: int, band: str) -> None:
    """The review of the assessment, seen from 91 days before it to the day after."""
    now = opened(today=example().validity.review_by - timedelta(days=before))
    (review,) = [
        day for day in telling.expiry_calendar(now, now.days)["days"] if day["path"] == "validity/reviewBy"
    ]
    assert (review["band"], review["days_left"], review["stops"]) == (band, before, "file")


def test_a_flow_that_stops_alone_is_told_on_every_page() -> None:
    """A policy document out of its day stops the flow that stands on it; the register says so."""
    after = date(2027, 2, 1)
    bases = []
    for basis in example().legal_bases:
        if basis.article9 and basis.article9.apd:
            apd = basis.article9.apd.model_copy(update={"review_by": date(2027, 1, 31)})
            article9 = basis.article9.model_copy(update={"apd": apd})
            bases.append(basis.model_copy(update={"article9": article9}))
        else:
            bases.append(basis)
    now = opened(changed(legal_bases=bases), after)
    assert list(now.stopped) == ["early_help"]
    assert [use["state"] for use in telling.public_register(now)["uses"]] == [
        "stopped today",
        "running",
        "running",
        "running",
    ]
    (passed,) = [
        day
        for day in telling.expiry_calendar(now, now.days)["days"]
        if day["band"] == "passed" and day["stops"] == "flows"
    ]
    assert (passed["flows"], passed["days_left"]) == (["early_help"], -1)


def test_every_mark_of_the_law_pack_that_the_file_cites_is_shown() -> None:
    """Each statement cited anywhere in the bare YAML is there, marked as the law pack's own YAML marks it."""
    said, pack = telling.law_and_notices(opened()), plain(read_tree(PACK))
    tables = ("article6", "article9", "schedule1", "provisions", "annex2")
    assert "criminalOffence" not in json.dumps(bare()["legalBases"], default=str), (
        "else article10 is cited too"
    )
    cited = set(strings(bare()["legalBases"]))
    marks = {
        code: entry["confirmWithLawyer"]
        for name in tables
        for code, entry in pack[name].items()
        if code in cited
    }
    shown = {each["code"]: each["confirm_with_lawyer"] for each in said["statements"]}
    assert shown == {**marks, "optOut": pack["optOut"]["confirmWithLawyer"]}
    assert said["to_confirm"] == sum(shown.values()) > 0
    assert len(said["bases_to_confirm"]) == sum(b["confirmWithLawyer"] for b in bare()["legalBases"])
    (act,) = [each for each in said["statements"] if each["code"] == "uk:law/domestic-abuse-act-2021/part4"]
    assert act["flows"] == ["early_help"]
    inferred = {
        each["code"]: each["confirm_with_lawyer"] for each in said["statements"] if each["day_inferred"]
    }
    assert inferred == dict.fromkeys(["uk:law/nhs-act-2006/s2b", act["code"]], True)


def test_a_newer_law_pack_says_what_it_changes_for_which_flows() -> None:
    """A statement gone, and one that now asks for more, are told with the flows that stand on them."""
    now = law_pack("uk/2026-09-30")
    provisions = {
        c: each for c, each in now.provisions.items() if not c.endswith("domestic-abuse-act-2021/part4")
    }
    interests = now.article6["uk:6-1-f"].model_copy(update={"who": ["body_with_function"]})
    newer = now.model_copy(
        update={
            "law_pack": "uk/2027-04-06",
            "provisions": provisions,
            "article6": now.article6 | {"uk:6-1-f": interests},
        }
    )
    (told,) = telling.law_and_notices(opened(), (newer,))["newer_packs"]
    assert [(each["code"], each["gone"], each["differs"], each["flows"]) for each in told["changed"]] == [
        ("uk:law/domestic-abuse-act-2021/part4", True, [], ["early_help"]),
        ("uk:6-1-f", False, ["article6.who"], ["commissioning", "lot_8_counts", "hub_counts"]),
    ]
    (same,) = telling.law_and_notices(opened(), (now,))["newer_packs"]
    assert same["changed"] == []
    assert telling.newer_packs("uk/2026-09-30") == ()
    assert [pack.law_pack for pack in telling.newer_packs("uk/2020-01-01")] == ["uk/2026-09-30"]


def test_a_notice_that_says_other_than_what_is_done_is_found() -> None:
    """A flow that ended or is of others, an interest not relied on or named, a party that tells nobody."""
    notices = {notice.party: notice for notice in example().transparency.privacy_notices}
    assert not any(
        notice["ended"] or notice["takes_no_part"] or notice["interests_not_named"]
        for notice in telling.law_and_notices(opened())["notices"]
    )
    wrong = [
        notices["smbc"].model_copy(update={"covers": ["early_help"]}),
        notices["hub"].model_copy(update={"names_interests": ["uk:6-1-f", "uk:6-1-ea/annex1-para6"]}),
        notices["domestic_abuse_support"].model_copy(update={"covers": ["early_help", "commissioning"]}),
    ]
    told = telling.law_and_notices(
        opened(changed(transparency=example().transparency.model_copy(update={"privacy_notices": wrong})))
    )
    assert [(each["flow"], each["name"].partition(" (")[0]) for each in told["uncovered"]] == [
        ("early_help", "Community Support"),
        ("commissioning", "Community Support"),
        ("commissioning", "Stockport Metropolitan Borough Council"),
        ("lot_8_counts", "Domestic Abuse Support"),
        ("lot_8_counts", "Stockport Metropolitan Borough Council"),
        ("hub_counts", "Stockport Metropolitan Borough Council"),
    ]
    found = {each["name"].partition(" (")[0]: each for each in told["notices"]}
    assert found["Support Hub"]["interests_not_named"] == ["uk:6-1-ea/annex1-para1"]
    assert found["Support Hub"]["interests_not_relied_on"] == ["uk:6-1-ea/annex1-para6"]
    assert found["Domestic Abuse Support"]["takes_no_part"] == ["commissioning"]
    ended = [
        flow.model_copy(update={"status": FlowStatus.ENDED}) if flow.id == "commissioning" else flow
        for flow in example().flows
    ]
    past = telling.law_and_notices(opened(changed(flows=ended)))["notices"]
    assert [each["ended"] for each in past] == [["commissioning"]] * 3 + [[]]


def test_a_flow_that_has_ended_is_in_the_register_as_ended_and_in_no_record() -> None:
    """The public still sees that it was; the record of what is done has it no more."""
    ended = [
        flow.model_copy(update={"status": FlowStatus.ENDED}) if flow.id == "commissioning" else flow
        for flow in example().flows
    ]
    now = opened(changed(flows=ended))
    assert [use["state"] for use in telling.public_register(now)["uses"]] == [
        "running",
        "ended",
        "running",
        "running",
    ]
    record = telling.record_of_processing(now)
    assert {each["flow"] for who in record["controllers"] for each in who["activities"]} == {
        "early_help",
        "lot_8_counts",
        "hub_counts",
    }


def test_the_versions_before_are_told_as_far_as_their_files_are_kept(tmp_path: Path) -> None:
    """Three versions in a row: the first's file is gone, so its digest is told and its dates are not."""
    text = EXAMPLE.read_text(encoding="utf-8")
    first = digest(plain(read_tree(EXAMPLE)))
    second = tmp_path / "second.yaml"
    second.write_text(_next(text, "2.0.0", "1.0.0", first), encoding="utf-8")
    third = tmp_path / "third.yaml"
    third.write_text(_next(text, "2.0.1", "2.0.0", digest(plain(read_tree(second)))), encoding="utf-8")
    dpia = load_dpia(third)
    now = telling.Opened(dpia, TODAY, earlier=telling.versions_before(dpia))
    assert [(each["version"], each["effective_from"]) for each in now.earlier] == [
        ("2.0.0", date(2026, 10, 1)),
        ("1.0.0", None),
    ]
    assert now.earlier[1]["sha256"] == first
    told = telling.public_register(now)["assessment"]["earlier"]
    assert [each["version"] for each in told] == ["2.0.0", "1.0.0"]


def _next(text: str, version: str, before: str, sha256: str) -> str:
    named = f"version: {version}\nsupersedes: {{version: {before}, sha256: {sha256}}}"
    return text.replace("version: 1.0.0", named, 1)


def test_the_head_of_each_page_says_whether_it_may_run_on_the_day_and_who_signed(tmp_path: Path) -> None:
    """Signed by all and within its dates it is in force; a day too early, or by three of four, it is not."""
    path = tmp_path / "signed.yaml"
    path.write_bytes(EXAMPLE.read_bytes())
    names = {party["id"]: party["name"] for party in bare()["parties"]}
    first = example().validity.effective_from
    three = telling.Opened(signed(path, *EVERYBODY[:3]), first, trust_of())
    head = telling.measures_enforced(three)["assessment"]
    assert (head["in_force"], head["lacking"]) == (False, [names[EVERYBODY[3]]])
    assert [each["organisation"] for each in head["signed_by"]] == [names[who] for who in EVERYBODY[:3]]
    everybody = signed(path, EVERYBODY[3])
    for day, stands in ((first, True), (first - timedelta(days=1), False)):
        told = telling.public_register(telling.Opened(everybody, day, trust_of()))["assessment"]
        assert (told["in_force"], told["sha256"]) == (stands, example().sha256)
        assert set(told["signed_by"]) == set(names.values())
    unknown = telling.public_register(telling.Opened(everybody, first))["assessment"]
    assert (unknown["in_force"], unknown["signed_by"]) == (False, [])


@pytest.mark.parametrize(
    ("text", "words", "often"),
    [
        ("P1D", "1 day", "every day"),
        ("P2W", "2 weeks", "every 2 weeks"),
        ("P1Y6M", "1 year and 6 months", "every 1 year and 6 months"),
    ],
)
def test_periods_are_said_in_words(text: str, words: str, often: str) -> None:
    """A period can be read aloud, alone and as how often."""
    assert (period(text), every(text)) == (words, often)
