"""What pass one found beyond a partition for the checks: people who are alike, cases that arrived."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from common.clock import LONDON
from sync import people
from sync.arrived_there import Arrivals, cases_of, receivers_of
from sync.digests import Digest
from sync.gather import Gathering
from sync.likeness import Alike, alike
from sync.linking.linked import Elsewhere, Linked
from sync.other_person import OtherPerson, other_person
from sync.place import Workplace
from sync.summary import Summary
from sync.told_twice import OTHERS, linked_others, number_mates


@dataclass(frozen=True)
class Beyond:
    """Who is probably whom in a provider, who is helped elsewhere, which cases arrived or are of others."""

    alike: Alike = field(default_factory=Alike)
    arrivals: Arrivals = field(default_factory=Arrivals)
    others: OtherPerson = field(default_factory=OtherPerson)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)

    def tell(self, tables: dict[str, pl.DataFrame], digest: Digest) -> dict[str, pl.DataFrame]:
        """Return the tables with what the checks ask for."""
        own = digest.of(pl.col("_source"), pl.col("_reference"))
        told = {"person": self.elsewhere.tell(self.alike.tell(tables["person"], own), own)}
        told["referral"] = self.others.tell(tables["referral"], digest)
        if "onward_referral" in tables:
            told["onward_referral"] = self.arrivals.tell(tables["onward_referral"], digest)
        return tables | told


def beyond(place: Workplace, gathered: Mapping[str, Gathering], summary: Summary, linked: Linked) -> Beyond:
    """Return what was found of tonight's sources."""
    parts = gathered.values()
    numbers = [link.filter(kind=people.NUMBER) for part in parts for link in part.notes.links]
    names = [names for part in parts for names in part.notes.names]
    whole = {s.source: s.extracted_at for s in summary.sources if s.source in gathered and s.extracted_at}
    pulled = {name: at.astimezone(LONDON).date() for name, at in whole.items() if gathered[name].complete}
    settings = place.site.sources
    parents = {source: declared.parent_source for source, declared in settings.items()}
    lots = {source: declared.receives for source, declared in settings.items()}
    cases = [cases_of(name, part.notes.came_from, part.notes.referrals) for name, part in gathered.items()]
    return Beyond(
        replace(
            alike([part.likeness for part in parts], names, numbers),
            linked=linked_others(linked.within, names),
            mates=pl.concat([OTHERS.to_frame(), *(_mates(part) for part in parts)]),
        ),
        Arrivals(receivers_of(parents, lots, pulled), pl.concat([Arrivals().cases, *cases])),
        other_person(
            [marks for part in parts for marks in part.likeness.marks],
            [pairs for part in parts for pairs in part.notes.came_from],
            [cases for part in parts for cases in part.notes.referrals],
        ),
        linked.elsewhere,
    )


def _mates(part: Gathering) -> pl.DataFrame:
    """Return of each record of the source that shares its number with which other it does."""
    links = [link.filter(kind=people.NUMBER) for link in part.notes.links]
    numbers = [link.select("person", "mark") for link in links if not link.is_empty()]
    return number_mates(pl.concat(numbers), part.notes.names) if numbers else OTHERS.to_frame()
