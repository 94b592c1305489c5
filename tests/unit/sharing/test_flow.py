"""What a flow decides: keys, fingerprints, treatments, order, and that it is pure."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import ENTITIES, Kind, spec
from common import clock
from sharing import FlowKeyRefused, FlowKeys, ReleaseRefused, Treatment, compile_flow, narrower
from sharing.compiled import Column
from sharing.fingerprints import fingerprints, serialised
from sharing.vocabulary import Action
from tests.unit.sharing.records import SECRETS, example, flow, together, whole_person

FLOWS = ["early_help", "commissioning"]


def key_by_hand(flow_id: str, source: str, entity: str, reference: str) -> bytes:
    """Return a released key as the format says it is made, by the standard library alone."""
    said = f"viaduct/1\x1frecord\x1f{flow_id}\x1f1".encode()
    working = hmac.digest(SECRETS.pseudonym, said, "sha256").hex().encode()
    return hmac.digest(working, f"{source}\x1f{source}\x1f{entity}\x1f{reference}".encode(), "sha256")[:16]


@pytest.mark.parametrize("name", FLOWS)
def test_keys_are_made_as_the_format_says(name: str) -> None:
    """HMAC-SHA-256 of source, provider, entity and reference, 16 bytes, under the flow's own key."""
    decided = flow(name).decide(whole_person())
    for entity in flow(name).released_columns:
        assert decided[entity]["_key"].to_list() == [key_by_hand(name, "hub", entity, f"{entity}-1")]
        assert decided[entity][spec(entity).key[0]].to_list() == decided[entity]["_key"].to_list()


@pytest.mark.parametrize("name", FLOWS)
def test_a_link_and_the_record_it_names_have_the_same_key(name: str) -> None:
    """Every released link equals the key of the record it points to, across entities and partitions."""
    governed = flow(name)
    decided = governed.decide(together(whole_person(mark="1"), whole_person(mark="2")))
    alone = governed.decide(whole_person(mark="2"))
    for entity, columns in governed.released_columns.items():
        for link in columns:
            named = spec(entity).fields[link].references
            if named and link != "parent_referral_id":
                assert decided[entity][link].to_list() == decided[named]["_key"].to_list(), (entity, link)
                assert alone[entity][link][0] == decided[entity][link][1]


def test_no_key_is_shared_between_flows_sources_or_entities() -> None:
    """The same reference never gives the same key in another flow, source or entity."""
    tables = together(whole_person("hub"), whole_person("community_support", referral__lot_code="L4-CS"))
    decided = {name: flow(name).decide(tables) for name in FLOWS}
    keys = [
        key
        for name in FLOWS
        for entity in flow(name).released_columns
        for key in decided[name][entity]["_key"]
    ]
    assert len(keys) == len(set(keys))


def test_a_link_to_another_source_is_keyed_as_that_source_keys_it() -> None:
    """A provider's referral that came through the hub carries the key of the hub's own referral."""
    governed = flow("commissioning")
    child = whole_person(
        "community_support", referral__parent_referral_id="hub:referral-1", referral__lot_code="L4-CS"
    )
    hub = governed.decide(whole_person("hub"))
    assert (
        governed.decide(child)["referral"]["parent_referral_id"].to_list()
        == hub["referral"]["_key"].to_list()
    )


@pytest.mark.parametrize("reference", ["referral-1", "elsewhere:referral-1", "", ":"])
def test_a_link_that_names_no_known_source_leaves_empty(reference: str) -> None:
    """What cannot be resolved is not guessed."""
    child = whole_person(referral__parent_referral_id=reference)
    assert flow("commissioning").decide(child)["referral"]["parent_referral_id"].to_list() == [None]


def test_a_flow_gives_the_keys_of_records_by_their_references() -> None:
    """`keys` names records that are not at hand, such as a person another record has absorbed."""
    governed = flow("early_help")
    asked = governed.keys("person", "hub", pl.Series(["person-1", None]))
    assert asked.to_list() == [key_by_hand("early_help", "hub", "person", "person-1"), None]


def test_another_key_version_gives_other_keys_and_leaves_fingerprints_alone() -> None:
    """A row that names no other tells the same under either version: re-keying is no change of the record."""
    newer = compile_flow(example(), "commissioning", FlowKeys(SECRETS.pseudonym, SECRETS.memory, version=2))
    one, two = flow("commissioning").decide(whole_person()), newer.decide(whole_person())
    for entity in newer.released_columns:
        assert one[entity]["_key"][0] != two[entity]["_key"][0]
    assert one["organisation"]["_fingerprint"][0] == two["organisation"]["_fingerprint"][0]


def test_a_short_secret_is_refused_and_no_secret_is_ever_printed() -> None:
    """Fewer than 16 bytes protect nobody; a secret stands in no repr."""
    with pytest.raises(FlowKeyRefused):
        FlowKeys(pseudonym=b"short", memory=b"m" * 32)
    shown = repr(SECRETS) + repr(flow("early_help")) + repr(flow("early_help")._keyring)
    assert "xaa" not in shown
    assert "xbb" not in shown


@pytest.mark.parametrize("name", FLOWS)
def test_the_answer_does_not_depend_on_the_day(name: str) -> None:
    """Released values, fingerprints and treatments are the same on any clock."""
    with clock.frozen(datetime(2026, 10, 2, tzinfo=UTC)):
        one = flow(name).decide(whole_person())
    with clock.frozen(datetime(2031, 2, 3, tzinfo=UTC)):
        two = flow(name).decide(whole_person())
    assert all(one[entity].equals(two[entity]) for entity in one)


@pytest.mark.parametrize("name", FLOWS)
def test_partitions_decide_what_the_whole_decides(name: str) -> None:
    """Three people of two sources, in one table or in three, in any order, are decided alike."""
    people = [
        whole_person("hub", "1"),
        whole_person("community_support", "1", person__safety_flag=True, referral__lot_code="L4-CS"),
        whole_person("hub", "2", person__share_council="refused", referral__reveals_abuse=True),
    ]
    governed = flow(name)
    whole = governed.decide(together(people[0], people[1], people[2]))
    apart = [governed.decide(person) for person in people]
    for entity in ENTITIES:
        assert whole[entity].equals(pl.concat([part[entity] for part in apart])), entity


@pytest.mark.parametrize("name", FLOWS)
def test_rows_come_back_in_the_order_given_and_none_is_lost(name: str) -> None:
    """One decided row per record, in the order of the table, whatever its sources and fates."""
    people = [
        whole_person(source, str(number), person__share_council=answer)
        for number, (source, answer) in enumerate(
            [
                ("hub", "given"),
                ("community_support", "refused"),
                ("hub", "refused"),
                ("community_support", "given"),
            ]
        )
    ]
    decided = flow(name).decide(together(*people))
    for entity in ENTITIES:
        assert decided[entity]["_reference"].to_list() == [f"{entity}-{number}" for number in range(4)]


@pytest.mark.parametrize("name", FLOWS)
def test_empty_tables_give_empty_answers_of_the_same_shape(name: str) -> None:
    """An export without rows changes no column."""
    governed = flow(name)
    full = governed.decide(whole_person())
    empty = governed.decide({entity: table.clear() for entity, table in whole_person().items()})
    assert all(empty[entity].schema == full[entity].schema and empty[entity].is_empty() for entity in full)


def test_a_person_given_twice_is_treated_by_the_stricter_of_the_two() -> None:
    """Two rows of one reference, one of them flagged and without consent: neither lets anything more out."""
    twice = together(whole_person(), whole_person(person__share_council="refused", person__safety_flag=True))
    decided = flow("early_help").decide(twice)
    assert decided["address"]["_reason"].to_list() == ["cohort", "cohort"]
    open_flow = flow("commissioning").decide(twice)
    assert open_flow["address"]["ward"].to_list() == [None, None]


def test_what_the_person_of_the_parent_may_not_share_the_child_may_not_either() -> None:
    """A record whose referral belongs to a flagged person is treated as that person's."""
    flagged = whole_person(mark="2", person__safety_flag=True)
    calm = whole_person(mark="1", signposting__referral_id="referral-2")
    decided = flow("early_help").decide(together(calm, flagged))
    assert decided["signposting"]["to_org_id"].to_list() == [None, None]


# ---- fingerprints

TEXT = Column("heard_about_us", "heard_about_us", Action.DISCLOSE, Kind.CODE, "", nullable=True, why="test")
OTHER = Column(
    "referral_method", "referral_method", Action.DISCLOSE, Kind.CODE, "", nullable=True, why="test"
)
NUMBER = Column("triage_days", "triage_days", Action.DISCLOSE, Kind.INTEGER, "", nullable=True, why="test")
FLAG = Column("re_referral", "re_referral", Action.DISCLOSE, Kind.BOOLEAN, "", nullable=True, why="test")
HARD = st.text(alphabet=st.sampled_from(list("ab\x00\x1f\x1ben")), max_size=4) | st.none()
VALUES = st.tuples(HARD, HARD, st.integers(-5, 200_000) | st.none(), st.booleans() | st.none())


def texts(rows: list[tuple[Any, ...]]) -> list[str]:
    """Return the serialised rows."""
    columns = (TEXT, OTHER, NUMBER, FLAG)
    kinds = {
        "heard_about_us": pl.String,
        "referral_method": pl.String,
        "triage_days": pl.Int32,
        "re_referral": pl.Boolean,
    }
    table = pl.DataFrame(rows, schema=kinds, orient="row")
    return serialised(table, columns, pl.Series(["digest"] * len(rows))).to_list()


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES, min_size=2, max_size=5))
def test_two_records_have_the_same_text_only_if_every_field_is_the_same(rows: list[tuple[Any, ...]]) -> None:
    """No value can imitate a border, an empty cell or its neighbour; null is not empty."""
    found = texts(rows)
    for one, first in enumerate(rows):
        for two, second in enumerate(rows):
            assert (found[one] == found[two]) == (first == second)
    assert [texts([row])[0] for row in rows] == found


def test_a_fingerprint_is_keyed_and_covers_the_treatment() -> None:
    """The same values under another key or another treatment have another fingerprint."""
    table = pl.DataFrame({"heard_about_us": ["leaflet"]})
    told = {
        fingerprints(table, (TEXT,), pl.Series([treatment]), key)[0]
        for treatment in ("a", "b")
        for key in (b"1" * 32, b"2" * 32)
    }
    assert len(told) == 4


@pytest.mark.parametrize("name", FLOWS)
def test_only_what_the_recipient_sees_moves_the_fingerprint(name: str) -> None:
    """A change in a field that stays behind is no change; a change in one that leaves is."""
    governed = flow(name)
    before = governed.decide(whole_person())["referral"]
    hidden = governed.decide(whole_person(referral__received_at=datetime(2021, 1, 1, tzinfo=UTC)))["referral"]
    shown = governed.decide(whole_person(referral__status="rejected"))["referral"]
    assert hidden["_fingerprint"].to_list() == before["_fingerprint"].to_list()
    assert shown["_fingerprint"].to_list() != before["_fingerprint"].to_list()


# ---- treatments


def test_a_treatment_survives_json_and_its_digest_is_settled() -> None:
    """The digest is the same on every run and every machine; what is read back is what was written."""
    treatment = Treatment("address", {"ward": Action.DISCLOSE, "line1": Action.REDACT})
    again = Treatment.from_json(json.loads(json.dumps(treatment.to_json())))
    assert again == treatment
    said = b'{"entity":"address","fields":{"line1":"redact","ward":"disclose"}}'
    assert treatment.digest == hashlib.sha256(said).hexdigest()
    assert Treatment("address", {"line1": Action.REDACT, "ward": Action.DISCLOSE}).digest == treatment.digest


@pytest.mark.parametrize(
    ("old", "new", "is_narrower"),
    [
        ({"ward": "disclose"}, {"ward": "disclose"}, False),
        ({"ward": "disclose"}, {"ward": "redact"}, True),
        ({"ward": "disclose"}, {}, True),
        ({"ward": "redact"}, {"ward": "disclose"}, False),
        ({"ward": "disclose"}, {"ward": "disclose", "line1": "disclose"}, False),
        ({"ward": "disclose"}, {"line1": "disclose"}, True),
        ({"birth_date": "disclose"}, {"birth_year_month": "generalise"}, True),
        (
            {"birth_year_month": "generalise"},
            {"birth_date": "disclose", "birth_year_month": "disclose"},
            False,
        ),
        ({"value": "disclose"}, {"value": "pseudonymise"}, True),
        ({"ward": "redact"}, {}, False),
    ],
)
def test_a_treatment_is_narrower_if_any_column_shows_less(
    old: dict[str, str], new: dict[str, str], is_narrower: bool
) -> None:
    """One column less, or one shown less closely, is enough; more elsewhere does not make up for it."""
    one, two = (
        Treatment("person", {name: Action(word) for name, word in said.items()}) for said in (old, new)
    )
    assert narrower(one, two) is is_narrower


def test_a_record_that_hangs_in_the_air_is_narrower_than_anything_sent() -> None:
    """Held, its person unknown: what was sent of it earlier is withdrawn, whatever it was."""
    governed = flow("commissioning")
    sent = governed.decide(whole_person())["advice"]["_treatment"][0]
    lost = governed.decide(whole_person(advice___person="nobody", advice___held=True))["advice"]
    assert lost["_fate"].to_list() == [1]
    assert narrower(governed.treatments[sent], governed.treatments[lost["_treatment"][0]])


# ---- what goes in


@pytest.mark.parametrize("column", ["_held", "_person", "_reference", "_unreadable"])
def test_tables_that_nobody_inspected_are_not_decided(column: str) -> None:
    """Without the checks' answer, or without whose record it is, nothing is decided."""
    tables = whole_person()
    with pytest.raises(ReleaseRefused, match="inspected"):
        flow("early_help").decide({"person": tables["person"].drop(column)})


def test_a_column_of_the_wrong_type_stops_the_release() -> None:
    """A date that is text is not a canonical date, and is not guessed at."""
    tables = whole_person()
    tables["person"] = tables["person"].with_columns(pl.col("birth_date").cast(pl.String))
    with pytest.raises(ReleaseRefused, match=r"person\.birth_date"):
        flow("early_help").decide(tables)


def test_a_rule_that_throws_decides_nothing_and_shows_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a rule meets, nothing is decided; what it met may hold a value and is not carried along."""

    def thrown(*_given: object) -> pl.Expr:
        raise pl.exceptions.ComputeError("Marigold-Canary")

    monkeypatch.setattr("sharing.deciding.reason", thrown)
    with pytest.raises(ReleaseRefused, match="a rule could not be asked") as refused:
        flow("early_help").decide(whole_person())
    assert (refused.value.exit_code, refused.value.__context__, refused.value.__cause__) == (30, None, None)
    assert "Marigold" not in str(refused.value)


def test_a_table_of_no_entity_of_ours_stops_the_release() -> None:
    """A misspelt entity is not passed over in silence."""
    with pytest.raises(ReleaseRefused, match="refferal"):
        flow("early_help").decide({"refferal": whole_person()["referral"]})


def test_a_flow_describes_itself_in_words() -> None:
    """Reports are told recipient, purpose, bases and the why of every field, and nothing about anybody."""
    said = flow("commissioning").describe()
    assert said["recipient"] == "Stockport Metropolitan Borough Council"
    assert {"field": "birth_date", "treatment": "generalise", "to": "birth_year_month"}.items() <= said[
        "fields"
    ]["person"][1].items()
    assert all(each["why"] for fields in said["fields"].values() for each in fields)
    assert said["dpia"] == {"id": example().id, "version": "1.0.0", "sha256": example().sha256}
    assert json.loads(json.dumps(said)) == said
    assert Path(example().path).name.endswith(".yaml")
