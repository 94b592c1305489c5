"""Whether a source's pull is done with: only then does a night that reads a part take it as its beginning."""

from collections.abc import Iterable

from sync.flow_night import FlowNight
from sync.summary import SourceSummary

DONE = frozenset({"remembered", "nothing_sent"})


def settled_sources(nights: list[FlowNight], flows: Iterable[str], sources: list[SourceSummary]) -> set[str]:
    """Return the sources of whose pull no flow has anything left to do.

    Not done is what a brake holds, what has no receipt yet or was refused, what has vanished or was emptied
    and waits for a person, and what a flow of the assessment has not been asked for.

    Given: `flows`, all of the assessment.
    """
    if set(flows) != {night.flow.id for night in nights}:
        return set()
    stopped = [night for night in nights if not is_done(night)]
    waiting = {source for night in stopped for source in night.flow.sources}
    return {told.source for told in sources if not told.waits} - waiting


def is_done(night: FlowNight) -> bool:
    """Return whether everything that the flow was to send tonight is received and remembered."""
    return night.summary.error is None and night.summary.state in DONE
