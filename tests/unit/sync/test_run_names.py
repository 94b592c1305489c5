"""The last run is the one whose name sorts last, two of one second included."""

from datetime import UTC, datetime, timedelta

from common import clock
from common.log import RUN
from sync.run_names import new_run_id

SECOND = datetime(2026, 11, 23, 10, 13, 52, tzinfo=UTC)


def test_names_sort_in_the_order_in_which_they_were_given() -> None:
    """A failed run and the good one after it may begin in one second, or at one instant."""
    names = []
    for microseconds in (0, 0, 1, 1, 1, 2, 999_998, 999_999, 999_999, 1_000_000):
        with clock.frozen(SECOND + timedelta(microseconds=microseconds)):
            names += [new_run_id() for _ in range(5)]
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    assert all(RUN.fullmatch(name) for name in names)


def test_a_name_tells_the_second_in_which_the_run_began() -> None:
    """Statements, batches and the cleaning of old runs read it there."""
    with clock.frozen(SECOND + timedelta(microseconds=999_999)):
        assert new_run_id().startswith("20261123T101352Z-f423f")
