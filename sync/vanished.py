"""What is no longer there: whether that is believed, and what is said where it is not."""

from collections.abc import Collection, Iterable, Mapping

from sync.errors import ViewNarrowed
from sync.flow_night import FlowNight
from sync.gather import Gathering
from sync.summary import SourceSummary
from sync.view import in_words

STAYS = "None of these was withdrawn: they stay as sent. Everything else was settled."
NOT_WITHDRAWN = "None of these was withdrawn. Everything else was settled."


def hold_vanished(
    sources: Iterable[SourceSummary], gathered: Mapping[str, Gathering], nights: Collection[FlowNight]
) -> None:
    """Say of each source whose account sees less than it did what is gone with it, and waits for a person."""
    for told in sources:
        part = gathered.get(told.source)
        if part is None or not part.seen_less:
            continue
        unseen = {night.flow.id: night.unseen.get(told.source, 0) for night in nights if part.narrowed}
        told.vanished_held = sum(unseen.values())
        if told.waits:
            told.outcome = "vanished_held" if told.vanished_held else "emptied_held"
            gone = _gone({flow: number for flow, number in unseen.items() if number}, told.emptied_held)
            told.error = ViewNarrowed(
                f"source {told.source}: {in_words(part.seen_less)}.\n{gone}",
                sent=NOT_WITHDRAWN if told.emptied_held else STAYS,
            )


def _gone(unseen: Mapping[str, int], emptied: int) -> str:
    flows = ", ".join(f"{number} of flow {flow}" for flow, number in unseen.items())
    people = f"{emptied} {'person has' if emptied == 1 else 'people have'} lost name and identity."
    return " ".join([*([f"{flows} have vanished."] if unseen else []), *([people] if emptied else [])])


def shared_by_others(flows: Mapping[str, Collection[str]], answered: Collection[str]) -> list[str]:
    """Return the sources that a flow shares which has not answered tonight.

    Given: every flow of the assessment with its sources; the flows that have. What such a flow owes, nobody
           knows; and one that a brake stops leaves open whether a source has really lost its records.
    """
    return sorted({source for flow, sources in flows.items() if flow not in answered for source in sources})
