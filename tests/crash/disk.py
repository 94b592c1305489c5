"""A disk that remembers what was made durable: fed with traced calls, it shows what a power cut leaves.

A file's bytes are durable once the file was synced, a name once its folder was. What was not may be lost or
may have survived, each by itself; `Cut` names the worst of these.
"""

import codecs
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests.crash.calls import OPENING, Call

Write = tuple[int, bytes | None]


class Cut(StrEnum):
    """What a power cut spares of that which was not yet durable."""

    NOTHING = "nothing"
    NAMES = "names"
    HALF = "names and half of each file's writes"
    ALL = "all"


@dataclass(eq=False)
class File:
    """A file: what programs see, and what is durable; writes since then are kept one by one."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    pending: list[Write] = field(default_factory=list)
    _told: dict[Cut, str] = field(default_factory=dict)

    def write(self, at: int, data: bytes) -> None:
        """Put bytes there."""
        self._change((at, data))

    def truncate(self, size: int) -> None:
        """Cut or lengthen to so many bytes."""
        self._change((size, None))

    def _change(self, write: Write) -> None:
        _put(self.seen, write)
        self.pending.append(write)
        self._told = {}

    def sync(self) -> None:
        """Make the bytes durable."""
        if self.pending:
            self.durable, self.pending, self._told = bytes(self.seen), [], {}

    def after(self, cut: Cut) -> bytes:
        """Return the bytes that a power cut leaves."""
        if cut is Cut.ALL or not self.pending:
            return bytes(self.seen)
        left = bytearray(self.durable)
        if cut is Cut.HALF:
            for number, (at, data) in enumerate(self.pending):
                _put(left, (at, data[: len(data) // 2] if data is not None and number else data))
        return bytes(left)

    def digest(self, cut: Cut) -> str:
        """Return the digest of the bytes that a power cut leaves."""
        if cut not in self._told:
            self._told[cut] = hashlib.sha256(self.after(cut)).hexdigest()
        return self._told[cut]


def _put(content: bytearray, write: Write) -> None:
    at, data = write
    content.extend(bytes(max(0, at - len(content))))
    if data is None:
        del content[at:]
    else:
        content[at : at + len(data)] = data


@dataclass(eq=False)
class Folder:
    """A folder: the names that programs see, and those that are durable."""

    seen: dict[str, "File | Folder"] = field(default_factory=dict)
    durable: dict[str, "File | Folder"] = field(default_factory=dict)

    @property
    def synced(self) -> bool:
        """Return whether every name, and the absence of every other, is durable."""
        return self.seen == self.durable

    def sync(self) -> None:
        """Make the names durable."""
        self.durable = dict(self.seen)


@dataclass
class Opened:
    """An open file and the place in it where the next bytes are read or written."""

    node: File | Folder
    place: int = 0
    appends: bool = False


class Disk:
    """The tree under one folder, as calls change it."""

    def __init__(self, folder: Path, start: Path | None = None) -> None:
        """Take the folder as it stands, or as its start stood; all of it is durable."""
        self.folder = str(folder)
        self.root = _taken(start or folder)
        self._open: dict[int, Opened] = {}
        self._acts: dict[str, Callable[[Call], None]] = {
            **dict.fromkeys(OPENING, self._opens),
            **dict.fromkeys(("write", "pwrite64"), self._writes),
            **dict.fromkeys(("fsync", "fdatasync"), self._syncs),
            **dict.fromkeys(("rename", "renameat", "renameat2"), self._renames),
            **dict.fromkeys(("mkdir", "mkdirat"), self._makes),
            **dict.fromkeys(("unlink", "unlinkat", "rmdir"), self._removes),
            **dict.fromkeys(("dup", "dup2", "dup3", "fcntl"), self._doubles),
            **dict.fromkeys(("lseek", "read"), self._moves),
            "sendfile": self._sends,
            "ftruncate": self._truncates,
            "close": lambda call: self._open.pop(int(call.given[0].partition("<")[0]), None) and None,
        }

    def apply(self, call: Call) -> None:
        """Do what the call did. Errors: AssertionError for one that this disk does not know."""
        if call.error or call.result is None:
            return
        act = self._acts.get(call.name)
        if act is not None:
            act(call)
        elif call.name == "mmap":
            assert not ("MAP_SHARED" in call.given[3] and "PROT_WRITE" in call.given[2] and self._ours(call))
        else:
            assert call.name in {"chmod", "fchmod", "fchmodat"} or not self._ours(call), call

    def at(self, path: str) -> "File | Folder | None":
        """Return what has this path now."""
        node: File | Folder | None = self.root
        for name in self._names(path):
            node = node.seen.get(name) if isinstance(node, Folder) else None
        return node

    def left(self, cut: Cut) -> dict[str, bytes | None]:
        """Return what a power cut leaves now, by path below the folder; None stands for a folder."""
        return {path: file.after(cut) if file else None for path, file in _left(self.root, cut, "")}

    def digest(self, cut: Cut) -> str:
        """Return a digest of what a power cut leaves now, the same for the same tree."""
        told = [f"{path}\0{file.digest(cut) if file else ''}\0" for path, file in _left(self.root, cut, "")]
        return hashlib.sha256("".join(sorted(told)).encode()).hexdigest()

    def _ours(self, call: Call) -> bool:
        return call.under(self.folder)

    def _names(self, path: str) -> list[str]:
        within = Path(path).relative_to(self.folder)
        return list(within.parts)

    def _parent(self, path: str) -> tuple[Folder, str]:
        parent = self.at(str(Path(path).parent))
        assert isinstance(parent, Folder), path
        return parent, Path(path).name

    def _opens(self, call: Call) -> None:
        assert call.result is not None
        if not self._ours(call) or "O_TMPFILE" in call.flags:
            self._open.pop(call.result, None)
            return
        node = self.at(call.paths[0])
        if node is None:
            parent, name = self._parent(call.paths[0])
            node = parent.seen[name] = File()
        elif "O_TRUNC" in call.flags and isinstance(node, File):
            node.truncate(0)
        self._open[call.result] = Opened(node, appends="O_APPEND" in call.flags)

    def _opened(self, call: Call, place: int = 0) -> Opened | None:
        return self._open.get(int(call.given[place].partition("<")[0]))

    def _writes(self, call: Call) -> None:
        opened = self._opened(call)
        if opened is None or not isinstance(opened.node, File):
            return
        self._written(opened, _bytes(call.given[1], call.result or 0), call)

    def _written(self, opened: Opened, data: bytes, call: Call) -> None:
        assert isinstance(opened.node, File)
        if call.name == "pwrite64":
            opened.node.write(int(call.given[3]), data)
            return
        place = len(opened.node.seen) if opened.appends else opened.place
        opened.node.write(place, data)
        opened.place = place + len(data)

    def _sends(self, call: Call) -> None:
        out, into = self._opened(call), self._opened(call, 1)
        if out is None or not isinstance(out.node, File) or not call.result:
            return
        assert into is not None, f"copied from outside: {call.given}"
        assert isinstance(into.node, File)
        begun = into.place if call.given[2] == "NULL" else int(call.given[2][1:].partition("]")[0])
        self._written(out, bytes(into.node.seen[begun : begun + call.result]), call)

    def _syncs(self, call: Call) -> None:
        opened = self._opened(call)
        if opened is not None:
            opened.node.sync()

    def _renames(self, call: Call) -> None:
        if not self._ours(call):
            return
        (old, old_name), (new, new_name) = map(self._parent, call.paths)
        new.seen[new_name] = old.seen.pop(old_name)

    def _makes(self, call: Call) -> None:
        if self._ours(call):
            parent, name = self._parent(call.paths[0])
            parent.seen[name] = Folder()

    def _removes(self, call: Call) -> None:
        if self._ours(call):
            parent, name = self._parent(call.paths[0])
            del parent.seen[name]

    def _truncates(self, call: Call) -> None:
        opened = self._opened(call)
        if opened is not None and isinstance(opened.node, File):
            opened.node.truncate(int(call.given[1]))

    def _doubles(self, call: Call) -> None:
        opened = self._opened(call)
        if (
            opened is not None
            and call.result is not None
            and (call.name != "fcntl" or "DUPFD" in call.given[1])
        ):
            self._open[call.result] = opened

    def _moves(self, call: Call) -> None:
        opened = self._opened(call)
        if opened is not None and call.result is not None:
            opened.place = call.result if call.name == "lseek" else opened.place + call.result


def lay(tree: dict[str, bytes | None], folder: Path) -> None:
    """Make the folder hold exactly this tree, private as the product makes it."""
    for path, content in tree.items():
        if content is None:
            (folder / path).mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            handle = os.open(folder / path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)


def _taken(folder: Path) -> Folder:
    names: dict[str, File | Folder] = {}
    for path in folder.iterdir():
        if path.is_dir():
            names[path.name] = _taken(path)
        else:
            content = path.read_bytes()
            names[path.name] = File(bytearray(content), content)
    return Folder(names, dict(names))


def _left(folder: Folder, cut: Cut, within: str) -> Iterator[tuple[str, File | None]]:
    """Yield each path that is left and its file, if it is one; folders before what is in them."""
    for name, node in (folder.durable if cut is Cut.NOTHING else folder.seen).items():
        if isinstance(node, Folder):
            yield within + name, None
            yield from _left(node, cut, f"{within}{name}/")
        else:
            yield within + name, node


def _bytes(word: str, size: int) -> bytes:
    """Return the bytes of a traced string; zeros where the trace did not keep them."""
    data: bytes = codecs.escape_decode(word.removesuffix("...").strip('"').encode("latin-1"))[0]
    return data if len(data) == size else bytes(size)
