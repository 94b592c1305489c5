"""Readings of run summaries: why nothing was sent, and summaries of a version that wrote less."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from common import clock
from sync.fates import Fates, remembered
from sync.governance.choices_applied import choices_applied
from sync.governance.nothing_sent import nothing_sent
from sync.governance.summaries import whole
from sync.plan import FATE_HELD, FATE_WITHHELD

LATE, LOCKED = "E806  No receipt came in time.", "E701  The assessment does not load."


def run(number: int, *flows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the summary of a run, with as little in it as the oldest version wrote."""
    said = {"run_id": f"2022120{number}T020000Z-00000{number}", "started_at": f"2022-12-0{number}T02:00:00Z"}
    return said | {"flows": list(flows)} | more


def flow(name: str, state: str, error: list[str] | None = None) -> dict[str, Any]:
    return {"flow": name, "state": state, "error": error}


def told(tmp_path: Path, *runs: dict[str, Any]) -> dict[str, Any]:
    (tmp_path / "runs").mkdir(exist_ok=True)
    return nothing_sent(SimpleNamespace(var=tmp_path), whole(runs))  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["remembered", "delivered", "receipted", "refused"])
def test_what_was_delivered_was_sent_whatever_came_of_it(tmp_path: Path, state: str) -> None:
    """A batch that was refused, or has no answer yet, left all the same."""
    found = told(tmp_path, run(1, flow("a", state, [LATE]), flow("b", "nothing_sent")))
    assert (found["runs_that_sent"], found["silent"]) == (1, [])


def test_a_run_that_stopped_and_a_flow_that_stopped_say_why_in_the_error_s_words(tmp_path: Path) -> None:
    """The first line of the error; a run without a change is silent and has not stopped."""
    found = told(
        tmp_path,
        run(3, errors=[[LOCKED, "dpia.yaml"]], exit_code=10),
        run(2, flow("a", "nothing_sent", ["E802  Far fewer records than usual.", "source hub"])),
        run(1, flow("a", "nothing_sent")),
    )
    assert (found["runs_that_sent_nothing"], found["of_them_stopped"]) == (3, 2)
    stopped, braked, quiet = found["silent"]
    assert (stopped["stopped"], stopped["flows"]) == (LOCKED, {})
    assert braked["flows"]["a"] == {"state": "stopped", "why": "E802  Far fewer records than usual."}
    assert quiet["flows"]["a"]["why"] == "nothing had changed since the last batch"


def test_a_batch_of_an_earlier_run_that_leaves_tonight_counts_as_sent(tmp_path: Path) -> None:
    """What a run delivers of the night before left in this run."""
    earlier = [flow("a", "remembered")]
    found = told(tmp_path, run(1, flow("a", "nothing_sent"), earlier_batches=earlier))
    assert found["runs_that_sent"] == 1


def test_a_swept_run_is_not_missing(tmp_path: Path) -> None:
    """Of an old run one line is kept: it has left a summary. Another, in the log alone, has not."""
    lines = [
        f'{{"at":"2022-12-0{n}T02:00:00Z","identity":"run:2022120{n}T020000Z-00000{n}"}}' for n in (1, 2)
    ]
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "leaves.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "runs").mkdir()
    kept = json.dumps({"run_id": run(1)["run_id"]})
    (tmp_path / "runs" / "kept.jsonl").write_text(kept + "\n", encoding="utf-8")
    assert [one["run"] for one in told(tmp_path)["without_summary"]] == [run(2)["run_id"]]


def test_a_register_that_no_run_relied_on_applied_nothing() -> None:
    """Received while the register was too old: not applied until a run relies on it."""

    def read(number: int, state: str, received: int) -> dict[str, Any]:
        said = {"choice": "court_order", "register": "rights/orders", "flows": ["a"], "effect": "withhold"}
        said |= {"state": state, "as_of": "2022-11-01", "age_days": 30, "max_age_days": 31}
        return run(number, choices=[said | {"received": {"2022-12-02": received}}])

    old, fresh = read(2, "E764", 2), read(3, "in_force", 2)
    assert choices_applied(whole([old]))["registers"][0]["received"][0]["applied_by"] is None
    (received,) = choices_applied(whole([fresh, old, read(1, "in_force", 1)]))["registers"][0]["received"]
    assert received["applied_by"] == fresh["run_id"]


def stayed(state: Path, day: int, *rows: tuple[str, int, str, bytes, int]) -> pl.DataFrame:
    """Return what is remembered after a night on which these stayed: reason, fate, source, key, person."""
    with clock.frozen(datetime(2022, 12, day, 2, tzinfo=UTC)):
        fates = Fates(state, "a")
        schema = {
            "_reason": pl.String,
            "_fate": pl.Int64,
            "_source": pl.String,
            "_key": pl.Binary,
            "_who": pl.UInt64,
        }
        fates.note({"person": pl.DataFrame(list(rows), schema=schema, orient="row")})
        fates.settle([])
    return remembered(fates.path).collect()


def test_a_person_keeps_their_day_under_a_new_key_and_gets_another_with_another_reason(
    tmp_path: Path,
) -> None:
    """Three nights: the same reason under a new key of the flow; then a check in place of the cohort."""
    stayed(tmp_path, 1, ("cohort", FATE_WITHHELD, "hub", b"one", 7))
    second = stayed(
        tmp_path, 5, ("cohort", FATE_WITHHELD, "hub", b"two", 7), ("cohort", FATE_WITHHELD, "hub", b"x", 8)
    )
    assert dict(second.select("person", "since").iter_rows()) == {7: date(2022, 12, 1), 8: date(2022, 12, 5)}
    third = stayed(tmp_path, 9, ("check:PER-12", FATE_HELD, "hub", b"two", 7))
    assert third["since"].to_list() == [date(2022, 12, 9)]


def test_a_file_of_before_there_were_days_is_read_as_having_none(tmp_path: Path) -> None:
    """The next night dates its people anew; until then the day is not known."""
    stayed(tmp_path, 1, ("cohort", FATE_WITHHELD, "hub", b"one", 7))
    path = tmp_path / "fates" / "a.parquet"
    pl.read_parquet(path).drop("since", "person").write_parquet(path)
    assert remembered(path).collect()["since"].to_list() == [None]
    again = stayed(tmp_path, 3, ("cohort", FATE_WITHHELD, "hub", b"one", 7))
    assert again["since"].to_list() == [date(2022, 12, 3)]
