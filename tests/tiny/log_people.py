"""Whom the log can still be asked about: each secret of the table, held against the leaves it opens.

Read from outside: own SQL, own HMAC. Formats: docs/reference/disclosure-log.md
"""

import hmac
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class LogPeople:
    """Leaves of people by batch, and the secrets that are left."""

    tags: dict[str, dict[str, set[str]]]
    """Per batch and operation, whom it told of: as hexadecimal digits."""
    logged_on: dict[str, date]
    secrets: dict[bytes, date]
    """Each secret, and the day of the last batch that told of its person."""
    disposals: int

    @classmethod
    def of(cls, var: Path) -> "LogPeople":
        """Read the log and the table of the site that keeps them there."""
        said = [json.loads(line) for line in (var / "log/leaves.jsonl").read_bytes().splitlines()]
        batches = {
            f"{leaf['flow']}/{leaf['seq']:08d}-{leaf['run']}": leaf
            for leaf in said
            if leaf["kind"] == "batch"
        }
        with closing(sqlite3.connect(f"file:{var / 'state/people.sqlite'}?mode=ro", uri=True)) as table:
            secrets = dict(table.execute("SELECT secret, used_on FROM secret").fetchall())
        return cls(
            {name: _tags(var / "log/people", leaf["flow"], leaf["seq"]) for name, leaf in batches.items()},
            {name: date.fromisoformat(leaf["at"][:10]) for name, leaf in batches.items()},
            {bytes(secret): date.fromisoformat(on) for secret, on in secrets.items()},
            sum(leaf["count"] for leaf in said if leaf["kind"] == "disposal"),
        )

    def wrong(self, since: date, by_kills: set[date]) -> Iterator[str]:
        """Yield what is not as the period says, which begins on that day: in words, naming nobody.

        Given: the days on which a run was killed; it may have made a secret for a batch that never was.
        """
        opened = {name: self._opened(name) for name in self.tags}
        told = {secret for name, (by, _) in opened.items() if self.logged_on[name] >= since for secret in by}
        for name, (_, closed) in opened.items():
            if self.logged_on[name] >= since and closed:
                yield f"{closed} people of batch {name} cannot be asked about, within the period"
        late = [on for secret, on in self.secrets.items() if secret not in told and on not in by_kills]
        if late:
            yield f"{len(late)} secrets of whom no batch has told since {since}: last used {sorted(late)}"

    def _opened(self, name: str) -> tuple[set[bytes], int]:
        """Return the secrets that open a leaf of the batch, and how many leaves no secret opens."""
        by: set[bytes] = set()
        found = 0
        for operation, tags in self.tags[name].items():
            said = f"viaduct tag v1\x1f{name}\x1f{operation}".encode()
            made = {secret: hmac.digest(secret, said, "sha256").hex() for secret in self.secrets}
            mine = {secret for secret, tag in made.items() if tag in tags}
            by |= mine
            found += len(mine)
        return by, sum(map(len, self.tags[name].values())) - found


def _tags(folder: Path, flow: str, number: int) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in folder.joinpath(flow).glob(f"{number:08d}*"):
        for line in path.read_bytes().splitlines():
            leaf = json.loads(line)
            found.setdefault(leaf["operation"], set()).add(leaf["subject"])
    return found
