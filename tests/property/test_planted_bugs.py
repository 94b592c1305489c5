"""The nights see what was planted: each bug makes the model and the program disagree."""

import pytest

from tests.tiny.plants import PLANTS, Plant
from tests.tiny.start import settled, work_folder

QUICK = {
    "children of what is withheld leave",
    "the flag stays alone",
    "a part concludes vanishing",
    "receipts go by position",
    "a row that is gone unsets the flag",
    "a no that is gone is forgotten",
}


def see(plant: Plant, name: str) -> None:
    """Let the story be told with the bug in place."""
    nights = settled().copy(work_folder() / name)
    with pytest.MonkeyPatch.context() as patch:
        plant.plant(patch)
        with pytest.raises(AssertionError):
            plant.story(nights)


@pytest.mark.parametrize("plant", [each for each in PLANTS if each.name in QUICK], ids=lambda each: each.name)
def test_a_planted_bug_is_seen(plant: Plant) -> None:
    """A night or two are enough for six of them; the others are told in make soak."""
    see(plant, f"planted {plant.name}")


@pytest.mark.soak
@pytest.mark.parametrize("plant", PLANTS, ids=lambda each: each.name)
def test_every_planted_bug_is_seen_and_the_story_holds_without_it(plant: Plant) -> None:
    """The same story, once with the bug and once without: it is the bug that the model sees."""
    see(plant, f"with {plant.name}")
    plant.story(settled().copy(work_folder() / f"without {plant.name}"))
