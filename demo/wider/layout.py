"""The layout of the second sample: which sources there are, what each exports, in which columns."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

EXTRACTED_AT = datetime(2022, 12, 8, 6, 0, tzinfo=ZoneInfo("Europe/London"))
TODAY = EXTRACTED_AT.date()
HUB, COMMUNITY, ABUSE = "hub", "community_support", "domestic_abuse_support"
FAMILIES, DIRECTORY = "family_hubs", "directory"
HOMES, DEBTS, MEALS = "warm_homes", "debt_advice", "meals"
LETTERS = {
    HUB: "H", COMMUNITY: "C", ABUSE: "D", FAMILIES: "F", DIRECTORY: "E", HOMES: "W", DEBTS: "T", MEALS: "M",
}  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = {
    "people": (
        "Person No", "First Name", "Family Name", "Born", "NHS No", "House and Street", "Postcode",
        "Hidden Address", "Safe to Contact",
    ),
    "services": ("Service No", "Organisation", "Run by", "Team", "Lot", "Status", "Domestic Abuse"),
    "referrals": (
        "Referral No", "Person No", "Team", "Received", "Status", "Closed", "Outcome", "Portal No",
    ),
    "episodes": (
        "Episode No", "Referral No", "Person No", "Service No", "Accepted", "Started", "Ended",
        "Ended Because",
    ),
    "contacts": ("Contact No", "Referral No", "Person No", "Seen", "Note"),
    "reviews": (
        "Review No", "Person No", "Mother NHS No", "Stage", "Completed", "Late", "Repeat", "ASQ-3 Used",
    ),
    "scores": ("Score No", "Review No", "Person No", "Questionnaire", "Area", "Score", "Adjusted"),
    "early_help": ("Early Help No", "Person No", "Family No", "Started", "Ended", "Ended Because"),
    "entries": (
        "id", "organization_id", "name", "status", "url", "email", "assured_date", "last_modified",
        "latitude", "longitude",
    ),
}  # fmt: skip
OF_CASES = ("people", "services", "referrals", "contacts")
EXPORTS: dict[str, tuple[str, ...]] = {
    HUB: (*OF_CASES, "episodes"),
    COMMUNITY: (*OF_CASES, "episodes"),
    ABUSE: ("people",),
    FAMILIES: ("people", "reviews", "scores", "early_help"),
    DIRECTORY: ("entries",),
    HOMES: OF_CASES,
    DEBTS: OF_CASES,
    MEALS: OF_CASES,
}
MARKS = {
    "people": "P", "services": "S", "referrals": "R", "episodes": "E", "contacts": "K", "reviews": "V",
    "scores": "Q", "early_help": "B",
}  # fmt: skip
TEAMS = {
    HUB: (("Front Door", "L3-SSH"),),
    COMMUNITY: (("Befriending", "L4-CS"), ("Garden Club", "L4-CS")),
    HOMES: (("Warm Homes", "L4-CS"),),
    DEBTS: (("Debt Advice", "L4-CS"),),
    MEALS: (("Meals", "L4-CS"),),
}


def said(day: date | None) -> str:
    """Return the day as this layout exports it; empty for none."""
    return day.isoformat() if day else ""
