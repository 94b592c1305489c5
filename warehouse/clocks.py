"""From when on the time of each row is counted, asked of the rows themselves.

A case has ended on the last of these days: that on which its referral was closed, and those on which its
episodes ended. While one of them is still open it has not ended. A row about a case is counted from the
case's end; a row about a person from the end of their last case, and while they have an open one, from
nothing.
"""

from dataclasses import dataclass, field

from canonical import ENTITIES, spec
from sealing.periods import months_and_days
from warehouse import tables
from warehouse.database import Database

CASES = "viaduct_cases"
TELLERS = ("referral", "service_episode")
"""The rows that tell when a case ended; they stay as long as any row is counted from that."""
NEVER = "NULL::DATE"


@dataclass
class Clocks:
    """The clocks of one flow's rows. Its columns are those that the flow's tables have now."""

    database: Database
    flow: str
    columns: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        found = tables.columns_in(self.database, self.flow)
        self.columns = {entity: found[entity] for entity in ENTITIES if entity in found}
        self.database.run(f"DROP TABLE IF EXISTS {CASES}")
        self.database.run(f"CREATE TEMP TABLE {CASES} AS {self._cases()}")

    def rows(self, entity: str, since: str) -> str:
        """Return the query for the entity's rows: key, and clock (a day, null where it is not running)."""
        key, table = tables.quoted(spec(entity).key[0]), tables.table(self.flow, entity)
        if since == "disclosure":
            return f"SELECT {key} AS key, released_at::DATE AS clock FROM {table}"
        told = self._told_by(entity)
        if told is None:
            return f"SELECT {key} AS key, {NEVER} AS clock FROM {table}"
        column, ends = told
        return (
            f"SELECT one.{key} AS key, told.ended AS clock FROM {table} AS one "
            f"LEFT JOIN ({ends}) AS told ON told.{column} = one.{column}"
        )

    def _told_by(self, entity: str) -> tuple[str, str] | None:
        """Return the link by which a row finds its end, and the query for the ends."""
        links = {parent: name for name, parent in spec(entity).parents.items()}
        case = "referral_id" if entity == "referral" else links.get("referral")
        if case == "referral_id" and case in self.columns[entity]:
            return case, f"SELECT referral_id, ended FROM {CASES}"
        person = "person_id" if entity == "person" else links.get("person")
        if person == "person_id" and person in self.columns[entity]:
            every = "CASE WHEN count(*) = count(ended) THEN max(ended) END AS ended"
            return person, f"SELECT person_id, {every} FROM {CASES} GROUP BY person_id"
        return None

    def _cases(self) -> str:
        if "referral" not in self.columns:
            return f"SELECT NULL::UUID AS referral_id, NULL::UUID AS person_id, {NEVER} AS ended WHERE false"
        person = "r.person_id" if "person_id" in self.columns["referral"] else "NULL::UUID AS person_id"
        closed = "r.closed_at" if "closed_at" in self.columns["referral"] else None
        told = {"referral_id", "ended_on"} <= set(self.columns.get("service_episode", []))
        table = tables.table(self.flow, "referral")
        if not told:
            return f"SELECT r.referral_id, {person}, {closed or NEVER} AS ended FROM {table} AS r"
        open_still = f"{closed} IS NULL OR coalesce(e.still, false)" if closed else "coalesce(e.still, true)"
        ended = f"greatest({closed}, e.last)" if closed else "e.last"
        return (
            f"SELECT r.referral_id, {person}, CASE WHEN {open_still} THEN NULL ELSE {ended} END AS ended "
            f"FROM {table} AS r LEFT JOIN (SELECT referral_id, max(ended_on) AS last, "
            f"bool_or(ended_on IS NULL) AS still FROM {tables.table(self.flow, 'service_episode')} "
            "GROUP BY referral_id) AS e ON e.referral_id = r.referral_id"
        )


def over(clock: str, period: str) -> str:
    """Return the condition that the period, counted from the clock, is over on the day asked (`?`)."""
    months, days = months_and_days(period)
    return f"coalesce({clock} + INTERVAL '{months} months' + INTERVAL '{days} days' <= ?::DATE, false)"


def longest(periods: list[str]) -> str | None:
    """Return the longest of the periods; a month counts as a little more than thirty days."""
    return max(periods, key=_days, default=None)


def _days(period: str) -> float:
    months, days = months_and_days(period)
    return months * 30.44 + days
