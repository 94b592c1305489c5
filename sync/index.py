"""The index of one run: what crosses people, from tonight's sources and what is remembered of others."""

from sharing.scope import narrower_flags
from sync import cases, people, safety_memory
from sync.gather import Gathering
from sync.place import Workplace


def index_of(place: Workplace, gathered: dict[str, Gathering]) -> people.PeopleIndex:
    """Return the index of all sources together; a source that is missing still tells who is in danger."""
    notes = {source: part.notes for source, part in gathered.items()}
    missing = [
        source
        for source in place.site.sources
        if source not in gathered or not gathered[source].tells_what_vanished
    ]
    also, everyone = safety_memory.flagged_through(place.safety, missing, notes, place.memory_key)
    telling = cases.telling(notes, place.safety, missing, place.memory_key)
    whole = frozenset(source for source, part in gathered.items() if part.complete)
    reaches = narrower_flags(place.dpia.safety)
    return people.build_index(notes, whole, also, everyone, telling, reaches=reaches)
