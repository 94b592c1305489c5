"""The figures of the hub's first eight months come out of the sample, and each is counted twice."""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from demo.figures import PUBLISHED
from feed.counting import RawCounts, count_all
from feed.declared import Declarations, declarations
from feed.facts import facts_of
from feed.model import Area
from feed.observations import observe
from feed.periods import parse
from feed.protected_counts import protected_counts
from feed.settled import Settled
from tests.end_to_end.conftest import PortalNights
from tests.independent.feed_kpis import TOPICS, Counter, figures, rows_of
from tests.independent.feed_money import figures as money
from tests.independent.feed_wellbeing import figures as wellbeing
from tests.small_sample import whole_sample

EIGHT_MONTHS = "2022-04..2022-11"
QUARTERS = {
    "2022-23-Q1": ("04/2022", "05/2022", "06/2022"),
    "2022-23-Q2": ("07/2022", "08/2022", "09/2022"),
}
BOROUGH_ONLY = ("L1-ASM", "L7-CAR")


@dataclass(frozen=True)
class Figures:
    raw: RawCounts
    rows: pl.DataFrame

    def of_the_borough(self, kpi: str, statistic: str = "count") -> float | None:
        found = self.rows.filter(
            (pl.col("kpi") == kpi)
            & (pl.col("statistic") == statistic)
            & (pl.col("period") == EIGHT_MONTHS)
            & (pl.col("breakdown") == "borough")
        )
        return found.item(0, "value")  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def told(portal_nights: PortalNights) -> Figures:
    """Return the figures as though nobody had to be protected."""
    with facts_of(portal_nights.night.site.warehouse, Area(), BOROUGH_ONLY) as facts:
        raw = count_all(facts, parse(EIGHT_MONTHS))
    shown = raw.counts.select(
        "count_id", "period", "breakdown", "category", value="count", shown=pl.lit("exact")
    )
    return Figures(raw, observe(shown, raw))


def test_the_published_figures_come_out_exactly(told: Figures) -> None:
    """3,663 from 118; 2,167 to 1,106 (61/21/10/6/2); 1,283 to 172; 1,194 to 66; 429."""
    counts = ("K01", "K03a", "K04", "K05", "K08", "K09", "K10", "K11", "K12")
    found = [told.of_the_borough(kpi) for kpi in counts]
    assert found == [3663, 118, 2167, 1106, 1283, 172, 1194, 66, 429]
    shares = [
        told.of_the_borough(f"K07.{name}", "percent") for name in ("econ", "heal", "hous", "soci", "educ")
    ]
    assert shares == [61, 21, 10, 6, 2]
    assert told.of_the_borough("K06", "ratio") == 1.96


def test_triage_and_advice_are_as_soon_as_published(told: Figures) -> None:
    """All 3,663 triaged the same day, all first advice within two working days of the referral."""
    triage = told.rows.filter((pl.col("kpi") == "K13") & (pl.col("statistic") == "percent"))
    whole = triage.filter((pl.col("period") == EIGHT_MONTHS) & (pl.col("breakdown") == "borough"))
    assert whole.select("value", "numerator").row(0) == (100, PUBLISHED.triaged_same_day)
    assert told.of_the_borough("K14.soon", "percent") == 100
    assert told.of_the_borough("K14", "reached_by_eight") == 2


def test_the_other_meaning_of_sources_is_a_number_and_no_word_of_it_leaves(
    portal_nights: PortalNights,
) -> None:
    """Ways in which people heard of the hub, by quarter, as counted by hand from the export."""
    given: dict[str, dict[str, set[str]]] = {}
    for row in whole_sample().table("hub", "referrals"):
        answer, month = row["Referral Source"].strip().lower(), row["Referral Date"][3:10]
        ours = row["Stage"] != "Duplicate" and answer not in {"", "-", "n/a", "[not specified]"}
        for label, months in QUARTERS.items():
            if ours and month in months:
                given.setdefault(label, {}).setdefault(answer, set()).add(row["Org Person ID"])
    by_hand = {
        label: sum(len(people) >= 10 for people in answers.values()) for label, answers in given.items()
    }
    with facts_of(portal_nights.night.site.warehouse, Area(), BOROUGH_ONLY) as facts:
        every = protected_counts(facts, parse(EIGHT_MONTHS), declarations())
    rows = every.filter(pl.col("kpi") == "K03b")
    assert dict(rows.select("period", "value").rows()) == by_hand == {"2022-23-Q1": 6, "2022-23-Q2": 6}
    assert set(rows["shown"]) == {"exact"}


def test_consent_is_counted_by_answer_and_as_many_as_by_hand(portal_nights: PortalNights) -> None:
    """K37 by quarter from the export: each person once in it, to the nearest five, below ten hidden."""
    words = {
        "Given": "given",
        "Refused": "refused",
        "Withdrawn": "withdrawn",
        "Not yet asked": "not_asked",
        "Not required: other lawful basis": "other_basis",
        "Lacks capacity: best interests": "other_basis",
    }
    people: dict[tuple[str, str], set[str]] = {}
    for row in whole_sample().table("hub", "consents"):
        for label, months in QUARTERS.items():
            if row["Purpose"] == "Share with council" and row["Recorded"][3:10] in months:
                people.setdefault((f"K37.{words[row['Status']]}", label), set()).add(row["Org Person ID"])
    with facts_of(portal_nights.night.site.warehouse, Area(), BOROUGH_ONLY) as facts:
        every = protected_counts(facts, parse(EIGHT_MONTHS), declarations())
    told = every.filter(pl.col("kpi").str.starts_with("K37")).select("kpi", "period", "value").rows()
    by_hand = {cell: float(round(len(who) / 5) * 5) for cell, who in people.items() if len(who) >= 10}
    assert {(kpi, label): value for kpi, label, value in told if value is not None} == by_hand
    assert len(told) == 10


def test_every_figure_of_the_sample_is_what_the_second_computation_says(
    portal_nights: PortalNights, told: Figures
) -> None:
    """Cell by cell, every period and breakdown, in plain Python over the rows of the warehouse."""
    with duckdb.connect(str(portal_nights.night.site.warehouse), read_only=True) as connection:
        rows = rows_of(connection)
    apart = figures(Counter(rows, (2022, 4), (2022, 11), EIGHT_MONTHS, borough_only=BOROUGH_ONLY))
    ours = {
        (row["kpi"], row["statistic"], row["period"], row["breakdown"], row["category"]): (
            row["value"],
            row["numerator"],
            row["denominator"],
        )
        for row in told.rows.filter(
            (pl.col("shown") != "not_available") & pl.col("table").is_in(TOPICS)
        ).iter_rows(named=True)
    }
    assert ours == {key: value for key, value in apart.items() if value != (None, 0, 0)}


def test_wellbeing_in_the_sample_is_what_the_second_computation_says(
    portal_nights: PortalNights, told: Figures
) -> None:
    """Pairs, means with their intervals and thresholds, worked out from the forms in plain Python."""
    with duckdb.connect(str(portal_nights.night.site.warehouse), read_only=True) as connection:
        rows = rows_of(connection)
    apart, ends = wellbeing(Counter(rows, (2022, 4), (2022, 11), EIGHT_MONTHS, borough_only=BOROUGH_ONLY))
    tables = told.rows.filter(
        pl.col("table").is_in(["wellbeing", "wellbeing_thresholds"]) & (pl.col("shown") != "not_available")
    )
    ours = {
        (row["kpi"], row["statistic"], row["period"], row["breakdown"], row["category"]): (
            row["value"],
            row["numerator"],
            row["denominator"],
            row["lower"],
            row["upper"],
        )
        for row in tables.iter_rows(named=True)
    }
    none = {key for key, value in apart.items() if value == (None, 0, 0)}
    assert ours == {
        key: (*value, *ends.get(key, (None, None))) for key, value in apart.items() if key not in none
    }
    assert told.of_the_borough("K31.wemwbs", "mean") is not None


def test_money_and_records_in_the_sample_are_what_the_second_computation_says(
    portal_nights: PortalNights, told: Figures
) -> None:
    """Sums that may be told, coverage of characteristics, single services; the whole eight months no sum."""
    with duckdb.connect(str(portal_nights.night.site.warehouse), read_only=True) as connection:
        rows = rows_of(connection)
    apart = money(Counter(rows, (2022, 4), (2022, 11), EIGHT_MONTHS, borough_only=BOROUGH_ONLY))
    tables = told.rows.filter(
        pl.col("table").is_in(["money", "records", "single_services"]) & (pl.col("shown") != "not_available")
    )
    ours = {
        (row["kpi"], row["statistic"], row["period"], row["breakdown"], row["category"]): (
            row["value"],
            row["numerator"],
            row["denominator"],
        )
        for row in tables.iter_rows(named=True)
    }
    hidden = ("K28.ethnicity", "K28.disability")
    assert ours == {
        key: value for key, value in apart.items() if value != (None, 0, 0) and not key[0].startswith(hidden)
    }
    assert told.of_the_borough("K36", "sum") is None
    assert ours["K36", "sum", "2022-23-Q1", "borough", "all"][0] is not None


def test_one_award_more_in_the_sample_moves_no_sum(told: Figures, tmp_path: Path) -> None:
    """The next edition says what this one said; without a memory the two would differ by the award."""
    money_alone = Declarations(topics=tuple(each for each in declarations().topics if each.topic == "money"))
    shown = told.raw.counts.select(
        "count_id", "period", "breakdown", "category", value="count", shown=pl.lit("exact")
    )
    mine = (pl.col("kpi") == "K36") & (pl.col("period") == "2022-23-Q1") & (pl.col("category") != "other")
    more = told.raw.sums.with_columns(
        pl.when(mine).then(pl.col("total") + 9000).otherwise("total").alias("total"),
        pl.when(mine).then(pl.col("people") + 1).otherwise("people").alias("people"),
    )
    later = replace(told.raw, sums=more)

    def sums(raw: RawCounts, settled: Settled | None) -> pl.DataFrame:
        rows = observe(shown, raw, money_alone, settled=settled)
        return rows.filter(pl.col("statistic") == "sum")

    first = Settled(tmp_path / "sums.csv")
    said = sums(told.raw, first)
    first.remember()
    assert said["value"].drop_nulls().len() > 2
    assert sums(later, Settled(tmp_path / "sums.csv")).equals(said)
    assert not sums(later, None).equals(said)
