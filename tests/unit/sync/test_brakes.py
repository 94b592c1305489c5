"""The brakes: what is unusual, and what no setting can make usual."""

import pytest

from sync.brakes import Brake

LOOSE = Brake(drop_percent=100, growth_percent=50, at_least=5_000)


@pytest.mark.parametrize(
    ("before", "lost", "brakes"),
    [(4, 4, False), (5, 2, False), (5, 3, True), (6, 3, False), (10, 9, True), (10, 5, False), (0, 0, False)],
)
@pytest.mark.parametrize("brake", [Brake(), LOOSE], ids=["as set by default", "as loose as may be"])
def test_more_than_half_of_a_list_of_five_is_a_drop_whatever_is_set(
    brake: Brake, before: int, lost: int, brakes: bool
) -> None:
    """A small charity has a brake too: nine of ten people gone is no ordinary night."""
    assert brake.drops(before, lost) is brakes
    assert brake.erases(before, lost) is brakes


def test_of_long_lists_the_settings_say_what_is_usual() -> None:
    """Fewer than half: up to a fifth or fifty, whichever is more."""
    brake = Brake()
    assert [brake.drops(1_000, lost) for lost in (200, 201)] == [False, True]
    assert [brake.drops(110, lost) for lost in (50, 51)] == [False, True]
    assert [brake.erases(1_000, lost) for lost in (50, 51)] == [False, True]
