"""What a fact is: one row for each thing that can be counted, with its day, its person and its categories."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from feed.dimensions import BOROUGH_ONLY, DIMENSIONS, dimension
from feed.parts import Part

Columns = Mapping[str, str]
Needs = Mapping[str, tuple[str, ...]]

WHO = """LEFT JOIN feed_person w ON w.person_id = {of}.person_id
    LEFT JOIN feed_place a ON a.person_id = {of}.person_id"""
"""Joins whose row stands once for each person: who they are to all providers, and where they live."""
DAY = "{day}"
"""Stands in a split for the day that puts the row into a period."""
LOTS = "getvariable('borough_only_lots')::VARCHAR[]"
PERSON = "coalesce(w.linked_person_id, {of}.person_id)"
KEYS = {
    "r": "referral_id",
    "e": "episode_id",
    "d": "advice_id",
    "s": "signposting_id",
    "o": "onward_referral_id",
    "n": "need_id",
    "u": "outcome_id",
}
"""The key of a fact's own row, by the letter that the row stands under where its person is told."""
FIELDS = {
    "provider": "referral.source_system",
    "lot": "referral.lot_code",
    "source_type": "referral.referrer_type",
    "age_band": "referral.age_band",
    "gender": "characteristics.gender",
    "ward": "address.ward",
    "neighbourhood": "address.neighbourhood",
    "lsoa21": "address.lsoa21",
    "imd_decile": "address.imd_decile",
    "area_kind": "address.lad",
    "advice_category": "advice.category",
    "status": "referral.status",
    "triage_outcome": "referral.triage_outcome",
    "closure_reason": "referral.closure_reason",
    "cld_outcome": "referral.closure_reason",
    "escalation": "referral.closure_reason",
    "need": "need.need_code",
    "to_lot": "onward_referral.lot_code",
    "wait_band": "referral.received_on",
    "length_band": "service_episode.started_on",
    "end_reason": "service_episode.end_reason",
    "step": "service_episode.step",
    "move": "service_episode.lot_code",
}
"""The field that a category is read from, where a fact names no other."""


@dataclass(frozen=True)
class Fact:
    """One view that counts are taken over.

    Given:  SQL over the views `all_ENTITY`, in which every canonical field stands: null, where the flow does
            not release it.
    rows:   FROM and, behind it, JOINs that never multiply a row.
    day:    the day that puts a row into a period; `until`, where it is given, makes the fact a state: a row
            counts at the end of each period that lies from `day` to before `until`.
    splits: the categories by dimension; never null in the view.
    values: further columns, as they are.
    uses:   the fields without which the fact cannot be told.
    told_by: by dimension the field that its category is read from; without the field there is no such split.
    """

    name: str
    words: str
    rows: str
    day: str
    uses: Needs
    person: str = "NULL"
    where: str = "true"
    until: str = ""
    splits: Columns = field(default_factory=dict)
    values: Columns = field(default_factory=dict)
    told_by: Columns = field(default_factory=dict)

    @property
    def is_state(self) -> bool:
        """Return whether it is counted at the end of a period, and not during it."""
        return bool(self.until)

    def select(self, part: Part | None = None) -> str:
        """Return the statement of the view, of all rows or of those that are counted in a part."""
        lot = self.splits.get("lot", "NULL")
        columns = [
            f"{self.day} AS day",
            *([f"{self.until} AS until"] if self.until else []),
            f"{self.person} AS person",
            *(
                f"{_split(name, sql.replace(DAY, self.day), lot)} AS {name}"
                for name, sql in self.splits.items()
            ),
            *(f"{sql} AS {name}" for name, sql in self.values.items()),
        ]
        which = f"({self.where}) AND {part.counts(self.of, KEYS[self.of])}" if part else self.where
        return f"SELECT {', '.join(columns)} FROM {self.rows} WHERE {which}"

    @property
    def of(self) -> str:
        """Return the letter of the fact's own row."""
        named = re.search(r"(\w+)\.person_id", self.person)
        return named[1] if named else ""

    @property
    def of_lots(self) -> str:
        """Return the condition that a row of the view is of a lot that is counted for the borough only.

        So is who is sent on to such a lot, or comes from one.
        """
        told = [f"list_contains({LOTS}, {name})" for name in ("lot", "to_lot") if name in self.splits]
        told += [f"list_has_any({LOTS}, string_split(move, '>'))"] if "move" in self.splits else []
        return f"coalesce({' OR '.join(told)}, false)" if told else "false"

    def field_of(self, split: str) -> str:
        """Return the field that a category is read from, as entity.field. Errors: KeyError."""
        return self.told_by.get(split) or FIELDS[split]

    def __post_init__(self) -> None:
        """Errors: KeyError for a split that is no dimension or that no field is named for; without a key."""
        if self.of:
            KEYS[self.of]
        for name in self.splits:
            DIMENSIONS[name]
            self.field_of(name)


def _split(name: str, sql: str, lot: str) -> str:
    told = dimension(name)
    if not told.geography:
        return told.sql(sql)
    return f"CASE WHEN list_contains({LOTS}, {lot}) THEN '{BOROUGH_ONLY}' ELSE {told.sql(sql)} END"
