"""What a provider is asked this week: the first so many by their effect, and what newly holds a record back.

The list stays as it was made until the next weekly day: what is mended leaves it, nothing takes its place.
Only an error that holds its record back joins it at once, for the record is missing from every figure until
somebody mends it, and whoever has just made the slip still remembers the case. How many may do so is bounded:
a fault of a mapping that holds thousands is not the provider's to mend by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from quality.asked import WeekList, Wish
from quality.checks import Effect


@dataclass(frozen=True)
class Candidate:
    """A finding that its provider could be asked to mend.

    opened:  since when it is open, as a stamp.
    minutes: how long mending takes, by our estimate.
    """

    code: str
    effect: str
    opened: str
    minutes: float

    @property
    def wish(self) -> Wish:
        """Return it as it is put on a list."""
        return Wish(self.code, self.minutes)


def to_ask(ranked: Sequence[Candidate], week: WeekList, top: int | None, most_held: int) -> list[Candidate]:
    """Return the findings that are to be put on the list now.

    Given: all that the provider is to mend, those with the most effect first; the list as it stands; how many
           a list has, None for all of them, as soon as they are there; how many may join it later.
    """
    if top is None:
        return [one for one in ranked if one.code not in week.codes]
    if not week.asked:
        return list(ranked[:top])
    room = max(0, most_held - sum(one.joined for one in week.asked))
    return list(islice((one for one in ranked if _joins(one, week)), room))


def _joins(one: Candidate, week: WeekList) -> bool:
    new = one.opened > week.made_at and one.code not in week.codes
    return new and one.effect == Effect.HOLD_RECORD
