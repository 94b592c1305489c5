"""What people answer without telling is no gap: typed into every field that somebody is asked for."""

from datetime import UTC, datetime

import polars as pl
import pytest

import quality
from canonical import ANSWERED, ENTITIES, Kind, polars_schema, spec, unreadable_bit
from mappings import compile_mapping, load_mapping
from mappings.answered import CODES, may_be_answered, may_be_refused
from mappings.asked import ASKED_OF, NEVER_REFUSED, not_asked
from mappings.compile import Compiled
from mappings.fields import FieldPlan
from mappings.load import EntityPlan
from quality import Facts
from quality.examples import TOLD
from tests.spec.mappings.test_mapping_examples import MAPPINGS

SOURCE = "community_support"
FACTS = Facts({SOURCE: datetime(2022, 12, 1, tzinfo=UTC)}, (), True)
REFUSALS = ("Refused", "[Refused]", "Declined", "Prefer not to say")
NOT_KNOWN = ("Not known", "Asked, not known", "UNKNOWN")
WORDS = (*REFUSALS, *NOT_KNOWN)
ROWS = {
    "charitylog_people": {
        "Report Person Type": "Client", "Forename": "Ida", "Surname": "Ames", "Known As": "Ida",
        "Date of Birth": "01/02/1960", "NHS Number": "999 123 4560",
        "UPRN": "10001", "Gender": "Female", "Ethnic Origin": "White: Irish", "Postcode": "ZQ1 1DS",
        "Address Type": "Main", "Sensitive Location": "No", "Safe to Contact": "Yes", "Anonymised": "No",
        "Address Line 1": "1 High Street", "Main Language": "en",
    },
    "charitylog_referrals": {
        "Org Person ID": "CP000001", "Referral Date": "01/07/2022", "Referral Time": "10:00",
        "Referrer Type": "Police", "Referrer ID": "CO0001", "Referrer Name": "A desk", "Stage": "Allocated",
        "Accepted Date": "04/07/2022", "Goal Outcome": "Met", "Date Awarded": "01/08/2022",
        "Monetary Outcome": "100.00", "Arrears Obtained": "10.00",
    },
    "charitylog_needs": {
        "Org Person ID": "CP000001", "Diary Reference Number": "CR000001", "Primary": "Yes",
        "Raised Date": "01/07/2022",
    },
    "charitylog_outcomes": {
        "Org Person ID": "CP000001", "Diary Reference Number": "CR000001", "Tool": "SWEMWBS",
        "Timepoint": "Baseline", "Completed Date": "01/07/2022", "Total": "21",
        **{f"Item {number}": str(2 + number % 3) for number in range(1, 8)},
    },
    "charitylog_outcomes (long form)": {
        "Org Person ID": "CP000001", "Diary Reference Number": "CR000001", "Tool": "WEMWBS",
        "Timepoint": "Baseline", "Completed Date": "01/07/2022", "Total": "41",
        **{f"Item {number}": str(2 + number % 3) for number in range(1, 15)},
    },
    "charitylog_consents": {
        "Org Person ID": "CP000001", "Purpose": "Share with council", "Status": "Given",
        "Recorded": "01/07/2022 10:00",
    },
    "charitylog_contacts": {
        "Org Person ID": "CP000001", "Diary Reference Number": "CR000001",
        "Contact Type": "External Referral", "Contact Date": "01/07/2022", "Contact Time": "10:00",
        "Communication Method": "Telephone", "Attendance": "Attended", "Duration": "30", "Worker": "MK",
        "External Referral To": "CO0001",
        "External Referral Service": "CS001", "Consent ID": "CG000001",
        "External Referral Outcome": "Accepted",
    },
    "charitylog_risks": {
        "Org Person ID": "CP000001", "Risk": "Fire", "Level": "High", "Start Date": "01/07/2022",
        "End Date": "01/08/2022",
    },
    "charitylog_relationships": {
        "Org Person ID": "CP000001", "Related Org Person ID": "CP000002", "Relationship": "Same household",
        "Start Date": "01/07/2022", "End Date": "01/08/2022",
    },
    "signposts_2017": {
        "Org Person ID": "7", "Name": "Ida Ames", "DOB": "01/02/1960", "Address": "1 High Street, Alderbeck",
        "Postcode": "ZQ1 1DS", "Report Person Type": "Client", "Referral Date": "01/07/2022",
        "Project": "Advice", "Referrer": "A desk",
    },
}  # fmt: skip
REFERENCES = {
    "charitylog_people": "CP{:06}", "charitylog_referrals": "CR{:06}", "charitylog_needs": "CN{:06}",
    "charitylog_outcomes": "CF{:06}", "charitylog_consents": "CG{:06}", "charitylog_contacts": "CC{:06}",
    "charitylog_risks": "CK{:06}", "charitylog_relationships": "CL{:06}", "signposts_2017": "{}",
}  # fmt: skip
OF_2017 = "signposts_2017"
IDENTIFIERS = {("person_identifier", "value")}
"""The person's own reference once more; no question is asked for it."""
NOT_YET_MAPPED = ("referral", "_entered_by_role")
"""A column for later steps that the example site's exports do not have."""
SAFETY = ("person.safe_to_contact", "person.anonymised", "address.sensitive_location")
Cell = tuple[str, FieldPlan, str]


def compiled(name: str) -> Compiled:
    """Return the example's mapping."""
    path = MAPPINGS / f"{name.partition(' ')[0]}.yaml"
    return compile_mapping(load_mapping(path), source=SOURCE, null_words=["N/A"], parent_source="hub")


def makes(plan: EntityPlan, row: dict[str, str]) -> bool:
    """Return whether the row makes a record of this kind."""
    when = plan.declared.when
    if when is None or when.not_blank:
        return when is None or any(row.get(column) for column in when.not_blank or ())
    word = row[str(when.column)]
    return word in when.within if when.within else word not in (when.without or ())


def asked(name: str) -> list[Cell]:
    """Return every field that somebody is asked for, of what the row makes, with each of the words."""
    plans = [plan for plan in compiled(name).mapping.entities if makes(plan, ROWS[name])]
    return [
        (plan.entity, part, word)
        for plan in plans
        for part in plan.fields
        if may_be_answered(plan.entity, part) and not part.name.startswith("_")
        for word in (WORDS if may_be_refused(plan.entity, part.name) else NOT_KNOWN)
    ]


def typed(name: str, cells: list[Cell]) -> dict[str, pl.DataFrame]:
    """Return what becomes of one row as it should be, and one for each cell in which a word is typed."""
    mapping = compiled(name)
    rows = [
        {**ROWS[name], **({str(cell[1].declared.column): cell[2]} if cell else {})} for cell in (None, *cells)
    ]
    columns = {
        column: pl.Series([row.get(column, "") for row in rows], dtype=pl.String)
        for column in mapping.columns
    }
    own = pl.Series([reference(name, at) for at in range(len(rows))])
    columns[mapping.mapping.declared.reference.column] = own
    if name == OF_2017:
        columns["Org Person ID"] = own
    return mapping.apply(pl.DataFrame(columns).with_row_index("_row", offset=1)).entities


def reference(name: str, at: int) -> str:
    """Return the reference of the row in this place."""
    return REFERENCES[name.partition(" ")[0]].format(at)


def findings(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return what the checks say of the tables, completed as far as a mapping alone can."""
    whole = {
        entity: pl.concat([pl.DataFrame(schema=polars_schema(entity) | TOLD), table], how="diagonal_relaxed")
        for entity, table in tables.items()
    }
    return quality.inspect(whole, FACTS).findings


@pytest.mark.parametrize("name", ROWS)
def test_refused_and_not_known_are_answers_in_every_field_that_somebody_is_asked_for(name: str) -> None:
    """No check tells of such a word: not as a gap, not as a word that cannot be read."""
    cells = asked(name)
    assert cells
    found = findings(typed(name, cells))
    told = {(row["reference"], row["entity"], row["field"], row["check"]) for row in found.to_dicts()}
    usual = {(entity, field, check) for ref, entity, field, check in told if ref == reference(name, 0)}
    wrong = [
        (entity, part.name, word, *gap)
        for at, (entity, part, word) in enumerate(cells, start=1)
        for ref, *gap in told
        if ref == reference(name, at) and tuple(gap) not in usual
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ROWS)
def test_a_list_with_a_code_for_it_gets_the_code_and_any_other_field_is_marked_as_answered(name: str) -> None:
    """Nothing of an answer is lost: it is a code where there is one, else a mark beside the empty field."""
    cells = asked(name)
    tables = typed(name, cells)
    for at, (entity, part, word) in enumerate(cells, start=1):
        row = tables[entity].filter(_reference=reference(name, at)).to_dicts()[0]
        listed = spec(entity).fields[part.name].codes or ""
        code = CODES.get(listed, (None, None))[0 if word in REFUSALS else 1]
        assert row[part.name] == code, (entity, part.name, word)
        marked = row["_unreadable"] >> (ANSWERED + unreadable_bit(entity, part.name)) & 1
        assert bool(marked) is (code is None), (entity, part.name, word)
        if part.name == "postcode":
            assert row["postcode_status"] == ("refused" if word in REFUSALS else "missing")


def test_every_field_of_the_example_mappings_is_walked_or_nobody_is_asked_for_it() -> None:
    """A new column of a mapping is typed into here, or says why nobody can refuse to answer; never both."""
    walked = {(entity, part.name) for name in ROWS for entity, part, _ in asked(name)}
    reasons = {(entity, name) for entity, name, _ in not_asked()}
    mapped = {
        (plan.entity, part.name)
        for path in MAPPINGS.glob("*.yaml")
        for plan in load_mapping(path).entities
        for part in plan.fields
        if part.declared.constant is None
        and (part.kind is not Kind.KEY or may_be_answered(plan.entity, part))
    }
    given = {field for field in mapped if field not in IDENTIFIERS}
    assert given - walked - reasons == set()
    assert walked & reasons == set()
    assert all(reason in given or reason == NOT_YET_MAPPED for reason in reasons)


def test_every_field_with_an_answer_is_a_field_and_one_that_is_asked_for() -> None:
    """No entry of the lists is left over from a field that is gone, or stands in both."""
    fields = {(entity, name) for entity, names in ASKED_OF.items() for name in names}
    assert all(name in spec(entity).fields for entity, name in fields)
    assert {tuple(name.split(".")) for name in NEVER_REFUSED} <= fields
    assert len({(entity, name) for entity, name, _ in not_asked()}) == len([*not_asked()])


def test_where_refused_means_something_else_it_is_asked_back() -> None:
    """That an external referral was declined does not say by whom, so MAP-01 asks; not known is an answer."""
    name = "charitylog_contacts"
    part = asked(name)[0][1]
    found = findings(typed(name, [("onward_referral", part, word) for word in WORDS])).filter(field=part.name)
    told = found.filter(check="MAP-01")["reference"].to_list()
    assert told == [reference(name, at) for at, word in enumerate(WORDS, start=1) if word in REFUSALS]


def test_what_keeps_somebody_safe_is_still_not_read() -> None:
    """An answer that tells nothing lets nothing out: whoever decides takes the field at its strictest."""
    cells = [cell for cell in asked("charitylog_people") if f"{cell[0]}.{cell[1].name}" in SAFETY]
    tables = typed("charitylog_people", cells)
    assert len(cells) == len(SAFETY) * len(WORDS)
    for at, (entity, part, _) in enumerate(cells, start=1):
        row = tables[entity].filter(_reference=f"CP{at:06}").to_dicts()[0]
        assert row[part.name] is None
        assert row["_unreadable"] >> unreadable_bit(entity, part.name) & 1


def test_a_gap_is_still_a_gap_and_a_strange_word_still_strange() -> None:
    """An empty birth date is PER-04's, and a word that is neither a day nor an answer is MAP-01's."""
    cells = [cell for cell in asked("charitylog_people") if cell[1].name == "birth_date"][:2]
    cells = [(entity, part, word) for (entity, part, _), word in zip(cells, ("", "in spring"), strict=True)]
    found = findings(typed("charitylog_people", cells)).filter(field="birth_date")
    assert set(found.select("reference", "check").rows()) == {("CP000001", "PER-04"), ("CP000002", "MAP-01")}


def test_every_entity_leaves_room_for_its_answers() -> None:
    """The marks of what is answered lie between those of what cannot be read and that of a doubted row."""
    assert all(len(spec(entity).fields) <= ANSWERED for entity in ENTITIES)
