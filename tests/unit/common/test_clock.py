"""A day is a day in London, and an instant an instant, wherever the host stands."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from common import clock

needs_zones = pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows keeps one zone for a process.")


@pytest.fixture(params=["America/Los_Angeles", "Pacific/Kiritimati", "UTC", None])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str | None]:
    """Let this process stand in another zone, or be told of none."""
    if request.param is None:
        monkeypatch.delenv("TZ", raising=False)
    else:
        monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@needs_zones
@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 6, 1, 22, 59, tzinfo=UTC), date(2026, 6, 1)),
        (datetime(2026, 6, 1, 23, 1, tzinfo=UTC), date(2026, 6, 2)),
        (datetime(2026, 12, 1, 23, 59, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_a_day_is_london_s_wherever_the_host_stands(zone: str | None, instant: datetime, day: date) -> None:
    """Midnight is London's, in summer and winter and on both nights on which the clocks change."""
    with clock.frozen(instant):
        assert (clock.today(), clock.now()) == (day, instant)
        assert clock.day_of(clock.stamp(clock.now())) == day


@needs_zones
def test_the_clock_is_the_same_instant_in_every_zone(zone: str | None) -> None:
    """What the clock says now is now, to the second, whatever TZ says."""
    assert os.environ.get("TZ") == zone
    assert abs(clock.now().timestamp() - time.time()) < 5
