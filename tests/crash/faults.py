"""A disk that refuses, and signals that ask for an end: what a verb must say then, and what it must leave."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from reports.exit_codes import EXIT_MEANINGS
from tests.crash.calls import OPENING
from tests.crash.forks import TEMPORARY
from tests.crash.points import Point
from tests.crash.tracing import Told

REFUSALS = {
    **dict.fromkeys(("write", "pwrite64", "sendfile"), ("ENOSPC", "EDQUOT", "EIO")),
    **dict.fromkeys(("openat", "mkdir", "rename"), ("ENOSPC", "EROFS", "EACCES")),
    **dict.fromkeys(("fsync", "fdatasync"), ("EIO", "ENOSPC")),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir", "chmod", "ftruncate"), ("EROFS", "EIO")),
}
CODES = {"TERM": 143, "INT": 130}
DONE = {0, 1}
# What may fail without a word: the operator's log, clearing away what the next night clears away too, and a
# copy by `sendfile`, in place of which Python reads and writes.
BORNE = re.compile(r"var/logs/viaduct\.jsonl|^(?:unlink|unlinkat|rmdir|sendfile) ")
HEAD = re.compile(r"E[0-9]{3}  \S")
INDENT = " " * 6
Judge = Callable[[Path, Told], list[str]]


def refusal_at(point: Point, turn: int) -> tuple[str, bool]:
    """Return how the disk refuses this call, in turn of all ways, and whether it refuses all after it too.

    A call that opens fails alone: others of its name only read.
    """
    ways = REFUSALS[point.name]
    return f"error={ways[turn % len(ways)]}", point.name not in OPENING


def refused(site: Path, told: Told) -> list[str]:
    """Return what is wrong with how the verb met a disk that refuses."""
    met = [call.label(str(site)) for call in told.trace.calls if call.injected]
    if not met:
        return ["nothing was refused"]
    code, said = told.said["code"], told.said["err"]
    if code in DONE:
        return [f"went on as if it had not been refused: {one}" for one in met if not BORNE.search(one)][:1]
    return [*_documented(code, said), *_native(told)]


def asked_to_end(signal: str) -> Judge:
    """Return what judges a verb that was sent this signal."""

    def judge(site: Path, told: Told) -> list[str]:
        code = told.said["code"]
        broken = [] if code == CODES[signal] else [f"ended with {code}: {told.said['err'][:300]}"]
        return [*broken, *_native(told), *(f"left behind: {name}" for name in half_done(site))]

    return judge


def half_done(site: Path) -> Iterator[str]:
    """Yield what only a process that was killed may leave: drafts, copies, temporary files."""
    for path in (site / "var").rglob(".*"):
        if not path.name.endswith(".lock"):
            yield path.relative_to(site).as_posix()
    yield from (path.name for path in (site / TEMPORARY).iterdir())


def four_lines(said: str) -> bool:
    """Return whether every error in what was said is four lines: code and title, then where, what, how."""
    lines = said.splitlines()
    heads = [number for number, line in enumerate(lines) if HEAD.match(line)]
    told = [lines[number + 1 : number + 4] for number in heads]
    return bool(heads) and all(
        len(rest) == 3 and all(line.startswith(INDENT) for line in rest) for rest in told
    )


def _documented(code: int | None, said: str) -> Iterator[str]:
    if code not in EXIT_MEANINGS:
        yield f"ended with {code}: {said[:300]}"
    if not four_lines(said):
        yield f"not told in four lines: {said[:300]}"
    if "E900" in said or "Traceback" in said:
        yield f"told as a fault of our own: {said[:300]}"


def _native(told: Told) -> Iterator[str]:
    if told.said["native"]:
        yield f"other people's code spoke: {told.said['native'][:200]}"
