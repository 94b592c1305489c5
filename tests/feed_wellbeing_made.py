"""Made-up episodes and forms of wellbeing, odd in every way the canonical schema allows."""

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
        return {**super().tables(), "service_episode": episodes, "outcome_measure": forms}

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
