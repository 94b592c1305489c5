"""What people answer without telling is no gap: typed into every field that somebody is asked for."""

from datetime import UTC, datetime

import polars as pl
import pytest

import quality
from canonical import ANSWERED, ENTITIES, polars_schema, spec, unreadable_bit
from mappings import compile_mapping, load_mapping
from mappings.answered import CODES, may_be_answered
from mappings.compile import Compiled
from mappings.fields import FieldPlan
from quality import Facts
from quality.examples import TOLD
from tests.spec.mappings.test_mapping_examples import MAPPINGS

SOURCE = "community_support"
FACTS = Facts({SOURCE: datetime(2022, 12, 1, tzinfo=UTC)}, (), True)
WORDS = ("Refused", "[Refused]", "Declined", "Prefer not to say", "Not known", "Asked, not known", "UNKNOWN")
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
}  # fmt: skip
REFERENCES = {
    "charitylog_people": "CP{:06}", "charitylog_referrals": "CR{:06}", "charitylog_needs": "CN{:06}",
    "charitylog_outcomes": "CF{:06}",
}  # fmt: skip
SAFETY = ("person.safe_to_contact", "person.anonymised", "address.sensitive_location")
Cell = tuple[str, FieldPlan, str]


def compiled(name: str) -> Compiled:
    """Return the example's mapping."""
    return compile_mapping(
        load_mapping(MAPPINGS / f"{name}.yaml"), source=SOURCE, null_words=["N/A"], parent_source="hub"
    )


def asked(mapping: Compiled) -> list[Cell]:
    """Return every field that somebody is asked for, with each of the words."""
    plans = [(plan.entity, part) for plan in mapping.mapping.entities for part in plan.fields]
    fields = {(entity, part.name): part for entity, part in plans if may_be_answered(entity, part)}
    own = [(entity, part) for (entity, name), part in fields.items() if not name.startswith("_")]
    return [(entity, part, word) for entity, part in own for word in WORDS]


def typed(name: str, cells: list[Cell]) -> dict[str, pl.DataFrame]:
    """Return what becomes of one row as it should be, and one for each cell in which a word is typed."""
    mapping, own = compiled(name), REFERENCES[name]
    rows = [
        {**ROWS[name], **({str(cell[1].declared.column): cell[2]} if cell else {})} for cell in (None, *cells)
    ]
    columns = {
        column: pl.Series([row.get(column, "") for row in rows], dtype=pl.String)
        for column in mapping.columns
    }
    columns[mapping.mapping.declared.reference.column] = pl.Series(
        [own.format(at) for at in range(len(rows))]
    )
    return mapping.apply(pl.DataFrame(columns).with_row_index("_row", offset=1)).entities


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
    cells = asked(compiled(name))
    assert cells
    found = findings(typed(name, cells))
    told = {(row["reference"], row["entity"], row["field"], row["check"]) for row in found.to_dicts()}
    usual = {
        (entity, field, check) for ref, entity, field, check in told if ref == REFERENCES[name].format(0)
    }
    wrong = [
        (entity, part.name, word, *gap)
        for at, (entity, part, word) in enumerate(cells, start=1)
        for ref, *gap in told
        if ref == REFERENCES[name].format(at) and tuple(gap) not in usual
    ]
    assert wrong == []


def test_a_list_with_a_code_for_it_gets_the_code_and_any_other_field_is_marked_as_answered() -> None:
    """Nothing of an answer is lost: it is a code where there is one, else a mark beside the empty field."""
    cells = asked(compiled("charitylog_people"))
    tables = typed("charitylog_people", cells)
    for at, (entity, part, word) in enumerate(cells, start=1):
        row = tables[entity].filter(_reference=f"CP{at:06}").to_dicts()[0]
        listed = spec(entity).fields[part.name].codes or ""
        refused = word not in ("Not known", "Asked, not known", "UNKNOWN")
        code = CODES.get(listed, (None, None))[0 if refused else 1]
        assert row[part.name] == code, (entity, part.name, word)
        marked = row["_unreadable"] >> (ANSWERED + unreadable_bit(entity, part.name)) & 1
        assert bool(marked) is (code is None), (entity, part.name, word)
        if part.name == "postcode":
            assert row["postcode_status"] == ("refused" if refused else "missing")


def test_what_keeps_somebody_safe_is_still_not_read() -> None:
    """An answer that tells nothing lets nothing out: whoever decides takes the field at its strictest."""
    cells = [cell for cell in asked(compiled("charitylog_people")) if f"{cell[0]}.{cell[1].name}" in SAFETY]
    tables = typed("charitylog_people", cells)
    assert len(cells) == len(SAFETY) * len(WORDS)
    for at, (entity, part, _) in enumerate(cells, start=1):
        row = tables[entity].filter(_reference=f"CP{at:06}").to_dicts()[0]
        assert row[part.name] is None
        assert row["_unreadable"] >> unreadable_bit(entity, part.name) & 1


def test_a_gap_is_still_a_gap_and_a_strange_word_still_strange() -> None:
    """An empty birth date is PER-04's, and a word that is neither a day nor an answer is MAP-01's."""
    cells = [cell for cell in asked(compiled("charitylog_people")) if cell[1].name == "birth_date"][:2]
    cells = [(entity, part, word) for (entity, part, _), word in zip(cells, ("", "in spring"), strict=True)]
    found = findings(typed("charitylog_people", cells)).filter(field="birth_date")
    assert set(found.select("reference", "check").rows()) == {("CP000001", "PER-04"), ("CP000002", "MAP-01")}


def test_every_entity_leaves_room_for_its_answers() -> None:
    """The marks of what is answered lie between those of what cannot be read and that of a doubted row."""
    assert all(len(spec(entity).fields) <= ANSWERED for entity in ENTITIES)
