"""Everything that keeps a DPIA from loading: each refusal a problem with file and line, all at once."""

from collections.abc import Iterator

from config.documents import Place, Problem
from sharing.document import DpiaFile
from sharing.refusals import choices, data, disguise, flow_fields, flows, law, parties, safety
from sharing.refusals.look import Look


def refusals(file: DpiaFile, place: Place, sources: frozenset[str] | None) -> Iterator[Problem]:
    """Yield every reason not to load the file. Given: the site's own sources, if known."""
    look = Look(file, place, sources)
    for room in (parties, law, data, safety, flows, flow_fields, disguise, choices):
        yield from room.refusals(look)
