"""The figures of docs/performance.md are those that the benchmarks have left in results.json."""

import json
import re
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest

from benchmarks.table import RESULTS
from tests.front_door import ROOT

PAGE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
FOUND = {(one["job"], one["rows"]): one for one in json.loads(RESULTS.read_text(encoding="utf-8"))}
JOBS = {key: one for key, one in FOUND.items() if "peak_mib" in one}
APART = {key: one for key, one in FOUND.items() if "command" in one}


def cpu_of(part: str) -> Callable[[dict[str, Any]], float]:
    """Return what takes the part's CPU seconds out of a result."""
    return lambda one: one["cpu_seconds"][part]


SECONDS = {
    "person_history": "`audit person`, the process from start to end",
    "person_history_proof": "the same with the proof of every absence (`--proof`)",
    "incident_batch": "`audit incident` about one batch (4,000 people), the process from start to end",
    "incident_all": "the same about all 2,000 batches, nobody counted twice",
}
CHECKS = {
    "canonical records checked": (itemgetter("records"), ""),
    "partitions": (itemgetter("partitions"), ""),
    "findings": (itemgetter("findings"), ""),
    "completing, checking and counting, CPU s": (cpu_of("examining"), ".2f"),
    "of it checks, with what is counted": (cpu_of("checks and counting"), ".2f"),
    "of that counting for causes": (cpu_of("counting causes"), ".2f"),
    "of that counting by field and month": (cpu_of("counting fields"), ".2f"),
    "recording what was found, CPU s": (cpu_of("recording what was found"), ".2f"),
    "held in memory before, MiB": (itemgetter("mib_before"), ""),
    "most held while examining, MiB": (itemgetter("most_mib"), ""),
}

STAGES = {
    "opening": "opening the warehouse",
    "counting": "counting",
    "planning what is hidden": "planning what is hidden",
    "attacking it": "attacking it (the gate)",
    "figures": "figures of the counts",
    "writing": "writing and signing the edition",
    "page": "its page",
    "views": "the views of it",
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


@pytest.mark.parametrize(("column", "size"), [(1, 100_000), (2, 1_000_000)])
def test_what_the_checks_alone_cost_is_what_was_measured(column: int, size: int) -> None:
    """Records, findings, memory, the CPU seconds of each part; at a million, of recording findings too."""
    one = APART["checks", size]
    told = {words: row(words)[column].replace(",", "") for words in CHECKS}
    assert told == {words: f"{found(one):{shape}}" for words, (found, shape) in CHECKS.items()}
    for night, cost in one["recording"].items() if size == 1_000_000 else ():
        assert row(night)[1:] == [f"{cost['cpu_seconds']:.2f}", str(cost["most_mib"])]


@pytest.mark.parametrize(("column", "size"), [(1, 10_000), (2, 100_000), (3, 1_000_000)])
def test_what_publishing_figures_cost_is_what_was_measured(column: int, size: int) -> None:
    """The whole verb and each of its stages: CPU seconds, and the most memory."""
    one = APART["feed", size]
    assert row("rows of the flow")[column].replace(",", "") == str(one["rows_of_the_flow"])
    told = [row(words)[column].strip("*") for words in ("the whole verb, CPU s", "most memory, MiB")]
    assert told == [str(one["cpu_seconds"]), str(one["most_mib"])]
    for name, words in STAGES.items():
        spent = one["stages"][name]
        assert row(f"{words}: CPU s, MiB")[column] == f"{spent['cpu_seconds']}, {spent['most_mib']}"


def test_every_figure_that_was_measured_apart_says_when_and_how() -> None:
    """A day and a command that is one of the benchmarks; and none is kept that the page does not tell of."""
    assert {job for job, _ in APART} == {*SECONDS, "deciding_and_logging", "checks", "feed"}
    for one in APART.values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", one["measured_on"])
        assert (ROOT / f"{one['command'].split()[-1].replace('.', '/')}.py").is_file()
