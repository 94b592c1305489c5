"""System calls as `strace -f -y` writes them: who called, on which paths, with what result, in what order."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

# What can change a file system. A name that this machine does not have is passed over ("?").
CHANGING = (
    "?open", "?creat", "openat", "?openat2", "write", "pwrite64", "writev", "?pwritev", "?pwritev2",
    "ftruncate", "truncate", "?fallocate", "fsync", "fdatasync", "?sync_file_range", "?msync",
    "?rename", "?renameat", "renameat2", "?unlink", "unlinkat", "?mkdir", "mkdirat", "?rmdir",
    "?link", "linkat", "?symlink", "symlinkat", "?chmod", "fchmod", "fchmodat",
    "sendfile", "?copy_file_range", "?splice",
)  # fmt: skip
NAMES = {name.removeprefix("?") for name in CHANGING}
OPENING = {"open", "openat", "openat2", "creat"}
TWO_PATHS = {"rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"}
SYNCING = {"fsync", "fdatasync", "sync_file_range", "msync"}
CHANGES_BY_OPENING = re.compile(r"\bO_(?:CREAT|WRONLY|RDWR|TRUNC|TMPFILE)\b")
LINE = re.compile(r"(?P<process>\d+)\s+(?P<rest>.*)")
FINISHED = re.compile(
    r"(?P<name>\w+)\((?P<given>.*)\)\s+= (?P<result>-?\d+|\?|0x[0-9a-f]+)(?P<after>.*)", re.DOTALL
)
RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)", re.DOTALL)
ENDED = re.compile(r"\+\+\+ (?:killed by (?P<signal>SIG\w+)|exited with (?P<code>\d+))")
HANDLE = re.compile(r"^\d+<(?P<path>/[^>]*?)(?: \(deleted\))?>$")
FOLDER_HANDLE = re.compile(r"^(?:AT_FDCWD|\d+)<(?P<path>/[^>]*)>$")
STRING = re.compile(r'^"(?P<text>[^"\\]*(?:\\.[^"\\]*)*)"(?:\.\.\.)?$', re.DOTALL)
MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|=>|[\[\]{}<>(),]', re.DOTALL)
RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
TOKEN = re.compile(r"\.[0-9a-f]{8}\.part$")


@dataclass(frozen=True)
class Call:
    """One system call.

    `number` counts the calls of this name in this thread, as `strace --inject when=` does.
    """

    thread: int
    name: str
    number: int
    given: tuple[str, ...] = field(repr=False)
    paths: tuple[str, ...]
    result: int | None
    error: str = ""
    injected: bool = False

    @property
    def changes(self) -> bool:
        """Return whether the call changed something, or made it durable."""
        if (
            self.error
            or self.name not in NAMES
            or (self.name in OPENING and not CHANGES_BY_OPENING.search(", ".join(self.given)))
        ):
            return False
        return bool(self.paths)

    @property
    def flags(self) -> str:
        """Return the flags of a call that opens a file."""
        return next((word for word in self.given if word.startswith("O_")), "")

    def under(self, *folders: str) -> bool:
        """Return whether a path of the call lies in one of the folders, or is one."""
        return any(
            path == folder or path.startswith(f"{folder}/") for path in self.paths for folder in folders
        )

    def label(self, folder: str) -> str:
        """Return what the call does to which file, in words that are the same in every run of one site."""
        paths = " ".join(steady(path.removeprefix(f"{folder}/")) for path in self.paths)
        return f"{self.name} {paths}"


def steady(path: str) -> str:
    """Return a path with the names that differ from run to run put into words."""
    return TOKEN.sub(".TOKEN.part", RUN_ID.sub("RUN", path))


@dataclass(frozen=True)
class Trace:
    """The calls of one traced process, in the order in which they ended."""

    calls: list[Call]
    ends: list[str]

    def changing(self, *folders: str) -> list[Call]:
        """Return the calls that change something in these folders."""
        return [call for call in self.calls if call.changes and call.under(*folders)]


def read_trace(lines: Iterable[str]) -> Trace:
    """Return the calls of a trace; a call that was under way when its process died has no result."""
    seen: Counter[tuple[int, str]] = Counter()
    begun: dict[int, tuple[str, int, str]] = {}
    calls: list[Call] = []
    ends: list[str] = []
    for line in lines:
        found = LINE.match(line)
        if found is None:
            continue
        thread, rest = int(found["process"]), found["rest"].rstrip("\n")
        if ended := ENDED.match(rest):
            ends.append(ended["signal"] or ended["code"])
        elif rest.endswith("<unfinished ...>"):
            name, _, given = rest.removesuffix("<unfinished ...>").partition("(")
            seen[thread, name] += 1
            begun[thread] = name, seen[thread, name], given
        elif again := RESUMED.match(rest):
            name, number, given = begun.pop(thread)
            calls.append(_call(thread, number, f"{name}({given}{again['rest']}"))
        elif "(" in rest and not rest.startswith("---"):
            name = rest.partition("(")[0]
            seen[thread, name] += 1
            calls.append(_call(thread, seen[thread, name], rest))
    calls += [
        _call(thread, number, f"{name}({given}) = ?") for thread, (name, number, given) in begun.items()
    ]
    return Trace(calls, ends)


def _call(thread: int, number: int, text: str) -> Call:
    found = FINISHED.match(text)
    assert found is not None, f"not a call: {text[:200]}"
    given, after = tuple(_parts(found["given"])), found["after"]
    error = after.split()[0] if found["result"].startswith("-") and after.split() else ""
    number_of = None if found["result"] == "?" else int(found["result"], 0)
    call = Call(thread, found["name"], number, given, (), number_of, error, "(INJECTED)" in after)
    return replace(call, paths=tuple(_paths(call.name, given)))


def _paths(name: str, given: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths that the call works on; of a copy first the one that is written."""
    if name == "copy_file_range":
        given = (given[2], given[0])
    wanted = 2 if name in TWO_PATHS else 1
    folder = ""
    for word in given:
        if wanted and (handle := HANDLE.match(word)) and not _names_follow(name):
            yield handle["path"]
            wanted -= 1
        elif at := FOLDER_HANDLE.match(word):
            folder = at["path"]
        elif wanted and (text := STRING.match(word)):
            yield str(PurePosixPath(folder, text["text"])) if folder else text["text"]
            folder, wanted = "", wanted - 1


def _names_follow(name: str) -> bool:
    """Return whether a handle in the call is the folder from which a name is read."""
    return name.endswith("at") or name in {"openat2", "renameat2"}


def _parts(given: str) -> Iterator[str]:
    """Yield the arguments of a call; a comma within quotes, brackets or a path divides nothing."""
    depth, begun = 0, 0
    for found in MARKS.finditer(given):
        mark = found[0]
        if mark in "[{<(":
            depth += 1
        elif mark in "]})>":
            depth -= 1
        elif mark == "," and depth == 0:
            yield given[begun : found.start()].strip()
            begun = found.end()
    if given[begun:].strip():
        yield given[begun:].strip()
