"""What the disclosure log shows was sent, added up per flow, to be held against what is declared."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from audit.kept import LEAVES, broken, read_lines
from common.clock import LONDON
from sharing.telling.observed import Observed

SETTLED = frozenset({"batch", "nothing_sent"})


def observed_flows(folder: Path) -> dict[str, Observed]:
    """Return what the leaves of each flow add up to. Given: the log's folder; without a log, nothing.

    Note:   the log is taken as its file stands; `audit verify` says whether that is true.
    Errors: DisclosureLogBroken, for a leaf that cannot be read.
    """
    found: dict[str, _Sum] = {}
    for place, leaf in _leaves(folder / LEAVES):
        try:
            if leaf["kind"] in SETTLED or leaf["kind"] == "receipt":
                found.setdefault(leaf["flow"], _Sum()).take(leaf)
        except (KeyError, TypeError, ValueError):
            raise broken(place) from None
    return {flow: each.observed() for flow, each in found.items()}


def _leaves(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each leaf with its place; as plain JSON, for a thousand nights are read after every run."""
    for number, line in enumerate(read_lines(path)[0], start=1):
        place = f"{path.as_posix()}, leaf {number}"
        try:
            yield place, json.loads(line)
        except (ValueError, RecursionError):
            raise broken(place) from None


@dataclass
class _Sum:
    """One flow's leaves, being added up."""

    nights: int = 0
    batches: int = 0
    receipts: int = 0
    withdrawn: int = 0
    days: set[date] = field(default_factory=set)
    rows: Counter[str] = field(default_factory=Counter)
    sealed_to: set[str] = field(default_factory=set)
    fields: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    filled: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def take(self, leaf: dict[str, Any]) -> None:
        """Add one leaf: a receipt, a batch, or a night on which there was nothing to send."""
        self.receipts += leaf["kind"] == "receipt"
        self.nights += leaf["kind"] in SETTLED
        if leaf["kind"] == "batch":
            self._batch(leaf)

    def _batch(self, leaf: dict[str, Any]) -> None:
        self.batches += 1
        self.days.add(datetime.fromisoformat(leaf["at"]).astimezone(LONDON).date())
        self.sealed_to.add(leaf["recipient"])
        for file in leaf["files"]:
            if file["operation"] == "withdraw":
                self.withdrawn += file["rows"]
            else:
                self.rows[file["entity"]] += file["rows"]
        under = self.fields.setdefault(leaf["dpia"]["sha256"], {})
        for entity, fields in leaf["fields"].items():
            under.setdefault(entity, {}).update(fields)
        seen = self.filled.setdefault(leaf["dpia"]["sha256"], {})
        for entity, columns in leaf.get("filled", {}).items():
            seen.setdefault(entity, set()).update(columns)

    def observed(self) -> Observed:
        """Return what has been added up."""
        return Observed(
            nights=self.nights,
            batches=self.batches,
            receipts=self.receipts,
            first_on=min(self.days, default=None),
            last_on=max(self.days, default=None),
            withdrawn=self.withdrawn,
            rows=dict(self.rows),
            sealed_to=tuple(sorted(self.sealed_to)),
            fields=self.fields,
            filled=self.filled,
        )
