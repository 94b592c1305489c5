"""From a source's references to the keys of released rows: a keyed digest per flow and reference."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from sharing.errors import FlowKeyRefused
from sharing.keyed import hmac_sha256_16
from sharing.vocabulary import LINKED

SEPARATOR = "\x1f"
SHORTEST_SECRET = 16
CROSS_SOURCE = frozenset({("referral", "parent_referral_id"), ("onward_referral", "resulting_referral_id")})
"""Links that name a record of another source, as SOURCE:REFERENCE; all others stay within their source."""
OF_NO_SOURCE = frozenset({("person", "household_id"), LINKED})
"""Keys that Viaduct gives itself across sources."""
FEW, SMALL = 4, 20_000


@dataclass(frozen=True)
class FlowKeys:
    """The secrets of one flow: one for the keys of its rows, one for what is remembered of them."""

    pseudonym: bytes = field(repr=False)
    memory: bytes = field(repr=False)
    version: int = 1

    def __post_init__(self) -> None:
        if min(len(self.pseudonym), len(self.memory)) < SHORTEST_SECRET:
            raise FlowKeyRefused("a secret of fewer than 16 bytes was given for a flow")


@dataclass(frozen=True)
class Keyring:
    """Makes the keys of one flow. The working keys differ per flow and version even under one secret."""

    flow: str
    providers: Mapping[str, str]
    secrets: FlowKeys = field(repr=False)

    @property
    def record_key(self) -> bytes:
        """Return the working key of the flow's row keys."""
        return self._derive(self.secrets.pseudonym, "record", self.secrets.version)

    @property
    def fingerprint_key(self) -> bytes:
        """Return the working key of the flow's fingerprints; it stays when the row keys change."""
        return self._derive(self.secrets.memory, "fingerprint", 1)

    def _derive(self, secret: bytes, use: str, version: int) -> bytes:
        said = SEPARATOR.join(("viaduct/1", use, self.flow, str(version)))
        return hmac.digest(secret, said.encode(), "sha256").hex().encode()

    def keys(self, source: str, entity: str, references: pl.Series) -> pl.Series:
        """Return the keys of an entity's records, named by the source's references; null stays null."""
        message = SEPARATOR.join((source, self.providers.get(source, ""), entity, ""))
        return self._keyed(message, references)

    def linked(self, source: str, entity: str, name: str, linked_to: str, references: pl.Series) -> pl.Series:
        """Return the keys of the records that a link field names; equal to those records' own keys."""
        if (entity, name) in OF_NO_SOURCE:
            return self.keys("", linked_to, references)
        if (entity, name) not in CROSS_SOURCE:
            return self.keys(source, linked_to, references)
        found = pl.Series(references.name, [None] * len(references), dtype=pl.Binary)
        for other in self.providers:
            bare = pl.select(
                pl.when(pl.lit(references).str.starts_with(f"{other}:")).then(
                    pl.lit(references).str.slice(len(other) + 1)
                )
            ).to_series()
            if bare.null_count() < len(bare):
                found = pl.select(
                    pl.coalesce(pl.lit(found), pl.lit(self.keys(other, linked_to, bare)))
                ).to_series()
        return found

    def _keyed(self, prefix: str, references: pl.Series) -> pl.Series:
        if references.is_empty() or references.null_count() == len(references):
            return pl.Series(references.name, [None] * len(references), dtype=pl.Binary)
        if len(references) < SMALL or int(str(references.approx_n_unique())) * FEW > len(references):
            return self._digests(prefix, references)
        frame = pl.DataFrame({"reference": references})
        unique = frame.unique()
        known = unique.with_columns(key=self._digests(prefix, unique.to_series()))
        met = frame.join(known, on="reference", how="left", maintain_order="left", nulls_equal=True)
        return met["key"].alias(references.name)

    def _digests(self, prefix: str, references: pl.Series) -> pl.Series:
        return hmac_sha256_16(references, self.record_key, prefix)
