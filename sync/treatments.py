"""Which fields a record was sent with: the treatments a flow has used, by their digest."""

from pathlib import Path
from typing import Any

import polars as pl

from common.files import write_atomic
from sharing import Flow, Treatment, WithdrawingFlow, narrower
from sync.outbox import as_json, read_json


class Treatments:
    """The treatments of one flow, those remembered and tonight's, under 64-bit ids of their digests."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[int, Treatment] = {}
        if path.exists():
            self.learn(read_json(path))

    def learn(self, said: dict[str, Any]) -> None:
        """Add treatments written down earlier."""
        for digest, treatment in said.items():
            self._known[identity(digest)] = Treatment.from_json(treatment)

    def name(self, decided: dict[str, pl.DataFrame], flow: Flow) -> dict[str, pl.DataFrame]:
        """Return the decided tables with `_treatment_id`, the lasting name of `_treatment`."""
        names = pl.Series("names", [identity(one.digest) for one in flow.treatments], dtype=pl.UInt64)
        self._known |= {identity(one.digest): one for one in flow.treatments}
        return {
            entity: table.with_columns(names.gather(table["_treatment"]).alias("_treatment_id"))
            for entity, table in decided.items()
        }

    def narrower(self, old: int, new: int) -> bool:
        """Return whether `new` shares less than `old`; an old treatment nobody knows counts as wider."""
        if old == new:
            return False
        known = self._known.get(old)
        return known is None or narrower(known, self._known[new])

    def narrowed(self, remembered: pl.DataFrame, flow: WithdrawingFlow) -> pl.DataFrame:
        """Return remembered rows without the columns that the flow no longer releases.

        Nobody has looked at these records tonight; the next batch empties the columns in the warehouse.
        """
        old = [number for number in remembered["treatment"].unique() if self._shows_too_much(number, flow)]
        if not old:
            return remembered
        now = [self._without(number, flow) for number in old]
        kinds = (pl.Series(numbers, dtype=pl.UInt64) for numbers in (old, now))
        return remembered.with_columns(pl.col("treatment").replace(*kinds))

    def _shows_too_much(self, number: int, flow: WithdrawingFlow) -> bool:
        known = self._known.get(number)
        shown = [name for name, action in known.fields.items() if action.precision] if known else []
        return known is not None and not set(shown) <= set(flow.released_columns.get(known.entity, ()))

    def _without(self, number: int, flow: WithdrawingFlow) -> int:
        known = self._known[number]
        kept = set(flow.released_columns.get(known.entity, ()))
        fields = {name: action for name, action in known.fields.items() if name in kept}
        made = Treatment(known.entity, fields)
        self._known[identity(made.digest)] = made
        return identity(made.digest)

    def shown(self, known: int) -> dict[str, Any]:
        """Return the fields a remembered treatment shares and how; empty when nobody knows it."""
        treatment = self._known.get(known)
        return dict(treatment.to_json()["fields"]) if treatment else {}

    def to_json(self) -> dict[str, Any]:
        """Return every treatment by digest."""
        return {one.digest: one.to_json() for one in self._known.values()}

    def write(self, content: dict[str, Any]) -> None:
        """Write the treatments down, durably."""
        write_atomic(self._path, as_json(content))


def identity(digest: str) -> int:
    """Return the 64-bit id of a treatment's digest."""
    return int(digest[:16], 16)
