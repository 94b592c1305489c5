"""A made-up council warehouse: right rows, and rows that are odd in every way the canonical schema allows."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from canonical.lists import codes

Row = dict[str, Any]
START, DAYS = date(2022, 2, 20), 320
PROVIDERS = ("hub", "community_support", "other-provider_2")
LOTS = ("L3-SSH", "L3-SSH", "L4-CS", "L7-CAR", "L1-ASM", None, "L99")
WARDS = ("E05015033", "E05015034", "E05000779", "E05000780", "E05999999")
"""Two of today, two that are no more, one that no list knows."""
AREAS = [(ward, f"Place {at}", f"E0100{at:03d}{half}") for at, ward in enumerate(WARDS) for half in range(2)]


class Maker:
    """One seeded data set; each field is now and then missing, unknown, or of somebody else."""

    def __init__(self, seed: int, referrals: int) -> None:
        self.of = random.Random(seed)
        self.people = [f"p{number}" for number in range(max(referrals // 2, 1))]
        self.referrals = [self.referral(number) for number in range(referrals)]

    def tables(self) -> dict[str, Sequence[Row]]:
        """Return the rows of every entity the figures read."""
        work = range(len(self.referrals) * 2)
        return {
            "referral": self.referrals,
            "person": [self.person(name) for name in self.people],
            "address": [self.address(name) for name in self.people if self.of.random() < 0.8],
            "characteristics": [
                {"person_id": name, "gender": self.one("1", "2", "9", "X"), "recorded_on": START}
                for name in self.people
                if self.of.random() < 0.7
            ],
            "advice": [self.work(category=self.coded("advice_category"), given_on=self.day(),
                                 wait_working_days=self.some(*range(9))) for _ in work],
            "signposting": [self.work(signposted_on=self.day(), to_org_id=self.organisation()) for _ in work],
            "onward_referral": [self.work(made_on=self.day(), to_org_id=self.organisation(),
                                          lot_code=self.one(*LOTS)) for _ in work],
            "need": [self.work(raised_on=self.day(), need_code=self.coded("presenting_need"),
                               is_primary=self.some(True, False)) for _ in work],
        }  # fmt: skip

    def one(self, *values: Any) -> Any:
        return self.of.choice(values)

    def some(self, *values: Any) -> Any:
        """Return one of the values; one time in eight nothing."""
        return None if self.of.random() < 0.125 else self.of.choice(values)

    def coded(self, name: str) -> str | None:
        return self.some(*codes(name), "no such code", "'; DROP TABLE x; --")  # type: ignore[no-any-return]

    def day(self) -> date | None:
        return self.some(START + timedelta(self.of.randrange(DAYS)))  # type: ignore[no-any-return]

    def organisation(self) -> str | None:
        return self.some(*(f"o{number}" for number in range(30)))  # type: ignore[no-any-return]

    def person(self, name: str) -> Row:
        """Return somebody who may be known to another provider under another key."""
        return {"person_id": name, "linked_person_id": self.one(None, None, f"same{self.of.randrange(40)}")}

    def address(self, name: str) -> Row:
        ward, place, lsoa = self.of.choice(AREAS)
        kind = self.of.random()
        if kind < 0.2:
            return {
                "person_id": name,
                "postcode_status": self.one("no_fixed_abode", "pseudo", "nonuk", "missing", None),
            }
        if kind < 0.3:
            return {"person_id": name, "lad": "E08000003", "lsoa21": "E01005100", "postcode_status": "valid"}
        return {
            "person_id": name, "ward": self.some(ward), "ward_before": self.one(None, "E05000790", ward),
            "neighbourhood": place, "lsoa21": lsoa, "imd_decile": self.some(1, 5, 10),
            "lad": self.some("E08000007"), "postcode_status": "valid",
        }  # fmt: skip

    def referral(self, number: int) -> Row:
        received = self.day()
        return {
            "referral_id": f"r{number}",
            "person_id": self.some(*self.people),
            "source_system": self.of.choice(PROVIDERS),
            "lot_code": self.one(*LOTS),
            "referrer_type": self.coded("dd_source_of_referral_community"),
            "referrer_org_id": self.organisation(),
            "parent_referral_id": self.one(*[None] * 6, f"r{self.of.randrange(number + 1)}"),
            "status": self.coded("referral_status"),
            "triage_outcome": self.coded("triage_outcome"),
            "closure_reason": self.coded("closure_reason"),
            "closed_at": received and self.some(received + timedelta(self.of.randrange(60))),
            "received_on": received,
            "triage_days": self.some(0, 0, 0, 1, 3),
            "age_band": self.coded("age_bands"),
        }  # fmt: skip

    def work(self, **fields: Any) -> Row:
        """Return a row that hangs on a referral, on one that is not there, or on none."""
        referral = self.of.choice(self.referrals)
        return {
            "person_id": self.some(referral["person_id"]),
            "referral_id": self.some(referral["referral_id"], referral["referral_id"], "nowhere"),
            "source_system": self.of.choice(("hub", "hub", "hub", "community_support")),
            **fields,
        }
