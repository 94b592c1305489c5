"""Checks of the entries of the directory of services."""

import polars as pl

from quality.questions import EVERYBODY, Asked, Question, of_fields
from quality.records import Records

UUID = r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
URL = r"^(?i:https?)://[^\s/?#.@]+(?:\.[^\s/?#.@]+)+(?::[0-9]{1,5})?(?:[/?#]\S*)?$"
EMAIL = r"^[^\s@,;<>]+@[^\s@.,;<>]+(?:\.[^\s@.,;<>]+)+$"
# Great Britain and its islands, with Northern Ireland: Scilly to Shetland, Fermanagh to Lowestoft.
SOUTH, NORTH, WEST, EAST = 49.8, 60.9, -8.7, 1.8


def entry_incomplete(records: Records) -> Question:
    """DIR-01: the entry lacks its identity, name or status, or has a link that cannot work."""
    key = "directory_service_id"
    fields = {key: ~pl.col(key).str.contains(UUID).fill_null(value=False)}
    fields |= {name: records.blank(name) for name in ("name", "status")}
    for name, form in (("url", URL), ("email", EMAIL)):
        fields[name] = ~records.optional(name, pl.String()).str.contains(form).fill_null(value=True)
    return of_fields(EVERYBODY, fields)


def long_unchecked(records: Records) -> Question:
    """DIR-02: a running service that nobody has checked for a year, or ever."""
    old = pl.col("assured_on") < records.extracted_on().dt.offset_by("-12mo")
    return Question(pl.col("status") == "active", records.blank("assured_on") | old.fill_null(value=False))


def off_the_map(records: Records) -> Question:
    """DIR-03: the place on the map is outside the United Kingdom, or half of it is missing."""
    ends = {"latitude": (SOUTH, NORTH), "longitude": (WEST, EAST)}
    outside = {
        name: ~pl.col(name).cast(pl.Float64).is_between(*bounds).fill_null(value=True) | records.blank(name)
        for name, bounds in ends.items()
    }
    return of_fields(pl.any_horizontal(*(pl.col(name).is_not_null() for name in ends)), outside)


VERDICTS: dict[str, Asked] = {
    "DIR-01": entry_incomplete,
    "DIR-02": long_unchecked,
    "DIR-03": off_the_map,
}
