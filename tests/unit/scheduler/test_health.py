"""The four ways in which a night fails without a word, each seen, and none seen where all is well."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from common import clock
from config.health import HealthSettings
from config.site import Site
from config.timetable import Day, Timetable
from scheduler.claims import Claim, write_claims
from scheduler.due import claims_path
from scheduler.health import look_at_health
from scheduler.history import past_runs
from scheduler.near_days import near_days
from scheduler.pauses import Pause, begin_pause, pauses_path
from scheduler.problems import KINDS, Problem
from scheduler.pulse import beating, pulse_path, read_pulse
from scheduler.who_acts import Actor
from tests.unit.scheduler.nights_by_clock import LONDON, Keeper, minutes, ran, site_at, source

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
FIRST = datetime(2026, 3, 2, 2, 30, tzinfo=LONDON)
"""A Monday's slot."""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site of two sources that the scheduler has known for long."""
    made = site_at(tmp_path)
    (tmp_path / "var/state").mkdir(parents=True)
    write_claims(claims_path(made), dict.fromkeys(made.sources, Claim(FIRST - 100 * DAY)))
    return made


def problems(site: Site, at: datetime) -> list[Problem]:
    """Return the problems at an instant."""
    with clock.frozen(at):
        return list(look_at_health(site).problems)


def told(site: Site, at: datetime) -> list[tuple[str, str | None, int, bool]]:
    """Return of each problem its code, source, count and whether it passes by itself."""
    return [(one.code, one.source, one.count, one.passing) for one in problems(site, at)]


def night(site: Site, at: datetime, records: int = 1000, seconds: float = 120.0, **said: Any) -> None:
    """Write a good run of both sources, of which the hub gave so many records in so many seconds."""
    complete = said.pop("complete", True)
    hub = {"source": "hub", "exports": {"people": {"read": records}}, "complete": complete}
    other = {"source": "community_support", "exports": {"people": {"read": 10}}}
    pulled = {"hub": seconds, "community_support": 1.0}
    ran(site, at, "hub", "community_support", **{"sources": [hub, other], "source_seconds": pulled, **said})


def nights(site: Site, numbers: list[int], *, every: timedelta = 7 * DAY) -> datetime:
    """Write a night with each number of records, the last of them at the instant that is returned."""
    for at, records in enumerate(numbers):
        night(site, local(FIRST + at * every), records)
    return local(FIRST + (len(numbers) - 1) * every)


def local(instant: datetime) -> datetime:
    """Return the slot of that London day, whatever the clocks did since."""
    return datetime.combine(instant.date(), FIRST.time(), LONDON)


def test_a_night_that_went_well_has_no_problem(site: Site) -> None:
    """At eight in the morning after a run of both sources."""
    night(site, FIRST)
    assert told(site, FIRST + timedelta(hours=6)) == []


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(minutes=30), []),
        (timedelta(minutes=31), [("H101", "community_support", 1, False), ("H101", "hub", 1, False)]),
        (
            2 * DAY + timedelta(minutes=31),
            [("H101", "community_support", 3, False), ("H101", "hub", 3, False)],
        ),
    ],
)
def test_a_slot_for_which_no_run_began_is_a_problem_after_its_time(
    site: Site, after: timedelta, expected: list[tuple[str, str | None, int, bool]]
) -> None:
    """Within half an hour it may still begin; then each slot that passed is counted, since the first."""
    night(site, FIRST - DAY)
    assert told(site, FIRST + after) == expected
    assert {one.since for one in problems(site, FIRST + after)} <= {FIRST.astimezone(UTC)}


def test_a_host_on_which_no_scheduler_was_ever_begun_is_told_of(tmp_path: Path) -> None:
    """Nothing was written down; the declared file is the witness since when there should have been runs."""
    site = site_at(tmp_path, source("hub"))
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/hub.yaml").touch()
    assert told(site, clock.now() + timedelta(minutes=1)) == []
    assert [(code, count) for code, _, count, _ in told(site, clock.now() + 3 * DAY)] in (
        [("H101", 2)],
        [("H101", 3)],
    )
    assert not (tmp_path / "var").exists(), "whoever looks writes nothing"


def test_a_slot_that_fell_into_a_pause_is_not_missed(site: Site) -> None:
    """Neither while the pause stands nor after it; the next slot is again."""
    night(site, FIRST - DAY)
    with clock.frozen(FIRST - timedelta(hours=3)):
        begin_pause(site, Pause(clock.now(), "operator", "a move", "hub", date(2026, 3, 4)))
    assert [one for one in told(site, FIRST + DAY) if one[1] == "hub"] == []
    over = datetime(2026, 3, 4, 2, 0, tzinfo=LONDON)
    assert [one for one in told(site, over) if one[1] == "hub"] == []
    assert ("H101", "hub", 1, False) in told(site, over + timedelta(hours=2))


def test_a_pause_that_cannot_be_read_is_a_problem_and_hides_no_other(site: Site) -> None:
    """The scheduler runs nothing then: both stand beside each other."""
    night(site, FIRST - DAY)
    pauses_path(site).write_bytes(b"{")
    assert {code for code, *_ in told(site, FIRST + DAY)} == {"H106", "H101"}


def begun(site: Site, at: datetime, tries: int = 1) -> None:
    """Write down, as the scheduler does, that the hub's run was begun at its slot."""
    known = Claim(FIRST - 100 * DAY)
    claims = {"hub": Claim(FIRST - 100 * DAY, at, tries, at, at), "community_support": known}
    write_claims(claims_path(site), claims)
    night(site, at - DAY)
    ran(site, at, "community_support")


def dies(site: Site, at: datetime) -> None:
    """Let a run of the hub beat once, as one that is killed within its first minute."""
    with clock.frozen(at), beating(site, f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-abcdef", ["hub"]):
        pass


def test_a_run_that_is_longer_than_its_limit_has_not_ended(site: Site) -> None:
    """Four hours may it take, a minute to stop, half an hour besides; the slot itself is not missed."""
    begun(site, FIRST)
    late = FIRST + timedelta(hours=4, minutes=31)
    assert told(site, late) == []
    assert told(site, late + MINUTE) == [("H102", "hub", 1, False)]


def test_a_run_whose_process_is_gone_is_told_of_and_is_no_matter_until_it_is_not_tried_again(
    site: Site,
) -> None:
    """After five minutes without a pulse. The schedule tries it half an hour after it began; half an hour
    later nobody did.
    """
    begun(site, FIRST)
    dies(site, FIRST)
    assert told(site, FIRST + 5 * MINUTE) == []
    assert told(site, FIRST + 6 * MINUTE) == [("H102", "hub", 1, True)]
    assert told(site, FIRST + 60 * MINUTE) == [("H102", "hub", 1, True)]
    assert told(site, FIRST + 61 * MINUTE) == [("H102", "hub", 1, False)]
    ran(site, FIRST + 62 * MINUTE, "hub")
    assert told(site, FIRST + 63 * MINUTE) == []


def test_a_run_that_was_killed_too_often_is_a_problem_at_once(site: Site) -> None:
    """Three tries after the first are spent: nobody will try it again tonight."""
    begun(site, FIRST, tries=4)
    dies(site, FIRST)
    assert told(site, FIRST + 6 * MINUTE) == [("H102", "hub", 1, False)]


def test_a_run_by_hand_that_was_killed_is_told_of_until_the_next_run(site: Site) -> None:
    """It has no slot and nobody tries it again; the night's run makes it good."""
    night(site, FIRST)
    dies(site, FIRST + timedelta(hours=9))
    assert told(site, FIRST + timedelta(hours=10)) == [("H102", "hub", 1, False)]
    night(site, FIRST + DAY)
    assert told(site, FIRST + DAY + 10 * MINUTE) == []


def test_a_run_beats_every_minute_and_stops_with_its_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pulse of a run at work moves on; nothing writes it after the end; a broken one tells nothing."""
    monkeypatch.setattr("scheduler.pulse.BEAT_SECONDS", 0.01)
    seen = set()
    with beating(site, "20260302T023000Z-abcdef", ["hub"]):
        while len(seen) < 3:
            seen.add(pulse_path(site).stat().st_ino)
    pulse, last = read_pulse(site), pulse_path(site).stat()
    assert pulse is not None
    assert (pulse.run_id, pulse.sources) == ("20260302T023000Z-abcdef", frozenset({"hub"}))
    assert pulse_path(site).stat() == last
    pulse_path(site).write_bytes(b"[]")
    assert read_pulse(site) is None


def test_a_disk_that_refuses_the_pulse_costs_nothing_but_the_pulse(tmp_path: Path) -> None:
    """Where a file stands in the place of the folder, the run goes on."""
    site = site_at(tmp_path)
    (tmp_path / "var").touch()
    done = []
    with beating(site, "20260302T023000Z-abcdef", ["hub"]):
        done.append("the run")
    assert done == ["the run"]


@pytest.mark.parametrize(
    ("numbers", "count"),
    [
        ([1000, 1010, 990, 1005, 1000], 0),
        ([1000, 1010, 990, 1005, 810], 0),
        ([1000, 1010, 990, 1005, 790], 212),
        ([1000, 1010, 990, 790], 0),
        ([1000, 600, 1400, 700, 1300, 1000, 640], 0),
        ([40, 41, 40, 42, 21], 0),
        ([40, 41, 40, 42, 19], 22),
        ([4, 4, 4, 4, 0], 0),
        ([5, 5, 5, 5, 0], 5),
        ([1000, 1000, 20, 1000, 1000, 1000], 0),
        ([1000, 1000, 20, 1000, 1000, 500], 500),
    ],
)
def test_far_fewer_records_than_that_weekdays_usual_is_a_problem(
    site: Site, numbers: list[int], count: int
) -> None:
    """Mondays alone are compared; too few of them judge nothing, a wide spread allows more, and one wild
    night moves nothing. The provider can act.
    """
    at = nights(site, numbers)
    found = problems(site, at + timedelta(hours=5))
    assert [(one.code, one.count) for one in found] == ([("H104", count)] if count else [])
    assert all((one.actor, one.provider) == (Actor.PROVIDER, "hub") for one in found)


def test_a_quiet_weekend_is_measured_by_weekends(site: Site) -> None:
    """Seven days a week for six weeks, a tenth on Sundays: no Sunday is a problem, a Friday like one is."""
    for week in range(6):
        for day in range(7):
            at = local(FIRST + (7 * week + day) * DAY)
            night(site, at, 100 if day == 6 else 1000)
            if week == 5:
                assert told(site, at + timedelta(hours=5)) == []
    friday = local(FIRST + (7 * 6 + 4) * DAY)
    for day in range(4):
        night(site, local(FIRST + (42 + day) * DAY), 1000)
    night(site, friday, 100)
    assert [code for code, *_ in told(site, friday + timedelta(hours=5))] == ["H104"]


def test_what_somebody_released_is_the_new_usual(site: Site) -> None:
    """A provider has left the hub: once it was said with --accept-drop, fewer are no problem any more."""
    nights(site, [1000] * 6)
    for week, said in ((6, {"accepted": ["accept_drop"]}), (7, {}), (8, {}), (9, {}), (10, {}), (11, {})):
        at = local(FIRST + week * 7 * DAY)
        night(site, at, 500, **said)
        assert told(site, at + timedelta(hours=5)) == [], week
    at = local(FIRST + 84 * DAY)
    night(site, at, 100)
    assert [one.count for one in problems(site, at + timedelta(hours=5))] == [400]


def test_too_little_history_is_said_and_raises_nothing(site: Site) -> None:
    """Three Mondays judge no fourth; the health of the source says so, with what it has."""
    at = nights(site, [1000, 1000, 1000, 10])
    with clock.frozen(at + timedelta(hours=5)):
        hub = look_at_health(site).sources[1]
    assert hub.records.to_json() == {
        "verdict": "too little history",
        "number": 10,
        "usual": None,
        "nights": 3,
    }


def test_a_night_that_reads_only_what_changed_is_no_measure_of_a_whole_one(site: Site) -> None:
    """Nor the other way round: whole nights are compared with whole ones, parts with parts."""
    for week in range(12):
        whole = week % 4 != 3
        night(site, local(FIRST + week * 7 * DAY), 1000 if whole else 30, complete=whole)
        assert told(site, local(FIRST + week * 7 * DAY) + timedelta(hours=5)) == []


@pytest.mark.parametrize(
    ("seconds", "codes"), [(110.0, []), (31.0, []), (29.0, ["H103"])], ids=["as ever", "quick", "too quick"]
)
def test_a_night_that_was_done_in_no_time_is_a_problem(site: Site, seconds: float, codes: list[str]) -> None:
    """Usually two minutes: less than a quarter of that is a problem, though every number is as ever."""
    for day in range(6):
        night(site, local(FIRST + day * DAY), seconds=118.0 + day)
    at = local(FIRST + 6 * DAY)
    night(site, at, seconds=seconds)
    assert [code for code, *_ in told(site, at + timedelta(hours=5))] == codes


def test_a_night_as_quick_as_one_before_it_is_none_that_was_never_seen(site: Site) -> None:
    """One of six took twenty seconds and was good; tonight took twenty-five."""
    for day, seconds in enumerate((118.0, 120.0, 20.0, 121.0, 119.0, 120.0, 25.0)):
        night(site, local(FIRST + day * DAY), seconds=seconds)
    assert told(site, local(FIRST + 6 * DAY) + timedelta(hours=5)) == []


def test_a_source_that_is_always_quick_is_never_too_quick(site: Site) -> None:
    """Below half a minute the machine's mood is larger than what could be told from it."""
    for day in range(6):
        night(site, local(FIRST + day * DAY), seconds=20.0)
    at = local(FIRST + 6 * DAY)
    night(site, at, seconds=0.5)
    assert told(site, at + timedelta(hours=5)) == []


def met(code: str, exit_code: int, source: str | None = None, flow: str | None = None) -> dict[str, Any]:
    """Return an error as a summary tells it to programs."""
    words = {"failure": "transient", "title": "T.", "remedy": "R."}
    return {"code": code, "exit_code": exit_code, "source": source, "flow": flow, **words}


def test_what_the_last_run_met_is_a_problem_since_it_was_first_met_without_a_break(site: Site) -> None:
    """The hub was away for two nights, the flow failed last night alone; each in the hands that can act."""
    away = met("E301", 20, source="hub")
    ran(site, FIRST - 2 * DAY, "hub", "community_support")
    ran(site, FIRST - DAY, "hub", "community_support", exit_code=20, met=[away])
    ran(site, FIRST, "hub", "community_support", exit_code=30, met=[away, met("E819", 30, flow="early_help")])
    found = problems(site, FIRST + timedelta(hours=5))
    assert [(one.key, one.actor, one.count, one.since) for one in found] == [
        ("E819/early_help", Actor.GOVERNANCE, 1, FIRST.astimezone(UTC)),
        ("E301/hub", Actor.IT, 2, (FIRST - DAY).astimezone(UTC)),
    ]


def test_an_error_of_a_source_stays_while_only_others_are_run(site: Site) -> None:
    """The hub is refused; a later run of the other source alone says nothing of it."""
    ran(site, FIRST, "hub", "community_support", exit_code=21, met=[met("E302", 21, source="hub")])
    ran(site, FIRST + timedelta(hours=1), "community_support", met=[])
    assert [one.key for one in problems(site, FIRST + timedelta(hours=5))] == ["E302/hub"]


def test_an_error_of_a_flow_stays_until_the_flow_is_run_or_is_no_more(site: Site) -> None:
    """A run by hand of another flow, and one that stopped before its flows, settle nothing; a whole run
    without that flow, which has ended, does.
    """
    failed, other = met("E819", 30, flow="early_help"), [{"flow": "commissioning", "entities": {}}]
    ran(site, FIRST, "hub", "community_support", exit_code=30, met=[failed], flows=[{"flow": "early_help"}])
    ran(site, FIRST + timedelta(hours=1), flows=other)
    ran(site, FIRST + timedelta(hours=2), "hub", "community_support", exit_code=11, met=[met("E702", 11)])
    found = problems(site, FIRST + timedelta(hours=3))
    assert [(one.key, one.since) for one in found] == [
        ("E819/early_help", FIRST.astimezone(UTC)),
        ("E702", (FIRST + timedelta(hours=2)).astimezone(UTC)),
    ]
    ran(site, FIRST + timedelta(hours=4), "hub", "community_support", flows=other)
    assert problems(site, FIRST + timedelta(hours=5)) == []


def test_what_is_tried_again_by_itself_is_told_as_passing_until_nobody_tries(site: Site) -> None:
    """Half an hour after the run the next try is due, and half an hour later it is late."""
    away = [met("E301", 20, source="hub")]
    ran(site, FIRST, "hub", "community_support", exit_code=20, again=["hub"], met=away)
    for minute, passing in ((1, True), (60, True), (61, False)):
        assert told(site, FIRST + minute * MINUTE) == [("E301", "hub", 1, passing)]


def test_days_that_are_near_are_told_by_the_calendar_of_today(site: Site) -> None:
    """Ten days before it nothing; five before it so many are left, and health still ends with 0; afterwards
    none is left, and it does not. Keys are for IT.
    """
    day = {"begins": False, "waived": False, "stops": "file", "on": "2026-03-20", "path": "validity/end"}
    key = {**day, "path": "keys/signing"}
    quiet = [{**day, "begins": True}, {**day, "waived": True}, {**day, "stops": "nothing"}]
    ran(site, FIRST, "hub", "community_support", days=[day, key, *quiet])
    with clock.frozen(FIRST):
        begin_pause(site, Pause(clock.now(), "operator", "a move"))
    assert told(site, FIRST + 8 * DAY) == []
    for at, left in ((FIRST + 13 * DAY, 5), (FIRST + 20 * DAY, 0)):
        found = problems(site, at)
        assert [(one.code, one.about, one.actor, one.count) for one in found] == [
            ("H105", "keys/signing", Actor.IT, left),
            ("H105", "validity/end", Actor.GOVERNANCE, left),
        ]
        assert {one.exit_code for one in found} == ({0} if left else {11})


def test_the_end_of_what_lets_us_into_the_landing_zone_is_news_at_thirty_seven_and_one_days(
    site: Site,
) -> None:
    """It is for IT; each of these days begins it anew, so that alerts say it again; once passed it counts."""
    day = {"begins": False, "waived": False, "stops": "flows", "on": "2026-04-20"}
    ran(site, FIRST, "hub", "community_support", days=[{**day, "path": "landing/batches_sas"}])
    last = datetime(2026, 4, 20, 12, tzinfo=LONDON)
    runs = tuple(past_runs(site.var / "runs"))
    found = {left: list(near_days(runs, last - left * DAY)) for left in (31, 30, 8, 7, 2, 1, 0, -1)}
    assert found.pop(31) == []
    assert [(left, one.count, one.exit_code, one.actor) for left, (one,) in found.items()] == [
        (left, max(left, 0), 0 if left >= 0 else 11, Actor.IT) for left in found
    ]
    since = [(last.date() - one.since.astimezone(LONDON).date()).days for (one,) in found.values()]
    assert since == [30, 30, 7, 7, 1, 1, 1]


@pytest.mark.parametrize(
    "days", [[{"secret-word": 1}], ["secret-word"], [None], "secret-word", {"on": 7}, 7,
             [{"on": "secret-word", "path": "x", "stops": "file", "begins": False}]],
)  # fmt: skip
def test_days_of_a_run_that_cannot_be_read_are_a_problem_and_no_traceback(site: Site, days: Any) -> None:
    """Which run it is is said, and nothing of what stands there."""
    ran(site, FIRST, "hub", "community_support", days=days)
    (problem,) = [one for one in problems(site, FIRST + 60 * MINUTE) if one.code == "H106"]
    assert (problem.exit_code, problem.about) == (
        70,
        f"runs/{next(past_runs(site.var / 'runs')).run_id}.json",
    )
    assert "secret-word" not in str(problem)


CHANGES = [datetime(2026, 3, 28, 12, tzinfo=LONDON), datetime(2026, 10, 24, 12, tzinfo=LONDON)]


@pytest.mark.parametrize("noon", CHANGES, ids=["March", "October"])
@pytest.mark.parametrize("slot", [time(0, 45), time(2, 30)], ids=str)
def test_the_nights_on_which_the_clocks_change_raise_nothing_and_hide_nothing(
    tmp_path: Path, noon: datetime, slot: time
) -> None:
    """A scheduler that lives: no problem at any half hour of that day. One that died the day before:
    one slot missed, from half an hour after its own wall-clock time on, and only one.
    """
    hub = source("hub", Timetable(at=[f"{slot:%H:%M}"], days=list(Day)))
    alive, dead = site_at(tmp_path / "alive", hub), site_at(tmp_path / "dead", hub)
    keeper = Keeper(alive)
    for site in (alive, dead):
        (site.var / "state").mkdir(parents=True)
        write_claims(claims_path(site), {"hub": Claim(noon - 2 * DAY)})
        ran(site, datetime.combine(noon.date(), slot, LONDON), "hub")
    due = datetime.combine(noon.date() + DAY, slot, LONDON).astimezone(UTC)
    for at in list(minutes(noon, noon + DAY))[::30]:
        keeper.look(at)
        assert told(alive, at) == []
        late = at > due + timedelta(minutes=30)
        assert told(dead, at) == ([("H101", "hub", 1, False)] if late else [])


def test_every_kind_of_problem_has_a_code_of_its_own_and_words() -> None:
    """Alerts and pages are written from these."""
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert all(kind.title.endswith(".") and kind.remedy and kind.exit_code >= 10 for kind in KINDS)


def test_a_problem_tells_names_instants_and_counts_alone(site: Site) -> None:
    """As JSON: nothing but what is in the list, every instant in UTC to the second."""
    night(site, FIRST - DAY)
    one = problems(site, FIRST + DAY + timedelta(hours=1))[0].to_json()
    assert json.loads(json.dumps(one)) == {
        "key": "H101/community_support",
        "code": "H101",
        "title": "Its slot has come and no run of it has begun.",
        "actor": "it",
        "since": "2026-03-02T02:30:00Z",
        "exit_code": 70,
        "remedy": one["remedy"],
        "count": 2,
        "source": "community_support",
        "flow": None,
        "provider": None,
        "about": None,
        "passing": False,
    }


def test_settings_say_what_is_late_and_what_is_few(site: Site) -> None:
    """A site that is stricter is told sooner."""
    strict = HealthSettings(begin_within_minutes=5, fewer_percent=5, fewer_records=10)
    at = nights(site, [1000, 1000, 1000, 1000, 940])
    assert told(site, at + 2 * timedelta(hours=5)) == []
    object.__setattr__(site, "health", strict)
    assert [code for code, *_ in told(site, at + timedelta(hours=5))] == ["H104"]
