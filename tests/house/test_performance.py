"""The figures of docs/performance.md are those that the benchmarks have left in results.json."""

import json
import re

import pytest

from benchmarks.table import RESULTS
from tests.front_door import ROOT

PAGE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
FOUND = {(one["job"], one["rows"]): one for one in json.loads(RESULTS.read_text(encoding="utf-8"))}
JOBS = {key: one for key, one in FOUND.items() if "peak_mib" in one}
APART = {key: one for key, one in FOUND.items() if "command" in one}
SECONDS = {
    "person_history": "`audit person`, the process from start to end",
    "person_history_proof": "the same with the proof of every absence (`--proof`)",
    "incident_batch": "`audit incident` about one batch (4,000 people), the process from start to end",
    "incident_all": "the same about all 2,000 batches, nobody counted twice",
}


def row(beginning: str) -> list[str]:
    """Return the cells of the one line of a table that begins so, without their emphasis."""
    (line,) = re.findall(rf"^\| (?:\*\*)?{re.escape(beginning)}(?:\*\*)? \|.*$", PAGE, re.MULTILINE)
    return [cell.strip().strip("*") for cell in line.strip("|").split("|")]


@pytest.mark.parametrize(("job", "size"), sorted(JOBS))
def test_the_table_says_what_each_job_cost(job: str, size: int) -> None:
    """CPU, wall and memory of each job at each size, rounded as the page does."""
    one = JOBS[job, size]
    cost = f"{one['cpu_seconds']:.2f} | {one['wall_seconds']:.1f} | {one['peak_mib']:.0f}"
    told = f"| {size:,} | `{job}` | {cost} |"
    assert PAGE.count(told) == 1


@pytest.mark.parametrize("job", SECONDS)
def test_what_a_question_to_a_long_log_cost_is_what_was_measured(job: str) -> None:
    """CPU seconds, and seconds by the clock, of a log of a thousand nights."""
    one = APART[job, 1000]
    assert [float(cell) for cell in row(SECONDS[job])[1:]] == [one["cpu_seconds"], one["wall_seconds"]]


def test_the_share_of_deciding_and_logging_is_what_was_measured() -> None:
    """In its own table, and among what was aimed at, where the four are added up as well."""
    one = APART["deciding_and_logging", 100_000]
    shares = {name: round(share * 100) for name, share in one["shares"].items()}
    assert row("deciding and logging")[-1] == f"{shares['deciding and logging']} %"
    assert float(row("the whole night")[-2]) == one["cpu_seconds"]
    four = shares["deciding and logging"] + shares["pseudonyms"] + shares["fingerprints"]
    aim = row("deciding and logging at most a quarter of the night's CPU")
    assert aim[2] == f"{shares['deciding and logging']} % ({four} % with pseudonyms and fingerprints)"
    person = APART["person_history", 1000]
    said = f"{person['wall_seconds']} s the process by the clock, {person['cpu_seconds']} CPU s"
    assert row("`audit person` in under a second")[2] == said


def test_every_figure_that_was_measured_apart_says_when_and_how() -> None:
    """A day and a command that is one of the benchmarks; and none is kept that the page does not tell of."""
    assert {job for job, _ in APART} == {*SECONDS, "deciding_and_logging"}
    for one in APART.values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", one["measured_on"])
        assert (ROOT / f"{one['command'].split()[-1].replace('.', '/')}.py").is_file()
