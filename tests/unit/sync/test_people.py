"""The people index: what crosses people is found whoever is read first, and unknown counts as set."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import spec
from sharing.scope import flag_column
from sharing.vocabulary import PERSON_LINK, Scope
from sync import people
from sync.people import Digest, SourceNotes
from tests.unit.sharing.records import whole_person

SAME, CHILDREN = Scope.SAME_ADDRESS, Scope.LINKED_CHILDREN
DIGEST = Digest.under(b"k" * 32)
WHEN = datetime(2022, 5, 1, tzinfo=UTC)


def notes_of(
    source: str,
    rows: list[dict[str, str | None]],
    relations: list[tuple[str, ...]] = (),
    flagged: set[str] = frozenset(),
) -> SourceNotes:
    """Rows hold reference, number, line1, postcode, uprn."""
    table = pl.DataFrame(
        rows, schema=dict.fromkeys(["reference", "number", "line1", "postcode", "uprn"], pl.String)
    )
    base = table.with_columns(_source=pl.lit(source), _reference="reference", _person="reference")
    person = base.select("_source", "_reference", "_person", nhs_number="number", given_name=pl.lit("x"))
    address = base.select("_source", "_reference", "_person", "line1", "postcode", "uprn")
    pairs = (
        pl.DataFrame(
            [(*pair, "household")[:3] for pair in relations],
            schema=["person_id", "related_person_id", "relation"],
            orient="row",
        )
        if relations
        else None
    )
    tables = {"person": person, "address": address}
    if pairs is not None:
        tables["relationship"] = pairs.with_row_index("n").select(
            _source=pl.lit(source),
            _reference=pl.col("n").cast(pl.String),
            _person="person_id",
            person_id="person_id",
            related_person_id="related_person_id",
            relation="relation",
        )
    notes = SourceNotes()
    people.take_notes(
        notes,
        tables,
        DIGEST,
        {"person": pl.col("_reference").is_in(sorted(flagged)) if flagged else pl.lit(value=False)},
    )
    return notes


def person(
    reference: str,
    number: str | None = None,
    line1: str | None = None,
    postcode: str | None = None,
    uprn: str | None = None,
) -> dict[str, str | None]:
    return {"reference": reference, "number": number, "line1": line1, "postcode": postcode, "uprn": uprn}


def index_of(notes: dict[str, SourceNotes]) -> people.PeopleIndex:
    return people.build_index(notes, frozenset(notes), None, everyone=False)


def mark(source: str, reference: str) -> int:
    return pl.select(DIGEST.of(pl.lit(source), pl.lit(reference))).item()


def household(index: people.PeopleIndex, source: str, reference: str) -> str | None:
    found = index.households.filter(pl.col("person") == mark(source, reference))["household_id"].to_list()
    return found[0] if found else None


def flagged(index: people.PeopleIndex, source: str, reference: str) -> bool:
    return mark(source, reference) in index.flagged.to_list()


def test_the_same_address_written_differently_makes_a_household_across_providers() -> None:
    """Case, blanks and commas do not matter; the household is named by its first member."""
    hub = notes_of("hub", [person("P1", line1="12 Zq Street", postcode="ZQ1 1AA")])
    other = notes_of(
        "other",
        [
            person("X9", line1="12, zq  street", postcode="zq11aa"),
            person("X8", line1="13 Zq Street", postcode="ZQ1 1AA"),
        ],
    )
    index = index_of({"other": other, "hub": hub})
    assert household(index, "hub", "P1") == household(index, "other", "X9") == "hub:P1"
    assert household(index, "other", "X8") is None


def test_the_flag_spreads_along_relationships_property_and_number() -> None:
    """P1 is flagged; P2 is related, X1 has P2's property number, X2 shares X1's number; P9 is apart."""
    hub = notes_of(
        "hub", [person("P1"), person("P2", uprn="00100"), person("P9", uprn="7")], [("P1", "P2")], {"P1"}
    )
    other = notes_of(
        "other", [person("X1", uprn="100", number="9434765919"), person("X2", number="9434765919")]
    )
    index = index_of({"hub": hub, "other": other})
    assert [
        flagged(index, *who)
        for who in [("hub", "P1"), ("hub", "P2"), ("other", "X1"), ("other", "X2"), ("hub", "P9")]
    ] == [True, True, True, True, False]


def test_a_shared_number_is_told_only_within_one_source() -> None:
    """The same person known to two providers is no contradiction; two people of one provider are."""
    hub = notes_of(
        "hub", [person("P1", "9434765919"), person("P2", "9434765919"), person("P3", "9434765870")]
    )
    other = notes_of("other", [person("X3", "9434765870")])
    shared = index_of({"hub": hub, "other": other}).shared.to_list()
    assert sorted(shared) == sorted([mark("hub", "P1"), mark("hub", "P2")])


def test_repeated_digits_and_blanks_join_nobody() -> None:
    """A placeholder number or an empty address makes no household and spreads nothing."""
    hub = notes_of(
        "hub", [person("P1", "9999999999", "", ""), person("P2", "9999999999", None, None)], flagged={"P1"}
    )
    index = index_of({"hub": hub})
    assert not flagged(index, "hub", "P2")
    assert index.households.is_empty()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=18))
def test_households_are_the_connected_components(pairs: list[tuple[int, int]]) -> None:
    """The spreading of labels against a plain union of sets."""
    parent = list(range(13))

    def root(one: int) -> int:
        return one if parent[one] == one else root(parent[one])

    for one, other in pairs:
        parent[root(one)] = root(other)
    links = pl.DataFrame(
        [(p, people.RELATION, n) for n, pair in enumerate(pairs) for p in pair],
        schema={"person": pl.UInt64, "kind": pl.UInt8, "mark": pl.UInt64},
        orient="row",
    )
    labels = dict(people.components(links).iter_rows())
    for one, label in labels.items():
        for other, other_label in labels.items():
            assert (label == other_label) == (root(one) == root(other))


def test_a_rule_reaches_as_far_as_its_scope_and_no_further() -> None:
    """P1 is flagged: a child, the child's other parent, a housemate, a carer, and somebody of no relation."""
    hub = notes_of(
        "hub",
        [
            person("P1", "9999999999", "1 Zq Road", "ZQ1 1AA"),
            person("CHILD"),
            person("OTHER", None, "2 Zq Road", "ZQ1 1AA"),
            person("MATE", None, "1 zq road", "ZQ11AA"),
            person("CARER"),
            person("AFAR", None, "3 Zq Road", "ZQ1 1AA"),
        ],
        relations=[
            ("P1", "CHILD", "parent_of"),
            ("CHILD", "OTHER", "child_of"),
            ("P1", "CARER", "cared_for_by"),
        ],
        flagged={"P1"},
    )
    other = notes_of("other", [person("X1", "9434765919"), person("X2", "9434765919")])
    scopes = [{Scope.PERSON, *more} for more in ((), {SAME}, {CHILDREN}, {SAME, CHILDREN})]
    reaches = {flag_column(scope): frozenset(scope) - {Scope.PERSON} for scope in scopes}
    index = people.build_index(
        {"hub": hub, "other": other}, frozenset(), None, everyone=False, reaches=reaches
    )
    found = {
        column: {
            name
            for name in ("P1", "CHILD", "OTHER", "MATE", "CARER", "AFAR")
            if mark("hub", name) in set(reached)
        }
        for column, reached in index.narrower.items()
    }
    assert found == {
        "_flag": {"P1"},
        "_flag_same_address": {"P1", "MATE"},
        "_flag_linked_children": {"P1", "CHILD", "OTHER"},
        "_flag_linked_children_same_address": {"P1", "CHILD", "OTHER", "MATE"},
    }
    assert {name for name in ("CHILD", "OTHER", "MATE", "CARER") if flagged(index, "hub", name)} == {
        "CHILD", "OTHER", "MATE", "CARER",
    }  # fmt: skip
    assert not flagged(index, "hub", "AFAR")


def test_the_narrowest_scope_still_reaches_the_same_person_elsewhere() -> None:
    """By a valid NHS number X1 is P1, whoever wrote it down."""
    hub = notes_of("hub", [person("P1", "9434765919")], flagged={"P1"})
    other = notes_of("other", [person("X1", "9434765919"), person("X2", "9434765870")])
    index = people.build_index(
        {"hub": hub, "other": other}, frozenset(), None, everyone=False, reaches={"_flag": frozenset()}
    )
    assert mark("other", "X1") in set(index.narrower["_flag"])
    assert mark("other", "X2") not in set(index.narrower["_flag"])


def test_records_are_linked_by_the_fields_that_an_assessment_must_name_and_by_no_others() -> None:
    """Of every field of every entity: those without which a link is missing are those of the format."""
    told = {"person__nhs_number": "9434765919", "address__line1": "1 Invented Row", "address__uprn": "100012"}
    found = set()
    for entity, table in whole_person(**told, address__postcode="SK1 0AA").items():
        before = _marks(entity, table)
        for field in spec(entity).fields:
            blank = table.with_columns(pl.lit(None, table.schema[field]).alias(field))
            if field != "person_id" and _marks(entity, blank) != before:
                found.add(f"{entity}.{field}")
    assert found == PERSON_LINK


def _marks(entity: str, table: pl.DataFrame) -> list[tuple[int, ...]]:
    notes = SourceNotes()
    people.take_notes(notes, {entity: table}, DIGEST, {})
    links = pl.concat(notes.links) if notes.links else pl.DataFrame(schema=people.EMPTY_NOTES)
    return links.filter(pl.col("kind") != people.PARENTAGE).drop_nulls().sort(links.columns).rows()
