"""Paths in declared files: plain files within the site's folder, named exactly, reached by no link."""

import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from config.problems import Problem, suggest

DECLARED = ("", "sources", "mappings", "dpia")


def misplaced(folder: Path, said: str) -> str:
    """Return why what is said is not the path of a plain file within the folder; nothing if it is one."""
    parts = said.split("/")
    if "\\" in said or ":" in said or said.startswith("/") or not {"", ".", ".."}.isdisjoint(parts):
        return "write a path that stays within this folder, with / between its parts."
    at = folder
    for part in parts:
        names = _names(at)
        if part not in names:
            return f"there is no file {said}.{suggest(part, names)}"
        at /= part
        if stat.S_ISLNK(at.lstat().st_mode):
            return f"{said} is a link, or leads through one: put the file itself there."
    return "" if at.is_file() else f"{said} is no file."


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except OSError:
        return []


def confusable(folder: Path) -> Iterator[Problem]:
    """Yield the declared files whose names differ in case alone: some systems take them for one."""
    for part in DECLARED:
        known: defaultdict[str, list[str]] = defaultdict(list)
        for name in _names(folder / part):
            known[name.casefold()].append(name)
        for first, *others in known.values():
            for other in others:
                yield Problem(folder / part / other, 1, f"This name differs from {first} in case alone.")


def unread(folder: Path) -> Iterator[Problem]:
    """Yield the files of sources/ that look declared and are not read, for want of the right ending."""
    for name in _names(folder / "sources"):
        ending = Path(name).suffix
        if ending != ".yaml" and ending.casefold() in {".yaml", ".yml"}:
            yield Problem(folder / "sources" / name, 1, "This file is not read: give it the ending .yaml.")
