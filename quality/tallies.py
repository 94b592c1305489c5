"""Counts over a partition of whole people, for the checks that look at a whole provider: they only add up."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from canonical.entities import UNBELIEVED
from quality.records import Records

TALLIES = pl.Schema({"source": pl.String(), "kind": pl.String(), "month": pl.Date(), "number": pl.UInt32()})
EVENTS = {
    "referral": "received_on",
    "contact": "contact_on",
    "advice": "given_on",
    "signposting": "signposted_on",
    "onward_referral": "made_on",
    "service_episode": "started_on",
    "outcome_measure": "completed_on",
}
"""What happens, and the day on which it does."""
REFUSED = "No data: Refused"
ETHNICITY = ("clients", "answered", "refused")
"""The clients of a quarter, those of them with any answer about their ethnicity, and those who refused."""


def tally(records: Records) -> pl.DataFrame:
    """Return the counts of a partition by source, kind and month; clients by the quarter's first month.

    Given:   records of no entity in particular, with their tables.
    Returns: counts that do not depend on how people were put into partitions, once they are added up.
    """
    parts = [_events(records, entity, day) for entity, day in EVENTS.items()]
    return added_up([*(part for part in parts if part is not None), *_clients(records)])


def added_up(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the counts of several partitions as one, in a settled order."""
    together = pl.concat([TALLIES.to_frame(), *parts])
    counted = together.group_by("source", "kind", "month").agg(pl.col("number").sum())
    return counted.sort("source", "kind", "month")


def _events(records: Records, entity: str, day: str) -> pl.DataFrame | None:
    table = records.tables.get(entity)
    if table is None or day not in table.columns:
        return None
    sure = table.lazy().filter(_believed(table), pl.col(day).is_not_null())
    counted = sure.group_by("_source", month=pl.col(day).dt.month_start()).agg(number=pl.len()).collect()
    return _shaped(counted, entity)


def _believed(table: pl.DataFrame) -> pl.Expr:
    """Return whether the row is believed, and the only one of its reference."""
    again = pl.col("_reference_repeated") if "_reference_repeated" in table.columns else pl.lit(value=False)
    bits = pl.col("_unreadable").fill_null(0) if "_unreadable" in table.columns else pl.lit(0, pl.UInt64)
    return ~again.fill_null(value=False) & (bits < UNBELIEVED)


def _shaped(counted: pl.DataFrame, kind: str) -> pl.DataFrame:
    number = pl.col("number").cast(pl.UInt32)
    return counted.select(source="_source", kind=pl.lit(kind), month="month", number=number)


def _clients(records: Records) -> Iterator[pl.DataFrame]:
    """Yield how many clients were referred in each quarter, and what is known of their ethnicity."""
    tables = records.tables
    if not {"person", "referral"} <= tables.keys() or "role_type" not in tables["person"].columns:
        return
    people = (
        tables["person"].select("_source", asked=_asked(tables["person"])).with_columns(**_answers(records))
    )
    referrals = tables["referral"]
    visits = pl.DataFrame(
        {"row": records.along("referral", "_person", "person").row, "day": _days(referrals)}
    ).filter(pl.col("row").is_not_null(), pl.col("day").is_not_null())
    quarter = pl.col("day").dt.truncate("1q")
    once = visits.select("row", month=quarter).unique()
    met = once.select("month", people.select(pl.all().gather(once["row"])).to_struct("who")).unnest("who")
    asked = met.filter("asked")
    for kind in ETHNICITY:
        of = asked if kind == "clients" else asked.filter(kind)
        yield _shaped(of.group_by("_source", "month").agg(number=pl.len()), kind)


def _days(referrals: pl.DataFrame) -> pl.Series:
    told = pl.col("received_on") if "received_on" in referrals.columns else pl.lit(None, pl.Date)
    return referrals.select(day=pl.when(_believed(referrals)).then(told)).to_series()


def _asked(people: pl.DataFrame) -> pl.Expr:
    """Return whether it is a client who has a name."""
    hidden = [
        pl.col(name).fill_null(value=False) for name in ("anonymous", "anonymised") if name in people.columns
    ]
    client = (pl.col("role_type") == "client").fill_null(value=False)
    return client & _believed(people) & ~pl.any_horizontal(pl.lit(value=False), *hidden)


def _answers(records: Records) -> dict[str, pl.Series]:
    """Return of each person whether their ethnicity has an answer, and whether that is a refusal.

    Words that could not be read are an answer too: another check tells of them.
    """
    if "characteristics" not in records.tables:
        nobody = pl.repeat(False, records.tables["person"].height, eager=True)
        return {"answered": nobody, "refused": nobody}
    told = records.columns("characteristics", {"ethnicity_2021": pl.String()})["ethnicity_2021"]
    owners = records.along("characteristics", "_person", "person")
    own = replace(records, entity="characteristics")
    unread = own.unreadable("ethnicity_2021") | own.answered("ethnicity_2021")
    entered = records.tables["characteristics"].select(told.is_not_null() | unread).to_series()
    refused = (told == REFUSED).fill_null(value=False)
    answered = owners.some(entered)
    return {"answered": answered, "refused": owners.some(refused) & ~owners.some(entered & ~refused)}
