"""Everything that keeps a DPIA from loading: each refusal a problem with file and line, all at once."""

from collections.abc import Iterator

from config.documents import Place, Problem
from sharing.document import DpiaFile
from sharing.lawpacks import known_packs, law_pack
from sharing.refusals import (
    afterwards,
    aggregates,
    agreements,
    assurance,
    choices,
    codes,
    commencement,
    confidentiality,
    data,
    disguise,
    examples,
    figures,
    flow_fields,
    flows,
    law,
    names,
    operators,
    parties,
    provisions,
    retention,
    safety,
    same_person,
    special,
    stops,
    waivers,
)
from sharing.refusals.look import Look


def refusals(file: DpiaFile, place: Place, sources: frozenset[str] | None) -> Iterator[Problem]:
    """Yield every reason not to load the file. Given: the site's own sources, if known."""
    look = Look(file, place, sources)
    everywhere = (
        parties,
        operators,
        names,
        same_person,
        data,
        safety,
        flows,
        flow_fields,
        disguise,
        aggregates,
    )
    for room in (*everywhere, choices, agreements, assurance, retention, figures, examples, waivers):
        yield from room.refusals(look)
    yield from codes.unknown_pack(look)
    if file.law_pack in known_packs():
        pack = law_pack(file.law_pack)
        whether_law = (codes, law, provisions, commencement, special)
        for of_law in (*whether_law, confidentiality, stops, afterwards):
            yield from of_law.refusals(look, pack)
