"""A circle of invented people, and what their records are made of: links, days, instants, some astray."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from canonical import spec

Row = dict[str, Any]
FIRST = date(2022, 5, 30)


@dataclass
class Circle:
    """One or two people of a source, and what hangs on them; every reference carries the circle's number."""

    draw: random.Random
    number: int
    source: str

    def row(self, entity: str, at: int, **fields: Any) -> Row:
        """Return a record of the circle under its own reference; `_person` is the person it names."""
        reference = self.reference(entity, at)
        told = {"_source": self.source, spec(entity).key[0]: reference, "_person": fields.get("person_id")}
        return told | fields

    def reference(self, entity: str, at: int) -> str:
        """Return the reference of one of the circle's records."""
        return f"{entity}-{self.number}-{at}"

    def some(self, *choices: Any) -> Any:
        """Return one of the choices."""
        return self.draw.choice(choices)

    def often(self, usual: Any, *others: Any) -> Any:
        """Return the usual value three times in four, else one of the others."""
        return usual if self.draw.random() < 0.75 else self.draw.choice(others)

    def one_of(self, entity: str, most: int = 2) -> str | None:
        """Return the reference of one of the circle's records, now and then of none, or nothing."""
        known = self.reference(entity, self.draw.randrange(most))
        return self.draw.choice([known] * 10 + [self.reference(entity, 99), None])

    def shared(self, entity: str, most: int) -> str | None:
        """Return the reference of a record that is handed whole, of the circle's source."""
        return self.draw.choice(
            [f"{entity}-{self.source}-{self.draw.randrange(most)}"] * 10 + ["nobody", None]
        )

    def day(self, within: int = 12, first: date = FIRST) -> date | None:
        """Return a day soon after the first, rarely none."""
        return None if self.draw.random() < 0.06 else first + timedelta(days=self.draw.randrange(within))

    def at(self, day: date | None) -> datetime | None:
        """Return an instant that is of that day in London, or of the night before it."""
        if day is None:
            return None
        hour = self.draw.randrange(-3, 22)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)

    def flag(self) -> bool | None:
        """Return true, false, or nothing."""
        return self.draw.choice((True, False, None))

    def many(self, most: int) -> range:
        """Return the places of up to so many records."""
        return range(self.draw.randrange(most + 1))
