"""How small counts are hidden: the profile of the assessment under which the rows were sent."""

from dataclasses import dataclass
from typing import Literal

from canonical.lists import codes
from sealing.manifest import DisclosureTerms

EXACT = 1
"""To what is rounded where nothing is: every count as it is."""
LOT_BREAKDOWNS = ("lot", "to_lot")
Calendar = Literal["monthly", "quarterly"]


@dataclass(frozen=True)
class Profile:
    """What is hidden, what is rounded, and how little an attacker may learn.

    suppress_to:            counts, and people behind a count, of 1 to this are hidden.
    round_to:               what is shown of a breakdown is rounded to the nearest multiple of this.
    least_width:            how many steps lie at least between the ends of the range of a hidden number.
    borough_only_lots:      lots that are counted for the borough only.
    borough_only_threshold: a count of such a lot is hidden below this.
    memory_months:          for how long what was released counts as known.
    calendar:               how often what was released of a period may be released again with other numbers.
    """

    name: str = "published-figures"
    suppress_to: int = 7
    round_to: int = 5
    least_width: int = 4
    borough_only_lots: tuple[str, ...] = ()
    borough_only_threshold: int = 10
    memory_months: int = 12
    calendar: Calendar = "quarterly"

    @classmethod
    def of(cls, terms: DisclosureTerms, dpia: str) -> "Profile":
        """Return the profile that came with the rows, named with the assessment that says so."""
        return cls(
            name=f"{terms.profile}, {dpia}",
            suppress_to=terms.suppress_to,
            round_to=terms.round_to,
            least_width=terms.least_width,
            borough_only_lots=tuple(terms.borough_only_lots),
            borough_only_threshold=terms.borough_only_threshold,
            memory_months=terms.memory_months,
            calendar=terms.calendar,
        )

    @property
    def off_by(self) -> int:
        """Return how far a rounded number may lie from the exact one."""
        return (self.round_to - 1) // 2

    @property
    def statement(self) -> str:
        """Return what a reader of the figures is told."""
        rounded = (
            f"other counts of a breakdown are rounded to the nearest {self.round_to}"
            if self.round_to > EXACT
            else "other counts are exact"
        )
        lots = (
            f" The lots {_spoken(self.borough_only_lots)} are counted for the whole borough only, and hidden "
            f"below {self.borough_only_threshold}."
            if self.borough_only_lots
            else ""
        )
        return (
            f"Counts of 1 to {self.suppress_to}, and counts of so few people, are hidden, and so is a larger "
            f"count that would give one of them away. Zero is shown; {rounded}. Totals for the whole borough "
            "and counts of organisations are exact, but where an exact one would give a hidden one away. "
            f"Percentages are worked out from the numbers shown.{lots}"
        )


def _spoken(lots: tuple[str, ...]) -> str:
    """Return lots by their names, without what stands in brackets."""
    known = codes("stockport_lots")
    return " and ".join(known.get(lot, lot).partition(" (")[0] for lot in lots)
