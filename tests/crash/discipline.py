"""The discipline of a write: temporary file, sync, rename, sync of the folder, then what rests on it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from re import fullmatch
from typing import Any

from tests.crash.calls import Call
from tests.crash.disk import Cut, Disk, File, Folder

# What is written under its own name: files that only grow, under a signed length; databases, which keep a
# journal; the operator's log.
IN_PLACE = ("leaves.jsonl", "checkpoints.jsonl", "viaduct.jsonl", ".sqlite", ".sqlite-journal")
NEVER_DURABLE = {"var/logs/viaduct.jsonl"}
RENAMES = {"rename", "renameat", "renameat2"}
WRITES = {"write", "pwrite64", "sendfile", "ftruncate"}


def broken_discipline(disk: Disk, calls: Iterable[Call], *, whole: bool = False) -> list[str]:
    """Return where the calls break the discipline.

    Given: the disk before the calls; `whole` when the trace kept what was written, so that it can be read.
    """
    watch = _Watch(disk, whole=whole)
    return [told for call in calls for told in watch.see(call)] + list(watch.at_the_end())


class _Watch:
    """What has been named so far and is not durable yet."""

    def __init__(self, disk: Disk, *, whole: bool) -> None:
        self._disk = disk
        self._whole = whole
        self._named: dict[str, Folder] = {}

    def see(self, call: Call) -> Iterator[str]:
        """Yield what this call breaks; afterwards the disk is as the call leaves it."""
        ours = call.changes and call.under(self._disk.folder)
        said = call.label(self._disk.folder)
        if ours and call.name in WRITES and not _may_be_written(call.paths[0], self._disk.folder):
            yield f"written under its own name: {said}"
        published = ours and call.name in RENAMES and not PurePosixPath(call.paths[1]).name.startswith(".")
        if published:
            yield from self._early(call, said)
        self._disk.apply(call)
        self._named = {path: folder for path, folder in self._named.items() if not folder.synced}
        if published:
            parent = str(PurePosixPath(call.paths[1]).parent)
            folder = self._disk.at(parent)
            assert isinstance(folder, Folder)
            self._named[parent] = folder
            if self._whole:
                within = Path(call.paths[1]).relative_to(self._disk.folder).as_posix()
                yield from (f"{one}: {said}" for one in _too_soon(self._disk, call.paths[0], within))

    def at_the_end(self) -> Iterator[str]:
        """Yield what a night leaves that is not durable."""
        seen, durable = self._disk.left(Cut.ALL), self._disk.left(Cut.NOTHING)
        for path, content in seen.items():
            if durable.get(path, b"absent") != content and path not in NEVER_DURABLE:
                yield f"not durable when the night ended: {path}"

    def _early(self, call: Call, said: str) -> Iterator[str]:
        """Yield why it is too early for this name: its bytes, or names before it, are not durable."""
        for node in _all_of(self._disk.at(call.paths[0])):
            if isinstance(node, File) and node.pending:
                yield f"named before its bytes were durable: {said}"
            if isinstance(node, Folder) and not node.synced:
                yield f"named before the names in it were durable: {said}"
        yield from (f"went on before the name in {path} was durable: {said}" for path in self._named)


def _may_be_written(path: str, folder: str) -> bool:
    """Return whether the file has a temporary name, or its folder has, or it may be written in place."""
    within = Path(path).relative_to(folder).parts
    return any(part.startswith(".") for part in within) or path.endswith(IN_PLACE)


def _all_of(node: "File | Folder | None") -> Iterator["File | Folder"]:
    if node is not None:
        yield node
    if isinstance(node, Folder):
        for one in node.seen.values():
            yield from _all_of(one)


def _too_soon(disk: Disk, before: str, path: str) -> Iterator[str]:
    """Yield what is not durable though the name that was given just now says so to others.

    Given: the path before the rename, and the path now, below the site.
    """
    node, durable = disk.at(f"{disk.folder}/{path}"), disk.left(Cut.NOTHING)
    content = bytes(node.seen) if isinstance(node, File) else b""
    if fullmatch(r"var/landing/\w+/[^/]+/manifest\.json", path):
        if hashlib.sha256(content).hexdigest() not in {
            leaf.get("manifest_sha256") for leaf in _signed(durable)
        }:
            yield "published before the log of it was durable"
    elif path.startswith("var/landing/receipts/"):
        warehouse = disk.at(f"{disk.folder}/var/warehouse.duckdb")
        if not isinstance(warehouse, File) or durable.get("var/warehouse.duckdb") != bytes(warehouse.seen):
            yield "answered before the warehouse was durable"
    elif path.startswith("var/state/memory/"):
        flow, number = PurePosixPath(path).stem, int(Path(before).parent.name.partition("-")[0])
        answered = {(leaf["flow"], leaf["seq"]) for leaf in _signed(durable) if leaf["kind"] == "receipt"}
        if (flow, number) not in answered:
            yield "remembered before the answer was durable in the log"
    elif path == "var/log/checkpoint":
        lines = durable.get("var/log/leaves.jsonl") or b""
        if lines.count(b"\n") < int(content.split(b"\n")[1]):
            yield "signed before the lines were durable"


def _signed(durable: dict[str, bytes | None]) -> list[Any]:
    """Return the lines of the log under the checkpoint, as far as both are durable."""
    checkpoint, lines = durable.get("var/log/checkpoint"), durable.get("var/log/leaves.jsonl")
    if checkpoint is None or lines is None:
        return []
    return [json.loads(line) for line in lines.split(b"\n")[: int(checkpoint.split(b"\n")[1])]]
