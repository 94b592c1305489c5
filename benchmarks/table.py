"""The results: merged into one file, printed as a table with the ratios that were aimed at."""

import json
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured
from common import clock

RESULTS = Path(__file__).with_name("results.json")
Found = dict[tuple[str, int], dict[str, Any]]


def merge(path: Path, measured: list[Measured]) -> Found:
    """Return every result known, new ones in place of old ones of the same job and size; write them down."""
    return _kept(path, {(one.job, one.rows): one.to_json() for one in measured})


def keep_apart(path: Path, job: str, rows: int, command: str, figures: dict[str, Any]) -> Found:
    """Return every result known, and what a benchmark of its own found; write them down.

    Given: its size, in the unit that its page names; its command and figures, which are kept with the day.
    """
    told = {"job": job, "rows": rows, "measured_on": clock.today().isoformat(), "command": command}
    return _kept(path, {(job, rows): told | figures})


def _kept(path: Path, new: Found) -> Found:
    known: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    found = {(one["job"], one["rows"]): one for one in known} | new
    lines = [json.dumps(found[key]) for key in sorted(found, key=lambda key: (key[1], key[0]))]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    return found


def shown(found: Found, rows: int) -> str:
    """Return one size as a table: each job, and how often its CPU goes into Viaduct's."""
    own = found.get(("viaduct", rows))
    lines = [f"{rows:,} referrals", f"{'job':12}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}{'viaduct is':>16}"]
    for (job, size), one in sorted(found.items()):
        if size == rows and "peak_mib" in one:
            ratio = f"{own['cpu_seconds'] / one['cpu_seconds']:.2f} times" if own and job != "viaduct" else ""
            lines.append(
                f"{job:12}{one['cpu_seconds']:>9.2f}{one['wall_seconds']:>9.2f}{one['peak_mib']:>10.0f}{ratio:>16}"
            )
    return "\n".join(lines)


def aims(found: Found) -> str:
    """Return each aim with what was measured, where both of its sides were."""
    lines = []
    for words, job, other, rows, most, what in AIMS:
        one, two = found.get(job), found.get(other)
        if one and two:
            ratio = one[what] / two[what]
            verdict = "reached" if ratio <= most else "not reached"
            lines.append(f"{words} ({rows}): {ratio:.2f}, at most {most:g}: {verdict}")
    return "\n".join(lines)


def _against(words: str, other: str, most: float, rows: int) -> tuple[Any, ...]:
    return (words, ("viaduct", rows), (other, rows), f"{rows:,}", most, "cpu_seconds")


SIZES = (5_000, 100_000, 1_000_000)
AIMS: list[tuple[Any, ...]] = [
    *[_against("CPU against the script", "script", 1.3, rows) for rows in SIZES[1:]],
    *[_against("CPU against dlt by rows", "dlt_rows", 1 / 8, rows) for rows in SIZES[1:]],
    _against("CPU against dlt by Arrow, load only", "dlt_arrow", 1.0, 1_000_000),
    _against("CPU against its imports", "imports", 4.0, 5_000),
    (
        "Peak memory against 100,000",
        ("viaduct", 1_000_000),
        ("viaduct", 100_000),
        "1,000,000",
        2.0,
        "peak_mib",
    ),
]
