"""Contract monitoring tells a provider's own figures, what was agreed, and what would change them."""

import html
import re

import polars as pl
import pytest
from pydantic import ValidationError

from config.targets import Target
from feed.observations import OBSERVATIONS
from feed.periods import parse
from reports.monitoring import latest_quarter_told, together
from reports.monitoring.lines import lines
from tests.golden.reports import sample_monitoring as sample
from tests.golden.reports import sample_release


def text_of(page: bytes) -> str:
    """Return the words of the page."""
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(body).split())


def test_a_target_is_met_missed_or_cannot_be_told() -> None:
    """20.5 days are more than 15, 97 per cent are at least 95, and of K99 nothing is published."""
    judged = [line for line in lines(sample.monitored(), "community_support") if line.target]
    told = {line.kpi: (line.agreed, line.verdict) for line in judged}
    assert told == {"K13": ("at least 95%", "met"), "K16": ("at most 15 days", "not met")}
    text = text_of(sample.page())
    assert "1 of 2 targets are met" in text
    assert "A target is set for K99, of which no such number is published by provider" in text


def test_a_hidden_number_judges_no_target() -> None:
    """A target on a number that is not shown is neither met nor missed, whatever the number is."""
    hidden = sample_release.row("K01", "suppressed", period=sample.QUARTER, **sample.OWN)
    told = sample.monitored(
        figures=pl.DataFrame([hidden], schema=OBSERVATIONS), targets={"K01": Target(at_most=5)}
    )
    (line,) = lines(told, "community_support")
    assert line.is_met is None
    assert (line.agreed, line.verdict) == ("at most 5", "cannot be said")


def test_the_figures_stand_in_the_order_of_their_numbers() -> None:
    """How many came stands first, and money after the waits: whatever table tells it."""
    told = [line.kpi for line in lines(sample.monitored(), "community_support")]
    assert told == sorted(told)
    assert told[0].startswith("K01")


def test_another_provider_s_numbers_stand_nowhere() -> None:
    """Of the others there is the whole borough alone."""
    other = sample_release.row("K01", 77_777, period=sample.QUARTER, breakdown="provider", category="hub")
    figures = pl.concat([sample.monitored().figures, pl.DataFrame([other], schema=OBSERVATIONS)])
    assert "77,777" not in text_of(sample.page(figures=figures))


def test_counts_of_findings_are_protected_too() -> None:
    """1 to 7 is not told, the rest stands to the nearest 5."""
    text = text_of(sample.page())
    assert "The waits for a service to start 40 1 to 7 –" in text
    assert "The referrals by status – – 10" in text
    assert "41" not in text.split()


def test_a_number_is_taken_from_the_release_of_its_own_period() -> None:
    """Two releases tell the same quarter: the quarter's own counts, else the one that saw more batches."""

    def told(value: int) -> pl.DataFrame:
        row = sample_release.row("K01", value, period=sample.QUARTER, **sample.OWN)
        return pl.DataFrame([row], schema=OBSERVATIONS)

    own = together([("2022-23", 9, told(1)), (sample.QUARTER, 5, told(2))])
    later = together([("2022-23", 9, told(1)), ("2022-04..2022-11", 5, told(2))])
    assert own["value"].to_list() == [2.0]
    assert later["value"].to_list() == [1.0]


def test_the_quarter_is_the_last_that_is_told() -> None:
    """Months and years are none, and where no provider is told of there is none."""
    figures = sample.monitored().figures
    assert latest_quarter_told(figures) == parse(sample.QUARTER)
    assert latest_quarter_told(figures.filter(pl.col("breakdown") == "borough")) is None


@pytest.mark.parametrize(
    "said", [{}, {"at_most": 1, "at_least": 1}, {"at_most": "x"}, {"at_most": 1, "statistic": "longest"}]
)
def test_a_target_is_one_bound_of_a_known_statistic(said: dict[str, object]) -> None:
    """None, both, no number, or a number that is not published by provider is refused."""
    with pytest.raises(ValidationError):
        Target.model_validate(said)


def test_open_findings_are_told_by_the_profile_of_the_release() -> None:
    """A profile that hides up to twenty hides them here too, and rounds to its own step."""
    assert "1 to 20" not in text_of(sample.page())
    assert "1 to 20" in text_of(sample.page(suppress_to=20, round_to=10))


def test_nothing_published_is_said() -> None:
    """A provider without a number has a page that says so."""
    empty = sample.monitored().figures.clear()
    text = text_of(sample.page(figures=empty, gaps=None, completeness=None))
    assert "Nothing of this provider is published for this quarter." in text
    assert "Nothing to mend is known here that would change a published figure." in text
