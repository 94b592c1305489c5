"""A run killed at any boundary and started again ends as if it had never been killed (promise 5)."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.killed_nights import Left, NightRunner, assert_whole, files_of, outbox, what_is_left
from tests.nights import NightSite
from tests.reliability.places import in_turn, takes_turns
from tests.small_sample import a_day_later, small_sample
from tests.today import SEED

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Nights are forked to be killed one by one.")
GOOD = {0, 1}
HANDING_OVER = (
    "planned", "sealed", "logged", "delivered", "loaded", "receipted", "receipt_logged", "memory_moved",
    "remembered",
)  # fmt: skip
AGAIN = ("memory_moved",)
KILLS_AMONG_CALLS = 2
BUGS = {"remember_before_receipt": "memory_moved", "forget_outbox": "delivered"}
"""What is planted, and the step that is killed."""


@dataclass(frozen=True)
class Night:
    """An undisturbed first night: its steps, the site as it stood at each of them, and what it left."""

    steps: list[str]
    album: list[Path]
    files: list[set[str]]
    left: Left


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NightRunner]:
    """Return what runs nights on copies of a small site."""
    folder = tmp_path_factory.mktemp("kills")
    NightSite.of(folder / "template", small_sample(), alone=True)
    without(folder / "template", ("relationships", "needs", "risks", "outcomes"))
    with NightRunner(folder / "template") as runner:
        yield runner


@pytest.fixture(scope="module")
def undisturbed(runner: NightRunner) -> Night:
    """Return a first night that nobody disturbs, photographed at every step."""
    site = runner.copy("undisturbed")
    album = site.with_name("album")
    said = runner.night(site, album=str(album))
    assert said["exit_code"] in GOOD
    left = what_is_left(site)
    assert len(left.rows['early_help."referral"']) > 20
    shown = sorted(album.iterdir())
    return Night(said["seen"], shown, [files_of(one) for one in shown], left)


def test_a_night_reaches_every_step_for_both_flows(undisturbed: Night) -> None:
    """The list of steps that the sweep goes through is whole: the nine of handing over come twice."""
    assert [step for step in undisturbed.steps if step in HANDING_OVER] == [*HANDING_OVER, *HANDING_OVER]
    assert {"pulled", "gathered", "indexed", "examined"} <= set(undisturbed.steps)
    assert len(undisturbed.album) == len(undisturbed.steps)


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.soak)])
def test_killed_at_any_step_the_next_run_ends_as_if_it_never_was(
    runner: NightRunner, undisturbed: Night, every: int
) -> None:
    """From what stands on the disk at each step of the first night, the next run finishes the same bytes and
    ends with equal rows, equal memory, every number once and a log that verifies. Before a batch is sealed
    nothing of the night is anywhere but in drafts and safety marks. There are nine steps for each of two
    flows: every second one is each of them once, a third of these on each day.
    """
    sealed, today = undisturbed.steps.index("sealed"), 2 * SEED % every
    for number, (step, site) in enumerate(zip(undisturbed.steps, undisturbed.album, strict=True)):
        if number < sealed:
            assert_nothing_was_sent(site)
        if number < sealed - 1 or (number - sealed) % every != today:
            continue  # what is there before the first seal is there at the next step too
        waiting = [name for name in outbox(site) if not name.startswith(".")]
        said = runner.night(site)
        assert said["exit_code"] in GOOD, step
        assert_whole(site, undisturbed.left)
        finished = said["summary"]["earlier_batches"]
        assert [batch["batch_id"].partition("/")[2] for batch in finished] == waiting, step


@takes_turns(0, of=2)
def test_killed_again_at_the_same_step_the_third_run_ends_well(
    runner: NightRunner, undisturbed: Night
) -> None:
    """A process killed outright leaves what the photograph shows; a recovery that is killed at the same
    step is no worse off; then an idle night sends nothing.
    """
    for step in AGAIN:
        site = runner.copy(f"twice-{step}")
        assert runner.night(site, kill_on=step)["signal"] == signal.SIGKILL
        assert files_of(site) == undisturbed.files[undisturbed.steps.index(step)], step
        assert runner.night(site, kill_on=step)["signal"] == signal.SIGKILL
        assert runner.night(site)["exit_code"] in GOOD
        assert_whole(site, undisturbed.left)
    idle = runner.night(site)["summary"]
    assert [flow["state"] for flow in idle["flows"]] == ["nothing_sent", "nothing_sent"]
    assert_whole(site, undisturbed.left)


@takes_turns(1, of=2)
def test_killed_within_a_changed_night_the_warehouse_still_agrees(runner: NightRunner) -> None:
    """Killed just before one of its calls that change a file, anywhere between sealing and the end of a
    night that changes and withdraws records, the next run ends as an undisturbed one does.
    """
    first = runner.copy("first")
    assert runner.night(first)["exit_code"] in GOOD
    NightSite(first).drop(a_day_later())
    whole = runner.copy("whole", of=first)
    said = runner.night(whole, calls=True)
    assert said["exit_code"] in GOOD
    counts = [counts for flow in said["summary"]["flows"] for counts in flow["entities"].values()]
    assert sum(one["withdrawn"] for one in counts) > 10
    wanted, calls = what_is_left(whole), len(said["seen"])
    for turn in range(KILLS_AMONG_CALLS):
        site = runner.copy(f"call-{turn}", of=first)
        at = calls - (calls * 3 // 4) * turn // KILLS_AMONG_CALLS
        assert runner.night(site, calls=True, kill_at=at)["signal"] == signal.SIGKILL
        assert runner.night(site)["exit_code"] in GOOD
        assert_whole(site, wanted)


def test_a_full_disk_changes_nothing(runner: NightRunner, undisturbed: Night) -> None:
    """When the disk takes no more while a batch is sealed, nothing is logged, sent, loaded or remembered;
    when it does again, the night ends as an undisturbed one does.
    """
    site = runner.copy("full")
    said = runner.night(site, largest_file=30_000)
    assert (said["signal"], said["exit_code"]) == (0, 50)
    assert_nothing_was_sent(site)
    assert not list((site / "var").glob("warehouse.duckdb"))
    assert runner.night(site)["exit_code"] in GOOD
    assert_whole(site, undisturbed.left)


@pytest.mark.parametrize("bug", in_turn(*BUGS))
def test_the_sweep_sees_a_planted_bug(runner: NightRunner, undisturbed: Night, bug: str) -> None:
    """A product that remembers before the receipt, or seals anew what was sealed, fails the same checks."""
    site = runner.copy(f"bug-{bug}")
    assert runner.night(site, bug=bug, kill_on=BUGS[bug])["signal"] == signal.SIGKILL
    runner.night(site, bug=bug)
    assert not ends_whole(site, undisturbed.left)


def ends_whole(site: Path, wanted: Left) -> bool:
    """Return whether the site passes what every site of the sweep must pass."""
    try:
        assert_whole(site, wanted)
    except Exception:  # noqa: BLE001 - a missing table is as good a failure as a missing row
        return False
    return True


def assert_nothing_was_sent(site: Path) -> None:
    """Nothing is in the landing zone, the log has no batch, no memory exists."""
    assert not list((site / "var/landing").rglob("manifest.json"))
    leaves = site / "var/log/leaves.jsonl"
    assert not leaves.exists() or b'"kind":"batch"' not in leaves.read_bytes()
    assert not list((site / "var/state/memory").glob("*.parquet"))
    assert not [name for name in outbox(site) if not name.startswith(".")]


def without(site: Path, exports: tuple[str, ...]) -> None:
    """Take exports out of every source, so that a night is short."""
    for path in (site / "sources").glob("*.yaml"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.strip().startswith(tuple(f"{name}:" for name in exports))]
        path.write_text("".join(kept), encoding="utf-8")
