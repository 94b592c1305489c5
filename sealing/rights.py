"""Who else on this machine may read a private key or replace a key: one so open is not used.

Asked of the file, of its folder, of where links lead and of every folder above: whoever may write to one of
them, or owns it, may put another key there. Root and the account that runs are trusted. Above, so are a group
with nobody else in it and whoever could as well replace this program: their code is what asks. Only where the
system has such modes; Windows has none, and there the folders' own rights are all there is.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from sealing.errors import KeyExposed, KeyReplaceable

OTHERS_MAY = 0o077
OTHERS_WRITE = 0o022
PUBLIC_FOLDER = 0o755
ROOT = 0
ACCOUNTS, GROUPS = Path("/etc/passwd"), Path("/etc/group")
PROGRAM = Path(__file__).absolute()
MOST_LINKS = 40
"""As many as Linux follows before it calls a path a loop."""


def refuse_exposed(private: Path) -> None:
    """Errors: KeyExposed, where others may read, write, start or replace this file."""
    for place in _openings(private, OTHERS_MAY):
        raise KeyExposed(place.as_posix())


def refuse_replaceable(public: Path) -> None:
    """Errors: KeyReplaceable, where others may write to this file or replace it; it need not be there."""
    for place in _openings(public, OTHERS_WRITE):
        raise KeyReplaceable(place.as_posix())


def is_exposed(private: Path) -> bool:
    """Return whether this private key is here, and others on this machine may read or replace it."""
    return private.exists() and any(_openings(private, OTHERS_MAY))


def exposed_places(private: Path) -> list[Path]:
    """Return every file and folder that opens private keys to others: in their folder, and above it."""
    return _places([private / "any.key", *sorted(private.rglob("*.key"))], OTHERS_MAY)


def replaceable_places(public: Path) -> list[Path]:
    """Return every file and folder by which others may replace what is in the folder of public keys."""
    return _places([public / "any.pub", *sorted(public.rglob("*"))], OTHERS_WRITE)


def _places(keys: Iterable[Path], may: int) -> list[Path]:
    return list(dict.fromkeys(place for key in keys for place in _openings(key, may)))


def _openings(key: Path, may: int) -> Iterator[Path]:
    """Yield what others may use against a key, nearest first. Given: what nobody else may do with the file.

    In a sticky folder only its owner and theirs may replace what stands there, which will do above, and not
    where a key is still to come.
    """
    if os.name == "nt":
        return
    files = dict.fromkeys((key.absolute(), Path(os.path.realpath(key))))
    folders = dict.fromkeys(file.parent for file in files)
    for path in dict.fromkeys([*files, *folders, *_way_to(key.absolute())]):
        above = path not in files and path not in folders
        if _is_open(path, may if path in files else OTHERS_WRITE, above=above):
            yield path


def _way_to(path: Path) -> Iterator[Path]:
    """Yield the path and the folders above, and for each link on the way the same of what it names."""
    ways = [path]
    for way in ways:
        for part in (way, *way.parents):
            yield part
            if part.is_symlink() and len(ways) <= MOST_LINKS:
                ways.append(part.parent / part.readlink())


def _is_open(path: Path, may: int, *, above: bool) -> bool:
    if not path.exists():
        return False
    there = path.stat()
    theirs = {there.st_uid, path.lstat().st_uid} - {ROOT, _account()}
    if theirs and not (above and theirs <= _owners_of_the_program()):
        return True
    found = there.st_mode & may
    if not found or not above:
        return bool(found)
    if _is_sticky(there):
        return False
    return found != stat.S_IWGRP or not (_is_own_group(there.st_gid) or _writes_the_program(there.st_gid))


def _is_sticky(there: os.stat_result) -> bool:
    return stat.S_ISDIR(there.st_mode) and bool(there.st_mode & stat.S_ISVTX)


def _owners_of_the_program() -> set[int]:
    """Return who could put another program in the place of this one: it would ask nothing of any key."""
    return {there.st_uid for there in _around_the_program()}


def _writes_the_program(group: int) -> bool:
    """Return whether this group could put another program in the place of this one."""
    return any(
        there.st_gid == group and there.st_mode & stat.S_IWGRP and not _is_sticky(there)
        for there in _around_the_program()
    )


def _around_the_program() -> Iterator[os.stat_result]:
    """Yield what the system says of this program's file, of each folder above and of the links on the way."""
    for path in _way_to(PROGRAM):
        yield path.lstat()
        yield path.stat()


def _is_own_group(group: int) -> bool:
    """Return whether the machine's own lists know this group, and nobody in it but the account that runs."""
    users = {name: (uid, gid) for name, _, uid, gid, *_ in _lines(ACCOUNTS)}
    listed = [members.split(",") for _, _, gid, members, *_ in _lines(GROUPS) if gid == str(group)]
    names = {name for members in listed for name in members if name}
    names |= {name for name, (_, gid) in users.items() if gid == str(group)}
    ours = {name for name, (uid, _) in users.items() if uid in {str(ROOT), str(_account())}}
    return bool(listed) and names <= ours


def _lines(path: Path) -> list[list[str]]:
    """Return the parts of each whole line of such a list; nothing where the system keeps none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [parts for line in lines if len(parts := line.split(":")) >= 4]


def _account() -> int:
    """Return the account that runs, where the system numbers them."""
    return int(getattr(os, "geteuid", int)())
