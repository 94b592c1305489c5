"""Of flows that rest: of how many people the recipient still has rows though a register stops them.

The next run takes them back; where it cannot, it is said why.
"""

from collections.abc import Iterator

import polars as pl

from sharing import Dpia
from sharing.choices import Choice
from sync.choices import Choices
from sync.chosen import people_who_chose
from sync.errors import RecipientOutOfReach
from sync.place import Workplace
from sync.reach import reach
from sync.resting import Resting, governs, may_be_set_aside, resting_flows, stops_in
from sync.standing import FoundBy


def yet_to_tell(place: Workplace, choices: Choices) -> Iterator[str]:
    """Yield, per flow that rests, how many people its recipient still has whom a register keeps out of it.

    Given: registers as `read_choices` finds them; opt-outs find people by the numbers that are kept.
    """
    found_by = FoundBy(place.digest, choices.key, choices.numbered)
    registers = [
        one
        for one in choices.standings
        if not (choices.numbered if one.choice.by_number else one.known).is_empty()
    ]
    for resting in resting_flows(place.state, place.dpia) if registers else ():
        said, why = _speaks(place, resting)
        stopped = people_who_chose(stops_in(place, said, resting.flow, registers, found_by))["person"]
        if number := resting.holds(stopped):
            yield _words(resting, number, why)


def yet_to_tell_of(
    place: Workplace, which: Choice, people: pl.Series, *, decided: bool = False
) -> Iterator[str]:
    """Yield the same of these people alone, who have just been put into a register of this kind.

    Given: whether a decision sets their choice aside, where the assessment allows that.
    """
    for resting in resting_flows(place.state, place.dpia):
        if number := resting.holds(people):
            said, why = _speaks(place, resting)
            aside = decided and said is not None and may_be_set_aside(place.dpia, said, which, resting.flow)
            if said is None or (governs(place.dpia, said, which, resting.flow) and not aside):
                yield _words(resting, number, why)


def _speaks(place: Workplace, resting: Resting) -> tuple[Dpia | None, str]:
    """Return the version that speaks for the flow, or why no run can reach its recipient."""
    try:
        return reach(place, resting.flow).dpia, ""
    except RecipientOutOfReach as error:
        return None, "; ".join(error.places)


def _words(resting: Resting, number: int, why: str) -> str:
    people = "1 person" if number == 1 else f"{number:,} people"
    told = f"its recipient still has rows of {people} whom a register stops"
    if why:
        return f"{resting}: {told}, and no run can tell it ({why})"
    return f"{resting}: {told}; the next run takes them back"
