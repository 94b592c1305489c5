"""Made-up rows of waits and movement: right ones, and days that are missing, reversed or leap."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
STATUSES = (
    "received",
    "triaged",
    "waiting",
    "in_service",
    "rejected",
    "withdrawn",
    "completed",
    "duplicate",
    None,
)
ATTENDANCE = ("5", "5", "6", None, "0", "2", "3", "4", "7")
REASONS = ("NEEDS_MET", "STEP_UP_ASC", "no such code", None)
LOTS = ("L3-SSH", "L4-CS", "L4-CS", "L7-CAR", "L99", None)


class Maker:
    """One seeded data set, whose referrals come within 400 days of the first."""

    def __init__(self, seed: int, first: date, referrals: int) -> None:
        self.of = Random(seed)
        self.first = first
        self.people = [f"p{number}" for number in range(max(referrals // 3, 1))]
        self.referrals = [self.referral(number) for number in range(referrals)]

    def tables(self) -> dict[str, Sequence[Row]]:
        """Return the rows of every entity that waits and movement are counted from."""
        episodes = [row for referral in self.referrals for row in self.episodes(referral)]
        return {
            "person": [
                {"person_id": name, "linked_person_id": self.linked()}
                for name in self.people
            ],
            "address": [
                self.home(name)
                for name in self.people
            ],
            "referral": self.referrals,
            "contact": [row for referral in self.referrals for row in self.contacts(referral)],
            "service_episode": episodes + [self.unlinked() for _ in range(len(episodes) // 6)],
        }  # fmt: skip

    def some(self, *values: Any) -> Any:
        """Return one of the values; one time in eight nothing."""
        return None if self.of.random() < 0.125 else self.of.choice(values)

    def linked(self) -> str | None:
        return self.of.choice((None, f"same{self.of.randrange(20)}"))

    def home(self, name: str) -> Row:
        if self.of.random() < 0.2:
            status = self.some("no_fixed_abode", "pseudo", "missing")
            return {"person_id": name, "lad": self.some("E08000003"), "postcode_status": status}
        areas = {"neighbourhood": self.some("Alderbeck", "Dunmere"), "imd_decile": self.some(1, 5)}
        return {"person_id": name, "lad": "E08000007", "lsoa21": "E01005745", **areas}

    def after(self, day: date | None, fewest: int, most: int) -> date | None:
        """Return a day that long after the day; now and then none."""
        number = self.of.choice((28, 30)) if self.of.random() < 0.15 else self.of.randint(fewest, most)
        return self.some(day + timedelta(days=number)) if day else None  # type: ignore[no-any-return]

    def referral(self, number: int) -> Row:
        passed_on = number > 3 and self.of.random() < 0.3
        received = self.after(self.first, 0, 400)
        return {
            "referral_id": f"r{number}",
            "person_id": self.some(*self.people),
            "received_on": received,
            "source_system": "community_support" if passed_on else self.of.choice(("hub", "other")),
            "parent_referral_id": f"r{self.of.randrange(number)}" if passed_on else None,
            "lot_code": self.of.choice(LOTS),
            "status": self.of.choice(STATUSES),
            "referrer_type": self.some("01", "02", "no such code"),
            "age_band": self.some("18 to 24", "25 to 44", "Unknown"),
            "triage_outcome": self.some("accept", "accept", "reject", "signpost"),
            "triage_days": self.some(0, 0, 1, 9),
            "re_referral": self.some(True, False),
            "closure_reason": self.some(*REASONS),
            "closed_at": self.after(received, -3, 200) if self.of.random() < 0.4 else None,
        }

    def contacts(self, referral: Row) -> list[Row]:
        return [
            {
                "referral_id": self.some(referral["referral_id"]),
                "source_system": referral["source_system"],
                "contact_on": self.after(referral["received_on"], -4, 70),
                "attendance": self.of.choice(ATTENDANCE),
                "is_administrative": self.some(False, False, True),
            }
            for _ in range(self.of.randrange(4))
        ]

    def episodes(self, referral: Row) -> list[Row]:
        return [self.episode(referral) for _ in range(self.of.choice((0, 1, 1, 1, 2)))]

    def episode(self, referral: Row) -> Row:
        received = referral["received_on"]
        started = self.after(received, -3, 90)
        waited = (started - received).days if started and received else None
        return {
            "referral_id": referral["referral_id"],
            "person_id": referral["person_id"],
            "source_system": referral["source_system"],
            "lot_code": referral["lot_code"],
            "accepted_on": self.after(received, 0, 20),
            "offered_start_on": self.after(received, -2, 40),
            "started_on": started,
            "ended_on": self.after(started or self.some(received), -2, 300),
            "end_reason": self.some(*REASONS),
            "step": self.some("step_up", "step_down", "same", "no such code"),
            "case_review_on": self.after(started, 0, 300),
            "wait_days": waited if waited is not None and waited >= 0 else None,
        }

    def unlinked(self) -> Row:
        """Return work that a safety rule keeps unlinked: its start and its wait are told, and no end."""
        return {
            "source_system": self.of.choice(("hub", "community_support")),
            "lot_code": self.of.choice(LOTS),
            "started_on": self.after(self.first, 0, 400),
            "wait_days": self.some(*range(40)),
        }
