"""One first night in a process of its own, watched: its peak memory, what it held on disk, and in what form.

`python -m tests.bounded_night SITE` prints one JSON object. Everything that waits, waits on disk; at each
step the files without a name that this process holds are measured and looked through for values.
"""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from config.site import load_site
from connectors.spool import Spool
from sync import place as workplace
from sync.run import Wish, run_sync
from tests.nights import ACCEPTED_BY

# Of the invented exports: a reference, the stems of two cells, names of columns, and how our tables begin;
# each long enough not to stand in sealed bytes by chance.
CLEAR = (b"HP000001", b"Zqsur", b"Zqtxt", b"Diary Reference Number", b"family_name", b"ARROW1", b"PAR1\x15")
PIECE_BYTES = 1 << 22


class Watch:
    """What the process held on disk without a name, step by step."""

    def __init__(self) -> None:
        self.most_bytes = 0
        self._known: set[tuple[int, int, int]] = set()
        self.in_clear: set[str] = set()
        self.looked_through: dict[str, int] = {}

    def look(self, step: str = "", done: int = 0, _of: int = 0) -> None:
        """Measure what is held now; the first two times a step is reached, look through it too."""
        handles = list(nameless())
        held = sum(handle.stat().st_size for handle in handles)
        self.most_bytes = max(self.most_bytes, held)
        if done <= 2:
            self.looked_through[step] = max(held, self.looked_through.get(step, 0))
            self.in_clear |= {
                word.decode() for handle in handles if self._is_new(handle) for word in within(handle)
            }

    def _is_new(self, handle: Path) -> bool:
        """Return whether the file has been written to since it was looked through."""
        told = handle.stat()
        seen = (told.st_ino, told.st_size, told.st_mtime_ns)
        known = seen in self._known
        self._known.add(seen)
        return not known


def nameless() -> Iterator[Path]:
    """Yield the files without a name that this process holds open."""
    for handle in Path("/proc/self/fd").iterdir():
        try:
            told = handle.stat()
        except FileNotFoundError:
            continue
        if stat.S_ISREG(told.st_mode) and told.st_nlink == 0:
            yield handle


def within(handle: Path) -> set[bytes]:
    """Return which of the words in clear the file holds."""
    found, last = set(), b""
    with handle.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            found |= {word for word in CLEAR if word in last + piece}
            last = piece[-64:]
    return found


def sees_a_planted_word() -> bool:
    """Return whether a word in a file without a name, written in clear, is found: else nothing is proved."""
    watch = Watch()
    with tempfile.TemporaryFile() as file:
        file.write(bytes(PIECE_BYTES - 4) + CLEAR[0] + bytes(9))
        file.flush()
        watch.look()
    return watch.in_clear == {CLEAR[0].decode()} and watch.most_bytes > PIECE_BYTES


def peak_bytes() -> int:
    """Return the most that this program has held so far; `getrusage` would count its parent in."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) << 10


def main() -> None:
    """Carry one first night across and say what it took."""
    setattr(workplace, "Spool", partial(Spool, in_memory_bytes=0))  # noqa: B010
    planted, watch, site = sees_a_planted_word(), Watch(), load_site(Path(sys.argv[1]))
    before = peak_bytes()
    summary = run_sync(site, Wish(accept_growth=True, accept_flagged=ACCEPTED_BY), watch.look)
    said = {
        "exit_code": summary.exit_code,
        "released": sum(counts["released"] for flow in summary.flows for counts in flow.entities.values()),
        "before_bytes": before,
        "peak_bytes": peak_bytes(),
        "disk_bytes": watch.most_bytes,
        "in_clear": sorted(watch.in_clear),
        "planted_word_seen": planted,
        "looked_through": watch.looked_through,
        "left": [name for _, _, names in os.walk(site.var / "state" / "spool") for name in names],
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
