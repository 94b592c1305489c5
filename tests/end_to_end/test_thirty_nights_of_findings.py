"""Thirty real nights: flaws come, are mended, relapse and vanish; receipts come late; people answer."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from common import clock
from demo import nights as later
from demo.sample import Sample
from quality import Finding, FindingStore, State
from sync.council import load_council_side
from tests.clients import quiet_client
from tests.nights import NightSite
from tests.today import SEED
from tests.unit.quality.life_model import OVER, Life, Look

NIGHTS = 30
PEOPLE = 5
CHECK = "PER-05"
ANSWERS = (
    ("acknowledge", ""),
    ("accept", "asked_unknown"),
    ("dispute", "check_is_wrong"),
    ("reject", "dispute_rejected"),
    ("uphold", "check_is_wrong"),
    ("take_back", ""),
)


class World:
    """A few people of the hub and what becomes of their NHS numbers, beside a model of their findings."""

    def __init__(self, sample: Sample, drawn: random.Random) -> None:
        self.sample, self.drawn = sample, drawn
        self.people = [quiet_client(sample, place) for place in range(PEOPLE)]
        self.how = dict.fromkeys(self.people, "right")
        self.sent = dict.fromkeys(self.people, "right")
        self.lives: dict[str, Life] = {}
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

    def night(self, *, asked: bool) -> None:
        """Let the model live through the night. Given: whether the flows were asked, no batch being out."""
        day = clock.today()
        for person, how in self.how.items():
            life, there = self.lives.get(person), how != "deleted"
            look = Look(whole=True, tells=asked, there=there, answer="fails" if how == "wrong" else "passes")
            if life is not None:
                life.night(day, look)
                if asked and self.sent[person] == how:
                    life.arrived(day, "delivered")
            elif how == "wrong":
                self.lives[person] = Life("error", day, baseline=False)
            if asked:
                self.sent[person] = how
        self.met.update(life.state for life in self.lives.values())
        self.met["expired"] += sum(life.reason == "expired" for life in self.lives.values())

    def answer(self, store: FindingStore) -> None:
        """Let somebody answer one finding."""
        living = [person for person, life in self.lives.items() if life.state not in ("mended", *OVER)]
        if not living:
            return
        person, (action, reason) = self.drawn.choice(living), self.drawn.choice(ANSWERS)
        last_day = clock.today() + timedelta(days=self.drawn.randrange(3))
        until = last_day if action in ("accept", "uphold") else None
        told = store.acted([_code(person)], action, "somebody", reason, clock.now(), until=until)
        expected = self.lives[person].act(clock.today(), action, "somebody", reason, until)
        assert list(told.values()) == [expected]
        self.met[expected] += 1

    def agrees(self, store: FindingStore) -> None:
        """See that every finding of these people stands where the model says."""
        told = store.frame(set(State), "hub").iter_rows(named=True)
        mine = {
            row["record"]: (row["state"], row["reason"], row["due"], row["times_opened"], row["until"])
            for row in told
            if row["record"] in self.people and row["check"] == CHECK
        }
        assert mine == {
            person: (life.state, life.reason, life.due, life.times, str(life.until or ""))
            for person, life in self.lives.items()
        }


def _code(person: str) -> str:
    text = ("",) * 5
    return Finding(
        "hub", "person", person, CHECK, "nhs_number", "", "", State.OPEN, *text, 1, "", False, *text
    ).code


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_finding_stands_where_an_independent_model_says(
    waiting: NightSite, sample: Sample, say: Callable[[str], None]
) -> None:
    """The council side answers on some mornings only, and once in a while a run is a look or a part."""
    drawn = random.Random(SEED)
    world, store = World(sample, drawn), FindingStore.of(waiting.site)
    began = clock.now()
    load_council_side(waiting.site)
    out = False
    for number in range(NIGHTS):
        with clock.frozen(began + timedelta(hours=8 * number)):
            waiting.drop(world.tonight())
            if out and drawn.random() < 0.6:
                load_council_side(waiting.site)
                out = False
            if drawn.random() < 0.2:
                waiting.night(dry_run=True)
            summary = waiting.night(accept_drop=True)
            assert summary.error is None
            world.night(asked=not out)
            out = any(flow.state == "delivered" for flow in [*summary.flows, *summary.earlier])
            world.agrees(store)
            world.answer(store)
    say(f"{NIGHTS} nights, seed {SEED}: {dict(world.met)}")
    assert {"mended", "closed"} <= set(world.met)
    assert any(life.state in OVER or life.times > 1 for life in world.lives.values())
