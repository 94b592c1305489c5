"""A release as a page tells it: published numbers beside what is declared of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from feed.declared import Declarations, Kpi
from reports.release.columns import spoken_period
from reports.release.pictures import Picture
from reports.release.plainly import capital, field_words, plainly
from reports.release.readings import MEANS, Reading, Readings


@dataclass(frozen=True)
class Tile:
    """One headline number with its name, what it is of, and the quality of the data it rests on."""

    kpi: str
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
    def in_threes(self) -> bool:
        """Return whether the pictures stand best in rows of three: a wide one leaves room for a column."""
        return len(self.pictures) % 3 == 0 or any(each.wide for each in self.pictures)

    @property
    def kpis(self) -> set[str]:
        """Return the figures that the part shows."""
        return {tile.kpi for tile in self.tiles} | {kpi for each in self.pictures for kpi in each.kpis}

    @property
    def means(self) -> tuple[str, ...]:
        """Return what the words mean that stand in the place of numbers in its pictures, each once."""
        told = (line for each in self.pictures for line in each.means)
        return tuple(dict.fromkeys(line for line in told if not line.startswith("*")))

    @property
    def shared(self) -> tuple[str, ...]:
        """Return what is said of the data behind every one of its pictures alike."""
        first, *others = [each.quality for each in self.pictures] or [()]
        return tuple(line for line in first if others and all(line in each for each in others))

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to tell, not even what is missing."""
        return not (self.tiles or self.pictures or self.missing)


@dataclass(frozen=True)
class Told:
    """What is published, and what is declared of it."""

    readings: Readings
    declared: Declarations

    def kpi(self, identity: str) -> Kpi | None:
        """Return what is declared of a figure."""
        return self.declared.kpis.get(identity)

    def tile(self, identity: str, *, though_missing: bool = False) -> Tile | None:
        """Return a figure's first number of the whole borough and period as a headline.

        Of what came counted by quarter, the last quarter's.
        """
        kpi = self.kpi(identity)
        found = self.readings.head(identity)
        if found is None and kpi is not None and kpi.kind == "received":
            found = self.readings.last_quarter(identity)
        if found is None or kpi is None or (found.shown == "not_available" and not though_missing):
            return None
        return Tile(
            identity,
            kpi.name,
            TO_PROTECT if found.words in MEANS else found.measured,
            found.value is None,
            found.of if found.period == self.readings.period.label else f"in {spoken_period(found)}",
            tuple(self.quality(identity, short=True)),
        )

    def explained(self, picture: Picture, *identities: str) -> Picture:
        """Return the picture with the rules of its figures, their sources, and the quality beside them."""
        declared = [kpi for name in identities if (kpi := self.kpi(name))]
        told = [(kpi.name, self.plain(kpi.rule)) for kpi in declared]
        rules = tuple(f"{name}: {rule}" if len(declared) > 1 else rule for name, rule in told)
        sources = ", ".join(dict.fromkeys(kpi.source for kpi in declared))
        quality = dict.fromkeys(line for name in identities for line in self.quality(name))
        return replace(picture, kpis=identities, rule=(*rules, f"Source: {sources}."), quality=tuple(quality))

    def plain(self, text: str) -> str:
        """Return the text in words for people: no numbers of figures, no names of fields."""
        return plainly(text, {name: kpi.name for name, kpi in self.declared.kpis.items()})

    def labelled(self, kpi: str, statistic: str, label: str) -> Reading | None:
        """Return a number of the whole borough and period under a label of the page's own."""
        found = self.readings.one(kpi, statistic)
        return replace(found, label=label) if found else None

    def quality(self, identity: str, *, short: bool = False) -> Iterator[str]:
        """Yield what is known of the data that a figure rests on."""
        found = self.readings.completeness(identity)
        if found is not None:
            yield _known(self.field(identity), found, short=short)

    def field(self, identity: str) -> str:
        """Return the field that a figure rests on, in words; none, where it rests on none."""
        kpi = self.kpi(identity)
        name = kpi.completeness.field if kpi and kpi.completeness else ""
        return field_words(name)

    def missing(self, *identities: str) -> Iterator[str]:
        """Yield which of the figures cannot be told, those together that lack the same."""
        lacking: dict[str, list[str]] = {}
        for identity in identities:
            kpi, why = self.kpi(identity), self.readings.not_available(identity)
            if kpi is not None and why:
                lacking.setdefault(why, []).append(kpi.name)
        for why, names in lacking.items():
            reason = self.plain(why.removeprefix(NOT_AVAILABLE))
            yield f"{NOT_AVAILABLE}{'; '.join(names)}. {capital(reason)}"


TO_PROTECT = "hidden to protect people"
NOT_AVAILABLE = "Not available: "
"""What the note of a figure without a number begins with."""


def _known(field: str, found: Reading, *, short: bool) -> str:
    """Return for how many a field is known, in a sentence."""
    if found.value is None:
        return f"For how many {field} is known is {found.words}."
    of = f" ({found.of})" if found.of and not short else ""
    return f"{capital(field)} is known for {found.text}{of}."
