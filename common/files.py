"""Files that are whole or absent: write beside, fsync, rename, fsync the folder."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE_FILE = 0o600
SHARED_FILE = 0o644
PRIVATE_FOLDER = 0o700


def private_folder(path: Path) -> Path:
    """Return the folder, made if absent, readable by its owner only where the system has modes."""
    path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
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
    """Yield a temporary path beside `path`; on success it is synced and renamed, on error removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        mode = PRIVATE_FILE if private else SHARED_FILE
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        yield temporary
        fsync_file(temporary)
        replace_file(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes, *, private: bool = True) -> None:
    """Write the bytes so that a reader, a kill or a power cut finds the old file or the new one."""
    with whole_file(path, private=private) as temporary:
        temporary.write_bytes(content)
