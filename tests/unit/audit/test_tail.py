"""The end of the log tells what is new without the rest being read."""

from pathlib import Path
from typing import get_args

import pytest

from audit.errors import DisclosureLogBroken
from audit.ledger import OfNoRun
from audit.log import DisclosureLog
from audit.tail import OF_NO_RUN, checkpoint_at, leaves_of_run, lines_from_the_end, runs_since
from tests.unit.audit.test_log import SIGNER, VERIFIER, add, base, batch, begun, receipt, run_id

FORGOTTEN = {"kind": "forgotten", "reason": "erasure", "approver": "somebody", "flows": ["early_help"]}


@pytest.fixture
def log(tmp_path: Path) -> DisclosureLog:
    """Return a log of three nights: the first's batch is answered in the third, the second sends nothing."""
    made = DisclosureLog(tmp_path / "log", SIGNER)
    for leaf in (begun(1), batch(1, 1), begun(2), receipt(1, 1), begun(3), batch(3, 2)):
        add(made, leaf)
    add(made, base(9, "forgotten") | FORGOTTEN | {"kept_in": [], "secret": "none"})
    return made


def new(
    log: DisclosureLog, folder: Path, told: dict[int, int], oldest: int = 0
) -> list[tuple[str, int, int]]:
    """Return of each run with something new: its name, up to which size, and how many leaves it has."""
    kept = {run_id(night): size for night, size in told.items()}
    found = runs_since(folder / "log", log.checkpoint.size, kept.get, run_id(oldest))
    return [(one.run, one.size, len(one.leaves)) for one in found]


FIRST, SECOND, THIRD = (run_id(1), 4, 3), (run_id(2), 3, 1), (run_id(3), 6, 2)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, [SECOND, FIRST, THIRD]),
        ({1: 2}, [SECOND, FIRST, THIRD]),
        ({1: 2, 2: 3}, [FIRST, THIRD]),
        ({1: 4, 2: 3}, [FIRST, THIRD]),
        ({1: 4, 2: 3, 3: 6}, []),
        ({3: 6}, []),
    ],
)
def test_what_is_new_begins_where_the_latest_run_that_is_told_of_says(
    log: DisclosureLog, tmp_path: Path, told: dict[int, int], found: list[tuple[str, int, int]]
) -> None:
    """Each run is found whole, an answer of a later night with the run that it answers, in the log's order;
    that somebody was forgotten is of no run.
    """
    assert new(log, tmp_path, told) == found


def test_a_run_of_before_the_oldest_that_counts_is_not_looked_for(log: DisclosureLog, tmp_path: Path) -> None:
    """Of nights before it nothing is found, though something new is said of one."""
    assert new(log, tmp_path, {}, oldest=2) == [SECOND, THIRD]
    assert new(log, tmp_path, {}, oldest=4) == []


def test_of_a_long_log_only_its_end_is_read(log: DisclosureLog, tmp_path: Path) -> None:
    """Put before it many lines that are no leaves: the last nights are found all the same; who asks for a run
    that is not among them meets the rubbish, which shows that it is there.
    """
    path, before = tmp_path / "log" / "leaves.jsonl", 100_000
    path.write_bytes(b"no leaf\n" * before + path.read_bytes())
    size = before + log.checkpoint.size
    found = runs_since(tmp_path / "log", size, {run_id(2): before + 3}.get)
    assert [(one.run, one.size - before) for one in found] == [(FIRST[0], 4), (THIRD[0], 6)]
    with pytest.raises(DisclosureLogBroken):
        leaves_of_run(tmp_path / "log", size, run_id(7))


def test_lines_come_whole_and_in_turn_however_the_blocks_fall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines longer and shorter than a block, and the last one without its end."""
    lines = [b"a" * 7, b"b", b"c" * 30, b"d" * 8, b"e"]
    path = tmp_path / "lines"
    for block in range(1, 40):
        monkeypatch.setattr("audit.tail.BLOCK", block)
        path.write_bytes(b"\n".join(lines) + b"\n")
        assert list(lines_from_the_end(path)) == lines[::-1], block
    path.write_bytes(b"")
    assert list(lines_from_the_end(path)) == []


def test_the_checkpoint_over_a_leaf_is_the_one_that_was_signed_then(
    log: DisclosureLog, tmp_path: Path
) -> None:
    """It is found by its size; of a size that no checkpoint ever had there is none."""
    assert checkpoint_at(tmp_path / "log", log.checkpoint.size, VERIFIER) == log.checkpoint
    assert checkpoint_at(tmp_path / "log", 3, VERIFIER).size == 3
    with pytest.raises(DisclosureLogBroken):
        checkpoint_at(tmp_path / "log", 99, VERIFIER)


def test_what_is_of_no_run_is_known_by_its_kind() -> None:
    """Of every kind that is logged under a name of its own, and of no other."""
    kinds = {get_args(one.model_fields["kind"].annotation)[0] for one in get_args(OfNoRun)}
    assert kinds == OF_NO_RUN
    assert {"access", "forgotten", "reidentification"} <= kinds
    assert not kinds & {"run", "batch", "receipt", "nothing_sent"}
