"""What a flow can take back: all that a flow is which may share nothing any more.

It knows the flow's keys and columns and decides nothing: whatever is handed to it, keys alone leave by it.
"""

from typing import Any

import polars as pl

from canonical import spec
from sharing.compiled import Compiled
from sharing.errors import ReleaseRefused
from sharing.references import Keyring
from sharing.release import Released, release
from sharing.reread import require_as_declared


class WithdrawingFlow:
    """A flow of a DPIA, whatever its status, as far as taking back goes. No record is decided by it."""

    def __init__(self, compiled: Compiled, keyring: Keyring) -> None:
        self.id: str = compiled.said["flow"]
        self.dpia: dict[str, str] = compiled.said["dpia"]
        self.sources: tuple[str, ...] = tuple(compiled.said["sources"])
        self.key_version = keyring.secrets.version
        self.retention: list[dict[str, str]] = compiled.said["retention"]
        self.disclosure_control: dict[str, Any] | None = compiled.said["disclosure_control"]
        self.released_columns = {
            name: tuple(column.name for column in plan.columns)
            for name, plan in compiled.plans.items()
            if plan.in_flow
        }
        self._compiled, self._plans, self._keyring = compiled, compiled.plans, keyring

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r}, entities={len(self.released_columns)})"

    def describe(self) -> dict[str, Any]:
        """Return the flow in words for reports: recipient, purpose, bases, and each field with its why."""
        return dict(self._compiled.said)

    def keys(self, entity: str, source: str, references: pl.Series) -> pl.Series:
        """Return the released keys of records, named by the source's own references."""
        return self._keyring.keys(source, entity, references)

    def withdrawn(self, entity: str, keys: pl.Series) -> Released:
        """Return the keys of withdrawn records as Released: the key column, sorted, and nothing else."""
        if keys.dtype != pl.Binary or keys.null_count() or (keys.bin.size() != 16).any():
            raise ReleaseRefused(f"flow {self.id}, {entity}: a withdrawal needs keys.")
        return release(self.id, entity, pl.DataFrame({spec(entity).key[0]: keys.sort()}))

    def as_file(self, released: Released) -> bytes:
        """Return the Parquet file that is sealed, once it was read again and holds keys and nothing else.

        Errors: ReleaseRefused, for rows of any other kind.
        """
        key = spec(released.entity).key[0]
        if released.columns != [key]:
            raise ReleaseRefused(f"flow {self.id}, {released.entity}: only withdrawals may leave it.")
        plain = released.to_parquet()
        require_as_declared(plain, released, {key: pl.Binary()})
        return plain
