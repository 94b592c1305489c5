"""What a page says of numbers, in words for people."""

import re
from dataclasses import replace

import polars as pl
import pytest

from config.targets import Target
from reports.monitoring.lines import lines
from reports.release.columns import columns
from reports.release.flow import flow
from reports.release.percents import percent
from reports.release.pictures import bars
from reports.release.plainly import plainly
from reports.release.readings import Reading, Readings
from tests.golden.reports import sample_monitoring
from tests.golden.reports import sample_release as sample
from tests.unit.reports.release.test_release_page import text_of


@pytest.mark.parametrize(
    ("value", "part", "whole", "rounded", "words"),
    [
        (100, 3482, 3483, False, "over 99%"),
        (100, 3483, 3483, False, "100%"),
        (0, 2, 3483, False, "under 1%"),
        (0, 0, 3483, False, "0%"),
        (100, 1235, 1235, True, "over 99%"),
        (100, 20, 20, True, "about 100%"),
        (0, 0, 20, True, "0%"),
        (99.9, 4995, 5000, True, "99.9%"),
        (100, None, None, False, "100%"),
    ],
)
def test_only_all_are_100_per_cent_and_only_none_are_0(
    value: float, part: int | None, whole: int | None, rounded: bool, words: str
) -> None:
    """3,482 of 3,483 are over 99%; of rounded counts 20 of 20 may be 18 of 22; a nought is never rounded."""
    assert percent(value, part, whole, rounded=rounded) == words


def test_a_target_of_all_is_not_met_by_nearly_all() -> None:
    """3,482 of 3,483 round to 100, and somebody was not reached."""
    for part, met in ((3482, False), (3483, True)):
        row = sample.row(
            "K13", 100, statistic="percent", unit="percent", period=sample_monitoring.QUARTER, shown="exact",
            numerator=part, denominator=3483, **sample_monitoring.OWN,
        )  # fmt: skip
        told = sample_monitoring.monitored(
            figures=pl.DataFrame([row], schema=sample.OBSERVATIONS), targets={"K13": Target(at_least=100)}
        )
        (line,) = lines(told, "community_support")
        assert line.is_met is met


def test_no_sentence_has_the_number_of_a_figure_or_the_name_of_a_field() -> None:
    """A figure stands under its name, a field under what it tells; a number in brackets goes."""
    names = {"K17": "Waiting on the last day"}
    assert plainly("Advice (K04.econ) beside K17, without outcome.outcome_code.", names) == (
        "Advice beside “Waiting on the last day”, without what was gained."
    )
    for page in (sample.page(), sample_monitoring.page(targets={})):
        assert re.findall(r"\bK\d\d|\b[a-z]+_[a-z_]+\b(?!\.(?:csv|parquet))", text_of(page)) == []


def readings(values: list[float | str]) -> list[Reading]:
    """Return a figure month by month; words in the place of a number say why it is hidden."""
    months = sample.parse(sample.PERIOD).months
    rows = [
        sample.row("K01", value, period=month.label) for value, month in zip(values, months, strict=False)
    ]
    return Readings(pl.DataFrame(rows, schema=sample.OBSERVATIONS), sample.PERIOD).series("K01")


def test_the_length_of_what_is_hidden_tells_nothing() -> None:
    """A hidden month has one broken stub whatever stands beside it, a hidden bar none; both say why."""
    stubs = set()
    for others in ([400.0, 10.0], [9.0, 8000.0]):
        chart = columns("it", "It", readings([*others, "suppressed", "secondary"]))
        assert chart.chart is not None
        stubs |= {mark.height for mark in chart.chart.marks if mark.css == "hidden"}
        assert chart.means == ("* hidden: of few people, or it would give such a number away.",)
    assert len(stubs) == 1
    picture = bars("it", "It", readings([400, "suppressed"]))
    assert [(part.width, part.text) for bar in picture.bars for part in bar.parts if part.hidden] == [
        (0, "hidden")
    ]
    assert picture.means == ("Hidden: of few people, or it would give such a number away.",)


def test_values_over_columns_are_told_where_there_is_room() -> None:
    """Of many long values only the first, the highest and the last stand over their columns."""
    chart = columns("it", "It", readings([1000.0, 2000.0, 3000.0, 1500.0, 1200.0, 1100.0, 1300.0, 1400.0]))
    assert chart.chart is not None
    assert [word.text for word in chart.chart.words if word.css == "value"] == ["1,000", "3,000", "1,400"]


def test_what_is_hidden_may_be_the_most() -> None:
    """Where a category or a month is hidden, the most is said to be that of those shown."""
    hidden = columns("it", "It", readings([400, 500, "secondary", 450]))
    assert hidden.sentence.endswith("most of those shown in May 2022, 500.")
    rows = list(sample.by("K29", "ward", {"E05000780": 65, "E05000781": 40, "E05000782": "secondary"}))
    told = Readings(pl.DataFrame(rows, schema=sample.OBSERVATIONS), sample.PERIOD).split("K29", "ward")
    assert bars("it", "It", told).sentence.startswith("Most of those shown: ")
    assert bars("it", "It", told[:2]).sentence.startswith("Most: ")
    passed = list(sample.by("K12b", "to_lot", {"L4-CS": 430, "L6-HS": "secondary"}))
    told = Readings(pl.DataFrame(passed, schema=sample.OBSERVATIONS), sample.PERIOD).split("K12b", "to_lot")
    assert flow("it", "It", "Hub", told).sentence.startswith("Of the commissioned services that are shown, ")


def test_how_numbers_are_shown_is_said_once_where_it_is_one_way() -> None:
    """A table of exact months says so above it; beside a rounded one each says it of itself."""
    alike = columns("it", "It", readings([400, 500, "suppressed"])).numbers
    assert (alike.header, alike.note) == (("", "Number"), "Every number shown is exact.")
    rounded = [*readings([400]), *(replace(each, shown="rounded") for each in readings([500]))]
    mixed = columns("it", "It", rounded).numbers
    assert (mixed.header, mixed.note) == (("", "Number", "How shown"), "")
