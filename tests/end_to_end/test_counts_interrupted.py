"""Counts on nights that go wrong: neither a kill nor a refusal makes two numbers of one quarter."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.sample import EXTRACTED_AT
from sync.council import load_council_side
from tests.end_to_end.test_counts_of_lot_8 import FLOW, QUARTERS, Nights, copied, sample, without
from tests.end_to_end.test_kills import HANDING_OVER
from tests.killed_nights import NightRunner
from tests.nights import NightSite
from tests.released import landed
from tests.today import SEED

FIRST = "2022-23-Q1"
ONWARD = ("onward_to_lot_8", FIRST)
STEPS = [HANDING_OVER[(SEED + turn) % len(HANDING_OVER)] for turn in range(2)]
"""Two of the nine steps of handing over a day."""


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Return a site whose first night lacks three of twelve of a quarter: nine, which are hidden."""
    site = NightSite.of(tmp_path_factory.mktemp("counts") / "site", sample(), counts=True)
    nights = Nights(site)
    nights.give(without(sample(), FIRST, 3), EXTRACTED_AT)
    return nights


@pytest.fixture(scope="module")
def runner(waiting: Nights) -> Iterator[NightRunner]:
    """Return what runs nights that may be killed."""
    with NightRunner(waiting.site.folder) as runner:
        yield runner


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Nights are forked to be killed one by one.")
@pytest.mark.parametrize("step", STEPS)
def test_a_quarter_whose_night_is_killed_has_one_number(runner: NightRunner, step: str) -> None:
    """Until it is sealed it is counted again, of what there is then; from then on it is what was sealed.

    Three more came between the two nights: nine are hidden, twelve are ten. Nobody sees both.
    """
    nights = Nights(NightSite(runner.copy(f"killed-{step}")))
    killed = runner.night(nights.site.folder, kill_on=step, wish={"flows": [FLOW], "accept_growth": True})
    assert killed["signal"] == 9
    nights.run(sample(), EXTRACTED_AT)
    assert nights.cells()[ONWARD] == (10 if step == "planned" else None)
    seen, there = nights.cells(), landed(nights.site)
    assert len({path.parent for path in map(Path, there) if path.parts[0] == FLOW}) == 1
    idle = nights.run(sample(), EXTRACTED_AT)
    assert [flow.state for flow in idle.flows] == ["nothing_sent"]
    assert (nights.cells(), landed(nights.site)) == (seen, there)


def test_counts_that_the_council_refused_are_made_of_the_night_that_is_taken(
    waiting: Nights, tmp_path: Path
) -> None:
    """Nobody opened them: the next night counts what there is then, once, under the next number."""
    nights = Nights(copied(waiting.site, tmp_path / "site"))
    path = nights.site.folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    assert "council_side: embedded" in text
    path.write_text(text.replace("council_side: embedded", "council_side: elsewhere"), encoding="utf-8")
    nights.run(without(sample(), FIRST, 3), EXTRACTED_AT)
    (body,) = (nights.site.site.landing / FLOW).glob("*/aggregate_count-*.age")
    body.write_bytes(body.read_bytes()[:-1] + b"\0")
    assert [answer.outcome for answer in load_council_side(nights.site.site)] == ["refused"]
    nights.run(sample(), EXTRACTED_AT)
    again = nights.run(sample(), EXTRACTED_AT)
    assert [(flow.state, flow.sequence) for flow in again.flows] == [("delivered", 2)]
    assert [answer.outcome for answer in load_council_side(nights.site.site)] == ["loaded"]
    assert nights.cells()[ONWARD] == 10
    assert {period for _, period in nights.cells()} == set(list(QUARTERS)[:2])
