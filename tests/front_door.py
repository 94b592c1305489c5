"""`run_sync.py` as a process of its own, as an operator starts it; and what it said."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
DOOR = ("run_sync.py",)


@dataclass(frozen=True)
class Said:
    """How a verb ended, what it wrote, and the command lines it was seen with."""

    code: int
    out: str
    err: str
    arguments: bytes

    @property
    def words(self) -> bytes:
        """Return all that anybody standing by could read."""
        return b"\n".join([self.out.encode(), self.err.encode(), self.arguments])


def verb(*words: str, temporary: Path, program: tuple[str, ...] = DOOR, level: str = "debug") -> Said:
    """Return what the verb said; its temporary files go into the folder given."""
    temporary.mkdir(exist_ok=True)
    environment = os.environ | {
        "TMPDIR": str(temporary), "VIADUCT_LOG_LEVEL": level, "PYTHONPATH": str(ROOT), "COLUMNS": "200",
        "POLARS_MAX_THREADS": "2",
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, *program, *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        arguments = _command_lines(process.pid)
        out, err = process.communicate(timeout=300)
    return Said(process.returncode, out, err, arguments)


def _command_lines(process: int) -> bytes:
    """Return the command line of the process and of its children, once it is ours; nothing elsewhere."""
    for _ in range(100):
        try:
            threads = Path(f"/proc/{process}/task").iterdir()
            children = b" ".join((thread / "children").read_bytes() for thread in threads).split()
            named = [str(process), *(child.decode() for child in children)]
            seen = b"\n".join(Path(f"/proc/{one}/cmdline").read_bytes() for one in named)
        except OSError:
            return b""
        if b".py" in seen:
            return seen
        time.sleep(0.01)
    return b""
