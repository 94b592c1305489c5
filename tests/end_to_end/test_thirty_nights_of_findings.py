"""Thirty real nights: flaws come, are mended, relapse and vanish; receipts come late; people answer.

Beside them a month ends of which the volume was asked, and an earlier release finds what is asked no more.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest

from common import clock
from demo import nights as later
from demo.sample import EXTRACTED_AT, Sample
from quality import FINDINGS, Finding, FindingStore, Night, State
from sync.council import load_council_side
from tests.clients import quiet_client
from tests.nights import NightSite
from tests.today import SEED
from tests.unit.quality.life_model import OVER, Life, Look

NIGHTS = 30
PEOPLE = 5
Name = tuple[str, str, str]
GAP, RETIRED = "PER-05", "PER-99"
MONTH: Name = ("submission", "referrals 2022-11", "SUB-05")
FIELDS = {GAP: "nhs_number", RETIRED: "nhs_number", "SUB-05": "referrals"}
ENDS_ON = NIGHTS // 2
"""From this night on the data are of a month later."""
ANSWERS = (
    ("acknowledge", ""),
    ("accept", "asked_unknown"),
    ("dispute", "check_is_wrong"),
    ("reject", "dispute_rejected"),
    ("uphold", "check_is_wrong"),
    ("take_back", ""),
)


def with_fewer_in_november(sample: Sample) -> Sample:
    """Return the sample with twenty referrals more in each of the six months before November."""
    usual = sample.table("hub", "referrals")
    more = [
        usual[0]
        | {"Diary Reference Number": f"HR99{month:02}{day:02}", "Referral Date": f"{day:02}/{month:02}/2022"}
        for month in range(5, 11)
        for day in range(1, 21)
    ]
    hub = {**sample.sources["hub"], "referrals": [*usual, *more]}
    return replace(sample, sources={**sample.sources, "hub": hub})


class World:
    """A few people of the hub and what becomes of their NHS numbers, beside a model of their findings."""

    def __init__(self, sample: Sample, drawn: random.Random) -> None:
        self.sample, self.drawn = with_fewer_in_november(sample), drawn
        self.people = [quiet_client(sample, place) for place in range(PEOPLE)]
        self.how = dict.fromkeys(self.people, "right")
        self.sent = dict.fromkeys(self.people, "right")
        self.lives: dict[Name, Life] = {}
        self.ended = False
        self.met: Counter[str] = Counter()

    def tonight(self) -> Sample:
        """Let some things happen, and return what the source gives tonight."""
        changed = self.sample
        for person in self.people:
            if self.drawn.random() < 0.35:
                self.how[person] = self.drawn.choice(("right", "right", "wrong", "wrong", "deleted"))
            if self.how[person] == "wrong":
                changed = later.change(changed, "hub", "people", person, {"NHS Number": "123"})
            elif self.how[person] == "deleted":
                changed = later.vanish(changed, "hub", "people", person)
        return changed

    def look_of_an_earlier_release(self, store: FindingStore, number: int) -> None:
        """Let the release of before, put back for once, find of somebody what this one does not ask."""
        person = self.drawn.choice(self.people)
        row = ("hub", "person", person, 1, RETIRED, FIELDS[RETIRED], "warning", "none", "")
        found = pl.DataFrame([row], schema=FINDINGS, orient="row")
        store.record_night(Night(f"earlier-{number}", clock.now(), found, complete=[]))
        self._live(("person", person, RETIRED), Look(whole=False, tells=False, there=True, answer="fails"))

    def night(self, *, asked: bool) -> None:
        """Let the model live through the night. Given: whether the flows were asked, no batch being out."""
        for person, how in self.how.items():
            there, retired = how != "deleted", ("person", person, RETIRED)
            answer = "fails" if how == "wrong" else "passes"
            self._live(("person", person, GAP), Look(whole=True, tells=asked, there=there, answer=answer))
            if retired in self.lives:
                self._live(retired, Look(whole=True, tells=asked, there=there, answer="passes", retired=True))
            life = self.lives.get(("person", person, GAP))
            if life is not None and asked and self.sent[person] == how:
                life.arrived(clock.today(), "delivered")
            if asked:
                self.sent[person] = how
        answer = "passes" if self.ended else "fails"
        self._live(MONTH, Look(whole=True, tells=asked, there=True, answer=answer, over=self.ended))
        self.met.update(life.state for life in self.lives.values())
        self.met.update(life.reason for life in self.lives.values() if life.reason)

    def _live(self, name: Name, look: Look) -> None:
        if name in self.lives:
            self.lives[name].night(clock.today(), look)
        elif look.found:
            severity = "error" if name[2] == GAP else "warning"
            self.lives[name] = Life(severity, clock.today(), baseline=False)

    def answer(self, store: FindingStore) -> None:
        """Let somebody answer one finding."""
        living = [name for name, life in self.lives.items() if life.state not in ("mended", *OVER)]
        if not living:
            return
        name, (action, reason) = self.drawn.choice(living), self.drawn.choice(ANSWERS)
        last_day = clock.today() + timedelta(days=self.drawn.randrange(3))
        until = last_day if action in ("accept", "uphold") else None
        told = store.acted([_code(name)], action, "somebody", reason, clock.now(), until=until)
        expected = self.lives[name].act(clock.today(), action, "somebody", reason, until)
        assert list(told.values()) == [expected]
        self.met[expected] += 1

    def agrees(self, store: FindingStore) -> None:
        """See that every finding of these people, and of the month, stands where the model says."""
        told = store.frame(set(State), "hub").iter_rows(named=True)
        mine = {
            name: (row["state"], row["reason"], row["due"], row["times_opened"], row["until"])
            for row in told
            if (name := (row["entity"], row["record"], row["check"])) == MONTH
            or (name[1] in self.people and name[2] in (GAP, RETIRED))
        }
        assert mine == {
            name: (life.state, life.reason, life.due, life.times, str(life.until or ""))
            for name, life in self.lives.items()
        }


def _code(name: Name) -> str:
    text = ("",) * 5
    return Finding("hub", *name, FIELDS[name[2]], "", "", State.OPEN, *text, 1, "", False, *text).code


def date_the_exports(night: NightSite, at: datetime) -> None:
    """Let the exports that lie there be of this instant."""
    for path in (night.folder / "drop").rglob("*.csv"):
        os.utime(path, (at.timestamp(), at.timestamp()))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_finding_stands_where_an_independent_model_says(
    waiting: NightSite, sample: Sample, say: Callable[[str], None]
) -> None:
    """The council side answers on some mornings only, and once in a while a run is a look or a part.

    The month whose volume was far off is no longer judged once it is not the last: over, and not mended. What
    a release of before found ends on the night after, for nobody asks it any more.
    """
    drawn = random.Random(SEED)
    world, store = World(sample, drawn), FindingStore.of(waiting.site)
    began = clock.now()
    load_council_side(waiting.site)
    out = False
    for number in range(NIGHTS):
        with clock.frozen(began + timedelta(hours=8 * number)):
            waiting.drop(world.tonight())
            world.ended = number >= ENDS_ON
            date_the_exports(waiting, EXTRACTED_AT + timedelta(days=31 if world.ended else 0))
            if out and drawn.random() < 0.6:
                load_council_side(waiting.site)
                out = False
            if drawn.random() < 0.2:
                waiting.night(dry_run=True)
            if number % 4 == 1:
                world.look_of_an_earlier_release(store, number)
            summary = waiting.night(accept_drop=True, accept_growth=True)
            assert summary.error is None
            world.night(asked=not out)
            out = any(flow.state == "delivered" for flow in [*summary.flows, *summary.earlier])
            world.agrees(store)
            world.answer(store)
    say(f"{NIGHTS} nights, seed {SEED}: {dict(world.met)}")
    assert {"mended", "closed", "check_retired", "period_over"} <= set(world.met)
    assert any(life.state in OVER or life.times > 1 for life in world.lives.values())
