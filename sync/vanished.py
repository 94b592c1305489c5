"""What is no longer there: whether that is believed, and what is said where it is not."""

from collections.abc import Collection, Iterable, Mapping

from sync.errors import ViewNarrowed
from sync.flow_night import FlowNight
from sync.gather import Gathering
from sync.summary import SourceSummary
from sync.view import in_words


def hold_vanished(
    sources: Iterable[SourceSummary], gathered: Mapping[str, Gathering], nights: Collection[FlowNight]
) -> None:
    """Say of each source whose account sees less than it did how many records have vanished with it."""
    for told in sources:
        part = gathered.get(told.source)
        if part is None or not part.narrowed:
            continue
        held = {night.flow.id: night.unseen.get(told.source, 0) for night in nights}
        told.vanished_held = sum(held.values())
        if told.vanished_held:
            flows = ", ".join(f"{number} of flow {flow}" for flow, number in held.items() if number)
            told.outcome = "vanished_held"
            told.error = ViewNarrowed(
                f"source {told.source}: {in_words(part.narrowed)}.\n{flows} have vanished.",
                sent="None of these was withdrawn: they stay as sent. Everything else was settled.",
            )


def shared_by_others(flows: Mapping[str, Collection[str]], answered: Collection[str]) -> list[str]:
    """Return the sources that a flow shares which has not answered tonight.

    Given: every flow of the assessment with its sources; the flows that have. What such a flow owes, nobody
           knows; and one that a brake stops leaves open whether a source has really lost its records.
    """
    return sorted({source for flow, sources in flows.items() if flow not in answered for source in sources})
