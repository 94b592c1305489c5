"""What a total of the borough tells by itself: below few nothing is told, and nobody subtracts."""

import polars as pl
import pytest

from feed.counting import COUNTS
from feed.disclosure.protect import protect
from feed.disclosure.structure import CountShape, Structure
from tests.unit.feed.disclosure.made_tables import APRIL, BOTH, HES, UNDER_FIVE, counts, over_time, shown

ROWS = Structure((CountShape("people_seen"),))


@pytest.mark.parametrize(
    ("providers", "total"),
    [
        ({"hub": 10, "other": 2}, "10"),
        ({"hub": 10, "other": 8}, "18"),
        ({"hub": 12, "other": 0}, "12"),
        ({"hub": 60, "other": 9, "third": 7}, "76"),
        ({"hub": 60, "borough_only": 9}, "70"),
        ({"hub": 60, "borough_only": 10}, "70"),
        ({"hub": 60, "other": 2, "borough_only": 30}, "90"),
    ],
)
def test_a_provider_that_subtracts_its_own_number_does_not_learn_the_other_s_few(
    providers: dict[str, int], total: str
) -> None:
    """A total of which one provider alone leaves 1 to 7, or 1 to 9 of the lots apart, is rounded."""
    kept = protect(counts(providers, breakdown="provider"), ROWS, HES).published
    assert shown(kept, "borough")["all"] == total


def test_few_people_behind_the_rows_that_a_provider_leaves_are_few() -> None:
    """Twenty rows of the other are three people's."""
    exact = counts({"hub": 30, "other": 21}, breakdown="provider", people={"hub": 30, "other": 3})
    assert shown(protect(exact, ROWS, HES).published, "borough") == {"all": "50"}
    many = counts({"hub": 30, "other": 21}, breakdown="provider")
    assert shown(protect(many, ROWS, HES).published, "borough") == {"all": "51"}


def test_where_nothing_is_rounded_such_a_total_is_hidden() -> None:
    """Under the other profile."""
    kept = protect(counts({"hub": 10, "other": 2}, breakdown="provider"), ROWS, UNDER_FIVE).published
    assert shown(kept, "borough") == {"all": "suppressed"}


def test_of_one_person_no_category_is_told() -> None:
    """Neither those that are none nor that there is any other: the total alone says that it is hidden."""
    kept = protect(counts({"a": 1, "b": 0}), ROWS, HES)
    assert kept.published.select("breakdown", "value", "shown").rows() == [("borough", None, "suppressed")]
    assert len(kept.reasons) == 3


def test_a_month_of_few_in_a_release_of_many_tells_no_ward_from_another() -> None:
    """All wards of the month say the same, those with somebody and those with nobody."""
    kept = protect(over_time({"2022-04": {"a": 3, "b": 0}, "2022-05": {"a": 30, "b": 40}}), ROWS, HES)
    assert shown(kept.published, period=APRIL) == {"a": "withheld", "b": "withheld"}
    assert set(shown(kept.published, period=BOTH)) == {"a", "b"}


def test_organisations_that_referred_few_people_are_not_told_either() -> None:
    """One referral, so one organisation; of many referrals the number of organisations stands as it is."""
    both = Structure(
        (
            CountShape("people_seen", same_as="referral\x1ftrue\x1frows"),
            CountShape("referrers", same_as="referral\x1ftrue\x1forganisation", organisations=True),
        )
    )
    one = pl.DataFrame([("referrers", APRIL, "borough", "all", 1, 1)], schema=COUNTS, orient="row")
    few = protect(pl.concat([counts({"a": 1}), one]), both, HES).published
    assert few.filter(pl.col("count_id") == "referrers")["shown"].to_list() == ["suppressed"]
    many = protect(pl.concat([counts({"a": 20}), one]), both, HES).published
    assert many.filter(pl.col("count_id") == "referrers")["shown"].to_list() == ["exact"]
