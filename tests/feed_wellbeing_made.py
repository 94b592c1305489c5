"""Made-up episodes, forms of wellbeing, awards and records of people, odd in every way the schema allows."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from canonical.lists import code_rows, codes
from tests.feed_made import LOTS, Maker, Row

METRIC = [Decimal(row["label"]) for row in code_rows("swemwbs_metric")]


class WellbeingMaker(Maker):
    """A made-up warehouse whose services worked with people, and asked them how they felt."""

    def tables(self) -> dict[str, Sequence[Row]]:
        episodes = [self.episode(number) for number in range(2 * len(self.referrals))]
        forms = [form for row in episodes for form in self.forms(row)]
        return {
            **super().tables(),
            "service_episode": episodes,
            "outcome_measure": forms,
            "outcome": [self.award() for _ in self.referrals for _ in range(3)],
            "characteristics": [self.record(name) for name in self.people if self.of.random() < 0.9],
        }

    def award(self) -> Row:
        """Return an outcome; now and then a fortune, a correction, or of nobody who is named."""
        odd = (Decimal("-20.50"), Decimal(0), Decimal(self.one(100, 100, 90_000)))
        return self.work(
            awarded_on=self.day(),
            money_gained_gbp=self.some(Decimal(self.of.randrange(500_000)) / 100, *odd),
            arrears_obtained_gbp=self.one(None, None, None, Decimal(self.of.randrange(90_000)) / 100),
        )

    def record(self, name: str) -> Row:
        return {
            "person_id": name,
            "gender": self.some(*codes("dd_person_stated_gender")),
            "employment_status": self.some("Unknown", *codes("cld_r2_employment_status")),
            "unpaid_carer": self.some(*codes("unpaid_carer")),
            "ethnicity_2021": self.some(*codes("ethnicity_2021")),
            "disability": self.some(*codes("dd_disability")),
        }

    def episode(self, number: int) -> Row:
        started = self.day()
        ended = started and self.some(*(started + timedelta(days) for days in (0, 20, 60, 90)))
        return self.work(
            episode_id=f"e{number}", lot_code=self.one(*LOTS), started_on=started, ended_on=ended
        )

    def forms(self, episode: Row) -> list[Row]:
        """Return none, one, a pair or many; now and then of no episode, off the scale, or contradicting."""
        return [self.form(episode) for _ in range(self.one(0, 0, 2, 2, 3, 6))]

    def form(self, episode: Row) -> Row:
        began, ended = episode["started_on"], episode["ended_on"]
        point = self.some("baseline", "baseline", "exit", "exit", "exit", *codes("timepoint"))
        day = ended if point == "exit" else began
        return {
            "person_id": self.some(episode["person_id"]),
            "referral_id": episode["referral_id"],
            "episode_id": self.some(*[episode["episode_id"]] * 5, "nowhere"),
            "source_system": episode["source_system"],
            "tool": self.one("WEMWBS", "WEMWBS", "WEMWBS", "SWEMWBS", "other"),
            "timepoint": point,
            "completed_on": day and self.some(day, day, day + timedelta(self.one(-3, 1, 30))),
            "raw_total": self.some(*range(12, 73), *range(30, 55)),
            "metric_score": self.some(*METRIC, Decimal("6.99"), Decimal("35.01")),
        }
