"""Whatever happens in two CRMs and on the way, each night does what a small independent model says."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from random import SystemRandom

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.tiny.assessment import TURNS
from tests.tiny.events import ORDINARY, Event
from tests.tiny.model import SOURCES, Wanted
from tests.tiny.nights import TinyNights
from tests.tiny.start import begun, settled, work_folder
from tests.tiny.world import FLOWS

SEED = "VIADUCT_SEED"
QUICK, THOROUGH, PARTS = (6, 8), (100, 20), 8  # stories and steps of each
NUMBERS = st.integers(0, 11)
EVENTS = st.lists(st.tuples(st.sampled_from(ORDINARY), NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=3)
SINCE = st.sampled_from([date(2024, 2, 8), date(2024, 2, 16), date(2024, 4, 10)])
MISSING = st.sampled_from([frozenset({"hub"}), frozenset({"community_support"})])
STEPS_OF_A_NIGHT = 24


class Nights(RuleBasedStateMachine):
    """Two CRMs in which things happen, the nights between them, and the model beside it."""

    count = nights_run = 0
    nights: TinyNights

    @initialize(new=st.sampled_from([False, False, True]))
    def begin(self, new: bool) -> None:
        """Begin after a first night, or before it."""
        Nights.count += 1
        self.nights = (begun() if new else settled()).copy(work_folder() / f"site-{Nights.count}")

    @rule(events=EVENTS)
    def things_happen(self, events: list[tuple[Event, int, int, int]]) -> None:
        """People come and go, rows are written, mended and lost."""
        for event, a, b, c in events:
            event(self.nights.model.world, a, b, c)

    @rule(accept=st.booleans(), partitions=st.sampled_from([1, 1, 1, 3]))
    def night(self, accept: bool, partitions: int) -> None:
        """An ordinary night; with nothing new it sends nothing."""
        self.nights.night(Wanted(accept=accept, partitions=partitions))

    @rule(missing=MISSING)
    def night_without_a_source(self, missing: frozenset[str]) -> None:
        """One charity's exports are not there."""
        self.nights.night(Wanted(missing=missing))

    @rule(since=SINCE, full=st.booleans())
    def night_of_a_part(self, since: date, full: bool) -> None:
        """A night that looks at late referrals only, or sends all it looks at once more."""
        self.nights.night(Wanted(since=since, full=full, accept=full))

    @rule(flow=st.sampled_from(FLOWS))
    def night_of_one_flow(self, flow: str) -> None:
        """The other flow is left alone."""
        self.nights.night(Wanted(flow=flow, accept=True))

    @rule(source=st.sampled_from(SOURCES))
    def night_of_one_source(self, source: str) -> None:
        """The other charity is not asked."""
        self.nights.night(Wanted(source=source, accept=True))

    @rule()
    def dry_night(self) -> None:
        """A dry run tells what would be sent and changes nothing."""
        self.nights.night(Wanted(dry_run=True))

    @rule(step=st.integers(1, STEPS_OF_A_NIGHT), accept=st.booleans())
    def killed_night(self, step: int, accept: bool) -> None:
        """The night is killed somewhere."""
        self.nights.killed_night(Wanted(accept=accept), step)

    @rule(turn=st.sampled_from(sorted(TURNS)))
    def assess(self, turn: str) -> None:
        """The assessment is tightened, or, by the same turn taken back, widened."""
        self.nights.assess(self.nights.model.turns ^ {turn})

    @rule()
    def night_out_of_force(self) -> None:
        """The assessment has expired: nothing leaves. Then it is in force again."""
        self.nights.assess(self.nights.model.turns, in_force=False)
        self.nights.night()
        self.nights.assess(self.nights.model.turns)

    @rule()
    def council_moves(self) -> None:
        """The council side answers in its own time from now on, or at once again."""
        self.nights.move_council(here=not self.nights.model.council_here)

    @precondition(lambda self: self.nights.model.waiting and not self.nights.model.council_here)
    @rule(spoilt=st.booleans())
    def council_loads(self, spoilt: bool) -> None:
        """The council side, elsewhere, loads what has arrived, or refuses what was spoilt on the way."""
        self.nights.council_loads(spoilt=spoilt)

    def teardown(self) -> None:
        """All is well again: one night settles everything, and another sends nothing."""
        if self.nights.agrees:
            self.nights.settle()
        Nights.nights_run += self.nights.count
        shutil.rmtree(self.nights.site.folder)


NightsOfTwoSmallCrms = Nights.TestCase
NightsOfTwoSmallCrms.settings = settings(
    max_examples=QUICK[0],
    stateful_step_count=QUICK[1],
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_thousands_of_nights_do_what_the_model_says(part: int, say: Callable[[str], None]) -> None:
    """The same machine with another seed each time; VIADUCT_SEED plays the same nights again."""
    chosen = int(os.environ.get(SEED, SystemRandom().randrange(1 << 32))) + part
    say(f"seed {chosen - part}")
    machine = seed(chosen)(type("LongNights", (Nights,), {}))
    nights = Nights.nights_run
    run_state_machine_as_test(
        machine,
        settings=settings(
            NightsOfTwoSmallCrms.settings,
            max_examples=THOROUGH[0],
            stateful_step_count=THOROUGH[1],
            derandomize=False,
            phases=(Phase.generate, Phase.shrink),
        ),
    )
    say(f"{THOROUGH[0]} stories, {Nights.nights_run - nights} nights")
