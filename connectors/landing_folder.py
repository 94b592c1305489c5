"""The landing zone as a folder: the embedded default, or a share that both sides mount.

Below that folder no link is followed: what is not a plain file in a plain folder is not there. Who may read
what is laid down is said by the folder it is laid into: our own processes let nobody else read what they make
(umask 077), and the other side is somebody else.
"""

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from common.files import clear_parts, fsync_folder, made_folder, whole_file
from connectors.landing_zone import LandingZone
from connectors.plain_files import NotPlain, is_plain_file, is_plain_folder, open_plain_file

READ_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH


class LandingFolder(LandingZone):
    """A landing zone in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(FolderFiles(folder))


class FolderFiles:
    """Files below a folder of this machine, each whole and durable before it has its name."""

    may_look = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def is_file(self, place: str) -> bool:
        """Return whether a plain file has this name."""
        return is_plain_file(self._folder / place)

    def is_folder(self, place: str) -> bool:
        """Return whether a folder, and no link to one, has this name; the zone's own may be a link."""
        return is_plain_folder(self._folder / place) if place else self._folder.is_dir()

    def names(self, folder: str) -> list[str]:
        """Return every name in the folder, sorted."""
        return sorted(path.name for path in (self._folder / folder).iterdir())

    def read(self, place: str, most: int) -> bytes | None:
        """Return a plain file's bytes; None if it is absent, of another kind, or larger than the most."""
        try:
            with open_plain_file(self._folder / place) as stream:
                if os.fstat(stream.fileno()).st_size > most:
                    return None
                content = stream.read(most + 1)
        except (FileNotFoundError, NotPlain):
            return None
        return content if len(content) <= most else None

    def refuse_links(self, *folders: str) -> None:
        """Errors: NotPlain, when a link or a file stands where one of these folders should."""
        for folder in folders:
            path = self._folder / folder
            if os.path.lexists(path) and not is_plain_folder(path):
                raise NotPlain

    def make_folder(self, folder: str) -> None:
        """Make the folder and those above it, where they are absent; a power cut takes none away."""
        path = made_folder(self._folder) / folder
        absent = [one for one in (path, *path.parents) if not one.exists()]
        made_folder(path)
        for one in reversed(absent):
            _share(one, READ_BY_OTHERS | stat.S_ISGID | stat.S_IXGRP | stat.S_IXOTH)

    def bring(self, place: str, source: Path) -> None:
        """Put a file of ours there whole, unless the same bytes are there already."""
        final = self._folder / place
        if is_plain_file(final) and _same(source, final):
            return
        self.make_folder(place.rpartition("/")[0])
        with whole_file(final, private=False) as temporary:
            shutil.copyfile(source, temporary)
            _share(temporary, READ_BY_OTHERS)

    def write(self, place: str, content: bytes) -> None:
        """Put these bytes there whole: a reader finds what was there before, or all of them."""
        self.make_folder(place.rpartition("/")[0])
        with whole_file(self._folder / place, private=False) as temporary:
            temporary.write_bytes(content)
            _share(temporary, READ_BY_OTHERS)

    def remove(self, place: str) -> None:
        """Remove a file, a link or a pipe; a folder stays, for nobody of ours makes one there."""
        path = self._folder / place
        if not is_plain_folder(path):
            path.unlink(missing_ok=True)

    def clear_parts(self, folder: str) -> None:
        """Remove what a killed writer left unfinished in the folder."""
        clear_parts(self._folder / folder)

    def settle(self, *folders: str) -> None:
        """Make the names in these folders durable."""
        for folder in folders:
            fsync_folder(self._folder / folder)

    def close(self) -> None:
        """Let go of nothing: a folder has no line to it."""


def _share(path: Path, most: int) -> None:
    """Let those read what was just made who may read the folder it is in, whatever our umask takes away."""
    above = stat.S_IMODE(path.parent.stat().st_mode)
    # A share that knows no modes has its own word on who may read.
    with suppress(OSError):
        path.chmod(stat.S_IMODE(path.lstat().st_mode) | above & most)


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while piece := left.read(1 << 20):
            if piece != right.read(1 << 20):
                return False
    return True
