"""Converters read what they can, say what they cannot, and neither raise nor guess."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappings import Compiled, converters, dates
from mappings.splitters import splitter
from mappings.words import read_column, read_short

FIRST, LAST = datetime.fromisoformat("1972-01-01"), datetime.fromisoformat("2037-12-31")
LONDON = ZoneInfo("Europe/London")
DAY_MONTH_YEAR = (dates.read_format("dd/mm/yyyy"),)
NUMBERLIKE = st.text("019\uff14\u0662\u00bd\u00b2.,:/-+\u2212\u00a3eE ", max_size=20)
ANY_TEXT = st.lists(st.none() | NUMBERLIKE | st.text(st.characters(codec="utf-8"), max_size=30), max_size=8)
ALL = {
    "text": converters.text,
    "integer": converters.integer,
    "decimal": converters.decimal,
    "coordinate": converters.coordinate,
    "nhs_number": converters.nhs_number,
    "postcode": converters.postcode,
    "uprn": converters.uprn,
    "reference": converters.reference("[A-Z]{2}[0-9]+"),
    "any reference": converters.reference(None),
    "a reference of any letters": converters.reference(r"\S+"),
    "references": converters.references(";", "[A-Z]+"),
    "code": converters.code({"yes": "Y"}),
    "code_as_is": converters.code_as_is(frozenset({"A"})),
    "boolean": converters.boolean({"yes": True, "no": False}, blank=None, other=None),
}


def words(*texts: str | None) -> pl.Series:
    return pl.Series(list(texts), dtype=pl.String)


@pytest.mark.parametrize("convert", ALL.values(), ids=ALL)
@given(texts=ANY_TEXT)
@settings(max_examples=60, deadline=None)
def test_no_text_whatever_makes_a_converter_raise(
    convert: converters.Converter, texts: list[str | None]
) -> None:
    """Each word comes back as a value or as unreadable, one of the two; a blank is neither."""
    values, unread = convert(words(*texts))
    assert len(values) == len(texts)
    assert (values.is_null() & words(*texts).is_not_null()).to_list() == unread.to_list()


@pytest.mark.parametrize("convert", ALL.values(), ids=ALL)
@given(texts=ANY_TEXT)
@settings(max_examples=30, deadline=None)
@example(texts=["\u00e91", "hc900"])
@example(texts=["HC900", "hc901", None])
def test_what_becomes_of_a_word_does_not_depend_on_its_neighbours(
    convert: converters.Converter, texts: list[str | None]
) -> None:
    """Each word by itself becomes what it becomes among others; else one new row would rename a record."""
    together = list(zip(*(part.to_list() for part in convert(words(*texts))), strict=True))
    assert together == [tuple(part.to_list()[0] for part in convert(words(text))) for text in texts]


@pytest.mark.parametrize("pattern", [None, r"\S+", ".{1,9}", "[^a]*"])
@pytest.mark.parametrize("written", ["C1\x1b[2K", "C1\x9b2J", "\x1a7", "C\u200b1", "C\u202e1", "\ufeffC1"])
def test_no_reference_holds_what_nobody_sees(pattern: str | None, written: str) -> None:
    """A reference is printed where people work: it moves no cursor, and no two look alike."""
    for convert in (converters.reference(pattern), converters.references(";", pattern)):
        _, unread = convert(words("C1", written))
        assert unread.to_list() == [False, True]


@given(texts=ANY_TEXT)
@settings(max_examples=60, deadline=None)
def test_no_text_whatever_makes_a_date_of_a_word_that_is_none(texts: list[str | None]) -> None:
    """Only a word of the declared shape becomes a day."""
    days = dates.read_days(words(*texts), DAY_MONTH_YEAR)
    assert all(day is None or (text or "").isascii() for text, day in zip(texts, days, strict=True))


@given(day=st.dates(date(1000, 1, 1), date(2999, 12, 31)))
@settings(max_examples=100, deadline=None)
def test_every_day_that_is_written_is_read(day: date) -> None:
    """Writing a day and reading it gives the day."""
    written = f"{day.day:02}/{day.month:02}/{day.year:04}"
    assert dates.read_days(words(written), DAY_MONTH_YEAR).to_list() == [day]


@pytest.mark.parametrize(
    "text",
    [
        "00/00/0000",
        "31/02/2022",
        "29/02/2021",
        "1/2/2022",
        "01/02/22",
        "01-02-2022",
        "01/02/2022 ",
        "٠١/٠٢/٢٠٢٢",
        "44562",
    ],
)
def test_what_is_not_a_day_in_the_declared_format_is_not_read(text: str) -> None:
    """Zero dates, impossible days, other shapes and a spreadsheet's serial numbers are no days."""
    assert dates.read_days(words(text), DAY_MONTH_YEAR).to_list() == [None]


def test_two_digit_years_are_read_from_the_declared_year_on() -> None:
    """With years_from 1930, 29 means 2029 and 30 means 1930."""
    formats = (dates.read_format("dd/mm/yy", 1930),)
    read = dates.read_days(words("01/02/29", "01/02/30", "29/02/00"), formats)
    assert read.to_list() == [date(2029, 2, 1), date(1930, 2, 1), date(2000, 2, 29)]


@given(wall=st.datetimes(FIRST, LAST))
@settings(max_examples=200, deadline=None)
def test_a_london_clock_becomes_the_instant_that_python_knows(wall: datetime) -> None:
    """Any minute of any day is the instant of the standard library's first fold."""
    wall = wall.replace(second=0, microsecond=0)
    day = pl.Series([wall.date()])
    minutes = pl.Series([(wall.hour * 60 + wall.minute) * 60_000_000])
    instant = dates.at_time(dates.midnights(day), minutes).to_list()[0]
    assert instant == wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC)


def test_the_nights_of_the_clock_change_are_read_minute_by_minute() -> None:
    """All 1,440 minutes of both nights of 2022 agree with the standard library."""
    for day in (date(2022, 3, 27), date(2022, 10, 30)):
        walls = [datetime.fromisoformat(str(day)) + timedelta(minutes=m) for m in range(1440)]
        times = pl.Series([minute * 60_000_000 for minute in range(1440)])
        days = pl.repeat(day, 1440, dtype=pl.Date, eager=True)
        read = dates.at_time(dates.midnights(days), times).to_list()
        assert read == [wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC) for wall in walls]


@pytest.mark.parametrize(
    ("written", "pence"),
    [
        ("£1,250.50", "1250.50"),
        ("0", "0.00"),
        ("-12.5", "-12.50"),
        ("1,25", None),
        ("1.234", None),
        ("1e3", None),
        ("\u00a3\uff11\uff15\uff10", None),
        ("\u00a399,999,999,999.00", None),
    ],
)
def test_money_is_read_to_the_penny(written: str, pence: str | None) -> None:
    """Pounds and pence are read; a third decimal, an exponent or a comma in the wrong place is not."""
    values, unread = converters.decimal(words(written))
    assert [None if value is None else str(value) for value in values] == [pence]
    assert unread.to_list() == [pence is None]


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        ("53.4106", "53.410600"),
        ("-2.15751234567", "-2.157512"),
        ("100", "100.000000"),
        ("53,41", None),
        ("53.41N", None),
        ("5.3e1", None),
        ("1000", None),
        ("5\uff13.4", None),
        ("999.9999999", None),
    ],
)
def test_degrees_are_read_to_six_decimals(written: str, degrees: str | None) -> None:
    """A place on the globe is plain degrees; an impossible one is read, for a check to say so."""
    values, unread = converters.coordinate(words(written))
    assert [None if value is None else str(value) for value in values] == [degrees]
    assert unread.to_list() == [degrees is None]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("999 123 4560", "9991234560"),
        ("999-123-4560", "9991234560"),
        ("0123456789", "0123456789"),
        ("NHS?", "NHS?"),
        ("4.41E+09", "4.41E+09"),
        ("9991234560.0", "9991234560"),
        ("999123456.5", "999123456.5"),
        ("999123456.05", "999123456.05"),
        ("-9991234560", "-9991234560"),
        ("\u22129991234560", "\u22129991234560"),
    ],
)
def test_an_nhs_number_that_is_none_is_kept_for_the_check(written: str, kept: str) -> None:
    """Spaces and dashes go, zeros stay, and nothing is dropped without a word."""
    values, unread = converters.nhs_number(words(written))
    assert (values.to_list(), unread.to_list()) == ([kept], [False])


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("sk13xe", "SK1 3XE"),
        (" SK1  3XE".strip(), "SK1 3XE"),
        ("m1 1ae", "M1 1AE"),
        ("SW1A1AA", "SW1A 1AA"),
        ("zz993vz", "ZZ99 3VZ"),
        ("ZZ99  3WZ", "ZZ99 3WZ"),
        ("12 High St SK1 3XE", "12 HIGH ST SK1 3XE"),
        ("unknown", "UNKNOWN"),
    ],
)
def test_a_postcode_has_capitals_and_one_space_or_stays_as_it_is(written: str, kept: str) -> None:
    """A well-formed postcode is put in order; any other text stays for the check to see."""
    assert converters.postcode(words(written))[0].to_list() == [kept]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("010001", "10001"),
        ("1" * 12, "1" * 12),
        ("1" * 13, None),
        ("0", None),
        ("100 233 36956", "10023336956"),
        ("10023336956.0", "10023336956"),
        ("10023336956.00", "10023336956"),
        ("10023336956.5", None),
        ("10.5", None),
        ("10.05", None),
        ("-105", None),
        ("10-5", None),
    ],
)
def test_a_property_number_has_twelve_digits_at_most(written: str, read: str | None) -> None:
    """Leading zeros and a fraction of nothing go; what is too long, or another number, is not read."""
    values, unread = converters.uprn(words(written))
    assert (values.to_list(), unread.to_list()) == ([read], [read is None])


def test_text_is_composed_and_its_spaces_are_single() -> None:
    """Two ways to write an accent are one; tabs, line ends and double spaces are one space."""
    assert converters.text(words("Zoe\u0301  A\tB\u00a0C"))[0].to_list() == ["Zo\u00e9 A B C"]


@pytest.mark.parametrize("written", ["x" * 501, "A\x07B", "A\x1b[2J", "\x7f", "A\x9bB"])
@pytest.mark.parametrize("convert", [converters.text, converters.postcode, converters.code_as_is(None)])
def test_text_that_is_no_word_of_a_record_cannot_be_read(convert: converters.Converter, written: str) -> None:
    """Longer than any name or street, or with a control character: an empty field and a finding."""
    values, unread = convert(words("x" * 30, written, None))
    assert values.is_null().to_list() == [False, True, True]
    assert unread.to_list() == [False, True, False]


def test_the_longest_text_is_counted_as_it_is_kept() -> None:
    """Spaces that are folded away and bytes beyond one per character do not count."""
    written = "\u00e9" * 250 + " \r\n\x0b " + "x" * 249
    assert converters.text(words(written))[0].to_list() == ["\u00e9" * 250 + " " + "x" * 249]


def test_a_blank_or_another_word_means_what_the_mapping_says() -> None:
    """Undeclared, a blank is unknown and another word unreadable; declared, they are what it says."""
    strict = converters.boolean({"yes": True}, blank=None, other=None)
    open_list = converters.boolean({"yes": True}, blank=False, other=False)
    cells = words("YES", "perhaps", None)
    assert [part.to_list() for part in strict(cells)] == [[True, None, None], [False, True, False]]
    assert [part.to_list() for part in open_list(cells)] == [[True, False, False], [False, False, False]]


def test_null_words_are_blank_whatever_their_case_and_are_taken_literally() -> None:
    """A null word is compared as a whole; its marks are no regular expression."""
    column = read_column(
        words("[not specified]", " - ", "n.a.", "nXa", "n", ""), ("[Not Specified]", "-", "N.A.")
    )
    assert column.spread(column.words).to_list() == [None, None, None, "nXa", "n", None]


@given(cells=st.lists(st.none() | st.sampled_from(["a", " b", "-", "c c", ""]), max_size=600))
@settings(max_examples=30, deadline=None)
def test_distinct_words_spread_to_the_same_rows(cells: list[str | None]) -> None:
    """Working out each word once gives what working out each row would."""
    column = read_column(pl.Series(cells, dtype=pl.String), ("-",))
    expected = [None if cell is None or cell.strip() in {"", "-"} else cell.strip() for cell in cells]
    assert column.spread(column.words).to_list() == expected


@pytest.mark.parametrize(
    ("name", "given_name", "family_name"),
    [
        ("Ada King Lovelace", "Ada King", "Lovelace"),
        ("Lovelace, Ada King", "Ada King", "Lovelace"),
        ("van der Berg, Jan", "Jan", "van der Berg"),
        ("Plato", "Plato", None),
    ],
)
def test_a_name_is_split_as_declared(name: str, given_name: str, family_name: str | None) -> None:
    """The family name stands before the comma, or last."""
    assert splitter("name", "given")(words(name)).to_list() == [given_name]
    assert splitter("name", "family")(words(name)).to_list() == [family_name]


def test_no_part_of_an_address_is_lost() -> None:
    """The open last part takes all that is left."""
    address = words("1 A Road,, B ,C,D,E, F")
    parts = [splitter("comma", part)(address).to_list()[0] for part in (1, 2, 3, 4, "5+")]
    assert parts == ["1 A Road", "B", "C", "D", "E, F"]


def test_a_parent_reference_needs_a_source_to_point_to(compiled: Callable[[str], Compiled]) -> None:
    """Where no parent source is declared, a reference to one cannot be read, and is told of."""
    mapping = compiled(
        "entities:\n  - entity: referral\n    fields:\n"
        "      parent_referral_id: {column: P, converter: parent_reference}\n"
    )
    batch = pl.DataFrame({"Ref": ["a", "b"], "P": ["HR1", None], "_row": [1, 2]})
    referrals = mapping.apply(batch).entities["referral"]
    assert referrals["parent_referral_id"].to_list() == [None, None]
    assert referrals.select(pl.col("_unreadable") != 0).to_series().to_list() == [True, False]


def test_a_batch_of_few_rows_is_cleaned_as_each_of_its_columns_alone() -> None:
    """Whatever its columns are called, names that Polars would take for patterns among them."""
    cells = [" Ann ", "", None, "n/a", "  "]
    names = ("Name", "*", "^N.*$", "0", "")
    batch = pl.DataFrame({name: cells[at:] + cells[:at] for at, name in enumerate(names)})
    short = read_short(batch.with_row_index("_row"), ("N/A",))
    assert list(short) == list(names)
    for name in names:
        alone = read_column(batch[name], ("N/A",))
        assert short[name].at is None
        assert short[name].words.equals(alone.words, check_names=True)
        assert [word for word in alone.words.to_list() if word is not None] == ["Ann"]


def test_not_known_is_not_any_other_word() -> None:
    """Where any other word means no, whoever answers "not known" or "refused" has not said no."""
    convert = converters.boolean({"refuge": True}, blank=None, other=False)
    values, unread = convert(words("Refuge", "Charity", "Not known", "[Refused]", "UNKNOWN", None))
    assert values.to_list() == [True, False, None, None, None, None]
    assert unread.to_list() == [False, False, True, True, True, False]
    declared = converters.boolean({"unknown": False}, blank=None, other=True)
    assert declared(words("Unknown", "else"))[0].to_list() == [False, True]
