"""A release as a page tells it: published numbers beside what is declared of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from feed.declared import Declarations, Kpi
from reports.pages import spoken
from reports.release.pictures import Picture
from reports.release.readings import Reading, Readings


@dataclass(frozen=True)
class Tile:
    """One headline number with its name, what it is of, and the quality of the data it rests on."""

    name: str
    text: str
    hidden: bool = False
    of: str = ""
    quality: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One part of the page. `lead` is what a reader in a hurry should take from it."""

    id: str
    title: str
    lead: str = ""
    tiles: tuple[Tile, ...] = ()
    pictures: tuple[Picture, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to tell, not even what is missing."""
        return not (self.tiles or self.pictures or self.missing)


@dataclass(frozen=True)
class Told:
    """What is published, and what is declared of it."""

    readings: Readings
    declared: Declarations
    notes: dict[str, str] = field(default_factory=dict)

    def kpi(self, identity: str) -> Kpi | None:
        """Return what is declared of a figure."""
        return self.declared.kpis.get(identity)

    def tile(self, identity: str, statistic: str = "", name: str = "") -> Tile | None:
        """Return a figure's number of the whole borough and period as a headline."""
        found = self.readings.one(identity, statistic) if statistic else self.readings.head(identity)
        kpi = self.kpi(identity)
        if found is None or kpi is None:
            return None
        return Tile(
            name or kpi.name,
            found.measured,
            found.value is None,
            found.of,
            tuple(self.quality(identity, short=True)),
        )

    def explained(self, picture: Picture, *identities: str) -> Picture:
        """Return the picture with the rules of its figures, their sources, and the quality beside them."""
        declared = [kpi for name in identities if (kpi := self.kpi(name))]
        rules = tuple(f"{kpi.name}: {kpi.rule}" if len(declared) > 1 else kpi.rule for kpi in declared)
        sources = ", ".join(dict.fromkeys(kpi.source for kpi in declared))
        quality = dict.fromkeys(line for name in identities for line in self.quality(name))
        return replace(picture, rule=(*rules, f"Source: {sources}."), quality=tuple(quality))

    def quality(self, identity: str, *, short: bool = False) -> Iterator[str]:
        """Yield what is known of the data that a figure rests on."""
        kpi, found = self.kpi(identity), self.readings.completeness(identity)
        if kpi is None or kpi.completeness is None or found is None:
            return
        yield f"{_field(kpi)} known for {found.words if short else _share(found)}."

    def missing(self, *identities: str) -> Iterator[str]:
        """Yield which of the figures cannot be told, and why."""
        for identity in identities:
            kpi, why = self.kpi(identity), self.readings.not_available(identity)
            if kpi is not None and why:
                yield f"{kpi.name}: {why[0].lower()}{why[1:]}"


def _field(kpi: Kpi) -> str:
    name = kpi.completeness.field if kpi.completeness else ""
    return spoken(name.removesuffix("_id").replace("_org", "_organisation")).capitalize()


def _share(found: Reading) -> str:
    return f"{found.text} ({found.of})" if found.of else found.words
