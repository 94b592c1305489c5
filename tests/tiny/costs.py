"""What nights cost a machine that runs them for ever: memory, open files, threads, and files by room."""

import gc
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MEMORY_KB_A_NIGHT = 256
"""What a night may add to the memory of one process that runs all, over the second half of the nights."""


@dataclass(frozen=True)
class Costs:
    """What stands after one night."""

    memory_kb: int
    handles: int
    threads: int
    files: Counter[str]
    bytes: Counter[str]

    @classmethod
    def of(cls, var: Path) -> "Costs":
        """Measure this process and everything under `var/`, by room."""
        gc.collect()
        files: Counter[str] = Counter()
        sizes: Counter[str] = Counter()
        for path in var.rglob("*"):
            if path.is_file():
                room = room_of(path.relative_to(var))
                files[room] += 1
                sizes[room] += path.stat().st_size
        memory = psutil.Process().memory_info().rss // 1024
        return cls(memory, psutil.Process().num_fds(), threading.active_count(), files, sizes)

    def files_in(self, *rooms: str) -> int:
        """Return how many files stand in these rooms."""
        return sum(count for room, count in self.files.items() if room.split("/")[0] in rooms)


def room_of(path: Path) -> str:
    """Return the room a file stands in: two names of its way at most, and of a batch whether it is a body."""
    if path.parts[0] == "landing":
        return "landing/bodies" if path.suffix == ".age" else "landing/kept"
    if path.parts[0] == "runs":
        return "runs/kept" if path.name == "kept.jsonl" else "runs/summaries"
    return "/".join(path.parts[:2]) if len(path.parts) > 2 else path.parts[0]


@dataclass(frozen=True)
class Allowed:
    """What history declares: batches, versions and runs there were, and how many lie within each period."""

    batches: int
    versions: int
    batches_with_bodies: int
    runs_kept: int
    runs_stated: int
    runs: int


def grown(costs: Sequence[Costs], allowed: Allowed) -> list[str]:
    """Return what grew beyond what history declares, in words; the first third of the nights warms up."""
    early, last = costs[len(costs) // 3], costs[-1]
    found = [
        f"{name}: {before} after a third of the nights, {after} in the end"
        for name, before, after in (
            ("open files", early.handles, last.handles),
            ("threads", early.threads, last.threads),
        )
        if after > before
    ]
    return [*found, *_memory(costs), *_files(early, last, allowed), *_bytes(costs, allowed)]


def memory_kb_a_night(costs: Sequence[Costs]) -> float:
    """Return by how much memory grew a night in the second half, between its two lowest nights by quarter."""
    half = [one.memory_kb for one in costs[len(costs) // 2 :]]
    middle = len(half) // 2
    return (min(half[middle:]) - min(half[:middle])) / max(middle, 1)


def _memory(costs: Sequence[Costs]) -> list[str]:
    slope = memory_kb_a_night(costs)
    return [f"memory: {slope:.0f} KB a night"] if slope > MEMORY_KB_A_NIGHT else []


def _files(early: Costs, last: Costs, allowed: Allowed) -> list[str]:
    """Return which rooms hold more files than they may; in rooms that are no history, more than early on."""
    most = {
        "landing/kept": 3 * allowed.batches,
        "landing/bodies": FILES_OF_A_BODY * allowed.batches_with_bodies,
        "runs/summaries": allowed.runs_kept,
        "runs/kept": 1,
        "reports/governance": PAGES_OF_NO_RUN + allowed.runs_kept,
        "state/outbox": FLOWS * (FILES_OF_A_BODY + FILES_BESIDE_A_BODY),  # a batch of each may wait
        "statements": FILES_OF_A_STATEMENT * allowed.runs_stated,
        "log/people": allowed.batches,
        "log/assessments": allowed.versions,
        "log/signatures": allowed.versions,
    }
    return [
        f"{room}: {last.files[room]} files, allowed {bound}"
        for room in sorted(last.files)
        if last.files[room] > (bound := most.get(room, early.files[room] + SPARE))
    ]


def bytes_most(allowed: Allowed) -> dict[str, int]:
    """Return how many bytes each room may hold that history makes larger."""
    return {
        "log": 6_000 * allowed.runs,
        "log/assessments": 48_000 * allowed.versions,  # the tiny site's own has 46,000 bytes of JSON
        "log/people": 1_000 * allowed.batches,
        "landing/kept": 6_000 * allowed.batches,
        "runs/kept": 1_000 * allowed.runs,
        "runs/summaries": 64_000 * allowed.runs_kept,
        "reports/governance": 64_000 * (PAGES_OF_NO_RUN + allowed.runs_kept),
        "statements": 200_000 * allowed.runs_stated,
    }


def bytes_of_state(one: Costs) -> int:
    """Return the bytes of what tells the next night what was: all of it but what waits to be sent."""
    return sum(
        size for room, size in one.bytes.items() if room.startswith("state") and room != "state/outbox"
    )


def _bytes(costs: Sequence[Costs], allowed: Allowed) -> list[str]:
    """Return which rooms hold more bytes than history explains, and whether the state grew by itself."""
    early, last = costs[: len(costs) // 3 + 1], costs[-1]
    found = [
        f"{room}: {last.bytes[room]} bytes, allowed {most}"
        for room, most in bytes_most(allowed).items()
        if last.bytes[room] > most
    ]
    before, after = max(map(bytes_of_state, early)), bytes_of_state(last)
    if after > before * STATE_GROWS_AT_MOST:
        found.append(f"state: {before} bytes in the first third of the nights, {after} in the end")
    return found


STATE_GROWS_AT_MOST = 1.5
"""Records come and go; the sites of the tests never hold many more than they once did."""
FILES_OF_A_BODY = 14
"""Seven entities, each with a file of rows and one of withdrawals."""
FLOWS, FILES_BESIDE_A_BODY = 2, 6
"""A flow whose batch waits seals no other; beside its body lie manifest, signature and what it will be."""
FILES_OF_A_STATEMENT = 3
PAGES_OF_NO_RUN = 40
SPARE = 2
"""A batch that waits, or a lock, may be there on one of two nights and not on the other."""
