"""What tonight's index and choices leave of links that a provider may learn of."""

from collections.abc import Mapping
from dataclasses import replace

from sharing import Dpia
from sync.choices import Choices
from sync.gather import Gathering
from sync.linking.elsewhere import learned, together
from sync.people import PeopleIndex


def with_learned(
    index: PeopleIndex, dpia: Dpia, gathered: Mapping[str, Gathering], choices: Choices
) -> PeopleIndex:
    """Return the index with what each provider learns of a link.

    Nobody learns of somebody in danger, of whom a choice stands, whatever it stops, or who was anonymised;
    where a register or who is in danger is not known for certain, nobody learns anything new.
    """
    stopped = [choices.stops(flow).people["person"] for flow in dpia.active_flows]
    chose = [standing.known["person"] for standing in choices.standings]
    erased = [part.identity.filter("gone")["person"] for part in gathered.values()]
    barred = together([index.flagged, index.doubted, choices.forgotten, *erased, *stopped, *chose])
    unsure = index.everyone or bool(choices.errors)
    said = dpia.person_link.same_person
    elsewhere = learned(said, index.linked, barred, nobody=unsure)
    return replace(index, linked=replace(index.linked, elsewhere=elsewhere))
