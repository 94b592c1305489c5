"""The published figures that the hub's sample holds, and how each is to be read."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figures:
    """The figures of 2022-04-01 to 2022-11-30, over hub records that are not held.

    `referring_organisations` counts distinct Referrer IDs (reading K03a); self-referrals and carers
    have none. Percentages are whole, rounded half up. Waits run from the day received to the Start Date.
    """

    referrals: int
    referring_organisations: int
    advice: int
    advice_people: int
    advice_by_category: dict[str, int]
    advice_percent: dict[str, int]
    signpostings: int
    signposting_organisations: int
    onward_referrals: int
    onward_organisations: int
    onward_to_community_support: int
    onward_to_domestic_abuse_support: int
    triaged_same_day: int
    advice_within_two_working_days: int
    longest_wait_days_at_most: int

    def as_json(self) -> dict[str, object]:
        """Return the figures by name."""
        return asdict(self)


PUBLISHED = Figures(
    referrals=3663,
    referring_organisations=118,
    advice=2167,
    advice_people=1106,
    advice_by_category={"ECON": 1322, "HW": 455, "HOUS": 217, "SOC": 130, "EST": 43},
    advice_percent={"ECON": 61, "HW": 21, "HOUS": 10, "SOC": 6, "EST": 2},
    signpostings=1283,
    signposting_organisations=172,
    onward_referrals=1194,
    onward_organisations=66,
    onward_to_community_support=429,
    onward_to_domestic_abuse_support=37,
    triaged_same_day=3663,
    advice_within_two_working_days=2167,
    longest_wait_days_at_most=30,
)
