"""A release as a page tells it: published numbers beside what is declared of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from feed.declared import Declarations, Kpi
from reports.pages import spoken
from reports.release.columns import spoken_period
from reports.release.pictures import Picture
from reports.release.readings import Reading, Readings


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
            found.measured,
            found.value is None,
            found.of if found.period == self.readings.period.label else f"in {spoken_period(found)}",
            tuple(self.quality(identity, short=True)),
        )

    def explained(self, picture: Picture, *identities: str) -> Picture:
        """Return the picture with the rules of its figures, their sources, and the quality beside them."""
        declared = [kpi for name in identities if (kpi := self.kpi(name))]
        rules = tuple(f"{kpi.name}: {kpi.rule}" if len(declared) > 1 else kpi.rule for kpi in declared)
        sources = ", ".join(dict.fromkeys(kpi.source for kpi in declared))
        quality = dict.fromkeys(line for name in identities for line in self.quality(name))
        return replace(picture, kpis=identities, rule=(*rules, f"Source: {sources}."), quality=tuple(quality))

    def labelled(self, kpi: str, statistic: str, label: str) -> Reading | None:
        """Return a number of the whole borough and period under a label of the page's own."""
        found = self.readings.one(kpi, statistic)
        return replace(found, label=label) if found else None

    def quality(self, identity: str, *, short: bool = False) -> Iterator[str]:
        """Yield what is known of the data that a figure rests on."""
        found = self.readings.completeness(identity)
        if found is not None:
            yield f"{self.field(identity)} is known for {found.words if short else _share(found)}."

    def field(self, identity: str) -> str:
        """Return the field that a figure rests on, in words; none, where it rests on none."""
        kpi = self.kpi(identity)
        name = kpi.completeness.field if kpi and kpi.completeness else ""
        words = FIELDS.get(name, spoken(name))
        return words[:1].upper() + words[1:]

    def missing(self, *identities: str) -> Iterator[str]:
        """Yield which of the figures cannot be told, those together that lack the same."""
        lacking: dict[str, list[str]] = {}
        for identity in identities:
            kpi, why = self.kpi(identity), self.readings.not_available(identity)
            if kpi is not None and why:
                lacking.setdefault(why, []).append(kpi.name)
        for why, names in lacking.items():
            reason = why.removeprefix(NOT_AVAILABLE)
            yield f"{NOT_AVAILABLE}{'; '.join(names)}. {reason[0].upper()}{reason[1:]}"


NOT_AVAILABLE = "Not available: "
"""What the note of a figure without a number begins with."""
FIELDS = {
    "area_kind": "place",
    "offered_start_on": "the first day offered",
    "person": "the person",
    "re_referral": "an earlier referral",
    "referrer_org_id": "the referring organisation",
    "step": "whether support was stepped up or down",
    "to_lot": "the receiving service’s lot",
    "to_org_id": "the organisation",
    "triage_days": "the day of triage",
    "wait_days": "the wait",
    "wait_working_days": "the wait",
}
"""What a figure rests on, where the field's own name would not be understood."""


def _share(found: Reading) -> str:
    return f"{found.text} ({found.of})" if found.of else found.words
