"""Checks of what was achieved."""

import polars as pl

from quality.questions import Asked, Question, of_fields
from quality.records import Records

MOST_POUNDS = 100_000


def gain_unlikely(records: Records) -> Question:
    """OUT-09: the money gained is less than nothing or beyond belief, or has no day of award."""
    gained, arrears = (pl.col(name).fill_null(0) for name in ("money_gained_gbp", "arrears_obtained_gbp"))
    unlikely = (gained < 0) | (gained > MOST_POUNDS)
    undated = ((gained > 0) | (arrears > 0)) & records.blank("awarded_on")
    return of_fields((gained != 0) | (arrears != 0), {"money_gained_gbp": unlikely, "awarded_on": undated})


VERDICTS: dict[str, Asked] = {"OUT-09": gain_unlikely}
