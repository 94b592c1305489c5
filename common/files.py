"""Files that are whole or absent: write beside, fsync, rename, fsync the folder."""

import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE_FILE = 0o600
SHARED_FILE = 0o644
PRIVATE_FOLDER = 0o700
SHARED_FOLDER = 0o777
PART = ".part"


def private_folder(path: Path) -> Path:
    """Return the folder, durably made if absent, readable by its owner only where the system has modes."""
    return made_folder(path, PRIVATE_FOLDER)


def made_folder(path: Path, mode: int = SHARED_FOLDER) -> Path:
    """Return the folder, made if absent like each above it; a power cut takes none of them away again."""
    above = [folder for folder in (path, *path.parents) if not folder.exists()]
    if above:
        path.mkdir(parents=True, exist_ok=True, mode=mode)
        for folder in above:
            fsync_folder(folder.parent)
    return path


def fsync_folder(folder: Path) -> None:
    """Make renames in the folder durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_file(path: Path) -> None:
    """Make the file's bytes durable."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def replace_file(temporary: Path, final: Path) -> None:
    """Give a finished, synced temporary file its name, durably."""
    os.replace(temporary, final)
    fsync_folder(final.parent)


@contextmanager
def whole_file(path: Path, *, private: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is synced and renamed, on error removed.

    Errors:  OSError, naming `path`.
    """
    with _beside(path) as temporary:
        os.close(_created(temporary, private=private))
        yield temporary
        fsync_file(temporary)
        replace_file(temporary, path)


def write_atomic(path: Path, content: bytes, *, private: bool = True) -> None:
    """Write the bytes so that a reader, a kill or a power cut finds the old file or the new one.

    Errors:  OSError, naming `path`.
    """
    with _beside(path) as temporary:
        with os.fdopen(_created(temporary, private=private), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        replace_file(temporary, path)


def clear_parts(folder: Path, *, older_than_seconds: float = 0) -> None:
    """Remove the temporary files that a killed process left in the folder, at any depth.

    Given: a folder that nobody else writes to now, or an age at which a temporary file is nobody's any more.
    """
    before = time.time() - older_than_seconds
    for path in folder.rglob(f".*{PART}"):
        with suppress(FileNotFoundError):
            told = path.lstat()
            if stat.S_ISREG(told.st_mode) and (not older_than_seconds or told.st_mtime < before):
                path.unlink()


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield a new name beside the path, its folder made; on error the file of that name goes.

    What the system says of a failed write or sync names no file, so the error is given the name of this one.
    """
    made_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        yield temporary
    except BaseException as error:
        _drop(temporary)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def _created(temporary: Path, *, private: bool) -> int:
    return os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE if private else SHARED_FILE)


def _drop(temporary: Path) -> None:
    """Remove what was not finished; what cannot be removed hides no error that came before it."""
    with suppress(OSError):
        temporary.unlink(missing_ok=True)
