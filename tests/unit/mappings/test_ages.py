"""Ages, on every day of a year against every birthday."""

from datetime import date, timedelta

import polars as pl

from mappings.waits import age_band

LEAP = [date(2024, 1, 1) + timedelta(days=day) for day in range(366)]
BORN = [day.replace(year=2006 if (day.month, day.day) != (2, 29) else 2004) for day in LEAP]


def test_who_turns_eighteen_is_eighteen_from_that_day_whichever_day_it_is() -> None:
    """All 366 birthdays on all 366 days: the band changes on the birthday, in every month."""
    pairs = [(born, on.replace(year=born.year + 18)) for born in BORN for on in _days_of(born)]
    referrals = pl.DataFrame({"received_on": [on for _, on in pairs]})
    found = age_band(referrals, pl.Series([born for born, _ in pairs]))["age_band"].to_list()
    wanted = [
        "18 to 24" if (on.month, on.day) >= (born.month, born.day) else "Under 18" for born, on in pairs
    ]
    assert found == wanted
    assert len(pairs) > 130_000


def _days_of(born: date) -> list[date]:
    """Return the days of the year in which somebody born then turns eighteen."""
    leap = born.year + 18 in {2024, 2028}
    return [day for day in LEAP if leap or (day.month, day.day) != (2, 29)]
