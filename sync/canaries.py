"""Canary people: invented records in a provider's system that must never be seen, looked for in what is sent.

Everything else that keeps people safe decides; this only looks at the outcome, with the list of places and
nothing of the rules. A canary that sings says that some rule does not do what it says, so nothing leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from common import log
from config.settings import Must
from config.site import Site
from sharing.places import places
from sync.digests import Digest
from sync.errors import CanaryReleased
from sync.people import SourceNotes

LOG = log.get("sync")


@dataclass(frozen=True)
class Canaries:
    """Per source the references of its canary people, by what must become of them."""

    known: Mapping[str, Mapping[Must, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, site: Site) -> "Canaries":
        """Return those that the site's sources declare."""
        told = {name: settings.canaries for name, settings in site.sources.items() if settings.canaries}
        return cls(
            {
                source: {must: tuple(c.person for c in canaries if c.must is must) for must in Must}
                for source, canaries in told.items()
            }
        )

    def require_silent(self, flow: str, entity: str, rows: pl.DataFrame) -> None:
        """See that no canary is among rows that are about to be sealed. Errors: CanaryReleased."""
        if rows.is_empty():
            return
        person = "_reference" if entity == "person" else "_person"
        home = [name for name in sorted(places().home.get(entity, ())) if name in rows.columns]
        for source, canaries in self.known.items():
            of_source = pl.col("_source") == source
            for must, names in canaries.items():
                found = rows.filter(of_source & pl.col(person).is_in(names))
                if must is Must.EMPTIED and home:
                    found = found.filter(pl.any_horizontal(pl.col(home).is_not_null()))
                if not found.is_empty() and (must is Must.WITHHELD or home):
                    raise CanaryReleased(
                        f"flow {flow}, source {source}, entity {entity}: {found.height} rows of canary "
                        f"people that must be {must.value}."
                    )

    def names(self, source: str) -> tuple[str, ...]:
        """Return the references of the source's canary people: invented, and counted nowhere."""
        return tuple(name for each in self.known.get(source, {}).values() for name in each)

    def seen(self, source: str, notes: SourceNotes, digest: Digest) -> dict[str, int]:
        """Return how many canaries the source declares, and how many of them came tonight."""
        names = list(self.names(source))
        if not names:
            return {}
        asked = pl.DataFrame(
            {"_source": source, "_reference": names}, schema_overrides={"_source": pl.String}
        )
        marks = asked.select(digest.of(pl.col("_source"), pl.col("_reference")).alias("m")).to_series()
        here = pl.concat(
            [pl.Series("person", [], dtype=pl.UInt64), *[part["person"] for part in notes.names]]
        )
        came = int(marks.is_in(here.implode()).sum())
        if came < len(names):
            LOG.warning("canary_missing", source=source, records=len(names) - came)
        return {"declared": len(names), "seen": came}
