"""When the log says something was done, as its file stands: `audit verify` says whether the file is true."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit.kept import LEAVES, read_lines
from audit.leaves import Leaf, read_leaf
from common import clock
from common.clock import LONDON

AT = re.compile(rb'"at":"([0-9TZ:-]+)"')
IDENTITY = re.compile(rb'"identity":"([A-Za-z0-9._:/-]+)"')


@dataclass(frozen=True)
class Logged:
    """The identities of the log's leaves, each with its instant, in their order."""

    leaves: tuple[tuple[str, str], ...]

    def of(self, kind: str) -> list[tuple[str, str]]:
        """Return what follows the kind in each identity (`batch:FLOW/NUMBER-RUN`), and when it was logged."""
        return [(name[len(kind) + 1 :], at) for name, at in self.leaves if name.startswith(f"{kind}:")]

    def last(self, kind: str, flow: str | None = None) -> str | None:
        """Return when the last leaf of the kind was logged, of this flow if one is named."""
        return max((at for name, at in self.of(kind) if flow in {None, name.split("/")[0]}), default=None)


def logged(folder: Path) -> Logged:
    """Return what the log tells of when; nothing, before there is one."""
    found = []
    for line in read_lines(folder / LEAVES)[0]:
        at, identity = AT.search(line), IDENTITY.search(line)
        if at and identity:
            found.append((identity[1].decode(), at[1].decode()))
    return Logged(tuple(found))


def leaves_of(folder: Path, kinds: Collection[str]) -> list[Leaf]:
    """Return the log's leaves of these kinds, in their order; none, before there is a log."""
    marks = [f'"kind":"{kind}"'.encode() for kind in kinds]
    lines = (line for line in read_lines(folder / LEAVES)[0] if any(mark in line for mark in marks))
    return [leaf for line in lines if (leaf := read_leaf(line)) and leaf.kind in kinds]


def days_since(instant: str | None) -> int | None:
    """Return the whole calendar days since an instant, in London; None of none."""
    if instant is None:
        return None
    return (clock.today() - datetime.fromisoformat(instant).astimezone(LONDON).date()).days
