"""Which cells tell that a row has shifted, which do not, and what becomes of the row."""

from collections.abc import Callable

import polars as pl
import pytest

from canonical import UNBELIEVED, Kind, spec, unreadable_bit
from mappings import Compiled
from mappings.errors import CellsShifted, DayOrderUnclear
from mappings.evidence import Evidence

Compile = Callable[[str], Compiled]
Row = dict[str, str]
HEADER = ("Ref", "Person", "Name", "Kind", "Unread", "Opened", "Closed", "Number")
TEXT = """
ignore: [{column: Unread, why: nobody takes it}]
entities:
  - entity: referral
    fields:
      person_id: {column: Person, converter: reference, pattern: "P[0-9]+"}
      referrer_name: {column: Name, converter: text}
      priority: {column: Kind, converter: code}
      received_at: {column: Opened, converter: instant, format: dd/mm/yyyy}
      closed_at: {column: Closed, converter: date, format: dd/mm/yyyy}
  - entity: contact
    reference: "{Ref}/contact"
    fields:
      referral_id: {column: Ref, converter: reference}
      duration_min: {column: Number, converter: integer, least: 0, most: 600}
"""
GOOD = dict(zip(HEADER, ("R1", "P1", "Zoe", "Routine", "x", "13/04/2022", "14/05/2022", "20"), strict=True))


@pytest.fixture
def ready(compiled: Compile) -> Compiled:
    return compiled(TEXT)


def evidence_of(ready: Compiled, rows: list[Row], **more: bool) -> tuple[Evidence, dict[str, pl.DataFrame]]:
    evidence = ready.evidence(HEADER, "source hub, export one", **more)
    batch = pl.DataFrame(rows, schema=dict.fromkeys(HEADER, pl.String)).select(ready.columns)
    return evidence, ready.apply(batch.with_row_index("_row", offset=1), evidence).entities


def many(*odd: Row, of: int = 500) -> list[Row]:
    """Return many good rows, and these among them."""
    return [GOOD | {"Ref": f"R{number}"} for number in range(of - len(odd))] + [GOOD | row for row in odd]


def held(ready: Compiled, *odd: Row, of: int = 500) -> int:
    evidence, _ = evidence_of(ready, many(*odd, of=of))
    evidence.settle()
    return evidence.told.held_rows


OUT_OF_PLACE: dict[str, Row] = {
    "a day in free text": {"Name": "13/04/2022"},
    "a reference in free text": {"Name": "P17"},
    "free text run on to a day": {"Name": "Zoe13/04/2022"},
    "a word run on to what nobody reads": {"Kind": "RoutineNotes of Zoe"},
    "a day in a column of codes beside free text": {"Kind": "13/04/2022"},
    "two days run together": {"Opened": "13/04/202214/05/2022"},
    "a name where a day should be": {"Opened": "Zoe"},
    "a day where a number should be": {"Number": "14/05/2022"},
    "a number run on to a day": {"Closed": "14/05/202220"},
    "a day torn over two columns": {"Opened": "13/04", "Closed": "/2022"},
    "a reference where a name was": {"Person": "Zoe Zebulon"},
    "a person run together with a name": {"Person": "P1Zoe"},
    "a name that is a code, whose own cell is gone": {"Name": "Urgent", "Kind": "Zoe"},
    "nobody's word for nothing, in the code's place": {"Kind": "17"},
}


@pytest.mark.parametrize("name", list(OUT_OF_PLACE))
def test_a_cell_out_of_place_holds_its_row(ready: Compiled, name: str) -> None:
    """One row among many, and no other."""
    assert held(ready, OUT_OF_PLACE[name]) == 1


IN_PLACE: dict[str, Row] = {
    "blanks": {"Opened": "", "Closed": "", "Kind": "", "Number": ""},
    "a day that is none": {"Opened": "31/02/2022"},
    "a day in another form": {"Closed": "14.5.22"},
    "words for nothing": {"Closed": "Unknown", "Kind": "Refused", "Number": "n/a"},
    "a mistyped reference": {"Person": "Q17"},
    "a number too large": {"Number": "99999999999"},
    "a name with figures": {"Name": "Ward 7"},
    "a name that is a code, beside its own": {"Name": "Urgent"},
}


@pytest.mark.parametrize("name", list(IN_PLACE))
def test_what_may_be_a_slip_of_the_pen_is_a_finding_and_holds_nothing(ready: Compiled, name: str) -> None:
    """A cell like its column's own, mistyped or left blank, tells of no shift."""
    assert held(ready, IN_PLACE[name]) == 0


def test_a_new_option_is_told_from_a_shifted_word_by_being_said_often(ready: Compiled) -> None:
    """In a column of codes beside free text, one strange word is out of place and many are an option."""
    assert held(ready, {"Kind": "Befriending"}) == 1
    assert held(ready, *[{"Kind": "Befriending"}] * 3) == 0


def test_nothing_of_a_held_row_is_taken_but_whose_it_is(ready: Compiled) -> None:
    """Every record of the row is emptied, counts as not readable, and keeps its references alone."""
    _, tables = evidence_of(ready, many({"Name": "13/04/2022", "Ref": "R999"}))
    for entity, reference in (("referral", "R999"), ("contact", "R999/contact")):
        record = tables[entity].filter(_reference=reference)
        fields = spec(entity).fields
        filled = {name for name in fields if record[name].is_not_null().all()}
        assert all(fields[name].kind is Kind.KEY for name in filled), filled
        marks = record["_unreadable"].item()
        assert marks & UNBELIEVED
        assert all(
            marks >> unreadable_bit(entity, name) & 1
            for name, field in fields.items()
            if field.kind is not Kind.KEY
        )
    assert tables["referral"].filter(pl.col("_unreadable") == 0).height == 499


@pytest.mark.parametrize(("odd", "refused"), [(4, False), (10, False), (11, True)])
def test_more_rows_out_of_place_than_single_ones_refuse_the_export(
    ready: Compiled, odd: int, refused: bool
) -> None:
    """Beyond one row in fifty it is the file that is wrong; the error counts rows and shows none."""
    evidence, _ = evidence_of(ready, many(*[{"Name": "13/04/2022"}] * odd))
    if not refused:
        assert evidence.settle().is_empty()
        return
    with pytest.raises(CellsShifted, match="export one: 11 of 500 rows") as told:
        evidence.settle()
    assert told.value.exit_code == 22


def test_where_cells_come_by_name_none_is_out_of_place(ready: Compiled) -> None:
    """An API says which field a value is of; what cannot be read there is a finding alone."""
    evidence, _ = evidence_of(ready, many(*OUT_OF_PLACE.values()), may_shift=False)
    assert evidence.settle().is_empty()
    assert evidence.told.held_rows == 0
    assert evidence.told.unread["Opened"] == {"other": 3}


def test_an_end_without_its_beginning_is_out_of_place_at_the_end_of_a_row(compiled: Compile) -> None:
    """A day that moved one column on reads as well there; that hardly another row is so tells it."""
    ready = compiled(
        "entities:\n  - entity: need\n    fields:\n"
        "      raised_on: {column: A, converter: date, format: dd/mm/yyyy}\n"
        "      resolved_on: {column: B, converter: date, format: dd/mm/yyyy}\n"
    )

    def found(lone: int, both: int) -> int:
        rows = [("", "13/04/2022")] * lone + [("13/04/2022", "14/04/2022")] * both
        batch = pl.DataFrame(rows, schema=["A", "B"], orient="row").with_row_index("_row")
        evidence = ready.evidence(("Ref", "A", "B"), "one")
        ready.apply(batch.with_columns(Ref=pl.format("N{}", "_row")), evidence)
        return evidence.settle().height

    assert (found(1, 100), found(2, 3), found(3, 200), found(0, 9)) == (1, 2, 0, 0)


UNREAD = {
    "44896": "date_serial",
    "44896.427": "date_serial",
    "00/00/0000": "zero_date",
    "0000-00-00 00:00:00": "zero_date",
    "04/13/2022": "month_first",
    "13/04/22": "two_digit_year",
    "3/4/2022": "zeros_dropped",
    "#REF!": "spreadsheet_error",
    "4.41E+11": "digits_lost",
    "31/02/2022": "other",
}


@pytest.mark.parametrize("word", list(UNREAD))
def test_why_a_day_cannot_be_read_is_counted_by_its_shape(ready: Compiled, word: str) -> None:
    """The report says in how many rows of which column a spreadsheet has been at work; never the word."""
    evidence, _ = evidence_of(ready, many({"Opened": word}))
    assert evidence.told.unread == {"Opened": {UNREAD[word]: 1}}
    assert word not in str(evidence.told.to_json())


def test_references_that_lost_their_zeros_or_their_case_are_counted(compiled: Compile) -> None:
    """A number that would fit with zeros before it is not mended; blanks and capitals are, and counted."""
    ready = compiled(
        "entities:\n  - entity: referral\n    fields:\n"
        '      person_id: {column: P, converter: reference, pattern: "[A-Z]?[0-9]{6}"}\n'
    )
    words = ["000017", "17", " a000018 ", "A000019", "4.41E+11"]
    batch = pl.DataFrame({"P": words}).with_row_index("_row").with_columns(Ref=pl.format("r{}", "_row"))
    evidence = ready.evidence(("Ref", "P"), "one")
    table = ready.apply(batch, evidence).entities["referral"]
    assert table["person_id"].to_list() == ["000017", None, "A000018", "A000019", None]
    assert evidence.told.unread == {"P": {"zeros_lost": 1, "digits_lost": 1}}
    assert evidence.told.normalised == {"Ref": 5, "P": 1}


def days(ready: Compiled, words: list[str]) -> None:
    rows = [GOOD | {"Ref": f"R{number}", "Opened": word, "Closed": ""} for number, word in enumerate(words)]
    evidence_of(ready, rows)[0].settle()


SPREAD = [f"{day:02}/{month:02}/2022" for day in range(1, 13) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (["04/13/2022", "04/05/2022"], "1 days can only be written the other way round"),
        (["13/04/2022", *["04/13/2022"] * 2, *SPREAD], "2 days can only"),
        (SPREAD, "no day of 144 is after the 12th"),
        (["13/04/2022", "04/13/2022", *SPREAD], ""),
        (["13/04/2022", *SPREAD], ""),
        (["01/04/2022", "01/05/2022"] * 50, ""),
        (["", "Unknown"], ""),
    ],
)
def test_days_that_may_be_months_refuse_the_export(ready: Compiled, words: list[str], refused: str) -> None:
    """A column written the other way round, or partly so, or of which every day after the twelfth is gone, is
    refused; one odd day among many is a finding.
    """
    if not refused:
        days(ready, words)
        return
    with pytest.raises(DayOrderUnclear, match="column Opened: ") as told:
        days(ready, words)
    assert refused in str(told.value)
    assert told.value.exit_code == 22
    assert "2022" not in str(told.value)
