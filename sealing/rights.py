"""Who else on this machine may read a private key or replace a public one: a key so open is not used.

Only where the system has such modes; Windows has none, and there the folders' own rights are all there is.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from sealing.errors import KeyExposed, KeyReplaceable

OTHERS_MAY = 0o077
OTHERS_WRITE = 0o022
PUBLIC_FOLDER = 0o755


def refuse_exposed(private: Path) -> None:
    """Errors: KeyExposed, where others may read or write this file, or start it."""
    if is_exposed(private):
        raise KeyExposed(private.as_posix())


def refuse_replaceable(public: Path) -> None:
    """Errors: KeyReplaceable, where others may write to this file or to its folder; neither need be there."""
    for path in (public, public.parent):
        if is_replaceable(path):
            raise KeyReplaceable(path.as_posix())


def is_exposed(path: Path) -> bool:
    """Return whether others on this machine may do anything with what is there."""
    return _others(path, OTHERS_MAY)


def is_replaceable(path: Path) -> bool:
    """Return whether others on this machine may write to what is there."""
    return _others(path, OTHERS_WRITE)


def replaceable_parts(public: Path) -> Iterator[Path]:
    """Yield the folder of public keys and what is in it, at any depth, that others may write to."""
    yield from (path for path in (public, *sorted(public.rglob("*"))) if is_replaceable(path))


def _others(path: Path, may: int) -> bool:
    return os.name != "nt" and path.exists() and bool(path.stat().st_mode & may)
