"""Whether an onward referral arrived: at which sources it should have, and when a case came of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from mappings import bank_holidays
from sync.digests import Digest

WORKING_DAYS = 5
CASES = {"parent": pl.UInt64, "source": pl.String, "received_there": pl.Date}
UNDATED = date(1900, 1, 1)
"""A case without a date has arrived all the same: another check says that its date is missing."""


@dataclass(frozen=True)
class Receiver:
    """A source that cases are sent to: of which lots, and the day of tonight's pull if it is whole."""

    source: str
    parent: str
    lots: Collection[str] = ()
    pulled_on: date | None = None


@dataclass(frozen=True)
class Arrivals:
    """What is known of cases sent on: the sources that receive, and what they have received.

    cases: DataFrame[parent, source, received_there]: a case's digest, and where and when one came of it.
    """

    receivers: tuple[Receiver, ...] = ()
    cases: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CASES), repr=False)

    def tell(self, sent: pl.DataFrame, digest: Digest) -> pl.DataFrame:
        """Return the onward referrals with what ONR-03 asks for.

        `_has_receiver`:   whether the lot is a source's of this site; null where one could not be asked.
        `_asked_there_on`: the day on which that source was pulled.
        `_due_there`:      the day by which the case should have come.
        `_received_there`: the day on which it came.
        """
        by_lot = self._by_lot()
        met = sent.join(by_lot, on=["_source", "lot_code"], how="left", maintain_order="left")
        received = pl.col("_receivers").is_not_null()
        has = pl.when(pl.col("_asked_there_on").is_not_null() | ~received).then(received)
        told = met.with_columns(_has_receiver=has, _due_there=_due(pl.col("made_on")))
        return self._with_arrival(told.drop("_receivers"), digest)

    def _by_lot(self) -> pl.DataFrame:
        """Return who receives a lot, and when the first of them was pulled; null if one was not."""
        rows = [(one.parent, lot, one.pulled_on) for one in self.receivers for lot in sorted(one.lots)]
        schema = {"_source": pl.String, "lot_code": pl.String, "day": pl.Date}
        table = pl.DataFrame(rows, schema=schema, orient="row")
        first = pl.when(pl.col("day").is_not_null().all()).then(pl.col("day").min())
        return table.group_by("_source", "lot_code").agg(_receivers=pl.len(), _asked_there_on=first)

    def _with_arrival(self, told: pl.DataFrame, digest: Digest) -> pl.DataFrame:
        lots = [(one.source, lot) for one in self.receivers for lot in sorted(one.lots)]
        of = pl.DataFrame(lots, schema={"source": pl.String, "lot_code": pl.String}, orient="row")
        came = self.cases.join(of, on="source").with_columns(pl.col("received_there").fill_null(UNDATED))
        first = came.group_by("parent", "lot_code").agg(_received_there=pl.col("received_there").min())
        marked = told.with_columns(_case=digest.of(pl.col("_source"), pl.col("referral_id")))
        met = marked.join(
            first,
            left_on=["_case", "lot_code"],
            right_on=["parent", "lot_code"],
            how="left",
            maintain_order="left",
        )
        return met.drop("_case")


def _due(made_on: pl.Expr) -> pl.Expr:
    """Return five working days later; the day itself counts from the next working day if it is none."""
    return made_on.dt.add_business_days(WORKING_DAYS, holidays=bank_holidays().to_list(), roll="forward")


def cases_of(source: str, came_from: list[pl.DataFrame], referrals: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the source's cases that came of another's: DataFrame[parent, source, received_there]."""
    pairs = pl.concat([pl.DataFrame(schema={"case": pl.UInt64, "origin": pl.UInt64}), *came_from]).unique()
    if pairs.is_empty():
        return pl.DataFrame(schema=CASES)
    dated = pl.concat(referrals).select(case="referral", at="received_at").unique()
    day = pl.col("at").dt.convert_time_zone("Europe/London").dt.date()
    met = pairs.join(dated, on="case", how="left")
    return met.select(parent="origin", source=pl.lit(source), received_there=day)


def receivers_of(
    parents: Mapping[str, str | None], lots: Mapping[str, Collection[str]], pulled_on: Mapping[str, date]
) -> tuple[Receiver, ...]:
    """Return the receivers of a site.

    Given: which source each one's cases come from; the lots whose cases come to each; the day on which each
           was pulled whole.
    """
    return tuple(
        Receiver(source, parent, frozenset(lots.get(source, ())), pulled_on.get(source))
        for source, parent in sorted(parents.items())
        if parent
    )
